/** Which inputs of a live version moved since it was published, as far as its manifest can say. Pure. */
import { builtOnOf, inputsOf } from '../contracts/manifests';
import { canBuild } from '../contracts/phase3';
import { inputsByGame } from './inputs-by-game';
import { judgeGames } from './judge-games';
import { useOfLive } from './judge-processor';
import { selectNight, upstreamVersions } from './select-inputs';
import type { DateSnapshot } from './snapshot';
import type { Processor } from '../processors/define-processor';
import { compareText } from '../tables/compare';
import type { ManifestRow } from '../tables/orchestration';

/** An input that is not what a version was built from. */
export interface MovedInput {
  /** The game whose rows moved; null for an upstream table, which moves as a whole. */
  readonly gameId: string | null;
  /** The table that it is of; null where a game as a whole is new or gone. */
  readonly table: string | null;
  /** A clause: what is so now. */
  readonly detail: string;
}

/** The inputs that moved: upstream versions first, then games by id. Empty where the manifest cannot say. */
export function movedInputs(
  processor: Processor,
  snapshot: DateSnapshot,
  manifest: ManifestRow,
): MovedInput[] {
  return [...movedUpstreams(processor, snapshot, manifest), ...movedGames(processor, snapshot, manifest)];
}

function movedUpstreams(processor: Processor, snapshot: DateSnapshot, manifest: ManifestRow): MovedInput[] {
  const builtOn = new Map(builtOnOf(manifest).map(({ table, version }) => [table, version]));
  return upstreamVersions(processor, snapshot).flatMap(({ tableName: table, version }) => {
    const before = builtOn.get(table);
    // Built without it, by a bypass, or on this very version.
    if (before === undefined || before === version) return [];
    return [
      { gameId: null, table, detail: `version ${version} is live, and it was built on version ${before}` },
    ];
  });
}

function movedGames(processor: Processor, snapshot: DateSnapshot, manifest: ManifestRow): MovedInput[] {
  const then = inputsOf(manifest);
  if (then === null) return [];
  const use = useOfLive(processor, snapshot, {});
  const now = inputsByGame(processor, selectNight(processor, snapshot, use));
  const verdicts = new Map(
    judgeGames(processor, snapshot, new Set(), use).map(({ verdict }) => [verdict.gameId, verdict]),
  );
  const gameIds = [...new Set([...Object.keys(then), ...Object.keys(now)])].sort(compareText);
  return gameIds.flatMap((gameId): MovedInput[] => {
    const [before, present] = [then[gameId], now[gameId]];
    if (before && present)
      return Object.keys(present)
        .filter((table) => before[table] !== present[table])
        .map((table) => ({ gameId, table, detail: 'its rows changed' }));
    if (present)
      return [{ gameId, table: null, detail: 'it can be built now, and the live version is without it' }];
    const verdict = verdicts.get(gameId);
    if (verdict && !canBuild(verdict))
      return [{ gameId, table: verdict.table, detail: `it could not be built now: ${verdict.detail}` }];
    return [{ gameId, table: null, detail: 'the schedule of the date does not list it any more' }];
  });
}
