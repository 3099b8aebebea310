/** Decodes one JSON object into a table's row, naming the field at fault and what would be right. Pure. */
import { isGameDate } from '../contracts/game-date';
import { shown } from '../contracts/schema';
import type { Cell, Column, Row, TableDefinition } from '../tables/define-table';

export interface FieldFault {
  readonly field: string;
  /** What is wrong and what would be right: "is 17, expected a date written YYYY-MM-DD". */
  readonly problem: string;
}

export type DecodedRow =
  | {
      readonly ok: true;
      readonly row: Row;
      /** Fields that the table does not declare. */ readonly unknownFields: readonly string[];
    }
  | { readonly ok: false; readonly faults: readonly FieldFault[] };

/** Decodes a parsed JSON value. Absent fields are null; instants are normalised to milliseconds in UTC. */
export function decodeRow(table: TableDefinition, value: unknown): DecodedRow {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return { ok: false, faults: [{ field: '(line)', problem: `is ${show(value)}, expected a JSON object` }] };
  const given = value as Readonly<Record<string, unknown>>;
  const faults: FieldFault[] = [];
  const row: Record<string, Cell> = {};
  let known = 0;
  for (const [field, column] of columnsOf(table)) {
    const isThere = Object.hasOwn(given, field);
    if (isThere) known += 1;
    const found = isThere ? (given[field] ?? null) : null;
    const cell = decodeCell(column, found);
    if (cell === undefined)
      faults.push({ field, problem: `is ${show(found)}, expected ${expected(column)}` });
    else row[field] = cell;
  }
  if (faults.length > 0) return { ok: false, faults };
  const fields = Object.keys(given);
  const unknownFields =
    fields.length === known ? [] : fields.filter((field) => !Object.hasOwn(table.columns, field));
  return { ok: true, row, unknownFields };
}

/** Controls and halves of characters: warehouses cut, replace or refuse them. Tabs and line ends are text. */
const noText = /(?![\t\n\r])[\0-\x1f]|\p{Cs}/u;

/** The same of a row that comes from outside, whose texts must be texts. What is stored is read as it is. */
export function decodeGivenRow(table: TableDefinition, value: unknown): DecodedRow {
  const decoded = decodeRow(table, value);
  if (!decoded.ok) return decoded;
  const faults = Object.entries(decoded.row).flatMap(([field, cell]): FieldFault[] =>
    typeof cell === 'string' && noText.test(cell)
      ? [{ field, problem: `is ${show(cell)}, expected a text without control characters` }]
      : [],
  );
  return faults.length > 0 ? { ok: false, faults } : decoded;
}

/** The columns of a declaration, listed once: rows are decoded by the thousand. */
const columnLists = new WeakMap<TableDefinition, readonly (readonly [string, Column])[]>();

function columnsOf(table: TableDefinition): readonly (readonly [string, Column])[] {
  const known = columnLists.get(table);
  if (known) return known;
  const columns = Object.entries(table.columns);
  columnLists.set(table, columns);
  return columns;
}

/** The cell, or undefined when the value does not fit the column. */
function decodeCell(column: Column, value: unknown): Cell | undefined {
  if (value === null) return column.required ? undefined : null;
  switch (column.type) {
    case 'STRING':
      return typeof value === 'string' ? value : undefined;
    case 'INT64':
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
    case 'FLOAT64':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'BOOL':
      return typeof value === 'boolean' ? value : undefined;
    case 'DATE':
      return typeof value === 'string' ? decodeDate(value) : undefined;
    case 'TIMESTAMP':
      return typeof value === 'string' ? decodeInstant(value) : undefined;
  }
}

const decodeDate = rememberingLast((text) => (isGameDate(text) ? text : undefined));

/** The rows of a partition share their date, and mostly the instant at which they were written. */
function rememberingLast<T>(decode: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly decoded: T } | null = null;
  return (text) => {
    if (last?.text !== text) last = { text, decoded: decode(text) };
    return last.decoded;
  };
}

/** Instants with or without a zone; without one they are UTC, as warehouses print them. */
const decodeInstant = rememberingLast((text): string | undefined => {
  const match =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/.exec(text);
  if (!match) return undefined;
  const [, day = '', time = '', zone] = match;
  // Date takes 30 February for 2 March and 24:00 for the next day; we do not.
  if (!isGameDate(day) || time >= '24') return undefined;
  const offset = zone === undefined || zone === 'UTC' ? 'Z' : zone.length === 3 ? `${zone}:00` : zone;
  const at = new Date(`${day}T${time}${offset}`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
});

function expected(column: Column): string {
  const what = {
    STRING: 'a text',
    INT64: 'a whole number',
    FLOAT64: 'a number',
    BOOL: 'true or false',
    DATE: 'a date written YYYY-MM-DD',
    TIMESTAMP: 'an instant such as 2025-01-16T08:00:00Z',
  }[column.type];
  return column.required ? what : `${what} or null`;
}

function show(value: unknown): string {
  return value === null ? 'empty' : shown(value);
}
