/** The activity: what it logs and posts at which attempt, and what it fails with. */
import { ApplicationFailure } from '@temporalio/common';
import { notify } from '../../src/activities/notify';
import { failureTypes } from '../../src/contracts/failures';
import type { Channel, ChannelName } from '../../src/notifications/deliver';
import { notification } from './notification';
import { everythingOf, secrets, startReceiver, type Receiver } from './receiver';

let receiver: Receiver;
let lines: unknown[][];
let reached: ChannelName[];
beforeEach(async () => {
  receiver = await startReceiver();
  lines = [];
  reached = [];
});
afterEach(() => receiver.close());

const links = { temporalUi: null, namespace: 'default', runbook: 'docs/runbook.md' };

function attempt(
  number: number,
  channels: readonly Channel[] = [{ name: 'slack', address: receiver.address }],
  timeoutMs = 60_000,
): Promise<void> {
  return notify(
    notification(),
    { settings: { ...links, channels }, log: (...line) => lines.push(line), webhook: { timeoutMs } },
    { attempt: number, reached, sent: (name) => reached.push(name) },
  );
}

async function failure(timeoutMs?: number): Promise<ApplicationFailure> {
  const error: unknown = await attempt(1, undefined, timeoutMs).then(
    () => 'it was delivered',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApplicationFailure)) throw new Error(`no ApplicationFailure: ${String(error)}`);
  for (const secret of secrets) expect(everythingOf(error)).not.toContain(secret);
  return error;
}

it('logs at the first attempt only, and posts at each', async () => {
  receiver.answer = (response) => response.writeHead(500).end();
  for (const number of [1, 2, 3]) await expect(attempt(number)).rejects.toThrow('answered 500');
  expect(lines).toHaveLength(1);
  expect(receiver.received).toHaveLength(3);
});

it('tries again only the channel that did not have the message', async () => {
  const channels: Channel[] = [
    { name: 'slack', address: `${receiver.address}&to=slack` },
    { name: 'json', address: `${receiver.address}&to=json` },
  ];
  receiver.answer = (response, { url }) => response.writeHead(url?.endsWith('slack') ? 503 : 200).end();
  await expect(attempt(1, channels)).rejects.toThrow('answered 503');
  receiver.answer = (response) => response.end();
  await attempt(2, channels);
  const asked = receiver.received.map(({ path }) => path.split('to=')[1]);
  expect(asked.slice(0, 2).sort()).toEqual(['json', 'slack']);
  expect(asked.slice(2)).toEqual(['slack']);
});

it('fails for good where trying again does not help', async () => {
  receiver.answer = (response) => response.writeHead(404).end('no_service');
  const error = await failure();
  expect(error).toMatchObject({
    type: failureTypes.webhookFailed,
    message: `The webhook at ${receiver.host} answered 404 (no_service).`,
    nonRetryable: true,
  });
  expect(error.nextRetryDelay).toBeUndefined();
});

it.each([
  ['30', 30_000],
  // Nobody may hold a date's run up for a day.
  ['86400', 60_000],
  ['0', undefined],
])('comes back when the receiver asks: Retry-After %s, %p ms', async (after, delay) => {
  receiver.answer = (response) => response.writeHead(429, { 'retry-after': after }).end();
  const error = await failure();
  expect(error).toMatchObject({ type: failureTypes.webhookFailed, nonRetryable: false });
  expect(error.nextRetryDelay).toBe(delay);
});

it('leaves a refusal final, whatever Retry-After says', async () => {
  receiver.answer = (response) => response.writeHead(410, { 'retry-after': '5' }).end();
  expect((await failure()).nextRetryDelay).toBeUndefined();
});

it('tries again after silence', async () => {
  receiver.answer = () => undefined;
  expect(await failure(100)).toMatchObject({ type: failureTypes.webhookFailed, nonRetryable: false });
});

it('does not call a fault of ours a fault of the webhook', async () => {
  const broken = new Error('log');
  const settings = { ...links, channels: [] };
  await expect(
    notify(
      notification(),
      {
        settings,
        log: () => {
          throw broken;
        },
      },
      { attempt: 1, reached: [], sent: () => undefined },
    ),
  ).rejects.toBe(broken);
});
