import type { Notification, NotificationKind } from '../../src/contracts/notifications';
import {
  headline,
  jsonMessage,
  linksOf,
  logFields,
  slackMessage,
  type JsonMessage,
  type Links,
  type LinkSettings,
  type SlackMessage,
} from '../../src/notifications/render';
import { allKinds, allStates, notification } from './notification';

const settings: LinkSettings = {
  temporalUi: 'http://127.0.0.1:8233',
  namespace: 'default',
  runbook: 'https://example.com/runbook.md',
};
const links: Links = { run: 'https://ui/run', runbook: 'https://example.com/runbook.md#blocked' };

/** The texts of a message, by where they stand; throws when a part is not what it should be. */
function textsOf(message: SlackMessage): {
  header: string;
  summary: string;
  fields: string[];
  next: string;
  context: string[];
} {
  const [header, summary, fields, next, context] = message.blocks;
  if (
    header?.type !== 'header' ||
    summary?.type !== 'section' ||
    !('text' in summary) ||
    fields?.type !== 'section' ||
    !('fields' in fields) ||
    next?.type !== 'section' ||
    !('text' in next) ||
    context?.type !== 'context' ||
    message.blocks.length !== 5
  )
    throw new Error(`not header, sentence, fields, command and links: ${JSON.stringify(message.blocks)}`);
  return {
    header: header.text.text,
    summary: summary.text.text,
    fields: fields.fields.map(({ text }) => text),
    next: next.text.text,
    context: context.elements.map(({ text }) => text),
  };
}

const render = (fields: Partial<Notification> = {}): SlackMessage =>
  slackMessage(notification(fields), linksOf(notification(fields), settings));

describe('a Slack message', () => {
  it('says date, state and sentence, since when, and where to go on', () => {
    expect(render()).toEqual({
      text: '❌ 2026-02-03: blocked. still missing at the deadline: nbac_team_boxscore 0 of at least 2 rows',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: '❌ 2026-02-03: blocked' } },
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            verbatim: true,
            text: 'still missing at the deadline: nbac_team_boxscore 0 of at least 2 rows',
          },
        },
        {
          type: 'section',
          fields: [
            { type: 'mrkdwn', verbatim: true, text: '*Game date*\n2026-02-03' },
            { type: 'mrkdwn', verbatim: true, text: '*State*\nblocked' },
            { type: 'mrkdwn', verbatim: true, text: '*In trouble since*\n2026-02-04 06:31 UTC' },
          ],
        },
        {
          type: 'section',
          text: { type: 'mrkdwn', verbatim: true, text: '*Next*\nphase3 why 2026-02-03' },
        },
        {
          type: 'context',
          elements: [
            {
              type: 'mrkdwn',
              verbatim: true,
              text: '<http://127.0.0.1:8233/namespaces/default/workflows/phase3%2F2026-02-03/0198c1f2-7d1e-7c55-a1b2-000000000001/history|The run in the Temporal UI>',
            },
            {
              type: 'mrkdwn',
              verbatim: true,
              text: '<https://example.com/runbook.md#blocked|Runbook>',
            },
          ],
        },
      ],
    });
  });

  const headlines: Readonly<Record<NotificationKind, (state: Notification['state']) => string>> = {
    trouble: (state) => `❌ 2026-02-03: ${state}`,
    still_in_trouble: (state) => `⏳ 2026-02-03: still ${state}`,
    recovered: (state) => `✅ 2026-02-03: recovered, ${state}`,
    decided: (state) => `✋ 2026-02-03: decided, ${state}`,
    backfill_in_trouble: (state) => `❌ Backfill of 2026-02-03: ${state}`,
    not_as_published: () => '❌ 2026-02-03: not as published',
    as_published_again: () => '✅ 2026-02-03: as published again',
    late: (state) => `⏰ 2026-02-03: late, ${state}`,
    late_over: (state) => `✅ 2026-02-03: no longer late, ${state}`,
    recalled: () => '📣 2026-02-03: published figures were replaced',
    worker_gone: () => '❌ No worker on 2026-02-03',
    worker_back: () => '✅ A worker is back on 2026-02-03',
  };

  const subjects: Readonly<Partial<Record<NotificationKind, string>>> = {
    ...{ backfill_in_trouble: 'Game dates', worker_gone: 'Task queue', worker_back: 'Task queue' },
  };
  const instants: Readonly<Partial<Record<NotificationKind, string>>> = {
    ...{ decided: 'Decided at', recalled: 'Replaced at', late: 'Needed at', late_over: 'Needed at' },
    ...{ worker_gone: 'Gone since', worker_back: 'Gone since' },
  };

  it.each(allKinds.flatMap((kind) => allStates.map((state) => [kind, state] as const)))(
    'of %s, %s has all of its parts, none of them empty',
    (kind, state) => {
      const message = render({ kind, state });
      const { header, summary, fields, next, context } = textsOf(message);
      expect(next).toMatch(/^\*Next\*\nphase3 [a-z]+/);
      expect(header).toBe(headlines[kind](state));
      expect(message.text).toBe(`${header}. ${summary}`);
      expect(summary).toBe(notification().summary);
      expect(fields).toEqual([
        `*${subjects[kind] ?? 'Game date'}*\n2026-02-03`,
        `*State*\n${state}`,
        `*${instants[kind] ?? 'In trouble since'}*\n2026-02-04 06:31 UTC`,
      ]);
      expect(context).toHaveLength(2);
      expect(context[1]).toMatch(/^<https:\/\/example\.com\/runbook\.md#[a-z-]+\|Runbook>$/);
    },
  );

  // Slack refuses a message with an empty text, and then nobody hears of the date.
  it.each(['', ' \n '])('whose summary is %j says its headline twice', (summary) => {
    expect(textsOf(render({ summary })).summary).toBe('❌ 2026-02-03: blocked');
  });

  it('shows an instant that is none as it is', () => {
    expect(textsOf(render({ since: 'yesterday' })).fields[2]).toBe('*In trouble since*\nyesterday');
  });
});

describe('whom it wakes', () => {
  it('is said where somebody has said when rows are needed: a page calls the channel', () => {
    const { header, fields, context } = textsOf(render({ severity: 'page' }));
    expect(header).toBe('🚨 ❌ 2026-02-03: blocked');
    expect(fields[3]).toBe('*Severity*\npage');
    expect(context[0]).toBe('<!channel>');
  });

  it('is nobody for a notice', () => {
    const { header, fields, context } = textsOf(render({ severity: 'notice' }));
    expect([header, fields[3]]).toEqual(['❌ 2026-02-03: blocked', '*Severity*\nnotice']);
    expect(context.join()).not.toContain('<!channel>');
  });
});

describe('JSON', () => {
  const render = (fields: Partial<Notification> = {}): JsonMessage =>
    jsonMessage(notification(fields), linksOf(notification(fields), settings));

  it('has what a receiver routes and deduplicates by', () => {
    expect(render({ severity: 'page' })).toEqual({
      version: 1,
      notification_id: 'phase3/2026-02-03/run-1/trouble/1',
      incident: 'phase3/2026-02-03/run',
      ...{ kind: 'trouble', transition: 'begins', severity: 'page' },
      ...{ subject: '2026-02-03', game_date: '2026-02-03', state: 'blocked' },
      headline: '🚨 ❌ 2026-02-03: blocked',
      summary: 'still missing at the deadline: nbac_team_boxscore 0 of at least 2 rows',
      since: '2026-02-04T06:31:22.417Z',
      next_command: 'phase3 why 2026-02-03',
      runbook: 'https://example.com/runbook.md#blocked',
      run_url:
        'http://127.0.0.1:8233/namespaces/default/workflows/phase3%2F2026-02-03/0198c1f2-7d1e-7c55-a1b2-000000000001/history',
      workflow_id: 'phase3/2026-02-03',
      run_id: '0198c1f2-7d1e-7c55-a1b2-000000000001',
    });
  });

  it.each([
    ['trouble', 'still_in_trouble', 'recovered'],
    ['not_as_published', 'as_published_again'],
    ['late', 'late_over'],
    ['worker_gone', 'worker_back'],
  ] as const)('%s opens an incident, and %s is of the same', (...kinds) => {
    const news = kinds.map((kind) => render({ kind }));
    expect(new Set(news.map(({ incident }) => incident)).size).toBe(1);
    expect([news[0]?.transition, news.at(-1)?.transition]).toEqual(['begins', 'ends']);
  });

  it('opens none for what nothing follows, and names no date where there is none', () => {
    expect(render({ kind: 'decided' })).toMatchObject({
      incident: 'phase3/2026-02-03/run-1/trouble/1',
      transition: 'happened',
    });
    expect(render({ kind: 'backfill_in_trouble', subject: '2017-04-15 to 2017-04-16' })).toMatchObject({
      game_date: null,
      next_command: 'phase3 list --blocked --failed --from 2017-04-15 --to 2017-04-16',
    });
    expect(render({ workflowId: null, runId: null }).run_url).toBeNull();
  });
});

describe('escaping', () => {
  const hostile = 'a & b <!channel> <@U1> <https://evil.example|here> &amp;';
  const escaped = 'a &amp; b &lt;!channel&gt; &lt;@U1&gt; &lt;https://evil.example|here&gt; &amp;amp;';

  it('leaves Slack nothing to interpret, wherever a text comes from', () => {
    const message = render({ summary: hostile, subject: hostile, since: hostile });
    const { header, summary, fields } = textsOf(message);
    expect(summary).toBe(escaped);
    expect(header).toBe(`❌ ${escaped}: blocked`);
    expect(fields).toEqual([`*Game date*\n${escaped}`, '*State*\nblocked', `*In trouble since*\n${escaped}`]);
    expect(message.text).toBe(`❌ ${escaped}: blocked. ${escaped}`);
  });

  it('shows what is not seen, and leaves a sentence one line', () => {
    const { summary } = textsOf(render({ summary: 'a\u202eb\n\u001bc' }));
    expect(summary).toBe('a\\u202eb \\u001bc');
  });

  it('keeps an address one address', () => {
    const run = 'https://ui/a?x=1&y=2|3>4';
    const { context } = textsOf(slackMessage(notification(), { ...links, run }));
    expect(context[0]).toBe('<https://ui/a?x=1&amp;y=2%7C3&gt;4|The run in the Temporal UI>');
  });
});

describe("Slack's limits", () => {
  const cut = ' … (cut)';

  it.each([
    ['ascii', 'x'.repeat(10_000)],
    ['what is escaped', '&<>'.repeat(4_000)],
    ['pairs of code units', '🏀'.repeat(5_000)],
  ])('are kept visibly by a text of %s', (_what, long) => {
    const message = render({ summary: long, subject: long, since: long });
    const { header, summary, fields } = textsOf(message);
    for (const [text, limit] of [
      [message.text, 3000],
      [header, 150],
      [summary, 3000],
      [fields[0]!, 2000],
      [fields[2]!, 2000],
    ] as const) {
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(text.length).toBeGreaterThan(limit - 12);
      expect(text.endsWith(cut)).toBe(true);
      // Neither half of an entity nor half of a character is left.
      expect(text.slice(0, -cut.length)).not.toMatch(/&[a-z]*$|[\uD800-\uDBFF]$/);
    }
  });

  it('cut nothing that just fits', () => {
    const summary = `${'x'.repeat(2999)}&`;
    expect(textsOf(render({ summary: summary.slice(5) })).summary).toBe(`${'x'.repeat(2994)}&amp;`);
    expect(textsOf(render({ summary: 'x'.repeat(3000) })).summary).toBe('x'.repeat(3000));
    expect(textsOf(render({ summary: 'x'.repeat(3001) })).summary).toBe(`${'x'.repeat(2992)}${cut}`);
  });
});

describe('links', () => {
  it('take the ids for parts of a path, whatever is in them', () => {
    const odd = notification({ workflowId: 'phase3-a b/2026-02-03?#', runId: 'r/1' });
    expect(
      linksOf(odd, { ...settings, namespace: 'ns/1', temporalUi: 'https://ui.example/temporal' }).run,
    ).toBe(
      'https://ui.example/temporal/namespaces/ns%2F1/workflows/phase3-a%20b%2F2026-02-03%3F%23/r%2F1/history',
    );
  });

  it('lead to no run where there is no UI', () => {
    const found = linksOf(notification(), { ...settings, temporalUi: null });
    expect(found).toEqual({ run: null, runbook: 'https://example.com/runbook.md#blocked' });
    expect(textsOf(slackMessage(notification(), found)).context).toEqual([
      '<https://example.com/runbook.md#blocked|Runbook>',
    ]);
  });

  it('are no links where the runbook is a path: Slack would show the markup', () => {
    const found = linksOf(notification(), { ...settings, runbook: 'docs/runbook.md' });
    expect(textsOf(slackMessage(notification(), found)).context[1]).toBe('Runbook: docs/runbook.md#blocked');
  });
});

describe('log fields', () => {
  it('are the notification and its links, flat', () => {
    const given = notification();
    const fields = logFields(given, links);
    expect(fields).toEqual({
      ...{ ...given, next: 'phase3 why 2026-02-03' },
      ...{ runUrl: 'https://ui/run', runbook: links.runbook },
    });
    for (const value of Object.values(fields)) expect(['string', 'object']).toContain(typeof value);
    expect(Object.values(fields).filter((value) => typeof value === 'object' && value !== null)).toEqual([]);
  });

  it('are neither cut nor escaped: that is for Slack', () => {
    const summary = `<${'x'.repeat(5000)}>`;
    expect(logFields(notification({ summary }), { run: null, runbook: 'r' })).toMatchObject({
      summary,
      runUrl: null,
    });
    expect(headline(notification({ subject: '<&>' }))).toBe('❌ <&>: blocked');
  });
});
