/** Who is woken types what the runbook says: its commands must be there, and every paragraph must be found. So of the other pages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { allCommands } from '../../src/cli/all-commands';
import type { Context } from '../../src/cli/context';
import { decodeBody } from '../../src/gateway/decode-push';
import { decodeRange } from '../../src/gateway/decode-range';
import { faultsIn, sentenceOf } from '../../src/contracts/schema';
import { decisionSchemas } from '../../src/gateway/schemas';

const runbook = readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');

/** All that can be printed is in our sources. */
function sources(): string {
  const src = join(__dirname, '..', '..', 'src');
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(src, path), 'utf8'))
    .join('\n');
}

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
  const blocks = [...text.matchAll(/^ *```[a-z]*\n([^]*?)^ *```/gm)].flatMap(([, block = '']) =>
    block.replace(/\\\n/g, '').split('\n'),
  );
  const spans = [...text.replace(/^ *```[^]*?^ *```/gm, '').matchAll(/`([^`]+)`/g)].map(
    ([, span = '']) => span,
  );
  return [...blocks.map((line) => line.replace(/#.*/, '')), ...spans]
    .map((code) => code.replace(/\s+/g, ' ').trim().replace(/^\$ /, ''))
    .filter((code) => /^(npx )?phase3 /.test(code));
}

/** What of a command line is not there; null when all is. Words in capitals stand for what is put in. */
function unknownIn(line: string): string | null {
  const [name = '', ...rest] = line
    .replace(/^(npx )?phase3 /, '')
    .replace(/"[^"]*"/g, 'TEXT')
    .replace(/ [>|].*/, '')
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

  it('are found by what is really said: whoever searches types what is on the screen', () => {
    const printed = sources().toLowerCase();
    const seen = table
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, span = '']) => span));
    expect(seen.length).toBeGreaterThan(40);
    const parts = seen
      // Commands are looked for above; lines of `status` are put together from columns, and an answer from its number.
      .filter((span) => !/^(phase3|audit) | {2,}|^\d+ /.test(span))
      .flatMap((span) => span.split('…'))
      .map((part) => part.replace(/^[ ,:.]+|[ ,:.]+$/g, ''));
    expect(parts.filter((part) => !printed.includes(part.toLowerCase()))).toEqual([]);
  });

  it.each(others.map((paragraph) => [headingOf(paragraph), paragraph]))(
    '%s: look, then act',
    (_heading, text) => {
      expect(text.indexOf('**Look:**')).toBeGreaterThan(0);
      expect(text.search(/\*\*Act[^*]*\*\*/)).toBeGreaterThan(text.indexOf('**Look:**'));
    },
  );
});

/** Decisions tell of the past, and the reference is made of the commands themselves. */
const documents = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'],
  ...readdirSync(join(__dirname, '..', '..', 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !/^(adr|reference)\b/.test(path))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`),
];

function textOf(document: string): string {
  return readFileSync(join(__dirname, '..', '..', document), 'utf8');
}

describe('the commands of the other documents', () => {
  it.each(documents)('%s names those that are there, with their options', (document) => {
    expect(commandLines(textOf(document)).flatMap((line) => unknownIn(line) ?? [])).toEqual([]);
  });
});

const overHttp = textOf('docs/how-to/send-triggers-over-http.md');

describe('the requests over HTTP', () => {
  /** Lines of blocks that `curl` sends, as path and body; `$DATA` is what the line before has made. */
  const sent = [...overHttp.matchAll(/^\$ curl -X POST "\$URL(\/[^"]+)" -d (.+)$/gm)].map(
    ([, path = '', body = '']) => [path, body] as const,
  );
  const [, inner = ''] = /^\$ DATA=\$\(printf '([^']+)'/m.exec(overHttp) ?? [];
  const today = '2017-06-30';

  /** What the gateway would find wrong. */
  function faultsOf(path: string, body: unknown): readonly string[] {
    const [, name = ''] = /^\/dates\/2017-\d\d-\d\d\/([a-z]+)$/.exec(path) ?? [];
    if (name in decisionSchemas)
      return faultsIn(decisionSchemas[name as keyof typeof decisionSchemas], body).map(sentenceOf);
    if (path === '/process-date-range') return (decodeRange(body, today).faults ?? []).map(sentenceOf);
    if (path !== '/process') return [`there is no ${path}`];
    const { decoded } = decodeBody(body, today);
    return decoded.kind === 'ask' ? [] : [`${decoded.kind}: ${JSON.stringify(decoded)}`];
  }

  it('are found, one of each kind', () => {
    expect(sent.map(([path]) => path)).toEqual([
      '/process',
      '/process-date-range',
      ...['/process', '/process'],
      '/dates/2017-05-01/bypass',
    ]);
  });

  it.each(sent)('%s takes %s', (path, quoted) => {
    const body = quoted.replace(`'$DATA'`, Buffer.from(inner).toString('base64')).slice(1, -1);
    expect(faultsOf(path, JSON.parse(body))).toEqual([]);
  });
});

describe('what the runbook quotes of the gateway', () => {
  const folder = join(__dirname, '..', '..', 'src', 'gateway');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
  const quoted = runbook
    .split(/^## /m)
    .filter((paragraph) => /^Gateway (refuses|unavailable)\n/.test(paragraph))
    .flatMap((paragraph) => [...paragraph.matchAll(/_(`[^]*?`):_/g)])
    .flatMap(([, names = '']) => [...names.matchAll(/`([^`]+)`/g)])
    .map(([, text = '']) => text.replace(/\s+/g, ' '));

  it('is found', () => {
    expect(quoted.length).toBeGreaterThan(10);
    expect(quoted).toContain('The records cannot be read now');
  });

  it.each(quoted)('is what it says: %s', (quote) => {
    // What the gateway puts in is cut out.
    const parts = quote.split(/…|\bNAME\b|\baud\b|\biss\b/).map((part) => part.trim());
    expect(parts.filter((part) => !sources.includes(part))).toEqual([]);
  });
});
