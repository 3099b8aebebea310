/** Which raw rows moved between two versions, by the hashes that their manifests have of them. Pure. */
import { inputsOf, missingGamesOf, type InputsByGame } from '../contracts/manifests';
import { compareText } from '../tables/compare';
import type { ManifestRow } from '../tables/orchestration';

/** Games of a table that are named; the others are counted. */
const mostNamed = 3;

/**
 * Clauses: raw tables whose rows changed, each with its games, then games that only one of the two was built from, unless they
 * were missing from the other by its own account. Null where a manifest does not say what it was built from.
 */
export function movedBetween(before: ManifestRow, after: ManifestRow): string[] | null {
  const [old, now] = [inputsOf(before), inputsOf(after)];
  if (!old || !now) return null;
  const changed = new Map<string, string[]>();
  for (const [gameId, tables] of Object.entries(now))
    for (const [table, hash] of Object.entries(tables))
      if (old[gameId] && old[gameId][table] !== hash)
        changed.set(table, [...(changed.get(table) ?? []), gameId]);
  return [
    ...[...changed]
      .sort(([a], [b]) => compareText(a, b))
      .map(([table, games]) => `rows of ${table} changed, of ${named(games)}`),
    ...untold(now, old, before).map((gameId) => `game ${gameId} is built since`),
    ...untold(old, now, after).map((gameId) => `game ${gameId} is not built any more`),
  ];
}

/** Games of `one` that the other was not built from, and does not count as missing. */
function untold(one: InputsByGame, other: InputsByGame, manifest: ManifestRow): string[] {
  const missing = missingGamesOf(manifest).map(({ gameId }) => gameId);
  return Object.keys(one).filter((gameId) => !other[gameId] && !missing.includes(gameId));
}

function named(games: readonly string[]): string {
  const shown = [...games].sort(compareText).slice(0, mostNamed).join(', ');
  return games.length > mostNamed ? `${shown} and ${games.length - mostNamed} more` : shown;
}
