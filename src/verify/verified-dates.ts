/** Which dates there are to verify: those that have a manifest, and those whose live tables have rows without one. */
import { addDays, daysBetween } from '../contracts/game-date';
import { processors } from '../plan/registry';
import { partitionManifest, type ManifestRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';

/** Either a range, both ends included, or the newest dates that have a manifest and all that is live after the oldest of them. */
export type DatesWanted = { readonly from: string; readonly to: string } | { readonly newest: number };

/** Days of manifests that are read at once when the newest dates are looked for. */
const daysAtOnce = 60;

type Asked = Pick<Warehouse, 'exportRows' | 'countRows' | 'dateRange'>;

/** The dates, ascending. */
export async function datesToVerify(warehouse: Asked, wanted: DatesWanted): Promise<string[]> {
  const recorded =
    'newest' in wanted
      ? await newestRecorded(warehouse, wanted.newest)
      : await recordedDates(warehouse, wanted.from, wanted.to);
  const range = 'newest' in wanted ? await rangeFrom(warehouse, recorded[0]) : wanted;
  if (!range) return recorded;
  const unrecorded = await unrecordedDates(warehouse, range, recorded);
  return [...recorded, ...unrecorded].sort();
}

async function recordedDates(warehouse: Asked, from: string, to: string): Promise<string[]> {
  const dates = new Set<string>();
  for await (const rows of warehouse.exportRows(partitionManifest.name, from, to))
    for (const { game_date: gameDate } of rows as readonly ManifestRow[]) dates.add(gameDate);
  return [...dates].sort();
}

async function newestRecorded(warehouse: Asked, newest: number): Promise<string[]> {
  const range = await warehouse.dateRange(partitionManifest.name);
  const dates: string[] = [];
  for (let to = range?.to ?? ''; range && to >= range.from && dates.length < newest;) {
    const from = addDays(to, 1 - daysAtOnce);
    dates.unshift(...(await recordedDates(warehouse, from, to)));
    to = addDays(from, -1);
  }
  return dates.slice(-newest);
}

/** From the oldest of the newest dates to the last day that has live rows; all that is live where nothing is on record. */
async function rangeFrom(
  warehouse: Asked,
  oldest: string | undefined,
): Promise<{ from: string; to: string } | null> {
  const ranges = await Promise.all(processors.map(({ table }) => warehouse.dateRange(table.name)));
  const known = ranges.flatMap((range) => range ?? []);
  const to = known
    .map((range) => range.to)
    .sort()
    .at(-1);
  const from = oldest ?? known.map((range) => range.from).sort()[0];
  return from !== undefined && to !== undefined ? { from, to } : null;
}

/** Days beside the recorded ones that have live rows: counted over each gap, and searched only where there are any. */
async function unrecordedDates(
  warehouse: Asked,
  { from, to }: { readonly from: string; readonly to: string },
  recorded: readonly string[],
): Promise<string[]> {
  const found = new Set<string>();
  const search = async (table: string, first: string, last: string): Promise<void> => {
    if (first > last || (await warehouse.countRows(table, first, last)) === 0) return;
    if (first === last) return void found.add(first);
    const middle = addDays(first, Math.floor(daysBetween(first, last) / 2));
    await search(table, first, middle);
    await search(table, addDays(middle, 1), last);
  };
  const starts = [from, ...recorded.map((date) => addDays(date, 1))];
  const ends = [...recorded.map((date) => addDays(date, -1)), to];
  for (const { table } of processors)
    for (const [index, first] of starts.entries()) await search(table.name, first, ends[index] ?? to);
  return [...found];
}
