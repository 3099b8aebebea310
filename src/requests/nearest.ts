/** "Did you mean …?" */
import { closest, distance } from 'fastest-levenshtein';

/** "Did you mean X?" for the candidate nearest to `text`; an empty text when none is near. */
export function nearest(text: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return '';
  const best = closest(text.trim(), candidates);
  return distance(text.trim(), best) <= Math.max(2, best.length * 0.4) ? `Did you mean ${best}?` : '';
}
