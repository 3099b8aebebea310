/** What the workflow bundle is made of: for the build, and for the tests, which bundle the sources. */
import { join } from 'node:path';

interface WorkflowModules {
  readonly workflowsPath: string;
  readonly workflowInterceptorModules: string[];
  readonly preloadModules: string[];
}

/** By whom everything in contracts and explain is imported that workflows reach. */
const pure = [
  'contracts/backfill',
  'contracts/date-state',
  'contracts/decisions',
  'contracts/messages',
  'contracts/policy',
  'contracts/schedules',
  'explain/describe-missing',
  'explain/explain-date',
  'explain/held',
];

/** Their paths under a folder: `src`, or what was built of it. */
export function workflowModules(src: string, extension: 'ts' | 'js'): WorkflowModules {
  const path = (module: string): string => join(src, `${module}.${extension}`);
  return {
    workflowsPath: path('workflows/index'),
    workflowInterceptorModules: [path('workflows/merge-signals')],
    // Schemas and sentences keep nothing of a run, and are made once for all runs instead of by each. What they export is
    // frozen; a module that remembers anything must not be among them.
    preloadModules: pure.map(path),
  };
}
