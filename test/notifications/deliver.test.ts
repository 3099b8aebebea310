import { deliver, type Sinks, type WriteLine } from '../../src/notifications/deliver';
import { linksOf, logFields, slackMessage } from '../../src/notifications/render';
import { notification } from './notification';

const links = { temporalUi: 'http://127.0.0.1:8233', namespace: 'default', runbook: 'docs/runbook.md' };
const given = notification();

/** Sinks that keep what came, in its order. */
function sinks(webhookError?: Error): { kept: unknown[][]; log: WriteLine; webhook: Sinks['webhook'] } {
  const kept: unknown[][] = [];
  return {
    kept,
    log: (...line) => kept.push(['log', ...line]),
    webhook: async (message) => {
      kept.push(['webhook', message]);
      if (webhookError) throw webhookError;
    },
  };
}

const line = ['log', 'ERROR', '❌ 2026-02-03: blocked', logFields(given, linksOf(given, links))];
const message = ['webhook', slackMessage(given, linksOf(given, links))];

it('writes the line first, then posts', async () => {
  const { kept, log, webhook } = sinks();
  await deliver(given, { links, log, webhook });
  expect(kept).toEqual([line, message]);
});

it('has the line in the log when the webhook fails, and says that it failed', async () => {
  const { kept, log, webhook } = sinks(new Error('refused'));
  await expect(deliver(given, { links, log, webhook })).rejects.toThrow('refused');
  expect(kept).toEqual([line, message]);
});

it('leaves out what is not there', async () => {
  const { kept, log, webhook } = sinks();
  await deliver(given, { links, log, webhook: null });
  await deliver(given, { links, log: null, webhook });
  expect(kept).toEqual([line, message]);
});

it.each([
  ['trouble', 'ERROR'],
  ['still_in_trouble', 'WARN'],
  ['recovered', 'INFO'],
  ['backfill_in_trouble', 'ERROR'],
] as const)('%s is logged as %s', async (kind, level) => {
  const { kept, log } = sinks();
  await deliver(notification({ kind }), { links, log, webhook: null });
  expect(kept.map(([, found]) => found)).toEqual([level]);
});
