/**
 * What a worker puts into the sandbox before it loads a workflow. Imported before `@temporalio/workflow`, whose scopes would
 * otherwise be without a memory of which of them is the current one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Activator } from '@temporalio/workflow/lib/internals';

let current: Activator;

Object.assign(globalThis, { AsyncLocalStorage });
// Read and never set: jest keeps whatever a global was ever set to, which would be every run of every schedule.
Object.defineProperty(globalThis, '__TEMPORAL_ACTIVATOR__', { get: () => current, configurable: true });

/** Gives a run the floor. */
export function setActivator(activator: Activator): void {
  current = activator;
}
