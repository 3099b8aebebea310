/**
 * The examples, applied to a copy of the project just as their READMEs say: one folder and one line each. The copy is built and
 * run, on DuckDB and on BigQuery's client, and everything that lists, checks, explains or counts knows the processor.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  describeWithEmulator,
  emulatorProject,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { Cli } from '../support/cli';
import { demoNight, movedTo, type Night, type RawTable } from '../support/nights';

const project = join(__dirname, '..', '..');
const night = '2017-04-15';
/** A night of which one game of four has no team rows, and one on which a team shot impossibly often from three. */
const waiting = '2017-06-20';
const wrong = '2017-06-21';
const shotMix = 'TeamShotMixProcessor';
const offense = 'TeamOffenseGameSummaryProcessor';
const defense = 'TeamDefenseGameSummaryProcessor';
const table = 'team_shot_mix_summary';
const officials = 'nbac_referee_assignments';

jest.setTimeout(300_000);
let copy: string;
let data: string;

/** The steps of an example's README: its folder into the room, and the line of its first code block into the registry. */
function apply(example: string, folder: string, room: string): void {
  const home = join(project, 'examples', example);
  cpSync(join(home, folder), join(copy, 'src', room, folder), { recursive: true });
  const [, line] = /```ts\n\s*(export .*)\n/.exec(readFileSync(join(home, 'README.md'), 'utf8')) ?? [];
  appendFileSync(join(copy, 'src', room, 'registry.ts'), `${line ?? ''}\n`);
}

/** What the README of the source says of a processor that builds on it. */
function readOfficials(): void {
  const path = join(copy, 'src', 'processors', 'team-shot-mix-summary', 'index.ts');
  const text = readFileSync(path, 'utf8')
    .replace(
      'reads: { schedule: nbacSchedule }',
      'reads: { schedule: nbacSchedule, officials: nbacRefereeAssignments }',
    )
    .replace('triggers: [', 'triggers: [nbacRefereeAssignments, ')
    .replace(
      /^import/m,
      "import { nbacRefereeAssignments } from '../../sources/nbac-referee-assignments';\nimport",
    );
  writeFileSync(path, text);
}

function build(): void {
  execFileSync(process.execPath, [join(copy, 'scripts', 'build.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Three nights as raw files, with two officials a game. */
function writeNights(): void {
  const late = movedTo(demoNight(night), waiting);
  const odd = movedTo(demoNight(night), wrong);
  const nights: Night[] = [
    demoNight(night),
    { ...late, nbac_team_boxscore: late['nbac_team_boxscore'].slice(2) },
    {
      ...odd,
      // Every shot of one team is a three, in both sources: no rule of the game has anything against that.
      nbac_team_boxscore: odd['nbac_team_boxscore'].map((row, index) =>
        index === 0
          ? { ...row, three_pt_attempted: row['fg_attempted'] ?? null, three_pt_percentage: null }
          : row,
      ),
      nbac_gamebook_player_stats: odd['nbac_gamebook_player_stats'].map((row) =>
        row['team_abbr'] === odd['nbac_team_boxscore'][0]?.['team_abbr']
          ? { ...row, three_pointers_attempted: row['field_goals_attempted'] ?? null }
          : row,
      ),
    },
  ];
  mkdirSync(join(data, 'nba_raw'));
  const write = (name: string, rows: readonly object[]): void =>
    writeFileSync(join(data, 'nba_raw', `${name}.ndjson`), rows.map((row) => JSON.stringify(row)).join('\n'));
  for (const name of Object.keys(demoNight(night)) as RawTable[])
    write(
      name,
      nights.flatMap((rows) => rows[name] ?? []),
    );
  write(
    officials,
    nights.flatMap((rows) =>
      rows['nbac_schedule'].flatMap(({ game_date, game_id }) =>
        ['first', 'second'].map((official) => ({
          game_date,
          game_id,
          official_name: `the ${official} official`,
        })),
      ),
    ),
  );
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'phase3-example-'));
  data = mkdtempSync(join(tmpdir(), 'phase3-example-data-'));
  for (const part of [
    'src',
    'scripts',
    'bin',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ])
    cpSync(join(project, part), join(copy, part), { recursive: true });
  for (const part of ['node_modules', 'data']) symlinkSync(join(project, part), join(copy, part), 'dir');
  apply('add-a-processor', 'team-shot-mix-summary', 'processors');
  apply('add-a-source', 'nbac-referee-assignments', 'sources');
  readOfficials();
  build();
  writeNights();
});
afterAll(() => {
  for (const folder of [copy, data]) rmSync(folder, { recursive: true, force: true });
});

/** Asks again for a minute at the most, until the answer says that nothing is wrong. */
async function until(whatIsWrong: () => Promise<string | null>): Promise<void> {
  const end = Date.now() + 60_000;
  for (let wrong = await whatIsWrong(); wrong !== null; wrong = await whatIsWrong()) {
    if (Date.now() > end) throw new Error(`after a minute still: ${wrong}`);
    await pause(200);
  }
}

/** Rows of an export. */
async function rowsOf(cli: Cli, name: string, date = night): Promise<Record<string, unknown>[]> {
  const text = await cli.ok('export', name, '--from', date, '--to', date);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What the night must have made of the new processor, whatever the warehouse. */
async function expectNight(cli: Cli): Promise<void> {
  const log = await cli.ok('run', night, '--wait');
  expect(log).toMatch(/Level 2: Running 2 processors - .*; Shot mix - from team possessions/);
  expect(log).toContain(`✅ ${shotMix} completed`);
  expect(log.indexOf(`✅ ${offense} completed`)).toBeLessThan(log.indexOf('Level 2: Running'));

  const [rows, teams] = [await rowsOf(cli, table), await rowsOf(cli, 'team_offense_game_summary')];
  expect(rows).toHaveLength(8);
  for (const row of rows) {
    const team = teams.find(({ team_abbr }) => team_abbr === row['team_abbr'])!;
    expect(row).toMatchObject({
      pace: team['pace'],
      three_pt_attempt_share: Number(team['three_pt_attempts']) / Number(team['fg_attempts']),
      free_throw_rate: Number(team['ft_attempts']) / Number(team['fg_attempts']),
    });
  }
  const manifest = (await rowsOf(cli, 'partition_manifest')).find(({ table_name }) => table_name === table)!;
  expect(JSON.parse(String(manifest['upstream_versions']))).toEqual([
    { table_name: 'team_offense_game_summary', version: 1 },
  ]);
  expect(String(manifest['checks'])).toContain('three_pt_attempt_share_is_possible');
  expect(manifest['source_hash']).toMatch(/^[0-9a-f]{16}$/);
}

it.each(['check-names.ts', 'lock.ts'])('what `npm run check` asks of it holds: %s', (script) => {
  const command = ['--require', './scripts/run-typescript.cjs', `scripts/${script}`, '--check'];
  const args = script === 'lock.ts' ? command : command.slice(0, 3);
  // With CI=true the lock of a new processor would have to be there already.
  const env = { ...process.env, CI: '' };
  expect(execFileSync(process.execPath, args, { cwd: copy, encoding: 'utf8', env })).not.toContain('names ');
});

describe('on DuckDB', () => {
  let cli: Cli;
  beforeAll(async () => {
    cli = await Cli.create(
      { PHASE3_GATE_FIRST_WAIT_SECONDS: '600', PHASE3_NOW: '2017-06-21T12:00:00Z', USER: 'ana' },
      copy,
    );
    await cli.ok('up');
    await cli.ok('load', data);
  });
  afterAll(() => cli.dispose());

  it('the graph has it on level 2, behind the offence', async () => {
    const graph = await cli.ok('graph');
    expect(graph).toMatch(
      new RegExp(
        `${officials}\\n  Level 2 - Shot mix - from team possessions\\n    ${shotMix} → ${table}\\n      reads nbac_schedule, ${officials}, team_offense_game_summary \\(published\\)`,
      ),
    );
    expect(await cli.ok('graph', '--mermaid')).toContain(
      `team_offense_game_summary -- published and current --> ${shotMix}`,
    );
  });

  it('the dependency check waits for the offence', async () => {
    const { code, stdout } = await cli.run(['check', night, '--processor', shotMix, '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      can_run: false,
      missing: ['team_offense_game_summary'],
      details: { team_offense_game_summary: { found: 0, expected_min: 2, status: 'insufficient_data' } },
    });
  });

  it('a night is built level by level, and published', () => expectNight(cli));

  it('status, why and the metrics tell of it', async () => {
    const status = await cli.json('status', night);
    expect(status['processors']).toMatchObject({
      [shotMix]: { outcome: 'published', version: 1, row_count: 8 },
    });
    expect(status['versions']).toMatchObject({ [table]: { processor_version: '1.0.0' } });
    expect(await cli.ok('why', night)).toContain(`${shotMix}: published, version 1 (8 rows)`);
    const { gateway } = await cli.json('status');
    const metrics = await (await fetch(`${String(gateway)}/metrics`)).text();
    expect(metrics).toMatch(new RegExp(`phase3_publishes_total\\{[^}]*${shotMix}[^}]*\\} 1`));
  });

  it('the new source is loaded, exported, and sets it off', async () => {
    expect(await rowsOf(cli, officials)).toHaveLength(8);
    const { stdout } = await cli.run(['run', night, '--source', officials, '--wait']);
    expect(stdout).toContain(`${night} unchanged: ${shotMix} unchanged`);
  });

  it('rows that break its rule are not published, and why names the rule', async () => {
    const { code } = await cli.run(['run', wrong, '--wait']);
    expect(code).toBe(3);
    expect(await rowsOf(cli, table, wrong)).toEqual([]);
    expect(await cli.ok('why', wrong)).toMatch(
      /three_pt_attempt_share_is_possible: \w+ took 100 % of its shots from three/,
    );
    await cli.ok('cancel', wrong, '--reason', 'the example has shown its rule');
  });

  it('a bypass lets it run without a game, and the audit says who', async () => {
    await cli.ok('run', waiting);
    // Level 1 settles before level 2 is asked, so whoever waits in it is decided on first.
    for (const processor of [offense, defense, shotMix])
      await until(async () => {
        const reason = ['--reason', 'one game has no team rows'];
        const { code, stderr } = await cli.run(['bypass', waiting, '--processor', processor, ...reason]);
        return code === 0 ? null : stderr;
      });
    const shown = (): Promise<Record<string, unknown>[]> => rowsOf(cli, table, waiting);
    await until(async () => ((await shown()).length > 0 ? null : await cli.ok('why', waiting)));
    const rows = await shown();
    expect(rows).toHaveLength(6);
    expect(new Set(rows.map(({ bypass_id }) => bypass_id)).size).toBe(1);
    expect(rows[0]!['bypass_id']).toMatch(/\w/);
    expect(await cli.ok('audit', waiting)).toMatch(new RegExp(`bypass +by ana +${shotMix}`));
  });
});

describeWithEmulator('on BigQuery', () => {
  let emulator: Emulator;
  let cli: Cli;
  beforeAll(async () => {
    emulator = await startEmulator();
    cli = await Cli.create(
      {
        PHASE3_WAREHOUSE: 'bigquery',
        PHASE3_BIGQUERY_PROJECT: emulatorProject,
        PHASE3_BIGQUERY_ENDPOINT: emulator.endpoint,
      },
      copy,
    );
    await cli.ok('up');
    await cli.ok('load', data);
  });
  afterAll(async () => {
    await cli.dispose();
    await emulator.stop();
  });

  it('a night is built level by level, and published', () => expectNight(cli));
});
