/** Raw tables whose figures another system wrote in types of its own: read as they are, or refused by name, never rounded. */
import { BigQueryJobs } from '../../src/warehouse/bigquery/bigquery-jobs';
import { parameters } from '../../src/warehouse/bigquery/bigquery-parameters';
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';
import type { Warehouse } from '../../src/warehouse/warehouse';
import {
  describeWithEmulator,
  emulatorProject,
  emulatorStartMs,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { rowOf } from './rows';

const gameDate = '2025-01-15';
const table = 'nbac_team_boxscore';
const name = `\`${emulatorProject}.nba_raw.${table}\``;

describeWithEmulator('raw figures of another type', () => {
  let emulator: Emulator;
  let jobs: BigQueryJobs;
  let warehouse: Warehouse;
  const run = (sql: string): Promise<unknown> =>
    jobs.run({ operation: 'test', sql, parameters: parameters({}) });

  beforeAll(async () => {
    emulator = await startEmulator();
    const settings = { projectId: emulatorProject, location: 'US', endpoint: emulator.endpoint };
    jobs = new BigQueryJobs(settings);
    warehouse = BigQueryWarehouse.open(settings);
    await warehouse.ensureTables();
    await warehouse.loadRows(
      table,
      (async function* () {
        yield [rowOf(table, { game_date: gameDate, points: 101, fg_percentage: 0.5 })];
      })(),
    );
    await run(
      `CREATE TABLE \`${emulatorProject}.nba_raw.kept\` AS SELECT * FROM ${name} WHERE game_date >= '2000-01-01'`,
    );
  }, emulatorStartMs);

  afterAll(async () => {
    await warehouse.close();
    await emulator.stop();
  });

  /** The table again, with one column of another type. */
  const withColumn = (column: string, value: string): Promise<unknown> =>
    run(
      `CREATE OR REPLACE TABLE ${name} AS SELECT * REPLACE (${value} AS ${column}) FROM \`${emulatorProject}.nba_raw.kept\` WHERE game_date >= '2000-01-01'`,
    );

  it.each([
    ['points', "CAST('101' AS FLOAT64)", 101],
    ['points', "CAST('101' AS NUMERIC)", 101],
    ['points', 'CAST(101 AS INT64)', 101],
    ['fg_percentage', "CAST('0.25' AS NUMERIC)", 0.25],
    ['fg_percentage', 'CAST(1 AS INT64)', 1],
  ])('%s as %s is %d', async (column, value, read) => {
    await withColumn(column, value);
    const { [table]: rows } = await warehouse.readDate(gameDate, [table]);
    expect(rows).toMatchObject([{ [column]: read }]);
  });

  it.each([
    ['points', "CAST('101.5' AS FLOAT64)", 'points is 101.5, expected a whole number'],
    ['points', "CAST('40.5' AS NUMERIC)", 'points is 40.5, expected a whole number'],
    ['points', 'CAST(9007199254740993 AS INT64)', 'points is 9007199254740992, expected a whole number'],
    ['points', "CAST('NaN' AS FLOAT64)", 'points is "NaN", expected a whole number'],
    ['fg_percentage', "CAST('NaN' AS FLOAT64)", 'fg_percentage is "NaN", expected a number'],
    ['fg_percentage', "CAST('-inf' AS FLOAT64)", 'fg_percentage is "-Infinity", expected a number'],
  ])('%s as %s is refused by name', async (column, value, said) => {
    await withColumn(column, value);
    const refused = {
      ...{ name: 'WarehouseError', kind: 'contract_broken' },
      message: expect.stringContaining(
        `nba_raw.${table} holds a row that does not fit its declaration: ${said}`,
      ) as string,
    };
    await expect(warehouse.readDate(gameDate, [table])).rejects.toMatchObject(refused);
    const exported = warehouse.exportRows(table, gameDate, gameDate)[Symbol.asyncIterator]();
    await expect(exported.next()).rejects.toMatchObject(refused);
  });
});
