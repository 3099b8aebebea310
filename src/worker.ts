/** Composition root of a worker: configuration → warehouse → activities → Temporal worker; drains on SIGTERM. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { Runtime, Worker } from '@temporalio/worker';
import { createActivities, type AlarmSettings } from './activities';
import { notify } from './activities/notify';
import { traceActivities } from './activities/trace-activities';
import { readBuildInfo } from './config/build-info';
import { readConfig, type Config } from './config/config';
import { requiredTemporal } from './config/temporal-connection';
import { identityOf } from './contracts/identity';
import { startControlServer } from './control/server';
import { ping } from './notifications/heartbeat';
import { installRuntime, measureEventLoop } from './observability/runtime';
import { isTracing } from './observability/traced';
import { startTracing } from './observability/tracing';
import { connectWorker } from './observability/worker-connection';
import { validateRegistry } from './plan/validate-registry';
import { Home } from './stack/home';
import { openKept } from './stack/kept-files';
import { keepLogsSmall } from './stack/log-files';
import { inTime, runProcess, StartError, startPatienceMs, type Running } from './stack/own-process';
import { freePort } from './stack/processes';
import { BigQueryWarehouse } from './warehouse/bigquery/bigquery-warehouse';
import { DuckDbWarehouse } from './warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from './warehouse/warehouse';

/** The bundle that `npm run build` makes. A worker without it does not start: it never builds one in production. */
const bundle = join(__dirname, '..', 'workflow-bundle.js');

async function start(): Promise<Running> {
  const config = readConfig();
  validateRegistry();
  const build = readBuildInfo();
  await access(bundle).catch(() => {
    throw new StartError(`There is no workflow bundle at ${bundle}. \`npm run build\` creates it.`);
  });
  const target = requiredTemporal('A worker');
  const metrics = await startRuntime(config.metrics.address);
  measureEventLoop();
  const home = new Home(config.home);
  await home.create();
  const endTracing = await startTracing(config.otlpEndpoint, 'phase3-worker');
  const connection = await connectWorker(target, startPatienceMs);
  const warehouse = await openWarehouse(config, home);
  await warehouse.ensureTables();
  const client = new Client({ connection, namespace: target.namespace });
  const creating = Worker.create({
    connection,
    namespace: target.namespace,
    taskQueue: identityOf(config.datasetPrefix).taskQueue,
    workflowBundle: { codePath: bundle },
    ...(isTracing() ? { interceptors: { activity: [traceActivities] } } : {}),
    activities: createActivities({
      warehouse,
      client,
      policy: config.policy,
      sentinel: config.sentinel,
      keepVersions: config.keepVersions,
      build,
      alarms: alarmsOf(config),
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
    // Then those that are still at it are told to give up.
    shutdownGraceTime: '10s',
  });
  // It has answered a moment ago, so that this is no more than a slow machine as a rule.
  const worker = await inTime(creating, 'Temporal has stopped answering.', 10_000);
  const control = await startControlServer({
    warehouse,
    policy: config.policy,
    build,
    workerState: () => worker.getState(),
  });
  await home.writeWorker({ pid: process.pid, url: control.url, token: control.token, metrics });
  const housekeeping = keepLogsSmall(home.logs);
  const running = worker.run();
  return {
    ended: running.then(() => Promise.reject(new Error('Temporal has let it go'))),
    stop: async () => {
      worker.shutdown();
      await running;
      clearInterval(housekeeping);
      await control.close();
      await warehouse.close();
      await connection.close();
      await endTracing();
    },
  };
}

/** When rows are needed, and what is pinged while all is well. */
function alarmsOf({ notifications: { neededBy, heartbeatUrl } }: Config): AlarmSettings {
  return {
    neededBy,
    ping: heartbeatUrl === null ? null : (kind, text) => ping(heartbeatUrl, kind, text),
  };
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
    ? openKept(home, 'warehouse.duckdb', () =>
        DuckDbWarehouse.open(home.warehouseFile, home.scratch, datasetPrefix),
      )
    : BigQueryWarehouse.open(
        { ...warehouse, startPatience: { firstMs: startPatienceMs, furtherMs: 10_000 } },
        datasetPrefix,
        home.scratch,
      );
}

runProcess({
  name: 'the worker',
  start,
  // Longer than the grace that activities have, and less than the 20 s that `down` waits before it kills.
  stopWithinMs: 15_000,
  cutOff: 'stopped before all activities had ended',
});
