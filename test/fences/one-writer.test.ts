/**
 * Every path on which rows of analytics tables are written, as the compiler finds them. A new one fails here: rows go live
 * through `publishRows` only, which checks them before and reads them back after.
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '..', '..');
const port = 'src/warehouse/warehouse.ts';

/** Who refers to an operation of the warehouse, or to a function of ours, beside who declares it, imports it or adapts it. */
const paths: Readonly<Record<string, readonly string[]>> = {
  'Warehouse.stage': ['src/publishing/put-live.ts putLive'],
  'Warehouse.publish': ['src/publishing/put-live.ts putLive'],
  'Warehouse.quarantine': ['src/publishing/put-live.ts putLive'],
  // Removes rows of versions that are not live.
  'Warehouse.prune': ['src/publishing/prune-versions.ts pruneVersions'],
  // Writes a manifest, and no row: what it puts on record is live already, and never current.
  'Warehouse.adopt': ['src/adoption/adopt-date.ts adoptPartition'],
  // Refuses every table that is not a raw one.
  'Warehouse.loadRows': ['src/control/server.ts addTables'],
  // The audit and the dead letters.
  'Warehouse.append': ['src/audit/append-audit.ts appendEntry', 'src/control/dead-letters.ts addDeadLetter'],
  // Whatever is put live is read back.
  'src/publishing/put-live.ts putLive': [
    'src/publishing/publish-rows.ts publishRows',
    'src/publishing/read-back.ts rollBack',
  ],
  'src/publishing/publish-rows.ts publishRows': [
    'src/activities/restore-version.ts publish',
    'src/publishing/keep-pinned.ts keepPinned',
    'src/publishing/publish-partition.ts publishPartition',
  ],
};

let service: ts.LanguageService;
let files: readonly string[];
/** Sources that are not on the disk, by their paths. */
const planted = new Map<string, string>();

beforeAll(() => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  files = ts.sys.readDirectory(join(root, 'src'), ['.ts']);
  service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...files, ...planted.keys()],
    getScriptVersion: () => '0',
    getScriptSnapshot: (path) => {
      const text = planted.get(path) ?? (ts.sys.fileExists(path) ? readFileSync(path, 'utf8') : undefined);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
    ...{ fileExists: ts.sys.fileExists, readFile: ts.sys.readFile, readDirectory: ts.sys.readDirectory },
  });
});

function sourceOf(path: string): ts.SourceFile {
  const source = service.getProgram()?.getSourceFile(path);
  if (!source) throw new Error(`${path} is no source of ours`);
  return source;
}

/** Where `Warehouse.stage`, or `FILE FUNCTION`, is declared. */
function declarationOf(what: string): { path: string; at: number } {
  const [file = '', name = ''] = what.includes(' ') ? what.split(' ') : [port, what.split('.')[1]];
  const path = join(root, file);
  let at: number | null = null;
  const visit = (node: ts.Node): void => {
    const isDeclared = ts.isMethodSignature(node) || ts.isFunctionDeclaration(node);
    if (isDeclared && node.name?.getText() === name) at = node.name.getStart();
    ts.forEachChild(node, visit);
  };
  visit(sourceOf(path));
  if (at === null) throw new Error(`${path} declares no ${name}`);
  return { path, at };
}

/** The function of the file's top level in which a reference stands; null where it only names, imports or declares. */
function callerAt(path: string, at: number): string | null {
  const source = sourceOf(path);
  const around: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (at < node.getStart() || at >= node.getEnd()) return;
    around.push(node);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  const [top] = around;
  const isNamed = around.some((node) => ts.isImportDeclaration(node) || ts.isTypeNode(node));
  const isDeclared = around.some(
    (node) =>
      (ts.isMethodSignature(node) || ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node)) &&
      node.name?.getStart() === at,
  );
  if (!top || ts.isInterfaceDeclaration(top) || isNamed || isDeclared) return null;
  const name = (top as { name?: ts.Node }).name?.getText() ?? 'top level';
  return `${relative(root, path)} ${name}`;
}

/** Who refers to it. */
function callersOf(what: string): string[] {
  const { path, at } = declarationOf(what);
  const references = service.findReferences(path, at)?.flatMap((one) => one.references) ?? [];
  return [...new Set(references.flatMap((one) => callerAt(one.fileName, one.textSpan.start) ?? []))].sort();
}

test.each(Object.keys(paths))(
  '%s',
  (what) => {
    expect(callersOf(what)).toEqual([...(paths[what] ?? [])].sort());
  },
  120_000,
);

test('incident 12: a processor that saves its rows by itself, past their checks, is found; nothing of ours does', () => {
  const path = join(root, 'src', 'processors', 'upcoming-team-game-context.ts');
  planted.set(
    path,
    `import type { Warehouse, PublishRequest } from '../warehouse/warehouse';
     export async function customSave(warehouse: Warehouse, rows: PublishRequest): Promise<void> {
       await warehouse.publish(rows);
     }`,
  );
  try {
    expect(callersOf('Warehouse.publish')).toEqual([
      'src/processors/upcoming-team-game-context.ts customSave',
      ...(paths['Warehouse.publish'] ?? []),
    ]);
  } finally {
    planted.delete(path);
  }
  expect(callersOf('Warehouse.publish')).toEqual(paths['Warehouse.publish']);
}, 120_000);
