/** The gateway: a process of its own beside the worker, that holds nothing. Started by `phase3 up`, or as a container. */
import { isIPv6 } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { Phase3Client } from '../client';
import { readConfig, type Config } from '../config/config';
import { requiredTemporal } from '../config/temporal-connection';
import { usualPorts } from '../config/variables';
import { identityOf } from '../contracts/identity';
import { newYorkDate } from '../contracts/new-york';
import { ControlClient } from '../control/client';
import { logLine, toStderr } from '../observability/log-line';
import { startTracing } from '../observability/tracing';
import { Home } from '../stack/home';
import { runProcess, StartError, type Running } from '../stack/own-process';
import { readsOf, type DateReads } from '../control/reads';
import { readBuildInfo } from '../config/build-info';
import { BigQueryWarehouse } from '../warehouse/bigquery/bigquery-warehouse';
import { oidcAuthenticator, openAuthenticator } from './auth/authenticator';
import { closingRetryInterceptor } from './closing-retries';
import { GatewayMetrics } from './metrics';
import { buildMetricsServer } from './metrics-server';
import type { GatewayParts } from './parts';
import { RecordsUnavailableError, warehouseRecords, workerRecords, type Records } from './records';
import { RunWatch } from './run-watch';
import { buildServer } from './server';
import { lastPoll, serverProbe } from './server-probe';
import { buildTemporalUi } from './temporal-ui';
import { toChannels, WorkerWatch } from './worker-watch';

const log: GatewayParts['log'] = (level, message, fields) =>
  toStderr(logLine(new Date(), level, message, fields));

async function start(): Promise<Running> {
  const config = readConfig();
  const endTracing = await startTracing(config.otlpEndpoint, 'phase3-gateway');
  const target = requiredTemporal('A gateway');
  const { gateway: settings, policy } = config;
  const now = (): Date => new Date(policy.now ?? Date.now());
  const identity = identityOf(config.datasetPrefix);
  // Whether Temporal is there is found out by each request: a gateway that starts first waits for nobody.
  const connection = Connection.lazy({
    ...target.connection,
    interceptors: [closingRetryInterceptor()],
  });
  const raw = new Client({ connection, namespace: target.namespace });
  const client = new Phase3Client(raw, now, undefined, identity);
  const closing = new AbortController();
  const watch = new RunWatch(client);
  const home = new Home(config.home);
  await home.create();
  const {
    records,
    reads,
    worker,
    close: closeRecords,
  } = await openRecords(config, home, () => newYorkDate(now()));
  const metrics = new GatewayMetrics();
  const metricsServer = buildMetricsServer(metrics);
  const app = await buildServer({
    client,
    watch,
    records,
    reads,
    runLink: runLinks(config, home, target),
    settings,
    now,
    log,
    authenticator: settings.auth ? oidcAuthenticator(settings.auth) : openAuthenticator(config.user),
    metrics,
    server: serverProbe(connection, { namespace: target.namespace, taskQueue: identity.taskQueue }, worker),
    closing: closing.signal,
    overrides: policy.now === null ? {} : { now: policy.now },
    policy,
    workerMetrics: () => metricsOfWorker(home),
  });

  const { gatewayAddress } = config.metrics;
  if (gatewayAddress !== null) {
    const { hostname, port } = new URL(`http://${gatewayAddress}`);
    await listen(metricsServer, hostname, Number(port) || 80, 'PHASE3_GATEWAY_METRICS_ADDRESS');
  }
  // Before it serves: `phase3 up` tries other ports until the gateway answers, and not after that.
  const ui = await openTemporalUi(home, target.connection.address, config.temporalUiPort !== null);
  const port = settings.port ?? usualPorts.gateway;
  await listen(app, settings.host, port, 'PHASE3_GATEWAY_PORT');
  const url = `http://${isIPv6(settings.host) ? `[${settings.host}]` : settings.host}:${port}`;
  log('INFO', `serving ${url}`, {
    tokens: settings.auth
      ? `of ${settings.auth.issuer} for ${settings.auth.audiences.join(', ')}`
      : 'none required: loopback only',
    waitSeconds: settings.waitMs / 1000,
  });
  const workerWatch = watchWorker(config, connection, { namespace: target.namespace, metrics });
  return {
    ended: new Promise(() => undefined),
    stop: async () => {
      closing.abort();
      watch.close();
      workerWatch.close();
      await ui.close();
      await app.close();
      await metricsServer.close();
      await closeRecords();
      await endTracing();
      // The connection goes with the process: a call that the client tries again would find it closed, and throw where
      // nobody catches it.
    },
  };
}

/** How often it is looked for a worker, at the most. */
const longestLookMs = 30_000;

/** Tells people when no worker is there, and when one is back. */
function watchWorker(
  { notifications, datasetPrefix }: Config,
  connection: Connection,
  { namespace, metrics }: { readonly namespace: string; readonly metrics: GatewayMetrics },
): WorkerWatch {
  const { taskQueue } = identityOf(datasetPrefix);
  const { workerGoneAfterMs: goneAfterMs } = notifications;
  const watch = new WorkerWatch({
    ...{ taskQueue, goneAfterMs, log, clock: () => new Date() },
    lastPoll: () => lastPoll(connection, { namespace, taskQueue }),
    seen: (at) => metrics.workerSeen(at),
    deliver: toChannels(notifications, namespace, log),
  });
  watch.start(Math.min(longestLookMs, goneAfterMs / 3));
  return watch;
}

/** The door of the embedded server's UI, where there is one. A gateway that nobody asked for it serves without it, too. */
async function openTemporalUi(home: Home, address: string, isAsked: boolean): Promise<FastifyInstance> {
  const ui = await buildTemporalUi(async () => (await home.readStack()).temporal?.uiBehind ?? null);
  const { temporal } = await home.readStack();
  if (temporal?.address !== address) return ui;
  const { hostname, port } = new URL(temporal.ui);
  await listen(ui, hostname, Number(port) || 80, 'PHASE3_TEMPORAL_UI_PORT').catch((error: unknown) => {
    if (isAsked || !(error instanceof StartError)) throw error;
    log('WARNING', 'the Temporal UI is not served here', { why: error.message });
  });
  return ui;
}

async function listen(server: FastifyInstance, host: string, port: number, variable: string): Promise<void> {
  await server.listen({ host: host.replace(/^\[|\]$/g, ''), port }).catch((error: unknown) => {
    throw new StartError(`Port ${port} of ${host} (${variable}) ${whyNot(error)}. Choose another.`);
  });
}

function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'is in use';
  if (code === 'EADDRNOTAVAIL') return 'cannot be listened on: this machine has no such address';
  if (code === 'EACCES') return 'cannot be listened on: this user may not';
  return `cannot be listened on: ${message}`;
}

interface OpenRecords {
  readonly records: Records;
  readonly reads: () => Promise<DateReads>;
  readonly worker?: () => Promise<string | null>;
  readonly close: () => Promise<void>;
}

/** Where runs are shown: in the embedded server's UI, or in the one that is configured for notifications. */
function runLinks(
  { notifications }: Config,
  home: Home,
  target: ReturnType<typeof requiredTemporal>,
): GatewayParts['runLink'] {
  return async (workflowId, runId) => {
    const { temporal } = await home.readStack();
    const ui = temporal?.address === target.connection.address ? temporal.ui : notifications.temporalUi;
    const path = ['namespaces', target.namespace, 'workflows', workflowId, runId, 'history'];
    return ui && [ui.replace(/\/+$/, ''), ...path.map(encodeURIComponent)].join('/');
  };
}

/** The records, and what says how the worker is where one is on this machine. */
async function openRecords(
  { warehouse, datasetPrefix, policy }: Config,
  home: Home,
  today: () => string,
): Promise<OpenRecords> {
  if (warehouse.kind === 'bigquery') {
    const opened = BigQueryWarehouse.open(warehouse, datasetPrefix, home.scratch);
    const reads = readsOf(opened, policy, readBuildInfo());
    return {
      records: warehouseRecords(opened, today, reads),
      reads: async () => reads,
      close: () => opened.close(),
    };
  }
  const control = async (): Promise<ControlClient | null> => {
    const worker = await home.readWorker();
    return worker ? new ControlClient(worker) : null;
  };
  return {
    records: workerRecords(control),
    reads: async () => {
      const known = await control();
      if (!known) throw new RecordsUnavailableError('No worker is registered; `phase3 up` starts one.');
      return known;
    },
    worker: async () => {
      const health = await (await control())?.health();
      if (!health) return 'The worker of this machine does not answer.';
      return health.ready ? null : `The worker of this machine is ${health.worker}.`;
    },
    close: async () => undefined,
  };
}

/** A worker that does not answer has no metrics; that it does not is what health is for. */
async function metricsOfWorker(home: Home): Promise<string> {
  try {
    const worker = await home.readWorker();
    if (!worker) return '';
    const response = await fetch(worker.metrics, { signal: AbortSignal.timeout(2_000) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}

runProcess({
  name: 'the gateway',
  start,
  // Those who wait are let go at once; what is left is a few answers on their way.
  stopWithinMs: 8_000,
  cutOff: 'stopped before all requests were answered',
});
