/** Team offence of one game, from the two raw team rows: where each column comes from. Pure. */
import type { Game } from '../../games/game';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { isReconstructed } from '../../sources/nbac-team-boxscore/whole-game';
import { columnWords, empty, needed, rowBuilder, type Columns, type Formula } from '../define-columns';
import { overtimesFormula, paceFormula, ratingFormula } from '../formulas/possessions';
import { hasWon, isHomeTeam, margin, opponentTeam } from '../formulas/result';
import { effectiveFieldGoalsFormula, trueShootingFormula } from '../formulas/shooting';
import { bothSides, minutesOf, possessionsOfGame, type TeamParts } from '../formulas/team-sides';
import { table, type TeamOffenseFigures } from './table';

const { from, own, computed } = columnWords<TeamParts, TeamOffenseFigures>();

const noSource = empty('no source has it');

const isRebuilt: Formula<{ source: string | null }, boolean> = {
  words: 'whether the team row never came and was made from the players',
  compute: ({ source }) => isReconstructed({ data_source: source }),
};

/** Possessions are the mean over both teams; minutes are the players' sum. */
export const columns: Columns<TeamOffenseFigures, TeamParts> = {
  game_date: from('game', 'gameDate'),
  game_id: from('game', 'gameId'),
  nba_game_id: from('game', 'nbaGameId'),
  team_abbr: from('team', 'team_abbr'),
  opponent_team_abbr: computed(opponentTeam, {
    team: own('team_abbr'),
    home: from('game', 'home'),
    away: from('game', 'away'),
  }),
  season_year: from('game', 'seasonYear'),
  points_scored: needed(from('team', 'points')),
  fg_attempts: needed(from('team', 'fg_attempted')),
  fg_makes: needed(from('team', 'fg_made')),
  three_pt_attempts: from('team', 'three_pt_attempted'),
  three_pt_makes: from('team', 'three_pt_made'),
  ft_attempts: needed(from('team', 'ft_attempted')),
  ft_makes: from('team', 'ft_made'),
  rebounds: from('team', 'total_rebounds'),
  offensive_rebounds: from('team', 'offensive_rebounds'),
  defensive_rebounds: from('team', 'defensive_rebounds'),
  assists: from('team', 'assists'),
  steals: from('team', 'steals'),
  blocks: from('team', 'blocks'),
  turnovers: from('team', 'turnovers'),
  personal_fouls: from('team', 'personal_fouls'),
  team_minutes: minutesOf('team'),
  possessions: possessionsOfGame,
  pace: computed(paceFormula, { Poss: own('possessions'), 'Tm MP': own('team_minutes') }),
  offensive_rating: computed(ratingFormula, { PTS: own('points_scored'), Poss: own('possessions') }),
  ts_pct: computed(trueShootingFormula, {
    PTS: own('points_scored'),
    FGA: own('fg_attempts'),
    FTA: own('ft_attempts'),
  }),
  efg_pct: computed(effectiveFieldGoalsFormula, {
    FG: own('fg_makes'),
    '3P': own('three_pt_makes'),
    FGA: own('fg_attempts'),
  }),
  home_game: computed(isHomeTeam, { team: own('team_abbr'), home: from('game', 'home') }),
  win_flag: computed(hasWon, {
    team: own('team_abbr'),
    home: from('game', 'home'),
    homeScore: from('game', 'homeScore'),
    awayScore: from('game', 'awayScore'),
  }),
  margin_of_victory: computed(margin, {
    PTS: own('points_scored'),
    'Opp PTS': needed(from('opponent', 'points')),
  }),
  overtime_periods: computed(overtimesFormula, { 'Tm MP': own('team_minutes') }),
  team_paint_attempts: noSource,
  team_paint_makes: noSource,
  team_mid_range_attempts: noSource,
  team_mid_range_makes: noSource,
  points_in_paint_scored: noSource,
  second_chance_points_scored: noSource,
  players_inactive: noSource,
  starters_inactive: noSource,
  referee_crew_id: noSource,
  reconstructed: computed(isRebuilt, { source: from('team', 'data_source') }),
};

const rowOf = rowBuilder(table, columns);

/** Both teams' offence, home team first. */
export function teamOffenseSummaries(game: Game, rows: readonly TeamBoxscoreRow[]): TeamOffenseFigures[] {
  return bothSides(game, rows).map(rowOf);
}
