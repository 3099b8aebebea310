/** Shooting percentages, as fractions. Undefined or unknown is null, a true zero is 0. */

/**
 * True shooting: `PTS / (2 · (FGA + 0.44·FTA))`; null without an attempt, or where a figure is unknown.
 *
 * Source: Basketball-Reference glossary, "TS%".
 */
export function trueShooting(
  points: number | null,
  fieldGoalsAttempted: number | null,
  freeThrowsAttempted: number | null,
): number | null {
  if (points === null || fieldGoalsAttempted === null || freeThrowsAttempted === null) return null;
  const attempts = fieldGoalsAttempted + 0.44 * freeThrowsAttempted;
  return attempts === 0 ? null : points / (2 * attempts);
}

/**
 * Effective field goal share: `(FG + 0.5·3P) / FGA`; null without an attempt, or where a figure is unknown.
 *
 * Source: Basketball-Reference glossary, "eFG%".
 */
export function effectiveFieldGoals(
  fieldGoalsMade: number | null,
  threePointersMade: number | null,
  fieldGoalsAttempted: number | null,
): number | null {
  if (fieldGoalsMade === null || threePointersMade === null || fieldGoalsAttempted === null) return null;
  return fieldGoalsAttempted === 0 ? null : (fieldGoalsMade + 0.5 * threePointersMade) / fieldGoalsAttempted;
}
