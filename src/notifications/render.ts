/** What a notification says: as a Slack message, as JSON for any receiver, and as the fields of a log line. Pure. */
import { isGameDate } from '../contracts/game-date';
import type { Notification, NotificationKind, Severity } from '../contracts/notifications';
import { visibleLine } from '../contracts/visible-text';
import { nextCommand } from './next-command';
import { runbookAnchor } from './runbook';

export interface LinkSettings {
  /** Address of the Temporal UI, without a slash at its end; null where there is none. */
  readonly temporalUi: string | null;
  readonly namespace: string;
  /** Address of the runbook, or its path in the repository. */
  readonly runbook: string;
}

export interface Links {
  /** The run in the Temporal UI; null where there is none. */
  readonly run: string | null;
  /** The paragraph of the runbook. */
  readonly runbook: string;
}

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
}

interface Markup {
  readonly type: 'mrkdwn';
  readonly text: string;
  /** Without it Slack makes links of what looks like an address, a channel or a person. */
  readonly verbatim: true;
}

export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: Markup }
  | { readonly type: 'section'; readonly fields: readonly Markup[] }
  | { readonly type: 'context'; readonly elements: readonly Markup[] };

/** Payload of an incoming webhook. `text` is what shows where blocks do not: on a locked screen, read aloud. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

/**
 * What a notification is of its trouble: it `begins`, `lasts` or `ends`; `happened` is news that nothing follows.
 */
export type Transition = 'begins' | 'lasts' | 'ends' | 'happened';

/** What is posted to a webhook that takes any JSON. Its names are promised: docs/reference/notifications.md. */
export interface JsonMessage {
  readonly version: 1;
  readonly notification_id: string;
  /** The same for all news of one trouble, so that a receiver can close what it has opened. */
  readonly incident: string;
  readonly kind: NotificationKind;
  readonly transition: Transition;
  readonly severity: Severity | null;
  readonly subject: string;
  /** Null where it is about no single date. */
  readonly game_date: string | null;
  readonly state: string;
  readonly headline: string;
  readonly summary: string;
  readonly since: string;
  readonly next_command: string;
  readonly runbook: string;
  readonly run_url: string | null;
  readonly workflow_id: string | null;
  readonly run_id: string | null;
}

/** Flat, so that every log store can search by each of them. */
export interface LogFields extends Notification {
  readonly next: string;
  readonly runUrl: string | null;
  readonly runbook: string;
}

/** Characters that Slack takes: https://docs.slack.dev/reference/block-kit/blocks. A longer text refuses the whole message. */
const limits = { header: 150, section: 3000, field: 2000 } as const;

const cutMark = ' … (cut)';

export function linksOf(notification: Notification, settings: LinkSettings): Links {
  const { workflowId, runId } = notification;
  const { temporalUi, runbook } = settings;
  const hasRun = temporalUi !== null && workflowId !== null && runId !== null;
  const path = ['namespaces', settings.namespace, 'workflows', workflowId ?? '', runId ?? '', 'history'];
  return {
    run: hasRun ? [temporalUi, ...path.map(encodeURIComponent)].join('/') : null,
    runbook: `${runbook}#${runbookAnchor(notification)}`,
  };
}

/** What it is about, in a few words. */
export function headline(notification: Notification): string {
  const text = headlineOf(notification);
  return notification.severity === 'page' ? `🚨 ${text}` : text;
}

function headlineOf({ kind, subject, state }: Notification): string {
  switch (kind) {
    case 'trouble':
      return `❌ ${subject}: ${state}`;
    case 'still_in_trouble':
      return `⏳ ${subject}: still ${state}`;
    case 'recovered':
      return `✅ ${subject}: recovered, ${state}`;
    case 'decided':
      return `✋ ${subject}: decided, ${state}`;
    case 'backfill_in_trouble':
      return `❌ Backfill of ${subject}: ${state}`;
    case 'not_as_published':
      return `❌ ${subject}: not as published`;
    case 'as_published_again':
      return `✅ ${subject}: as published again`;
    case 'late':
      return `⏰ ${subject}: late, ${state}`;
    case 'late_over':
      return `✅ ${subject}: no longer late, ${state}`;
    case 'recalled':
      return `📣 ${subject}: published figures were replaced`;
    case 'worker_gone':
      return `❌ No worker on ${subject}`;
    case 'worker_back':
      return `✅ A worker is back on ${subject}`;
  }
}

export function slackMessage(notification: Notification, links: Links): SlackMessage {
  const { subject, state, severity } = notification;
  const head = headline(notification);
  // Slack refuses an empty text, and with it the message.
  const summary = notification.summary.trim() || head;
  return {
    text: fit(`${head}. ${summary}`, limits.section),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: fit(head, limits.header) } },
      { type: 'section', text: markup(fit(summary, limits.section)) },
      {
        type: 'section',
        fields: [
          field(labelOf(notification), subject),
          field('State', state),
          field(sinceLabels[notification.kind] ?? 'In trouble since', instant(notification.since)),
          ...(severity === undefined ? [] : [field('Severity', severity)]),
        ],
      },
      { type: 'section', text: field('Next', nextCommand(notification)) },
      {
        type: 'context',
        elements: [
          ...(severity === 'page' ? [markup('<!channel>')] : []),
          ...(links.run === null ? [] : [markup(link(links.run, 'The run in the Temporal UI'))]),
          markup(
            isAddress(links.runbook) ? link(links.runbook, 'Runbook') : `Runbook: ${escape(links.runbook)}`,
          ),
        ],
      },
    ],
  };
}

export function logFields(notification: Notification, links: Links): LogFields {
  return { ...notification, next: nextCommand(notification), runUrl: links.run, runbook: links.runbook };
}

export function jsonMessage(notification: Notification, links: Links): JsonMessage {
  const { notificationId, kind, subject, state, since, severity, workflowId, runId } = notification;
  const { trouble, transition } = news[kind];
  const summary = visibleLine(notification.summary.trim());
  return {
    ...{ version: 1, notification_id: notificationId },
    incident: trouble === null ? notificationId : `phase3/${subject}/${trouble}`,
    ...{ kind, transition, severity: severity ?? null, subject },
    ...{ game_date: isGameDate(subject) ? subject : null, state },
    ...{ headline: visibleLine(headline(notification)), summary, since },
    next_command: nextCommand(notification),
    ...{ runbook: links.runbook, run_url: links.run, workflow_id: workflowId, run_id: runId },
  };
}

/** What each kind tells of which trouble; null where it is about none that ends. */
const news: Readonly<Record<NotificationKind, { trouble: string | null; transition: Transition }>> = {
  trouble: { trouble: 'run', transition: 'begins' },
  still_in_trouble: { trouble: 'run', transition: 'lasts' },
  recovered: { trouble: 'run', transition: 'ends' },
  not_as_published: { trouble: 'live', transition: 'begins' },
  as_published_again: { trouble: 'live', transition: 'ends' },
  late: { trouble: 'late', transition: 'begins' },
  late_over: { trouble: 'late', transition: 'ends' },
  worker_gone: { trouble: 'worker', transition: 'begins' },
  worker_back: { trouble: 'worker', transition: 'ends' },
  decided: { trouble: null, transition: 'happened' },
  backfill_in_trouble: { trouble: null, transition: 'happened' },
  recalled: { trouble: null, transition: 'happened' },
};

/** What `since` is the instant of, where it is not when the trouble began. */
const sinceLabels: Readonly<Partial<Record<NotificationKind, string>>> = {
  decided: 'Decided at',
  recalled: 'Replaced at',
  late: 'Needed at',
  late_over: 'Needed at',
  worker_gone: 'Gone since',
  worker_back: 'Gone since',
};

function labelOf({ kind }: Notification): string {
  if (kind === 'worker_gone' || kind === 'worker_back') return 'Task queue';
  return kind === 'backfill_in_trouble' ? 'Game dates' : 'Game date';
}

function markup(text: string): Markup {
  return { type: 'mrkdwn', text, verbatim: true };
}

function field(label: string, value: string): Markup {
  const head = `*${label}*\n`;
  return markup(head + fit(value, limits.field - head.length));
}

/** `|` would end the address, and the label would begin in the middle of it. */
function link(address: string, label: string): string {
  return `<${escape(address.replaceAll('|', '%7C'))}|${label}>`;
}

/** Slack makes a link of an address only; of a path it would show the markup. */
function isAddress(text: string): boolean {
  return /^https?:\/\//.test(text);
}

/** To the minute; nobody reads seconds. Anything else is shown as it is. */
function instant(text: string): string {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z$/.exec(text) ?? [];
  return day && time ? `${day} ${time} UTC` : text;
}

/** The three characters that Slack takes for its own: https://docs.slack.dev/messaging/formatting-message-text. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** One line, escaped and within the limit. What is cut says so, and neither an entity nor a character is cut in two. */
function fit(unsafe: string, limit: number): string {
  const text = visibleLine(unsafe);
  const whole = escape(text);
  if (whole.length <= limit) return whole;
  let kept = '';
  for (const character of text) {
    const next = kept + escape(character);
    if (next.length > limit - cutMark.length) break;
    kept = next;
  }
  return kept + cutMark;
}
