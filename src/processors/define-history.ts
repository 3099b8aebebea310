/** Rules of a table's own history: which of its figures are held against those of the nights before. Pure. */
import type { Row } from '../tables/define-table';

/** A figure that a night is judged by. */
export interface HistoryFigure<R = Row> {
  /** As sentences name it, with its unit: "fg_attempts per 48 minutes". */
  readonly name: string;
  /** Its value in a row; null where it is unknown. */
  readonly of: (this: void, row: R) => number | null;
}

/**
 * A warning: a figure further from the median of the nights before than `tolerance` allows, in robust standard deviations. It
 * never keeps a row from being published, and what it compares with is not part of the fingerprint: nights before that are
 * corrected make no version stale.
 */
export interface HistoryRule<R = Row> {
  /** Its number in the documentation, such as A1. */
  readonly id: string;
  /** What holds where it passes, in snake case. */
  readonly name: string;
  /** The same for people. */
  readonly sentence: string;
  readonly figures: readonly HistoryFigure<R>[];
  /** What tells a row from the others of its date, for sentences. */
  readonly rowOf: (this: void, row: R) => string;
  /** How many days before the date are looked at; nothing older is read. */
  readonly days: number;
  /** With fewer rows that have the figure it is not judged. */
  readonly fewestRows: number;
  /** The largest distance, and what it was measured on. */
  readonly tolerance: { readonly value: number; readonly unit: string; readonly why: string };
  /** The version of this project that it came with. */
  readonly since: string;
}
