/**
 * Runs a whole season through the built system and compares every figure with what was printed:
 * `npm run verify:season -- DIR [--home HOME] [--concurrency N]`. DIR is laid out like ../shared/data/2024-25.
 * The stack gets a fresh home that is removed when all is right, or HOME (or PHASE3_HOME_KEEP), which stays.
 * Exit codes: 0 all right · 1 a figure is off or something failed · 2 bad arguments or a bad DIR.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { localTemporal } from '../src/config/temporal-connection';
import { visibleLine } from '../src/contracts/visible-text';
import type { TableName } from '../src/tables/catalogue';
import { keepMeasured } from './keep-result';
import { checkOrder, orderLines, type OrderReport } from './verify/check-order';
import {
  comparedTables,
  compareSeason,
  type ComparedRow,
  type Comparison,
  type OurSeason,
  type PrintedSeason,
} from './verify/compare-season';
import { withTemporal } from './verify/connect';
import { exportedRow } from './verify/exported-rows';
import { Phase3Command, type CommandEnd } from './verify/phase3-command';
import { BadFolderError, readSeasonFolder } from './verify/season-folder';

const usage = 'Usage: npm run verify:season -- DIR [--home HOME] [--concurrency N]';
/** The compiled script lies in dist/scripts. */
const root = join(__dirname, '..', '..');
const cliScript = join(root, 'bin', 'phase3.js');
/** Offenders and keys that are shown of each kind. */
const mostShown = 20;
/** A season takes well under a minute; whoever waits longer waits for something that hangs. */
const longestRunMs = 30 * 60_000;
/** The server's list of runs follows its histories with a small delay. */
const listDelayMs = 10_000;

/** Thrown to end with a sentence and exit code 2. */
class BadInputError extends Error {
  override readonly name = 'BadInputError';
}

/** Thrown when a step of the run failed; the command itself has said why. */
class StepFailedError extends Error {
  override readonly name = 'StepFailedError';
}

interface Options {
  readonly folder: string;
  /** Null for a fresh one. */
  readonly home: string | null;
  readonly concurrency: string;
}

interface Season {
  readonly folder: string;
  readonly printed: PrintedSeason;
  readonly concurrency: string;
}

function print(line: string): void {
  process.stdout.write(`${visibleLine(line)}\n`);
}

function readOptions(): Options {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: { home: { type: 'string' }, concurrency: { type: 'string', default: '4' } },
    });
  } catch (error) {
    throw new BadInputError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
  const { positionals, values } = parsed;
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1)
    throw new BadInputError(`One DIR is expected, ${positionals.length} are given.\n${usage}`);
  const home = values.home ?? (process.env['PHASE3_HOME_KEEP'] || null);
  return {
    folder: resolve(folder),
    home: home === null ? null : resolve(home),
    concurrency: values.concurrency,
  };
}

/** Runs a step and says how long it took. */
async function timed<T>(step: () => Promise<T>): Promise<[T, string]> {
  const start = performance.now();
  const result = await step();
  return [result, `${((performance.now() - start) / 1000).toFixed(1)} s`];
}

/** What a command wrote as its one JSON document. Written by our own command line, so the shape is known. */
function documentOf({ lines }: CommandEnd): unknown {
  return JSON.parse(lines.join('\n'));
}

async function verify(season: Season, command: Phase3Command, signal: AbortSignal): Promise<boolean> {
  const [up, upTook] = await timed(() => command.run(['up', '--json'], signal));
  if (up.exitCode !== 0) throw new StepFailedError('`phase3 up` failed.');
  print(`Up in ${upTook}`);
  const { temporal } = documentOf(up) as { temporal: string };

  const range = await load(season, command, signal);
  const { dates, isDone } = await backfill(season, command, range, signal);
  const ours = await exportAll(command, range, signal);
  const comparison = compareSeason(season.printed, ours);
  for (const line of comparisonLines(comparison)) print(line);

  const [report, judgingTook] = await timed(() => judgeOrder(temporal, dates, signal));
  const lines = orderLines(report);
  for (const line of showSome('out of order', lines.slice(0, -1))) print(line);
  print(`${lines.at(-1) ?? ''}, judged in ${judgingTook}`);
  const published = new Set(ours.get('player_game_summary')?.map((row) => row['game_date'])).size;
  const isAllJudged = report.dates >= dates && report.playerActivities >= published;
  if (!isAllJudged)
    print(`Not every date was judged: ${dates} were asked for, ${published} have player rows.`);
  const isVerified = isDone && comparison.isRight && isAllJudged && report.violations.length === 0;
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  keepMeasured(root, 'season', {
    command: 'npm run verify:season',
    figures: {
      ...{ isVerified, dates, runs: report.runs, outOfOrder: report.violations.length },
      rows: sum(comparison.rows.map(({ compared }) => compared)),
      figures: sum(comparison.figures.map(({ compared }) => compared)),
      wrong: comparison.offenders.length,
    },
  });
  return isVerified;
}

interface DateRange {
  readonly from: string;
  readonly to: string;
}

async function load({ folder }: Season, command: Phase3Command, signal: AbortSignal): Promise<DateRange> {
  const [end, took] = await timed(() => command.run(['load', folder, '--json'], signal));
  if (end.exitCode === 2) throw new BadInputError(`${folder} could not be loaded.`);
  if (end.exitCode !== 0) throw new StepFailedError('`phase3 load` failed.');
  const { tables } = documentOf(end) as {
    tables: { table: string; rows: number; from: string | null; to: string | null }[];
  };
  print(`Loaded in ${took}: ${tables.map(({ table, rows }) => `${rows} rows of ${table}`).join(', ')}`);
  const schedule = tables.find(({ table }) => table === 'nbac_schedule');
  if (!schedule?.from || !schedule.to) throw new BadInputError(`${folder} has no date in its nbac_schedule.`);
  return { from: schedule.from, to: schedule.to };
}

async function backfill(
  { concurrency }: Season,
  command: Phase3Command,
  { from, to }: DateRange,
  signal: AbortSignal,
): Promise<{ dates: number; isDone: boolean }> {
  const [end, took] = await timed(() =>
    command.run(['backfill', from, to, '--concurrency', concurrency, '--wait', '--json'], signal),
  );
  // A date that is blocked or failed is in the document; without one, the command never got that far.
  if (end.lines.length === 0) {
    const message = '`phase3 backfill` gave no result.';
    throw end.exitCode === 2 ? new BadInputError(message) : new StepFailedError(message);
  }
  const { total, counts, dates } = documentOf(end) as {
    total: number;
    counts: Record<string, number>;
    dates: Record<string, { state: string; summary: string }>;
  };
  const states = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  print(`Backfilled ${from} to ${to}, ${total} dates, in ${took}: ${states.join(', ')}`);
  if (end.exitCode !== 0)
    showSome(
      'dates that are not done',
      Object.values(dates)
        .filter(({ state }) => !['published', 'unchanged', 'skipped'].includes(state))
        .map(({ summary }) => summary),
    ).forEach(print);
  return { dates: total, isDone: end.exitCode === 0 };
}

async function exportAll(command: Phase3Command, range: DateRange, signal: AbortSignal): Promise<OurSeason> {
  const season = new Map<TableName, ComparedRow[]>();
  for (const { table } of comparedTables) {
    const rows: ComparedRow[] = [];
    const exitCode = await command.each(
      ['export', table, '--from', range.from, '--to', range.to],
      (line) => rows.push(exportedRow(table, line)),
      signal,
    );
    if (exitCode !== 0) throw new StepFailedError(`\`phase3 export ${table}\` failed.`);
    season.set(table, rows);
  }
  return season;
}

function comparisonLines({ rows, figures, offenders }: Comparison): string[] {
  return [
    ...rows.flatMap(({ table, compared, missing, extra, duplicates }) => [
      `${table}: ${compared} rows compared, ${missing.length} missing, ${extra.length} extra, ${duplicates.length} duplicate keys`,
      ...showSome('published elsewhere, but missing here', missing),
      ...showSome('not in the published figures', extra),
      ...showSome('duplicate keys', duplicates),
    ]),
    `${'figure'.padEnd(17)} compared  blank  off  largest error`,
    ...figures.map(
      ({ figure, compared, blank, off, largestError, at }) =>
        `${figure.padEnd(17)} ${String(compared).padStart(8)}  ${String(blank).padStart(5)}  ${String(off).padStart(3)}  ` +
        `${largestError.toFixed(6)} at ${at ?? '-'}`,
    ),
    ...showSome('wrong', offenders),
  ];
}

/** A heading with the first lines of a list; nothing for an empty one. */
function showSome(heading: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - mostShown;
  return [
    `  ${heading}:`,
    ...lines.slice(0, mostShown).map((line) => `    ${line}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

/** Judges the runs once those of all dates are listed, which may share them, or when the list has had time enough. */
async function judgeOrder(address: string, dates: number, signal: AbortSignal): Promise<OrderReport> {
  return withTemporal(localTemporal(address), async (client) => {
    const until = Date.now() + listDelayMs;
    for (;;) {
      const report = await checkOrder(client);
      if (report.dates >= dates || Date.now() > until) return report;
      signal.throwIfAborted();
      await pause(500);
    }
  });
}

async function main(): Promise<number> {
  const options = readOptions();
  const printed = readSeasonFolder(options.folder);
  print(
    `${options.folder}: ${printed.player_advanced.length} player rows and ${printed.team_advanced.length} team rows are in the published figures`,
  );
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'phase3-season-')));
  const command = new Phase3Command(cliScript, home);

  // A stack outlives the command that started it, so it is stopped whatever happens here.
  const abort = new AbortController();
  const { signal } = abort;
  const interrupt = (): void => abort.abort(new StepFailedError('Interrupted.'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const limit = setTimeout(
    () => abort.abort(new StepFailedError(`It takes longer than ${longestRunMs / 60_000} minutes.`)),
    longestRunMs,
  );

  let isRight = false;
  let isWorthALook = true;
  try {
    isRight = await verify(
      { folder: options.folder, printed, concurrency: options.concurrency },
      command,
      signal,
    );
  } catch (error) {
    isWorthALook = !(error instanceof BadInputError);
    // The reason of the abort says more than "aborted".
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(limit);
    const down = await command.run(['down']);
    if (down.exitCode !== 0) print('`phase3 down` failed: the stack may still be up.');
    isRight &&= down.exitCode === 0;
    if (options.home === null && (isRight || !isWorthALook)) await rm(home, { recursive: true, force: true });
    else print(`Home, with its logs: ${home}`);
  }
  print(isRight ? 'Verified.' : 'NOT verified.');
  return isRight ? 0 : 1;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const isBadInput = error instanceof BadInputError || error instanceof BadFolderError;
    const isSentence = isBadInput || error instanceof StepFailedError;
    process.stderr.write(
      `${isSentence ? error.message : `The season could not be verified: ${String(error)}`}\n`,
    );
    process.exitCode = isBadInput ? 2 : 1;
  },
);
