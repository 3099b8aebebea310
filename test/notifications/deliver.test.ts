import { deliver, type Channel, type Sinks, type WriteLine } from '../../src/notifications/deliver';
import { jsonMessage, linksOf, logFields, slackMessage } from '../../src/notifications/render';
import { WebhookError } from '../../src/notifications/webhook';
import { notification } from './notification';

const links = { temporalUi: 'http://127.0.0.1:8233', namespace: 'default', runbook: 'docs/runbook.md' };
const given = notification();
const slack: Channel = { name: 'slack', address: 'https://hooks.example/slack' };
const json: Channel = { name: 'json', address: 'https://hooks.example/json' };
const channels = [slack, json];

/** Sinks that keep what came, in its order. */
function sinks(
  webhookError?: Error,
): { kept: unknown[][]; log: WriteLine } & Pick<Sinks, 'channels' | 'post'> {
  const kept: unknown[][] = [];
  return {
    kept,
    log: (...line) => kept.push(['log', ...line]),
    channels,
    post: async (address, message) => {
      kept.push([address, message]);
      if (webhookError && address === slack.address) throw webhookError;
    },
  };
}

const line = ['log', 'ERROR', '❌ 2026-02-03: blocked', logFields(given, linksOf(given, links))];
const messages = [
  [slack.address, slackMessage(given, linksOf(given, links))],
  [json.address, jsonMessage(given, linksOf(given, links))],
];

it('writes the line first, then posts to each channel in its own words', async () => {
  const { kept, log, post } = sinks();
  await deliver(given, { links, log, channels, post });
  expect(kept).toEqual([line, ...messages]);
});

it('has the line in the log when a channel fails, reaches the others, and says that it failed', async () => {
  const { kept, log, post } = sinks(new Error('refused'));
  const reached: string[] = [];
  const delivering = deliver(given, { links, log, channels, post, sent: (name) => reached.push(name) });
  await expect(delivering).rejects.toThrow('refused');
  expect(kept).toEqual([line, ...messages]);
  expect(reached).toEqual(['json']);
});

it('of two channels that fail, the one that may have it later decides whether it is tried again', async () => {
  const gone = new WebhookError('answered 404', false);
  const busy = new WebhookError('answered 503', true);
  const post: Sinks['post'] = (address) => Promise.reject(address === slack.address ? gone : busy);
  await expect(deliver(given, { links, log: null, channels, post })).rejects.toBe(busy);
  await expect(deliver(given, { links, log: null, channels: [slack], post })).rejects.toBe(gone);
});

it('leaves out what is not there', async () => {
  const { kept, log, post } = sinks();
  await deliver(given, { links, log, channels: [], post });
  await deliver(given, { links, log: null, channels: [json], post });
  expect(kept).toEqual([line, messages[1]]);
});

it.each([
  ['trouble', 'ERROR'],
  ['still_in_trouble', 'WARN'],
  ['recovered', 'INFO'],
  ['backfill_in_trouble', 'ERROR'],
  ['late', 'ERROR'],
  ['late_over', 'INFO'],
  ['recalled', 'WARN'],
  ['worker_gone', 'ERROR'],
] as const)('%s is logged as %s', async (kind, level) => {
  const { kept, log, post } = sinks();
  await deliver(notification({ kind }), { links, log, channels: [], post });
  expect(kept.map(([, found]) => found)).toEqual([level]);
});
