/** What a flood showed, with the bounds that must hold. Pure. */
import Table from 'cli-table3';

export interface Bound {
  readonly kind: 'at most' | 'at least' | 'exactly';
  readonly limit: number;
}

export interface Row {
  readonly name: string;
  readonly unit: string;
  /** Null where nothing could be measured, which keeps to no bound. */
  readonly value: number | null;
  readonly bound: Bound | null;
}

export function figure(name: string, unit: string, value: number | null): Row {
  return { name, unit, value, bound: null };
}

export function atMost(limit: number, row: Row): Row {
  return { ...row, bound: { kind: 'at most', limit } };
}

export function atLeast(limit: number, row: Row): Row {
  return { ...row, bound: { kind: 'at least', limit } };
}

export function exactly(limit: number, row: Row): Row {
  return { ...row, bound: { kind: 'exactly', limit } };
}

/** The row without a bound that only a whole flood on a quiet machine can be held to: how long something took. */
export function untimed(row: Row): Row {
  return row.unit === 'ms' || row.unit === 'ratio' ? { ...row, bound: null } : row;
}

export function isKept({ value, bound }: Row): boolean {
  if (bound === null) return true;
  if (value === null || Number.isNaN(value)) return false;
  if (bound.kind === 'exactly') return value === bound.limit;
  return bound.kind === 'at most' ? value <= bound.limit : value >= bound.limit;
}

const signs: Readonly<Record<Bound['kind'], string>> = { 'at most': '≤', 'at least': '≥', exactly: '=' };

export function renderRows(rows: readonly Row[]): string {
  const table = new Table({
    head: ['measure', 'unit', 'value', 'bound', ''],
    colAligns: ['left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    const { name, unit, value, bound } = row;
    const limit = bound === null ? '' : `${signs[bound.kind]} ${short(bound.limit)}`;
    table.push([name, unit, value === null ? '-' : short(value), limit, isKept(row) ? '' : 'FAILED']);
  }
  return table.toString();
}

/** What bounded rows of several parts show, by name: of rows with one name the worst. */
export function worstByName(rows: readonly Row[]): Record<string, number | null> {
  const worst: Record<string, number | null> = {};
  for (const { name, value, bound } of rows) {
    const known = worst[name];
    const isWorse =
      known === undefined ||
      value === null ||
      (known !== null && (bound?.kind === 'at least' ? value < known : value > known));
    if (isWorse) worst[name] = value;
  }
  return worst;
}

function short(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value));
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
