/** `phase3 deploy canary` beside a live stack: builds with a fault planted are stopped, each by its gate; the live home stays as it is. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBuildInfo } from '../../src/config/build-info';
import {
  readCanaryReport,
  readDifferences,
  type CanaryReport,
  type RowDifference,
} from '../../src/deploy/canary-report';
import { whyNotPromote } from '../../src/deploy/judge-promotion';
import { Cli } from '../support/cli';
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

const gateOf = ({ gates }: CanaryReport, name: string): CanaryReport['gates'][number] | undefined =>
  gates.find((gate) => gate.name === name);

test('this very build: three dates, an empty diff, and nothing live is touched or left behind', async () => {
  const before = await live();
  const { stdout, stderr } = await cli.run(['deploy', 'canary', '--json']);
  const document = JSON.parse(stdout) as { report: CanaryReport };
  expect(document.report).toMatchObject({ dates: cohort, differences: 0, accepted: null });
  for (const gate of ['errors', 'rules', 'differences', 'cohort'])
    expect(gateOf(document.report, gate)).toMatchObject({ verdict: 'go', figure: 0 });
  expect(gateOf(document.report, 'p95')?.detail).toMatch(/\(6 nights\), live \d+ ms \(10\).*few samples/);
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
  expect(gateOf(report, 'differences')).toMatchObject({ verdict: 'stop', figure: report.differences });
  for (const gate of ['errors', 'rules']) expect(gateOf(report, gate)?.verdict).toBe('go');
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
  expect(gateOf(accepted!, 'differences')?.verdict).toBe('warn');
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
  expect(gateOf(report, 'errors')).toMatchObject({ verdict: 'stop', figure: 1 });
  expect(gateOf(report, 'errors')?.detail).toMatch(
    /the worker ended while it ran 2017-04-22: .*planted crash/,
  );
  // Nothing was compared, which is not the same as no difference.
  expect(gateOf(report, 'differences')).toMatchObject({ verdict: 'warn', figure: null });
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
  expect(gateOf(report, 'errors')?.verdict).toBe('stop');
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
  expect(gateOf(report, 'p95')).toMatchObject({ verdict: 'stop', limit: 50 });
  expect(gateOf(report, 'p95')!.figure).toBeGreaterThan(50);
  expect(gateOf(report, 'errors')?.verdict).toBe('go');
  // One date says little, and that is said.
  expect(gateOf(report, 'cohort')).toMatchObject({ verdict: 'warn', figure: 2 });
}, 300_000);

test('a live night of the build that runs is held against the same gates; one that has not ended is not judged', async () => {
  const build = readBuildInfo(join(__dirname, '..', '..', 'dist', 'build.json')).id;
  const night = (await cli.json('deploy', 'canary', '--watch', last)) as unknown as CanaryReport;
  expect(night).toMatchObject({ game_date: last, build });
  expect(night.gates.map(({ name, figure }) => [name, figure]).slice(0, 2)).toEqual([
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
