/** Counts what a worker asks of its warehouse: port operations, and the statements that DuckDB runs for them. */
import { DuckDBConnection, DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';
import type { Warehouse } from '../../src/warehouse/warehouse';

export class WorkCounter {
  statements = 0;
  transactionStatements = 0;
  operations = 0;

  reset(): void {
    this.statements = 0;
    this.transactionStatements = 0;
    this.operations = 0;
  }

  /**
   * Counts every execution in this process from now on. A statement with parameters is prepared by the driver and
   * executed by what that gives, so only what has none is counted at the connection.
   */
  watchDriver(): void {
    const isTransaction = (type: StatementType): boolean => type === StatementType.TRANSACTION;
    const count = (isFrame: boolean): void => {
      if (isFrame) this.transactionStatements += 1;
      else this.statements += 1;
    };
    for (const method of ['run', 'stream', 'start', 'startStream'] as const)
      replaceMethod(DuckDBPreparedStatement.prototype, method, (statement) =>
        count(isTransaction(statement.statementType)),
      );
    replaceMethod(DuckDBConnection.prototype, 'run', (_connection, [sql, values]) => {
      if (values === undefined) count(/^\s*(BEGIN|COMMIT|ROLLBACK)/i.test(String(sql)));
    });
  }

  /** A warehouse whose operations are counted. */
  watchPort(warehouse: Warehouse): Warehouse {
    return new Proxy(warehouse, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          this.operations += 1;
          return Reflect.apply(value, target, given);
        };
      },
    });
  }
}

/** Tells `before` of every call of a class's method. */
function replaceMethod<T extends object>(
  prototype: T,
  method: keyof T & string,
  before: (target: T, given: readonly unknown[]) => void,
): void {
  const original = prototype[method] as (...given: unknown[]) => unknown;
  Object.defineProperty(prototype, method, {
    configurable: true,
    value: function counted(this: T, ...given: unknown[]): unknown {
      before(this, given);
      return Reflect.apply(original, this, given);
    },
  });
}
