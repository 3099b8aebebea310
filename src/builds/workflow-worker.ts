/**
 * The worker that runs workflows, of one build. It has no activities, so that runs which are pinned to a build that was replaced need
 * no warehouse of that build: activities are taken by whichever worker has them, of whichever build.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker, type NativeConnection } from '@temporalio/worker';
import type { Identity } from '../contracts/identity';

/** From dist/src/builds to dist. `npm run build` makes it; a worker never bundles in production. */
const workflowBundle = join(__dirname, '..', '..', 'workflow-bundle.js');

export interface WorkflowWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly identity: Pick<Identity, 'taskQueue' | 'deployment'>;
  readonly build: string;
  readonly maxCachedWorkflows: number;
  readonly bundle?: string;
}

/** Why there is no bundle, as a sentence; null where there is one. */
export async function whyNoBundle(): Promise<string | null> {
  return access(workflowBundle).then(
    () => null,
    () => `There is no workflow bundle at ${workflowBundle}. \`npm run build\` creates it.`,
  );
}

export function createWorkflowWorker({
  connection,
  namespace,
  identity,
  build,
  maxCachedWorkflows,
  bundle = workflowBundle,
}: WorkflowWorkerOptions): Promise<Worker> {
  return Worker.create({
    ...{ connection, namespace, taskQueue: identity.taskQueue },
    workflowBundle: { codePath: bundle },
    workerDeploymentOptions: {
      version: { deploymentName: identity.deployment, buildId: build },
      useWorkerVersioning: true,
      // A run keeps its build while it lives, so that no workflow needs `patched()`.
      defaultVersioningBehavior: 'PINNED',
    },
    maxCachedWorkflows,
  });
}
