/** What a gate found missing, in a sentence. Pure. */
import type { GateVerdict } from '../contracts/phase3';

/** That nobody can say what is missing, and why. */
export function describeUnchecked(why: string): string {
  return `the dependency check cannot be made (${why})`;
}

/** What is missing, table by table with found and expected rows, and the first games at fault. */
export function describeMissing(verdicts: readonly GateVerdict[]): string {
  const sentences = verdicts.flatMap((verdict) => {
    if (verdict.checkFailed)
      return [`the dependency check of ${verdict.processor} failed (${verdict.checkFailed})`];
    return verdict.missing.map((table) => {
      const detail = verdict.details[table];
      const games = verdict.missingGames.filter((game) => game.table === table);
      const named = games.slice(0, 3).map((game) => `${game.gameId} ${game.status}, ${game.detail}`);
      const more = games.length > 3 ? `; and ${games.length - 3} more` : '';
      const contrary = verdict.contrary ? [verdict.contrary] : [];
      const counts = detail
        ? ` ${detail.found} of at least ${detail.expectedMin} rows`
        : ' not published, or not up to date';
      const said = [...contrary, ...named];
      return `${table}${counts}${said.length > 0 ? ` (${said.join('; ')}${more})` : ''}`;
    });
  });
  return [...new Set(sentences)].join(', ') || 'an unknown input';
}
