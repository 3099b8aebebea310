/** What the routes work with. */
import type { Phase3Client } from '../client';
import type { GatewaySettings } from '../config/gateway';
import type { PolicyOverrides } from '../contracts/phase3';
import type { PolicySettings } from '../contracts/policy';
import type { DateReads } from '../control/reads';
import { newYorkDate } from '../contracts/new-york';
import type { LogLevel } from '../observability/log-line';
import type { Authenticator } from './auth/authenticator';
import type { GatewayMetrics } from './metrics';
import type { LiveOptions } from './page/live';
import type { Records } from './records';
import type { RunWatch } from './run-watch';

export interface GatewayParts {
  readonly client: Phase3Client;
  readonly watch: RunWatch;
  readonly records: Records;
  /** What pages read of the warehouse. Rejects where nobody is there who has it open. */
  readonly reads: () => Promise<DateReads>;
  /** Where a run is shown in the Temporal UI; null where no UI is known. */
  readonly runLink: (workflowId: string, runId: string) => Promise<string | null>;
  readonly authenticator: Authenticator;
  readonly metrics: GatewayMetrics;
  readonly settings: Pick<GatewaySettings, 'waitMs' | 'maxRequestsPerSecond' | 'auth'>;
  readonly server: ServerProbe;
  /** How often pages are looked after; once a second where it is left out. */
  readonly pages?: LiveOptions;
  /** How long a request may take to come; 15 s where it is left out. */
  readonly requestTimeoutMs?: number;
  /** How long a connection may be silent, both ways; for longer than any answer takes unless told otherwise. */
  readonly silenceMs?: number;
  /** Aborted once the gateway stops: whoever waits is let go. */
  readonly closing: AbortSignal;
  /** "Now" for what judges age and the future. */
  readonly now: () => Date;
  /** What every request overrides of policy. */
  readonly overrides: PolicyOverrides;
  /** What is in force of policy, for who asks what a decision would come to. */
  readonly policy: PolicySettings;
  /** The worker's metrics in Prometheus' text format, where it is on this machine; empty elsewhere. */
  readonly workerMetrics: () => Promise<string>;
  readonly log: (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** Temporal, as the gateway depends on it. */
export interface ServerProbe {
  /** Bounds everything that `work` asks of Temporal: an answer must come within `ms`. */
  within<T>(ms: number, work: () => Promise<T>): Promise<T>;
  /** What keeps Temporal from answering, as a sentence; null when it answers. */
  trouble(): Promise<string | null>;
  /** What keeps work from being done: no worker asks for any. */
  workerTrouble(): Promise<string | null>;
}

/** How long Temporal may take to accept what is sent to it. */
export const acceptMs = 10_000;

/** The date in New York by what is "now" here. */
export function todayOf({ now }: Pick<GatewayParts, 'now'>): string {
  return newYorkDate(now());
}
