/** Team defence of one game, from the two raw team rows: what each team allowed the other, column by column. Pure. */
import type { Game } from '../../games/game';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { columnWords, empty, needed, rowBuilder, type Columns } from '../define-columns';
import { overtimesFormula, paceFormula, ratingFormula } from '../formulas/possessions';
import { hasWon, isHomeTeam, margin, opponentTeam } from '../formulas/result';
import { effectiveFieldGoalsFormula, threePointPoints, trueShootingFormula } from '../formulas/shooting';
import { bothSides, isRebuilt, minutesOf, possessionsOfGame, type TeamParts } from '../formulas/team-sides';
import { table, type TeamDefenseFigures } from './table';

const { from, own, computed } = columnWords<TeamParts, TeamDefenseFigures>();

const noSource = empty('no source has it');

export const columns: Columns<TeamDefenseFigures, TeamParts> = {
  game_date: from('game', 'gameDate'),
  game_id: from('game', 'gameId'),
  nba_game_id: from('game', 'nbaGameId'),
  defending_team_abbr: from('team', 'team_abbr'),
  opponent_team_abbr: computed(opponentTeam, {
    team: own('defending_team_abbr'),
    home: from('game', 'home'),
    away: from('game', 'away'),
  }),
  season_year: from('game', 'seasonYear'),
  points_allowed: needed(from('opponent', 'points')),
  opp_fg_attempts: needed(from('opponent', 'fg_attempted')),
  opp_fg_makes: needed(from('opponent', 'fg_made')),
  opp_three_pt_attempts: from('opponent', 'three_pt_attempted'),
  opp_three_pt_makes: from('opponent', 'three_pt_made'),
  opp_ft_attempts: needed(from('opponent', 'ft_attempted')),
  opp_ft_makes: from('opponent', 'ft_made'),
  opp_rebounds: from('opponent', 'total_rebounds'),
  opp_offensive_rebounds: from('opponent', 'offensive_rebounds'),
  opp_assists: from('opponent', 'assists'),
  turnovers_forced: from('opponent', 'turnovers'),
  fouls_committed: from('team', 'personal_fouls'),
  steals: from('team', 'steals'),
  blocks: from('team', 'blocks'),
  defensive_rebounds: from('team', 'defensive_rebounds'),
  three_pt_points_allowed: computed(threePointPoints, { '3P': own('opp_three_pt_makes') }),
  opponent_possessions: possessionsOfGame,
  defensive_rating: computed(ratingFormula, {
    PTS: own('points_allowed'),
    Poss: own('opponent_possessions'),
  }),
  opponent_pace: computed(paceFormula, { Poss: own('opponent_possessions'), 'Tm MP': minutesOf('opponent') }),
  opponent_ts_pct: computed(trueShootingFormula, {
    PTS: own('points_allowed'),
    FGA: own('opp_fg_attempts'),
    FTA: own('opp_ft_attempts'),
  }),
  opponent_efg_pct: computed(effectiveFieldGoalsFormula, {
    FG: own('opp_fg_makes'),
    '3P': own('opp_three_pt_makes'),
    FGA: own('opp_fg_attempts'),
  }),
  home_game: computed(isHomeTeam, { team: own('defending_team_abbr'), home: from('game', 'home') }),
  win_flag: computed(hasWon, {
    team: own('defending_team_abbr'),
    home: from('game', 'home'),
    homeScore: from('game', 'homeScore'),
    awayScore: from('game', 'awayScore'),
  }),
  margin_of_victory: computed(margin, {
    PTS: needed(from('team', 'points')),
    'Opp PTS': own('points_allowed'),
  }),
  overtime_periods: computed(overtimesFormula, { 'Tm MP': minutesOf('team') }),
  opp_paint_attempts: noSource,
  opp_paint_makes: noSource,
  opp_mid_range_attempts: noSource,
  opp_mid_range_makes: noSource,
  points_in_paint_allowed: noSource,
  mid_range_points_allowed: noSource,
  second_chance_points_allowed: noSource,
  fast_break_points_allowed: noSource,
  blocks_paint: noSource,
  blocks_mid_range: noSource,
  blocks_three_pt: noSource,
  reconstructed: computed(isRebuilt, {
    source: from('team', 'data_source'),
    opponentSource: from('opponent', 'data_source'),
  }),
};

const rowOf = rowBuilder(table, columns);

/** Both teams' defence, home team first. */
export function teamDefenseSummaries(game: Game, rows: readonly TeamBoxscoreRow[]): TeamDefenseFigures[] {
  return bothSides(game, rows).map(rowOf);
}
