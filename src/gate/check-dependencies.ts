/** The dependency check as people and workflows ask it: a verdict per processor, with evidence. */
import type { GateVerdict, Policy, ProcessorName } from '../contracts/phase3';
import type { Processor } from '../processors/define-processor';
import { isRawTableName } from '../tables/catalogue';
import type { Warehouse } from '../warehouse/warehouse';
import { judgeNow } from './judge-pinned';
import { expectedArrivals } from './expected-arrivals';
import { inTime } from './in-time';
import { pinOf } from './pins';
import { readSnapshot } from './read-snapshot';
import { withPublishedRows, type DateSnapshot } from './snapshot';

/** When rows usually come must never be a reason to wait for them: an answer that takes longer than this is none. */
const longestEtaMs = 3_000;

/** Judges the processors on one snapshot of the date, for somebody who only wants to know. */
export async function checkDependencies(
  warehouse: Warehouse,
  gameDate: string,
  processors: readonly Processor[],
  policy: Policy,
): Promise<GateVerdict[]> {
  const snapshot = await readSnapshot(warehouse, gameDate, processors, policy);
  const verdicts = processors.map((processor) => judgeNow(processor, snapshot, policy));
  return withExpectedArrivals(warehouse, gameDate, verdicts);
}

/** Adds when raw tables that are missing are to be expected, from the dates before. */
export async function withExpectedArrivals<V extends GateVerdict>(
  warehouse: Pick<Warehouse, 'arrivals'>,
  gameDate: string,
  verdicts: readonly V[],
): Promise<V[]> {
  const missing = new Set(verdicts.flatMap((verdict) => verdict.missing).filter(isRawTableName));
  if (missing.size === 0) return [...verdicts];
  const expected = await inTime(expectedArrivals(warehouse, gameDate, [...missing]), longestEtaMs, []);
  return verdicts.map((verdict) => ({
    ...verdict,
    expected: expected.filter(({ table }) => verdict.missing.includes(table)),
  }));
}

/**
 * Judges what a run of all these processors would find, gate by gate: an upstream that can run is taken as built when the
 * processors that read it are judged, and altered rows of one that is pinned as put back. They are given in level order.
 */
export async function checkRun(
  warehouse: Warehouse,
  gameDate: string,
  processors: readonly Processor[],
  policy: Policy,
): Promise<GateVerdict[]> {
  return judgeRun(await readSnapshot(warehouse, gameDate, processors, policy), processors, policy);
}

/** The same of a snapshot that was read. Pure. */
export function judgeRun(
  read: DateSnapshot,
  processors: readonly Processor[],
  policy: Policy,
): GateVerdict[] {
  const snapshot = processors.reduce(withPutBack, read);
  const foreseen = new Set<ProcessorName>();
  return processors.map((processor) => {
    const verdict = judgeNow(processor, snapshot, policy, { foreseen });
    // What is pinned is not built.
    if (verdict.canRun && !verdict.pin) foreseen.add(processor.name);
    return verdict;
  });
}

/** The snapshot as it is once a run has put back what somebody altered of a pinned version, where its rows are kept. */
function withPutBack(snapshot: DateSnapshot, processor: Processor): DateSnapshot {
  const { name } = processor.table;
  const kept = snapshot.asPublished?.[name];
  return kept && pinOf(processor, snapshot) ? withPublishedRows(snapshot, { [name]: kept }) : snapshot;
}
