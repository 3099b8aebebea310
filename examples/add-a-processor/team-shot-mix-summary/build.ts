/** Pace and shot mix of one game's teams, from the published offence: where each column comes from. Pure. */
import type { Game } from '../../games/game';
import { columnWords, type Columns, type Formula } from '../define-columns';
import type { TeamOffenseRow } from '../team-offense-game-summary/table';
import type { ShotMixFigures } from './table';

/** What a row is made from: the game, and the published row of one team. */
interface ShotMixParts {
  readonly game: Game;
  readonly team: TeamOffenseRow;
}

const { from, computed } = columnWords<ShotMixParts, ShotMixFigures>();

const threesShare: Formula<{ '3PA': number | null; FGA: number }, number | null> = {
  arithmetic: '3PA / FGA',
  source: 'Basketball-Reference glossary, "3PAr" (https://www.basketball-reference.com/about/glossary.html)',
  unit: 'a fraction',
  compute: ({ '3PA': threes, FGA }) => (threes === null ? null : threes / FGA),
};
const freeThrowRate: Formula<{ FTA: number; FGA: number }, number> = {
  arithmetic: 'FTA / FGA',
  source: 'Basketball-Reference glossary, "FTr"',
  unit: 'free throw attempts a field goal attempt',
  compute: ({ FTA, FGA }) => FTA / FGA,
};

export const columns: Columns<ShotMixFigures, ShotMixParts> = {
  game_date: from('game', 'gameDate'),
  game_id: from('game', 'gameId'),
  team_abbr: from('team', 'team_abbr'),
  season_year: from('team', 'season_year'),
  pace: from('team', 'pace'),
  three_pt_attempt_share: computed(threesShare, {
    '3PA': from('team', 'three_pt_attempts'),
    FGA: from('team', 'fg_attempts'),
  }),
  free_throw_rate: computed(freeThrowRate, {
    FTA: from('team', 'ft_attempts'),
    FGA: from('team', 'fg_attempts'),
  }),
};

/** One row a team. */
export function shotMixParts(game: Game, offense: readonly TeamOffenseRow[]): ShotMixParts[] {
  return offense.map((team) => ({ game, team }));
}
