/** The control endpoint: real server, real client, real DuckDB warehouse. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { processors } from '../../src/plan/registry';
import { ControlClient, ControlError } from '../../src/control/client';
import type { AdoptedPartition } from '../../src/control/protocol';
import { startControlServer, type ControlServer } from '../../src/control/server';
import { tableOf, type TableName } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { WarehouseError } from '../../src/warehouse/errors';
import type { LoadReport, Warehouse } from '../../src/warehouse/warehouse';
import { dump, insertByHand, tableByHand } from '../support/by-hand';
import { inKeyOrder, offenseRows, rowOf } from '../warehouse/rows';

let folder: string;
let warehouse: DuckDbWarehouse;
let server: ControlServer;
let client: ControlClient;
let workerState = 'RUNNING';
const servers: ControlServer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-control-'));
  warehouse = await DuckDbWarehouse.open(join(folder, 'warehouse.duckdb'), folder);
  await warehouse.ensureTables();
  server = await serve(warehouse);
  client = new ControlClient(server);
});

afterAll(async () => {
  for (const started of servers) await started.close();
  await warehouse.close();
  await rm(folder, { recursive: true, force: true });
});

async function serve(behind: Warehouse): Promise<ControlServer> {
  const started = await startControlServer({
    warehouse: behind,
    policy: defaultPolicySettings,
    workerState: () => workerState,
  });
  servers.push(started);
  return started;
}

/** The warehouse with some operations replaced. */
function changed(operations: Partial<Warehouse>): Warehouse {
  return Object.assign(Object.create(warehouse) as Warehouse, operations);
}

function game(gameDate: string, id: string, fields: Row = {}): Row {
  return { ...rowOf('nbac_schedule', { game_date: gameDate, game_id: id }), ...fields };
}

function ndjson(rows: readonly Row[]): Readable {
  return Readable.from(rows.map((row) => `${JSON.stringify(row)}\n`));
}

function load(rows: readonly Row[], table: TableName = 'nbac_schedule'): Promise<LoadReport> {
  return client.load(table, ndjson(rows));
}

async function exported(from: string, to = from, table: TableName = 'nbac_schedule'): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of client.export(table, from, to)) rows.push(row);
  return rows;
}

/** What a call was refused with. */
async function refusalOf(call: Promise<unknown>): Promise<ControlError> {
  const error = await call.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ControlError);
  return error as ControlError;
}

describe('without the token', () => {
  const gameDate = '2024-01-01';
  const get = (path: string): [string, string] => ['GET', path];
  const bearers = ['', 'Bearer ', 'Bearer', `Bearer ${'0'.repeat(48)}`];

  it.each([
    ...['/health', '/ranges/nbac_schedule', `/dates/${gameDate}`, '/nowhere'].map(get),
    get(`/tables/nbac_schedule?from=${gameDate}&to=${gameDate}`),
    get(`/differences/player_game_summary?from=${gameDate}&to=${gameDate}`),
    ...[`/versions/${gameDate}`, `/versions/${gameDate}/player_game_summary/1`].map(get),
    get(`/versions/${gameDate}/player_game_summary/difference?before=1&after=2`),
    get('/changes?since=2024-01-01T00:00:00Z'),
    ['PUT', '/raw/nbac_schedule'],
    ...['/check', '/figures', '/adoptions', '/dead-letters'].map((path) => ['POST', path]),
    ['DELETE', '/warehouse/shadows/3f09ac'],
  ])('%s %s is refused', async (method = '', path) => {
    for (const authorization of bearers) {
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/x-ndjson' },
        ...(method === 'PUT' && { body: JSON.stringify(game(gameDate, '1')) }),
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ error: expect.stringContaining('token') as string });
    }
    expect(await warehouse.countRows('nbac_schedule', gameDate, gameDate)).toBe(0);
  });

  it('the client says so', async () => {
    const stranger = new ControlClient({ url: server.url, token: 'guessed' });
    expect((await refusalOf(stranger.dateRange('nbac_schedule'))).message).toMatch(/token/);
    expect(await stranger.health()).toBeNull();
  });

  it('every server has a token of its own', async () => {
    const other = await serve(warehouse);
    expect(other.token).not.toBe(server.token);
    expect(other.token.length).toBeGreaterThanOrEqual(32);
  });
});

it('listens on loopback only', () => {
  expect(new URL(server.url).hostname).toBe('127.0.0.1');
});

describe('health', () => {
  it('is ready while the worker runs', async () => {
    expect(await client.health()).toEqual({
      ready: true,
      pid: process.pid,
      worker: 'RUNNING',
      warehouse: 'duckdb',
      location: join(folder, 'warehouse.duckdb'),
      prefix: null,
      now: expect.any(String),
      build: {
        ...{ commit: null, id: null, schema: null, lock: null },
        processors: Object.fromEntries(
          processors.map(({ name, version }) => [name, { version, source_hash: null }]),
        ),
      },
    });
    workerState = 'DRAINING';
    expect(await client.health()).toMatchObject({ ready: false, worker: 'DRAINING' });
    workerState = 'RUNNING';
  });

  it('is null, and a question a ControlError, when nobody listens', async () => {
    const gone = await serve(warehouse);
    await gone.close();
    expect(await new ControlClient(gone).health()).toBeNull();
    const { message } = await refusalOf(new ControlClient(gone).dateRange('nbac_schedule'));
    expect(message).toMatch(/worker does not answer/);
  });
});

describe('load and export', () => {
  it('bring rows in and out again as they were, in key order', async () => {
    const rows = [
      game('2024-02-02', '0042', {
        home_team_name: 'Nikola Jokić 🏀 "quoted"\nnext line',
        season_year: 2023,
      }),
      game('2024-02-01', '7', { processed_at: '2024-02-01T08:00:00.123Z', is_playoffs: false }),
      game('2024-02-01', '3', { home_team_score: Number.MAX_SAFE_INTEGER, is_playoffs: true }),
    ];
    expect(await load(rows)).toMatchObject({ rows: 3, dates: ['2024-02-01', '2024-02-02'] });
    expect(await exported('2024-02-01', '2024-02-02')).toEqual(inKeyOrder('nbac_schedule', rows));
    expect(await exported('2024-02-02')).toEqual([rows[0]]);
    expect(await client.dateRange('nbac_schedule')).toEqual({ from: '2024-02-01', to: '2024-02-02' });
    expect(await client.dateRange('nbac_team_boxscore')).toBeNull();
  });

  it('leave out fields that the table does not declare, and read instants of any zone', async () => {
    const gameDate = '2024-02-05';
    await load([game(gameDate, '1', { colour: 'red', processed_at: '2024-02-05 10:00:00+02:00' })]);
    expect(await exported(gameDate)).toEqual([
      game(gameDate, '1', { processed_at: '2024-02-05T08:00:00.000Z' }),
    ]);
  });

  it('take lines as they fall: cut anywhere, ended by CR LF, with empty ones between, the last without its end', async () => {
    const gameDate = '2024-02-06';
    const rows = [game(gameDate, '1', { home_team_name: 'Jokić' }), game(gameDate, '2'), game(gameDate, '3')];
    const bytes = Buffer.from(`\r\n${rows.map((row) => JSON.stringify(row)).join('\r\n\n  \n')}`);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) =>
      bytes.subarray(index * 7, index * 7 + 7),
    );
    expect(await client.load('nbac_schedule', Readable.from(chunks))).toEqual({
      rows: 3,
      replaced: 0,
      dates: [gameDate],
    });
    expect(await exported(gameDate)).toEqual(rows);
  });

  it('tells of dates whose rows replace newer ones, and of no others', async () => {
    const at = (gameDate: string, hour: string): Row =>
      game(gameDate, '1', { processed_at: `2024-07-09T${hour}:00:00.000Z` });
    const [near, far] = ['2024-05-02', '2024-01-03'];
    expect(await load([at(far, '09'), at(near, '09')])).not.toHaveProperty('older');
    expect(await load([at(far, '08'), at(near, '10')])).toMatchObject({
      older: [{ gameDate: far, stored: '2024-07-09T09:00:00.000Z', loaded: '2024-07-09T08:00:00.000Z' }],
    });
    expect(await load([at(near, '10')])).not.toHaveProperty('older');
  });

  it('load nothing from an empty stream', async () => {
    expect(await client.load('nbac_schedule', Readable.from([]))).toEqual({
      rows: 0,
      replaced: 0,
      dates: [],
    });
  });

  it('answer with the bad row while much more is to come', async () => {
    const good = Array.from({ length: 50_000 }, (_, index) => game('2024-02-08', String(index)));
    const lines = Readable.from(
      (function* () {
        yield '{"broken\n';
        for (const row of good) yield `${JSON.stringify(row)}\n`;
      })(),
    );
    await expect(client.load('nbac_schedule', lines)).rejects.toThrow(
      'nbac_schedule, row 1: is not a complete JSON object',
    );
    expect(await client.health()).toMatchObject({ ready: true });
  });

  it('keep a text that holds a line separator of Unicode: it ends no line of JSON', async () => {
    const gameDate = '2024-02-07';
    const rows = [game(gameDate, '1', { home_team_name: 'one\u2028two\u2029three' })];
    await warehouse.loadRows('nbac_schedule', only(rows));
    expect(await exported(gameDate)).toEqual(rows);
    expect(await load(rows)).toEqual({ rows: 1, replaced: 1, dates: [gameDate] });
    expect(await exported(gameDate)).toEqual(rows);
  });

  it('stream: 20 000 rows come through in batches, in and out, and the worker answers others meanwhile', async () => {
    const names = ['nbac_gamebook_player_stats', '2024-03-01'] as const;
    const rows = Array.from({ length: 20_000 }, (_, index) =>
      rowOf('nbac_gamebook_player_stats', {
        game_date: names[1],
        game_id: '1',
        player_lookup: String(index).padStart(6, '0'),
        player_name: 'Somebody With A Long Name',
        minutes_decimal: index / 3,
      }),
    );
    let isLoaded = false;
    const loading = client.load(names[0], ndjson(rows)).finally(() => (isLoaded = true));
    // Asked again where a busy machine does not let it answer in time; one answer must come before the load is through.
    let answered = 0;
    while (!isLoaded && answered === 0) {
      const health = await client.health();
      if (health?.ready && !isLoaded) answered += 1;
    }
    expect(answered).toBe(1);
    expect(await loading).toEqual({ rows: 20_000, replaced: 0, dates: [names[1]] });

    let seen = 0;
    for await (const row of client.export(names[0], names[1], names[1])) {
      // Each of 20 000 through expect would take longer than all the rest.
      if (row['minutes_decimal'] !== rows[seen]?.minutes_decimal) expect(row).toEqual(rows[seen]);
      seen += 1;
      if (seen === 5_000) expect(await client.health()).toMatchObject({ ready: true });
    }
    expect(seen).toBe(20_000);
  });

  it('hand on the first rows of an export before the last are read', async () => {
    const gameDate = '2024-03-02';
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const slow = await serve(
      changed({
        exportRows: async function* () {
          yield [game(gameDate, '1')];
          await held;
          yield [game(gameDate, '2')];
        },
      }),
    );
    const rows = new ControlClient(slow).export('nbac_schedule', gameDate, gameDate);
    expect(await rows.next()).toEqual({ done: false, value: game(gameDate, '1') });
    release();
    expect(await rows.next()).toEqual({ done: false, value: game(gameDate, '2') });
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  it('an export that is left early leaves the worker well', async () => {
    const rows = client.export('nbac_gamebook_player_stats', '2024-03-01', '2024-03-01');
    expect((await rows.next()).value).toMatchObject({ player_lookup: '000000' });
    await rows.return(undefined);
    expect(await client.health()).toMatchObject({ ready: true });
  });
});

describe('a load that must not go through', () => {
  const gameDate = '2024-04-01';
  const old = [game(gameDate, 'old')];

  beforeEach(async () => {
    await load(old);
  });

  afterEach(async () => {
    expect(await exported(gameDate)).toEqual(old);
  });

  it.each<[string, Row, RegExp]>([
    ['a required field is empty', { home_team_tricode: null }, /home_team_tricode is empty, expected a text/],
    ['a date is none', { game_date: '2024-13-01' }, /game_date is "2024-13-01", expected a date/],
    [
      'a number is a text',
      { home_team_score: '98' },
      /home_team_score is "98", expected a whole number or null/,
    ],
    ['a number is not whole', { home_team_score: 98.5 }, /home_team_score is 98\.5, expected a whole number/],
    ['an instant is none', { processed_at: 'noon' }, /processed_at is "noon", expected an instant/],
  ])('names the row and the field when %s', async (_, fault, message) => {
    const refusal = await refusalOf(
      load([game(gameDate, '1'), game(gameDate, '2'), game(gameDate, '3', fault)]),
    );
    expect(refusal.message).toMatch(/nbac_schedule, row 3:/);
    expect(refusal.message).toMatch(message);
  });

  it.each([
    ['[1]', 'row 2: (line) is [1], expected a JSON object'],
    ['{"game_id": "2", ', 'row 2: is not a complete JSON object'],
  ])('names the row that is %s', async (line, sentence) => {
    const lines = `${JSON.stringify(game(gameDate, '1'))}\n${line}\n`;
    const { message } = await refusalOf(client.load('nbac_schedule', Readable.from([lines])));
    expect(message).toContain(sentence);
  });

  it.each([3, 1_234])('names row %i of 20 000', async (bad) => {
    const rows = Array.from({ length: 20_000 }, (_, index) =>
      game(gameDate, `${index}`, index === bad - 1 ? { game_status: null } : {}),
    );
    expect((await refusalOf(load(rows))).message).toContain(`row ${bad}: game_status is empty`);
  });

  it('loads nothing when the giver goes away half way', async () => {
    let began = (_: { report: Promise<LoadReport> }): void => undefined;
    const loading = new Promise<{ report: Promise<LoadReport> }>((resolve) => (began = resolve));
    const watched = await serve(
      changed({
        loadRows: (table, rows) => {
          const report = warehouse.loadRows(table, rows);
          began({ report });
          return report;
        },
      }),
    );
    const giver = request(`${watched.url}/raw/nbac_schedule`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${watched.token}`, 'content-type': 'application/x-ndjson' },
    });
    giver.on('error', () => undefined);
    const rows = Array.from({ length: 700 }, (_, index) => game(gameDate, `${index}`));
    giver.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const { report } = await loading;
    giver.destroy();
    await expect(report).rejects.toThrow();
  });

  it('loads nothing when the source of the rows breaks', async () => {
    const broken = Readable.from(
      (async function* () {
        yield `${JSON.stringify(game(gameDate, '1'))}\n`;
        throw new Error('the disk is gone');
      })(),
    );
    await refusalOf(client.load('nbac_schedule', broken));
  });
});

describe('a request that is not right', () => {
  const nowhere = 'nbac_nothing' as TableName;

  it('names an unknown table', async () => {
    const exporting = exported('2024-01-01', '2024-01-01', nowhere);
    expect((await refusalOf(exporting)).message).toBe('nbac_nothing is not a table');
    expect((await refusalOf(client.dateRange(nowhere))).message).toBe('nbac_nothing is not a table');
    for (const table of [nowhere, 'player_game_summary', 'partition_manifest', 'constructor'])
      expect((await refusalOf(client.load(table, ndjson([{}])))).message).toBe(`${table} is not a raw table`);
  });

  it.each<[number, string, string?, string?, string?]>([
    [404, '/raw/nbac_nothing', 'PUT', 'application/x-ndjson', '{}'],
    [404, '/tables/nbac_nothing?from=2024-01-01&to=2024-01-01'],
    [404, '/ranges/nbac_nothing'],
    [400, '/tables/nbac_schedule?from=2024-01-01'],
    [400, '/tables/nbac_schedule?from=2024-01-01&to=2024-02-30'],
    [400, '/tables/nbac_schedule?from=2024-01-01&to='],
    [400, '/dates/soon'],
    [400, '/versions/soon'],
    [404, '/versions/2024-01-01/nbac_schedule/1'],
    [404, '/versions/2024-01-01/player_game_summary/1'],
    [400, '/versions/2024-01-01/player_game_summary/first'],
    [400, '/versions/2024-01-01/player_game_summary/difference?before=1'],
    [400, '/changes'],
    [400, '/changes?since=noon'],
    [415, '/raw/nbac_schedule', 'PUT', 'text/csv', 'a,b'],
    [400, '/check', 'POST', 'application/json', '{"game_date": '],
    // Only what a shadow is called by is removed.
    [400, '/warehouse/shadows/nba', 'DELETE'],
  ])('is answered with %i: %s', async (status, path, method = 'GET', type = '', body) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${server.token}`, ...(type && { 'content-type': type }) },
      ...(body && { body }),
    });
    expect(await response.json()).toHaveProperty('error');
    expect(response.status).toBe(status);
  });
});

describe('a warehouse that fails', () => {
  it.each([
    { status: 503, error: new WarehouseError('unavailable', 'the file is held') },
    { status: 503, error: new WarehouseError('contract_broken', 'a column is gone') },
    { status: 400, error: new WarehouseError('bad_rows', 'a row does not fit') },
    { status: 500, error: new Error('nobody knows why') },
  ])('is told with its reason: $error.message', async ({ error, status }) => {
    const failing = await serve(changed({ dateRange: () => Promise.reject(error) }));
    const response = await fetch(`${failing.url}/ranges/nbac_schedule`, {
      headers: { authorization: `Bearer ${failing.token}` },
    });
    expect(response.status).toBe(status);
    const refusal = await refusalOf(new ControlClient(failing).dateRange('nbac_schedule'));
    expect(refusal.message).toBe(error.message);
  });

  /** An export that fails after its first `count` rows. */
  const exportUntil = async (count: number): Promise<{ rows: Row[]; error: unknown }> => {
    const failing = await serve(
      changed({
        exportRows: async function* () {
          for (let index = 0; index < count; index += 1) yield [game('2024-01-01', `${index}`)];
          throw new WarehouseError('unavailable', 'the file is gone');
        },
      }),
    );
    const rows: Row[] = [];
    try {
      const exporting = new ControlClient(failing).export('nbac_schedule', '2024-01-01', '2024-01-01');
      for await (const row of exporting) rows.push(row);
    } catch (error) {
      return { rows, error };
    }
    return { rows, error: null };
  };

  it.each([0, 1, 3_000])('ends an export that breaks off after %i rows with an error', async (count) => {
    expect((await exportUntil(count)).error).toBeInstanceOf(ControlError);
  });
});

describe('the record of a date', () => {
  it('holds its passes and manifests, and nothing of other dates', async () => {
    const gameDate = '2024-05-01';
    const pass = rowOf('run_history', { game_date: gameDate, run_id: 'run-a' });
    const manifest = rowOf('partition_manifest', { game_date: gameDate, table_name: 'player_game_summary' });
    await warehouse.append('run_history', [pass, { ...pass, game_date: '2024-05-02' }]);
    const decision = rowOf('bypass_audit', { game_date: gameDate });
    await warehouse.append('partition_manifest', [manifest]);
    await warehouse.append('bypass_audit', [decision]);
    expect(await client.dateRecord(gameDate)).toEqual({
      run_history: [pass],
      partition_manifest: [manifest],
      bypass_audit: [decision],
      stale: [
        {
          processor: 'PlayerGameSummaryProcessor',
          reason: '0 rows are stored where version 1 published 1',
        },
      ],
    });
    expect(await client.dateRecord('2024-05-03')).toEqual({
      run_history: [],
      partition_manifest: [],
      bypass_audit: [],
      stale: [],
    });
  });
});

describe('check', () => {
  it('asks the gate about each processor named', async () => {
    const { verdicts } = await client.check({
      game_date: '2024-06-01',
      processors: ['TeamOffenseGameSummaryProcessor', 'PlayerGameSummaryProcessor'],
      as_run: false,
      overrides: {},
    });
    expect(verdicts.map((verdict) => [verdict.processor, verdict.canRun])).toEqual([
      ['TeamOffenseGameSummaryProcessor', false],
      ['PlayerGameSummaryProcessor', false],
    ]);
  });
});

describe('adoptions', () => {
  const dates = ['2024-07-01', '2024-07-02', '2024-07-03'] as const;
  const request = { from: dates[0], to: dates[2], by: 'maria', reason: 'they were there' };

  const adopted = async (from: string, to: string, asked = client): Promise<AdoptedPartition[]> => {
    const partitions: AdoptedPartition[] = [];
    for await (const partition of asked.adopt({ ...request, from, to })) partitions.push(partition);
    return partitions;
  };
  const post = async (body: unknown, url = server): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${url.url}/adoptions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${url.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };

  it('tell each partition as it is settled, date by date', async () => {
    for (const date of [dates[0], dates[2]])
      await insertByHand(warehouse, 'nba_analytics.team_offense_game_summary', 'team_offense_game_summary', [
        rowOf('team_offense_game_summary', { game_date: date, possessions: 90, offensive_rating: 110 }),
      ]);
    const partitions = await adopted(dates[0], dates[2]);
    expect(partitions.map(({ gameDate, outcome, rows }) => [gameDate, outcome, rows])).toEqual([
      [dates[0], 'adopted', 1],
      [dates[2], 'adopted', 1],
    ]);
    expect(await adopted(dates[0], dates[2])).toMatchObject([
      { gameDate: dates[0], outcome: 'already_published' },
      { gameDate: dates[2], outcome: 'already_published' },
    ]);
    const { run_history: history } = await client.dateRecord(dates[0]);
    expect(JSON.parse(history[0]?.requests ?? '')).toMatchObject([
      { by: 'maria', reason: 'they were there' },
    ]);
  });

  it.each<readonly [string, unknown, RegExp]>([
    ['no body', undefined, /^\{"error":"The body is missing, expected a JSON object/],
    ['null', null, /The body is null, expected a JSON object/],
    ['a text', 'all', /The body is .*, expected a JSON object/],
    ['no dates', { ...request, from: undefined }, /from is missing, expected a calendar date/],
    [
      'a date that is none',
      { ...request, to: '2024-02-30' },
      /to is .*2024-02-30.*, expected a calendar date/,
    ],
    ['a date that is no text', { ...request, to: 20240701 }, /to is 20240701, expected/],
    ['nobody who decides', { ...request, by: undefined }, /by is missing, expected the name of/],
    ['an empty name', { ...request, by: ' ' }, /by is .* expected the name of/],
    ['no reason', { ...request, reason: '' }, /reason is .* expected why/],
    ['a reason that is no text', { ...request, reason: ['x'] }, /reason is .* expected why/],
  ])('with %s are refused, and nothing is on record', async (_, body, sentence) => {
    const before = await dump(warehouse, 'nba_orchestration');
    const { status, text } = await post(body);
    expect(text).toMatch(sentence);
    expect(status).toBe(400);
    expect(await dump(warehouse, 'nba_orchestration')).toEqual(before);
  });

  it('of a range that ends before it begins are none', async () => {
    expect(await adopted(dates[2], dates[0])).toEqual([]);
  });

  // A client gives up on an answer that is silent for minutes, and a summer has no games.
  it('say something for every date, also where there is nothing', async () => {
    const { status, text } = await post({ ...request, from: '2024-08-01', to: '2024-08-31' });
    expect(status).toBe(200);
    expect(text).toBe('\n'.repeat(31));
    expect(await adopted('2024-08-01', '2024-08-31')).toEqual([]);
  });

  const failing = (error: Error, on: string): Promise<ControlServer> =>
    serve(
      changed({
        readDate: (gameDate, names) =>
          gameDate === on ? Promise.reject(error) : warehouse.readDate(gameDate, names),
      }),
    );

  it.each([
    ['the first', dates[0], 0],
    ['a later', dates[2], 1],
  ])('that %s date breaks off say at which, and why', async (_, on, before) => {
    const broken = new ControlClient(
      await failing(new WarehouseError('contract_broken', 'x holds a bad row'), on),
    );
    const partitions: AdoptedPartition[] = [];
    const refusal = await refusalOf(
      (async () => {
        for await (const partition of broken.adopt(request)) partitions.push(partition);
      })(),
    );
    expect(refusal.message).toBe(`The adoption broke off at ${on}: x holds a bad row`);
    expect(partitions).toHaveLength(before);
  });

  it('that break off adopt nothing more', async () => {
    const looked: string[] = [];
    const broken = await serve(
      changed({
        readDate: (gameDate) => {
          looked.push(gameDate);
          return Promise.reject(new WarehouseError('unavailable', 'the warehouse is away'));
        },
      }),
    );
    const { text } = await post(request, broken);
    expect(text.trim().split('\n')).toHaveLength(1);
    expect(looked).toEqual([dates[0]]);
  });

  it('that a worker does not live to finish say that they broke off', async () => {
    const dying = await serve(
      changed({
        readDate: async (gameDate, names) => {
          if (gameDate === dates[1]) await dying.close();
          return warehouse.readDate(gameDate, names);
        },
      }),
    );
    const refusal = await refusalOf(adopted(dates[0], dates[2], new ControlClient(dying)));
    expect(refusal.message).toMatch(/^The adoption broke off|worker does not answer/);
  });
});

describe('differences', () => {
  const table = 'team_offense_game_summary';
  const gameDate = '2024-07-10';
  let shadow: DuckDbWarehouse;
  let asked: ControlClient;
  let started: ControlServer;

  beforeAll(async () => {
    shadow = await DuckDbWarehouse.open(':memory:', folder, 'shadow');
    await shadow.ensureTables();
    await tableByHand(shadow, `nba_analytics.${table}`, tableOf(table));
    const rows = offenseRows(gameDate, 1, 3);
    await insertByHand(shadow, `nba_analytics.${table}`, table, rows);
    const other = rows.map((row, index) => (index === 1 ? { ...row, points_scored: 3 } : row));
    await insertByHand(shadow, `shadow_nba_analytics.${table}`, table, other);
    started = await serve(shadow);
    asked = new ControlClient(started);
  });
  afterAll(() => shadow.close());

  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${started.url}${path}`, {
      headers: { authorization: `Bearer ${started.token}` },
    });
    return { status: response.status, text: await response.text() };
  };

  it('are told of a shadow and its live table', async () => {
    expect(await asked.diffLive(table, gameDate, gameDate, 0)).toEqual({
      dates: [{ gameDate, same: 2, changed: 1, onlyLive: 0, onlyShadow: 0 }],
      columns: {
        points_scored: {
          rows: 1,
          largest: 2,
          example: { key: { game_date: gameDate, team_abbr: 'T0001' }, live: 1, shadow: 3 },
        },
      },
      columnsNotLive: [],
      duplicateKeys: { live: 0, shadow: 0 },
    });
    expect(await asked.diffLive(table, gameDate, gameDate, 2)).toMatchObject({ dates: [{ same: 3 }] });
    // As JavaScript prints it.
    expect(await asked.diffLive(table, gameDate, gameDate, 1e-7)).toMatchObject({ dates: [{ same: 2 }] });
    expect(await asked.diffLive(table, gameDate, gameDate, 1e21)).toMatchObject({ dates: [{ same: 3 }] });
  });

  it.each([
    [
      '/differences/nbac_schedule?from=2024-07-10&to=2024-07-10',
      404,
      'nbac_schedule is not an analytics table',
    ],
    ['/differences/partition_manifest?from=2024-07-10&to=2024-07-10', 404, 'is not an analytics table'],
    ['/differences/constructor?from=2024-07-10&to=2024-07-10', 404, 'constructor is not an analytics table'],
    [`/differences/${table}`, 400, 'from and to are dates'],
    [`/differences/${table}?from=2024-07-10`, 400, 'from and to are dates'],
    [`/differences/${table}?from=2024-07-10&to=2024-02-30`, 400, 'from and to are dates'],
    [`/differences/${table}?from=2024-07-10&to=2024-07-10&tolerance=little`, 400, 'tolerance is "little"'],
    [`/differences/${table}?from=2024-07-10&to=2024-07-10&tolerance=-1`, 400, 'tolerance is "-1"'],
    [`/differences/${table}?from=2024-07-10&to=2024-07-10&tolerance=`, 400, 'tolerance is ""'],
    [`/differences/${table}?from=2024-07-10&to=2024-07-10&tolerance=Infinity`, 400, 'tolerance is'],
    [`/differences/${table}?from=2024-07-10&to=2024-07-10&tolerance=1&tolerance=2`, 400, 'tolerance is'],
  ])('%s is answered with %i', async (path, status, sentence) => {
    const answer = await get(path);
    expect((JSON.parse(answer.text) as { error?: string }).error).toContain(sentence);
    expect(answer.status).toBe(status);
  });

  it('without a live table, and of a deployment that is the live one, are refused with a sentence', async () => {
    const refusal = await refusalOf(asked.diffLive('player_game_summary', gameDate, gameDate, 0));
    expect(refusal.message).toBe('There is no table nba_analytics.player_game_summary in :memory:');
    const own = await refusalOf(client.diffLive(table, gameDate, gameDate, 0));
    expect(own.message).toMatch(/nothing to compare/);
  });

  it('that break off half way are a failure, never as if that were all', async () => {
    const breaking = await serve(
      Object.assign(Object.create(shadow) as Warehouse, {
        exportLive: async function* () {
          yield offenseRows(gameDate, 1, 1);
          throw new WarehouseError('unavailable', 'the warehouse is away');
        },
      }),
    );
    const refusal = await refusalOf(new ControlClient(breaking).diffLive(table, gameDate, gameDate, 0));
    expect(refusal.message).toBe('the warehouse is away');
  });
});

async function* only(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}
