/** The rows of a night that people look at first: those in which a figure is highest. Pure. */

export interface Highlight<C extends string = string> {
  /** What is listed, as a heading: "Top usage rates". */
  readonly title: string;
  /** What rows are ordered by, highest first. */
  readonly figure: C;
  /** Names whom or what a row is about, for people. */
  readonly of: C;
  /** Rows with less of this are left out; `heading` says so. */
  readonly fewest: { readonly column: C; readonly value: number; readonly heading: string };
  /** What is shown of a row besides, in order. `digits`: after the point; left out for texts and counts. */
  readonly columns: readonly { readonly column: C; readonly heading: string; readonly digits?: number }[];
}
