/** The columns that every published table ends with. */
import { required, string, timestamp, type RowOf, type TableDefinition } from './define-table';

export const provenance = {
  /** The bypass that the partition stands on, if any. */
  bypass_id: string,
  /** First 16 hex digits of SHA-256 over the row's figures: equal hashes, equal figures. */
  data_hash: required(string),
  processed_at: required(timestamp),
} as const;

/** A published row without its provenance: what a processor computes. */
export type FiguresOf<T extends TableDefinition> = Omit<RowOf<T>, keyof typeof provenance>;
