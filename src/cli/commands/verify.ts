/** `phase3 verify [FROM..TO]`: compares what is live with what was published, and runs nothing. */
import type { VerifiedDate, VerifiedTable, VerifyRequest } from '../../control/protocol';
import { lostRuns, type EndedRun } from '../../client';
import { newYorkDate } from '../../contracts/new-york';
import { sayRowsMoved } from '../../tables/rows-moved';
import { firstGameDate, requireRange } from '../../requests/validate-request';
import { spellCell, spellKey } from '../../tables/spell-row';
import type { TableRow } from '../../tables/catalogue';
import { rowsOf } from './audit';
import type { DateRange } from '../ranges';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { controlOf, exitCodes, withClient, type Context } from '../context';
import { printJson } from '../json';

/** So many dates are verified where none is named: two weeks of a season. */
const newest = 14;
/** So many rows and inputs of a table are printed; `--json` has all of them. */
const mostShown = 5;

export const addVerify: AddCommand = (root, context, end) => {
  root
    .command('verify')
    .argument('[FROM..TO]', `dates, both included, or one date; the newest ${newest} when left out`)
    .description('compare live rows with what was published, and inputs with what they were; run nothing')
    .option('--json', jsonHelp)
    .action(async (range: string | undefined, { json }: JsonOption) => {
      const control = await controlOf(context);
      const dates: VerifiedDate[] = [];
      for await (const date of control.verify(requestOf(context, range))) {
        dates.push(date);
        if (!json) for (const line of renderVerified(date)) context.print(line);
      }
      const lost = await lostIn(context, rangeOf(context, range, dates));
      const summary = { ...summaryOf(dates), lost: lost?.length ?? 0 };
      if (json)
        printJson(context.print, {
          dates: dates.map((date) => ({ ...date, acts: actsOn(date) })),
          ...{ lost, summary },
        });
      else
        for (const line of [...(lost ?? []).flatMap(renderLost), renderSummary(summary)]) context.print(line);
      end(dates.every(isAsPublished) && summary.lost === 0 ? exitCodes.done : exitCodes.notAsPublished);
    });
};

/** What is held against the runs that Temporal knows: the dates asked for, or all that is newer than what was verified. */
function rangeOf(context: Context, range: string | undefined, dates: readonly VerifiedDate[]): DateRange {
  const today = newYorkDate(context.now());
  if (range !== undefined) return requireRange('FROM..TO', range, today);
  return { from: dates[0]?.gameDate ?? firstGameDate, to: today };
}

/** Dates that were published as far as Temporal knows, and not as far as the warehouse does; null where Temporal cannot be asked. */
async function lostIn(context: Context, { from, to }: DateRange): Promise<EndedRun[] | null> {
  try {
    return await withClient(context, async (client) => {
      // Before what is on record: a run records what it did before it ends.
      const runs = await client.ended(from, to);
      const history: TableRow<'run_history'>[] = [];
      for await (const row of rowsOf(await controlOf(context), 'run_history', { from, to }))
        history.push(row);
      return lostRuns(runs, history);
    });
  } catch (error) {
    context.say(
      `Not compared with the runs that Temporal knows: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}

function renderLost({ gameDate, runId, state, since }: EndedRun): string[] {
  return [
    `${gameDate}  LOST: run ${runId} of ${since} ended ${state}, and the warehouse has no record of it: its newest part is gone, or an older file is in its place`,
    `  → put a backup in its place (\`phase3 restore-home FILE --replace\`), or build it again: \`phase3 run ${gameDate} --wait\`.`,
  ];
}

function requestOf(context: Context, range: string | undefined): VerifyRequest {
  if (range === undefined) return { newest };
  return requireRange('FROM..TO', range, newYorkDate(context.now()));
}

function isAsPublished({ tables }: VerifiedDate): boolean {
  return tables.every(({ findings }) => findings.length === 0);
}

/** Tables by what was found of them; one that is altered and stale counts for both. */
interface Summary {
  readonly dates: number;
  readonly tables: number;
  readonly asPublished: number;
  readonly altered: number;
  readonly stale: number;
  readonly unrecorded: number;
  readonly questioned: number;
  /** Dates that Temporal knows as published and the warehouse does not. */
  readonly lost: number;
}

function summaryOf(dates: readonly VerifiedDate[]): Omit<Summary, 'lost'> {
  const tables = dates.flatMap((date) => date.tables);
  const count = (finding: VerifiedTable['findings'][number]): number =>
    tables.filter(({ findings }) => findings.includes(finding)).length;
  return {
    dates: dates.length,
    tables: tables.length,
    asPublished: tables.filter(({ findings }) => findings.length === 0).length,
    ...{ altered: count('altered'), stale: count('stale'), unrecorded: count('unrecorded') },
    questioned: count('questioned'),
  };
}

function renderSummary(summary: Summary): string {
  const { dates, tables, asPublished, ...counts } = summary;
  if (tables === 0)
    return `Nothing is published on these dates${counts.lost > 0 ? `, and ${plural(counts.lost, 'date')} should be` : ''}.`;
  const faults = Object.entries(counts).filter(([, count]) => count > 0);
  const rest = faults.map(([what, count]) => `, ${count} ${what}`).join('');
  return `${plural(dates, 'date')}, ${plural(tables, 'table')}: ${asPublished === tables ? 'all' : asPublished} as published${rest}.`;
}

/** One line where all is well; else what is wrong, table by table, and the command that mends it. */
export function renderVerified(date: VerifiedDate): string[] {
  const { gameDate, tables, isOpen } = date;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  if (tables.length === 0) return [`${gameDate}  nothing is published`];
  if (isAsPublished(date))
    return [`${gameDate}  as published: ${plural(tables.length, 'table')}, ${plural(rows, 'row')}`];
  const words = [...new Set(tables.flatMap(({ findings }) => findings))].join(' and ').toUpperCase();
  return [
    `${gameDate}  ${words}${isOpen ? ' (a run has this date open; `phase3 why` shows it)' : ''}`,
    ...tables.filter(({ findings }) => findings.length > 0).flatMap(renderTable),
    ...actsOn(date).map((act) => `  → ${act}`),
  ];
}

function renderTable(verified: VerifiedTable): string[] {
  const { table, reasons, version, publishedAt, changes, moved, findings, rows } = verified;
  const of = version === null ? '' : ` version ${version} of ${publishedAt}`;
  const unknown = findings.includes('altered') && !changes;
  return [
    ...reasons.map((reason) => `  ${table}${of}: ${reason}`),
    ...(unknown
      ? ['    the rows of this version are not kept any more, so nobody can say which were changed']
      : []),
    ...(changes
      ? [
          ...some(
            changes.altered.flatMap(({ key, columns }) =>
              columns.map(
                ({ column, published, live }) =>
                  `    ${spellKey(key)}: ${column} is ${spellCell(live)}, published ${spellCell(published)}`,
              ),
            ),
            'changed figures',
          ),
          ...some(
            rows === 0
              ? ['    every row is gone']
              : changes.missing.map((key) => `    ${spellKey(key)}: the row is gone`),
            'rows that are gone',
          ),
          ...some(
            changes.foreign.map((key) => `    ${spellKey(key)}: the row was never published`),
            'rows that were never published',
          ),
        ]
      : []),
    ...some(
      moved.map(
        ({ gameId, table: source, detail }) =>
          `    ${[gameId, source].filter(Boolean).join(', ')}: ${detail}`,
      ),
      'inputs that moved',
    ),
    ...some(
      moved.flatMap(({ table: source, rows: raw }) =>
        raw ? sayRowsMoved(raw).map((what) => `    ${source ?? ''}, ${what}`) : [],
      ),
      'raw figures that moved',
    ),
  ];
}

function some(lines: readonly string[], what: string): string[] {
  const more = lines.length - mostShown;
  return [
    ...lines.slice(0, mostShown),
    ...(more > 0 ? [`    and ${more} more ${what}; --json has all`] : []),
  ];
}

/** What mends a date, as commands. */
function actsOn({ gameDate, tables }: VerifiedDate): string[] {
  const has = (finding: VerifiedTable['findings'][number]): boolean =>
    tables.some(({ findings }) => findings.includes(finding));
  if (has('altered'))
    return [
      `\`phase3 rerun ${gameDate} --reason "live rows were altered" --wait\` publishes it again from its inputs; the reason goes into the audit.`,
    ];
  if (has('stale')) return [`\`phase3 run ${gameDate} --wait\` builds it again.`];
  if (has('questioned'))
    return [
      `\`phase3 unpin ${gameDate} --reason "WHY"\` builds it from the present inputs; until then it stays as it was restored.`,
    ];
  if (has('unrecorded'))
    return [
      `\`phase3 run ${gameDate} --wait\` publishes it from its inputs; \`phase3 adopt ${gameDate} ${gameDate} --reason TEXT\` keeps the rows as they are.`,
    ];
  return [];
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
