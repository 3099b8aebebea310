/** Compares two sets of rows of one table, key by key and column by column. Pure. */
import type { Cell, Row, TableDefinition } from '../tables/define-table';

/** Columns that tell who built a row and when: they differ from build to build and mean nothing here. */
const buildColumns = ['processed_at', 'bypass_id', 'data_hash'];

export interface ColumnDifference {
  /** Rows in which it differs. */
  readonly rows: number;
  /** Largest absolute difference of two figures; null where none were compared. */
  readonly largest: number | null;
  /** The first row that differs. */
  readonly example: { readonly key: Row; readonly live: Cell; readonly shadow: Cell };
}

export interface DateDifference {
  readonly gameDate: string;
  readonly same: number;
  readonly changed: number;
  readonly onlyLive: number;
  readonly onlyShadow: number;
}

export interface RowsDifference {
  readonly dates: readonly DateDifference[];
  readonly columns: Readonly<Record<string, ColumnDifference>>;
  /** Columns that the live table does not have, and so were not compared. */
  readonly columnsNotLive: readonly string[];
  /** Rows whose key another row of their side has too; of these the last was compared. */
  readonly duplicateKeys: { readonly live: number; readonly shadow: number };
}

/** Hears of every difference, where the counts and one example of each are not enough. */
export interface DifferenceListener {
  differs(key: Row, column: string, live: Cell, shadow: Cell): void;
  /** The key of a row that only one side has. */
  onlyLive(key: Row): void;
  onlyShadow(key: Row): void;
}

/** Adds rows day by day, so that a season need not be in memory at once. */
export class RowsComparison {
  private readonly dates: DateDifference[] = [];
  private readonly columns = new Map<string, ColumnDifference>();
  private readonly notLive = new Set<string>();
  private duplicates = { live: 0, shadow: 0 };

  /** `tolerance`: two figures no further apart than this are the same, in the column's own unit. */
  constructor(
    private readonly table: TableDefinition,
    private readonly tolerance: number,
    private readonly listener?: DifferenceListener,
  ) {}

  /** Compares the rows of one date. Both sides may come in any order. */
  add(gameDate: string, live: readonly Row[], shadow: readonly Row[]): void {
    const liveByKey = this.byKey(live, 'live');
    const shadowByKey = this.byKey(shadow, 'shadow');
    let same = 0;
    let changed = 0;
    for (const [key, ours] of shadowByKey) {
      const theirs = liveByKey.get(key);
      if (!theirs) {
        this.listener?.onlyShadow(this.keyOf(ours));
        continue;
      }
      if (this.compare(theirs, ours)) same += 1;
      else changed += 1;
    }
    const gone = [...liveByKey].filter(([key]) => !shadowByKey.has(key));
    for (const [, row] of gone) this.listener?.onlyLive(this.keyOf(row));
    const onlyLive = gone.length;
    const onlyShadow = shadowByKey.size - same - changed;
    if (same + changed + onlyLive + onlyShadow > 0)
      this.dates.push({ gameDate, same, changed, onlyLive, onlyShadow });
  }

  result(): RowsDifference {
    return {
      dates: this.dates,
      columns: Object.fromEntries([...this.columns].sort(([, a], [, b]) => b.rows - a.rows)),
      columnsNotLive: [...this.notLive],
      duplicateKeys: this.duplicates,
    };
  }

  /** Whether two rows of one key are the same but for who built them. */
  private compare(live: Row, shadow: Row): boolean {
    let isSame = true;
    for (const column of Object.keys(this.table.columns)) {
      if (buildColumns.includes(column)) continue;
      const theirs = live[column];
      const ours = shadow[column] ?? null;
      if (theirs === undefined) {
        this.notLive.add(column);
        continue;
      }
      if (this.isSame(theirs, ours)) continue;
      isSame = false;
      this.listener?.differs(this.keyOf(shadow), column, theirs, ours);
      const apart = typeof theirs === 'number' && typeof ours === 'number' ? Math.abs(theirs - ours) : null;
      const before = this.columns.get(column);
      this.columns.set(column, {
        rows: (before?.rows ?? 0) + 1,
        largest: apart === null ? (before?.largest ?? null) : Math.max(apart, before?.largest ?? 0),
        example: before?.example ?? { key: this.keyOf(shadow), live: theirs, shadow: ours },
      });
    }
    return isSame;
  }

  private isSame(a: Cell, b: Cell): boolean {
    if (typeof a !== 'number' || typeof b !== 'number' || this.tolerance === 0) return a === b;
    // 0.305 and 0.3 are 0.005 apart, and a little more in binary.
    const lastBit = Number.EPSILON * Math.max(Math.abs(a), Math.abs(b));
    return Math.abs(a - b) <= this.tolerance + lastBit;
  }

  private byKey(rows: readonly Row[], side: 'live' | 'shadow'): Map<string, Row> {
    const byKey = new Map(
      rows.map((row) => [JSON.stringify(this.table.key.map((column) => row[column])), row]),
    );
    this.duplicates = { ...this.duplicates, [side]: this.duplicates[side] + rows.length - byKey.size };
    return byKey;
  }

  private keyOf(row: Row): Row {
    return Object.fromEntries(this.table.key.map((column) => [column, row[column] ?? null]));
  }
}
