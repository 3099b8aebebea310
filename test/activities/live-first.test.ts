/** Work that gives way begins when no live work is under way, and after a while at the latest. */
import { LiveFirst } from '../../src/activities/live-first';
import { latch } from '../support/latch';

test('what gives way begins after live work has ended, and not between two parts of it', async () => {
  const order = new LiveFirst({ betweenMs: 100, mostMs: 60_000 });
  const said: string[] = [];
  const [first, second] = [latch(), latch()];
  await order.giveWay();
  const night = order.first(() => first.opened).then(() => said.push('first'));
  const waits = order.giveWay().then(() => said.push('backfill'));
  first.open();
  await night;
  const next = order.first(() => second.opened).then(() => said.push('second'));
  setTimeout(() => second.open(), 300);
  await Promise.all([next, waits]);
  expect(said).toEqual(['first', 'second', 'backfill']);
});

test('live work that does not end holds nothing up for longer than it may', async () => {
  const order = new LiveFirst({ betweenMs: 0, mostMs: 50 });
  const night = latch();
  const live = order.first(() => night.opened);
  await order.giveWay();
  night.open();
  await live;
});

test('live work that fails is over, too', async () => {
  const order = new LiveFirst({ betweenMs: 0, mostMs: 60_000 });
  await expect(order.first(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await order.giveWay();
});
