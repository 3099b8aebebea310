/** The bench's worker, a process of its own: composed like src/worker.ts, with its work counted and its figures asked. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import { readConfig } from '../../src/config/config';
import type { Activities } from '../../src/contracts/activities';
import { identityOf } from '../../src/contracts/identity';
import type { ProcessorName } from '../../src/contracts/phase3';
import { installLogger } from '../../src/observability/logger';
import { Home } from '../../src/stack/home';
import type { ManifestRow } from '../../src/tables/orchestration';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { WorkCounter } from './count-work';
import { buildUngated } from './flat/build-ungated';
import type { FlatActivities } from './flat/flat-contract';
import { loadSeason } from './load-season';
import { noopActivities } from './noop-activities';
import { countStalePlayers } from './stale-players';
import {
  ready,
  type Answer,
  type Question,
  type QuestionName,
  type Questions,
  type StalePlayers,
  type WorkerFigures,
  type WorkerSetup,
} from './worker-protocol';

/** How often the event loop is sampled, in ms. The histogram holds whole intervals, so this much is taken off. */
const sampleMs = 10;

type Versions = Record<ProcessorName, string>;
type Answers = {
  readonly [Q in QuestionName]: (given: Questions[Q]['takes']) => Promise<Questions[Q]['brings']>;
};

async function main(setup: WorkerSetup): Promise<void> {
  installLogger();
  const config = readConfig();
  const counter = new WorkCounter();
  counter.watchDriver();
  const home = new Home(setup.home);
  await home.create();
  const connection = await NativeConnection.connect({ address: setup.address });
  const duckDb = await DuckDbWarehouse.open(home.warehouseFile, home.scratch);
  await duckDb.ensureTables();
  const warehouse = counter.watchPort(duckDb);
  const client = new Client({ connection });
  // Changed in place by the question `versions`: the activities read it at each call.
  const versions: Versions = { ...setup.versions };
  const policy = { ...config.policy, ...setup.policy };
  const real: Activities & FlatActivities = {
    ...createActivities({ warehouse, client, policy, versions }),
    buildUngated: (request) => buildUngated(request, warehouse, versions),
  };
  const worker = await Worker.create({
    connection,
    taskQueue: identityOf(warehouse.prefix).taskQueue,
    workflowBundle: { codePath: setup.bundle },
    activities: setup.processors === 'noop' ? noopActivities((request) => real.askDate(request)) : real,
    maxConcurrentActivityTaskExecutions: config.maxActivities,
    maxCachedWorkflows: config.maxCachedWorkflows,
    maxHeartbeatThrottleInterval: '2s',
    shutdownGraceTime: '2s',
    shutdownForceTime: '5s',
  });
  const stop = (): void => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  answerTo({
    load: ({ folder }) => loadSeason(warehouse, folder),
    versions: async (given) => {
      Object.assign(versions, given);
      return null;
    },
    figures: figuresOf(counter),
    stalePlayers: ({ version }) => stalePlayers(duckDb, version),
    stop: async () => {
      stop();
      return null;
    },
  });
  // Nobody is there to be measured for any more.
  process.once('disconnect', stop);
  const running = worker.run();
  process.send?.(ready);
  try {
    await running;
  } finally {
    await duckDb.close();
    await connection.close();
    process.removeListener('disconnect', stop);
    if (process.connected) process.disconnect();
  }
}

function answerTo(answers: Answers): void {
  const answer = async <Q extends QuestionName>({ id, name, given }: Question<Q>): Promise<void> => {
    const reply = await answers[name](given).then(
      (brings): Answer => ({ id, ok: true, brings }),
      (error: unknown): Answer => ({
        id,
        ok: false,
        why: error instanceof Error ? error.message : String(error),
      }),
    );
    if (process.connected) process.send?.(reply);
  };
  process.on('message', (question: Question) => void answer(question));
}

function figuresOf(counter: WorkCounter): () => Promise<WorkerFigures> {
  const loop = monitorEventLoopDelay({ resolution: sampleMs });
  loop.enable();
  let cpuBefore = process.cpuUsage();
  const lagMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - sampleMs);
  return async () => {
    const cpu = process.cpuUsage(cpuBefore);
    const figures: WorkerFigures = {
      statements: counter.statements,
      transactionStatements: counter.transactionStatements,
      operations: counter.operations,
      memory: process.memoryUsage.rss(),
      peakMemory: process.resourceUsage().maxRSS * 1024,
      lag: { p50: lagMs(loop.percentile(50)), p99: lagMs(loop.percentile(99)), max: lagMs(loop.max) },
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    };
    counter.reset();
    loop.reset();
    cpuBefore = process.cpuUsage();
    return figures;
  };
}

async function stalePlayers(warehouse: Warehouse, version: string): Promise<StalePlayers> {
  const manifests: ManifestRow[] = [];
  // Rows of a table's own export, so of its type.
  for await (const rows of warehouse.exportRows('partition_manifest', '1900-01-01', '9999-12-31'))
    manifests.push(...(rows as readonly ManifestRow[]));
  return countStalePlayers(manifests, version);
}

main(JSON.parse(process.argv[2] ?? '{}') as WorkerSetup).catch((error: unknown) => {
  process.stderr.write(
    `the worker ends: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
  if (process.connected) process.disconnect();
});
