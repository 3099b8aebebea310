/**
 * Loaded into a worker before its own code (`node --require`): operations of its warehouse are refused, slow, or lost after they
 * were done, as those of a warehouse beyond a network are. Every other process is left as it is.
 */
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { WarehouseError as WarehouseErrorClass } from '../../src/warehouse/errors';
import { Chance } from './chance';

/** Where the seed is, and the file of all acts. */
export const warehouseFaults = { seed: 'CHAOS_SEED', file: 'CHAOS_ACTS' } as const;

/** Those of passes and loads. Whole tables are read for the judge, and these reads are left alone. */
const operations = [
  ...[
    'readDate',
    'claimDate',
    'stage',
    'publish',
    'readKept',
    'quarantine',
    'closePass',
    'append',
    'loadRows',
  ],
] as const;

type Operation = (this: unknown, ...args: unknown[]) => Promise<unknown>;

function hurt(main: string, chance: Chance, note: (act: string, operation: string) => void): void {
  // The build that runs may be another than this script's.
  const require = createRequire(main);
  const { DuckDbWarehouse } = require(join(dirname(main), 'warehouse/duckdb/duckdb-warehouse.js')) as {
    DuckDbWarehouse: { prototype: Record<string, Operation> };
  };
  const { WarehouseError } = require(join(dirname(main), 'warehouse/errors.js')) as {
    WarehouseError: typeof WarehouseErrorClass;
  };
  for (const name of operations) {
    const sound = DuckDbWarehouse.prototype[name];
    if (!sound) throw new Error(`The warehouse has no operation ${name}.`);
    DuckDbWarehouse.prototype[name] = async function (...args) {
      const fault = chance.weighted({ none: 90, refused: 3, slow: 4, lost: 3 });
      if (fault !== 'none') note(`warehouse_${fault}`, name);
      if (fault === 'refused') throw new WarehouseError('unavailable', `${name} is refused by the chaos`);
      if (fault === 'slow') await pause(chance.whole(100, 4_000));
      const answer = await sound.apply(this, args);
      if (fault === 'lost')
        throw new WarehouseError('unavailable', `the answer to ${name} is lost by the chaos`);
      return answer;
    };
  }
}

const main = process.argv[1] ?? '';
const { [warehouseFaults.seed]: seed, [warehouseFaults.file]: file } = process.env;
if (basename(main) === 'worker.js' && seed !== undefined && file !== undefined)
  // Of each worker another sequence: one that is started again is not to meet the same again.
  hurt(main, new Chance(Number(seed), `warehouse ${process.pid}`), (act, operation) =>
    appendFileSync(file, `${JSON.stringify({ act, operation })}\n`),
  );
