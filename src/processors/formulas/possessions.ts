/** Possessions, pace and ratings. Pure arithmetic; nothing is rounded, and what needs an unknown figure is unknown. */
import { teamSidePossessions, type TeamPlays } from '../../games/possessions';

/**
 * A game's possessions per team: the mean of both sides, the same for both teams.
 *
 * Source: Basketball-Reference glossary, "Poss": `0.5 · (team side + opponent side)`.
 */
export function gamePossessions(team: TeamPlays, opponent: TeamPlays): number | null {
  const [own, other] = [teamSidePossessions(team, opponent), teamSidePossessions(opponent, team)];
  return own === null || other === null ? null : (own + other) / 2;
}

/**
 * Possessions per 48 minutes. `teamMinutes` is the sum over the team's players (240 in regulation), so that overtime
 * counts as the longer game it is.
 *
 * Source: Basketball-Reference glossary, "Pace": `48 · ((Tm Poss + Opp Poss) / (2 · (Tm MP / 5)))`.
 */
export function pace(possessions: number | null, teamMinutes: number): number | null {
  return possessions === null ? null : (48 * possessions) / (teamMinutes / 5);
}

/**
 * Points per 100 possessions: offensive rating of a team's own points, defensive rating of its opponent's.
 *
 * Source: Basketball-Reference glossary, "ORtg" and "DRtg" for teams.
 */
export function pointsPer100(points: number, possessions: number | null): number | null {
  return possessions === null ? null : (100 * points) / possessions;
}

/** Minutes of the players of one team in regulation, and in each overtime. */
const regulationTeamMinutes = 240;
const overtimeTeamMinutes = 25;

/** Overtimes played, from the team's minutes (265 is one, 290 two). */
export function overtimePeriods(teamMinutes: number): number {
  return Math.max(0, Math.round((teamMinutes - regulationTeamMinutes) / overtimeTeamMinutes));
}
