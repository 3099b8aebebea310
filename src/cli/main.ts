/** The command line: decodes, asks, renders. Exit codes as `interface.md` promises them. */
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { InvalidRequestError } from '../requests/validate-request';
import { InvalidConfigError, readConfig, type Config } from '../config/config';
import { ControlError } from '../control/client';
import { Stack, StackError } from '../stack/stack';
import { NoTemporalError } from '../stack/temporal-binary';
import { backfill } from './commands/backfill';
import { check } from './commands/check';
import { demo } from './commands/demo';
import { exportTable, type ExportOptions } from './commands/export';
import { graphMermaid, graphText } from './commands/graph';
import { load } from './commands/load';
import { run } from './commands/run';
import { dateStatus, stackJson } from './commands/status';
import { CommandError, exitCodes, type Context, type ExitCode } from './context';
import { printJson, stateJson, verdictJson } from './json';
import { renderLine, renderResults, renderVerdict } from './render';
import { exitCodeOf, resultsOf } from './results';

const packageRoot = join(__dirname, '..', '..', '..');

const examples = `
Examples:
  phase3 up                                    start Temporal, the warehouse and a worker on this machine
  phase3 load data/demo                        load raw box scores
  phase3 run 2017-04-15 --wait                 run one night and watch its levels
  phase3 check 2017-04-16                      ask the gate without starting anything
  phase3 backfill 2017-04-15 2017-06-12 --wait
  phase3 export player_game_summary --from 2017-04-15 --to 2017-04-15 --format csv
  phase3 status 2017-04-15                     what came of a night, or what it waits for
`;

interface JsonOption {
  json?: boolean;
}

function makeContext(config: Config): Context {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  return {
    config,
    say,
    print: (line) => void process.stdout.write(`${line}\n`),
    stack: new Stack(config, join(packageRoot, 'dist', 'src', 'worker.js'), say),
    now: () => new Date(config.policy.now ?? Date.now()),
  };
}

function program(context: Context, end: (code: ExitCode) => void): Command {
  const { print, say } = context;
  const root = new Command('phase3')
    .description('Turns a night of NBA box scores into team and player summaries, in order, or says why not.')
    .addHelpText('after', examples)
    .showHelpAfterError('(`phase3 --help` lists the commands)')
    .configureOutput({ writeErr: (text) => void process.stderr.write(text) })
    .exitOverride()
    .action(() => print(root.helpInformation() + examples));

  root
    .command('up')
    .description('start the local stack and return when worker and warehouse answer')
    .option('-d, --detach', 'the same: the stack always stays up behind the command')
    .option('--json', 'print the status as JSON')
    .action(async ({ json }: JsonOption) => {
      const status = await context.stack.up();
      if (json) printJson(print, stackJson(context, status));
      else
        print(
          `Up. Temporal ${status.temporal ?? '-'}, UI ${status.temporalUi ?? '(of the configured server)'}, home ${context.config.home}`,
        );
    });

  root
    .command('down')
    .description('stop the local stack; its data stays')
    .action(async () => print((await context.stack.down()) ? 'Down.' : 'Nothing was up.'));

  root
    .command('status')
    .argument('[DATE]', 'a game date, YYYY-MM-DD')
    .description('the stack; with a date, its state')
    .option('--json', 'one JSON document')
    .action(async (date: string | undefined, { json }: JsonOption) => {
      if (date === undefined) {
        const status = await context.stack.status();
        if (json) return printJson(print, stackJson(context, status));
        print(`healthy    ${status.healthy ? 'yes' : 'no'}`);
        print(`temporal   ${status.temporal ?? 'down'}${status.temporalIsExternal ? ' (configured)' : ''}`);
        print(`ui         ${status.temporalUi ?? '-'}`);
        print(
          `worker     ${status.worker ? `${status.worker.worker} (process ${status.worker.pid})` : 'down'}`,
        );
        return print(`warehouse  ${context.stack.home.warehouseFile}`);
      }
      const known = await dateStatus(context, date);
      if (json) return printJson(print, known.json);
      print(known.state === 'unknown' ? `${date}: never run` : `${date}: ${known.state}`);
      for (const line of renderResults(known.results)) print(line);
      if (known.live?.gate?.waitingSince)
        for (const verdict of known.live.gate.verdicts.filter((candidate) => !candidate.canRun))
          for (const line of renderVerdict(verdict)) print(`  ${line}`);
    });

  root
    .command('load')
    .argument('<DIR>', 'a folder with nba_raw/<table>.ndjson[.gz]')
    .description('replace the raw partitions that the files bring, each table atomically; triggers nothing')
    .option('--json', 'one JSON document')
    .action(async (folder: string, { json }: JsonOption) => {
      const loaded = await load(context, folder);
      if (json) return printJson(print, { tables: loaded });
      for (const table of loaded)
        print(
          `${table.table}: ${table.rows} rows, ${table.dates} dates, ${table.from ?? ''} to ${table.to ?? ''}`,
        );
    });

  root
    .command('run')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .description('send a trigger for one date')
    .option('--source <TABLE>', 'the source table that changed (default nbac_gamebook_player_stats)')
    .option('--processors <P,P>', 'only these processors')
    .option('--wait', 'show the level log and end with the answer', false)
    .option('--json', 'one JSON document')
    .action(
      async (date: string, options: JsonOption & { source?: string; processors?: string; wait: boolean }) => {
        const show = options.json ? say : print;
        const { accepted, answer, state } = await run(context, date, options, (line) =>
          show(renderLine(line)),
        );
        if (!options.wait) {
          if (options.json) return printJson(print, { ...accepted, state: 'accepted' });
          return print(`Accepted: ${accepted.gameDate}, request ${accepted.requestId}`);
        }
        if (options.json && state)
          printJson(print, {
            ...accepted,
            ...(stateJson(state, false) as object),
            state: answer?.state ?? state.runState,
          });
        else {
          print(answer?.summary ?? `${date}: the run ended ${state?.runState ?? ''} without an answer`);
          for (const line of renderResults(state ? resultsOf(state) : [])) print(line);
        }
        end(exitCodeOf([answer?.state ?? 'failed']));
      },
    );

  root
    .command('backfill')
    .argument('<FROM>', 'first game date')
    .argument('<TO>', 'last game date')
    .description('run every date between, both ends included')
    .option('--concurrency <N>', 'dates at once', '4')
    .option('--wait', 'show progress and end with the outcome', false)
    .option('--json', 'one JSON document')
    .action(
      async (from: string, to: string, options: JsonOption & { concurrency: string; wait: boolean }) => {
        const { workflowId, progress } = await backfill(context, from, to, options);
        if (!progress) {
          if (options.json) return printJson(print, { workflowId, state: 'accepted' });
          return print(`Accepted: ${workflowId}`);
        }
        const states = Object.values(progress.replies).map((reply) => reply.state);
        const counts = Object.fromEntries(
          [...new Set(states)]
            .sort()
            .map((state) => [state, states.filter((other) => other === state).length]),
        );
        const dates = Object.fromEntries(
          Object.entries(progress.replies).sort(([a], [b]) => (a < b ? -1 : 1)),
        );
        if (options.json) printJson(print, { workflowId, total: progress.total, counts, dates });
        else {
          print(
            `${progress.total} dates: ${Object.entries(counts)
              .map(([state, n]) => `${n} ${state}`)
              .join(', ')}`,
          );
          for (const reply of Object.values(dates))
            if (exitCodeOf([reply.state]) !== exitCodes.done) print(`  ${reply.summary}`);
        }
        end(exitCodeOf(states));
      },
    );

  root
    .command('export')
    .argument('<TABLE>', 'a table, with or without its dataset')
    .description('rows to stdout, ordered by key')
    .requiredOption('--from <DATE>', 'first game date')
    .requiredOption('--to <DATE>', 'last game date')
    .option('--format <FORMAT>', 'ndjson or csv', 'ndjson')
    .action((table: string, options: ExportOptions) => exportTable(context, table, options));

  root
    .command('graph')
    .description('the plan: triggers, levels, processors')
    .option('--mermaid', 'as a Mermaid flowchart')
    .action(({ mermaid }: { mermaid?: boolean }) => print(mermaid ? graphMermaid() : graphText()));

  root
    .command('check')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .description('ask the gate and start nothing')
    .option('--processor <P>', 'one processor, as it stands now')
    .option('--json', 'one JSON document')
    .action(async (date: string, { json, processor }: JsonOption & { processor?: string }) => {
      const outcome = await check(context, date, processor);
      if (json) {
        const details = Object.assign(
          {},
          ...outcome.verdicts.map((verdict) => (verdictJson(verdict) as { details: object }).details),
        ) as object;
        printJson(print, {
          gameDate: outcome.gameDate,
          canRun: outcome.canRun,
          missing: [...new Set(outcome.verdicts.flatMap((verdict) => verdict.missing))],
          details,
          processors: Object.fromEntries(
            outcome.verdicts.map((verdict) => [verdict.processor, verdictJson(verdict)]),
          ),
        });
      } else for (const verdict of outcome.verdicts) for (const line of renderVerdict(verdict)) print(line);
      end(outcome.canRun ? exitCodes.done : exitCodes.notReady);
    });

  root
    .command('demo', { hidden: true })
    .description('what npm start runs')
    .option('--exit', 'stop after the job')
    .action(async ({ exit }: { exit?: boolean }) => {
      const before = await context.stack.status();
      const interrupted = exit ? null : untilInterrupted();
      const code = await demo(context, join(packageRoot, 'data', 'demo'));
      if (interrupted) {
        print('\nCtrl-C stops what was started here.');
        await interrupted;
      }
      if (!before.healthy) await context.stack.down();
      end(code);
    });
  for (const command of root.commands) command.exitOverride().showHelpAfterError(false);
  return root;
}

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    // A pending promise does not keep a process alive.
    const alive = setInterval(() => undefined, 60_000);
    const stop = (): void => {
      clearInterval(alive);
      resolve();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}

async function main(): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  try {
    const context = makeContext(readConfig());
    await program(context, (given) => (code = given)).parseAsync(process.argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
    const { message, exitCode } = describe(error);
    process.stderr.write(`${message}\n`);
    return exitCode;
  }
}

function describe(error: unknown): { message: string; exitCode: ExitCode } {
  if (error instanceof CommandError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof InvalidRequestError || error instanceof InvalidConfigError)
    return { message: error.message, exitCode: exitCodes.badInput };
  if (error instanceof StackError || error instanceof NoTemporalError || error instanceof ControlError)
    return { message: error.message, exitCode: exitCodes.failed };
  return {
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    exitCode: exitCodes.failed,
  };
}

void main().then((code) => {
  process.exitCode = code;
});
