/** Shooting percentages, as fractions. Undefined is null, a true zero is 0. */

/**
 * True shooting: `PTS / (2 · (FGA + 0.44·FTA))`; null without an attempt.
 *
 * Source: Basketball-Reference glossary, "TS%".
 */
export function trueShooting(
  points: number,
  fieldGoalsAttempted: number,
  freeThrowsAttempted: number,
): number | null {
  const attempts = fieldGoalsAttempted + 0.44 * freeThrowsAttempted;
  return attempts === 0 ? null : points / (2 * attempts);
}

/**
 * Effective field goal share: `(FG + 0.5·3P) / FGA`; null without an attempt.
 *
 * Source: Basketball-Reference glossary, "eFG%".
 */
export function effectiveFieldGoals(
  fieldGoalsMade: number,
  threePointersMade: number,
  fieldGoalsAttempted: number,
): number | null {
  return fieldGoalsAttempted === 0 ? null : (fieldGoalsMade + 0.5 * threePointersMade) / fieldGoalsAttempted;
}
