/** What holds of every command: it can speak JSON, and what may wait can be told for how long. */
import { Command } from 'commander';
import { allCommands } from '../../src/cli/all-commands';
import type { Context } from '../../src/cli/context';

/** Commands that do something, with their parents' names; hidden ones are nobody's to type. */
function leavesOf(command: Command, parents: readonly string[] = []): (readonly [string, Command])[] {
  const own = [...parents, command.name()];
  const named = command.createHelp().visibleCommands(command);
  const below = named.filter((one) => one.name() !== 'help').flatMap((one) => leavesOf(one, own));
  return below.length > 0 ? below : [[own.slice(1).join(' '), command]];
}

const root = new Command('phase3');
for (const add of allCommands)
  add(root, { config: { gate: {} }, demoData: '' } as unknown as Context, () => undefined);
const leaves = leavesOf(root);
const optionsOf = (command: Command): string[] => command.options.flatMap(({ long }) => long ?? []);

test('the walk finds commands and subcommands', () => {
  expect(leaves.map(([name]) => name)).toEqual(
    expect.arrayContaining(['status', 'wait', 'quarantine release']),
  );
});

// What it prints is a program of the shell's.
const speaking = leaves.filter(([name]) => name !== 'completion');

test.each(speaking)('%s has --json', (_name, command) => {
  expect(optionsOf(command)).toContain('--json');
});

test.each(leaves.filter(([, command]) => optionsOf(command).includes('--wait')))(
  '%s has a limit for its --wait',
  (_name, command) => {
    expect(optionsOf(command)).toContain('--timeout');
  },
);
