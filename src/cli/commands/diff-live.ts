/** `phase3 diff-live TABLE FROM..TO`: what a shadow run would change. */
import Table from 'cli-table3';
import { newYorkDate } from '../../contracts/new-york';
import { visibleLine } from '../../contracts/visible-text';
import type { RowsDifference } from '../../control/protocol';
import { requireAnalyticsTable } from '../../requests/validate-request';
import type { TableName } from '../../tables/catalogue';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { badInput, controlOf, type Context } from '../context';
import { printJson } from '../json';
import { lastHelp, rangeHelp, requireArguments } from '../ranges';

interface DiffOptions extends JsonOption {
  readonly tolerance: string;
}

async function diffLive(
  context: Context,
  tableText: string,
  first: string,
  last: string | undefined,
  options: DiffOptions,
): Promise<{ table: TableName; from: string; to: string; difference: RowsDifference }> {
  const table = requireAnalyticsTable(tableText);
  const { from, to } = requireArguments(first, last, newYorkDate(context.now()));
  const tolerance = Number(options.tolerance);
  if (options.tolerance.trim() === '' || !Number.isFinite(tolerance) || tolerance < 0)
    throw badInput(`--tolerance is "${options.tolerance}", expected a number from 0, such as 0.005.`);
  if (context.config.datasetPrefix === null)
    throw badInput(
      'There is nothing to compare: PHASE3_DATASET_PREFIX is not set, so this deployment writes the live tables themselves.',
    );
  const control = await controlOf(context);
  return { table, from, to, difference: await control.diffLive(table, from, to, tolerance) };
}

export const addDiffLive: AddCommand = (root, context) => {
  root
    .command('diff-live')
    .argument('<TABLE>', 'an analytics table')
    .argument('<FROM..TO>', rangeHelp)
    .argument('[TO]', lastHelp)
    .description('compare the tables of a shadow run (PHASE3_DATASET_PREFIX) with the live tables')
    .option('--tolerance <N>', 'largest difference at which two figures count as equal', '0')
    .option('--json', jsonHelp)
    .action(async (tableText: string, first: string, last: string | undefined, options: DiffOptions) => {
      const outcome = await diffLive(context, tableText, first, last, options);
      if (options.json) {
        const { table, from, to, difference } = outcome;
        printJson(context.print, { table, from, to, ...difference });
      } else for (const line of render(outcome.difference)) context.print(line);
    });
};

function render({ dates, columns, columnsNotLive, duplicateKeys }: RowsDifference): string[] {
  const total = (count: (date: RowsDifference['dates'][number]) => number): number =>
    dates.reduce((sum, date) => sum + count(date), 0);
  const differing = dates.filter((date) => date.changed + date.onlyLive + date.onlyShadow > 0);
  const lines = [
    `${dates.length} dates: ${total((date) => date.same)} rows the same, ${total((date) => date.changed)} changed, ` +
      `${total((date) => date.onlyLive)} only live, ${total((date) => date.onlyShadow)} only in the shadow`,
  ];
  if (differing.length > 0)
    lines.push(
      ...tableOf(
        ['game_date', 'same', 'changed', 'only live', 'only shadow'],
        differing.map(({ gameDate, same, changed, onlyLive, onlyShadow }) => [
          gameDate,
          ...[same, changed, onlyLive, onlyShadow].map(String),
        ]),
      ),
    );
  if (Object.keys(columns).length > 0)
    lines.push(
      ...tableOf(
        ['column', 'rows', 'largest difference', 'for example', 'live', 'shadow'],
        Object.entries(columns).map(([column, { rows, largest, example }]) => [
          column,
          String(rows),
          largest === null ? '-' : String(Number(largest.toPrecision(3))),
          Object.values(example.key).join(' '),
          String(example.live),
          String(example.shadow),
        ]),
      ),
    );
  if (columnsNotLive.length > 0)
    lines.push(`Not compared, because the live table does not have the column: ${columnsNotLive.join(', ')}`);
  if (duplicateKeys.live + duplicateKeys.shadow > 0)
    lines.push(
      `Duplicate keys: ${duplicateKeys.live} rows of the live table, ${duplicateKeys.shadow} of the shadow's`,
    );
  return lines;
}

/** Lines of a table with a frame. */
export function tableOf(head: string[], rows: string[][]): string[] {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  // Before the columns are laid out: an escape is wider than what it stands for.
  table.push(...rows.map((row) => row.map(visibleLine)));
  return table.toString().split('\n');
}
