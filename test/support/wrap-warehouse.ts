/** A warehouse some of whose operations a test has replaced; the rest go through to the real one. */
import type { TableName } from '../../src/tables/catalogue';
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
