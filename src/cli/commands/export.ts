/** `phase3 export TABLE FROM..TO`: rows to stdout, ordered by key; those that are live, or those of a version. */
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { addDays } from '../../contracts/game-date';
import type { ControlClient } from '../../control/client';
import {
  requireFormat,
  requireInstant,
  requireTable,
  requireVersion,
  type Format,
} from '../../requests/validate-request';
import { analyticsTables, isAnalyticsTableName, tableOf, type TableName } from '../../tables/catalogue';
import type { Row } from '../../tables/define-table';
import type { ManifestRow } from '../../tables/orchestration';
import { liveAt, partitionsOf } from '../../versions/published-version';
import { badInput, controlOf, type Context } from '../context';
import { rangeOptionHelp, requireEnds, type DateRange } from '../ranges';
import { requireVersions } from './diff';

export interface ExportOptions extends JsonOption {
  readonly from?: string;
  readonly to?: string;
  readonly format: string;
  readonly version?: string;
  readonly asOf?: string;
}

async function exportTable(
  context: Context,
  tableText: string,
  range: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const table = requireTable(tableText);
  const { from, to } = requireWhole(range, options);
  const format = options.json ? 'json' : requireFormat(options.format);
  const version = requireOneDate(table, { from, to }, options);
  const asOf = options.asOf === undefined ? null : requireInstant(options.asOf, '--as-of', new Date());
  const control = await controlOf(context);
  if (version === null && asOf === null) return writeRows(table, control.export(table, from, to), format);
  const manifests = await manifestsOf(control, table, from, to);
  if (asOf !== null)
    return writeRows(table, rowsAsOf(context, control, manifests, { table, from, to, asOf }), format);
  const known = manifests.map((one) => ({ table: one.table_name, version: one.version }));
  requireVersions(known, table, from, { '--version': version ?? 0 });
  await writeRows(table, control.rowsOfVersion(table, from, version ?? 0), format);
}

/** The dates of an export, which has two ends. */
function requireWhole(range: string | undefined, options: Pick<ExportOptions, 'from' | 'to'>): DateRange {
  const { from, to } = requireEnds(range, options);
  if (from === undefined || to === undefined)
    throw badInput('The dates are missing: give FROM..TO, or both --from and --to.');
  return { from, to };
}

/** The number that `--version` names, of a single date; null without it. Only published tables have versions. */
function requireOneDate(
  table: TableName,
  { from, to }: DateRange,
  { version, asOf }: Pick<ExportOptions, 'version' | 'asOf'>,
): number | null {
  const option = version === undefined ? '--as-of' : '--version';
  if (version === undefined && asOf === undefined) return null;
  if (version !== undefined && asOf !== undefined)
    throw badInput('--version and --as-of exclude each other: give a version, or an instant.');
  if (!isAnalyticsTableName(table))
    throw badInput(
      `${option} does not apply to ${table}, which has no versions. The tables with versions are ${Object.keys(analyticsTables).join(', ')}.`,
    );
  if (version === undefined) return null;
  const number = requireVersion(version, '--version');
  if (from !== to)
    throw badInput(
      `--version is a version of one date, but the range is ${from} to ${to}. Name one date, or use --as-of for a range.`,
    );
  return number;
}

async function manifestsOf(
  control: ControlClient,
  table: TableName,
  from: string,
  to: string,
): Promise<ManifestRow[]> {
  const manifests: ManifestRow[] = [];
  for await (const row of control.export('partition_manifest', from, to))
    if (row['table_name'] === table) manifests.push(row as ManifestRow);
  return manifests;
}

interface AsOf {
  readonly table: TableName;
  readonly from: string;
  readonly to: string;
  readonly asOf: string;
}

/** Of each date the rows of the version that was live at an instant; dates without one are named on stderr. */
async function* rowsAsOf(
  context: Context,
  control: ControlClient,
  manifests: readonly ManifestRow[],
  { table, from, to, asOf }: AsOf,
): AsyncGenerator<Row> {
  const partitions = partitionsOf(manifests);
  for (const partition of partitions) {
    const live = liveAt(partition, asOf);
    const [first] = partition;
    if (live) yield* control.rowsOfVersion(table, live.game_date, live.version);
    else if (first)
      context.say(
        `${first.game_date}: no version of ${table} was live at ${asOf}. Version ${first.version} was published at ${first.published_at}.`,
      );
  }
  const published = partitions.flatMap(([first]) => first?.game_date ?? []);
  const never = gapsOf(from, to, published);
  if (never.length > 0) context.say(`${table} was never published for ${never.join(', ')}.`);
}

/** The dates of a range that are not among `dates`, ascending, as `D` and `D to D`. */
export function gapsOf(from: string, to: string, dates: readonly string[]): string[] {
  const starts = [from, ...dates.map((date) => addDays(date, 1))];
  const ends = [...dates.map((date) => addDays(date, -1)), to];
  return starts.flatMap((first, index) => {
    const last = ends[index] ?? to;
    if (first > last) return [];
    return first === last ? [first] : [`${first} to ${last}`];
  });
}

export const formatHelp =
  'ndjson, or csv, in which a text that begins with =, +, - or @ is preceded by a single quote, so that no spreadsheet computes it';

/** Rows to stdout. */
export async function writeRows(
  table: TableName,
  rows: AsyncIterable<Row>,
  format: Format | 'json',
): Promise<void> {
  try {
    if (format === 'json') await pipeline(toDocument(rows), process.stdout, { end: false });
    else if (format === 'ndjson') await pipeline(toLines(rows), process.stdout, { end: false });
    else await pipeline(rows, csvOf(table), process.stdout, { end: false });
  } catch (error) {
    // Whoever reads us has seen enough (`| head`): that is no failure.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** The rows as one JSON document; names of columns are as they are in the table. */
async function* toDocument(rows: AsyncIterable<Row>): AsyncGenerator<string> {
  let before = '{"rows": [';
  for await (const row of rows) {
    yield `${before}\n${JSON.stringify(row)}`;
    before = ',';
  }
  yield before === ',' ? '\n]}\n' : `${before}]}\n`;
}

async function* toLines(rows: AsyncIterable<Row>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** How a text begins that a spreadsheet takes for a formula; the last are the same as full-width forms. */
const formula = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/**
 * CSV with a header line; null is an empty field. A text that a spreadsheet would compute begins with a single quote, as
 * OWASP recommends against "CSV injection"; numbers are what they are.
 */
function csvOf(table: TableName): ReturnType<typeof stringify> {
  return stringify({
    header: true,
    columns: Object.keys(tableOf(table).columns),
    cast: {
      boolean: (value) => String(value),
      string: (value) => (formula.test(value) ? `'${value}` : value),
    },
  });
}

export const addExport: AddCommand = (root, context) => {
  root
    .command('export')
    .argument('<TABLE>', 'a table, with or without its dataset')
    .description('write the rows of a table to stdout, ordered by key')
    .argument('[FROM..TO]', rangeOptionHelp)
    .option('--from <DATE>', 'the first game date, YYYY-MM-DD')
    .option('--to <DATE>', 'the last game date, included')
    .option('--version <N>', 'the rows of this version of the date, instead of those that are live')
    .option('--as-of <INSTANT>', 'of each date the rows of the version that was live at this instant')
    .option('--format <FORMAT>', formatHelp, 'ndjson')
    .option('--json', jsonHelp)
    .action((table: string, range: string | undefined, options: ExportOptions) =>
      exportTable(context, table, range, options),
    );
};
