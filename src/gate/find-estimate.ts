/** What could stand for a count that no player's row has: read from the games before, for a person to accept or not. */
import { addDays } from '../contracts/game-date';
import type { TeamEstimate } from '../contracts/game-decisions';
import { calendar, gamesOf as gamesOfRows, type RowsByTable } from '../games/evidence';
import { isOfSeason, seasonsBefore, type Season } from '../games/season';
import { countsOfTeams, madeTeams } from '../games/team-itself';
import { rawSources, type TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import type { Warehouse } from '../warehouse/warehouse';
import { gamesOf, type DateSnapshot } from './snapshot';

/** `refused`: nothing can be estimated of the game, and `why` is a clause. */
export type FoundEstimate =
  | { readonly kind: 'estimate'; readonly estimate: TeamEstimate }
  | { readonly kind: 'refused'; readonly why: string };

/** With fewer team games in the season the one before counts as well. */
const fewestTeamGames = 20;
/** A season is read in parts: its players' rows at once would fill a worker's memory. */
const daysRead = 31;

/** What an estimate for the game would be now. Throws `WarehouseError`. */
export async function findEstimate(
  warehouse: Pick<Warehouse, 'exportRows'>,
  snapshot: DateSnapshot,
  gameId: string,
): Promise<FoundEstimate> {
  const { gameDate } = snapshot;
  const evidence = gamesOf(snapshot).find(({ game }) => game.gameId === gameId);
  if (!evidence) return { kind: 'refused', why: `the schedule of ${gameDate} has no game ${gameId}` };
  const made = madeTeams(evidence);
  if (made.length === 0)
    return {
      kind: 'refused',
      why: `no team row of ${gameId} is made from its players; only what those cannot give is estimated`,
    };
  const unknown = made.filter(({ ofPlayers }) => ofPlayers === null).map(({ team }) => team);
  if (unknown.length > 0)
    return { kind: 'refused', why: `what the players of ${unknown.join(' and ')} have of it is not known` };
  const seasons = seasonsBefore(gameDate);
  const own = await countsOf(warehouse, seasons.own);
  const isShort = own.length < fewestTeamGames;
  const all = isShort ? [...(await countsOf(warehouse, seasons.last)), ...own] : own;
  if (all.length === 0)
    return {
      kind: 'refused',
      why: `no game of the season before ${gameDate}, nor of the season before that, has team rows and players to take a mean of`,
    };
  const teams = made.map(({ team }) => team);
  const mean = Math.round((100 * all.reduce((sum, { count }) => sum + count, 0)) / all.length) / 100;
  const dates = all.map(({ date }) => date).sort();
  const [first = gameDate] = dates;
  return {
    kind: 'estimate',
    estimate: { teams, mean, games: all.length, from: first, to: dates.at(-1) ?? first },
  };
}

interface CountOfTeam {
  readonly date: string;
  readonly count: number;
}

/** The counts of teams themselves in the games of a season. */
async function countsOf(warehouse: Pick<Warehouse, 'exportRows'>, season: Season): Promise<CountOfTeam[]> {
  const found: CountOfTeam[] = [];
  const { from: first, to: last } = season;
  for (let from = first; from <= last; from = addDays(from, daysRead)) {
    const end = addDays(from, daysRead - 1);
    const dates = await rawRowsByDate(warehouse, from, end < last ? end : last);
    for (const [date, rows] of dates)
      // What was left of the season of 2019 was played in October.
      if (isOfSeason(date, season))
        found.push(
          ...gamesOfRows(date, rows)
            // Preseason and All-Star games are no part of a season's figures.
            .filter(({ game }) => game.leftOut === null)
            .flatMap(countsOfTeams)
            .map((count) => ({ date, count })),
        );
  }
  return found;
}

/** The raw rows that games are read from, by date. */
async function rawRowsByDate(
  warehouse: Pick<Warehouse, 'exportRows'>,
  from: string,
  to: string,
): Promise<Map<string, RowsByTable>> {
  const dates = new Map<string, Record<TableName, Row[]>>();
  const tables = rawSources.filter((source) => source === calendar || source.isOfPlayedGames);
  for (const { table } of tables)
    for await (const rows of warehouse.exportRows(table.name, from, to))
      for (const row of rows) {
        const date = String(row['game_date']);
        const known = dates.get(date) ?? {};
        dates.set(date, known);
        (known[table.name] ??= []).push(row);
      }
  return dates;
}
