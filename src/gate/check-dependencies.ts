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

/**
 * Judges what a run of all these processors would find, gate by gate: an upstream that can run is taken as built when the
 * processors that read it are judged. `names` are in level order.
 */
export async function checkRun(
  warehouse: Warehouse,
  gameDate: string,
  names: readonly ProcessorName[],
  policy: Policy,
): Promise<GateVerdict[]> {
  const snapshot = await readSnapshot(warehouse, gameDate, names);
  const foreseen = new Set<ProcessorName>();
  return names.map((name) => {
    const verdict = judgeProcessor(name, snapshot, policy, {}, foreseen);
    if (verdict.canRun) foreseen.add(name);
    return verdict;
  });
}
