/** What `npm start` runs: the stack, the demo nights, one night of Phase 3, and a table of its top usage rates. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Table from 'cli-table3';
import type { AddCommand } from '../command-types';
import type { StackStatus } from '../../stack/status';
import type { PlayerSummaryRow } from '../../processors/player-game-summary/table';
import { visibleLine } from '../../contracts/visible-text';
import { badInput, controlOf, printLines, type Context, type ExitCode } from '../context';
import { renderLine } from '../render';
import { exitCodeOf } from '../results';
import { load } from './load';
import { run } from './run';

/** A full night of the demo data: four games. */
const demoNight = '2017-04-15';
const fewestMinutes = 5;
/** How often the stack is looked at while it stays up. */
const lookMs = 5_000;

/** Starts the stack, unless `signal` says to give up. It stays up. */
async function start(context: Context, signal: AbortSignal): Promise<StackStatus> {
  const { warehouse, datasetPrefix } = context.config;
  // The demo loads raw tables, which elsewhere are somebody's.
  if (warehouse.kind !== 'duckdb' || datasetPrefix !== null)
    throw badInput(
      'The demo loads its nights into the embedded warehouse only; unset PHASE3_WAREHOUSE and PHASE3_DATASET_PREFIX.',
    );
  return context.stack.up({ signal });
}

/** Runs the demo once. */
async function demo(context: Context, status: StackStatus): Promise<ExitCode> {
  const control = await controlOf(context);
  const range = await control.dateRange('nbac_schedule');
  if (range && range.from <= demoNight && demoNight <= range.to)
    context.print('The demo nights are loaded already.');
  else
    for (const { table, rows, dates } of await load(context, context.demoData))
      context.print(`Loaded ${rows} rows of ${table}, ${dates} dates`);

  context.print('');
  context.print(`Phase 3 of ${demoNight}`);
  const { answer } = await run(context, demoNight, { wait: true }, (line) => context.print(renderLine(line)));
  context.print(answer?.summary ?? 'The run ended without an answer.');
  context.print('');
  await printTopUsage(context, demoNight);
  context.print('');
  context.print(`Status page   ${status.gateway === null ? '-' : `${status.gateway}/`}`);
  context.print(`Temporal UI   ${status.temporalUi ?? '(of the configured server)'}`);
  context.print(`Temporal      ${status.temporal ?? '-'}`);
  context.print(`Gateway       ${status.gateway ?? '-'}`);
  context.print(`Warehouse     ${status.worker?.location ?? '-'} (DuckDB)`);
  context.print(`Logs          ${join(context.stack.home.logs, 'worker.log')}`);
  return exitCodeOf(answer ? [answer.state] : ['failed']);
}

/** The highest usage rates of a night, of players with five minutes and more. */
async function printTopUsage(context: Context, gameDate: string): Promise<void> {
  const control = await controlOf(context);
  const rows: PlayerSummaryRow[] = [];
  for await (const row of control.export('player_game_summary', gameDate, gameDate))
    rows.push(row as unknown as PlayerSummaryRow);
  const top = rows
    .filter((row) => (row.minutes_played ?? 0) >= fewestMinutes && row.usage_rate !== null)
    .sort((a, b) => (b.usage_rate ?? 0) - (a.usage_rate ?? 0))
    .slice(0, 10);
  const table = new Table({
    head: ['player', 'team', 'min', 'pts', 'usage %', 'TS', 'eFG'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const row of top)
    table.push([
      visibleLine(row.player_full_name ?? row.player_lookup),
      visibleLine(row.team_abbr),
      (row.minutes_played ?? 0).toFixed(1),
      String(row.points ?? ''),
      (row.usage_rate ?? 0).toFixed(1),
      row.ts_pct?.toFixed(3) ?? '',
      row.efg_pct?.toFixed(3) ?? '',
    ]);
  context.print(`Top usage rates of ${gameDate}, players with ${fewestMinutes} minutes and more`);
  printLines(context.print, table.toString());
}

/** Hidden: `npm start` is its name. */
export const addDemo: AddCommand = (root, context, end) => {
  root
    .command('demo', { hidden: true })
    .description('what npm start runs')
    .option('--exit', 'stop after the job')
    .action(async ({ exit }: { exit?: boolean }) => {
      const control = await context.stack.control();
      // Whoever had the stack up before keeps it.
      let isOurs = (await control?.health()) == null;
      const { signal, promise: interrupted } = untilInterrupted();
      try {
        const status = await start(context, signal);
        const code = await Promise.race([demo(context, status), interrupted]);
        if (code !== null) end(code);
        if (!exit && code !== null) {
          context.print('');
          context.print('Ctrl-C stops what was started here.');
          await Promise.race([interrupted, sayProblems(context, signal)]);
          isOurs &&= signal.aborted;
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        if (isOurs) {
          context.say('Stopping.');
          await context.stack.down();
        }
      }
    });
};

/**
 * Says what is wrong with the stack, and when it is well again, for as long as it stays up: the demo's last lines would go on saying that
 * all is well. Returns once the stack was stopped elsewhere, or the signal has come.
 */
async function sayProblems({ stack, say }: Context, signal: AbortSignal): Promise<void> {
  const said = new Set<string>();
  for (let [before, known] = [0, 0]; ;) {
    await pause(lookMs, null, { signal }).catch(() => undefined);
    const { isDown, problems } = await lookAt(stack);
    if (signal.aborted) return;
    if (isDown) {
      say('The stack was stopped elsewhere.');
      return;
    }
    // What one look finds alone is a part that was slow.
    const sure = Math.min(before, problems.length);
    if (sure > known)
      for (const problem of problems.filter((one) => !said.has(one))) {
        said.add(problem);
        say(problem);
      }
    if (problems.length === 0 && known > 0) {
      said.clear();
      say('The stack is healthy again.');
    }
    [before, known] = [problems.length, sure];
  }
}

/** What is wrong with the stack, one that cannot be looked at included. */
async function lookAt(stack: Context['stack']): Promise<{ isDown: boolean; problems: readonly string[] }> {
  try {
    const { worker, gateway = null } = await stack.home.readStack();
    return { isDown: !worker && !gateway, problems: (await stack.status()).problems };
  } catch (error) {
    return { isDown: false, problems: [error instanceof Error ? error.message : String(error)] };
  }
}

/** A signal that is aborted by Ctrl-C or SIGTERM, and a promise of null that settles then. */
function untilInterrupted(): { readonly signal: AbortSignal; readonly promise: Promise<null> } {
  const controller = new AbortController();
  // A pending promise does not keep a process alive. The command's end does not wait for it either.
  const alive = setInterval(() => undefined, 60_000);
  const promise = new Promise<null>((resolve) => {
    // A second Ctrl-C must not break off what the first has begun.
    for (const name of ['SIGINT', 'SIGTERM'] as const)
      process.on(name, () => {
        clearInterval(alive);
        controller.abort();
        resolve(null);
      });
  });
  return { signal: controller.signal, promise };
}
