/** Team defence of one game, from the two raw team rows: what each team allowed the other. Pure. */
import { opponentOf, won, type Game } from '../../games/game';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { isReconstructed } from '../../sources/nbac-team-boxscore/whole-game';
import { gamePossessions, overtimePeriods, pace, pointsPer100 } from '../formulas/possessions';
import { effectiveFieldGoals, trueShooting } from '../formulas/shooting';
import { bothSides } from '../formulas/team-sides';
import type { TeamDefenseFigures } from './table';

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
      points_allowed: opponent.points,
      opp_fg_attempts: opponent.fieldGoalsAttempted,
      opp_fg_makes: opponent.fieldGoalsMade,
      opp_three_pt_attempts: allowed.three_pt_attempted,
      opp_three_pt_makes: allowed.three_pt_made,
      opp_ft_attempts: opponent.freeThrowsAttempted,
      opp_ft_makes: allowed.ft_made,
      opp_rebounds: allowed.total_rebounds,
      opp_offensive_rebounds: allowed.offensive_rebounds,
      opp_assists: allowed.assists,
      turnovers_forced: allowed.turnovers,
      fouls_committed: team.row.personal_fouls,
      steals: team.row.steals,
      blocks: team.row.blocks,
      defensive_rebounds: team.row.defensive_rebounds,
      three_pt_points_allowed: allowed.three_pt_made === null ? null : 3 * allowed.three_pt_made,
      opponent_possessions: possessions,
      defensive_rating: pointsPer100(opponent.points, possessions),
      opponent_pace: pace(possessions, opponent.minutes),
      opponent_ts_pct: trueShooting(
        opponent.points,
        opponent.fieldGoalsAttempted,
        opponent.freeThrowsAttempted,
      ),
      opponent_efg_pct: effectiveFieldGoals(
        opponent.fieldGoalsMade,
        allowed.three_pt_made,
        opponent.fieldGoalsAttempted,
      ),
      home_game: team.row.team_abbr === game.home,
      win_flag: won(game, team.row.team_abbr),
      margin_of_victory: team.points - opponent.points,
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
      reconstructed: isReconstructed(team.row) || isReconstructed(opponent.row),
    };
  });
}
