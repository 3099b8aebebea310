/** Both warehouses, empty, for tests that hold either of them to the same. */
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { emulatorProject, startEmulator } from './bigquery-emulator';

export interface OpenedWarehouse {
  readonly warehouse: Warehouse;
  readonly close: () => Promise<void>;
}

export async function inMemory(): Promise<OpenedWarehouse> {
  const warehouse = await DuckDbWarehouse.open(':memory:');
  return { warehouse, close: () => warehouse.close() };
}

/** With an emulator of its own. */
export async function onEmulator(): Promise<OpenedWarehouse> {
  const emulator = await startEmulator();
  const warehouse = BigQueryWarehouse.open({
    ...{ projectId: emulatorProject, location: 'US', endpoint: emulator.endpoint },
  });
  return { warehouse, close: () => warehouse.close().finally(() => emulator.stop()) };
}
