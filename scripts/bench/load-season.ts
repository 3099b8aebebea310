/** Loads the raw tables of a folder as `phase3 load` does, without the hop over the control endpoint. */
import { findRawFiles, readRawFile } from '../../src/cli/raw-files';
import type { Row } from '../../src/tables/define-table';
import type { Warehouse } from '../../src/warehouse/warehouse';
import type { LoadedSeason } from './worker-protocol';

const rowsPerBatch = 500;

export async function loadSeason(warehouse: Warehouse, folder: string): Promise<LoadedSeason> {
  const begun = performance.now();
  let rows = 0;
  let dates: readonly string[] = [];
  for (const file of await findRawFiles(folder)) {
    const report = await warehouse.loadRows(file.table, inBatches(readRawFile(file, () => undefined)));
    rows += report.rows;
    if (file.table === 'nbac_schedule') dates = report.dates;
  }
  return { seconds: (performance.now() - begun) / 1000, rows, dates };
}

async function* inBatches(rows: AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < rowsPerBatch) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
