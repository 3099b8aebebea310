/** The page of commands, from the program that `phase3` is built from. */
import { Command } from 'commander';
import { allCommands } from '../../src/cli/all-commands';
import { exitCodes, type Context } from '../../src/cli/context';
import { code, madeFrom, page, sentence, table } from './markdown';

/** What an exit code says; one that is not here has no description, and the page cannot be made. */
const meanings: Readonly<Record<string, string>> = {
  done: 'Done, accepted or skipped. Commands that only report end with 0 whatever they find, except `status` (of the stack), `doctor`, `check`, `verify`, `audit verify`, `explain` and `notify test --send`.',
  failed: 'Failed. `audit verify`: an entry was altered, is missing or is out of order.',
  badInput: 'Invalid arguments or environment; stderr says which, and what would be valid.',
  notReady:
    'Blocked, waiting or quarantined, or not in time (`--timeout`); only of commands that wait, of `check`, and of `watch` where the date was never run.',
  partial:
    'Published, but with games missing, held or disputed, or with a pin that is questioned; only of commands that wait.',
  notAsPublished:
    'Not as published; only of `verify`: live rows were altered or are unrecorded, or inputs have moved since.',
};

export function commandsPage(): string {
  const root = new Command('phase3');
  // No command is run, so none needs a context.
  for (const add of allCommands) add(root, {} as Context, () => undefined);
  return page(
    '# Commands',
    madeFrom('the command line ([src/cli](../../src/cli))'),
    'After `npm ci`, type `npx phase3 COMMAND`. `phase3 help COMMAND` prints the same as this page.',
    'With `--json` a command prints one JSON document on stdout, and everything else on stderr. Field names are `snake_case`, dates are `YYYY-MM-DD`, instants are ISO 8601 in UTC.',
    '## Exit codes',
    table(
      ['code', 'meaning'],
      Object.entries(exitCodes).map(([name, value]) => [String(value), meaningOf(name)]),
    ),
    '## Worker and gateway',
    'A worker or gateway that cannot start ends within 5 s, and the last line of its log says why: with 1 when trying again may help (a server that does not answer, a port in use, a full disk), with 2 when its environment or home must be changed first. After SIGTERM or SIGINT each ends with 0: at once while it starts, else when what is under way is done, after at most 15 s (gateway: 8 s), and at once at a second signal.',
    ...visible(root).flatMap((command) => section(command, 'phase3', 2)),
  );
}

function meaningOf(name: string): string {
  const meaning = meanings[name];
  if (meaning === undefined)
    throw new Error(`scripts/reference/commands.ts does not describe the exit code ${name}`);
  return meaning;
}

/** Commands that help lists, without `help` itself. */
function visible(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((below) => below.name() !== 'help');
}

function section(command: Command, parent: string, depth: number): string[] {
  const name = `${parent} ${command.name()}`;
  const below = visible(command);
  const isRunnable = command.options.length > 0 || below.length === 0;
  return [
    `${'#'.repeat(depth)} ${name}`,
    sentence(command.description()),
    isRunnable ? `\`\`\`\n${[name, ...argumentsOf(command), ...optionsOf(command)].join(' ')}\n\`\`\`` : '',
    rowsOf(command),
    ...below.flatMap((child) => section(child, name, depth + 1)),
  ];
}

function argumentsOf({ registeredArguments }: Command): string[] {
  return registeredArguments.map((argument) =>
    argument.required ? argument.name() : `[${argument.name()}]`,
  );
}

/** Required options as they are typed, the others as a word. */
function optionsOf({ options }: Command): string[] {
  const required = options
    .filter(({ mandatory }) => mandatory)
    .map(({ flags }) => flags.replace(/[<>]/g, ''));
  return [...required, ...(options.length > required.length ? ['[options]'] : [])];
}

function rowsOf({ registeredArguments, options }: Command): string {
  const rows = [
    ...registeredArguments.map((argument) => [
      code(argument.name()),
      argument.description,
      argument.required ? 'required' : '',
    ]),
    ...options
      .filter(({ hidden }) => !hidden)
      .map(({ flags, description, mandatory, defaultValue }) => [
        code(flags.replace(/[<>]/g, '')),
        description,
        mandatory ? 'required' : defaultOf(defaultValue),
      ]),
  ];
  return rows.length === 0 ? '' : table(['argument or option', 'meaning', 'default'], rows);
}

function defaultOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? code(String(value)) : '';
}
