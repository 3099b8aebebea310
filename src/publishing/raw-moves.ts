/** Which raw rows and columns moved between two sets of inputs, by the rows that were kept of them. Pure. */
import type { InputsByGame } from '../contracts/manifests';
import { isTableName, tableOf, type TableName } from '../tables/catalogue';
import { compareText } from '../tables/compare';
import type { Row, TableDefinition } from '../tables/define-table';
import type { RowsMoved } from '../tables/rows-moved';
import { compareWithPublished } from './compare-stored';
import type { KeptRaw } from './raw-kept';

/** A game whose rows of a raw table are others. */
export interface RawMove {
  readonly gameId: string;
  readonly table: TableName;
  /** Null where the rows of one side are not kept. */
  readonly rows: RowsMoved | null;
}

/** Holds rows of a raw table against those that were read before. When they came, `processed_at`, is no difference. */
export function rowsMoved(table: TableDefinition, before: readonly Row[], after: readonly Row[]): RowsMoved {
  const { altered, missing, foreign } = compareWithPublished(withoutArrival(table), before, after);
  const changed = altered.map(({ key, columns }) => ({
    key,
    columns: columns.map(({ column, published, live }) => ({ column, before: published, after: live })),
  }));
  return { changed, added: foreign, removed: missing };
}

/** The games that both were built from and whose rows differ: by table, then by game. */
export function rawMovesBetween(before: InputsByGame, after: InputsByGame, kept: KeptRaw): RawMove[] {
  return Object.entries(after)
    .flatMap(([gameId, tables]) =>
      Object.entries(tables).flatMap(([table, hash]): RawMove[] => {
        const then = before[gameId]?.[table];
        if (then === undefined || then === hash) return [];
        const [old, now] = [kept.rowsOf(table, then), kept.rowsOf(table, hash)];
        // A table that is not read any more may still be named.
        const rows = old && now && isTableName(table) ? rowsMoved(tableOf(table), old, now) : null;
        return [{ gameId, table, rows }];
      }),
    )
    .sort((a, b) => compareText(a.table, b.table) || compareText(a.gameId, b.gameId));
}

function withoutArrival(table: TableDefinition): TableDefinition {
  const columns = Object.entries(table.columns).filter(([column]) => column !== 'processed_at');
  return { ...table, columns: Object.fromEntries(columns) };
}
