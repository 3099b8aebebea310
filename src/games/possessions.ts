/** How often a team had the ball, estimated from its box score. Pure arithmetic; nothing is rounded. */

/** What a team's box score contributes to the estimate. All counts; null is not known. */
export interface TeamPlays {
  readonly fieldGoalsMade: number | null;
  readonly fieldGoalsAttempted: number | null;
  readonly freeThrowsAttempted: number | null;
  readonly offensiveRebounds: number | null;
  readonly defensiveRebounds: number | null;
  readonly turnovers: number | null;
}

/**
 * One team's side of Basketball-Reference's estimate, in possessions:
 * `FGA + 0.4·FTA − 1.07·(ORB / (ORB + opponent DRB))·(FGA − FG) + TOV`.
 * Without a rebound at either end nothing came back, so the rebound share is 0. Null where a figure of it is unknown.
 *
 * Source: Basketball-Reference glossary, "Poss" (https://www.basketball-reference.com/about/glossary.html).
 */
export function teamSidePossessions(
  team: TeamPlays,
  opponent: Pick<TeamPlays, 'defensiveRebounds'>,
): number | null {
  const { fieldGoalsMade, fieldGoalsAttempted, freeThrowsAttempted, offensiveRebounds, turnovers } = team;
  const { defensiveRebounds } = opponent;
  if (fieldGoalsMade === null || fieldGoalsAttempted === null || freeThrowsAttempted === null) return null;
  if (offensiveRebounds === null || defensiveRebounds === null || turnovers === null) return null;
  const rebounds = offensiveRebounds + defensiveRebounds;
  const reboundShare = rebounds === 0 ? 0 : offensiveRebounds / rebounds;
  return (
    fieldGoalsAttempted +
    0.4 * freeThrowsAttempted -
    1.07 * reboundShare * (fieldGoalsAttempted - fieldGoalsMade) +
    turnovers
  );
}
