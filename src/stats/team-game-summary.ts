/** Team offence and defence of one game, from the two raw team rows. */
import type { TeamDefenseFigures, TeamOffenseFigures } from '../tables/analytics';
import type { TeamBoxscoreRow } from '../tables/raw';
import { opponentOf, won, type Game } from './game';
import { parseMinutes } from './minutes';
import { gamePossessions, overtimePeriods, pace, pointsPer100, type TeamPlays } from './possessions';
import { effectiveFieldGoals, trueShooting } from './shooting';

/** A team row whose figures the gate has found to be there. */
interface CompleteTeam {
  readonly row: TeamBoxscoreRow;
  readonly minutes: number;
  readonly plays: TeamPlays;
}

/**
 * Thrown when a row that should be complete is not. The gate lets no such row through, so this is a fault of ours, not of
 * the data.
 */
export class IncompleteRowError extends Error {
  override readonly name = 'IncompleteRowError';
}

/** Both teams' offence, home team first. Possessions are the mean over both teams; minutes are the players' sum. */
export function teamOffenseSummaries(game: Game, rows: readonly TeamBoxscoreRow[]): TeamOffenseFigures[] {
  return bothSides(game, rows).map(([team, opponent]) => {
    const possessions = gamePossessions(team.plays, opponent.plays);
    const { row } = team;
    return {
      game_date: game.gameDate,
      game_id: game.gameId,
      nba_game_id: game.nbaGameId,
      team_abbr: row.team_abbr,
      opponent_team_abbr: opponentOf(game, row.team_abbr),
      season_year: game.seasonYear,
      points_scored: team.plays.points,
      fg_attempts: team.plays.fieldGoalsAttempted,
      fg_makes: team.plays.fieldGoalsMade,
      three_pt_attempts: row.three_pt_attempted,
      three_pt_makes: row.three_pt_made,
      ft_attempts: team.plays.freeThrowsAttempted,
      ft_makes: row.ft_made,
      rebounds: row.total_rebounds,
      offensive_rebounds: row.offensive_rebounds,
      defensive_rebounds: row.defensive_rebounds,
      assists: row.assists,
      steals: row.steals,
      blocks: row.blocks,
      turnovers: team.plays.turnovers,
      personal_fouls: row.personal_fouls,
      team_minutes: team.minutes,
      possessions,
      pace: pace(possessions, team.minutes),
      offensive_rating: pointsPer100(team.plays.points, possessions),
      ts_pct: trueShooting(team.plays.points, team.plays.fieldGoalsAttempted, team.plays.freeThrowsAttempted),
      efg_pct: effectiveFieldGoals(
        team.plays.fieldGoalsMade,
        row.three_pt_made ?? 0,
        team.plays.fieldGoalsAttempted,
      ),
      home_game: row.team_abbr === game.home,
      win_flag: won(game, row.team_abbr),
      margin_of_victory: team.plays.points - opponent.plays.points,
      overtime_periods: overtimePeriods(team.minutes),
      team_paint_attempts: null,
      team_paint_makes: null,
      team_mid_range_attempts: null,
      team_mid_range_makes: null,
      points_in_paint_scored: null,
      second_chance_points_scored: null,
      players_inactive: null,
      starters_inactive: null,
      referee_crew_id: null,
      reconstructed: false,
    };
  });
}

/** Both teams' defence, home team first: what each allowed the other. */
export function teamDefenseSummaries(game: Game, rows: readonly TeamBoxscoreRow[]): TeamDefenseFigures[] {
  return bothSides(game, rows).map(([team, opponent]) => {
    const possessions = gamePossessions(team.plays, opponent.plays);
    const allowed = opponent.row;
    return {
      game_date: game.gameDate,
      game_id: game.gameId,
      nba_game_id: game.nbaGameId,
      defending_team_abbr: team.row.team_abbr,
      opponent_team_abbr: opponentOf(game, team.row.team_abbr),
      season_year: game.seasonYear,
      points_allowed: opponent.plays.points,
      opp_fg_attempts: opponent.plays.fieldGoalsAttempted,
      opp_fg_makes: opponent.plays.fieldGoalsMade,
      opp_three_pt_attempts: allowed.three_pt_attempted,
      opp_three_pt_makes: allowed.three_pt_made,
      opp_ft_attempts: opponent.plays.freeThrowsAttempted,
      opp_ft_makes: allowed.ft_made,
      opp_rebounds: allowed.total_rebounds,
      opp_offensive_rebounds: allowed.offensive_rebounds,
      opp_assists: allowed.assists,
      turnovers_forced: opponent.plays.turnovers,
      fouls_committed: team.row.personal_fouls,
      steals: team.row.steals,
      blocks: team.row.blocks,
      defensive_rebounds: team.row.defensive_rebounds,
      three_pt_points_allowed: allowed.three_pt_made === null ? null : 3 * allowed.three_pt_made,
      opponent_possessions: possessions,
      defensive_rating: pointsPer100(opponent.plays.points, possessions),
      opponent_pace: pace(possessions, opponent.minutes),
      opponent_ts_pct: trueShooting(
        opponent.plays.points,
        opponent.plays.fieldGoalsAttempted,
        opponent.plays.freeThrowsAttempted,
      ),
      opponent_efg_pct: effectiveFieldGoals(
        opponent.plays.fieldGoalsMade,
        allowed.three_pt_made ?? 0,
        opponent.plays.fieldGoalsAttempted,
      ),
      home_game: team.row.team_abbr === game.home,
      win_flag: won(game, team.row.team_abbr),
      margin_of_victory: team.plays.points - opponent.plays.points,
      overtime_periods: overtimePeriods(team.minutes),
      opp_paint_attempts: null,
      opp_paint_makes: null,
      opp_mid_range_attempts: null,
      opp_mid_range_makes: null,
      points_in_paint_allowed: null,
      mid_range_points_allowed: null,
      second_chance_points_allowed: null,
      fast_break_points_allowed: null,
      blocks_paint: null,
      blocks_mid_range: null,
      blocks_three_pt: null,
      reconstructed: false,
    };
  });
}

function bothSides(game: Game, rows: readonly TeamBoxscoreRow[]): [CompleteTeam, CompleteTeam][] {
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
    plays: {
      points: figure('points'),
      fieldGoalsMade: figure('fg_made'),
      fieldGoalsAttempted: figure('fg_attempted'),
      freeThrowsAttempted: figure('ft_attempted'),
      offensiveRebounds: figure('offensive_rebounds'),
      defensiveRebounds: figure('defensive_rebounds'),
      turnovers: figure('turnovers'),
    },
  };
}
