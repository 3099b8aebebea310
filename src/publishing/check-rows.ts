/** Runs a processor's rules on staged rows, before they may be published. Pure: it sees the rows as the warehouse holds them. */
import type { Processor } from '../processors/define-processor';
import type { Rule, RuleContext } from '../processors/define-rule';
import type { Row, TableDefinition } from '../tables/define-table';

export interface CheckResult {
  readonly name: string;
  /** A failed blocking check keeps the partition from being published; a failed warning is recorded with it. */
  readonly blocking: boolean;
  readonly passed: boolean;
  /** One sentence on what was found; empty when passed. */
  readonly detail: string;
  /** At most three rows at fault, by their keys. */
  readonly samples: readonly Row[];
}

/**
 * Checks rows by the rules of the processor and those of every table. They may be published when no blocking one failed. Rows
 * of `kept` games (their ids) were checked when they were built: the processor's rules look at the others.
 */
export function checkRows(
  { table, rules }: Processor,
  rows: readonly Row[],
  context: RuleContext,
  kept: ReadonlySet<unknown> = new Set(),
): CheckResult[] {
  // A row that lacks what it must have is found as such; what the other rules would make of it says nothing.
  const built = kept.size === 0 ? rows : rows.filter((row) => !kept.has(row['game_id']));
  const filled = filledRows(table, built);
  return [
    ...rulesOfTable(table).map((rule) => resultOf(rule, rows, context, table)),
    ...rules.map((rule) => resultOf(rule, filled, context, table)),
  ];
}

function resultOf(
  { name, blocking, find }: Rule,
  rows: readonly Row[],
  context: RuleContext,
  table: TableDefinition,
): CheckResult {
  const findings = find(rows, context);
  return {
    ...{ name, blocking, passed: findings.length === 0 },
    detail: summarise(findings.map(({ detail }) => detail)),
    samples: findings.slice(0, 3).flatMap(({ row }) => (row ? [keyOf(row, table)] : [])),
  };
}

/** The first three details, and how many more there are. */
export function summarise(details: readonly string[]): string {
  const shown = details.slice(0, 3).join('; ');
  return details.length > 3 ? `${shown}; and ${details.length - 3} more` : shown;
}

export function keyOf(row: Row, { key }: TableDefinition): Row {
  return Object.fromEntries(key.map((column) => [column, row[column] ?? null]));
}

/** The rows that have all that their table requires. */
export function filledRows<R extends Row>(table: TableDefinition, rows: readonly R[]): R[] {
  return rows.filter((row) => emptyColumns(table, row).length === 0);
}

function emptyColumns({ columns }: TableDefinition, row: Row): string[] {
  return Object.keys(columns).filter((name) => columns[name]?.required && (row[name] ?? null) === null);
}

/** What holds of every published table. */
function rulesOfTable(table: TableDefinition): Rule[] {
  return [
    {
      name: 'keys_are_unique',
      blocking: true,
      find: (rows) => {
        const seen = new Set<string>();
        return rows.flatMap((row) => {
          const id = table.key.map((column) => String(row[column])).join('/');
          if (seen.has(id)) return [{ row, detail: `${id} occurs more than once` }];
          seen.add(id);
          return [];
        });
      },
    },
    {
      name: 'required_columns_are_filled',
      blocking: true,
      find: (rows) =>
        rows.flatMap((row) => emptyColumns(table, row).map((name) => ({ row, detail: `${name} is empty` }))),
    },
  ];
}
