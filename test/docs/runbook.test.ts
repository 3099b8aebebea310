/** Who is woken types what the runbook says: its commands must be there, and every paragraph must be found. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { allCommands } from '../../src/cli/all-commands';
import type { Context } from '../../src/cli/context';

const runbook = readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');

/** Commands, those below them, and their options. */
interface Known {
  readonly options?: readonly string[];
  readonly below?: Readonly<Record<string, Known>>;
}

/** What the command line has: the tree that `phase3` is built from. */
const root = new Command('phase3');
// Nothing of it is run, so it needs nothing to work with.
for (const add of allCommands) add(root, {} as Context, () => undefined);
const commands = Object.fromEntries(root.commands.map((command) => [command.name(), knownOf(command)]));

function knownOf(command: Command): Known {
  const below = command.commands.map((child) => [child.name(), knownOf(child)] as const);
  return {
    options: command.options.flatMap(({ long, short }) => [long, short].filter((flag) => flag != null)),
    ...(below.length > 0 ? { below: Object.fromEntries(below) } : {}),
  };
}

/** Command lines of `phase3` in code: in spans, and line by line in blocks. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^```[a-z]*\n([^]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split('\n'),
  );
  const spans = [...text.replace(/^```[^]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
  return [...blocks.map((line) => line.replace(/#.*/, '')), ...spans]
    .map((code) => code.replace(/\s+/g, ' ').trim())
    .filter((code) => /^(npx )?phase3 /.test(code));
}

/** What of a command line is not there; null when all is. Words in capitals stand for what is put in. */
function unknownIn(line: string): string | null {
  const [name = '', ...rest] = line
    .replace(/^(npx )?phase3 /, '')
    .replace(/"[^"]*"/g, 'TEXT')
    .replace(/ >.*/, '')
    .split(' ');
  let known = commands[name];
  if (!known) return `there is no command "${name}"`;
  const [next = ''] = rest;
  if (known.below && /^[a-z]/.test(next)) {
    known = known.below[next];
    if (!known) return `${name} has no "${next}"`;
  }
  const strange = rest.filter((word) => word.startsWith('-') && !known.options?.includes(word));
  return strange.length > 0 ? `${name} has no ${strange.join(', ')}` : null;
}

describe('the commands of the runbook', () => {
  const lines = commandLines(runbook);

  it('are found', () => {
    expect(lines.length).toBeGreaterThan(40);
    expect(lines).toEqual(
      expect.arrayContaining(['phase3 list --blocked --failed', 'phase3 audit verify', 'phase3 why DATE']),
    );
  });

  it('are all there, with their options', () => {
    expect(lines.flatMap((line) => unknownIn(line) ?? [])).toEqual([]);
  });

  it('that are not there are found', () => {
    const text = [
      '`phase3 wyh DATE`',
      '```\nphase3 list --stuck  # the dates\n```',
      '`phase3 audit mend`',
      '`npx phase3 up`',
    ];
    expect(commandLines(text.join('\n\n')).map(unknownIn)).toEqual([
      'list has no --stuck',
      'there is no command "wyh"',
      'audit has no "mend"',
      null,
    ]);
  });

  // Nobody wants to look up at night how a command is called that the runbook does not name.
  it.each(['why', 'list', 'bypass', 'rerun', 'recheck', 'extend', 'cancel', 'watch', 'audit', 'schedules'])(
    'show how to use %s',
    (name) => {
      expect(lines.filter((line) => line.startsWith(`phase3 ${name}`))).not.toEqual([]);
    },
  );
});

describe('the paragraphs of the runbook', () => {
  const paragraphs = runbook.split(/^## /m).slice(1);
  const [table = '', ...others] = paragraphs;
  const headingOf = (paragraph: string): string => paragraph.split('\n')[0] ?? '';

  it('begin with the table', () => {
    expect(headingOf(table)).toBe('What you see');
  });

  it('are each in the table once, and nothing else is', () => {
    const linked = [...table.matchAll(/\[([^\]]+)\]\(#([^)]+)\)/g)].map(([, text]) => text);
    expect([...linked].sort()).toEqual(others.map(headingOf).sort());
  });

  it.each(others.map((paragraph) => [headingOf(paragraph), paragraph]))(
    '%s: look, then act',
    (_heading, text) => {
      expect(text.indexOf('**Look:**')).toBeGreaterThan(0);
      expect(text.search(/\*\*Act[^*]*\*\*/)).toBeGreaterThan(text.indexOf('**Look:**'));
    },
  );
});

describe('the commands of the README', () => {
  const readme = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');

  it('are all there, with their options', () => {
    expect(commandLines(readme).flatMap((line) => unknownIn(line) ?? [])).toEqual([]);
  });

  it('are all of them in its table, but for those that are told elsewhere', () => {
    const told = readme.slice(readme.indexOf('| command '), readme.indexOf('Exit codes:'));
    const missing = Object.keys(commands).filter((name) => !new RegExp(`\\b${name}\\b`).test(told));
    expect(missing).toEqual(['adopt', 'diff-live', 'demo']);
  });
});
