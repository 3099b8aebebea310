/** Between which bounds points per 100 possessions of a game lie. */

/** Ratings beyond these cannot come from a whole game; the narrower band holds all but a handful of games a season. */
export const possibleRating = [40, 250] as const;
export const usualRating = [75, 165] as const;
