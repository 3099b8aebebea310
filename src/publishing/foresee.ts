/**
 * What a run of a date would come to, if a decision were taken: every table is built in memory from one snapshot, the next one on
 * what the one before would publish, by the functions that a run uses. Pure: nothing is staged, written or sent.
 */
import type { PassToken } from '../contracts/activities';
import { blaming, CodeFaultError } from '../contracts/code-fault';
import type { BuildInfo } from '../contracts/code-identity';
import { isOfOneKind, type GameDecision } from '../contracts/game-decisions';
import type { Waiver } from '../contracts/decisions';
import {
  closedVerdict,
  type GateVerdict,
  type Outcome,
  type Policy,
  type ProcessorName,
} from '../contracts/phase3';
import { judgePinned, pinnedResult, type PinnedProcessor } from '../gate/judge-pinned';
import { judgeProcessor, notPublished, type ProcessorVersions } from '../gate/judge-processor';
import { currentManifest, publishedRows, withPublishedRows, type DateSnapshot } from '../gate/snapshot';
import { whyRebuild } from '../gate/why-rebuild';
import type { Processor } from '../processors/define-processor';
import type { Row } from '../tables/define-table';
import { partitionManifest, type ManifestRow } from '../tables/orchestration';
import { putBackManifest, whyNotPutBack } from './keep-pinned';
import { prepareBuild } from './prepare-build';
import { checkStaged, manifestFor, rowsOf } from './publish-partition';

export interface ForeseeOptions {
  readonly policy: Policy;
  readonly versions?: ProcessorVersions;
  readonly build: BuildInfo;
  /** Bypasses that would be open, by processor. */
  readonly waivers?: Readonly<Record<ProcessorName, Waiver>>;
  /** Processors that would be built even if nothing has changed or they are pinned, each with the sentence that says why. */
  readonly forced?: Readonly<Record<ProcessorName, string>>;
}

/** What would come of one processor. */
export interface Foreseen {
  readonly processor: Processor;
  readonly outcome: Extract<
    Outcome,
    'published' | 'unchanged' | 'quarantined' | 'blocked' | 'skipped' | 'failed'
  >;
  readonly reason: string;
  readonly verdict: GateVerdict;
  readonly live: { readonly manifest: ManifestRow; readonly rows: readonly Row[] } | null;
  /** What would be published; null where nothing would. */
  readonly next: { readonly manifest: ManifestRow; readonly rows: readonly Row[] } | null;
  readonly warnings: readonly string[];
}

/** The snapshot as it would be after a decision about a game. */
export function withDecision(snapshot: DateSnapshot, decision: GameDecision): DateSnapshot {
  const others = (snapshot.decisions ?? []).map((one): GameDecision =>
    one.gameId === decision.gameId && isOfOneKind(one.kind, decision.kind)
      ? { ...one, over: 'replaced' }
      : one,
  );
  return { ...snapshot, decisions: [...others, decision] };
}

/** What a run would come to for each of these processors, which are given in level order. */
export function foresee(
  processors: readonly Processor[],
  snapshot: DateSnapshot,
  options: ForeseeOptions,
): Foreseen[] {
  let now = snapshot;
  return processors.map((processor) => {
    const found = foreseeOne(processor, now, options);
    if (found.next) now = withPublished(now, processor, found.next);
    return found;
  });
}

/** A bug in the code of one processor is an outcome of that one, as in a run. */
function foreseeOne(processor: Processor, snapshot: DateSnapshot, options: ForeseeOptions): Foreseen {
  try {
    return blaming({ processor, gameDate: snapshot.gameDate }, () =>
      judgeAndBuild(processor, snapshot, options),
    );
  } catch (error) {
    if (!(error instanceof CodeFaultError)) throw error;
    const manifest = currentManifest(snapshot, processor.table);
    return {
      ...{ processor, outcome: 'failed', reason: error.message, verdict: closedVerdict(processor.name) },
      live: manifest && { manifest, rows: publishedRows(snapshot, processor.table) },
      ...{ next: null, warnings: [] },
    };
  }
}

function judgeAndBuild(
  processor: Processor,
  snapshot: DateSnapshot,
  { policy, versions = {}, build, waivers = {}, forced = {} }: ForeseeOptions,
): Foreseen {
  const { gameDate } = snapshot;
  const force = forced[processor.name];
  const pinned = force === undefined ? judgePinned(processor, snapshot, versions) : null;
  const verdict =
    pinned?.verdict ??
    judgeProcessor(processor, snapshot, policy, { versions, waiver: waivers[processor.name] });
  const manifest = currentManifest(snapshot, processor.table);
  const known = {
    ...{ processor, verdict, next: null, warnings: [] },
    live: manifest && { manifest, rows: publishedRows(snapshot, processor.table) },
  };
  const token = { gameDate, runId: 'dry-run', pass: 0 };
  if (pinned) return { ...known, ...foreseePinned(pinned, snapshot, token, policy.now) };
  if (verdict.skip) return { ...known, outcome: 'skipped', reason: 'the date has nothing to build' };
  if (!verdict.canRun)
    return { ...known, outcome: 'blocked', reason: `missing ${verdict.missing.join(', ')}` };
  const changed = whyRebuild(processor, verdict, snapshot, versions);
  if (manifest && changed === null && force === undefined)
    return { ...known, outcome: 'unchanged', reason: `it is what version ${manifest.version} is` };
  const reason = [changed, force].filter(Boolean).join('; ') || notPublished;
  const prepared = prepareBuild(token, processor, snapshot, verdict, reason, {
    ...{ versions, build, attempt: 0, now: policy.now, history: Promise.resolve(null) },
  });
  const built = rowsOf(prepared);
  const checks = checkStaged(prepared, built.rows, built.rows, null);
  const failed = checks.filter(({ passed }) => !passed);
  const sentences = failed.map(({ name, detail }) => `${name}: ${detail}`);
  if (failed.some(({ blocking }) => blocking))
    return { ...known, outcome: 'quarantined', reason: sentences.join('; ') };
  return {
    ...{ ...known, outcome: 'published', reason, warnings: [...built.warnings, ...sentences] },
    next: { manifest: manifestFor(prepared, built.rows, checks), rows: built.rows },
  };
}

/** What would come of a pinned processor: its rows stay, or are put back where they were altered and the published ones are kept. */
function foreseePinned(
  pinned: PinnedProcessor,
  { asPublished }: DateSnapshot,
  token: PassToken,
  now: string,
): Pick<Foreseen, 'outcome' | 'reason' | 'next' | 'warnings'> {
  const { reason, warnings } = pinnedResult(pinned);
  if (pinned.altered === null) return { outcome: 'unchanged', reason, next: null, warnings };
  const rows = asPublished?.[pinned.manifest.table_name];
  if (!rows) return { outcome: 'failed', reason: whyNotPutBack(pinned), next: null, warnings };
  const manifest = putBackManifest(pinned, token, null, now);
  return { outcome: 'published', reason: manifest.reason, next: { manifest, rows }, warnings };
}

/** The snapshot as it would be after a publication. */
function withPublished(
  snapshot: DateSnapshot,
  { table }: Processor,
  { manifest, rows }: NonNullable<Foreseen['next']>,
): DateSnapshot {
  const manifests = [...snapshot.partition_manifest, manifest];
  const after = withPublishedRows(snapshot, { [table.name]: rows, [partitionManifest.name]: manifests });
  return { ...after, partition_manifest: manifests };
}
