/** Live rows that a build may not drop: those of games that cannot be built now. A live game leaves only by a decision. Pure. */
import type { Processor } from '../processors/define-processor';
import { dataHashes } from '../publishing/fingerprint';
import type { Row } from '../tables/define-table';
import { provenance } from '../tables/provenance';
import { liveByRight, type DateSnapshot } from './snapshot';

/**
 * The live rows of games that are not among `ready` (their ids), as they were published. Rows that somebody altered and of which
 * nobody kept the published ones, or that have another maker, are no ground to stand on: `lost` names their games.
 */
export function keptRows(
  { table }: Pick<Processor, 'table'>,
  snapshot: DateSnapshot,
  ready: ReadonlySet<string>,
): { readonly kept: readonly Row[]; readonly lost: readonly string[] } {
  const others = liveByRight(snapshot, table).filter((row) => !ready.has(String(row['game_id'])));
  const hashes = dataHashes(others.map(figuresOf));
  const altered = new Set(
    others.flatMap((row, index) => (row['data_hash'] === hashes[index] ? [] : [String(row['game_id'])])),
  );
  return {
    kept: others.filter((row) => !altered.has(String(row['game_id']))),
    lost: [...altered].sort(),
  };
}

/** A stored row as its processor computed it. */
function figuresOf(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !Object.hasOwn(provenance, column)));
}
