/** What is shown is looked at once for all who follow it, however often they go and come back. */
import { Live } from '../../src/gateway/page/live';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('followers that come back within the pause start no further looks', async () => {
  const everyMs = 100;
  const live = new Live({ everyMs });
  let looks = 0;
  const topic = live.topic('one', () => ({
    look: () => {
      looks += 1;
      return Promise.resolve(looks);
    },
  }));
  for (let reload = 0; reload < 20; reload += 1) topic.subscribe(() => undefined)();
  const leave = topic.subscribe(() => undefined);
  await pause(10 * everyMs);
  leave();
  // One at the beginning, and one for each pause; a machine that is slow makes fewer.
  expect(looks).toBeLessThanOrEqual(12);
  expect(looks).toBeGreaterThan(1);
  const before = looks;
  await pause(3 * everyMs);
  expect(looks).toBeLessThanOrEqual(before + 1);
  live.close();
});

test('whoever follows again after everybody left is told of changes', async () => {
  const live = new Live({ everyMs: 10 });
  let view = 0;
  const topic = live.topic('one', () => ({ look: () => Promise.resolve(view) }));
  topic.subscribe(() => undefined)();
  await pause(60);
  const seen: string[] = [];
  topic.subscribe(({ tag }) => seen.push(tag));
  view = 1;
  while (seen.length === 0) await pause(10);
  live.close();
});
