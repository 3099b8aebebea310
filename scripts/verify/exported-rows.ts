/** Decodes the lines that `phase3 export` writes, as far as the comparison needs them. */
import type { TableName } from '../../src/tables/catalogue';
import { comparedFigures, comparedTables, type ComparedRow } from './compare-season';

type Kind = 'text' | 'flag' | 'figure';

const faults: Readonly<Record<Kind, string>> = {
  text: 'has no text in',
  flag: 'has no flag in',
  figure: 'has neither a number nor null in',
};

/** Our columns that are compared, by table. */
const columnsOf = new Map(
  comparedTables.map(({ table, texts, listed }): [TableName, [string, Kind][]] => [
    table,
    [
      ...texts.map(([own]): [string, Kind] => [own, 'text']),
      ...(listed ? [[listed, 'flag'] as [string, Kind]] : []),
      ...comparedFigures
        .filter((figure) => figure.table === table)
        .flatMap(({ column, uncapped }) => [column, ...(uncapped ? [uncapped] : [])])
        .map((column): [string, Kind] => [column, 'figure']),
    ],
  ]),
);

/** A field that is not there, or of another type than is promised, is an error: null must be written as null. */
export function exportedRow(table: TableName, line: string): ComparedRow {
  const fault = (what: string): Error => new Error(`The export of ${table} ${what}: ${line.slice(0, 200)}`);
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== 'object' || parsed === null) throw fault('is no row');
  const fields = parsed as ComparedRow;
  for (const [column, kind] of columnsOf.get(table) ?? [])
    if (kindOf(fields[column]) !== kind) throw fault(`${faults[kind]} ${column}`);
  return fields;
}

function kindOf(value: unknown): Kind | null {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'flag';
  return value === null || typeof value === 'number' ? 'figure' : null;
}
