/** Whoever is woken types what the message says: it must be a command that is there, with all that it needs. */
import { Command } from 'commander';
import { allCommands } from '../../src/cli/all-commands';
import type { Context } from '../../src/cli/context';
import { nextCommand } from '../../src/notifications/next-command';
import { samples } from '../../src/notifications/samples';
import { allKinds, allStates, notification } from './notification';

/** What is wrong with a command line; null when the command line would take it. */
function faultOf(line: string): string | null {
  const root = new Command('phase3').exitOverride();
  for (const add of allCommands) add(root, {} as Context, () => undefined);
  let reached: string | null = null;
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    command.action(() => void (reached = command.name()));
    for (const below of command.commands) quiet(below);
  };
  quiet(root);
  const [program, ...words] = line.split(' ');
  if (program !== 'phase3') return `${program} is another program`;
  try {
    root.parse(words, { from: 'user' });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return reached === null || reached === 'phase3' ? 'there is no such command' : null;
}

it.each(allKinds.flatMap((kind) => allStates.map((state) => [kind, state] as const)))(
  '%s, %s',
  (kind, state) => {
    const subject = kind === 'backfill_in_trouble' ? '2026-02-01 to 2026-02-03' : '2026-02-03';
    expect(faultOf(nextCommand(notification({ kind, state, subject })))).toBeNull();
  },
);

it('what a recall and a sample lead to is there, too', () => {
  expect(faultOf('phase3 diff 2026-02-03 1 2 --table player_game_summary')).toBeNull();
  const all = samples({
    ...{ gameDate: '2026-02-03', taskQueue: 'phase3', neededBy: '09:00', at: '2026-02-04T14:00:00.000Z' },
  });
  expect(all.map(({ notification: { kind } }) => kind)).toEqual(allKinds);
  for (const { notification: one } of all)
    expect([one.kind, faultOf(nextCommand(one))]).toEqual([one.kind, null]);
});

it.each([
  'phase3 wyh 2026-02-03',
  'phase3 why',
  'phase3 list --stuck',
  'phase3 diff 2026-02-03',
  'temporal why',
])('is found wanting: %s', (line) => {
  expect(faultOf(line)).not.toBeNull();
});
