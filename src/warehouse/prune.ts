/** What both adapters ask of a pruning. Pure. */
import type { TableName } from '../tables/catalogue';
import type { DateFenceRow, PrunedVersionRow } from '../tables/orchestration';
import type { FenceToken } from './warehouse';

/** Whether the date is still the pass's, ended or not: nobody has claimed it since. */
export function isHeldBy(held: DateFenceRow | undefined, { runId, pass }: FenceToken): boolean {
  return held?.run_id === runId && held.pass === pass;
}

/** The stage ids that go, by analytics table. */
export function stagesByTable(versions: readonly PrunedVersionRow[]): ReadonlyMap<TableName, string[]> {
  const stages = new Map<TableName, string[]>();
  for (const { table_name: table, stage_id: stageId } of versions)
    stages.set(table, [...(stages.get(table) ?? []), stageId]);
  return stages;
}
