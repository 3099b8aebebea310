/**
 * A shadow run: a deployment with a dataset prefix beside the live one, on one Temporal server and in one DuckDB file. It
 * reads the same raw rows, and nothing that is live may notice it.
 */
import type { DuckDBInstance } from '@duckdb/node-api';
import type { NativeConnection } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import { diffLive } from '../../src/adoption/diff-live';
import { Phase3Client } from '../../src/client';
import { identityOf } from '../../src/contracts/identity';
import { defaultPolicySettings } from '../../src/contracts/policy';
import type { TableName } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import { DuckDbDatabase } from '../../src/warehouse/duckdb/duckdb-database';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { PreparedStatements } from '../../src/warehouse/duckdb/prepared-statements';
import { dump, sql } from '../support/by-hand';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { rowOf } from '../warehouse/rows';

const night = demoNight('2017-04-15');
const prefix = 'shadow';
const analytics: readonly TableName[] = [
  'team_offense_game_summary',
  'team_defense_game_summary',
  'player_game_summary',
];
const schemas = ['nba_raw', 'nba_analytics', 'nba_orchestration'] as const;

let rig: Rig;
let shadow: DuckDbWarehouse;
let client: Phase3Client;
let worker: { instance: Worker; running: Promise<void> } | null = null;
let day = 10;

beforeAll(async () => {
  rig = await Rig.open();
  // The file can be open in one process only, and there once: the two deployments are two connections to it.
  const { database, scratch } = rig.warehouse as unknown as {
    database: { file: { instance: DuckDBInstance; constructor: new (...parts: unknown[]) => unknown } };
    scratch: string;
  };
  const { instance, constructor: OpenFile } = database.file;
  const connections = [await instance.connect(), await instance.connect()].map(
    (connection) => new PreparedStatements(connection),
  );
  const file = new OpenFile(instance, ...connections);
  const own: unknown = Reflect.construct(DuckDbDatabase, [file, rig.warehouse.location]);
  const parts = [own, rig.warehouse.location, prefix, scratch];
  shadow = Reflect.construct(DuckDbWarehouse, parts) as DuckDbWarehouse;
  await shadow.ensureTables();
  client = new Phase3Client(rig.raw, undefined, undefined, identityOf(prefix));
});

afterAll(async () => {
  await stopShadow();
  await rig.close();
});

async function startShadow(): Promise<void> {
  await stopShadow();
  const instance = await Worker.create({
    connection: (rig as unknown as { connection: NativeConnection }).connection,
    taskQueue: identityOf(prefix).taskQueue,
    workflowBundle: { codePath: process.env['PHASE3_TEST_BUNDLE'] ?? '' },
    activities: createActivities({ warehouse: shadow, client: rig.raw, policy: defaultPolicySettings }),
    shutdownGraceTime: '1s',
    shutdownForceTime: '3s',
  });
  worker = { instance, running: instance.run() };
}

async function stopShadow(): Promise<void> {
  worker?.instance.shutdown();
  await worker?.running;
  worker = null;
}

/** A date whose raw rows are there. */
async function newDate(): Promise<string> {
  day += 1;
  const gameDate = `2017-06-${day}`;
  await rig.loadNight(movedTo(night, gameDate));
  return gameDate;
}

const runShadow = async (gameDate: string) => {
  const accepted = await client.run({ gameDate });
  for await (const { answer } of client.follow(accepted)) if (answer) return { accepted, answer };
  throw new Error(`${gameDate}: no answer`);
};

const everythingLive = () => Promise.all(schemas.map((schema) => dump(rig.warehouse, schema)));

async function rowsOf(warehouse: DuckDbWarehouse, table: TableName, gameDate: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of warehouse.exportRows(table, gameDate, gameDate)) rows.push(...batch);
  return rows.map(({ processed_at: _, ...rest }) => rest);
}

test('it publishes into tables of its own, and leaves the live ones alone byte for byte', async () => {
  const gameDate = await newDate();
  await rig.startWorker();
  await startShadow();
  expect((await rig.run({ gameDate })).answer.state).toBe('published');
  const before = await everythingLive();
  expect((await runShadow(gameDate)).answer.state).toBe('published');
  expect(await everythingLive()).toEqual(before);
  for (const table of analytics)
    expect(await rowsOf(shadow, table, gameDate)).toEqual(
      await rig.published(table, gameDate).then(withBypass),
    );
  const written = await dump(shadow, 'shadow_nba_orchestration');
  expect(written['partition_manifest']).toHaveLength(3);
  expect(written['run_history']).toHaveLength(1);
  expect(written['player_game_summary_versions']?.length).toBeGreaterThan(70);
  expect(
    await sql(shadow, "SELECT 1 AS one FROM duckdb_tables() WHERE schema_name = 'shadow_nba_raw'"),
  ).toEqual([]);
});

test('it does not take what is live for its own: a date that is published there is not there for it', async () => {
  const gameDate = await newDate();
  await rig.startWorker();
  await startShadow();
  expect((await rig.run({ gameDate })).answer.state).toBe('published');
  expect(await shadow.readDate(gameDate, ['partition_manifest', 'player_game_summary'])).toEqual({
    partition_manifest: [],
    player_game_summary: [],
  });
  expect((await runShadow(gameDate)).answer.state).toBe('published');
  expect((await runShadow(gameDate)).answer.state).toBe('unchanged');
  expect((await rig.run({ gameDate })).answer.state).toBe('unchanged');
});

test('its runs and its task queue have names of their own', async () => {
  const gameDate = await newDate();
  await rig.startWorker();
  await startShadow();
  const live = await rig.run({ gameDate });
  const beside = await runShadow(gameDate);
  const described = await Promise.all(
    [live, beside].map(({ accepted }) => rig.raw.workflow.getHandle(accepted.workflowId).describe()),
  );
  expect(described.map(({ workflowId, taskQueue }) => [workflowId, taskQueue])).toEqual([
    [`phase3/${gameDate}`, 'phase3'],
    [`phase3-shadow/${gameDate}`, 'phase3-shadow'],
  ]);
});

/** Whether any worker has begun with a run. */
async function isBegun(workflowId: string): Promise<boolean> {
  const { events } = await rig.raw.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).some((event) => event.workflowTaskStartedEventAttributes != null);
}

test('neither worker takes up what is meant for the other', async () => {
  const gameDate = await newDate();
  await stopShadow();
  await rig.startWorker();
  const left = await client.run({ gameDate });
  // The live worker is there and works all the while.
  expect((await rig.run({ gameDate })).answer.state).toBe('published');
  expect(await isBegun(left.workflowId)).toBe(false);
  await rig.stopWorker();
  await startShadow();
  const other = await newDate();
  const leftLive = await rig.client.run({ gameDate: other });
  expect((await runShadow(other)).answer.state).toBe('published');
  expect(await isBegun(leftLive.workflowId)).toBe(false);
  await rig.startWorker();
  expect((await rig.answerTo(leftLive)).answer.state).toBe('published');
  expect((await runShadow(gameDate)).answer.state).toBe('unchanged');
});

test('its backfill asks its own dates', async () => {
  const [first, last] = [await newDate(), await newDate()];
  await rig.startWorker();
  await startShadow();
  const before = await everythingLive();
  const { workflowId } = await client.backfill({ from: first, to: last, concurrency: 2 });
  expect(workflowId).toMatch(/^phase3-shadow-backfill\//);
  let states: string[] = [];
  for await (const { replies } of client.followBackfill(workflowId))
    states = Object.values(replies).map(({ state }) => state);
  expect(states).toEqual(['published', 'published']);
  expect(await everythingLive()).toEqual(before);
  for (const gameDate of [first, last]) {
    expect(await client.state(gameDate)).not.toBeNull();
    expect(await rig.client.state(gameDate)).toBeNull();
  }
});

test('it loads no raw rows, and says why', async () => {
  const before = await dump(shadow, 'nba_raw');
  const rows = (async function* () {
    yield [rowOf('nbac_schedule', { game_date: '2017-06-01' })];
  })();
  await expect(shadow.loadRows('nbac_schedule', rows)).rejects.toMatchObject({
    name: 'WarehouseError',
    kind: 'bad_rows',
    message:
      'Raw tables are read and never written while PHASE3_DATASET_PREFIX is set (shadow): they belong to the live system',
  });
  expect(await dump(shadow, 'nba_raw')).toEqual(before);
});

test('what was changed in the live table on purpose is what the comparison tells, and nothing else', async () => {
  const gameDate = await newDate();
  await rig.startWorker();
  await startShadow();
  await rig.run({ gameDate });
  await runShadow(gameDate);
  const compare = (tolerance = 0) => diffLive(shadow, 'player_game_summary', gameDate, gameDate, tolerance);
  const rows = (await rig.published('player_game_summary', gameDate)).length;
  const same = { columns: {}, columnsNotLive: [], duplicateKeys: { live: 0, shadow: 0 } };
  expect(await compare()).toEqual({
    ...same,
    dates: [{ gameDate, same: rows, changed: 0, onlyLive: 0, onlyShadow: 0 }],
  });
  const live = 'nba_analytics.player_game_summary';
  const where = (player: string) => `WHERE game_date = '${gameDate}' AND player_lookup = '${player}'`;
  const [usage] = await sql(shadow, `SELECT usage_rate AS u FROM ${live} ${where('lebronjames')}`);
  await sql(shadow, `UPDATE ${live} SET usage_rate = 1228 ${where('lebronjames')}`);
  await sql(shadow, `DELETE FROM ${live} ${where('kyrieirving')}`);
  await sql(
    shadow,
    `INSERT INTO ${live} SELECT * REPLACE ('nobody' AS player_lookup) FROM ${live} ${where('lebronjames')}`,
  );
  const ours = Number(usage?.['u']);
  const found = await compare();
  expect(found).toEqual({
    ...same,
    dates: [{ gameDate, same: rows - 2, changed: 1, onlyLive: 1, onlyShadow: 1 }],
    columns: {
      usage_rate: {
        rows: 1,
        largest: 1228 - ours,
        example: { key: { game_date: gameDate, player_lookup: 'lebronjames' }, live: 1228, shadow: ours },
      },
    },
  });
  await sql(
    shadow,
    `UPDATE ${live} SET usage_rate = round(usage_rate, 2), ts_pct = round(ts_pct, 2), efg_pct = round(efg_pct, 2),
     usage_rate_raw = round(usage_rate_raw, 2), minutes_played = round(minutes_played, 2) WHERE game_date = '${gameDate}'`,
  );
  expect((await compare(0.005)).columns).toEqual(found.columns);
  expect(Object.keys((await compare()).columns).length).toBeGreaterThan(1);
});

function withBypass(rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row, bypass_id: null }));
}
