/** The dependency check as people and workflows ask it: a verdict per processor, with evidence. */
import type { PassToken } from '../contracts/activities';
import type { Waiver } from '../contracts/decisions';
import type { GateVerdict, Policy, ProcessorName, ProcessorResult } from '../contracts/phase3';
import type { Processor } from '../processors/define-processor';
import { isRawTableName } from '../tables/catalogue';
import type { Warehouse } from '../warehouse/warehouse';
import { judgeProcessor, type ProcessorVersions } from './judge-processor';
import { expectedArrivals } from './expected-arrivals';
import { readSnapshot } from './read-snapshot';
import { currentManifest, type DateSnapshot } from './snapshot';
import { unchangedResult, whyRebuild } from './why-rebuild';

/** When rows usually come must never be a reason to wait for them: an answer that takes longer than this is none. */
const longestEtaMs = 3_000;

async function inTime<T>(answer: Promise<T[]>): Promise<T[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T[]>((resolve) => {
    timer = setTimeout(() => resolve([]), longestEtaMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Bypasses that are open, by processor. */
export type Waivers = Readonly<Record<ProcessorName, Waiver>>;

export interface CheckOptions {
  readonly versions?: ProcessorVersions;
  readonly waivers?: Waivers;
  /** Those that are built even if nothing has changed. */
  readonly forced?: readonly ProcessorName[];
  /** The pass that asks; null for somebody who only wants to know. */
  readonly pass?: Pick<PassToken, 'runId' | 'pass'> | null;
}

/** Judges the processors on one snapshot of the date. A pass is also told what it need not start. */
export async function checkDependencies(
  warehouse: Warehouse,
  gameDate: string,
  processors: readonly Processor[],
  policy: Policy,
  { versions = {}, waivers = {}, forced = [], pass = null }: CheckOptions = {},
): Promise<GateVerdict[]> {
  const snapshot = await readSnapshot(warehouse, gameDate, processors);
  const verdicts = processors.map((processor) => {
    const waiver = waivers[processor.name];
    const verdict = judgeProcessor(processor, snapshot, policy, { versions, waiver });
    // What was waived is used up by a run, or cleared.
    const maySkip = pass && !waiver && !forced.includes(processor.name);
    const unchanged = maySkip ? foundUnchanged(processor, verdict, snapshot, versions, pass) : null;
    return unchanged ? { ...verdict, unchanged } : verdict;
  });
  const missing = new Set(verdicts.flatMap((verdict) => verdict.missing).filter(isRawTableName));
  if (missing.size === 0) return verdicts;
  const expected = await inTime(expectedArrivals(warehouse, gameDate, [...missing]));
  return verdicts.map((verdict) => ({
    ...verdict,
    expected: expected.filter(({ table }) => verdict.missing.includes(table)),
  }));
}

/** What comes of a processor that would find nothing to build; null when it has to be started. */
function foundUnchanged(
  processor: Processor,
  verdict: GateVerdict,
  snapshot: DateSnapshot,
  versions: ProcessorVersions,
  { runId, pass }: Pick<PassToken, 'runId' | 'pass'>,
): ProcessorResult | null {
  const manifest = currentManifest(snapshot, processor.table);
  if (!verdict.canRun || !manifest) return null;
  // What this very pass has published comes from its publisher.
  if (manifest.run_id === runId && manifest.pass === pass) return null;
  return whyRebuild(processor, verdict, snapshot, versions) === null
    ? unchangedResult(verdict, manifest)
    : null;
}

/**
 * Judges what a run of all these processors would find, gate by gate: an upstream that can run is taken as built when the
 * processors that read it are judged. They are given in level order.
 */
export async function checkRun(
  warehouse: Warehouse,
  gameDate: string,
  processors: readonly Processor[],
  policy: Policy,
): Promise<GateVerdict[]> {
  const snapshot = await readSnapshot(warehouse, gameDate, processors);
  const foreseen = new Set<ProcessorName>();
  return processors.map((processor) => {
    const verdict = judgeProcessor(processor, snapshot, policy, { foreseen });
    if (verdict.canRun) foreseen.add(processor.name);
    return verdict;
  });
}
