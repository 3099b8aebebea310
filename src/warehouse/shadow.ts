/** A deployment with a prefix runs beside a live system. */
import type { DatasetPrefix } from './datasets';
import { WarehouseError } from './errors';

/** Raw tables are shared with the live system, which would work on what is loaded here. */
export function refuseShadowLoad(prefix: DatasetPrefix): void {
  if (prefix !== null)
    throw new WarehouseError(
      'bad_rows',
      `Raw tables are read and never written while PHASE3_DATASET_PREFIX is set (${prefix}): they belong to the live system`,
    );
}
