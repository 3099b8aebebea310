/**
 * Partitions that were read and have not been written since. A night reads the same rows for its gates and for each of its
 * processors, and decoding them costs more than anything else it does.
 *
 * It is exact, since one process owns the file and every write of that process says here what it touches. A read that a
 * write overtakes is made again, and one beside a commit is made in one statement, so that tables of one answer are always of
 * one instant.
 */
import type { TableName } from '../../tables/catalogue';
import type { Row } from '../../tables/define-table';

/** Rows by table. The arrays are shared by all who read them: nobody may change them. */
export type Partitions = ReadonlyMap<TableName, readonly Row[]>;

/** What a write changes. A date of null: any. */
export interface Touched {
  readonly tables: readonly TableName[] | 'all';
  readonly gameDate: string | null;
}

/** A write that is about to be committed. */
export interface CommittedWrite {
  readonly touched: Touched;
  /** Partitions of its date as they are when it is through. */
  written?: Partitions | undefined;
}

export const everything: Touched = { tables: 'all', gameDate: null };

interface Reading {
  readonly gameDate: string;
  readonly tables: readonly TableName[];
  isOvertaken: boolean;
}

/** Dates that are remembered: a pass that ends takes its date with it, so these are the ones under way. */
const mostDates = 32;

/** After so many readings that were overtaken, everything is read in one statement, which is of one instant by itself. */
const mostOvertaken = 3;

export class PartitionCache {
  /** In the order in which they were last asked for. */
  private readonly dates = new Map<string, Map<TableName, readonly Row[]>>();
  private readonly readings = new Set<Reading>();
  /** Writes that may be visible to some readers already, and not yet to the one who makes them. */
  private readonly committing = new Set<CommittedWrite>();

  /** The partitions of a date, as of one instant; `load` reads those that are not known, in one statement. */
  async read(
    gameDate: string,
    tables: readonly TableName[],
    load: (missing: readonly TableName[]) => Promise<Partitions>,
  ): Promise<Partitions> {
    // What is known is there at once, and who asks again and again would never let anybody else have a turn.
    await new Promise(setImmediate);
    for (let overtaken = 0; overtaken < mostOvertaken; overtaken += 1) {
      // Nobody knows on which side of such a write a partition was read: one statement is of one instant by itself.
      if ([...this.committing].some(({ touched }) => touches(touched, gameDate, tables))) return load(tables);
      const known = this.dates.get(gameDate) ?? new Map<TableName, readonly Row[]>();
      const answer = new Map(
        tables.flatMap((table) => {
          const rows = known.get(table);
          return rows ? [[table, rows] as const] : [];
        }),
      );
      const missing = tables.filter((table) => !answer.has(table));
      if (missing.length === 0) {
        this.remember(gameDate, answer);
        return answer;
      }
      const reading: Reading = { gameDate, tables, isOvertaken: false };
      this.readings.add(reading);
      let found: Partitions;
      try {
        found = await load(missing);
      } finally {
        this.readings.delete(reading);
      }
      if (reading.isOvertaken) continue;
      for (const [table, rows] of found) answer.set(table, rows);
      this.remember(gameDate, answer);
      return answer;
    }
    return load(tables);
  }

  /** The partition as far as it is known: of this instant to whose turn it is to write, of a moment ago to others. */
  known(gameDate: string, table: TableName): readonly Row[] | undefined {
    return this.dates.get(gameDate)?.get(table);
  }

  /** Commits writes. What they change is forgotten before, and not remembered until they are through. */
  async whileCommitting<T>(writes: readonly CommittedWrite[], commit: () => Promise<T>): Promise<T> {
    let isThrough = false;
    for (const write of writes) {
      this.committing.add(write);
      this.forget(write.touched);
    }
    try {
      const answer = await commit();
      isThrough = true;
      return answer;
    } finally {
      for (const write of writes) this.committing.delete(write);
      if (isThrough)
        for (const { touched, written } of writes)
          if (touched.gameDate !== null && written) this.remember(touched.gameDate, written);
    }
  }

  /** Forgets what a write changes, and tells the readings under way. */
  forget(touched: Touched): void {
    const { tables, gameDate } = touched;
    for (const reading of this.readings)
      if (touches(touched, reading.gameDate, reading.tables)) reading.isOvertaken = true;
    for (const [date, known] of gameDate === null ? [...this.dates] : this.entryOf(gameDate))
      if (tables === 'all') this.dates.delete(date);
      else for (const table of tables) known.delete(table);
  }

  private entryOf(gameDate: string): [string, Map<TableName, readonly Row[]>][] {
    const known = this.dates.get(gameDate);
    return known ? [[gameDate, known]] : [];
  }

  private remember(gameDate: string, partitions: Partitions): void {
    const known = this.dates.get(gameDate) ?? new Map<TableName, readonly Row[]>();
    for (const [table, rows] of partitions) known.set(table, rows);
    this.dates.delete(gameDate);
    this.dates.set(gameDate, known);
    for (const oldest of this.dates.keys()) {
      if (this.dates.size <= mostDates) return;
      this.dates.delete(oldest);
    }
  }
}

function touches(write: Touched, gameDate: string, tables: readonly TableName[]): boolean {
  return (
    (write.gameDate === null || write.gameDate === gameDate) &&
    (write.tables === 'all' || write.tables.some((table) => tables.includes(table)))
  );
}
