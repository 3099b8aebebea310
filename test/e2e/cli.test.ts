/** The command line as scripts use it: what interface.md promises, on a stack of its own. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse as parseCsv } from 'csv-parse/sync';
import { Cli } from '../support/cli';
import { loadNights } from '../support/load-nights';
import { demoNight, movedTo } from '../support/nights';

const demoData = join(__dirname, '..', '..', 'data', 'demo');
const night = '2017-04-15';
let cli: Cli;

beforeAll(async () => {
  cli = await Cli.create({
    PHASE3_GATE_FIRST_WAIT_SECONDS: '1',
    PHASE3_GATE_LONGEST_WAIT_SECONDS: '2',
    PHASE3_GATE_DEADLINE_SECONDS: '5',
  });
  await cli.ok('up');
  await cli.ok('load', demoData);
}, 120_000);
afterAll(() => cli.dispose());

test('bare phase3 prints help with examples', async () => {
  const { code, stdout } = await cli.run([]);
  expect(code).toBe(0);
  expect(stdout).toContain('Examples:');
});

describe('the stack', () => {
  test('status --json is one document with the promised fields', async () => {
    const status = await cli.json('status');
    expect(status).toMatchObject({ healthy: true, warehouse: 'duckdb' });
    expect(status['gateway']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(status['temporal']).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(status['temporal_ui']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(status['components']).toHaveProperty('worker');
    const ui = await fetch(String(status['temporal_ui']));
    expect(ui.status).toBe(200);
  });

  test('everything in its home is for its owner only', async () => {
    const entries = await readdir(cli.home, { recursive: true, withFileTypes: true });
    const open: string[] = [];
    // Kept builds are code that anybody may read; the folder that they are in lets nobody in.
    const builds = join(cli.home, 'builds', sep);
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (path.startsWith(builds)) continue;
      const { mode } = await stat(path);
      if ((mode & 0o077) !== 0) open.push(`${path} ${(mode & 0o777).toString(8)}`);
    }
    expect(entries.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['warehouse.duckdb', 'temporal.db', 'worker.log', 'gateway.log', 'worker.json']),
    );
    expect(open).toEqual([]);
  });

  test('up again changes nothing', async () => {
    const before = await cli.json('status');
    await cli.ok('up', '--detach');
    expect(await cli.json('status')).toEqual(before);
  });

  test('a port that is asked for and in use is named', async () => {
    const other = await Cli.create();
    const { temporal } = await cli.json('status');
    const port = String(temporal).split(':')[1] ?? '';
    const { code, stderr } = await other.run(['up'], { PHASE3_TEMPORAL_PORT: port });
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} (PHASE3_TEMPORAL_PORT) is in use`);
    await other.dispose();
  });

  test('two homes are up side by side, on ports of their own', async () => {
    const other = await Cli.create();
    try {
      await other.ok('up');
      const [mine, theirs] = [await cli.json('status'), await other.json('status')];
      expect(theirs['healthy']).toBe(true);
      expect(theirs['temporal']).not.toBe(mine['temporal']);
      expect(theirs['temporal_ui']).not.toBe(mine['temporal_ui']);
    } finally {
      await other.dispose();
    }
  }, 120_000);

  test('down, up: the data is kept; down is idempotent; commands say that the stack is down', async () => {
    const other = await Cli.create();
    try {
      await other.ok('up');
      await other.ok('load', demoData);
      expect((await other.json('run', night, '--wait'))['state']).toBe('published');
      const rows = await other.ok('export', 'player_game_summary', '--from', night, '--to', night);
      expect(await other.ok('down')).toContain('Down.');
      expect(await other.ok('down')).toContain('Nothing was up.');
      const refused = await other.run(['run', night]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('phase3 up');
      expect(await other.json('status')).toMatchObject({ healthy: false, temporal: null });
      await other.ok('up');
      expect(await other.ok('export', 'player_game_summary', '--from', night, '--to', night)).toBe(rows);
      expect((await other.json('run', night, '--wait'))['state']).toBe('unchanged');
      expect((await other.json('status', night))['state']).toBe('unchanged');
    } finally {
      await other.dispose();
    }
  }, 180_000);
});

describe('a night', () => {
  test('run --wait prints the level log in the plan’s words and ends with 0', async () => {
    const { code, stdout } = await cli.run(['run', night, '--wait']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'Level 1: Running 2 processors - Team stats - foundation for player calculations',
    );
    expect(stdout).toContain('✅ TeamOffenseGameSummaryProcessor completed');
    expect(stdout).toContain('✅ Level 1 complete - proceeding to next level');
    expect(stdout).toContain('Level 2: Running 1 processors - Player stats - requires team possessions');
    expect(stdout).toContain(`${night} published`);
  });

  test('--json is pure: one document on stdout, the log on stderr', async () => {
    const { code, stdout, stderr } = await cli.run(['run', night, '--wait', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ game_date: night, state: 'unchanged' });
    expect(stderr).toContain('Level 2: nothing to build for PlayerGameSummaryProcessor');
  });

  test('run without --wait is accepted at once', async () => {
    expect(await cli.ok('run', night)).toContain('Accepted: 2017-04-15');
  });

  test('a date without games is skipped, which is done', async () => {
    const { code, stdout } = await cli.run(['run', '2017-07-20', '--wait']);
    expect(code).toBe(0);
    expect(stdout).toContain('no_games');
  });

  test('check: 0 and can_run before anything ran; the players alone cannot, and it says why', async () => {
    const all = await cli.run(['check', '2017-04-16', '--json']);
    expect(all.code).toBe(0);
    expect(JSON.parse(all.stdout)).toMatchObject({ can_run: true, missing: [] });
    const players = await cli.run([
      'check',
      '2017-04-16',
      '--processor',
      'PlayerGameSummaryProcessor',
      '--json',
    ]);
    expect(players.code).toBe(3);
    expect(JSON.parse(players.stdout)).toMatchObject({
      can_run: false,
      missing: ['team_offense_game_summary'],
      details: { team_offense_game_summary: { found: 0, expected_min: 2, status: 'insufficient_data' } },
    });
  });

  test('backfill of a week: every date told, 0', async () => {
    const { code, stdout } = await cli.run(['backfill', '2017-04-15', '2017-04-21', '--wait', '--json']);
    expect(code).toBe(0);
    const outcome = JSON.parse(stdout) as { total: number; dates: Record<string, { state: string }> };
    expect(outcome.total).toBe(7);
    expect(Object.keys(outcome.dates)).toHaveLength(7);
  }, 120_000);

  test('verify:order judges every run of the stack, also of dates that share one', async () => {
    await cli.ok('backfill', '2017-04-15', '2017-04-21', '--wait');
    const { code, stdout } = await cli.shell('node dist/scripts/verify-order.js --json');
    const judged = JSON.parse(stdout) as Record<'runs' | 'dates' | 'player_activities', number> & {
      readonly violations: unknown[];
    };
    expect({ code, violations: judged.violations }).toEqual({ code: 0, violations: [] });
    expect(judged.dates).toBeGreaterThanOrEqual(7);
    expect([judged.runs > 1, judged.player_activities >= judged.dates - 1]).toEqual([true, true]);
    const lines = (await cli.shell('node dist/scripts/verify-order.js')).stdout.trim();
    expect(lines).toBe(
      `${judged.runs} runs of ${judged.dates} dates, ${judged.player_activities} player activities, 0 violations`,
    );
  });

  test('export: ndjson and csv of the same rows, ordered by key, with the promised columns', async () => {
    const lines = (
      await cli.ok('export', 'nba_analytics.player_game_summary', '--from', night, '--to', night)
    )
      .trim()
      .split('\n');
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.length).toBeGreaterThan(70);
    const keys = rows.map((row) => String(row['player_lookup']));
    expect(keys).toEqual([...keys].sort());
    expect(Object.keys(rows[0] ?? {})).toEqual(
      expect.arrayContaining([
        'usage_rate',
        'usage_rate_raw',
        'ts_pct',
        'efg_pct',
        'bypass_id',
        'data_hash',
        'processed_at',
      ]),
    );
    const csv = (
      await cli.ok('export', 'player_game_summary', '--from', night, '--to', night, '--format', 'csv')
    )
      .trim()
      .split('\n');
    expect(csv).toHaveLength(rows.length + 1);
    expect(csv[0]).toMatch(/^game_date,game_id,/);
  });

  test('versions, changed, and the export of a version: what was published is listed and read back', async () => {
    const table = 'team_defense_game_summary';
    const range = ['export', table, '--from', night, '--to', '2017-04-16'];
    const { versions } = (await cli.json('versions', night, '--table', table)) as {
      versions: { version: number; is_live: boolean; rows: string; published_at: string }[];
    };
    const [live] = versions;
    expect(live).toMatchObject({ is_live: true, rows: 'kept' });
    const { version = 0, published_at: at = '' } = live ?? {};
    const ofNight = ['export', table, '--from', night, '--to', night];
    const rows = await cli.ok(...ofNight);
    expect(await cli.ok(...ofNight, '--version', String(version))).toBe(rows);
    expect(await cli.ok(...ofNight, '--as-of', at)).toBe(rows);
    expect(await cli.ok(...range, '--as-of', new Date().toISOString())).toBe(await cli.ok(...range));
    const before = await cli.run([...range, '--as-of', '2017-01-01T00:00:00Z']);
    expect(before).toMatchObject({ code: 0, stdout: '' });
    expect(before.stderr).toContain(`${night}: no version of ${table} was live at 2017-01-01T00:00:00.000Z.`);
    const changed = await cli.ok('changed', '--since', '2017-01-01T00:00:00Z');
    expect(changed).toMatch(
      new RegExp(`${night}  ${table}  new, version ${version}  ${at}  8 of 8 rows  first: `),
    );
    expect((await cli.run(['diff', night, '1', '99'])).code).toBe(2);
  });
  test('explain: 0 where a figure agrees, 1 once its inputs have moved, 2 with what there is for what is not', async () => {
    const asked = ['player_game_summary', '2017-04-17', 'lebronjames', 'usage_rate'] as const;
    await cli.ok('run', '2017-04-17', '--wait');
    const lebron = await cli.run(['explain', ...asked]);
    expect(lebron.code).toBe(0);
    expect(lebron.stdout).toContain('source: Basketball-Reference glossary, "Usg%"');
    expect(lebron.stdout).toContain('agrees: computed again from its rows it is the same');
    const points = ['explain', 'player_game_summary', '2017-04-17', 'lebronjames', 'points'];
    const answer = await cli.run([...points, '--json']);
    expect(JSON.parse(answer.stdout)).toMatchObject({
      ...{ game_date: '2017-04-17', figure: { kind: 'copied', null_because: [] } },
      ...{ agreement: { agrees: true }, raw_rows: [{ number: 1, table: 'nbac_gamebook_player_stats' }] },
    });
    const whole = demoNight('2017-04-17');
    await loadNights(cli, [
      {
        ...whole,
        nbac_gamebook_player_stats: whole.nbac_gamebook_player_stats.map((row) =>
          row['player_lookup'] === 'lebronjames' ? { ...row, points: Number(row['points']) + 1 } : row,
        ),
      },
    ]);
    const moved = await cli.run(points);
    expect([moved.code, moved.stdout]).toEqual([
      1,
      expect.stringContaining('its inputs moved since version 1'),
    ]);
    for (const [words, sentence] of [
      ['player_game_sumary 2017-04-17 lebronjames points', 'Did you mean player_game_summary?'],
      ['player_game_summary 2017-04-17 lebronjames usage', 'usage_rate, usage_rate_anomaly_reason'],
      ['player_game_summary 2017-04-17 lebron points', 'lebronjames'],
      ['player_game_summary 2017-03-18 lebronjames points', 'Published around it are 2017-04-1'],
    ] as const) {
      const refused = await cli.run(['explain', ...words.split(' ')]);
      expect([words, refused.code, refused.stderr]).toEqual([words, 2, expect.stringContaining(sentence)]);
    }
    await loadNights(cli, [whole]);
  }, 120_000);

  test('graph: as text and as Mermaid', async () => {
    expect(await cli.ok('graph')).toContain('Level 2 - Player stats - requires team possessions');
    expect(await cli.ok('graph', '--mermaid')).toContain('flowchart LR');
  });

  test('without the team box score the date waits; a killed worker changes nothing but time; rows and a trigger let it finish', async () => {
    const gameDate = '2017-05-31';
    const folder = await mkdtemp(join(tmpdir(), 'phase3-late-'));
    await mkdir(join(folder, 'nba_raw'));
    const write = async (table: string, rows: object[]): Promise<void> =>
      writeFile(
        join(folder, 'nba_raw', `${table}.ndjson`),
        rows.map((row) => JSON.stringify(row)).join('\n'),
      );
    const real = movedTo(demoNight(night), gameDate);
    await write('nbac_schedule', real.nbac_schedule);
    await write('nbac_gamebook_player_stats', real.nbac_gamebook_player_stats);
    await cli.ok('load', folder);
    await cli.ok('run', gameDate);
    const waits = await cli.run(['check', gameDate]);
    expect(waits.code).toBe(3);
    expect(waits.stdout).toContain('nbac_team_boxscore');
    expect(waits.stdout).toContain('20170531_IND_CLE missing');

    const { components } = (await cli.json('status')) as { components: { worker: { pid: number } } };
    process.kill(components.worker.pid, 'SIGKILL');
    expect((await cli.json('status'))['healthy']).toBe(false);
    await cli.ok('up');

    // At the deadline the team rows are made from the players; the real ones replace them when they come.
    const partial = await cli.run(['run', gameDate, '--wait']);
    expect(partial.code).toBe(4);
    expect(partial.stdout).toContain('with 20170531_IND_CLE: nbac_team_boxscore reconstructed');
    await write('nbac_team_boxscore', real.nbac_team_boxscore);
    await cli.ok('load', folder);
    const done = await cli.run(['run', gameDate, '--source', 'nbac_team_boxscore', '--wait']);
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('PlayerGameSummaryProcessor published');
    await rm(folder, { recursive: true, force: true });
  }, 120_000);
});

test('names in raw rows reach no terminal as they are, and JSON and CSV as they must', async () => {
  const gameDate = '2017-06-03';
  const name = '=evil\u202e\u2066[x](y)';
  const folder = await mkdtemp(join(tmpdir(), 'phase3-names-'));
  await mkdir(join(folder, 'nba_raw'));
  const [first] = movedTo(demoNight(night), gameDate).nbac_gamebook_player_stats;
  const path = join(folder, 'nba_raw', 'nbac_gamebook_player_stats.ndjson');
  // What moves a terminal's cursor is no name: it is refused, and shown as what it is.
  await writeFile(path, JSON.stringify({ ...first, player_name: 'evil\u001b[2J\u009b' }));
  const refused = await cli.run(['load', folder]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('"evil\\u001b[2J\\u009b"')]);
  for (const [table, rows] of Object.entries(movedTo(demoNight(night), gameDate))) {
    // More shots than his team has plays: a check names him.
    const changed = rows.map((row, index) =>
      table === 'nbac_gamebook_player_stats' && index === 0
        ? { ...row, player_name: name, player_lookup: name, field_goals_attempted: 400 }
        : row,
    );
    const text = changed.map((row) => JSON.stringify(row)).join('\n');
    await writeFile(join(folder, 'nba_raw', `${table}.ndjson`), text);
  }
  await cli.ok('load', folder);
  await rm(folder, { recursive: true, force: true });

  const ran = await cli.run(['run', gameDate, '--wait']);
  const asJson = await cli.run(['run', gameDate, '--wait', '--json']);
  const shown = [ran, asJson, await cli.run(['why', gameDate]), await cli.run(['status', gameDate])];
  const unknown = await cli.run(['export', name, '--from', gameDate, '--to', gameDate]);
  for (const { stdout, stderr } of [...shown, unknown])
    expect(`${stdout}${stderr}`).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
  for (const { stdout } of shown) expect(stdout).toContain('=evil\\u202e\\u2066[x](y)');
  expect(JSON.stringify(JSON.parse(asJson.stdout))).toContain(JSON.stringify(name).slice(1, -1));
  const log = await readFile(join(cli.home, 'logs', 'worker.log'), 'utf8');
  expect(log).toContain('=evil\\u202e\\u2066');
  expect(log).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);

  const rowsOf = (format: string): Promise<string> =>
    cli.ok('export', 'nbac_gamebook_player_stats', '--from', gameDate, '--to', gameDate, '--format', format);
  const exported = (await rowsOf('ndjson')).trim().split('\n');
  expect(exported.map((line) => (JSON.parse(line) as { player_lookup: string }).player_lookup)).toContain(
    name,
  );
  const records: Record<string, string>[] = parseCsv(await rowsOf('csv'), { columns: true });
  expect(records.map(({ player_lookup }) => player_lookup)).toContain(`'${name}`);
  // Numbers are no texts, negative ones neither.
  expect(records.some(({ plus_minus }) => Number(plus_minus) < 0)).toBe(true);
}, 60_000);

describe('a stack that cannot start says why', () => {
  test('a PHASE3_HOME that is a file', async () => {
    const { code, stderr } = await cli.run(['up'], { PHASE3_HOME: __filename });
    expect(code).toBe(2);
    expect(stderr).toContain(`PHASE3_HOME is ${__filename}, in which ${__filename} cannot be used`);
  });

  test('a TEMPORAL_ADDRESS that does not answer', async () => {
    const other = await Cli.create();
    const { code, stderr } = await other.run(['up'], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(code).toBe(1);
    expect(stderr).toContain('Temporal does not answer on 127.0.0.1:1');
    await other.dispose();
  });

  test('nothing is started twice when the server of the stack is named by its address', async () => {
    const { code, stderr } = await cli.run(['up'], {
      TEMPORAL_ADDRESS: String((await cli.json('status'))['temporal']),
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });
});

describe('bad input: a clear sentence, exit code 2, nothing written', () => {
  // What is wrong with a value is proved in test/requests; here each kind of fault once.
  const refused: [string[], string][] = [
    [['run', '2017-4-15'], 'DATE is "2017-4-15", expected a calendar date written YYYY-MM-DD'],
    [['run', night, '--wiat'], '--wait'],
    [['run'], 'DATE'],
    [['check', night, '--processor', 'Nobody'], 'is "Nobody", expected one of'],
    [['status', 'soon'], 'expected a calendar date'],
    [['backfill', '2017-04-20', '2017-04-15'], 'after TO'],
    [['backfill', night, night, '--concurrency', '0'], '--concurrency is "0"'],
    [['export', 'player_game_sumary', '--from', night, '--to', night], 'Did you mean player_game_summary?'],
    [
      ['export', 'nbac_schedule', '--from', night, '--to', night, '--version', '1'],
      '--version does not apply',
    ],
    [['export', 'player_game_summary', '--from', night, '--to', '2017-04-16', '--version', '1'], 'one date'],
    [['diff', night, '1', '1'], 'V1 and V2 are both 1'],
    [['changed', '--since', 'noon'], '--since is "noon", expected an instant'],
    [['lod', 'x'], 'Did you mean load?'],
    [['load', '/nowhere/at/all'], '/nowhere/at/all'],
  ];
  test.each(refused)('phase3 %j', async (args, sentence) => {
    const { code, stdout, stderr } = await cli.run(args);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('an environment that is not valid names every fault', async () => {
    const { code, stderr } = await cli.run(['status'], { PHASE3_NOW: 'tomorrow', PHASE3_READY_SHARE: '80' });
    expect(code).toBe(2);
    expect(stderr).toContain('PHASE3_NOW is "tomorrow"');
    expect(stderr).toContain('PHASE3_READY_SHARE is "80"');
  });

  // What is refused is proved in test/cli/raw-files.test.ts; here that nothing of it is loaded.
  describe('load', () => {
    let folder: string;
    const before = (): Promise<string> =>
      cli.ok('export', 'nbac_team_boxscore', '--from', night, '--to', night);
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'phase3-bad-'));
      await cp(join(demoData, 'nba_raw'), join(folder, 'nba_raw'), { recursive: true });
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const damage: [string, (path: string) => Promise<void>, RegExp][] = [
      [
        'a file cut in half',
        async (path) => {
          const whole = await readFile(path);
          await writeFile(path, whole.subarray(0, whole.length / 2));
        },
        /nbac_team_boxscore\.ndjson\.gz, after line \d+: .*cut off/,
      ],
      [
        'a wrong type in its third line',
        async (path) => {
          const rows = demoNight(night).nbac_team_boxscore.map((row, index) =>
            index === 2 ? { ...row, points: 'many' } : row,
          );
          await writeFile(path, gzipSync(rows.map((row) => JSON.stringify(row)).join('\n')));
        },
        /nbac_team_boxscore\.ndjson\.gz, line 3: points is "many", expected a whole number or null/,
      ],
    ];
    test.each(damage)('%s: refused by name, and nothing is loaded', async (_, apply, sentence) => {
      const rows = await before();
      await apply(join(folder, 'nba_raw', 'nbac_team_boxscore.ndjson.gz'));
      const { code, stderr } = await cli.run(['load', folder]);
      expect(stderr).toMatch(sentence);
      expect(code).toBe(2);
      expect(await before()).toBe(rows);
    });
  });
});
