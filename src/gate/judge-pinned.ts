/** What the dependency check makes of a processor whose live version is pinned: nothing is built, and what moved is told. Pure. */
import { bypassIdsOf, newestManifest, parseBypass } from '../contracts/bypass-mark';
import {
  closedVerdict,
  type GameVerdict,
  type GateVerdict,
  type Policy,
  type ProcessorResult,
} from '../contracts/phase3';
import { describePin, describeQuestion, standingOf, type Pin, type PinStanding } from '../contracts/pin';
import type { Processor } from '../processors/define-processor';
import { compareText } from '../tables/compare';
import type { ManifestRow } from '../tables/orchestration';
import { judgeProcessor, whyNotCurrent, type JudgeOptions, type ProcessorVersions } from './judge-processor';
import { movedInputs, type MovedInput } from './moved-inputs';
import { pinOf } from './pins';
import { currentManifest, type DateSnapshot } from './snapshot';

/** A processor whose live version is pinned. */
export interface PinnedProcessor {
  readonly manifest: ManifestRow;
  readonly pin: PinStanding;
  /** Nothing is waited for. */
  readonly verdict: GateVerdict;
  /** Why its rows are to be put back, as a clause; null where they are as they were published. */
  readonly altered: string | null;
}

/** What is so of a processor whose live version is pinned; null when it is not. */
export function judgePinned(
  processor: Processor,
  snapshot: DateSnapshot,
  versions: ProcessorVersions = {},
): PinnedProcessor | null {
  const manifest = currentManifest(snapshot, processor.table);
  const pin = pinOf(processor, snapshot);
  if (!manifest || !pin) return null;
  const standing = standingOf(pin, whyQuestioned(processor, snapshot, versions, manifest, pin));
  return {
    ...{ manifest, pin: standing, altered: whyNotCurrent(processor, snapshot, versions) },
    verdict: {
      ...closedVerdict(processor.name),
      ...{ canRun: true, missingGames: gamesWithout(manifest), pin: standing },
    },
  };
}

/** The verdict on a processor as it is now, pinned or not. */
export function judgeNow(
  processor: Processor,
  snapshot: DateSnapshot,
  policy: Policy,
  options: JudgeOptions = {},
): GateVerdict {
  return (
    judgePinned(processor, snapshot, options.versions)?.verdict ??
    judgeProcessor(processor, snapshot, policy, options)
  );
}

/** What comes of a processor whose live version stays because it is pinned. */
export function pinnedResult({ manifest, pin, verdict }: PinnedProcessor): ProcessorResult {
  return {
    ...{ processor: verdict.processor, outcome: 'unchanged', reason: describePin(pin), pin },
    ...{ version: manifest.version, rowCount: manifest.row_count },
    ...{ missing: [], missingGames: verdict.missingGames, policyBypass: null },
    warnings: pin.questioned === null ? [] : [describeQuestion(pin, pin.questioned)],
    bypassIds: bypassIdsOf(parseBypass(manifest.bypass)),
  };
}

/** What of its inputs is not as it was when a live version was pinned. */
export function movedSincePinned(
  processor: Processor,
  snapshot: DateSnapshot,
  manifest: ManifestRow,
  { inputs }: Pick<Pin, 'inputs'>,
): MovedInput[] {
  return movedInputs(processor, snapshot, {
    ...manifest,
    inputs: inputs && JSON.stringify(inputs),
    upstream_versions: onSameRows(manifest, snapshot),
  });
}

/** The upstream versions of a manifest, by the live ones where those have the same rows: they were put back since. */
function onSameRows({ upstream_versions: json }: ManifestRow, snapshot: DateSnapshot): string {
  const contentOf = (table: string, version: number): string | undefined =>
    snapshot.partition_manifest.find((one) => one.table_name === table && one.version === version)
      ?.content_hash;
  const upstreams = (JSON.parse(json) as { table_name: string; version: number }[]).map((upstream) => {
    const live = newestManifest(snapshot.partition_manifest, upstream.table_name);
    const isSame = live?.content_hash === contentOf(upstream.table_name, upstream.version);
    return live && isSame ? { ...upstream, version: live.version } : upstream;
  });
  return JSON.stringify(upstreams);
}

function whyQuestioned(
  processor: Processor,
  snapshot: DateSnapshot,
  versions: ProcessorVersions,
  manifest: ManifestRow,
  pin: Pin,
): string | null {
  const version = versions[processor.name] ?? processor.version;
  if (version !== pin.processor_version)
    return `the processor changed from version ${pin.processor_version} to ${version}`;
  try {
    const [first, ...more] = movedSincePinned(processor, snapshot, manifest, pin);
    if (!first) return null;
    const what = [first.gameId, first.table].filter(Boolean).join(', ');
    const rest = more.length > 0 ? `; and ${more.length} more` : '';
    return `${what}: ${first.detail}${rest}${isAsRestored(processor, snapshot, manifest)}`;
  } catch (error) {
    // What keeps the processor from being judged keeps nobody from what was pinned.
    return `its inputs cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Says so where the inputs are again what the restored rows were built from: then nothing speaks for the pin any more. */
function isAsRestored(processor: Processor, snapshot: DateSnapshot, manifest: ManifestRow): string {
  const isAgain = manifest.inputs !== null && movedInputs(processor, snapshot, manifest).length === 0;
  return isAgain ? ' - they are again what the pinned rows were built from' : '';
}

/** The games that the pinned version was built without, as it was said of them then. */
function gamesWithout({ missing_games: json }: ManifestRow): GameVerdict[] {
  const games = JSON.parse(json) as (Omit<GameVerdict, 'gameId'> & { game_id: string })[];
  return games
    .map(({ game_id: gameId, status, table, detail }) => ({ gameId, status, table, detail }))
    .sort((a, b) => compareText(a.gameId, b.gameId));
}
