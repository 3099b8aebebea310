/** On whose behalf a warehouse works: whoever has given up on an answer wants no write that has not begun. */
import { AsyncLocalStorage } from 'node:async_hooks';

const asker = new AsyncLocalStorage<AbortSignal>();

/** Does `work`; what it asks of a warehouse is asked by somebody who has given up once `givesUp` is aborted. */
export function onBehalfOf<T>(givesUp: AbortSignal, work: () => Promise<T>): Promise<T> {
  return asker.run(givesUp, work);
}

/** Is aborted when whoever asks has given up; undefined where nobody ever does. */
export function askerGivesUp(): AbortSignal | undefined {
  return asker.getStore();
}
