/** Waiting with a limit. */
import { setTimeout as pause } from 'node:timers/promises';

/** What a source yields, until the limit (ms; null: none) is over: then it throws what `late` says. What was begun goes on. */
export async function* within<T>(
  source: AsyncGenerator<T>,
  limitMs: number | null,
  late: () => Error,
): AsyncGenerator<T> {
  const over = limitMs === null ? null : pause(limitMs, null, { ref: false });
  for (;;) {
    const next = source.next();
    const found = over ? await Promise.race([next, over]) : await next;
    if (found === null) {
      // Nobody waits for it any more.
      next.catch(() => undefined);
      throw late();
    }
    if (found.done) return;
    yield found.value;
  }
}
