/**
 * What a worker puts into the sandbox before it loads a workflow. Imported before `@temporalio/workflow`, whose scopes would
 * otherwise be without a memory of which of them is the current one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

Object.assign(globalThis, { AsyncLocalStorage });
