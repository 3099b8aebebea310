/** The documents are held to the code: every word of ours has an entry, and every link leads somewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';
import { failureTypes } from '../../src/contracts/failures';
import { orchestrationTables } from '../../src/tables/catalogue';

const root = join(__dirname, '..', '..');
const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The texts of a union type that a file exports; names of other unions of the same file are followed. */
function wordsOf(path: string, typeName: string): string[] {
  const file = ts.createSourceFile(path, readText(path), ts.ScriptTarget.Latest);
  const unions = new Map(
    file.statements.filter(ts.isTypeAliasDeclaration).map((alias) => [alias.name.text, alias.type]),
  );
  const words = (type: ts.TypeNode | undefined): string[] => {
    if (type && ts.isUnionTypeNode(type)) return type.types.flatMap(words);
    if (type && ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) return [type.literal.text];
    if (type && ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName))
      return words(unions.get(type.typeName.text));
    throw new Error(
      `${path}: ${typeName} is no union of texts any more; this test must learn how to read it`,
    );
  };
  return words(unions.get(typeName));
}

describe('the glossary', () => {
  /** Word to the lines that explain it. */
  const entries = new Map<string, string[]>();
  for (const line of readText('docs/glossary.md').split('\n')) {
    const head = /^- (\*\*.+?) — /.exec(line)?.[1] ?? '';
    for (const [, word = ''] of head.matchAll(/\*\*`?(.+?)`?\*\*/g))
      entries.set(word, [...(entries.get(word) ?? []), line]);
  }

  it.each([
    ['outcome', wordsOf('src/contracts/phase3.ts', 'Outcome')],
    ['run state', wordsOf('src/contracts/phase3.ts', 'RunState')],
    ['game status', wordsOf('src/contracts/phase3.ts', 'GameStatus')],
    ['table status', wordsOf('src/contracts/phase3.ts', 'TableStatus')],
    ['kind of request', wordsOf('src/contracts/messages.ts', 'RequestKind')],
    ['dataset', wordsOf('src/tables/define-table.ts', 'Dataset')],
    ['own table', Object.keys(orchestrationTables)],
    ['type of failure', Object.values(failureTypes)],
  ])('explains every %s', (_kind, words) => {
    expect(words.length).toBeGreaterThan(2);
    expect(words.filter((word) => !entries.has(word))).toEqual([]);
  });

  it('says of every word where it lives', () => {
    const lines = [...entries.values()].flat();
    expect(lines.filter((line) => !/\]\(\.\.\/(src|scripts|test)\/[^)]+\)\)$/.test(line))).toEqual([]);
  });
});

describe('links', () => {
  const files = filesOfRepository();
  const documents = files.filter((path) => path.endsWith('.md'));

  it('are looked for in all documents', () => {
    expect(documents).toEqual(
      expect.arrayContaining(['README.md', 'SECURITY.md', 'data/demo/README.md', 'docs/glossary.md']),
    );
  });

  it.each(documents)('of %s lead to a file, and to a heading where they name one', (document) => {
    expect(brokenLinks(document, readText(document), files, readText)).toEqual([]);
  });

  it('that lead nowhere are found', () => {
    const texts: Record<string, string> = {
      'docs/b.md': '# A title: `code`, *and more*\n\n## Twice\n\n## Twice\n',
    };
    const links = [
      ...['b.md', './b.md#a-title-code-and-more', '#here', 'b.md#twice-1', 'images', '../top.ts#L3'],
      ...['c.md', 'b.md#nowhere', '#there', 'b.md#twice-2', '../b.md', '../../top.ts'],
    ];
    const text = [
      '# Here',
      ...links.map((link) => `[a link](${link})`),
      '`[code](x.md)` [out](https://example.com/b.md#x)',
      '```\n[more code](y.md)\n```',
    ].join('\n\n');
    const known = ['docs/a.md', 'docs/b.md', 'docs/images/i.png', 'top.ts'];
    expect(brokenLinks('docs/a.md', text, known, (path) => texts[path] ?? text)).toEqual(links.slice(6));
  });
});

/** Relative links of a document that lead to no file or folder, or to no heading of it. */
function brokenLinks(
  document: string,
  text: string,
  files: readonly string[],
  read: (path: string) => string,
): string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? document : posix.join(dirname(document), path);
    if (!files.some((file) => file === target || file.startsWith(`${target.replace(/\/$/, '')}/`)))
      return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(read(target)).has(anchor);
  });
}

function withoutCode(text: string): string {
  return text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replace(/^```[^]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const name = heading
      .trim()
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-');
    let anchor = name;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${name}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** What git tracks or would track; without git, what is there. */
function filesOfRepository(): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // Deleted, but not yet for git.
    return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  } catch {
    return filesBelow('');
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', 'coverage', '.git'].includes(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
