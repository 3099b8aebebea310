/** What the warehouse holds for one date, read at one instant: the only thing gates and processors look at. */
import { seasonYear } from '../contracts/game-date';
import type { Game } from '../stats/game';
import { gameFromSchedule } from '../stats/game';
import type { PlayerSummaryRow, TeamDefenseRow, TeamOffenseRow } from '../tables/analytics';
import { compareText } from '../tables/compare';
import type { AnalyticsTableName } from '../tables/catalogue';
import type { ManifestRow } from '../tables/orchestration';
import type { GamebookPlayerRow, ScheduleRow, TeamBoxscoreRow } from '../tables/raw';

export interface DateSnapshot {
  readonly gameDate: string;
  readonly nbac_schedule: readonly ScheduleRow[];
  readonly nbac_team_boxscore: readonly TeamBoxscoreRow[];
  readonly nbac_gamebook_player_stats: readonly GamebookPlayerRow[];
  readonly team_offense_game_summary: readonly TeamOffenseRow[];
  readonly team_defense_game_summary: readonly TeamDefenseRow[];
  readonly player_game_summary: readonly PlayerSummaryRow[];
  /** Every version's manifest of the date. */
  readonly partition_manifest: readonly ManifestRow[];
  /**
   * Whether the schedule is loaded for this part of the year. Without it "no games that day" could as well mean that
   * nobody loaded the schedule.
   */
  readonly scheduleKnown: boolean;
}

/** The live manifest of a table: the one of the highest version; null when the date was never published. */
export function currentManifest(snapshot: DateSnapshot, table: AnalyticsTableName): ManifestRow | null {
  let newest: ManifestRow | null = null;
  for (const manifest of snapshot.partition_manifest)
    if (manifest.table_name === table && (!newest || manifest.version > newest.version)) newest = manifest;
  return newest;
}

/** The date's games, ordered by id; of two rows for one game the newer counts. */
export function gamesOf(snapshot: DateSnapshot): { game: Game; row: ScheduleRow }[] {
  return newestBy(snapshot.nbac_schedule, (row) => row.game_id)
    .map((row) => ({ row, game: gameFromSchedule(row, seasonYear(snapshot.gameDate)) }))
    .sort((a, b) => compareText(a.game.gameId, b.game.gameId));
}

/**
 * Team rows of a game: newest per team. A team plays once a date, so its code finds the game in whatever order a source
 * wrote the game id.
 */
export function teamRowsOf(snapshot: DateSnapshot, game: Game): TeamBoxscoreRow[] {
  return newestBy(
    snapshot.nbac_team_boxscore.filter((row) => row.team_abbr === game.home || row.team_abbr === game.away),
    (row) => row.team_abbr,
  );
}

/** Gamebook rows of a game: newest per team and player. */
export function gamebookRowsOf(snapshot: DateSnapshot, game: Game): GamebookPlayerRow[] {
  return newestBy(
    snapshot.nbac_gamebook_player_stats.filter(
      (row) => row.team_abbr === game.home || row.team_abbr === game.away,
    ),
    (row) => `${row.team_abbr}/${row.player_lookup}`,
  );
}

/** Published offence rows of a game. */
export function offenseRowsOf(snapshot: DateSnapshot, game: Game): TeamOffenseRow[] {
  return snapshot.team_offense_game_summary.filter(
    (row) => row.team_abbr === game.home || row.team_abbr === game.away,
  );
}

/** One row a key, the newest by `processed_at`; ordered by key. Equal instants are decided by content, not by order. */
function newestBy<R extends { readonly processed_at: string | null }>(
  rows: readonly R[],
  keyOf: (row: R) => string,
): R[] {
  const newest = new Map<string, R>();
  for (const row of rows) {
    const key = keyOf(row);
    const other = newest.get(key);
    if (!other || isNewer(row, other)) newest.set(key, row);
  }
  return [...newest.entries()].sort(([a], [b]) => compareText(a, b)).map(([, row]) => row);
}

function isNewer<R extends { readonly processed_at: string | null }>(row: R, other: R): boolean {
  const byTime = compareText(row.processed_at ?? '', other.processed_at ?? '');
  return byTime !== 0 ? byTime > 0 : JSON.stringify(row) > JSON.stringify(other);
}
