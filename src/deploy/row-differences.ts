/** Which rows and columns a new build makes other than they are live, one by one and bounded. Pure. */
import { RowsComparison } from '../adoption/compare-rows';
import type { Row, TableDefinition } from '../tables/define-table';
import { mostKept, type RowDifference, type RowDifferences } from './canary-report';

/** Rows of one table and date on both sides. */
export interface TwoSides {
  readonly gameDate: string;
  readonly live: readonly Row[];
  readonly ours: readonly Row[];
}

/** Adds table by table; {@link DifferenceList.total} counts all, of which {@link mostKept} are kept. */
export class DifferenceList {
  private readonly kept: RowDifference[] = [];
  private count = 0;

  constructor(private readonly most = mostKept) {}

  get total(): number {
    return this.count;
  }

  add(table: TableDefinition, dates: readonly TwoSides[]): void {
    let gameDate = '';
    const about = (key: Row): Pick<RowDifference, 'table' | 'game_date' | 'key'> => ({
      ...{ table: table.name, game_date: gameDate, key },
    });
    const whole = { column: null, old: null, new: null };
    const comparison = new RowsComparison(table, 0, {
      differs: (key, column, old, now) =>
        this.keep({ kind: 'changed', ...about(key), column, old, new: now }),
      onlyLive: (key) => this.keep({ kind: 'only_live', ...about(key), ...whole }),
      onlyShadow: (key) => this.keep({ kind: 'only_new', ...about(key), ...whole }),
    });
    for (const date of dates) {
      gameDate = date.gameDate;
      comparison.add(gameDate, date.live, date.ours);
    }
    for (const column of comparison.result().columnsNotLive)
      this.keep({ kind: 'column', ...about({}), ...whole, column });
  }

  result(build: string): RowDifferences {
    return { build, left_out: this.count - this.kept.length, differences: this.kept };
  }

  private keep(difference: RowDifference): void {
    this.count += 1;
    if (this.kept.length < this.most) this.kept.push(difference);
  }
}
