/** "Did you mean …?" */
import { closest, distance } from 'fastest-levenshtein';

/** "Did you mean X?" for the candidate nearest to `text`, whatever its dataset; an empty text when none is near. */
export function nearest(text: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return '';
  const bare = text.trim().replace(/^.*\./, '');
  const best = closest(bare, candidates);
  return distance(bare, best) <= Math.max(2, best.length * 0.4) ? `Did you mean ${best}?` : '';
}
