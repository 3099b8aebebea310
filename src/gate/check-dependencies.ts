/** The dependency check as people and workflows ask it: a verdict per processor, with evidence. */
import type { GateVerdict, Policy, ProcessorName } from '../contracts/phase3';
import type { Warehouse } from '../warehouse/warehouse';
import { judgeProcessor, type ProcessorVersions } from './judge-processor';
import { readSnapshot } from './read-snapshot';

/** Judges the processors on one snapshot of the date. */
export async function checkDependencies(
  warehouse: Warehouse,
  gameDate: string,
  names: readonly ProcessorName[],
  policy: Policy,
  versions: ProcessorVersions = {},
): Promise<GateVerdict[]> {
  const snapshot = await readSnapshot(warehouse, gameDate, names);
  return names.map((name) => judgeProcessor(name, snapshot, policy, versions));
}
