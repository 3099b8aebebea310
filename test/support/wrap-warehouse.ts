/** A warehouse some of whose operations a test has replaced; the rest go through to the real one. */
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
