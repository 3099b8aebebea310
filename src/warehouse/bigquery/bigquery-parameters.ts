/** Named parameters in the form in which the client sends them right. */
import { BigQuery } from '@google-cloud/bigquery';
import type { Cell, ColumnType, Row, TableDefinition } from '../../tables/define-table';

type Types = Record<string, string | string[] | Record<string, string>[]>;

export interface NamedParameters {
  readonly values: Readonly<Record<string, unknown>>;
  /** Always given: an empty array or a null has no type of its own. */
  readonly types: Types;
}

/** Parameters of one statement, by name. */
export function parameters(
  given: Readonly<Record<string, readonly [ColumnType, Cell]>>,
  more: NamedParameters = { values: {}, types: {} },
): NamedParameters {
  const entries = Object.entries(given);
  return {
    values: {
      ...Object.fromEntries(entries.map(([name, [type, cell]]) => [name, wrap(type, cell)])),
      ...more.values,
    },
    types: { ...Object.fromEntries(entries.map(([name, [type]]) => [name, type])), ...more.types },
  };
}

/** `@name`: an array of structs, one for each row. */
export function rowsParameter(name: string, table: TableDefinition, rows: readonly Row[]): NamedParameters {
  const columns = Object.entries(table.columns);
  return {
    values: {
      [name]: rows.map((row) =>
        Object.fromEntries(columns.map(([column, { type }]) => [column, wrap(type, row[column] ?? null)])),
      ),
    },
    types: { [name]: [Object.fromEntries(columns.map(([column, { type }]) => [column, type]))] },
  };
}

/** `@name`: an array of dates. */
export function datesParameter(name: string, dates: readonly string[]): NamedParameters {
  return { values: { [name]: dates.map((date) => BigQuery.date(date)) }, types: { [name]: ['DATE'] } };
}

/** `@name`: an array of texts. */
export function textsParameter(name: string, texts: readonly string[]): NamedParameters {
  return { values: { [name]: texts }, types: { [name]: ['STRING'] } };
}

/** Several as one. */
export function together(...all: readonly NamedParameters[]): NamedParameters {
  return {
    values: Object.assign({}, ...all.map(({ values }) => values)) as NamedParameters['values'],
    types: Object.assign({}, ...all.map(({ types }) => types)) as NamedParameters['types'],
  };
}

/**
 * Dates and instants given as plain texts reach the server empty, and a boolean as JSON's: both must be wrapped. Figures
 * travel as texts in any case; JavaScript's shortest text of a number reads back as the same number.
 */
function wrap(type: ColumnType, cell: Cell): unknown {
  if (cell === null) return null;
  if (type === 'DATE') return BigQuery.date(String(cell));
  // The client's own conversion adds a second to a fraction of one before 1970: the text goes as it is.
  if (type === 'TIMESTAMP') return Object.assign(BigQuery.timestamp(String(cell)), { value: String(cell) });
  return String(cell);
}
