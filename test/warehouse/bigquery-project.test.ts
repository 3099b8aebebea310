/**
 * The BigQuery adapter on a real project, when one is configured:
 *
 * `PHASE3_TEST_BIGQUERY_PROJECT=my-project` (and `PHASE3_TEST_BIGQUERY_LOCATION`, default US) sends every statement as a
 * dry run, which costs nothing and changes nothing; the tables must be there, which a worker makes when it starts. `PHASE3_TEST_BIGQUERY_WRITES=1` runs the whole contract there; it
 * makes the datasets `nba_raw`, `nba_analytics` and `nba_orchestration` and deletes them, so it refuses a project that
 * has one of them.
 */
import { BigQuery } from '@google-cloud/bigquery';
import { orchestrationTables, tableOf, tables, type TableName } from '../../src/tables/catalogue';
import type { Cell } from '../../src/tables/define-table';
import { BigQueryJobs } from '../../src/warehouse/bigquery/bigquery-jobs';
import { datesParameter, parameters, rowsParameter } from '../../src/warehouse/bigquery/bigquery-parameters';
import { BigQuerySql } from '../../src/warehouse/bigquery/bigquery-sql';
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';
import { rowOf } from './rows';
import { describeWarehouse } from './warehouse.contract';

const projectId = process.env['PHASE3_TEST_BIGQUERY_PROJECT'] ?? '';
const location = process.env['PHASE3_TEST_BIGQUERY_LOCATION'] ?? 'US';
const mayWrite = process.env['PHASE3_TEST_BIGQUERY_WRITES'] === '1';
const datasets = ['nba_raw', 'nba_analytics', 'nba_orchestration'];

jest.setTimeout(600_000);

const describeHere = projectId === '' ? describe.skip : describe;
const skipped = projectId === '' ? ' (skipped: PHASE3_TEST_BIGQUERY_PROJECT is not set)' : '';

describeHere(`statements on a real project, as dry runs${skipped}`, () => {
  const sql = new BigQuerySql(projectId === '' ? 'p' : projectId, null);
  const offense = tableOf('team_offense_game_summary');
  // A staged set has the columns of its table, and none is there to be named.
  const stage = 'nba_analytics.team_offense_game_summary';
  const statements: [string, string, TableName?][] = [
    ...Object.entries(tables).map(([name, table]): [string, string] => [
      `export ${name}`,
      sql.exportRows(table),
    ]),
    ['read', sql.readDate(Object.keys(tables))],
    ['count', sql.countRows(tableOf('nbac_schedule'))],
    ['range', sql.dateRange(tableOf('nbac_schedule'))],
    ['arrivals', sql.arrivals(tableOf('nbac_schedule'))],
    ['claim', sql.claimDate(['partition_manifest'])],
    ['close', sql.closePass(), 'run_history'],
    ['append', sql.append(orchestrationTables.run_history), 'run_history'],
    ['publish', sql.publish(offense, stage), 'partition_manifest'],
    ['adopt', sql.adopt(offense), 'partition_manifest'],
    ['quarantine', sql.quarantine(offense, stage), 'quarantine'],
    ['kept', sql.readKept(offense)],
    ['read staged', sql.readStaged(offense, stage)],
    ['staged dates', sql.stagedDates('nba_raw.nbac_schedule')],
    ['load', sql.replacePartitions(tableOf('nbac_schedule'), 'nba_raw.nbac_schedule')],
    ['export live', sql.exportRows(offense, sql.quoted(stage), ['game_date', 'team_abbr', 'pace'])],
  ];

  it.each(statements)('%s', async (...[, text, rowsOf]: [string, string, TableName?]) => {
    const date: readonly ['DATE', Cell] = ['DATE', '2025-01-15'];
    const rows = rowsOf === undefined ? [] : [rowOf(rowsOf, {})];
    const table = tableOf(rowsOf ?? 'run_history');
    const given = parameters(
      {
        ...{ game_date: date, first: date, last: date, at: ['TIMESTAMP', '2025-01-16T08:00:00.000Z'] },
        ...{ run_id: ['STRING', 'r'], table_name: ['STRING', 't'], stage_id: ['STRING', 's'] },
        ...{
          pass: ['INT64', 1],
          expected_version: ['INT64', 0],
          row_count: ['INT64', 0],
          most: ['INT64', 1],
        },
      },
      {
        values: {
          ...rowsParameter('rows', table, rows).values,
          ...datesParameter('dates', ['2025-01-15']).values,
          upstreams: [],
        },
        types: {
          ...rowsParameter('rows', table, rows).types,
          ...datesParameter('dates', []).types,
          upstreams: [{ table_name: 'STRING', version: 'INT64' }],
        },
      },
    );
    const client = new BigQuery({ projectId, location });
    const [job] = await client
      .createQueryJob({ query: text, params: { ...given.values }, types: given.types, dryRun: true })
      .catch((error: unknown) => {
        const { errors, message } = error as Error & { errors?: { reason?: string }[] };
        if (errors?.[0]?.reason !== 'notFound') throw error;
        throw new Error(
          `${message}. A dry run looks at real tables: start a worker on ${projectId} once, which makes them.`,
          { cause: error },
        );
      });
    expect(job.metadata).toMatchObject({ configuration: { dryRun: true } });
    expect(job.metadata).not.toHaveProperty('status.errorResult');
  });
});

const writes = projectId !== '' && mayWrite ? describe : describe.skip;

writes('the contract on a real project (PHASE3_TEST_BIGQUERY_WRITES=1)', () => {
  describeWarehouse('BigQuery itself', async () => {
    const client = new BigQuery({ projectId, location });
    const [found] = await client.getDatasets();
    const there = found.flatMap(({ id }) => (id !== undefined && datasets.includes(id) ? [id] : []));
    if (there.length > 0)
      throw new Error(`${projectId} has ${there.join(', ')}: the contract needs a project without them.`);
    const settings = { projectId, location, endpoint: null };
    const jobs = new BigQueryJobs(settings);
    const warehouse = BigQueryWarehouse.open(settings);
    return {
      warehouse,
      crowd: 3,
      dropColumn: async (table, column) => {
        await jobs.run({
          operation: 'test',
          sql: `ALTER TABLE \`${projectId}.${table}\` DROP COLUMN ${column}`,
          parameters: parameters({}),
        });
      },
      keptRows: async (table, gameDate) => {
        const rows = await jobs.run({
          operation: 'test',
          sql: `SELECT stage_id, COUNT(*) AS n FROM \`${projectId}.nba_orchestration.${table}_versions\`
                WHERE game_date = @game_date GROUP BY stage_id`,
          parameters: parameters({ game_date: ['DATE', gameDate] }),
        });
        return Object.fromEntries(rows.map((row) => [String(row['stage_id']), Number(row['n'])]));
      },
      close: async () => {
        await warehouse.close();
        for (const dataset of datasets) await client.dataset(dataset).delete({ force: true });
      },
    };
  });
});
