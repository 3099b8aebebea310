/**
 * `phase3 deploy canary` beside a live stack: builds with a fault planted are stopped, each by its criterion, and the live home stays as it
 * is. At the end a bad build becomes live, and is rolled back during a night.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readBuildInfo } from '../../src/config/build-info';
import {
  readCanaryReport,
  readDifferences,
  type CanaryReport,
  type RowDifference,
} from '../../src/deploy/canary-report';
import { whyNotPromote } from '../../src/deploy/judge-promotion';
import { Cli, type Ended } from '../support/cli';
import { loadNights } from '../support/load-nights';
import { demoNight, movedTo } from '../support/nights';
import { plantedBuild, type PlantedBuild } from '../support/planted-build';

const [first, last] = ['2017-04-15', '2017-04-24'];
const cohort = ['2017-04-22', '2017-04-23', '2017-04-24'];
const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'];
const planted: PlantedBuild[] = [];
let cli: Cli;

beforeAll(async () => {
  cli = await Cli.create();
  await cli.ok('up');
  await cli.ok('load', 'data/demo');
  await cli.ok('backfill', first, last, '--wait');
}, 240_000);

afterAll(async () => {
  for (const build of planted) await build.remove();
  await cli.dispose();
}, 60_000);

async function plant(...fault: Parameters<typeof plantedBuild>): Promise<PlantedBuild> {
  const build = await plantedBuild(...fault);
  planted.push(build);
  return build;
}

/** All that is live, and what is on record of it. */
async function live(): Promise<string[]> {
  const texts: string[] = [];
  for (const table of [...tables, 'partition_manifest', 'run_history', 'bypass_audit'])
    texts.push(await cli.ok('export', table, '--from', first, '--to', last));
  return texts;
}

async function canaryOf(
  build: PlantedBuild,
  ...options: string[]
): Promise<{ code: number | null; report: CanaryReport }> {
  const { code, stderr } = await cli.run(['deploy', 'canary', '--build', build.folder, ...options]);
  const report = await readCanaryReport(cli.home, build.id);
  if (!report) throw new Error(`no report was written:\n${stderr}`);
  return { code, report };
}

const criterionOf = (
  { criteria }: CanaryReport,
  name: string,
): CanaryReport['criteria'][number] | undefined => criteria.find((criterion) => criterion.name === name);

test('this very build: three dates, an empty diff, and nothing live is touched or left behind', async () => {
  const before = await live();
  const { stdout, stderr } = await cli.run(['deploy', 'canary', '--json']);
  const document = JSON.parse(stdout) as { report: CanaryReport };
  expect(document.report).toMatchObject({ dates: cohort, differences: 0, accepted: null });
  for (const criterion of ['errors', 'rules', 'differences', 'cohort'])
    expect(criterionOf(document.report, criterion)).toMatchObject({ verdict: 'go', figure: 0 });
  expect(criterionOf(document.report, 'p95')?.detail).toMatch(
    /\(6 nights\), live \d+ ms \(10\).*few samples/,
  );
  expect(stderr).toContain('2017-04-22 is taken: overtime: MEM played 265:00 minutes.');

  const build = readBuildInfo(join(__dirname, '..', '..', 'dist', 'build.json')).id ?? '';
  expect(await readCanaryReport(cli.home, build)).toMatchObject({ build, base: build });
  expect(await readDifferences(cli.home, build)).toEqual({ build, left_out: 0, differences: [] });
  expect(await live()).toEqual(before);
  // The shadow and its folder are gone.
  expect(await readdir(cli.home)).not.toContain('canaries');
  const { code, stderr: refusal } = await cli.run([
    'deploy',
    'diff',
    '--accept',
    '--reason',
    'meant to be like this',
  ]);
  expect({ code, refusal }).toEqual({
    code: 2,
    refusal: expect.stringContaining('differs in nothing') as string,
  });
}, 240_000);

test('a wrong formula is stopped by the diff, which names the column; accepted, by whom and why, it may become live', async () => {
  const wrong = await plant(
    'formula',
    'processors/formulas/shooting.js',
    'points / (2 * attempts)',
    'points / (2.02 * attempts)',
  );
  const before = await live();
  const { code, report } = await canaryOf(wrong);
  expect({ code, verdict: report.verdict }).toEqual({ code: 1, verdict: 'stop' });
  expect(criterionOf(report, 'differences')).toMatchObject({ verdict: 'stop', figure: report.differences });
  for (const criterion of ['errors', 'rules']) expect(criterionOf(report, criterion)?.verdict).toBe('go');
  expect(await live()).toEqual(before);

  const { differences } = (await cli.json('deploy', 'diff', wrong.id)) as unknown as {
    differences: RowDifference[];
  };
  expect(differences).toHaveLength(report.differences);
  expect(new Set(differences.map(({ column }) => column))).toEqual(new Set(['ts_pct', 'opponent_ts_pct']));
  expect(new Set(differences.map(({ game_date }) => game_date))).toEqual(new Set(cohort));
  for (const { old, new: now } of differences) expect(Number(now) / Number(old)).toBeCloseTo(2 / 2.02, 10);

  const asked = { build: wrong.id, current: report.base, withoutCanary: false };
  expect(whyNotPromote(asked, report).join(' ')).toContain('phase3 deploy diff');
  const accept = ['deploy', 'diff', '--accept', '--by', 'ann'];
  expect(await cli.run(accept)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--reason') as string,
  });
  await cli.ok(...accept, wrong.id.slice(0, -2), '--reason', 'true shooting is to be two per cent lower');
  const accepted = await readCanaryReport(cli.home, wrong.id);
  expect(accepted?.accepted).toMatchObject({
    by: 'ann',
    reason: 'true shooting is to be two per cent lower',
  });
  expect(criterionOf(accepted!, 'differences')?.verdict).toBe('warn');
}, 240_000);

test('a build that crashes on a date is stopped by the errors, with the last words of its worker', async () => {
  const crashing = await plant(
    'crash',
    'processors/formulas/shooting.js',
    'const attempts =',
    "process.stderr.write('the planted crash'); process.exit(7); const attempts =",
  );
  const { code, report } = await canaryOf(crashing);
  expect({ code, verdict: report.verdict, differences: report.differences }).toEqual({
    ...{ code: 1, verdict: 'stop', differences: 0 },
  });
  expect(criterionOf(report, 'errors')).toMatchObject({ verdict: 'stop', figure: 1 });
  expect(criterionOf(report, 'errors')?.detail).toMatch(
    /the worker ended while it ran 2017-04-22: .*planted crash/,
  );
  // Nothing was compared, which is not the same as no difference.
  expect(criterionOf(report, 'differences')).toMatchObject({ verdict: 'warn', figure: null });
  const asked = { build: crashing.id, current: report.base, withoutCanary: false };
  expect(whyNotPromote(asked, report).join(' ')).toContain('errors');
}, 240_000);

test('a build whose processor throws is stopped by the errors', async () => {
  const throwing = await plant(
    'throw',
    'publishing/build-rows.js',
    'const figures = ',
    "if (processor.name.startsWith('TeamDefense')) throw new TypeError('planted'); const figures = ",
  );
  const { code, report } = await canaryOf(throwing, '--dates', '1');
  expect({ code, verdict: report.verdict }).toEqual({ code: 1, verdict: 'stop' });
  expect(criterionOf(report, 'errors')?.verdict).toBe('stop');
}, 240_000);

test('a build that is slow is stopped by p95', async () => {
  const slow = await plant(
    'slow',
    'publishing/build-rows.js',
    'const figures = ',
    'const end = Date.now() + 2500; while (Date.now() < end); const figures = ',
  );
  const { code, report } = await canaryOf(slow, '--dates', '1');
  expect({ code, verdict: report.verdict, differences: report.differences }).toEqual({
    ...{ code: 1, verdict: 'stop', differences: 0 },
  });
  expect(criterionOf(report, 'p95')).toMatchObject({ verdict: 'stop', limit: 50 });
  expect(criterionOf(report, 'p95')!.figure).toBeGreaterThan(50);
  expect(criterionOf(report, 'errors')?.verdict).toBe('go');
  // One date says little, and that is said.
  expect(criterionOf(report, 'cohort')).toMatchObject({ verdict: 'warn', figure: 2 });
}, 300_000);

test('a live night of the build that runs is held against the same criteria; one that has not ended is not judged', async () => {
  const build = readBuildInfo(join(__dirname, '..', '..', 'dist', 'build.json')).id;
  const night = (await cli.json('deploy', 'canary', '--watch', last)) as unknown as CanaryReport;
  expect(night).toMatchObject({ game_date: last, build });
  expect(night.criteria.map(({ name, figure }) => [name, figure]).slice(0, 2)).toEqual([
    ['errors', 0],
    ['rules', 0],
  ]);
  expect(await cli.run(['deploy', 'canary', '--watch', '2017-05-20'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('has not ended yet') as string,
  });
}, 60_000);

test('the check names what is red, with what to do, and looks at the deployment as doctor does', async () => {
  const { code, stdout } = await cli.run(['deploy', 'check', '--json']);
  const { checks } = JSON.parse(stdout) as {
    checks: { name: string; status: string; detail: string; act: string | null }[];
  };
  const named = new Map(checks.map((check) => [check.name, check]));
  for (const name of [
    'build',
    'configuration',
    'temporal',
    'search attributes',
    'warehouse',
    'registry',
    'schema',
  ])
    expect(named.get(name)).toMatchObject({ status: 'ok' });
  // Whatever was run of this very tree: what is red says so with a command, and ends with 1.
  const red = checks.filter(({ status }) => status === 'fail');
  expect(code).toBe(red.length > 0 ? 1 : 0);
  for (const { act } of red) expect(act).toContain('npm ');
}, 60_000);

test('the source of a package without one is not checked here, and red, unless its results were shipped', async () => {
  const installed = await plant(
    'installed',
    'processors/formulas/shooting.js',
    '2 * attempts',
    '2 * attempts',
  );
  const checked = async (): Promise<Map<string, { status: string; detail: string }>> => {
    const { stdout } = await cli.shell(
      `'${process.execPath}' '${installed.folder}/bin/phase3.js' deploy check --json`,
    );
    const { checks } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as {
      checks: { name: string; status: string; detail: string }[];
    };
    return new Map(checks.map((check) => [check.name, check]));
  };
  expect((await checked()).get('types')).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('not checked here: there is no source tree') as string,
  });
  const at = new Date().toISOString();
  const result = { name: 'check', command: 'npm run check', at, load: 0, figures: { typecheck: true } };
  await mkdir(join(installed.folder, 'results'));
  const shipped = (commit: string): Promise<void> =>
    writeFile(join(installed.folder, 'results', 'check.json'), JSON.stringify({ ...result, commit }));
  await shipped(installed.id);
  const found = await checked();
  expect([found.get('types')?.status, found.get('lock')?.status]).toEqual(['ok', 'fail']);
  await shipped('another');
  expect((await checked()).get('types')?.status).toBe('fail');
}, 60_000);

test('what cannot be tried is refused before anything is started', async () => {
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await cli.run(['deploy', 'canary', ...args]);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused('--dates', '0')).toContain('expected a whole number from 1 to 30');
  expect(await refused('--build', cli.home)).toContain('holds no build: bin/phase3.js');
}, 60_000);

/** The command line of another build, in the same home; what it says is in stdout. */
function by({ folder }: PlantedBuild, ...args: string[]): Promise<Ended> {
  return cli.shell(`'${process.execPath}' '${folder}/bin/phase3.js' ${args.join(' ')}`);
}

/** A date's status, once it is as it is wanted. */
async function until(
  gameDate: string,
  holds: (status: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  for (;;) {
    const status = await cli.json('status', gameDate);
    if (holds(status)) return status;
    await pause(200);
  }
}

const builderOf = (status: Record<string, unknown>, table: string): unknown =>
  (status['versions'] as Record<string, { commit: string }>)[table]?.commit;

test('a rollback during a night: what waits goes on waiting, what the bad build was publishing is taken back, and it is remembered', async () => {
  const [waits, begun] = ['2017-06-20', '2017-04-23'];
  const night = { ...movedTo(demoNight('2017-04-15'), waits), nbac_team_boxscore: [] };
  const good = readBuildInfo(join(__dirname, '..', '..', 'dist', 'build.json')).id ?? '';
  const nightOf = (gameDate: string): Promise<string[]> =>
    Promise.all(tables.map((table) => cli.ok('export', table, '--from', gameDate, '--to', gameDate)));
  const before = await nightOf(last);

  // The bad build takes some seconds for a table, so that it can be met between two, and before the first.
  const late = await plant(
    'late',
    'publishing/publish-rows.js',
    'const put = await',
    'await new Promise((go) => setTimeout(go, 6000)); const put = await',
  );
  expect(await by(late, 'deploy promote --without-canary --reason "a quiet afternoon"')).toMatchObject({
    code: 0,
  });
  await loadNights(cli, [night]);
  await cli.ok('run', waits);
  const { deadline } = await until(waits, ({ state }) => state === 'waiting');
  await cli.ok('rerun', last, '--force', '--reason', 'published by the bad build');
  await until(last, (status) => builderOf(status, tables[0] ?? '') === late.id);

  await cli.ok('rerun', begun, '--force', '--reason', 'to be published when the rollback has begun');

  const back = ['deploy', 'rollback', '--restore', '--by', 'ann', '--reason', 'it is slow'];
  const { code, stdout, stderr } = await cli.run([...back, '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const told = JSON.parse(stdout) as { restored: { game_date: string; tables: string[] }[] };
  expect(told).toMatchObject({ build: good, before: late.id, still_on_others: [] });
  const restored = told.restored.find(({ game_date }) => game_date === last);
  expect(restored?.tables).toContain(tables[0]);
  expect(await nightOf(last)).toEqual(before);
  // Published by the bad build after the rollback had begun, or by the good one: what is live is not the bad one's.
  const settled = await until(begun, ({ state }) => state !== 'running');
  for (const table of tables) expect(builderOf(settled, table)).not.toBe(late.id);

  // It waits where it did, and is published by the build that is good.
  expect(await until(waits, ({ state }) => state === 'waiting')).toMatchObject({ deadline });
  await loadNights(cli, [movedTo(demoNight('2017-04-15'), waits)]);
  await cli.ok('run', waits, '--source', 'nbac_team_boxscore', '--wait');
  const published = await cli.json('status', waits);
  for (const table of tables) expect(builderOf(published, table)).toBe(good);

  const status = await cli.json('deploy', 'status');
  const pinned = expect.arrayContaining([expect.objectContaining({ game_date: last })]) as unknown;
  expect(status).toMatchObject({ current: good, pinned_by_rollback: pinned });
  const versions = status['versions'] as { build: string; workers: string[]; rolled_back: unknown }[];
  expect(versions.find(({ build }) => build === late.id)).toMatchObject({ rolled_back: { by: 'ann' } });
  expect(versions.find(({ build }) => build === good)?.workers).not.toEqual([]);

  const again = 'deploy promote --without-canary --reason "it is not slow"';
  expect(await by(late, again)).toMatchObject({
    ...{ code: 1, stdout: expect.stringContaining('was rolled back by ann') as string },
  });
  expect(await by(late, `${again} --although-rolled-back --dry-run`)).toMatchObject({ code: 0 });
  // Again: the rollback goes no step further, and finds nothing more.
  expect(await cli.run(back)).toMatchObject({ code: 0, stdout: expect.stringMatching(/is current already/) });

  // A build that is started takes over, and lifts no pin; it says so. A promotion does.
  const next = await plant('next', 'processors/formulas/shooting.js', '2 * attempts', '2 * attempts');
  const up = await by(next, 'up');
  expect(up).toMatchObject({ code: 0, stdout: expect.stringContaining('stays pinned') as string });
  expect(await cli.json('deploy', 'status')).toMatchObject({
    current: next.id,
    pinned_by_rollback: pinned,
  });
  expect(await by(next, 'deploy promote --reason "it is right"')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('unpinned: ') as string,
  });
  expect(await cli.json('deploy', 'status')).toMatchObject({ pinned_by_rollback: [] });
  expect(builderOf(await cli.json('status', last), tables[0] ?? '')).toBe(next.id);
}, 400_000);
