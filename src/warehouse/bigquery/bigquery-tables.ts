/** Tables as BigQuery's API describes them, and what is wrong with one that is there already. */
import type { TableMetadata } from '@google-cloud/bigquery';
import type { ColumnType, TableDefinition } from '../../tables/define-table';
import { columnsToAdd } from '../our-tables';
import { misspeltColumns } from '../stored-row';
import type { DatasetMetadata } from './bigquery-jobs';

/** A legacy name of the API's schemas for each type; both are accepted, and these are what it answers. */
const legacyTypes: Readonly<Record<ColumnType, string>> = {
  STRING: 'STRING',
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP',
};

/** Clustering takes four columns at the most; the partition's own is no use among them. */
const mostClusters = 4;

/** A table's columns, as the API takes them. */
export function schemaOf(table: TableDefinition): { fields: Field[] } {
  return {
    fields: Object.entries(table.columns).map(([name, { type, ...rest }]) => ({
      name,
      type: legacyTypes[type],
      mode: 'required' in rest ? 'REQUIRED' : 'NULLABLE',
    })),
  };
}

/**
 * The schema of a table of ours with the columns it lacks and may be given; null when there are none. What is there is
 * passed back whole: the API takes a schema for all of it, and refuses one that has a column less.
 */
export function extendedSchema(table: TableDefinition, found: TableMetadata): { fields: Field[] } | null {
  const added = new Set(columnsToAdd(table, columnsOf(found)));
  if (added.size === 0) return null;
  return {
    fields: [...fieldsOf(found), ...schemaOf(table).fields.filter(({ name = '' }) => added.has(name))],
  };
}

/** A table partitioned by `game_date`, clustered by the rest of its key, that refuses a query without a date. */
export function tableMetadata(table: TableDefinition, extra: Partial<TableMetadata> = {}): TableMetadata {
  const clusters = table.key.filter((column) => column !== 'game_date').slice(0, mostClusters);
  return {
    description: table.description,
    schema: schemaOf(table),
    timePartitioning: { type: 'DAY', field: 'game_date' },
    requirePartitionFilter: true,
    ...(clusters.length > 0 ? { clustering: { fields: clusters } } : {}),
    labels: { app: 'phase3' },
    ...extra,
  };
}

/**
 * What keeps an existing table from being used as declared, as sentences without a subject; empty when nothing does. What it
 * lacks and is given ({@link extendedSchema}) does not. Columns that the declaration does not know are nobody's business. A raw table belongs to another system: its figures
 * may be of any numeric type, since they are cast when they are read.
 */
export function schemaFaults(table: TableDefinition, found: TableMetadata): string[] {
  const fields = new Map(fieldsOf(found).map((field) => [field.name ?? '', field]));
  const isRaw = table.dataset === 'nba_raw';
  // A column that is never written must be allowed to be empty.
  const required = isRaw
    ? []
    : [...fields.values()].filter(
        ({ name = '', mode }) => mode === 'REQUIRED' && !Object.hasOwn(table.columns, name),
      );
  const names = columnsOf(found);
  const misspelt = misspeltColumns(table, names);
  const added = new Set(columnsToAdd(table, names));
  const differing = Object.entries(table.columns).flatMap(([name, { type }]) => {
    const field = fields.get(name);
    if (!field)
      return added.has(name) || misspelt.some((clause) => clause.includes(`expected ${name}:`))
        ? []
        : [`has no column ${name} (${type})`];
    const foundType = `${field.mode === 'REPEATED' ? 'REPEATED ' : ''}${(field.type ?? '').toUpperCase()}`;
    const accepted = [type, legacyTypes[type]] as string[];
    if (isRaw && (type === 'FLOAT64' || type === 'INT64'))
      accepted.push('INTEGER', 'INT64', 'FLOAT', 'FLOAT64', 'NUMERIC', 'BIGNUMERIC');
    return accepted.includes(foundType) ? [] : [`has ${name} as ${foundType}, expected ${type}`];
  });
  return [
    ...misspelt,
    ...differing,
    ...required.map(({ name }) => `requires ${name}, which is never written`),
    ...(isRaw ? [] : expiryFaults(found)),
  ];
}

/** What would delete rows of ours without anybody's doing. */
function expiryFaults({ expirationTime, timePartitioning }: TableMetadata): string[] {
  const { expirationMs } = (timePartitioning ?? {}) as { readonly expirationMs?: string };
  return [
    ...(expirationTime ? [`expires at ${new Date(Number(expirationTime)).toISOString()}: it must not`] : []),
    ...(Number(expirationMs ?? 0) > 0
      ? [`deletes its partitions after ${days(expirationMs)}: it must not`]
      : []),
  ];
}

/**
 * What keeps a dataset that is there from being used, as clauses without a subject. `isOurs`: it is written, so that nothing
 * in it may expire.
 */
export function datasetFaults(found: DatasetMetadata, location: string, isOurs: boolean): string[] {
  const { location: where, defaultTableExpirationMs: table, defaultPartitionExpirationMs: partition } = found;
  const expiry = (what: string, ms: string | undefined): string[] =>
    isOurs && Number(ms ?? 0) > 0 ? [`deletes its ${what} after ${days(ms)}: it must not`] : [];
  return [
    ...(where !== undefined && where.toLowerCase() !== location.toLowerCase()
      ? [`is in ${where}, and PHASE3_BIGQUERY_LOCATION is ${location}`]
      : []),
    ...expiry('tables', table),
    ...expiry('partitions', partition),
  ];
}

function days(ms: string | undefined): string {
  return `${Number(ms) / (24 * 60 * 60 * 1000)} days`;
}

/** Names of a table's columns. */
export function columnsOf(found: TableMetadata): ReadonlySet<string> {
  return new Set(fieldsOf(found).map((field) => field.name ?? ''));
}

interface Field {
  readonly name?: string;
  readonly type?: string;
  readonly mode?: string;
}

function fieldsOf(found: TableMetadata): readonly Field[] {
  const { schema } = found;
  return typeof schema === 'object' && 'fields' in schema ? (schema.fields ?? []) : [];
}
