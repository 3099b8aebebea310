/** When raw rows arrive: what was seen, and what is to be expected. */

/** When the rows of a date came. */
export interface Arrival {
  readonly gameDate: string;
  /** The newest `processed_at` of the date, ISO 8601. A date that was loaded again has come again. */
  readonly arrivedAt: string;
}

/** When the rows of a date should come, going by those of the dates before it. */
export interface ExpectedArrival {
  readonly table: string;
  /** By this instant the rows of half of the dates had come, ISO 8601. */
  readonly p50At: string;
  /** By this instant the rows of nine in ten had. */
  readonly p90At: string;
  /** How many dates that was learned from. */
  readonly samples: number;
}
