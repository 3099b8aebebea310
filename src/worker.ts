/** Composition root of a worker: configuration → warehouse → activities → Temporal worker; drains on SIGTERM. */
import { Client } from '@temporalio/client';
import { Runtime, Worker } from '@temporalio/worker';
import { createActivities, type AlarmSettings } from './activities';
import { liveFirst } from './activities/live-first';
import { notify } from './activities/notify';
import { traceActivities } from './activities/trace-activities';
import { readBuildInfo } from './config/build-info';
import type { BuildInfo } from './contracts/code-identity';
import { readConfig, type Config } from './config/config';
import { requiredTemporal } from './config/temporal-connection';
import { identityOf } from './contracts/identity';
import { startControlServer } from './control/server';
import { pinnedByRollback, sayPinned } from './builds/published-by';
import { recordBuilds } from './builds/record-builds';
import { takeOver, type Start } from './builds/take-over';
import { DeploymentVersions } from './builds/versions';
import { createWorkflowWorker, whyNoBundle } from './builds/workflow-worker';
import { ping } from './notifications/heartbeat';
import { measureEventLoop } from './observability/runtime';
import { isTracing } from './observability/traced';
import { startTracing } from './observability/tracing';
import { connectWorker } from './observability/worker-connection';
import { validateRegistry } from './plan/validate-registry';
import { Home } from './stack/home';
import { openKept } from './stack/kept-files';
import { keepLogsSmall } from './stack/log-files';
import { inTime, runProcess, StartError, startPatienceMs, type Running } from './stack/own-process';
import { startRuntime } from './stack/start-runtime';
import type { ManifestRow } from './tables/orchestration';
import { BigQueryWarehouse } from './warehouse/bigquery/bigquery-warehouse';
import { DuckDbWarehouse } from './warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from './warehouse/warehouse';

async function start(): Promise<Running> {
  const config = readConfig();
  validateRegistry();
  const build = readBuildInfo();
  const buildId = await requireBuild(build);
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
  const identity = identityOf(config.datasetPrefix);
  const creating = Worker.create({
    connection,
    namespace: target.namespace,
    taskQueue: identity.taskQueue,
    interceptors: { activity: [liveFirst(), ...(isTracing() ? [traceActivities] : [])] },
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
    // Then those that are still at it are told to give up.
    shutdownGraceTime: '10s',
  });
  // It has answered a moment ago, so that this is no more than a slow machine as a rule.
  const activities = await inTime(creating, 'Temporal has stopped answering.', 10_000);
  const workflows = await createWorkflowWorker({
    ...{ connection, namespace: target.namespace, identity, build: buildId },
    maxCachedWorkflows: config.maxCachedWorkflows,
  });
  const workers = [activities, workflows];
  const running = Promise.all(workers.map((worker) => worker.run()));
  // Told below to whoever waits for the end; until then nobody would hear it.
  running.catch(() => undefined);
  await becomeCurrent(new DeploymentVersions(client, identity), warehouse, {
    ...{ build: buildId, promotion: config.promotion, isAsked: false },
  });
  const control = await startControlServer({
    warehouse,
    policy: config.policy,
    build,
    workerState: () =>
      workers.map((worker) => worker.getState()).find((state) => state !== 'RUNNING') ?? 'RUNNING',
  });
  await home.writeWorker({ pid: process.pid, url: control.url, token: control.token, metrics });
  const housekeeping = keepLogsSmall(home.logs);
  return {
    ended: running.then(() => Promise.reject(new Error('Temporal has let it go'))),
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      clearInterval(housekeeping);
      await control.close();
      await warehouse.close();
      await connection.close();
      await endTracing();
    },
  };
}

/** What tells this build from others. Throws a {@link StartError} where nothing was built. */
async function requireBuild({ id }: BuildInfo): Promise<string> {
  const lacking = await whyNoBundle();
  if (lacking !== null || id === null)
    throw new StartError(lacking ?? 'There is no build.json beside the code. `npm run build` creates it.');
  return id;
}

/** Makes this build current where that is due, and says what became of it. */
async function becomeCurrent(
  versions: DeploymentVersions,
  warehouse: Warehouse,
  start: Start,
): Promise<void> {
  if (!(await versions.untilKnown(start.build, 10_000)))
    throw new StartError('Temporal does not list this build, so that no run would begin on it.');
  const verdict = await takeOver(versions, start, 'system', (entries) => recordBuilds(warehouse, entries));
  const { logger } = Runtime.instance();
  if (verdict.kind === 'waits') logger.warn(verdict.why);
  else logger.info(`build ${start.build} is current`);
  if (verdict.kind === 'takes_over') await warnOfPins(warehouse);
}

/** Says what stays pinned by a rollback. Nothing stands on it, so that a warehouse that does not answer ends no worker. */
async function warnOfPins(warehouse: Warehouse): Promise<void> {
  const { logger } = Runtime.instance();
  const manifests: ManifestRow[] = [];
  // Decoded by the table's declaration, from which the row type follows.
  try {
    for await (const rows of warehouse.exportRows('partition_manifest', '1900-01-01', '9999-12-31'))
      manifests.push(...(rows as ManifestRow[]));
  } catch (error) {
    logger.warn('what a rollback has pinned could not be read; `phase3 list --pinned` shows it', { error });
    return;
  }
  const pinned = sayPinned(pinnedByRollback(manifests));
  if (pinned !== null) logger.warn(pinned);
}

/** When rows are needed, and what is pinged while all is well. */
function alarmsOf({ notifications: { neededBy, heartbeatUrl } }: Config): AlarmSettings {
  return {
    neededBy,
    ping: heartbeatUrl === null ? null : (kind, text) => ping(heartbeatUrl, kind, text),
  };
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
