/** `phase3 plan --what-if BUILD`: what another build would make of the dates, figure by figure, while what is live stays as it is. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableOf } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import { Cli } from '../support/cli';
import { plantedBuild, type PlantedBuild } from '../support/planted-build';

const [first, second, last] = ['2017-04-15', '2017-04-16', '2017-04-17'] as const;
/** The column of each table that the other formula moves. */
const moves = {
  team_offense_game_summary: 'ts_pct',
  team_defense_game_summary: 'opponent_ts_pct',
  player_game_summary: 'ts_pct',
} as const;
const planted: PlantedBuild[] = [];
let cli: Cli;
let other: PlantedBuild;

/** As far as it is looked at. */
interface WhatIf {
  readonly build: string;
  readonly dry_run: boolean;
  readonly dates: readonly {
    readonly game_date: string;
    readonly tables: readonly {
      readonly table: string;
      readonly outcome: string;
      readonly live_version: number | null;
      readonly version: number | null;
      readonly difference: {
        readonly rows: { readonly changed: number; readonly added: number; readonly removed: number };
        readonly moved: readonly {
          readonly key: Row;
          readonly column: string;
          readonly before: number;
          readonly after: number;
        }[];
      } | null;
    }[];
  }[];
}

beforeAll(async () => {
  cli = await Cli.create();
  await cli.ok('up');
  await cli.ok('load', 'data/demo');
  await cli.ok('backfill', first, last, '--wait');
  other = await plant('formula', 'points / (2 * attempts)', 'points / (2.02 * attempts)');
  // It waits to be promoted, and so it is kept.
  const { code } = await cli.shell(`'${process.execPath}' '${other.folder}/bin/phase3.js' up`, {
    PHASE3_PROMOTION: 'by-hand',
  });
  expect(code).toBe(0);
}, 240_000);

afterAll(async () => {
  for (const build of planted) await build.remove();
  await cli.dispose();
}, 60_000);

async function plant(name: string, sound: string, faulty: string): Promise<PlantedBuild> {
  const build = await plantedBuild(name, 'processors/formulas/shooting.js', sound, faulty);
  planted.push(build);
  return build;
}

/** All that is live, and what is on record of it. */
async function live(): Promise<string[]> {
  const texts: string[] = [];
  for (const table of [...Object.keys(moves), 'partition_manifest', 'run_history', 'bypass_audit'])
    texts.push(await cli.ok('export', table, '--from', first, '--to', last));
  return [...texts, await cli.ok('export', 'deployment_audit', '1970-01-01')];
}

function keyOf(table: string, row: Row): string {
  return tableOf(table as keyof typeof moves)
    .key.map((column) => String(row[column]))
    .join(' ');
}

/** Live rows in which a formula that is scaled moves a figure: those that have one, and not nothing. */
async function rowsWith(table: string, column: string, gameDate: string): Promise<Map<string, number>> {
  const text = await cli.ok('export', table, gameDate);
  const rows = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
  const named = rows.map((row): [string, number] => [keyOf(table, row), Number(row[column] ?? 0)]);
  return new Map(named.filter(([, figure]) => figure !== 0));
}

async function whatIf(...args: string[]): Promise<WhatIf> {
  return JSON.parse(await cli.ok('plan', ...args, '--json')) as WhatIf;
}

async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cli.run(['plan', ...args]);
  expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
  return stderr;
}

test('names exactly the rows and the column that the other formula moves, twice at once, and touches nothing live', async () => {
  const before = await live();
  const [all, some] = await Promise.all([
    whatIf(`${first}..${second}`, '--what-if', other.id.slice(0, -2)),
    whatIf(last, '--processors', 'TeamDefenseGameSummaryProcessor', '--what-if', other.id),
  ]);
  expect(all).toMatchObject({ build: other.id, dry_run: true });
  expect(all.dates.map(({ game_date }) => game_date)).toEqual([first, second]);
  for (const { game_date: gameDate, tables } of all.dates) {
    expect(tables.map(({ table }) => table)).toEqual(Object.keys(moves));
    for (const { table, outcome, live_version, version, difference } of tables) {
      expect({ outcome, live_version, version }).toEqual({
        outcome: 'published',
        live_version: 1,
        version: 2,
      });
      const column = moves[table as keyof typeof moves];
      const figures = await rowsWith(table, column, gameDate);
      expect(figures.size).toBeGreaterThan(5);
      expect(difference?.rows).toMatchObject({ changed: figures.size, added: 0, removed: 0 });
      const moved = difference?.moved ?? [];
      expect(new Set(moved.map((one) => one.column))).toEqual(new Set([column]));
      const found = moved.map(({ key, before: was }): [string, number] => [keyOf(table, key), was]);
      expect(new Map(found)).toEqual(figures);
      for (const { before: was, after } of moved) expect(after / was).toBeCloseTo(2 / 2.02, 10);
    }
  }
  const ofSome = some.dates.flatMap(({ tables }) => tables).filter(({ difference }) => difference);
  expect(ofSome.map(({ table }) => table)).toEqual(['team_defense_game_summary']);

  expect(await live()).toEqual(before);
  expect(await readdir(cli.home)).not.toContain('canaries');
}, 240_000);

test('dates behind --what-if are dates, and the code is that of the worker', async () => {
  const { build, dates } = await whatIf('--what-if', first);
  expect(build).not.toBe(other.id);
  expect(dates[0]?.tables.map(({ difference }) => difference?.rows.changed)).toEqual([0, 0, 0]);
}, 60_000);

test('a build that is unknown, has other tables or is kept no more is refused, with those that are kept', async () => {
  const nobody = await refused(first, '--what-if', 'nobody');
  expect(nobody).toContain('--what-if is "nobody", expected');
  expect(nobody).toContain(other.id);
  expect(await refused(first, '--what-if', cli.home)).toContain('holds no build');
  expect(await refused('--what-if', other.id)).toContain('FROM..TO');
  expect(await refused(first, '--what-if', other.id, '--out', 'plan.json')).toContain('exclude each other');

  const tables = await plant('tables', '2 * attempts', '2 * attempts');
  const stamp = join(tables.folder, 'dist', 'build.json');
  const info = JSON.parse(await readFile(stamp, 'utf8')) as object;
  await writeFile(stamp, JSON.stringify({ ...info, schema: 'another' }));
  expect(await refused(first, '--what-if', tables.folder)).toContain('declares its tables otherwise');

  // Nobody needs it: it was never current, and no run is open on it.
  await cli.ok('up');
  const gone = await refused(first, '--what-if', other.id);
  expect(gone).toContain(`--what-if is "${other.id}", expected`);
  expect(gone).toContain('not kept any more');
  expect(await readdir(cli.home)).not.toContain('canaries');
}, 120_000);
