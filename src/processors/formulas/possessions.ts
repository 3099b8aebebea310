/** Possessions, pace and ratings. Pure arithmetic; nothing is rounded, and what needs an unknown figure is unknown. */
import { teamSidePossessions, type TeamPlays } from '../../games/possessions';
import { parseMinutes } from '../../sources/parse-minutes';
import type { Formula } from '../define-columns';

type Figure = number | null;

/** A game's possessions per team: the mean of both sides, the same for both teams. */
export function gamePossessions(team: TeamPlays, opponent: TeamPlays): number | null {
  const [own, other] = [teamSidePossessions(team, opponent), teamSidePossessions(opponent, team)];
  return own === null || other === null ? null : (own + other) / 2;
}

/** What one team's row contributes, by its names in {@link possessionsFormula}; the opponent's begin with `Opp`. */
type Side = 'FG' | 'FGA' | 'FTA' | 'ORB' | 'DRB' | 'TOV';

export const possessionsFormula: Formula<{ [N in Side | `Opp ${Side}`]: Figure }, Figure> = {
  arithmetic:
    '((FGA + 0.4·FTA − 1.07 · (ORB / (ORB + Opp DRB)) · (FGA − FG) + TOV)' +
    ' + (Opp FGA + 0.4·Opp FTA − 1.07 · (Opp ORB / (Opp ORB + DRB)) · (Opp FGA − Opp FG) + Opp TOV)) / 2',
  source: 'Basketball-Reference glossary, "Poss"; without a rebound at either end the rebound share is 0',
  unit: 'possessions',
  compute: (of) =>
    gamePossessions(
      {
        ...{ fieldGoalsMade: of.FG, fieldGoalsAttempted: of.FGA, freeThrowsAttempted: of.FTA },
        ...{ offensiveRebounds: of.ORB, defensiveRebounds: of.DRB, turnovers: of.TOV },
      },
      {
        fieldGoalsMade: of['Opp FG'],
        fieldGoalsAttempted: of['Opp FGA'],
        freeThrowsAttempted: of['Opp FTA'],
        offensiveRebounds: of['Opp ORB'],
        defensiveRebounds: of['Opp DRB'],
        turnovers: of['Opp TOV'],
      },
    ),
};

/**
 * Possessions per 48 minutes. `teamMinutes` is the sum over the team's players (240 in regulation), so that overtime
 * counts as the longer game it is.
 */
export function pace(possessions: number | null, teamMinutes: number): number | null {
  return possessions === null ? null : (48 * possessions) / (teamMinutes / 5);
}

export const paceFormula: Formula<{ Poss: Figure; 'Tm MP': number }, Figure> = {
  arithmetic: '48 · Poss / (Tm MP / 5)',
  source: 'Basketball-Reference glossary, "Pace"',
  unit: 'possessions per 48 minutes',
  compute: ({ Poss, 'Tm MP': minutes }) => pace(Poss, minutes),
};

/** Points per 100 possessions: offensive rating of a team's own points, defensive rating of its opponent's. */
export function pointsPer100(points: number, possessions: number | null): number | null {
  return possessions === null ? null : (100 * points) / possessions;
}

export const ratingFormula: Formula<{ PTS: number; Poss: Figure }, Figure> = {
  arithmetic: '100 · PTS / Poss',
  source: 'Basketball-Reference glossary, "ORtg" and "DRtg" of teams',
  unit: 'points per 100 possessions',
  compute: ({ PTS, Poss }) => pointsPer100(PTS, Poss),
};

/** Minutes of the players of one team in regulation, and in each overtime. */
const regulationTeamMinutes = 240;
const overtimeTeamMinutes = 25;

/** Overtimes played, from the team's minutes (265 is one, 290 two). */
export function overtimePeriods(teamMinutes: number): number {
  return Math.max(0, Math.round((teamMinutes - regulationTeamMinutes) / overtimeTeamMinutes));
}

export const overtimesFormula: Formula<{ 'Tm MP': number }, number> = {
  arithmetic: 'max(0, round((Tm MP − 240) / 25))',
  unit: 'overtimes',
  compute: ({ 'Tm MP': minutes }) => overtimePeriods(minutes),
};

/** Minutes as a source writes them, to the second. */
export const minutesFormula: Formula<{ text: string | null }, Figure> = {
  words: 'minutes and seconds of the text, in minutes',
  unit: 'minutes',
  undefinedWhen: 'the text is no time',
  compute: ({ text }) => parseMinutes(text),
};
