/** What the bench and its worker's process say to each other over IPC. Plain JSON. */
import type { PolicySettings } from '../../src/contracts/policy';
import type { ProcessorVersions } from '../../src/gate/judge-processor';

/** How a worker is composed; passed as its only argument. */
export interface WorkerSetup {
  readonly home: string;
  readonly address: string;
  /** Path of the bench's workflow bundle. */
  readonly bundle: string;
  readonly processors: 'real' | 'noop';
  /** Versions at first; see the question `versions`. */
  readonly versions: ProcessorVersions;
  /** What differs from the configuration's policy. */
  readonly policy: Partial<PolicySettings>;
}

export interface LoadedSeason {
  readonly seconds: number;
  readonly rows: number;
  /** Dates with games, ascending. */
  readonly dates: readonly string[];
}

/** What the worker counted since it was last asked. */
export interface WorkerFigures {
  /** Statements run, without those that open and end transactions. */
  readonly statements: number;
  readonly transactionStatements: number;
  /** Calls of the warehouse port. */
  readonly operations: number;
  /** Resident memory now, in bytes. */
  readonly memory: number;
  /** Highest resident memory of the process's whole life, in bytes. */
  readonly peakMemory: number;
  /** How much later than due the main thread's timers fired, in ms. */
  readonly lag: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Processor time of all threads, in seconds. */
  readonly cpuSeconds: number;
}

export interface StalePlayers {
  readonly players: number;
  /** Rows that were published on team rows which the same night replaced. */
  readonly stale: number;
}

/** Each question with what it takes and what it brings. */
export interface Questions {
  load: { takes: { folder: string }; brings: LoadedSeason };
  /** From now on processors are of these versions: what is published of others is built anew. */
  versions: { takes: ProcessorVersions; brings: null };
  /** Figures since the last time; counting begins anew. */
  figures: { takes: null; brings: WorkerFigures };
  /** Of the player partitions that this processor version published. */
  stalePlayers: { takes: { version: string }; brings: StalePlayers };
  stop: { takes: null; brings: null };
}

export type QuestionName = keyof Questions;

export interface Question<Q extends QuestionName = QuestionName> {
  readonly id: number;
  readonly name: Q;
  readonly given: Questions[Q]['takes'];
}

export type Answer =
  | { readonly id: number; readonly ok: true; readonly brings: unknown }
  | { readonly id: number; readonly ok: false; readonly why: string };

/** The worker's first word: it polls. */
export const ready = 'ready';
