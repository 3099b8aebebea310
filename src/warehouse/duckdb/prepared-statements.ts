/**
 * A connection that keeps the statements it has prepared: a night runs the same two dozen, and preparing one costs as much as
 * running it.
 */
import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBValue } from '@duckdb/node-api';
import type { Row } from '../../tables/define-table';

/** As many as there are different statements, with room to spare: what is read together varies with the question. */
const mostKept = 100;

export class PreparedStatements {
  /** By their text, those that were used longest ago first. Those that run now are not among them. */
  private readonly idle = new Map<string, DuckDBPreparedStatement>();

  constructor(private readonly connection: DuckDBConnection) {}

  /** Runs one statement and returns its rows, cells as the driver's JSON. */
  async run(sql: string, parameters: readonly DuckDBValue[]): Promise<Row[]> {
    return this.using(sql, parameters, async (statement) => {
      const reader = await statement.runAndReadAll();
      return reader.getRowObjectsJson() as Row[];
    });
  }

  /** Runs one statement and returns the number of rows that it changed; what it answers is not fetched. */
  async execute(sql: string, parameters: readonly DuckDBValue[]): Promise<number> {
    return this.using(sql, parameters, async (statement) => (await statement.run()).rowsChanged);
  }

  closeSync(): void {
    for (const statement of this.idle.values()) statement.destroySync();
    this.idle.clear();
    this.connection.closeSync();
  }

  private async using<T>(
    sql: string,
    parameters: readonly DuckDBValue[],
    run: (statement: DuckDBPreparedStatement) => Promise<T>,
  ): Promise<T> {
    const statement = this.take(sql) ?? (await this.connection.prepare(sql));
    try {
      statement.bind([...parameters]);
      const answer = await run(statement);
      // What it was given may be a whole partition, and is not to be kept with it.
      statement.clearBindings();
      this.keep(sql, statement);
      return answer;
    } catch (error) {
      // Whatever state it is in now, the next one is prepared anew.
      statement.destroySync();
      throw error;
    }
  }

  /** A statement can run for one caller at a time: whoever comes meanwhile prepares another. */
  private take(sql: string): DuckDBPreparedStatement | null {
    const statement = this.idle.get(sql) ?? null;
    this.idle.delete(sql);
    return statement;
  }

  private keep(sql: string, statement: DuckDBPreparedStatement): void {
    // Another caller's has come back meanwhile.
    this.idle.get(sql)?.destroySync();
    this.idle.delete(sql);
    this.idle.set(sql, statement);
    const [oldest] = this.idle.keys();
    if (this.idle.size <= mostKept || oldest === undefined) return;
    this.idle.get(oldest)?.destroySync();
    this.idle.delete(oldest);
  }
}
