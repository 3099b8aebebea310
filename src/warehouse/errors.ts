/** What can go wrong in a warehouse, in our words. Drivers' errors are mapped to these in one place per adapter. */

export type WarehouseErrorKind =
  /** Passing: a reset, a conflict, a 5xx. Trying again helps. */
  | 'unavailable'
  /** A missing table or column, a wrong statement or type. Trying again does not help. */
  | 'contract_broken'
  /** A right, billing, a quota of the day: nothing mends it but a person, outside of phase3. */
  | 'needs_person'
  /** The rows given do not fit the table. The giver is at fault. */
  | 'bad_rows';

export interface WarehouseErrorOptions {
  readonly cause?: unknown;
  /** When to try again, in ms, where that is known; the usual pauses otherwise. */
  readonly retryAfterMs?: number;
}

export class WarehouseError extends Error {
  override readonly name = 'WarehouseError';
  readonly retryAfterMs: number | null;
  constructor(
    readonly kind: WarehouseErrorKind,
    message: string,
    { retryAfterMs, ...options }: WarehouseErrorOptions = {},
  ) {
    super(message, options);
    this.retryAfterMs = retryAfterMs ?? null;
  }
}
