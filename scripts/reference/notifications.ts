/** The page of notifications: their kinds, and the JSON that is posted to a webhook, from the code that makes them. */
import type { NotificationKind } from '../../src/contracts/notifications';
import { nextCommand } from '../../src/notifications/next-command';
import { headline, jsonMessage, linksOf, type JsonMessage } from '../../src/notifications/render';
import { samples } from '../../src/notifications/samples';
import { code, madeFrom, page, table } from './markdown';

const when: Readonly<Record<NotificationKind, string>> = {
  trouble:
    'A date is blocked, quarantined, failed, disputed, questioned or abandoned, or a bypass has expired. Once.',
  still_in_trouble: 'It still is, after `PHASE3_DIGEST_AFTER_SECONDS`. Once.',
  recovered: 'It is over.',
  decided: 'A person has decided something about a date.',
  backfill_in_trouble: 'Dates of a backfill were not published. One message for all of them.',
  not_as_published: 'The sentinel found live rows that are not as they were published.',
  as_published_again: 'They are again.',
  late: 'A date is not settled at `PHASE3_NEEDED_BY`. Only if that is set. Once.',
  late_over: 'It is settled.',
  recalled:
    'A pass replaced published figures by others, or removed rows. Not for a first publication, for rows that only came in addition, for cells that were empty, and for dates that only a backfill asked for.',
  worker_gone: 'No worker has asked for work for `PHASE3_WORKER_GONE_AFTER_SECONDS`. Sent by the gateway.',
  worker_back: 'A worker asks again.',
};

const fields: Readonly<Record<keyof JsonMessage, string>> = {
  version: 'Of this format. Fields may be added to a version; none is removed or changed.',
  notification_id: 'The same on every retry: a receiver that has it can drop the echo.',
  incident:
    'The same for all notifications of one trouble of one date. Of what nothing follows, the `notification_id`.',
  kind: 'See above.',
  transition: '`begins`, `lasts` or `ends` a trouble; `happened` if nothing follows.',
  severity: '`page` or `notice`; null without `PHASE3_NEEDED_BY`.',
  subject: 'The game date, the range of a backfill, or the task queue without a worker.',
  game_date: 'The date, `YYYY-MM-DD`; null where it is about no single date.',
  state: 'State of the date, or `no_worker` and `worker_present`.',
  headline: 'A few words.',
  summary: 'A sentence, on one line.',
  since: 'When the trouble began, it was decided, or the rows were needed; ISO 8601, UTC.',
  next_command: 'The command to run next.',
  runbook: 'The paragraph of the runbook.',
  run_url: 'The run in the Temporal UI; null where there is none.',
  workflow_id: 'The workflow that says it; null where none does.',
  run_id: 'Its run.',
};

export function notificationsPage(): string {
  const all = samples({
    ...{ gameDate: '2026-02-03', taskQueue: 'phase3', neededBy: '09:00', at: '2026-02-04T14:00:00.000Z' },
  });
  const links = { temporalUi: 'https://temporal.example', namespace: 'default', runbook: 'docs/runbook.md' };
  const messages = all.map(({ notification, wakes }) => ({
    ...{ notification, wakes: wakes ?? '', json: jsonMessage(notification, linksOf(notification, links)) },
  }));
  const [first] = messages;
  return page(
    '# Notifications',
    madeFrom('[src/notifications](../../src/notifications/render.ts)'),
    'Where they go and how to set them up: [Notifications](../how-to/notifications.md). `phase3 notify test` shows them as your environment would send them.',
    '## Kinds',
    table(
      ['kind', 'sent when', 'transition', 'severity, with `PHASE3_NEEDED_BY=09:00`', 'next command'],
      messages.map(({ notification, wakes, json }) => [
        ...[code(notification.kind), when[notification.kind], json.transition],
        ...[wakes, code(nextCommand(notification))],
      ]),
    ),
    `In trouble, a date that waits for rows is a \`page\` if the rows are expected after they are needed: by the time at which nine in ten of the nights before had them. Where that is not known it is a \`notice\`, and \`late\` follows at the time itself. What does not repair itself (\`failed\`, \`upstream_failed\`, \`quarantined\`, \`abandoned\`) is a \`page\` at once. \`disputed\`, \`questioned\` and an expired bypass are \`notice\`s: rows are live. \`not_as_published\` is a \`page\` once the rows of its date are needed.`,
    '## JSON',
    'Posted to `PHASE3_JSON_WEBHOOK_URL` with `content-type: application/json`. Any answer of 2xx is taken for received; 408, 429, 5xx and silence are tried again, for some minutes.',
    table(
      ['field', 'meaning'],
      Object.entries(fields).map(([name, meaning]) => [code(name), meaning]),
    ),
    `\`\`\`json\n${JSON.stringify(first?.json ?? null, null, 2)}\n\`\`\``,
    '## Slack',
    `Posted to \`PHASE3_WEBHOOK_URL\` as [blocks](https://docs.slack.dev/reference/block-kit/blocks): headline, sentence, fields, next command, links. A \`page\` begins with 🚨 and mentions \`@channel\`: \`${first ? headline(first.notification) : ''}\`.`,
  );
}
