/** Every table by name, and how a name that a person typed is resolved. */
import * as processors from '../processors/registry';
import { isSource, type Source, type Trigger } from '../sources/define-source';
import * as sources from '../sources/registry';
import { compareText } from './compare';
import type { Row, RowOf, TableDefinition } from './define-table';
import {
  bypassAudit,
  dateFence,
  deadLetter,
  deploymentAudit,
  partitionManifest,
  prunedVersion,
  quarantine,
  rawKept,
  runHistory,
} from './orchestration';

/** A table's name. Those of sources and processors follow from the registries, so a name is any text until it is checked. */
export type TableName = string;

type ByName = Readonly<Record<TableName, TableDefinition>>;

/** The sources that have a table here, by name. */
export const rawSources: readonly Source[] = Object.values<Trigger>(sources)
  .filter(isSource)
  .sort((a, b) => compareText(a.name, b.name));

/** The raw tables that phase 2 fills. */
export const rawTables: ByName = byName(rawSources.map(({ table }) => table));

/** The tables that processors publish. */
export const analyticsTables: ByName = byName(Object.values(processors).map(({ table }) => table));

/** The tables in which this system keeps its own record. */
export const orchestrationTables = {
  partition_manifest: partitionManifest,
  quarantine,
  run_history: runHistory,
  date_fence: dateFence,
  bypass_audit: bypassAudit,
  deployment_audit: deploymentAudit,
  dead_letter: deadLetter,
  raw_kept: rawKept,
  pruned_version: prunedVersion,
} as const;
export type OrchestrationTableName = keyof typeof orchestrationTables;

export const tables: ByName = { ...rawTables, ...analyticsTables, ...orchestrationTables };

/** The row of a table whose name is known where it is written; a plain row where it follows from a registry. */
export type TableRow<T extends TableName> = T extends OrchestrationTableName
  ? RowOf<(typeof orchestrationTables)[T]>
  : Row;

function byName(definitions: readonly TableDefinition[]): ByName {
  return Object.fromEntries(
    [...definitions].sort((a, b) => compareText(a.name, b.name)).map((table) => [table.name, table]),
  );
}

/** The table of a name that was checked where it came in; throws for any other. */
export function tableOf(name: TableName): TableDefinition {
  const table = isTableName(name) ? tables[name] : undefined;
  if (!table) throw new Error(`There is no table ${name}.`);
  return table;
}

export function isTableName(name: string): boolean {
  return Object.hasOwn(tables, name);
}

export function isRawTableName(name: string): boolean {
  return Object.hasOwn(rawTables, name);
}

export function isAnalyticsTableName(name: string): boolean {
  return Object.hasOwn(analyticsTables, name);
}

/** The bare name of a table that may have been written with its dataset (`nba_raw.` and its name). */
export function bareTableName(name: string): string {
  const dot = name.lastIndexOf('.');
  if (dot < 0) return name;
  const bare = name.slice(dot + 1);
  // A dataset that does not hold the table is a different table: leave the name whole, so that it is refused.
  return isTableName(bare) && tableOf(bare).dataset === name.slice(0, dot) ? bare : name;
}

/** `dataset.name`. */
export function qualifiedName(table: TableDefinition): string {
  return `${table.dataset}.${table.name}`;
}
