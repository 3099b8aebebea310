/** What a notification says: as a Slack message, and as the fields of a log line. Pure. */
import type { Notification } from '../contracts/notifications';
import { visibleLine } from '../contracts/visible-text';
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

/** Flat, so that every log store can search by each of them. */
export interface LogFields extends Notification {
  readonly runUrl: string | null;
  readonly runbook: string;
}

/** Characters that Slack takes: https://docs.slack.dev/reference/block-kit/blocks. A longer text refuses the whole message. */
const limits = { header: 150, section: 3000, field: 2000 } as const;

const cutMark = ' … (cut)';

export function linksOf(notification: Notification, settings: LinkSettings): Links {
  const { workflowId, runId } = notification;
  const { temporalUi, runbook } = settings;
  const path = [
    ['namespaces', settings.namespace],
    ['workflows', workflowId],
    [runId, 'history'],
  ];
  return {
    run: temporalUi === null ? null : [temporalUi, ...path.flat().map(encodeURIComponent)].join('/'),
    runbook: `${runbook}#${runbookAnchor(notification)}`,
  };
}

/** What it is about, in a few words. */
export function headline({ kind, subject, state }: Notification): string {
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
  }
}

export function slackMessage(notification: Notification, links: Links): SlackMessage {
  const { kind, subject, state, since } = notification;
  const head = headline(notification);
  // Slack refuses an empty text, and with it the message.
  const summary = notification.summary.trim() || head;
  const isRange = kind === 'backfill_in_trouble';
  return {
    text: fit(`${head}. ${summary}`, limits.section),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: fit(head, limits.header) } },
      { type: 'section', text: markup(fit(summary, limits.section)) },
      {
        type: 'section',
        fields: [
          field(isRange ? 'Game dates' : 'Game date', subject),
          field('State', state),
          field(kind === 'decided' ? 'Decided at' : 'In trouble since', instant(since)),
        ],
      },
      {
        type: 'context',
        elements: [
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
  return { ...notification, runUrl: links.run, runbook: links.runbook };
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
