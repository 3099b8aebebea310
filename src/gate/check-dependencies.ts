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

/** The verdict of a check that could not be made: never a pass. */
export function failedCheck(processor: ProcessorName, error: string): GateVerdict {
  return {
    processor,
    canRun: false,
    skip: null,
    missing: [],
    details: {},
    missingGames: [],
    readyGames: 0,
    finalGames: 0,
    policyBypass: null,
    staleUpstreams: [],
    checkFailed: error,
  };
}

