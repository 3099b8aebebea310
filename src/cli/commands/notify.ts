/** `phase3 notify test`: who would be told of what, in which words; with `--send`, whether a message arrives. */
import { randomUUID } from 'node:crypto';
import { configuredTemporal } from '../../config/temporal-connection';
import { addDays } from '../../contracts/game-date';
import { identityOf } from '../../contracts/identity';
import { newYorkDate } from '../../contracts/new-york';
import type { Notification } from '../../contracts/notifications';
import { messageOf, type Channel } from '../../notifications/deliver';
import { nextCommand } from '../../notifications/next-command';
import { headline, linksOf, type LinkSettings } from '../../notifications/render';
import { samples, type Sample } from '../../notifications/samples';
import { postJson, WebhookError } from '../../notifications/webhook';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { exitCodes, type Context } from '../context';
import { printJson } from '../json';

interface TestOptions extends JsonOption {
  readonly send?: boolean;
}

/** What came of a message that was sent. */
interface Sent {
  readonly channel: Channel['name'];
  readonly host: string;
  readonly arrived: boolean;
  /** What came back, as a sentence. */
  readonly answer: string;
}

export const addNotify: AddCommand = (root, context, end) => {
  const notify = root.command('notify').description('show and try the notifications');
  notify
    .command('test')
    .description(
      'show which messages would go to whom, with this environment; nothing is sent without --send',
    )
    .option('--send', 'send one test message to each channel and show what came back')
    .option('--json', jsonHelp)
    .action(async ({ send, json }: TestOptions) => {
      const { channels } = context.config.notifications;
      const sent = send ? await Promise.all(channels.map((channel) => sendTest(channel, context))) : null;
      if (json) printJson(context.print, { ...documentOf(context), sent });
      else for (const line of [...render(context), ...renderSent(sent)]) context.print(line);
      if (sent?.some(({ arrived }) => !arrived)) end(exitCodes.failed);
    });
};

function samplesOf({ config, now }: Context): Sample[] {
  const at = now();
  return samples({
    gameDate: addDays(newYorkDate(at), -1),
    taskQueue: identityOf(config.datasetPrefix).taskQueue,
    neededBy: config.notifications.neededBy,
    at: at.toISOString(),
  });
}

function documentOf(context: Context): object {
  const { notifications } = context.config;
  const { channels, heartbeatUrl, neededBy } = notifications;
  return {
    channels: channels.map(({ name, address }) => ({ name, host: hostOf(address) })),
    ...{ heartbeat: heartbeatUrl === null ? null : hostOf(heartbeatUrl), needed_by: neededBy },
    messages: samplesOf(context).map(({ notification, wakes }) => ({
      ...{ kind: notification.kind, wakes, next_command: nextCommand(notification) },
      ...Object.fromEntries(
        channels.map(({ name }) => [
          name,
          messageOf(name, notification, linksOf(notification, linkSettings(context))),
        ]),
      ),
    })),
  };
}

function render(context: Context): string[] {
  const { channels, heartbeatUrl, neededBy } = context.config.notifications;
  const told = ['the log', ...channels.map(({ name, address }) => `${name} at ${hostOf(address)}`)];
  return [
    `receivers  ${told.join(', ')}`,
    `heartbeat  ${heartbeatUrl === null ? 'none (PHASE3_HEARTBEAT_URL)' : `${hostOf(heartbeatUrl)}, pinged while every due date is settled`}`,
    `needed by  ${neededBy === null ? 'not set, so nobody is paged (PHASE3_NEEDED_BY)' : `${neededBy} New York time`}`,
    ...samplesOf(context).flatMap(({ notification, wakes }) => [
      '',
      `${notification.kind}${wakes === null ? '' : ` (${wakes})`}`,
      `  ${headline(notification)}`,
      `  ${notification.summary}`,
      `  next: ${nextCommand(notification)}`,
    ]),
  ];
}

function renderSent(sent: readonly Sent[] | null): string[] {
  if (sent === null) return [];
  if (sent.length === 0)
    return ['', 'Nothing was sent: no channel is configured (PHASE3_WEBHOOK_URL, PHASE3_JSON_WEBHOOK_URL).'];
  return [
    '',
    ...sent.map(({ channel, arrived, answer }) => `${arrived ? '✅' : '❌'} ${channel}: ${answer}`),
    'The heartbeat was not pinged: that would silence a real alarm.',
  ];
}

/** A message that nothing follows and that wakes nobody. */
async function sendTest({ name, address }: Channel, context: Context): Promise<Sent> {
  const at = context.now();
  const notification: Notification = {
    ...{ notificationId: `test/${randomUUID()}`, kind: 'decided', state: 'unchanged' },
    subject: addDays(newYorkDate(at), -1),
    summary: `A test message of \`phase3 notify test --send\` by ${context.config.user}. Nothing has happened.`,
    ...{ since: at.toISOString(), workflowId: null, runId: null },
    ...(context.config.notifications.neededBy === null ? {} : { severity: 'notice' }),
    next: 'phase3 status',
  };
  const host = hostOf(address);
  try {
    const links = linksOf(notification, linkSettings(context));
    const status = await postJson(address, messageOf(name, notification, links));
    return { channel: name, host, arrived: true, answer: `${host} answered ${status}.` };
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return { channel: name, host, arrived: false, answer: error.message };
  }
}

function linkSettings({ config: { notifications } }: Context): LinkSettings {
  return { ...notifications, namespace: configuredTemporal()?.namespace ?? 'default' };
}

/** Whoever knows the rest may post. */
function hostOf(address: string): string {
  return new URL(address).host;
}
