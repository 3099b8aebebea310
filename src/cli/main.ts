/** The command line's entry: builds the context, adds the commands, maps errors to sentences and exit codes. */
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { readBuildInfo } from '../config/build-info';
import { readConfig, type Config } from '../config/config';
import { visibleLine, visibleText } from '../contracts/visible-text';
import { processorNames, processorOf } from '../plan/registry';
import { keepFilesPrivate } from '../stack/home';
import { Stack } from '../stack/stack';
import { allCommands } from './all-commands';
import { hasColours, paint } from './colour';
import { answerCompletion, completeCommand } from './commands/completion';
import { exitCodes, printLines, type Context, type ExitCode } from './context';
import { describeError, errorJson } from './errors';
import { ownPackage } from './own-package';

/** The processor that stands on most of the others. */
const example = processorOf(processorNames.at(-1) ?? '');

const examples = `
Examples:
  phase3 up                                    start the local stack: Temporal, warehouse, worker and gateway
  phase3 load data/demo                        load raw box scores
  phase3 run 2017-04-15 --wait                 run one night and show its levels
  phase3 check 2017-04-16                      dry-run the dependency check
  phase3 backfill 2017-04-15 2017-06-12 --wait
  phase3 export ${example.table.name} --from 2017-04-15 --to 2017-04-15 --format csv
  phase3 status 2017-04-15                     show the state of a night
  phase3 why 2017-04-16                        explain its state: what it needs, what was found, what you can do
  phase3 bypass 2017-04-16 --processor ${example.name} --reason "the league sends no rows tonight"
  phase3 audit 2017-04-16                      show the decisions about a night
  phase3 audit verify                          verify that the audit log was not altered
  phase3 rehearse incident                     replay the incident of 3 February 2026
`;

/** Whether a command has begun to say its result. */
let hasPrinted = false;

function makeContext(config: Config): Context {
  const built = join(ownPackage, 'dist', 'src');
  const say = (line: string): void => {
    process.stderr.write(`${shown(line, process.stderr)}\n`);
  };
  return {
    config,
    say,
    print: (line) => {
      hasPrinted = true;
      process.stdout.write(`${shown(line, process.stdout)}\n`);
    },
    stack: new Stack(
      config,
      {
        // Code that was not built runs no worker.
        build: { id: readBuildInfo().id ?? 'unbuilt', root: ownPackage },
        gateway: join(built, 'gateway', 'main.js'),
      },
      say,
    ),
    backupTools: {
      version,
      commit: readBuildInfo().commit,
      // Loaded when it is needed: the driver takes a fifth of the time that any other command takes.
      holdWarehouse: async (path) => (await import('../warehouse/duckdb/held-file.js')).holdFile(path),
    },
    changeByHand: async (...given) =>
      (await import('../warehouse/duckdb/change-by-hand.js')).changeByHand(...given),
    demoData: join(ownPackage, 'data', 'demo'),
    now: () => new Date(config.policy.now ?? Date.now()),
  };
}

/** A line as a stream is to have it. */
function shown(line: string, stream: NodeJS.WriteStream): string {
  const visible = visibleLine(line);
  return hasColours(stream) ? paint(visible) : visible;
}

function program(context: Context, end: (code: ExitCode) => void): Command {
  const root = new Command('phase3')
    .description(
      'Builds team and player summaries from a night of NBA box scores, in the right order, or explains why not.',
    )
    .version(version)
    // `--version` after a command is the command's: `export` has one.
    .enablePositionalOptions()
    .addHelpText('after', examples)
    .showHelpAfterError('`phase3 help` lists the commands, `phase3 help COMMAND` the options of one.')
    // Its sentences repeat what was typed.
    .configureOutput({ writeErr: (text) => process.stderr.write(visibleText(text)) })
    .exitOverride();
  for (const add of allCommands) add(root, context, end);
  for (const command of root.commands) command.exitOverride();
  return root;
}

async function main(): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  try {
    const context = makeContext(readConfig());
    const root = program(context, (given) => {
      code = given;
    });
    if (process.argv[2] === completeCommand) await answerCompletion(root);
    // Bare `phase3` is a question, not a mistake.
    if (process.argv.length <= 2) printLines(context.print, root.helpInformation() + examples);
    else await root.parseAsync(process.argv);
    return code;
  } catch (error) {
    // Commander has printed what it was asked for, or its sentence.
    const isCommanders = error instanceof CommanderError;
    if (isCommanders && error.exitCode === 0) return exitCodes.done;
    const described = describeError(error);
    if (!isCommanders) process.stderr.write(`${visibleText(described.message)}\n`);
    // A command that has told its result as a document, and fails for what it tells, has said so there.
    if (process.argv.includes('--json') && !hasPrinted && !process.stdout.bytesWritten)
      process.stdout.write(`${errorJson(described)}\n`);
    return described.exitCode;
  }
}

// Whoever reads us may have seen enough (`| head`): that is no failure, and what was begun is ended properly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

keepFilesPrivate();
// A connection that nobody answers would hold the process for minutes. What was printed is out first.
void main().then((code) => {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
});
