/** A copy of the warehouse: all of it as of one instant, while it is written to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlServer } from '../../src/control/server';
import { ControlClient } from '../../src/control/client';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { rawTables, type TableName } from '../../src/tables/catalogue';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { demoNight } from '../support/nights';

const dates = ['2017-04-15', '2017-04-16'] as const;
let folder: string;
let warehouse: DuckDbWarehouse;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phase3-co'py-"));
  warehouse = await DuckDbWarehouse.open(join(folder, 'warehouse.duckdb'), folder);
  await warehouse.ensureTables();
});
afterEach(async () => {
  await warehouse.close();
  await rm(folder, { recursive: true });
});

async function load(date: (typeof dates)[number]): Promise<void> {
  for (const [table, rows] of Object.entries(demoNight(date)))
    await warehouse.loadRows(
      table,
      (async function* () {
        yield rows;
      })(),
    );
}

async function counts(of: DuckDbWarehouse): Promise<number[]> {
  return Promise.all(Object.keys(rawTables).map((table: TableName) => of.countRows(table, ...dates)));
}

test('it holds what was there, can be written to, and changes nothing of the first', async () => {
  await load(dates[0]);
  const path = join(folder, 'copy.duckdb');
  const server = await startControlServer({
    warehouse,
    policy: defaultPolicySettings,
    workerState: () => 'RUNNING',
  });
  try {
    const control = new ControlClient(server);
    await Promise.all([control.copyWarehouse(path), load(dates[1])]);
    await expect(control.copyWarehouse(path)).rejects.toThrow('is there already');
    await expect(control.copyWarehouse('relative.duckdb')).rejects.toThrow('the whole path of a new file');
    await expect(control.copyWarehouse(join(folder, 'worker.json'))).rejects.toThrow('ends in .duckdb');
  } finally {
    await server.close();
  }
  const all = await counts(warehouse);
  const copy = await DuckDbWarehouse.open(path, folder);
  try {
    await copy.ensureTables();
    const night = demoNight(dates[0]);
    const first = await copy.countRows('nbac_schedule', dates[0], dates[0]);
    expect(first).toBe(night.nbac_schedule.length);
    await copy.loadRows(
      'nbac_schedule',
      (async function* () {
        yield night.nbac_schedule.slice(1);
      })(),
    );
    expect(await copy.countRows('nbac_schedule', dates[0], dates[0])).toBe(first - 1);
  } finally {
    await copy.close();
  }
  expect(await counts(warehouse)).toEqual(all);
});

test('a copy that cannot be written leaves the warehouse as good as before', async () => {
  await load(dates[0]);
  const before = await counts(warehouse);
  await expect(warehouse.copyTo(join(folder, 'nowhere', 'copy.duckdb'))).rejects.toThrow();
  await warehouse.copyTo(join(folder, 'copy.duckdb'));
  expect(await counts(warehouse)).toEqual(before);
});
