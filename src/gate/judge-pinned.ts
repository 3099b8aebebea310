/** What the dependency check makes of a processor whose live version is pinned: nothing is built, and what moved is reported. Pure. */
import { standsOn } from '../contracts/bypass-mark';
import { builtOnOf, missingGamesOf, newestManifest, spellBuiltOn } from '../contracts/manifests';
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
  /** What of its inputs moved since it was pinned. */
  readonly moved: readonly MovedInput[];
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
  const { moved, why } = questionOf(processor, snapshot, versions, manifest, pin);
  const standing = standingOf(pin, why);
  return {
    ...{ manifest, pin: standing, moved, altered: whyNotCurrent(processor, snapshot, versions) },
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
    ...standsOn(manifest),
  };
}

/** The upstream versions of a manifest, by the live ones where those have the same rows: they were put back since. */
function onSameRows(manifest: ManifestRow, snapshot: DateSnapshot): string {
  const contentOf = (table: string, version: number): string | undefined =>
    snapshot.partition_manifest.find((one) => one.table_name === table && one.version === version)
      ?.content_hash;
  const upstreams = builtOnOf(manifest).map((upstream) => {
    const live = newestManifest(snapshot.partition_manifest, upstream.table);
    const isSame = live?.content_hash === contentOf(upstream.table, upstream.version);
    return live && isSame ? { ...upstream, version: live.version } : upstream;
  });
  return spellBuiltOn(upstreams);
}

interface Question {
  readonly moved: readonly MovedInput[];
  /** A clause; null where nothing questions the pin. */
  readonly why: string | null;
}

/** What questions a pin: that its processor is another, or that its inputs moved since it was decided. */
function questionOf(
  processor: Processor,
  snapshot: DateSnapshot,
  versions: ProcessorVersions,
  manifest: ManifestRow,
  { inputs, processor_version: pinned }: Pin,
): Question {
  const version = versions[processor.name] ?? processor.version;
  if (version !== pinned)
    return { moved: [], why: `the processor changed from version ${pinned} to ${version}` };
  try {
    const upstreams = onSameRows(manifest, snapshot);
    const then = { ...manifest, upstream_versions: upstreams };
    const moved = movedInputs(processor, snapshot, { ...then, inputs: inputs && JSON.stringify(inputs) });
    const [first] = moved;
    if (!first) return { moved, why: null };
    const what = [first.gameId, first.table].filter(Boolean).join(', ');
    const rest = moved.length > 1 ? `; and ${moved.length - 1} more` : '';
    // Then nothing speaks for the pin any more.
    const isAgain = manifest.inputs !== null && movedInputs(processor, snapshot, then).length === 0;
    const again = isAgain ? ' - all are again what the pinned rows were built from' : '';
    return { moved, why: `${what}: ${first.detail}${rest}${again}` };
  } catch (error) {
    // What keeps the processor from being judged keeps nobody from what was pinned.
    return {
      moved: [],
      why: `its inputs cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/**
 * The games that the pinned version was built without, as it was said of them then. What was disputed is only held: nobody looks
 * whether the evidence still contradicts it.
 */
export function gamesWithout(manifest: ManifestRow): GameVerdict[] {
  return missingGamesOf(manifest)
    .map((game): GameVerdict => ({
      ...game,
      detail: `when what is pinned was built: ${game.detail}`,
      status: game.status === 'disputed' ? 'held' : game.status,
    }))
    .sort((a, b) => compareText(a.gameId, b.gameId));
}
