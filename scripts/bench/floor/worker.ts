/**
 * A worker of the bench, a process of its own as the product's is, with the product's settings. It serves two task queues: the
 * product's workflows on one, what they are measured against on the other. Its parent orders it by message.
 */
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../../src/activities';
import { readConfig } from '../../../src/config/config';
import { processorNames } from '../../../src/plan/registry';
import { Home } from '../../../src/stack/home';
import { DuckDbWarehouse } from '../../../src/warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from '../../../src/warehouse/warehouse';
import { queues, type NewVersion, type NoopActivities, type WorkerOrder } from './plain-contract';

type Activities = Record<string, (argument: never) => Promise<unknown>>;

/** By processor; one object, so that activities that are made see what it becomes. */
const versions: Record<string, string> = {};

async function main(order: WorkerOrder): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address: order.address });
  const { night, plain, close } = await activitiesOf(order, connection);
  const plainBundle = await bundleWorkflowCode({
    workflowsPath: join(__dirname, 'plain.workflow.js'),
    logger: new DefaultLogger('ERROR'),
  });
  const { maxActivities, maxCachedWorkflows } = readConfig();
  // As the product's worker has them (src/worker.ts).
  const settings = {
    connection,
    maxConcurrentActivityTaskExecutions: maxActivities,
    maxHeartbeatThrottleInterval: '2s',
    maxCachedWorkflows,
    shutdownGraceTime: '1s',
  } as const;
  const workers = [
    await Worker.create({
      ...{ ...settings, taskQueue: queues.night, activities: night },
      workflowBundle: { codePath: order.bundle },
    }),
    await Worker.create({
      ...{ ...settings, taskQueue: queues.plain, activities: plain },
      workflowBundle: plainBundle,
    }),
  ];
  process.once('disconnect', () => {
    for (const worker of workers) worker.shutdown();
  });
  process.on('message', ({ version }: NewVersion) => {
    for (const name of processorNames) versions[name] = version;
    process.send?.('done');
  });
  const running = Promise.all(workers.map((worker) => worker.run()));
  process.send?.('ready');
  await running;
  await close();
  await connection.close();
}

async function activitiesOf(
  order: WorkerOrder,
  connection: NativeConnection,
): Promise<{ night: Activities; plain: Activities; close: () => Promise<void> }> {
  if (order.kind === 'noop')
    return { night: recorded(order.answers), plain: { ...noop }, close: async () => undefined };
  const config = readConfig();
  const home = new Home(config.home);
  const warehouse = await DuckDbWarehouse.open(home.warehouseFile, home.scratch, config.datasetPrefix);
  await warehouse.ensureTables();
  const make = (on: Warehouse): Activities => ({
    ...createActivities({
      warehouse: on,
      client: new Client({ connection }),
      policy: config.policy,
      versions,
    }),
  });
  return { night: make(warehouse), plain: make(careless(warehouse)), close: () => warehouse.close() };
}

const noop: NoopActivities = {
  check: async () => undefined,
  offense: async () => undefined,
  defense: async () => undefined,
  players: async () => undefined,
};

/** Each answers what it answered in the recorded night: there the first time, the second time, and so on. */
function recorded(answers: Readonly<Record<string, readonly unknown[]>>): Activities {
  const asked = new Map<string, number>();
  return Object.fromEntries(
    Object.entries(answers).map(([name, results]) => [
      name,
      async (): Promise<unknown> => {
        const key = `${Context.current().info.workflowExecution?.runId} ${name}`;
        const times = asked.get(key) ?? 0;
        asked.set(key, times + 1);
        if (times < results.length) return results[times];
        throw new Error(`${name} was asked more often than in the recorded night`);
      },
    ]),
  );
}

/** Nobody looks whether the upstream below what is published has moved: it is being built at the same time. */
function careless(warehouse: Warehouse): Warehouse {
  const publish: Warehouse['publish'] = (request) => warehouse.publish({ ...request, upstreamVersions: [] });
  return new Proxy(warehouse, {
    get(target, property) {
      if (property === 'publish') return publish;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

process.once('message', (order: WorkerOrder) => {
  main(order).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
