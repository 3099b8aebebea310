/**
 * What a source is: a raw table that phase 2 fills, or news of one that we do not read. One folder a source, and one line in
 * `registry.ts` adds it: it is then loaded, exported, watched for, and part of every game's evidence.
 */
import type { Game } from '../games/game';
import type { RowOf, TableDefinition } from '../tables/define-table';

/** News that sets processors off. Its name is what messages call it. */
export interface Trigger {
  /** What tells it from anything else that has a name and a description. */
  readonly isTrigger: true;
  readonly name: string;
  readonly description: string;
  /** Whether its rows say that a game was played: a date with some, or with news of some, is never taken for one without games. */
  readonly isOfPlayedGames?: true;
  /** Whether `run` and `backfill` name it where nobody says another. One source is. */
  readonly isDefault?: true;
}

/** A raw table, and how the rows of one game are read from it. */
export interface Source<T extends TableDefinition = TableDefinition> extends Trigger {
  readonly table: T;
  /** Rows of the same identity are one row, sent again; the newest of them counts. */
  identity(this: void, row: RowOf<T>): string;
  /** Whether a row is of this game, in whatever order its sender wrote the game's id. */
  isOf(this: void, row: RowOf<T>, game: Game): boolean;
  /** Sentences on values that are read and that no game can be built from: unknown words, times that are none. */
  oddities?(this: void, row: RowOf<T>): string[];
  /** The game that a row says it is of, for rows that belong to no game of the calendar. */
  gameIdOf(this: void, row: RowOf<T>): string;
}

/** Declares a source. Its name is its table's. */
export function defineSource<const T extends TableDefinition>(
  source: Omit<Source<T>, 'name' | 'description' | 'isTrigger'>,
): Source<T> {
  const { name, description } = source.table;
  return { isTrigger: true, name, description, ...source };
}

/** Declares news of a table that is not read here. */
export function defineTrigger(trigger: Omit<Trigger, 'isTrigger'>): Trigger {
  return { isTrigger: true, ...trigger };
}

/** Whether it has a table of ours, or is only heard of. */
export function isSource(trigger: Trigger): trigger is Source {
  return 'table' in trigger;
}
