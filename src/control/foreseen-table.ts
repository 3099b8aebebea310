/** What would come of a table, for whoever asks: with what is live, what would be, and what stands on it. Pure. */
import type { Outcome, GateVerdict } from '../contracts/phase3';
import { downstreamsOf } from '../plan/levels';
import { processors } from '../plan/registry';
import type { Processor } from '../processors/define-processor';
import { compareVersions, type VersionRows } from '../versions/compare-versions';
import type { ForeseenTable } from './protocol';

/** What would come of one processor, by whatever found it. */
export interface FoundTable {
  readonly processor: Processor;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly verdict: Pick<GateVerdict, 'missingGames'>;
  readonly live: VersionRows | null;
  /** What would be published; null where nothing would. */
  readonly next: VersionRows | null;
  readonly warnings: readonly string[];
}

/** `all`: those of the same date, in level order. */
export function foreseenTables(all: readonly FoundTable[]): ForeseenTable[] {
  return all.map((one) => asTable(one, all));
}

function asTable({ processor, ...one }: FoundTable, all: readonly FoundTable[]): ForeseenTable {
  const { outcome, reason, verdict, live, next, warnings } = one;
  const { table, name } = processor;
  const after = all.filter((other) => downstreamsOf(processors, name).includes(other.processor));
  return {
    ...{ processor: name, table: table.name, outcome, reason, warnings },
    liveVersion: live?.manifest.version ?? null,
    version: next?.manifest.version ?? null,
    rows: next?.rows.length ?? null,
    missingGames: verdict.missingGames,
    difference: next && compareVersions(table, live ?? { manifest: next.manifest, rows: [] }, next),
    downstream: after.map((other) => ({
      ...{ table: other.processor.table.name, outcome: other.outcome },
      liveVersion: other.live?.manifest.version ?? null,
      version: other.next?.manifest.version ?? null,
    })),
  };
}
