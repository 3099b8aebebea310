/**
 * One game's evidence: what every source says of it, side by side. Whoever judges a game has all of it at hand, so that one
 * source can be held against another before anything is published. Pure.
 */
import type { Source } from '../sources/define-source';
import { nbacSchedule } from '../sources/nbac-schedule';
import type { ScheduleRow } from '../sources/nbac-schedule/table';
import { compareText } from '../tables/compare';
import type { Row, RowOf, TableDefinition } from '../tables/define-table';
import { gameFromSchedule, type Game } from './game';
import { seasonYear } from './season';

/** The source that says which games a date has. */
export const calendar = nbacSchedule;

/** Rows of a date by the name of their table. */
export type RowsByTable = Readonly<Record<string, readonly Row[]>>;

/** The rows of a table; none where it was not read. */
export function rowsOfTable<T extends TableDefinition>(rows: RowsByTable, table: T): readonly RowOf<T>[] {
  // Decoded by the table's declaration, from which the row type follows.
  return (rows[table.name] ?? []) as readonly RowOf<T>[];
}

export interface GameEvidence {
  readonly game: Game;
  /** The calendar's row of the game. */
  readonly scheduled: ScheduleRow;
  /** What a source says of the game: the newest row of each identity, ordered by identity. */
  rowsOf<T extends TableDefinition>(source: Source<T>): readonly RowOf<T>[];
}

/** The date's games, ordered by id, each with its evidence. Of two calendar rows for one game the newer counts. */
export function gamesOf(gameDate: string, rows: RowsByTable): readonly GameEvidence[] {
  const known = gamesOfRows.get(rows);
  if (known) return known;
  const scheduled = newestBy(rowsOfTable(rows, calendar.table), calendar.identity);
  const games = scheduled
    .map((row) => evidenceOf(gameFromSchedule(row, seasonYear(gameDate)), row, rows))
    .sort((a, b) => compareText(a.game.gameId, b.game.gameId));
  gamesOfRows.set(rows, games);
  return games;
}

/** Rows are never changed once they are read, and the gate, the build and the fingerprint look at the same ones. */
// eslint-disable-next-line no-restricted-syntax -- what it holds follows from the rows it is keyed by, and goes with them
const gamesOfRows = new WeakMap<RowsByTable, readonly GameEvidence[]>();

function evidenceOf(game: Game, scheduled: ScheduleRow, rows: RowsByTable): GameEvidence {
  const bySource = new Map<string, readonly Row[]>();
  return {
    game,
    scheduled,
    rowsOf: <T extends TableDefinition>(source: Source<T>): readonly RowOf<T>[] => {
      const found =
        bySource.get(source.name) ??
        newestBy(
          rowsOfTable(rows, source.table).filter((row) => source.isOf(row, game)),
          source.identity,
        );
      bySource.set(source.name, found);
      return found as readonly RowOf<T>[];
    },
  };
}

/** Games that a source sent rows for, but that the calendar of the date does not list; by the ids that the rows give. */
export function strayGames(gameDate: string, rows: RowsByTable, source: Source): string[] {
  const games = gamesOf(gameDate, rows);
  const strays = rowsOfTable(rows, source.table).filter(
    (row) => !games.some(({ game }) => source.isOf(row, game)),
  );
  return [...new Set(strays.map((row) => source.gameIdOf(row)))].sort();
}

/** One row an identity, the newest by `processed_at`; ordered by identity. Equal instants are decided by content. */
function newestBy<R extends object>(rows: readonly R[], identityOf: (row: R) => string): R[] {
  const newest = new Map<string, R>();
  for (const row of rows) {
    const identity = identityOf(row);
    const other = newest.get(identity);
    if (!other || isNewer(row, other)) newest.set(identity, row);
  }
  return [...newest.entries()].sort(([a], [b]) => compareText(a, b)).map(([, row]) => row);
}

function isNewer(row: object, other: object): boolean {
  const byTime = compareText(arrivalOf(row), arrivalOf(other));
  return byTime !== 0 ? byTime > 0 : JSON.stringify(row) > JSON.stringify(other);
}

function arrivalOf(row: object): string {
  return 'processed_at' in row && typeof row.processed_at === 'string' ? row.processed_at : '';
}
