/** `phase3 export TABLE --from D --to D`: rows to stdout, ordered by key. */
import type { AddCommand } from '../command-types';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import {
  requireFormat,
  requireGameDate,
  requireOrder,
  requireTable,
  type Format,
} from '../../requests/validate-request';
import { tableOf, type TableName } from '../../tables/catalogue';
import type { Row } from '../../tables/define-table';
import { controlOf, type Context } from '../context';

export interface ExportOptions {
  readonly from: string;
  readonly to: string;
  readonly format: string;
}

async function exportTable(context: Context, tableText: string, options: ExportOptions): Promise<void> {
  const table = requireTable(tableText);
  const { from, to } = requireRange(options);
  const format = requireFormat(options.format);
  const control = await controlOf(context);
  await writeRows(table, control.export(table, from, to), format);
}

/** `--from` and `--to`, the former not after the latter; what is left out stays open. */
export function requireRange<T extends string | undefined>(given: {
  readonly from: T;
  readonly to: T;
}): typeof given {
  for (const end of ['from', 'to'] as const)
    if (given[end] !== undefined) requireGameDate(`--${end}`, given[end], farFuture);
  const { from, to } = given;
  if (from !== undefined && to !== undefined) requireOrder({ from, to }, { from: '--from', to: '--to' });
  return given;
}

export const formatHelp =
  'ndjson, or csv, in which a text that begins with =, +, - or @ is preceded by a single quote, so that no spreadsheet computes it';

/** Rows to stdout. */
export async function writeRows(table: TableName, rows: AsyncIterable<Row>, format: Format): Promise<void> {
  try {
    if (format === 'ndjson') await pipeline(toLines(rows), process.stdout, { end: false });
    else await pipeline(rows, csvOf(table), process.stdout, { end: false });
  } catch (error) {
    // Whoever reads us has seen enough (`| head`): that is no failure.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** An export may reach into days to come: there is just nothing there. */
const farFuture = '9999-12-31';

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
    .requiredOption('--from <DATE>', 'the first game date, YYYY-MM-DD')
    .requiredOption('--to <DATE>', 'the last game date, included')
    .option('--format <FORMAT>', formatHelp, 'ndjson')
    .action((table: string, options: ExportOptions) => exportTable(context, table, options));
};
