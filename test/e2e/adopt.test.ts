/** Adoption and a shadow run by the command line, in a home whose tables another system has filled. */
import { join } from 'node:path';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { insertByHand, sql } from '../support/by-hand';
import { Cli } from '../support/cli';
import { demoNight, movedTo } from '../support/nights';
import { offenseRows } from '../warehouse/rows';

const demoData = join(__dirname, '..', '..', 'data', 'demo');
const night = '2017-04-15';
const next = '2017-04-16';
/** A date that waits for its team rows. */
const waiting = '2017-06-20';
const shadow = { PHASE3_DATASET_PREFIX: 'shadow' };
const table = 'team_offense_game_summary';
let cli: Cli;

const asShadow = (...args: string[]) => cli.run(args, shadow);

/** One JSON document, and nothing else, on stdout. */
const parsed = (stdout: string): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

beforeAll(async () => {
  cli = await Cli.create({ PHASE3_GATE_FIRST_WAIT_SECONDS: '60', PHASE3_GATE_DEADLINE_SECONDS: '3600' });
  const warehouse = await DuckDbWarehouse.open(join(cli.home, 'warehouse.duckdb'));
  await warehouse.ensureTables();
  // Offence that another system published: no manifest says from what.
  for (const date of [night, next, waiting])
    await insertByHand(
      warehouse,
      `nba_analytics.${table}`,
      table,
      offenseRows(date, 1, 2).map((row) => ({ ...row, offensive_rating: 110 })),
    );
  const late = movedTo(demoNight(night), waiting);
  for (const name of ['nbac_schedule', 'nbac_gamebook_player_stats'] as const)
    await insertByHand(warehouse, `nba_raw.${name}`, name, late[name]);
  await warehouse.close();
  await cli.ok('up');
  await cli.ok('load', demoData);
}, 120_000);
afterAll(() => cli.dispose());

describe('status', () => {
  test('says where the warehouse is, and nothing of a prefix where there is none', async () => {
    const file = join(cli.home, 'warehouse.duckdb');
    const text = await cli.ok('status');
    expect(text).toContain(`warehouse  duckdb, ${file}`);
    expect(text).not.toContain('prefix');
    expect(await cli.json('status')).toMatchObject({
      warehouse: 'duckdb',
      components: { warehouse: { up: true, location: file, prefix: null } },
    });
  });
});

describe('adopt', () => {
  const reason = ['--reason', 'they were there before us'];

  test.each<[string[], string]>([
    [[night, next], '--reason'],
    [[night, next, '--reason', ' '], '--reason is " ", expected '],
    [[next, night, ...reason], `FROM is ${next}, after TO, ${night}.`],
    [['1950-01-01', night, ...reason], 'are 24577 dates'],
  ])('%j is refused with 2 and a sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await cli.run(['adopt', ...args]);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('tells each partition and what it would not pass, and ends with 0', async () => {
    const { code, stdout, stderr } = await cli.run(['adopt', night, night, ...reason, '--by', 'maria']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/2017-04-15 {2}team_offense_game_summary +2 rows {2}adopted as version 1\n/);
    expect(stdout).toMatch(/\n +would fail the check two_rows_a_game: /);
    expect(stdout).toContain(
      '1 partitions adopted (1 of them would fail a check), 0 had manifests, 0 were not adopted.',
    );
    expect(stdout).toContain('the first run of a date rebuilds them');
  });

  test('--json is one document; what is adopted already is told as such', async () => {
    const { code, stdout } = await cli.run(['adopt', night, next, ...reason, '--json']);
    expect(code).toBe(0);
    expect(parsed(stdout)).toMatchObject({
      partitions: [
        { game_date: night, table, outcome: 'already_published', rows: 2 },
        {
          game_date: next,
          table,
          outcome: 'adopted',
          rows: 2,
          failed_checks: [{ check: 'two_rows_a_game' }, { check: 'figures_are_known' }],
        },
      ],
    });
  });

  test('of dates without rows is done, and adopts nothing', async () => {
    const { code, stdout } = await cli.run(['adopt', '2016-07-01', '2016-07-31', ...reason]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^0 partitions adopted \(0 of them/);
    expect((await cli.json('adopt', '2016-07-01', '2016-07-31', ...reason))['partitions']).toEqual([]);
  });

  test('of a date that a run works on is refused, with its name, and ends with 1', async () => {
    await cli.ok('run', waiting);
    for (;;) {
      const { gate } = await cli.json('status', waiting);
      if (gate) break;
    }
    const { code, stdout } = await cli.run(['adopt', waiting, waiting, ...reason]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /not adopted: run [0-9a-f-]+, pass 1 works on 2017-06-20; adopt the date when that run has ended/,
    );
    expect(stdout).toContain('0 partitions adopted');
    const asJson = await cli.run(['adopt', waiting, waiting, ...reason, '--json']);
    expect(asJson.code).toBe(1);
    expect(parsed(asJson.stdout)).toMatchObject({ partitions: [{ outcome: 'refused' }] });
  });

  test('of a date is on its record, and the first run builds a version of its own', async () => {
    expect(await cli.ok('status', night)).toContain(night);
    const held = await cli.run(['check', night, '--processor', 'PlayerGameSummaryProcessor', '--json']);
    expect(held.code).toBe(3);
    expect(parsed(held.stdout)).toMatchObject({ can_run: false, missing: ['team_offense_game_summary'] });
    const { state, processors } = (await cli.json('run', night, '--wait')) as {
      state: string;
      processors: Record<string, { version: number; reason: string }>;
    };
    // The adopted rows are of games that no schedule lists: they stay, and are named.
    expect(state).toBe('partial');
    expect(processors['TeamOffenseGameSummaryProcessor']).toMatchObject({ version: 2 });
    expect(processors['TeamDefenseGameSummaryProcessor']).toMatchObject({ version: 1 });
  });
});

describe('a worker of another deployment', () => {
  const sentence = 'warehouse.duckdb, with the prefix shadow. Set PHASE3_WAREHOUSE';

  test.each([
    [['run', night]],
    [['check', night]],
    [['status', night]],
    [['load', demoData]],
    [['export', 'player_game_summary', '--from', night, '--to', night]],
    [['adopt', night, night, '--reason', 'x']],
    [['diff-live', 'player_game_summary', night, night]],
  ])('%j is refused with 2, and nothing is on stdout', async (args) => {
    const { code, stdout, stderr } = await asShadow(...args);
    expect(stderr).toContain(sentence);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('up does not take it for its own, and leaves it up', async () => {
    const { code, stderr } = await asShadow('up', '--detach');
    expect(stderr).toContain(sentence);
    expect(code).toBe(1);
    expect(await cli.json('status')).toMatchObject({ healthy: true });
  });
});

describe('demo', () => {
  const refusal =
    'The demo loads its nights into the embedded warehouse only; unset PHASE3_WAREHOUSE and PHASE3_DATASET_PREFIX.';

  test.each<[string, NodeJS.ProcessEnv]>([
    ['a prefix', shadow],
    ['BigQuery', { PHASE3_WAREHOUSE: 'bigquery', PHASE3_BIGQUERY_PROJECT: 'nba-props-prod' }],
  ])('with %s is refused with 2, and starts nothing', async (_, env) => {
    const other = await Cli.create(env);
    try {
      const { code, stdout, stderr } = await other.run(['demo', '--exit']);
      expect(stderr).toContain(refusal);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(await other.json('status')).toMatchObject({ healthy: false, temporal: null });
    } finally {
      await other.dispose();
    }
  });
});

describe('diff-live', () => {
  test('of a deployment that is the live one has nothing to compare: 2, and a sentence', async () => {
    const { code, stdout, stderr } = await cli.run(['diff-live', 'player_game_summary', night, night]);
    expect(stderr).toContain('There is nothing to compare: PHASE3_DATASET_PREFIX is not set');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  describe('of a shadow in the same file', () => {
    beforeAll(async () => {
      await cli.ok('run', night, '--wait');
      await cli.ok('down');
      const warehouse = await DuckDbWarehouse.open(join(cli.home, 'warehouse.duckdb'));
      await sql(
        warehouse,
        `UPDATE nba_analytics.player_game_summary SET usage_rate = 1228
         WHERE game_date = '${night}' AND player_lookup = 'lebronjames'`,
      );
      await warehouse.close();
      const { code, stderr } = await asShadow('up');
      if (code !== 0) throw new Error(stderr);
    }, 120_000);

    test('status says the prefix, and where it writes', async () => {
      expect((await asShadow('status')).stdout).toContain(
        'prefix     shadow: writes to shadow_nba_analytics',
      );
      const { stdout } = await asShadow('status', '--json');
      expect(parsed(stdout)).toMatchObject({ components: { warehouse: { prefix: 'shadow' } } });
    });

    test('load is refused with a sentence: raw tables are the live system’s', async () => {
      const { code, stdout, stderr } = await asShadow('load', demoData);
      expect(stderr).toContain(
        'Raw tables are read and never written while PHASE3_DATASET_PREFIX is set (shadow)',
      );
      expect(stdout).toBe('');
      expect(code).not.toBe(0);
    });

    test.each<[string[], string]>([
      [['player_game_sumary', night, night], 'Did you mean player_game_summary?'],
      [['nbac_schedule', night, night], 'TABLE is "nbac_schedule", expected one of '],
      [['player_game_summary', next, night], 'after TO'],
      [['player_game_summary', night, night, '--tolerance', 'Infinity'], '--tolerance is "Infinity"'],
    ])('%j is refused with 2 and a sentence', async (args, sentence) => {
      const { code, stdout, stderr } = await asShadow('diff-live', ...args);
      expect(stderr).toContain(sentence);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    });

    test('tells what was changed, as a table and as one document', async () => {
      const before = await asShadow('diff-live', 'player_game_summary', night, night, '--json');
      expect(parsed(before.stdout)).toMatchObject({ dates: [{ game_date: night, same: 0, only_shadow: 0 }] });
      const ran = await asShadow('run', night, '--wait', '--json');
      expect(parsed(ran.stdout)).toMatchObject({ state: 'published' });
      const text = await asShadow('diff-live', 'nba_analytics.player_game_summary', night, next);
      expect(text.code).toBe(0);
      expect(text.stdout).toMatch(
        /^1 dates: \d+ rows the same, 1 changed, 0 only live, 0 only in the shadow\n/,
      );
      expect(text.stdout).toMatch(/usage_rate .*2017-04-15 lebronjames .*1228/);
      const json = await asShadow('diff-live', 'player_game_summary', night, next, '--json');
      expect({ code: json.code, stderr: json.stderr }).toEqual({ code: 0, stderr: '' });
      expect(parsed(json.stdout)).toMatchObject({
        table: 'player_game_summary',
        from: night,
        to: next,
        dates: [{ game_date: night, changed: 1, only_live: 0, only_shadow: 0 }],
        columns: { usage_rate: { rows: 1, example: { live: 1228 } } },
        columns_not_live: [],
        duplicate_keys: { live: 0, shadow: 0 },
      });
      const within = await asShadow(
        'diff-live',
        'player_game_summary',
        night,
        night,
        '--tolerance',
        '5000',
        '--json',
      );
      expect(parsed(within.stdout)).toMatchObject({ columns: {}, dates: [{ changed: 0 }] });
    });
  });
});
