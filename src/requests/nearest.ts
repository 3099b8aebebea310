/** "Did you mean …?" */
import { closest, distance } from 'fastest-levenshtein';
import { compareText } from '../tables/compare';

/** "Did you mean X?" for the candidate nearest to `text`, whatever its dataset; an empty text when none is near. */
export function nearest(text: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return '';
  const bare = text.trim().replace(/^.*\./, '');
  const best = closest(bare, candidates);
  return distance(bare, best) <= Math.max(2, best.length * 0.4) ? `Did you mean ${best}?` : '';
}

/** How many names a sentence lists. */
const mostListed = 15;

/** What there is, the names nearest to `text` first; the number of the rest. Names that begin with it are near. */
export function listNearest(text: string, candidates: readonly string[]): string {
  const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const wanted = plain(text);
  const farness = (name: string): number =>
    plain(name).startsWith(wanted) ? 0 : distance(wanted, plain(name));
  const ordered = [...new Set(candidates)].sort((a, b) => farness(a) - farness(b) || compareText(a, b));
  const more = ordered.length - mostListed;
  return `${ordered.slice(0, mostListed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
