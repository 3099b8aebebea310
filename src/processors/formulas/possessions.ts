/** Possessions, pace and ratings. Pure arithmetic; nothing is rounded. */

/** What a team's box score contributes to the estimates. All counts. */
export interface TeamPlays {
  readonly points: number;
  readonly fieldGoalsMade: number;
  readonly fieldGoalsAttempted: number;
  readonly freeThrowsAttempted: number;
  readonly offensiveRebounds: number;
  readonly defensiveRebounds: number;
  readonly turnovers: number;
}

/**
 * One team's side of Basketball-Reference's estimate, in possessions:
 * `FGA + 0.4·FTA − 1.07·(ORB / (ORB + opponent DRB))·(FGA − FG) + TOV`.
 * Without a rebound at either end nothing came back, so the rebound share is 0.
 *
 * Source: Basketball-Reference glossary, "Poss" (https://www.basketball-reference.com/about/glossary.html).
 */
export function teamSidePossessions(team: TeamPlays, opponent: TeamPlays): number {
  const rebounds = team.offensiveRebounds + opponent.defensiveRebounds;
  const reboundShare = rebounds === 0 ? 0 : team.offensiveRebounds / rebounds;
  return (
    team.fieldGoalsAttempted +
    0.4 * team.freeThrowsAttempted -
    1.07 * reboundShare * (team.fieldGoalsAttempted - team.fieldGoalsMade) +
    team.turnovers
  );
}

/**
 * A game's possessions per team: the mean of both sides, the same for both teams.
 *
 * Source: Basketball-Reference glossary, "Poss": `0.5 · (team side + opponent side)`.
 */
export function gamePossessions(team: TeamPlays, opponent: TeamPlays): number {
  return (teamSidePossessions(team, opponent) + teamSidePossessions(opponent, team)) / 2;
}

/**
 * Possessions per 48 minutes. `teamMinutes` is the sum over the team's players (240 in regulation), so that overtime
 * counts as the longer game it is.
 *
 * Source: Basketball-Reference glossary, "Pace": `48 · ((Tm Poss + Opp Poss) / (2 · (Tm MP / 5)))`.
 */
export function pace(possessions: number, teamMinutes: number): number {
  return (48 * possessions) / (teamMinutes / 5);
}

/**
 * Points per 100 possessions: offensive rating of a team's own points, defensive rating of its opponent's.
 *
 * Source: Basketball-Reference glossary, "ORtg" and "DRtg" for teams.
 */
export function pointsPer100(points: number, possessions: number): number {
  return (100 * points) / possessions;
}

/** Minutes of the players of one team in regulation, and in each overtime. */
const regulationTeamMinutes = 240;
const overtimeTeamMinutes = 25;

/** Overtimes played, from the team's minutes (265 is one, 290 two). */
export function overtimePeriods(teamMinutes: number): number {
  return Math.max(0, Math.round((teamMinutes - regulationTeamMinutes) / overtimeTeamMinutes));
}
