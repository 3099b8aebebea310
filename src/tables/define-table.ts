/** How tables are declared: one constant per table, from which DDL, decoders and row types all follow. */

/** Column types, by their BigQuery names. The DuckDB adapter maps them. */
export type ColumnType = 'STRING' | 'INT64' | 'FLOAT64' | 'BOOL' | 'DATE' | 'TIMESTAMP';

export interface Column {
  readonly type: ColumnType;
  /** A required column never holds null. */
  readonly required?: true;
}

export type Dataset = 'nba_raw' | 'nba_analytics' | 'nba_orchestration';

export interface TableDefinition {
  readonly dataset: Dataset;
  readonly name: string;
  readonly description: string;
  /** Business key, `game_date` first. Exports are ordered by it. */
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
}

/** JSON value of a cell: dates are `YYYY-MM-DD`, instants ISO 8601 in UTC with milliseconds, figures numbers. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

type CellOf<C extends Column> =
  | (C['type'] extends 'INT64' | 'FLOAT64' ? number : C['type'] extends 'BOOL' ? boolean : string)
  | (C extends { readonly required: true } ? never : null);

/** The row type that follows from a table's declaration. */
export type RowOf<T extends TableDefinition> = {
  readonly [K in keyof T['columns']]: CellOf<T['columns'][K]>;
};

/** Declares a table and keeps its literal types, so that {@link RowOf} can read them. */
export function defineTable<const T extends TableDefinition>(table: T): T {
  return table;
}

export const string = { type: 'STRING' } as const;
export const integer = { type: 'INT64' } as const;
export const float = { type: 'FLOAT64' } as const;
export const bool = { type: 'BOOL' } as const;
export const date = { type: 'DATE' } as const;
export const timestamp = { type: 'TIMESTAMP' } as const;

/** Marks a column as never null. */
export function required<C extends Column>(column: C): C & { readonly required: true } {
  return { ...column, required: true };
}
