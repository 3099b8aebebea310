/** The BigQuery adapter, on the real client in front of the emulator: the contract of the port. */
import { BigQueryJobs } from '../../src/warehouse/bigquery/bigquery-jobs';
import { parameters } from '../../src/warehouse/bigquery/bigquery-parameters';
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';
import {
  describeWithEmulator,
  emulatorProject,
  emulatorStartMs,
  startEmulator,
} from '../support/bigquery-emulator';
import { describeWarehouse } from './warehouse.contract';

describeWithEmulator('BigQuery', () => {
  jest.setTimeout(emulatorStartMs);

  describeWarehouse('the BigQuery emulator', async () => {
    const emulator = await startEmulator();
    const settings = { projectId: emulatorProject, location: 'US', endpoint: emulator.endpoint };
    const jobs = new BigQueryJobs(settings);
    let warehouse = BigQueryWarehouse.open(settings);
    return {
      warehouse,
      crowd: 4,
      reopen: async () => {
        await warehouse.close();
        return (warehouse = BigQueryWarehouse.open(settings));
      },
      dropColumn: async (table, column) => {
        await jobs.run({
          operation: 'test',
          sql: `ALTER TABLE \`${emulatorProject}.${table}\` DROP COLUMN ${column}`,
          parameters: parameters({}),
        });
      },
      keptRows: async (table, gameDate) => {
        const rows = await jobs.run({
          operation: 'test',
          sql: `SELECT stage_id, COUNT(*) AS n FROM \`${emulatorProject}.nba_orchestration.${table}_versions\`
                WHERE game_date = @game_date GROUP BY stage_id`,
          parameters: parameters({ game_date: ['DATE', gameDate] }),
        });
        return Object.fromEntries(rows.map((row) => [String(row['stage_id']), Number(row['n'])]));
      },
      close: async () => {
        await warehouse.close();
        await emulator.stop();
      },
    };
  });
});
