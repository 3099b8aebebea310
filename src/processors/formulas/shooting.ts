/** Shooting percentages, as fractions. Undefined or unknown is null, a true zero is 0. */
import type { Formula } from '../define-columns';

type Count = number | null;

/** True shooting; null without an attempt, or where a figure is unknown. */
export function trueShooting(
  points: number | null,
  fieldGoalsAttempted: number | null,
  freeThrowsAttempted: number | null,
): number | null {
  if (points === null || fieldGoalsAttempted === null || freeThrowsAttempted === null) return null;
  const attempts = fieldGoalsAttempted + 0.44 * freeThrowsAttempted;
  return attempts === 0 ? null : points / (2 * attempts);
}

export const trueShootingFormula: Formula<{ PTS: Count; FGA: Count; FTA: Count }, Count> = {
  arithmetic: 'PTS / (2 · (FGA + 0.44·FTA))',
  source: 'Basketball-Reference glossary, "TS%"',
  unit: 'a fraction',
  undefinedWhen: 'there was no attempt',
  compute: ({ PTS, FGA, FTA }) => trueShooting(PTS, FGA, FTA),
};

/** Effective field goal share; null without an attempt, or where a figure is unknown. */
export function effectiveFieldGoals(
  fieldGoalsMade: number | null,
  threePointersMade: number | null,
  fieldGoalsAttempted: number | null,
): number | null {
  if (fieldGoalsMade === null || threePointersMade === null || fieldGoalsAttempted === null) return null;
  return fieldGoalsAttempted === 0 ? null : (fieldGoalsMade + 0.5 * threePointersMade) / fieldGoalsAttempted;
}

export const effectiveFieldGoalsFormula: Formula<{ FG: Count; '3P': Count; FGA: Count }, Count> = {
  arithmetic: '(FG + 0.5·3P) / FGA',
  source: 'Basketball-Reference glossary, "eFG%"',
  unit: 'a fraction',
  undefinedWhen: 'there was no attempt',
  compute: ({ FG, '3P': threes, FGA }) => effectiveFieldGoals(FG, threes, FGA),
};

/** Points from beyond the arc. */
export const threePointPoints: Formula<{ '3P': Count }, Count> = {
  arithmetic: '3 · 3P',
  unit: 'points',
  compute: ({ '3P': threes }) => (threes === null ? null : 3 * threes),
};
