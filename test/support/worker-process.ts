/**
 * A worker in a process of its own, for tests that kill it: `worker-process.ts ADDRESS FILE HELD`. It owns the DuckDB file
 * FILE and serves the Temporal server at ADDRESS. HELD is JSON, `{ "DATE": "activity" }`: that activity of that date does
 * what it does, and then never answers. Each time it comes to that it prints `DATE`; once the worker runs, `up`.
 */
import { writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import type { Activities } from '../../src/contracts/activities';
import { identityOf } from '../../src/contracts/identity';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';

const [, , address = '', file = '', held = '{}'] = process.argv;
const heldActivities = JSON.parse(held) as Record<string, keyof Activities>;

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
    activities: holding(
      createActivities({ warehouse, client: new Client({ connection }), policy: defaultPolicySettings }),
    ),
    maxHeartbeatThrottleInterval: '2s',
  });
  const running = worker.run();
  say('up');
  await running;
}

void main();
