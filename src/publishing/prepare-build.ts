/** What a processor is about to build, found and decided on one snapshot: the same for a run and for who asks what it would do. Pure. */
import { randomUUID } from 'node:crypto';
import type { PassToken } from '../contracts/activities';
import { bypassIdsOf } from '../contracts/bypass-mark';
import { codeOf, type BuildInfo } from '../contracts/code-identity';
import type { AuditHead } from '../contracts/decisions';
import type { GameDecision } from '../contracts/game-decisions';
import type { GateVerdict } from '../contracts/phase3';
import { upstreamUse, type ProcessorVersions } from '../gate/judge-processor';
import { selectInputs, selectNight } from '../gate/select-inputs';
import { currentManifest, type DateSnapshot } from '../gate/snapshot';
import type { Processor } from '../processors/define-processor';
import { bypassMark } from './bypass-mark';
import { fingerprint } from './fingerprint';
import type { Build } from './publish-partition';

export interface PrepareOptions {
  readonly versions: ProcessorVersions;
  /** What code runs, for the manifest. */
  readonly build: BuildInfo;
  /** Attempt of the activity, which stage ids begin with. */
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly now: string;
  /** What the table has of the nights before, being read; null where nobody asks. */
  readonly history: Build['history'];
}

/** Selects and hashes what is built from. `reason` says why it is built. */
export function prepareBuild(
  request: PassToken & { readonly auditHead?: AuditHead | null },
  processor: Processor,
  snapshot: DateSnapshot,
  verdict: GateVerdict,
  reason: string,
  { versions, build, attempt, now, history }: PrepareOptions,
): Build {
  const code = codeOf(processor, build, versions);
  const use = upstreamUse(processor, snapshot, versions, new Set(verdict.bypass?.tables));
  const night = selectNight(processor, snapshot, use);
  const print = fingerprint(processor.name, code.version, selectInputs(processor, snapshot, use, night));
  const mark = bypassMark(
    processor,
    ({ table }) => currentManifest(snapshot, table),
    verdict,
    (alias) => use[alias] === 'ignored',
    night,
    (id) => aboutGame(snapshot, id),
  );
  return {
    ...{ request, processor, code, snapshot, verdict, use, night, print, reason, mark, now, history },
    live: currentManifest(snapshot, processor.table),
    // No two sets share an id, not even two of the same inputs in one pass: inputs may change and change back. An attempt
    // finds what another has published by run, pass and fingerprint.
    stageId: `${attempt}-${randomUUID()}`,
    bypassId: bypassIdsOf(mark).find((id) => aboutGame(snapshot, id) === null) ?? null,
  };
}

/** The decision about a game that an id is of: that game's rows have it, and no others. Null for a bypass. */
function aboutGame({ decisions = [] }: DateSnapshot, id: string): GameDecision | null {
  return decisions.find(({ decisionId }) => decisionId === id) ?? null;
}
