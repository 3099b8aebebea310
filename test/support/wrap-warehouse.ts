/** A warehouse some of whose operations a test has replaced; the rest go through to the real one. */
import type { TableName } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
import type { Warehouse } from '../../src/warehouse/warehouse';

export function replacing(warehouse: Warehouse, replaced: Partial<Warehouse>): Warehouse {
  return new Proxy(warehouse, {
    get(target, property) {
      const own: unknown = Reflect.get(replaced, property);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Whatever warehouse is there now: one that a killed process owned is opened again. */
export function following(current: () => Warehouse): Warehouse {
  return new Proxy(current(), {
    get: (_, property) => {
      const warehouse = current();
      const value: unknown = Reflect.get(warehouse, property);
      return typeof value === 'function' ? (value.bind(warehouse) as unknown) : value;
    },
  });
}

/** Staged sets of this table come back without their first row, as long as it `isOn`: they are quarantined. */
export function losing(table: TableName, isOn = () => true): (warehouse: Warehouse) => Warehouse {
  return (warehouse) =>
    replacing(warehouse, {
      stage: async (request) => {
        const rows = await warehouse.stage(request);
        return request.table === table && isOn() ? rows.slice(1) : rows;
      },
    });
}

/** What it publishes of this table is stored as what `become` makes of it, where it `isOn` for its manifest. */
export function misStoring(
  table: TableName,
  become: (rows: readonly Row[]) => readonly Row[],
  isOn: (manifest: ManifestRow) => boolean = () => true,
): (warehouse: Warehouse) => Warehouse {
  return (warehouse) =>
    replacing(warehouse, {
      publish: async (request) => {
        const result = await warehouse.publish(request);
        if (request.table !== table || result.kind !== 'published' || !isOn(request.manifest)) return result;
        const { gameDate } = request.fence;
        const rows = become((await warehouse.readDate(gameDate, [table]))[table] ?? []);
        await warehouse.loadRows(
          table,
          (async function* () {
            yield rows;
          })(),
        );
        return result;
      },
    });
}

/** A warehouse that answers nothing any more once it has done this many operations: the last is done, and not answered. */
export function endingAfter(last: number): {
  wrap: (warehouse: Warehouse) => Warehouse;
  operations: () => number;
} {
  let operations = 0;
  const wrap = (warehouse: Warehouse): Warehouse =>
    new Proxy(warehouse, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        // What the nights before were is asked beside the others, and an attempt does without the answer.
        if (property === 'exportRows') return value.bind(target) as unknown;
        return async (...given: unknown[]): Promise<unknown> => {
          operations += 1;
          const mine = operations;
          if (mine > last) throw new Error('the process is gone');
          const answer = await (value.apply(target, given) as Promise<unknown>);
          if (mine === last) throw new Error('the process is gone');
          return answer;
        };
      },
    });
  return { wrap, operations: () => operations };
}
