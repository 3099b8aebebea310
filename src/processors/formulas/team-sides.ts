/** The two sides of a game, from its team rows: figures that formulas need, without nulls. Pure. */
import type { Game } from '../../games/game';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { parseMinutes } from '../../sources/parse-minutes';
import type { TeamPlays } from '../../games/possessions';
import { playsOf } from '../../games/rules/warnings';

/** A team row whose figures the gate has found to be there. */
export interface CompleteTeam {
  readonly row: TeamBoxscoreRow;
  readonly minutes: number;
  readonly points: number;
  readonly fieldGoalsMade: number;
  readonly fieldGoalsAttempted: number;
  readonly freeThrowsAttempted: number;
  /** What possessions are estimated from: some eras lack part of it. */
  readonly plays: TeamPlays;
}

/**
 * Thrown when a row that should be complete is not. The gate lets no such row through, so this is a fault of ours, not of
 * the data.
 */
export class IncompleteRowError extends Error {
  override readonly name = 'IncompleteRowError';
}

/** Each team with its opponent, home team first. */
export function bothSides(game: Game, rows: readonly TeamBoxscoreRow[]): [CompleteTeam, CompleteTeam][] {
  const home = completeTeam(game, rows, game.home);
  const away = completeTeam(game, rows, game.away);
  return [
    [home, away],
    [away, home],
  ];
}

function completeTeam(game: Game, rows: readonly TeamBoxscoreRow[], team: string): CompleteTeam {
  const row = rows.find((candidate) => candidate.team_abbr === team);
  const minutes = parseMinutes(row?.minutes ?? null);
  if (!row || minutes === null)
    throw new IncompleteRowError(`${game.gameId}: ${team} has no complete team row.`);
  const figure = (column: keyof TeamBoxscoreRow): number => {
    const value = row[column];
    if (typeof value === 'number') return value;
    throw new IncompleteRowError(`${game.gameId}: ${team}'s ${column} is empty.`);
  };
  return {
    row,
    minutes,
    points: figure('points'),
    fieldGoalsMade: figure('fg_made'),
    fieldGoalsAttempted: figure('fg_attempted'),
    freeThrowsAttempted: figure('ft_attempted'),
    plays: playsOf(row),
  };
}
