/**
 * A worker in a process of its own, for tests that kill it: `worker-process.ts ADDRESS FILE HELD`. It owns the DuckDB file
 * FILE and serves the Temporal server at ADDRESS. HELD is JSON, `{ "DATE": "activity" }`: that activity of that date does
 * what it does, and then never answers. Each time it comes to that it prints `DATE`; once the worker runs, `up`. A fourth
 * argument, `{ "DATE": "before" | "after" }`, has the offence of that date stored without a row, and never answers before, or
 * after, the version before is put back.
 */
import { writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities, withSeveral } from '../../src/activities';
import type { Activities } from '../../src/contracts/activities';
import { identityOf } from '../../src/contracts/identity';
import { defaultPolicySettings } from '../../src/contracts/policy';
import type { ManifestRow } from '../../src/tables/orchestration';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { misStoring, replacing } from './wrap-warehouse';

const [, , address = '', file = '', held = '{}', misStored = '{}'] = process.argv;
const heldActivities = JSON.parse(held) as Record<string, keyof Activities>;

const endings = JSON.parse(misStored) as Record<string, 'before' | 'after'>;
const offense = 'team_offense_game_summary';

/** The warehouse, which stores the offence of some dates wrong, and is not there any more when that is put right. */
function ending(warehouse: Warehouse): Warehouse {
  const isRollback = ({ reason }: ManifestRow): boolean => reason.includes('; rolled back to version ');
  const never = (gameDate: string): Promise<never> => {
    say(gameDate);
    return new Promise(() => undefined);
  };
  const wrong = misStoring(
    offense,
    (rows) => rows.slice(1),
    (manifest) => manifest.game_date in endings && !isRollback(manifest),
  )(warehouse);
  return replacing(wrong, {
    publish: async (request) => {
      const { game_date: gameDate } = request.manifest;
      const at = isRollback(request.manifest) ? endings[gameDate] : undefined;
      if (at === 'before') return never(gameDate);
      const result = await wrong.publish(request);
      return at === 'after' ? never(gameDate) : result;
    },
  });
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** The activities, of which those that are held never answer. */
function holding(activities: Activities): Activities {
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [
      name,
      async (request: { gameDate?: string }) => {
        const result: unknown = await (activity as (request: unknown) => Promise<unknown>)(request);
        if (heldActivities[request.gameDate ?? ''] !== name) return result;
        say(request.gameDate ?? '');
        return new Promise(() => undefined);
      },
    ]),
  ) as unknown as Activities;
}

async function main(): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
  });
  const connection = await NativeConnection.connect({ address });
  const warehouse = await DuckDbWarehouse.open(file, dirname(file));
  const worker = await Worker.create({
    connection,
    taskQueue: identityOf(null).taskQueue,
    workflowBundle: { codePath: process.env['PHASE3_TEST_BUNDLE'] ?? '' },
    activities: withSeveral(
      holding(
        createActivities({
          warehouse: ending(warehouse),
          client: new Client({ connection }),
          policy: defaultPolicySettings,
        }),
      ),
    ),
    maxHeartbeatThrottleInterval: '2s',
  });
  const running = worker.run();
  say('up');
  await running;
}

void main();
