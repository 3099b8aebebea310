/** Which dataset a table lives in: a prefix sets every output apart, for a run beside a live system. */
import type { Dataset, TableDefinition } from '../tables/define-table';

/** Put before the names of the datasets that are written (`shadow` → `shadow_nba_analytics`); null for none. */
export type DatasetPrefix = string | null;

/** Raw data is an input: it is read where it is, whatever the prefix. */
export function datasetOf(dataset: Dataset, prefix: DatasetPrefix): string {
  return prefix === null || dataset === 'nba_raw' ? dataset : `${prefix}_${dataset}`;
}

/** `dataset.name`, as the table is called in this deployment. */
export function storedName(table: TableDefinition, prefix: DatasetPrefix): string {
  return `${datasetOf(table.dataset, prefix)}.${table.name}`;
}

/** Name of the table that keeps the rows of every published and quarantined version, by stage id. */
export function versionsName(table: TableDefinition, prefix: DatasetPrefix): string {
  return `${datasetOf('nba_orchestration', prefix)}.${table.name}_versions`;
}
