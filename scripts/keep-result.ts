/** Leaves what a script has found where `phase3 deploy check` and `go-no-go` look for it: `results/<name>.json`. */
import { readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, relative } from 'node:path';
import { readResult, writeResult, type Result, type ResultName } from '../src/deploy/results';
import { commitOfTree } from './stamp-build';

type Files = NonNullable<Result['files']>;

/** `root`: the checkout. */
export function keepResult(
  root: string,
  name: ResultName,
  { command, figures, files }: Pick<Result, 'command' | 'figures'> & { readonly files?: Files },
): void {
  const [load = 0] = loadavg();
  writeResult(root, {
    ...{ name, command, commit: commitOfTree(root), at: new Date().toISOString() },
    load: Math.round((100 * load) / cpus().length) / 100,
    figures,
    ...(files ? { files } : {}),
  });
}

/** The same of a measurement; what a test runs of one is small, and measures nothing. */
export function keepMeasured(...given: Parameters<typeof keepResult>): void {
  if (process.env['JEST_WORKER_ID'] === undefined) keepResult(...given);
}

/** What is used of jest's report. */
export interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Keeps what came of test files. Files that were run before, on the very same tree, stay: the whole suite may be run in parts.
 * Failed and skipped tests are counted, and files that are there and were not run.
 */
export function keepTests(root: string, report: JestReport): void {
  const before = readResult(root, 'tests');
  const known = before?.commit === commitOfTree(root) ? (before.files ?? {}) : {};
  const ran = Object.fromEntries(report.testResults.map((file) => [nameIn(root, file.name), countsOf(file)]));
  const files: Files = { ...known, ...ran };
  const all = testFiles(root);
  const sum = (count: keyof Files[string]): number =>
    Object.values(files).reduce((total, file) => total + file[count], 0);
  keepResult(root, 'tests', {
    command: 'npm test',
    figures: {
      ...{ passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') },
      files: all.length,
      filesNotRun: all.filter((name) => !Object.hasOwn(files, name)).length,
    },
    files,
  });
}

/** A file that could not even be loaded has no tests, and has failed. */
function countsOf({ status, assertionResults }: JestReport['testResults'][number]): Files[string] {
  const count = (...states: string[]): number =>
    assertionResults.filter((one) => states.includes(one.status)).length;
  const failed = count('failed');
  return {
    passed: count('passed'),
    failed: status === 'failed' && failed === 0 ? 1 : failed,
    skipped: count('pending', 'skipped', 'todo', 'disabled'),
  };
}

function testFiles(root: string): string[] {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name.replaceAll('\\', '/')}`);
}

function nameIn(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/');
}
