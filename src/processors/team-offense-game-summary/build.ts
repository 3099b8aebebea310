/** Team offence of one game, from the two raw team rows. Pure. */
import { opponentOf, won, type Game } from '../../games/game';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { isReconstructed } from '../../sources/nbac-team-boxscore/whole-game';
import { gamePossessions, overtimePeriods, pace, pointsPer100 } from '../formulas/possessions';
import { effectiveFieldGoals, trueShooting } from '../formulas/shooting';
import { bothSides } from '../formulas/team-sides';
import type { TeamOffenseFigures } from './table';

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
      points_scored: team.points,
      fg_attempts: team.fieldGoalsAttempted,
      fg_makes: team.fieldGoalsMade,
      three_pt_attempts: row.three_pt_attempted,
      three_pt_makes: row.three_pt_made,
      ft_attempts: team.freeThrowsAttempted,
      ft_makes: row.ft_made,
      rebounds: row.total_rebounds,
      offensive_rebounds: row.offensive_rebounds,
      defensive_rebounds: row.defensive_rebounds,
      assists: row.assists,
      steals: row.steals,
      blocks: row.blocks,
      turnovers: row.turnovers,
      personal_fouls: row.personal_fouls,
      team_minutes: team.minutes,
      possessions,
      pace: pace(possessions, team.minutes),
      offensive_rating: pointsPer100(team.points, possessions),
      ts_pct: trueShooting(team.points, team.fieldGoalsAttempted, team.freeThrowsAttempted),
      efg_pct: effectiveFieldGoals(team.fieldGoalsMade, row.three_pt_made, team.fieldGoalsAttempted),
      home_game: row.team_abbr === game.home,
      win_flag: won(game, row.team_abbr),
      margin_of_victory: team.points - opponent.points,
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
      reconstructed: isReconstructed(row),
    };
  });
}
