/** The rows of a date as its inputs give them now, each with what it is made from. Pure. */
import { parseBypass } from '../contracts/bypass-mark';
import type { GameEvidence } from '../games/evidence';
import { judgeGames } from '../gate/judge-games';
import { upstreamUse } from '../gate/judge-processor';
import { selectNight } from '../gate/select-inputs';
import { currentManifest, type DateSnapshot } from '../gate/snapshot';
import type { Parts } from '../processors/define-columns';
import type { Processor } from '../processors/define-processor';
import type { Row } from '../tables/define-table';
import type { ManifestRow } from '../tables/orchestration';

export interface BuiltRow {
  readonly row: Row;
  readonly parts: Parts;
  readonly evidence: GameEvidence;
}

export interface BuiltTable {
  readonly processor: Processor;
  readonly live: ManifestRow | null;
  readonly rows: readonly BuiltRow[];
  /** Games that cannot be built now, each with the sentence that says why. */
  readonly faults: ReadonlyMap<string, string>;
}

/** What the live version was allowed to do without: by the bypass that it stands on. */
export function useOfLive(processor: Processor, snapshot: DateSnapshot) {
  const mark = parseBypass(currentManifest(snapshot, processor.table)?.bypass ?? null);
  return upstreamUse(processor, snapshot, {}, new Set(mark?.kind === 'person' ? mark.tables : []));
}

/**
 * What the processor would build of each game now. A game that is held is built all the same where its rows allow it: what
 * they give can then be compared with what is stored.
 */
export function builtTable(processor: Processor, snapshot: DateSnapshot): BuiltTable {
  const use = useOfLive(processor, snapshot);
  const chosen = new Map(
    selectNight(processor, snapshot, use).games.map(({ game, inputs }) => [game, inputs]),
  );
  const faults = new Map<string, string>();
  const rows = judgeGames(processor, snapshot, new Set(), use).flatMap(({ evidence, inputs, verdict }) => {
    const { game } = evidence;
    const own = chosen.get(game);
    if (!own) faults.set(game.gameId, verdict.detail);
    try {
      const built = processor.build(game, own ?? inputs);
      return processor
        .parts(game, own ?? inputs)
        .flatMap((parts, index) => (built[index] ? [{ row: built[index], parts, evidence }] : []));
    } catch (error) {
      if (own) throw error;
      return [];
    }
  });
  return { processor, live: currentManifest(snapshot, processor.table), rows, faults };
}

/** Whom or what a row is about: the last column of its table's key. */
export function subjectOf({ table }: Pick<Processor, 'table'>, row: Row): string {
  return String(row[table.key.at(-1) ?? ''] ?? '');
}

/** The row about the same subject and game; null where there is none. */
export function sameRow<R>(
  processor: Pick<Processor, 'table'>,
  rows: readonly R[],
  wanted: Row,
  rowOf: (candidate: R) => Row,
): R | null {
  const isSame = (row: Row): boolean =>
    row['game_id'] === wanted['game_id'] && subjectOf(processor, row) === subjectOf(processor, wanted);
  return rows.find((candidate) => isSame(rowOf(candidate))) ?? null;
}
