/** The two sides of a game, from its team rows. Pure. */
import type { Game } from '../../games/game';
import type { TeamBoxscoreRow } from '../../sources/nbac-team-boxscore/table';
import { isReconstructed } from '../../sources/nbac-team-boxscore/whole-game';
import { parseMinutes } from '../../sources/parse-minutes';
import { columnWords, IncompleteRowError, needed, type Formula } from '../define-columns';
import { minutesFormula, possessionsFormula } from './possessions';

/** What a row about a team is made from. */
export interface TeamParts {
  readonly game: Game;
  readonly team: TeamBoxscoreRow;
  readonly opponent: TeamBoxscoreRow;
}

/** Each team with its opponent, home team first. Throws {@link IncompleteRowError}, as the dependency check should have. */
export function bothSides(game: Game, rows: readonly TeamBoxscoreRow[]): TeamParts[] {
  const [home, away] = [playedRow(game, rows, game.home), playedRow(game, rows, game.away)];
  return [
    { game, team: home, opponent: away },
    { game, team: away, opponent: home },
  ];
}

function playedRow(game: Game, rows: readonly TeamBoxscoreRow[], team: string): TeamBoxscoreRow {
  const row = rows.find((candidate) => candidate.team_abbr === team);
  if (!row || parseMinutes(row.minutes) === null)
    throw new IncompleteRowError(`${game.gameId}: ${team} has no complete team row.`);
  return row;
}

const { from, computed } = columnWords<TeamParts, object>();

/** A team's minutes, the sum over its players. */
export function minutesOf(side: 'team' | 'opponent') {
  return needed(computed(minutesFormula, { text: from(side, 'minutes') }));
}

/** The possessions of the game, which some eras lack part of. */
export const possessionsOfGame = computed(possessionsFormula, {
  FG: from('team', 'fg_made'),
  FGA: from('team', 'fg_attempted'),
  FTA: from('team', 'ft_attempted'),
  ORB: from('team', 'offensive_rebounds'),
  DRB: from('team', 'defensive_rebounds'),
  TOV: from('team', 'turnovers'),
  'Opp FG': from('opponent', 'fg_made'),
  'Opp FGA': from('opponent', 'fg_attempted'),
  'Opp FTA': from('opponent', 'ft_attempted'),
  'Opp ORB': from('opponent', 'offensive_rebounds'),
  'Opp DRB': from('opponent', 'defensive_rebounds'),
  'Opp TOV': from('opponent', 'turnovers'),
});

/** Whether a row was rebuilt from its players, by the sources of the rows that it is made from. */
export const isRebuilt: Formula<{ source: string | null; opponentSource: string | null }, boolean> = {
  words: 'whether a team row never came and was made from the players',
  compute: (of) => [of.source, of.opponentSource].some((data_source) => isReconstructed({ data_source })),
};
