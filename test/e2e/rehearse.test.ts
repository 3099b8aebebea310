/** `phase3 rehearse incident` as a newcomer runs it: beside his own stack, and whatever his environment names. */
import { spawn } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readBuildInfo } from '../../src/config/build-info';
import { readRehearsal } from '../../src/deploy/rehearsal-report';
import { plantedBuild } from '../support/planted-build';
import { Cli } from '../support/cli';

const date = '2026-02-03';
const ownBuild = readBuildInfo(join(__dirname, '..', '..', 'dist', 'build.json')).id ?? '';
const script = join(__dirname, '..', '..', 'bin', 'phase3.js');

interface Document {
  readonly outcome: string;
  readonly seconds: number;
  readonly kept_in: string | null;
  readonly steps: readonly { readonly name: string; readonly facts: Readonly<Record<string, unknown>> }[];
}

/**
 * All that is in a home, with what it holds; what a running stack writes by itself left out. Of the kept builds the names: they
 * are links to files of the checkout, more than a process may open at once.
 */
async function contentsOf(home: string): Promise<string[]> {
  const names = await readdir(home, { recursive: true });
  const settled = names.filter((name) => !/^(temporal\.db|logs|tmp|warehouse\.duckdb\.wal)/.test(name));
  return Promise.all(
    settled.sort().map(async (name) => {
      if (name.startsWith('builds/')) return name;
      const text = await readFile(join(home, name), 'base64').catch(() => '(folder)');
      return `${name} ${text}`;
    }),
  );
}

test('the deployed build, beside its stack: nine steps in order, 0, and that stack and its home are as they were', async () => {
  const cli = await Cli.create();
  try {
    await cli.ok('up');
    const [status, before] = [await cli.json('status'), await contentsOf(cli.home)];
    const { code, stdout, stderr } = await cli.run(['rehearse', 'incident', '--deployed']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect([...stdout.matchAll(/^\d\d:\d\d {2}(\d)\. /gm)].map(([, step]) => step).join('')).toBe(
      '123456789',
    );
    const told = [
      'The figures are those of 2017-04-16',
      `What is played with is build ${ownBuild}.`,
      '85 of 85 players who played have no usage rate',
      '30 at 600 % and more',
      '20260203_OKC_HOU missing: no team row',
      '20260203_OKC_HOU placeholder: HOU has 0 points, no minutes',
      '2026-02-03 is blocked',
      'Level 1: Running 2 processors - Team stats - foundation for player calculations',
      'Level 2: Running 1 processors - Player stats - requires team possessions',
      'The highest usage rate is 47.2 % (Russell Westbrook, OKC); 0 players are above 100 %.',
      'Player rows in the warehouse: 0, 0, 0 at the steps before, 85 now; 0 of them',
      'an UPDATE past phase3',
      'phase3 verify 2026-02-03` finds',
      'every row is as published. The audit has the rerun, by rehearsal: live rows were altered by hand.',
      'all steps went as expected',
    ];
    expect(told.filter((sentence) => !stdout.includes(sentence))).toEqual([]);
    const places = told.map((sentence) => stdout.indexOf(sentence));
    expect(places).toEqual([...places].sort((a, b) => a - b));

    expect(await cli.json('status')).toEqual(status);
    // Of a build that is named it is kept what came of it, for the decision about it.
    expect(await readRehearsal(cli.home, ownBuild)).toMatchObject({
      ...{ build: ownBuild, failed: null, steps: 9, above: 0, aboveAllAtOnce: expect.any(Number) as number },
    });
    await rm(join(cli.home, 'deploy'), { recursive: true });
    expect(await contentsOf(cli.home)).toEqual(before);
    expect(await cli.ok('export', 'player_game_summary', '--from', date, '--to', date)).toBe('');
  } finally {
    await cli.dispose();
  }
}, 180_000);

test('an environment that names another warehouse, server and webhook reaches nothing; --json is pure; what is kept can be looked at', async () => {
  const cli = await Cli.create();
  const theirs = {
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    PHASE3_WAREHOUSE: 'bigquery',
    PHASE3_BIGQUERY_PROJECT: 'nba-props-prod',
    PHASE3_DATASET_PREFIX: 'shadow',
    PHASE3_WEBHOOK_URL: 'http://127.0.0.1:1/hook',
  };
  const { code, stdout, stderr } = await cli.run(['rehearse', 'incident', '--json', '--keep'], theirs);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const document = JSON.parse(stdout) as Document;
  expect(document).toMatchObject({ outcome: 'as_promised', game_date: date, figures_of: '2017-04-16' });
  expect(document.seconds).toBeLessThan(60);
  expect(document.steps.map(({ name }) => name)).toEqual([
    ...['gamebook_arrives', 'flat_launch', 'date_waits', 'placeholders_arrive', 'deadline_passes'],
    ...['team_rows_arrive', 'result', 'hand_repair', 'built_again'],
  ]);
  const factsOf = (name: string): unknown => document.steps.find((step) => step.name === name)?.facts;
  expect(factsOf('hand_repair')).toMatchObject({ columns: ['usage_rate', 'usage_rate_raw'] });
  expect(factsOf('built_again')).toMatchObject({ state: 'published', above_100: 0 });
  expect(factsOf('result')).toMatchObject({
    ...{ above_100: 0, player_rows_before: [0, 0, 0], player_rows: 85, flat_rows_in_warehouse: 0 },
    ...{ is_open: false, highest_player: 'Russell Westbrook' },
  });
  expect(stderr).toContain('To inspect it');
  expect(stderr).toContain('env -u PHASE3_BIGQUERY_PROJECT');

  const kept = { PHASE3_HOME: document.kept_in ?? '' };
  try {
    expect((await cli.run(['why', date], kept)).stdout).toContain(`${date} is published.`);
    expect((await cli.run(['status', '--json'], kept)).stdout).toContain('"healthy": true');

    // Everything is published there: the first thing that is promised does not hold.
    const again = await cli.run(['rehearse', 'play', '--json'], kept);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('Step 1 (gamebook_arrives) did not go as expected: published already');
    expect(JSON.parse(again.stdout)).toMatchObject({
      outcome: 'not_as_promised',
      failed_step: 'gamebook_arrives',
      steps: [],
    });
  } finally {
    await cli.run(['down'], kept);
    await cli.dispose();
  }
}, 180_000);

test('a build that takes placeholders for box scores does not pass, and it is said which step did not hold', async () => {
  const cli = await Cli.create();
  const careless = await plantedBuild(
    'careless',
    'sources/nbac-team-boxscore/whole-game.js',
    'function placeholderFaults(row) {',
    'function placeholderFaults(row) { return [];',
  );
  try {
    const { code, stdout, stderr } = await cli.run(['rehearse', 'incident', '--build', careless.folder]);
    expect(code).toBe(1);
    expect(stdout).toContain(`What is played with is build ${careless.id}.`);
    expect(stderr).toContain('Step 4 (placeholders_arrive) did not go as expected');
    expect(await readRehearsal(cli.home, careless.id)).toMatchObject({
      ...{ failed: { step: 'placeholders_arrive' }, steps: 3, above: null },
    });
    expect(await cli.run(['rehearse', 'incident', '--build', 'no-such-build'])).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('the id of a build that is kept here') as string },
    });
    expect(await readdir(cli.home)).toEqual(['deploy']);
  } finally {
    await careless.remove();
    await cli.dispose();
  }
}, 180_000);

test('a build that does not see rows altered by hand does not pass', async () => {
  const cli = await Cli.create();
  const blind = await plantedBuild(
    'blind',
    'verify/verify-date.js',
    "if (found?.kind !== 'rows')",
    "if (found?.kind !== 'none')",
  );
  try {
    const { code, stderr } = await cli.run(['rehearse', 'incident', '--build', blind.folder]);
    expect(code).toBe(1);
    expect(stderr).toContain('Step 8 (hand_repair) did not go as expected: found altered: nothing');
  } finally {
    await blind.remove();
    await cli.dispose();
  }
}, 180_000);

test('Ctrl-C: the stack is taken down, and nothing is left', async () => {
  const cli = await Cli.create();
  const child = spawn(process.execPath, [script, 'rehearse', 'incident'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PHASE3_HOME: cli.home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  let ui = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ui ||= /Temporal UI: (http:\S+?)\/namespaces/.exec(text)?.[1] ?? '';
    if (text.includes(' 3. ')) child.kill('SIGINT');
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'Interrupted; the stack is stopped.\n' });
  expect(ui).toMatch(/^http:/);
  await expect(fetch(ui)).rejects.toThrow('fetch failed');
  expect(await readdir(cli.home)).toEqual([]);
  await cli.dispose();
}, 120_000);

test('nothing is played in a home that was not made for it', async () => {
  const cli = await Cli.create();
  const { code, stderr } = await cli.run(['rehearse', 'play']);
  expect(code).toBe(2);
  expect(stderr).toContain('was not created for a rehearsal');
  expect(await readdir(cli.home)).toEqual([]);
  await cli.dispose();
}, 60_000);
