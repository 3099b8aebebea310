/**
 * Composition root of a worker that runs workflows only: a build that was replaced, for the runs that are open on it. It needs no
 * warehouse, and ends by itself when no run is open on it any more.
 */
import { Client } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import { readBuildInfo } from './config/build-info';
import { readConfig } from './config/config';
import { requiredTemporal } from './config/temporal-connection';
import { identityOf } from './contracts/identity';
import { DeploymentVersions } from './builds/versions';
import { createWorkflowWorker, whyNoBundle } from './builds/workflow-worker';
import { connectWorker } from './observability/worker-connection';
import { inTime, runProcess, StartError, startPatienceMs, type Running } from './stack/own-process';
import { startRuntime } from './stack/start-runtime';

/** How often it asks whether it is still needed, ms. Twice in a row nothing may be open: Temporal's list is a little behind. */
const askEveryMs = 15_000;

async function start(): Promise<Running> {
  const config = readConfig();
  const { id: build } = readBuildInfo();
  const lacking = await whyNoBundle();
  if (lacking !== null || build === null)
    throw new StartError(lacking ?? 'There is no build.json beside the code. `npm run build` creates it.');
  const target = requiredTemporal('A worker');
  await startRuntime(null);
  const connection = await connectWorker(target, startPatienceMs);
  const identity = identityOf(config.datasetPrefix);
  const creating = createWorkflowWorker({
    ...{ connection, namespace: target.namespace, identity, build },
    maxCachedWorkflows: config.maxCachedWorkflows,
  });
  const worker = await inTime(creating, 'Temporal has stopped answering.', 10_000);
  const running = worker.run();
  const client = new Client({ connection, namespace: target.namespace });
  const watching = endWhenDrained(new DeploymentVersions(client, identity), build);
  return {
    ended: running.then(() => Promise.reject(new Error('Temporal has let it go'))),
    stop: async () => {
      clearInterval(watching);
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

function endWhenDrained(versions: DeploymentVersions, build: string): NodeJS.Timeout {
  let emptyLooks = 0;
  const look = async (): Promise<void> => {
    const isNeeded = (await versions.look()).current === build || (await versions.openRunsOn(build)) > 0;
    emptyLooks = isNeeded ? 0 : emptyLooks + 1;
    if (emptyLooks < 2) return;
    Runtime.instance().logger.info(`no run is open on build ${build} any more`);
    process.kill(process.pid, 'SIGTERM');
  };
  return setInterval(() => {
    look().catch((error: unknown) => {
      Runtime.instance().logger.warn(
        `it could not be asked whether build ${build} is needed: ${String(error)}`,
      );
    });
  }, askEveryMs);
}

runProcess({
  name: 'the workflow worker',
  start,
  stopWithinMs: 15_000,
  cutOff: 'stopped before all workflow tasks had ended',
});
