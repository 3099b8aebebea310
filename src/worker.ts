/** Composition root of a worker: configuration → warehouse → activities → Temporal worker; drains on SIGTERM. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from './activities';
import { notify } from './activities/notify';
import { readBuildInfo } from './config/build-info';
import { readConfig, type Config } from './config/config';
import { configuredTemporal } from './config/temporal-connection';
import { identityOf } from './contracts/identity';
import { startControlServer } from './control/server';
import { logLine } from './observability/log-line';
import { installRuntime } from './observability/runtime';
import { checkSearchAttributes } from './observability/search-attributes';
import { validateRegistry } from './plan/validate-registry';
import { Home, keepFilesPrivate } from './stack/home';
import { freePort } from './stack/processes';
import { BigQueryWarehouse } from './warehouse/bigquery/bigquery-warehouse';
import { DuckDbWarehouse } from './warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from './warehouse/warehouse';

/** The bundle that `npm run build` makes. A worker without it does not start: it never builds one in production. */
const bundle = join(__dirname, '..', 'workflow-bundle.js');

async function main(): Promise<void> {
  const config = readConfig();
  validateRegistry();
  const build = readBuildInfo();
  await access(bundle).catch(() => {
    throw new Error(`There is no workflow bundle at ${bundle}. \`npm run build\` creates it.`);
  });
  const target = configuredTemporal();
  if (!target)
    throw new Error('A worker needs TEMPORAL_ADDRESS or a profile in temporal.toml. `phase3 up` sets it.');

  const metrics = await startRuntime(config.metrics.address);
  const home = new Home(config.home);
  await home.create();
  const connection = await NativeConnection.connect(target.connection);
  await checkSearchAttributes(connection, target.namespace);
  const warehouse = await openWarehouse(config, home);
  await warehouse.ensureTables();
  const client = new Client({ connection, namespace: target.namespace });
  const worker = await Worker.create({
    connection,
    namespace: target.namespace,
    taskQueue: identityOf(config.datasetPrefix).taskQueue,
    workflowBundle: { codePath: bundle },
    activities: createActivities({
      warehouse,
      client,
      policy: config.policy,
      build,
      notify: (notification, attempt) =>
        notify(
          notification,
          {
            settings: { ...config.notifications, namespace: target.namespace },
            log: (level, message, fields) => {
              Runtime.instance().logger.log(level, message, { ...fields });
            },
          },
          attempt,
        ),
    }),
    maxConcurrentActivityTaskExecutions: config.maxActivities,
    // The SDK would pass heartbeats on every eight seconds only, of the ten that one may be silent.
    maxHeartbeatThrottleInterval: '2s',
    maxCachedWorkflows: config.maxCachedWorkflows,
    // Below the 20 s that `down` waits before it kills.
    shutdownGraceTime: '10s',
    shutdownForceTime: '15s',
  });
  const control = await startControlServer({
    warehouse,
    policy: config.policy,
    build,
    workerState: () => worker.getState(),
  });
  const running = worker.run();
  await home.writeWorker({ pid: process.pid, url: control.url, token: control.token, metrics });
  try {
    await running;
  } finally {
    await control.close();
    await warehouse.close();
    await connection.close();
  }
}

/**
 * Installs the runtime and returns where its metrics are. A port that was free may be gone when the runtime comes to it,
 * so where none was asked for others are tried.
 */
async function startRuntime(address: string | null, triesLeft = 3): Promise<string> {
  try {
    return installRuntime({ metricsAddress: address ?? `127.0.0.1:${await freePort()}` });
  } catch (error) {
    if (address !== null || triesLeft === 0) throw error;
    return startRuntime(address, triesLeft - 1);
  }
}

/** The warehouse of the configuration. Nothing is asked of it before its tables are made sure of. */
async function openWarehouse({ warehouse, datasetPrefix }: Config, home: Home): Promise<Warehouse> {
  return warehouse.kind === 'duckdb'
    ? DuckDbWarehouse.open(home.warehouseFile, home.scratch, datasetPrefix)
    : BigQueryWarehouse.open(warehouse, datasetPrefix, home.scratch);
}

keepFilesPrivate();
main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  // Once it is written. The connection and the runtime would hold the process for ever, with nothing left to do.
  process.stderr.write(`${logLine(new Date(), 'ERROR', `the worker ends: ${message}`)}\n`, () =>
    process.exit(1),
  );
});
