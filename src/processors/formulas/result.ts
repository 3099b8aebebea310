/** Sides and result of a game, as columns declare them. */
import { opponentOf, won } from '../../games/game';
import type { Formula } from '../define-columns';

/** The other team of the game. */
export const opponentTeam: Formula<{ team: string; home: string; away: string }, string> = {
  words: 'the other team of the game',
  compute: ({ team, home, away }) => opponentOf({ home, away }, team),
};

export const isHomeTeam: Formula<{ team: string; home: string }, boolean> = {
  words: 'whether the team is the home team of the schedule',
  compute: ({ team, home }) => team === home,
};

/** By the schedule's score. */
export const hasWon: Formula<
  { team: string; home: string; homeScore: number | null; awayScore: number | null },
  boolean | null
> = {
  words: 'whether the team has the higher score in the schedule',
  undefinedWhen: 'the score is a tie',
  compute: ({ team, ...game }) => won(game, team),
};

/** Points more than the opponent. */
export const margin: Formula<{ PTS: number; 'Opp PTS': number }, number> = {
  arithmetic: 'PTS − Opp PTS',
  unit: 'points',
  compute: ({ PTS, 'Opp PTS': opponent }) => PTS - opponent,
};
