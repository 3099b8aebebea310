/** The bench as it is run: a night of a small season, measured on this checkout. What it finds wrong ends it with 1. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSeason } from '../../scripts/bench/season';

const root = join(__dirname, '..', '..');
const script = join(root, 'dist', 'scripts', 'bench.js');
jest.setTimeout(120_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Five nights of the demo; `isWanted` may leave tables out. */
async function seasonOf(name: string, isWanted: (table: string) => boolean): Promise<string> {
  const demo = readSeason(join(root, 'data', 'demo'));
  const nights = [...demo.nights.keys()].slice(-5);
  const raw = join(folder, name, 'nba_raw');
  await mkdir(raw, { recursive: true });
  for (const [table, rows] of demo.tables) {
    if (!isWanted(table)) continue;
    const kept = rows.filter((row) => nights.includes(String(row['game_date'])));
    await writeFile(join(raw, `${table}.ndjson`), kept.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  return join(folder, name);
}

function bench(season: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = [
    script,
    '--against',
    'none',
    '--only',
    'night',
    '--rounds',
    '1',
    '--json',
    '--season',
    season,
  ];
  return new Promise((resolve) => {
    // The home of a stack that failed is kept: here it goes with the rest.
    const env = { ...process.env, TMPDIR: folder };
    execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test('a night is measured', async () => {
  const { code, stdout, stderr } = await bench(await seasonOf('whole', () => true));
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const document = JSON.parse(stdout) as {
    parts: { part: string; figures: { name: string; ours: { median: number } }[] }[];
  };
  expect(document).toMatchObject({ baseline: null, season: { demo: false, nights: 5 }, rounds: 1 });
  expect(document.parts.map(({ part }) => part)).toEqual(['night']);
  const figures = new Map(document.parts[0]?.figures.map(({ name, ours }) => [name, ours.median]));
  for (const name of [
    'a night alone: push to published, p50',
    'the same night, unchanged, p95',
    'a night: history events',
    'a night: activities',
    'a night: workflow tasks',
    'raw rows kept, a night',
  ])
    expect([name, figures.get(name)]).toEqual([name, expect.any(Number)]);
});

test('nights that are not published end it', async () => {
  const { code, stdout, stderr } = await bench(
    await seasonOf('late', (table) => table !== 'nbac_team_boxscore'),
  );
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('was answered 500 dependency_not_ready, expected 200 completed.');
});
