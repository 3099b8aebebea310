/**
 * A short chaos with a fixed seed, as CI can afford it, and the judge on a copy of the build with five faults planted, each for a
 * date of its own. `npm run chaos` is the whole one.
 */
import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canMount } from '../../scripts/chaos/small-disk';
import { plantedBuild, type PlantedBuild } from '../support/planted-build';

const script = join(__dirname, '..', '..', 'dist', 'scripts', 'chaos.js');
jest.setTimeout(600_000);

interface Report {
  readonly seed: number;
  readonly kills: number;
  readonly accepted: number;
  readonly sharedRuns: number;
  readonly dates: number;
  readonly acts: Readonly<Record<string, number>>;
  readonly homes: readonly string[];
  readonly findings: readonly {
    readonly promise: string;
    readonly gameDate: string | null;
    readonly sentence: string;
  }[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-chaos-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function chaos(...args: string[]): Promise<{ code: number; report: Report | null; stderr: string }> {
  return new Promise((resolve) => {
    // The home of a stack that failed is kept: here it goes with the rest.
    const env = { ...process.env, TMPDIR: folder };
    execFile(process.execPath, [script, '--json', ...args], { env }, (error, stdout, stderr) =>
      resolve({
        code: Number(error?.code ?? 0),
        report: stdout === '' ? null : (JSON.parse(stdout) as Report),
        stderr,
      }),
    );
  });
}

test('killed, stopped and started again while rows, messages and decisions come: every promise is kept', async () => {
  const { code, report, stderr } = await chaos('--seed', '4679', '--minutes', '2');
  expect({ findings: report?.findings, stderr, code }).toEqual({ findings: [], stderr: '', code: 0 });
  // Otherwise nothing was tried.
  expect(report?.kills).toBeGreaterThan(0);
  expect(report?.accepted).toBeGreaterThan(0);
  expect(report?.dates).toBeGreaterThan(4);
  expect(Object.keys(report?.acts ?? {}).join(' ')).toContain('warehouse_');
  expect(report?.acts['backfill_accepted']).toBeGreaterThan(0);
  expect(report?.sharedRuns).toBeGreaterThan(0);
  expect(report?.homes).toEqual([]);
  expect(await homesIn(folder)).toEqual([]);
});

/** Homes in a folder, and disks of some. */
async function homesIn(parent: string): Promise<string[]> {
  return (await readdir(parent)).filter((name) => /^phase3-(disk|chaos)-(?!acts-)/.test(name));
}

/** Of the file of the built copy: what is there once, and what is put in its place. */
const faults: Readonly<
  Record<string, { promise: string; file: string; sound: string; faulty: (date: string) => string }>
> = {
  '2018-01-01': {
    promise: 'order',
    file: '../workflow-bundle.js',
    sound: 'const ready = verdicts.filter((verdict) => verdict.level === level?.level && verdict.canRun &&',
    faulty: (date) =>
      `const ready = verdicts.filter((verdict) => (memory.gameDate === '${date}' || (verdict.level === level?.level && verdict.canRun)) &&`,
  },
  '2018-01-02': {
    promise: 'no bad row',
    file: 'publishing/build-rows.js',
    sound: 'Object.assign({}, row, {',
    faulty: (date) =>
      `Object.assign({}, row, row.game_date === '${date}' && row.ts_pct > 0 ? { ts_pct: row.ts_pct * 0.9 } : {}, {`,
  },
  '2018-01-03': {
    promise: 'decisions',
    file: 'audit/append-audit.js',
    sound: 'for (const entry of entries) {',
    faulty: (date) =>
      `if (origin.gameDate === '${date}') entries = entries.flatMap((one) => [one, { ...one, entryId: one.entryId + '-again' }]);
       for (const entry of entries) {`,
  },
  '2018-01-04': {
    promise: 'nothing lost',
    file: 'gateway/ask-date.js',
    sound: 'ask(request) {',
    faulty: (date) =>
      `ask(request) {
        if (request.gameDate === '${date}')
          return Promise.resolve({ httpStatus: 200, body: { status: 'unchanged', gameDate: '${date}', message: 'done' } });`,
  },
  '2018-01-05': {
    promise: 'nothing stuck',
    file: '../workflow-bundle.js',
    sound: '(0, memory_1.mayEnd)(date.memory) && (await isDone(date))',
    faulty: (date) =>
      `(0, memory_1.mayEnd)(date.memory) && date.memory.gameDate !== '${date}' && (await isDone(date))`,
  },
};

async function replaceOnce(path: string, sound: string, faulty: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  expect([path, text.split(sound).length - 1]).toEqual([path, 1]);
  await writeFile(
    path,
    text.replace(sound, () => faulty),
  );
}

async function withAllFaults(): Promise<PlantedBuild> {
  const [[date, first], ...others] = Object.entries(faults) as [
    [string, (typeof faults)[string]],
    ...[string, (typeof faults)[string]][],
  ];
  const build = await plantedBuild('chaos', first.file, first.sound, first.faulty(date));
  for (const [gameDate, { file, sound, faulty }] of others)
    await replaceOnce(join(build.folder, 'dist', 'src', file), sound, faulty(gameDate));
  return build;
}

test('five faults of five kinds in a copy of the build: each is found, on its date, and nothing else is', async () => {
  const build = await withAllFaults();
  try {
    const { code, report } = await chaos(
      ...['--seed', '1', '--minutes', '0.1', '--calm', '--patience', '15', '--build', build.folder],
      ...(canMount() ? ['--disk', '1024'] : []),
    );
    expect(code).toBe(1);
    const findings = report?.findings ?? [];
    const isPlanted = (one: Report['findings'][number]): boolean =>
      faults[String(one.gameDate)]?.promise === one.promise;
    expect(findings.filter((one) => !isPlanted(one))).toEqual([]);
    expect([...new Set(findings.map(({ gameDate }) => gameDate))].sort()).toEqual(Object.keys(faults));
    await expectKept(report?.homes ?? []);
  } finally {
    await build.remove();
  }
});

/** Of a play with findings, what they can be looked into with, though the disk on which it was is gone. */
async function expectKept(homes: readonly string[]): Promise<void> {
  expect(homes).toHaveLength(1);
  expect(await readFile('/proc/mounts', 'utf8').catch(() => '')).not.toContain(folder);
  for (const file of ['warehouse.duckdb', 'temporal.db', 'home.json', 'logs/worker.log'])
    await access(join(homes[0] ?? '', file));
}

test('a backfill that forgets a date: it is found, and on which date', async () => {
  const date = '2018-01-02';
  const build = await plantedBuild(
    'forgetful',
    '../workflow-bundle.js',
    'if (!Object.hasOwn(progress.asked, gameDate))',
    `if (gameDate === '${date}' || !Object.hasOwn(progress.asked, gameDate))`,
  );
  try {
    const { code, report } = await chaos(
      ...['--seed', '3', '--minutes', '0.5', '--calm', '--patience', '15', '--build', build.folder],
    );
    expect(code).toBe(1);
    const findings = report?.findings ?? [];
    const isPlanted = ({ promise, gameDate, sentence }: Report['findings'][number]): boolean =>
      promise === 'nothing stuck' && gameDate === date && sentence.includes('backfill');
    expect(findings.filter((one) => !isPlanted(one))).toEqual([]);
    expect(findings.length).toBeGreaterThan(0);
  } finally {
    await build.remove();
  }
});
