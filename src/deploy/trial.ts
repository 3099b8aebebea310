/** A build tried on dates in a shadow: what is live of them, and how they are built there. A canary and a what-if have it in common. */
import type { Config } from '../config/config';
import { liveManifests } from '../contracts/manifests';
import { processors } from '../plan/registry';
import type { TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';
import { rowsOf, type Live } from './live';
import type { Rebuilding, Shadow } from './shadow';

/** A build that cannot be tried, or not to the end, in a sentence. */
export class TrialError extends Error {
  override readonly name = 'TrialError';
}

export interface Trial {
  readonly config: Config;
  readonly live: Live;
  /** The folder of the build, and its id. */
  readonly folder: string;
  readonly build: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Rows by table. */
export type Rows = ReadonlyMap<TableName, readonly Row[]>;

/** What is on one side of a comparison, of all dates from the first to the last. */
export interface Side {
  readonly rows: Rows;
  readonly manifests: readonly ManifestRow[];
}

/** What is live of ascending dates, with the warehouse as it was then in the shadow. */
export async function liveSide(
  { live, config }: Pick<Trial, 'live' | 'config'>,
  shadow: Shadow,
  dates: readonly string[],
): Promise<Side> {
  const [from = '', to = ''] = [dates[0], dates.at(-1)];
  const recorded = (): Promise<ManifestRow[]> => rowsOf<ManifestRow>(live, 'partition_manifest', from, to);
  const manifests = await recorded();
  if (config.warehouse.kind === 'duckdb') await live.copyWarehouse(shadow.warehouseFile);
  const rows = await rowsByTable((table) => rowsOf<Row>(live, table, from, to));
  if (versionsOf(await recorded(), dates) !== versionsOf(manifests, dates))
    throw new TrialError('One of the dates was published while it was copied. Run the same again.');
  return { rows, manifests };
}

/** What the shadow has of them. */
export async function shadowSide(shadow: Shadow, dates: readonly string[]): Promise<Side> {
  const [from = '', to = ''] = [dates[0], dates.at(-1)];
  const rows = await rowsByTable((table) => shadow.rows(table, from, to));
  // Decoded by the table's declaration, from which the row type follows.
  const manifests = (await shadow.rows('partition_manifest', from, to)) as unknown as ManifestRow[];
  return { rows, manifests };
}

async function rowsByTable(read: (table: TableName) => Promise<Row[]>): Promise<Rows> {
  const rows = new Map<TableName, readonly Row[]>();
  for (const { table } of processors) rows.set(table.name, await read(table.name));
  return rows;
}

function versionsOf(manifests: readonly ManifestRow[], dates: readonly string[]): string {
  return JSON.stringify(
    dates.map((date) => liveManifests(rowsOn(manifests, date)).map((one) => one.stage_id)),
  );
}

/** Those of one date. */
export function rowsOn<R extends Row>(rows: readonly R[], gameDate: string): R[] {
  return rows.filter((row) => row['game_date'] === gameDate);
}

interface BuildingDates extends Omit<Rebuilding, 'now'> {
  readonly nowOf: (gameDate: string) => string | null;
  /** What for, in words that follow a comma. */
  readonly what: string;
}

/** Builds every date; a sentence at the first that comes to no end, null otherwise. */
export async function buildDates(
  { say, signal }: Pick<Trial, 'say' | 'signal'>,
  shadow: Shadow,
  dates: readonly string[],
  { nowOf, what, ...rebuilding }: BuildingDates,
): Promise<string | null> {
  for (const gameDate of dates) {
    signal.throwIfAborted();
    const failed = await shadow.rebuild(gameDate, { ...rebuilding, now: nowOf(gameDate) });
    if (failed !== null) return failed;
    say(`${gameDate} is built in the shadow, ${what}.`);
  }
  return null;
}

/** All passes of the dates that the shadow has on record. */
export async function passesIn(shadow: Shadow, dates: readonly string[]): Promise<RunHistoryRow[]> {
  const rows = await shadow.rows('run_history', dates[0] ?? '', dates.at(-1) ?? '');
  // Decoded by the table's declaration, from which the row type follows.
  return (rows as unknown as RunHistoryRow[]).filter(({ game_date }) => dates.includes(game_date));
}

/** Of each date the pass that ended last. */
export async function newestPasses(shadow: Shadow, dates: readonly string[]): Promise<RunHistoryRow[]> {
  const rows = await passesIn(shadow, dates);
  return dates.flatMap(
    (date) =>
      rowsOn(rows, date)
        .sort((a, b) => (a.ended_at < b.ended_at ? -1 : 1))
        .at(-1) ?? [],
  );
}
