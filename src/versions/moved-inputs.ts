/** Which raw rows moved between two versions, by the hashes that their manifests have of them. Pure. */
import type { InputsByGame } from '../gate/inputs-by-game';
import { compareText } from '../tables/compare';
import type { ManifestRow } from '../tables/orchestration';
import { missingGamesOf } from './published-version';

/** Games of a table that are named; the others are counted. */
const mostNamed = 3;

/**
 * Clauses: raw tables whose rows changed, each with its games, then games that only one of the two was built from, unless they
 * were missing from the other by its own account. Null where a manifest does not say what it was built from.
 */
export function movedBetween(before: ManifestRow, after: ManifestRow): string[] | null {
  if (before.inputs === null || after.inputs === null) return null;
  // Written with the manifests, so the shape is ours.
  const [old, now] = [JSON.parse(before.inputs) as InputsByGame, JSON.parse(after.inputs) as InputsByGame];
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
