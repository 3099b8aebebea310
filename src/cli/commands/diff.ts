/** `phase3 diff DATE V1 V2`: what is different between two versions of a date's tables. */
import { newYorkDate } from '../../contracts/new-york';
import type { PublishedVersion, VersionsDifference } from '../../control/protocol';
import { processors } from '../../plan/registry';
import { sayRowsMoved } from '../../tables/rows-moved';
import {
  requireAnalyticsTable,
  requireGameDate,
  requireKept,
  requireVersion,
} from '../../requests/validate-request';
import type { TableName } from '../../tables/catalogue';
import type { Cell, Row } from '../../tables/define-table';
import { jsonHelp, type AddCommand } from '../command-types';
import { badInput, controlOf, type Context } from '../context';
import { printJson } from '../json';
import { tableOf as frameOf } from './diff-live';
import { versionsInOrder, type TableOption } from './versions';

/** What was compared of a date. */
interface Found {
  readonly gameDate: string;
  readonly from: number;
  readonly to: number;
  readonly differences: readonly VersionsDifference[];
  /** Tables that do not have both versions. */
  readonly notCompared: readonly TableName[];
}

async function diff(
  context: Context,
  dateText: string,
  ends: readonly [string, string],
  { table: tableText }: TableOption,
): Promise<Found> {
  const gameDate = requireGameDate('DATE', dateText, newYorkDate(context.now()));
  const [from, to] = [requireVersion(ends[0], 'V1'), requireVersion(ends[1], 'V2')];
  if (from === to) throw badInput(`V1 and V2 are both ${from}. Name two versions.`);
  const table = tableText === undefined ? null : requireAnalyticsTable(tableText, '--table');
  const control = await controlOf(context);
  const versions = await versionsInOrder(control, gameDate);
  const wanted = table === null ? comparable(versions, gameDate, from, to) : [table];
  for (const one of wanted) requireVersions(versions, one, gameDate, { V1: from, V2: to });
  const differences: VersionsDifference[] = [];
  for (const one of wanted) differences.push(await control.versionsDifference(one, gameDate, from, to));
  const notCompared = table === null ? tablesOf(versions).filter((one) => !wanted.includes(one)) : [];
  return { gameDate, from, to, differences, notCompared };
}

/** The tables of the date that have both versions; refused where none has. */
function comparable(
  versions: readonly PublishedVersion[],
  gameDate: string,
  from: number,
  to: number,
): TableName[] {
  const has = (table: TableName, version: number): boolean =>
    versions.some((one) => one.table === table && one.version === version);
  const tables = tablesOf(versions);
  const both = tables.filter((table) => has(table, from) && has(table, to));
  if (both.length > 0) return both;
  const known = tables.map((table) => {
    const numbers = versions.filter((one) => one.table === table).map(({ version }) => version);
    return `${table} ${numbers.sort((a, b) => a - b).join(', ')}`;
  });
  throw badInput(
    `V1 is ${from} and V2 is ${to}, but no table has both versions for ${gameDate}: ${known.join('; ') || 'none was published'}.`,
  );
}

/** Refuses versions that a table does not have, naming those it has. `numbers`: each by the argument that names it. */
export function requireVersions(
  versions: readonly Pick<PublishedVersion, 'table' | 'version'>[],
  table: TableName,
  gameDate: string,
  numbers: Readonly<Record<string, number>>,
): void {
  const processor = processors.find((one) => one.table.name === table)?.name ?? '';
  const manifests = versions.map((one) => ({ table_name: one.table, version: one.version }));
  for (const [field, version] of Object.entries(numbers))
    requireKept(manifests, { gameDate, processor, version }, field);
}

function tablesOf(versions: readonly PublishedVersion[]): TableName[] {
  return [...new Set(versions.map(({ table }) => table))];
}

export const addDiff: AddCommand = (root, context) => {
  root
    .command('diff')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .argument('<V1>', 'the version before')
    .argument('<V2>', 'the version after')
    .description('compare two published versions of a date: rows, figures, and what made them differ')
    .option('--table <T>', 'only this table (default: every table that has both versions)')
    .option('--json', `${jsonHelp}; nothing is left out of it`)
    .action(async (date: string, v1: string, v2: string, options: TableOption) => {
      const found = await diff(context, date, [v1, v2], options);
      if (options.json) printJson(context.print, found);
      else {
        for (const line of found.differences.flatMap(renderDifference)) context.print(line);
        for (const table of found.notCompared)
          context.say(
            `${table} does not have both versions: \`phase3 versions ${found.gameDate}\` lists them.`,
          );
      }
    });
};

/** Figures and rows that are shown of a table. */
const mostShown = 20;

/** Why, how many rows, and the figures that moved furthest. */
export function renderDifference(difference: VersionsDifference): string[] {
  const { gameDate, table, before, after, causes, rows, moved, added, removed, columns } = difference;
  return [
    `${table} ${gameDate}: version ${before.version} (${before.publishedAt}) → version ${after.version} (${after.publishedAt})`,
    ...causes.map(({ kind, detail }) => `  ${kind}: ${detail}`),
    ...(difference.mayHideInput
      ? [
          '  Raw rows may have changed as well: the fingerprint covers them together with formula and upstreams.',
        ]
      : []),
    ...renderInputs(difference.inputs),
    `  rows: ${rows.same} the same, ${rows.changed} changed, ${rows.added} added, ${rows.removed} removed`,
    ...renderColumns(columns),
    ...renderMoved(moved),
    ...renderKeys('added', added),
    ...renderKeys('removed', removed),
  ];
}

/** The raw rows that moved, as far as they are kept; the causes name their tables and games. */
function renderInputs(inputs: VersionsDifference['inputs']): string[] {
  const lines = (inputs ?? []).flatMap(({ table, rows }) =>
    rows ? sayRowsMoved(rows).map((what) => `  raw row of ${table}, ${what}`) : [],
  );
  const unknown = (inputs ?? []).filter(({ rows }) => rows === null);
  return [
    ...lines.slice(0, mostShown),
    ...restOf('raw figures moved', lines.length),
    ...(unknown.length > 0
      ? [`  raw rows of ${unknown.length} games and tables are not kept, so nobody can say which moved`]
      : []),
  ];
}

function renderColumns(columns: VersionsDifference['columns']): string[] {
  const counts = Object.entries(columns).map(([column, { rows }]) => `${column} ${rows}`);
  return counts.length === 0 ? [] : [`  rows in which a column moved: ${counts.join(', ')}`];
}

function renderMoved(moved: VersionsDifference['moved']): string[] {
  if (moved.length === 0) return [];
  const shown = moved
    .slice(0, mostShown)
    .map(({ key, column, before, after, relative }) => [
      keyText(key),
      column,
      ...cellTexts(before, after),
      relative === null ? '' : `${relative > 0 ? '+' : ''}${Number((relative * 100).toPrecision(3))} %`,
    ]);
  return [
    ...frameOf(['row', 'column', 'before', 'after', 'move'], shown),
    ...restOf('cells moved', moved.length),
  ];
}

/** Two cells as a person reads them: six digits of a figure, unless the two would then look the same. */
function cellTexts(before: Cell, after: Cell): [string, string] {
  const short = [before, after].map((cell) =>
    typeof cell === 'number' && !Number.isInteger(cell) ? String(Number(cell.toPrecision(6))) : textOf(cell),
  );
  const [old = '', now = ''] = short;
  return old === now ? [textOf(before), textOf(after)] : [old, now];
}

function textOf(cell: Cell): string {
  return cell === null ? 'empty' : cell === '' ? '""' : String(cell);
}

function renderKeys(what: string, keys: readonly Row[]): string[] {
  if (keys.length === 0) return [];
  return [
    ...keys.slice(0, mostShown).map((key) => `  ${what}: ${keyText(key)}`),
    ...restOf(`rows ${what}`, keys.length),
  ];
}

function restOf(what: string, count: number): string[] {
  return count > mostShown ? [`  ${count - mostShown} more ${what}; --json has them all`] : [];
}

/** The key without the date, which all rows share. */
function keyText({ game_date: _, ...key }: Row): string {
  return Object.values(key).join(' ');
}
