/** The hashes that decide whether a partition is what it would be if it were built now. */
import { createHash } from 'node:crypto';
import type { ProcessorName } from '../contracts/phase3';
import { analyticsTables, type AnalyticsTableName, type RawTableName } from '../tables/catalogue';
import { compareByKey } from '../tables/compare';
import type { Row } from '../tables/define-table';
import { canonicalJson } from './canonical-json';

/** Everything a processor reads of a date. */
export interface ProcessorInputs {
  readonly rows: Readonly<Record<RawTableName, readonly Row[]>>;
  readonly upstreamVersions: readonly { readonly tableName: AnalyticsTableName; readonly version: number }[];
}

/**
 * Hash of everything a processor read: the rows without `processed_at` (a source that sends the same figures again
 * changes nothing), the upstream versions, and the processor's own version, so that a corrected formula rebuilds.
 * Rows are expected in a fixed order.
 */
export function fingerprint(processor: ProcessorName, version: string, inputs: ProcessorInputs): string {
  const rows = Object.fromEntries(
    Object.entries(inputs.rows).map(([table, tableRows]) => [table, tableRows.map(withoutProcessedAt)]),
  );
  return sha256(canonicalJson({ processor, version, rows, upstreams: inputs.upstreamVersions }));
}

/** Hash of a partition's rows as stored, every column, in key order. */
export function contentHash(table: AnalyticsTableName, rows: readonly Row[]): string {
  return sha256(canonicalJson([...rows].sort(compareByKey(analyticsTables[table]))));
}

/** First 16 hex digits over a row's figures: equal hashes, equal figures, whoever built them and when. */
export function dataHash(figures: Row): string {
  return sha256(canonicalJson(figures)).slice(0, 16);
}

function withoutProcessedAt(row: Row): Row {
  const { processed_at: _, ...rest } = row;
  return rest;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
