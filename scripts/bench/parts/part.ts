/** What every part gets, and how its report is framed. */
import type { BenchOptions } from '../options';
import type { Tools } from '../bench-stack';
import { cpuUse, load, shareOfOthers } from '../machine';
import type { PartReport } from '../report';

export interface PartContext {
  readonly tools: Tools;
  readonly options: BenchOptions;
}

type Measured = Pick<PartReport, 'title' | 'figures' | 'notes'>;

/** A part measures in a stack of its own and reports. */
export type Part = (context: PartContext) => Promise<Measured>;

/** Runs a part between two looks at the machine's load. */
export async function runPart(part: Part, context: PartContext): Promise<PartReport> {
  const loadBefore = load();
  const before = await cpuUse();
  const begun = performance.now();
  const measured = await part(context);
  return {
    ...measured,
    seconds: (performance.now() - begun) / 1000,
    loadBefore,
    loadAfter: load(),
    others: shareOfOthers(before, await cpuUse()),
  };
}
