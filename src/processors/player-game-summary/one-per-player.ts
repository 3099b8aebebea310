/** One row a player and date, where two teams list him. Pure. */
import type { GamebookPlayerRow } from '../../sources/nbac-gamebook-player-stats/table';
import { parseMinutes } from '../../sources/parse-minutes';
import { compareText } from '../../tables/compare';
import type { GameInputs, WholeNight } from '../define-processor';

/**
 * Leaves one row a player: where two teams list him on a date (it happens on a trade day) the row of the team he played for
 * wins, else the newest; on a tie the team first in the alphabet, so that the answer never depends on the order of rows.
 */
export function onePerPlayer<I extends { readonly gamebook: readonly GamebookPlayerRow[] }>(
  games: readonly GameInputs<I>[],
): WholeNight<I> {
  const byPlayer = new Map<string, GamebookPlayerRow[]>();
  for (const row of games.flatMap(({ inputs }) => inputs.gamebook))
    byPlayer.set(row.player_lookup, [...(byPlayer.get(row.player_lookup) ?? []), row]);
  const dropped = new Set<GamebookPlayerRow>();
  const warnings: string[] = [];
  for (const [player, listed] of byPlayer) {
    const [kept, ...others] = [...listed].sort(preferPlayed);
    if (!kept || others.length === 0) continue;
    for (const row of others) dropped.add(row);
    const teams = [kept, ...others].map((row) => row.team_abbr).join(' and ');
    warnings.push(`${player} is listed by ${teams}; the row of ${kept.team_abbr} was used`);
  }
  return {
    games: games.map(({ game, inputs }) => ({
      game,
      inputs: { ...inputs, gamebook: inputs.gamebook.filter((row) => !dropped.has(row)) },
    })),
    warnings,
  };
}

function preferPlayed(a: GamebookPlayerRow, b: GamebookPlayerRow): number {
  return (
    rank(b) - rank(a) ||
    compareText(b.processed_at ?? '', a.processed_at ?? '') ||
    compareText(a.team_abbr, b.team_abbr)
  );
}

/** Played above listed as active above not active. */
function rank(row: GamebookPlayerRow): number {
  if (row.player_status !== 'active') return 0;
  return (parseMinutes(row.minutes) ?? 0) > 0 ? 2 : 1;
}
