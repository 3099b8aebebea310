/** Which raw rows and columns of a live version's inputs moved since, by the rows that were kept of them. Pure. */
import type { InputsByGame } from '../contracts/manifests';
import { judgeGames } from '../gate/judge-games';
import { useOfLive } from '../gate/judge-processor';
import type { MovedInput } from '../gate/moved-inputs';
import type { DateSnapshot } from '../gate/snapshot';
import type { Processor } from '../processors/define-processor';
import type { RowsMoved } from '../tables/rows-moved';
import type { KeptRaw } from './raw-kept';
import { rowsMoved } from './raw-moves';

/** An input that moved, with the rows and columns of it. */
export interface MovedRaw extends MovedInput {
  /** Null where it is no raw table of a game that the version was built from, or its rows are not kept. */
  readonly rows: RowsMoved | null;
}

/** The inputs that moved, each with its rows. `then`: what they moved from; null where nobody knows. */
export function withMovedRows(
  processor: Processor,
  snapshot: DateSnapshot,
  moved: readonly MovedInput[],
  then: InputsByGame | null,
  kept: KeptRaw,
): MovedRaw[] {
  if (moved.length === 0) return [];
  const use = useOfLive(processor, snapshot, {});
  const now = new Map(
    judgeGames(processor, snapshot, new Set(), use).map(({ evidence, inputs }) => [
      evidence.game.gameId,
      inputs,
    ]),
  );
  return moved.map((input): MovedRaw => {
    const { gameId, table: name } = input;
    const source = Object.entries(processor.reads).find(([, { table }]) => table.name === name);
    const hash = gameId !== null && name !== null ? then?.[gameId]?.[name] : undefined;
    const before = source && hash !== undefined ? kept.rowsOf(source[1].table.name, hash) : null;
    if (!source || !before) return { ...input, rows: null };
    const [alias, { table }] = source;
    return { ...input, rows: rowsMoved(table, before, now.get(gameId ?? '')?.[alias] ?? []) };
  });
}
