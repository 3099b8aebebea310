/** A process that claims, stages and publishes one partition on BigQuery, for tests that end it on the way. */
import { writeSync } from 'node:fs';
import type { BigQuerySettings } from '../../src/warehouse/bigquery/bigquery-client';
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';
import { offenseRows, stageFor } from './rows';

async function main(settings: BigQuerySettings, gameDate: string): Promise<void> {
  const warehouse = BigQueryWarehouse.open(settings);
  const fence = { gameDate, runId: 'killed', pass: 1 };
  await warehouse.claimDate(fence, '2025-01-16T08:00:00.000Z');
  const rows = offenseRows(gameDate, 1, 5);
  const request = await stageFor(warehouse, {
    table: 'team_offense_game_summary',
    fence,
    version: 1,
    rows,
  });
  writeSync(1, 'staged\n');
  const { kind } = await warehouse.publish(request);
  writeSync(1, `${kind}\n`);
}

const [, , settings = '', gameDate = ''] = process.argv;
void main(JSON.parse(settings) as BigQuerySettings, gameDate);
