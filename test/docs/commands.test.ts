/** Whoever types what a document says gets what it promises: each command is there, and each change that it shows applies. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const filesLike = (pattern: string): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', pattern], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(root, path)));
const documents = filesLike('*.md');
/** What follows `npm test --` is a part of their paths. */
const testFiles = filesLike('*.test.ts');

interface Fence {
  readonly language: string;
  readonly lines: readonly string[];
}

function fencesOf(text: string): Fence[] {
  return [...text.matchAll(/^( *)```(\w*)\n([^]*?)^ *```/gm)].map(
    ([, indent = '', language = '', body = '']) => ({
      language,
      lines: body.split('\n').map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line)),
    }),
  );
}

/** What is typed: lines of fences that are no other language's, without prompts and comments; and spans of code. */
function commandsOf(text: string): { typed: string[]; spans: string[] } {
  const typed = fencesOf(text)
    .filter(({ language }) => ['', 'sh', 'bash', 'console'].includes(language))
    .flatMap(({ lines }) => lines)
    .map((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/\s+#.*/, '')
        .trim(),
    )
    .filter(Boolean);
  const spans = [...text.replace(/^ *```[^]*?^ *```/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, span = '']) => span,
  );
  return { typed, spans };
}

/** Words in capitals and in brackets stand for what is put in. */
const isPath = (word: string): boolean => /^[\w.-]+(\/[\w.-]+)*\/?$/.test(word) && !/^[A-Z-]+$/.test(word);

/** What is wrong with a command, null when it is there; undefined of a program that nobody here knows. */
function faultOf(command: string): string | null | undefined {
  const [program = '', ...rest] = command.replace(/^([A-Z][A-Z0-9_]*=\S* )+/, '').split(/\s+/);
  const [first = '', second = ''] = rest;
  const missing = (path: string): string | null =>
    existsSync(join(root, path)) ? null : `there is no ${path}`;
  switch (program) {
    case 'npm': {
      if (first === 'run') return scripts[second] === undefined ? `there is no script ${second}` : null;
      const at = rest.indexOf('--');
      const [unknown] =
        first === 'test' && at !== -1
          ? rest
              .slice(at + 1)
              .filter((word) => isPath(word) && !testFiles.some((path) => path.includes(word)))
          : [];
      if (unknown !== undefined) return `there is no ${unknown}`;
      return ['start', 'test'].includes(first) && scripts[first] === undefined
        ? `there is no script ${first}`
        : null;
    }
    case 'node': {
      const script = rest.find((word) => !word.startsWith('-')) ?? '';
      return isPath(script) ? missing(script) : null;
    }
    case 'docker': {
      const file = rest[rest.indexOf('-f') + 1] ?? '';
      return rest.includes('-f') ? missing(file) : null;
    }
    case '.ci/run':
    case './.ci/run':
      return missing('.ci/run');
    // Its commands and options are looked up in runbook.test.ts.
    case 'npx':
    case 'phase3':
    case 'git':
    case 'cd':
      return null;
    default:
      return undefined;
  }
}

const faultsIn = (commands: readonly string[]): string[] =>
  commands.flatMap((command) => {
    const fault = faultOf(command);
    return typeof fault === 'string' ? [`${command}: ${fault}`] : [];
  });

/** Lines that a `diff` takes away and that are not once in its file. */
function unchangeable({ lines }: Fence, textOf: (path: string) => string): string[] {
  const path = /^--- a\/(\S+)$/.exec(lines[0] ?? '')?.[1] ?? '';
  if (path === '' || !existsSync(join(root, path))) return [`${lines[0] ?? ''} names no file`];
  const old = lines.slice(1).filter((line) => line.startsWith('-'));
  return old
    .filter(
      (line) =>
        textOf(path)
          .split('\n')
          .filter((one) => one === line.slice(1)).length !== 1,
    )
    .map((line) => `${path} has not once: ${line.slice(1)}`);
}

describe('the commands', () => {
  it.each(documents)('of %s are there', (document) => {
    const { typed, spans } = commandsOf(read(document));
    expect(faultsIn([...typed, ...spans])).toEqual([]);
  });

  it('of CONTRIBUTING.md are all known here, so that each is looked up', () => {
    const { typed } = commandsOf(read('CONTRIBUTING.md'));
    const commands = typed.filter((line) => !/^(bad|good):/.test(line));
    expect(commands.length).toBeGreaterThan(15);
    expect(commands.filter((command) => faultOf(command) === undefined)).toEqual([]);
  });

  it.each([
    'npm run chekc',
    'npm test -- test/nowhere',
    'PHASE3_RECORD=1 npm test -- test/integrations',
    'node scripts/nothing.mjs',
    'node --enable-source-maps dist/src/nothing.js',
    'docker compose -f compose.yml up',
  ])('%s would be found', (command) => {
    expect(faultsIn([command])).toHaveLength(1);
  });
});

describe('the changes', () => {
  const changes = documents.flatMap((document) =>
    fencesOf(read(document))
      .filter(({ language }) => language === 'diff')
      .map((fence) => [document, fence] as const),
  );

  it('that CONTRIBUTING.md shows are found', () => {
    expect(changes.filter(([document]) => document === 'CONTRIBUTING.md')).toHaveLength(2);
  });

  it.each(changes)('of %s apply', (_document, fence) => {
    expect(unchangeable(fence, read)).toEqual([]);
  });

  it('that would not apply are found', () => {
    const fence = { language: 'diff', lines: ['--- a/.nvmrc', '-18', '+20'] };
    expect(unchangeable(fence, read)).toEqual(['.nvmrc has not once: 18']);
    expect(unchangeable({ ...fence, lines: ['--- a/nowhere'] }, read)).toHaveLength(1);
  });
});

it('the paths that CONTRIBUTING.md and SECURITY.md name are there', () => {
  const spans = ['CONTRIBUTING.md', 'SECURITY.md'].flatMap((path) => commandsOf(read(path)).spans);
  const paths = spans.filter((span) => /^(src|test|scripts|docs|data|bin)(\/[\w.-]+)*\/?$/.test(span));
  expect(paths.length).toBeGreaterThan(4);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
