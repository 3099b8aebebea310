/** Whoever asks is not to be counted as answered before there is an answer, and gives up nothing by itself. */
import { ServiceError } from '@temporalio/client';
import { Askers } from '../../scripts/flood/askers';
import type { Phase3Client } from '../../src/client';
import type { DateOutlook } from '../../src/contracts/date-state';
import type { DateReply, TriggerMessage } from '../../src/contracts/messages';

type Client = Pick<Phase3Client, 'sendTogether' | 'lastOf' | 'outlook'>;

const messageOf = (requestId: string): TriggerMessage => ({ requestId, kind: 'trigger', source: 'rows' });

function answerTo(requestId: string, fields: Partial<DateReply> = {}): DateReply {
  return { requestId, gameDate: '2017-04-15', state: 'published', summary: '', outcomes: {}, ...fields };
}

function outlookOf(answers: DateReply[], pending: string[] = []): DateOutlook {
  const rest = {
    gameDate: '2017-04-15',
    runState: 'published' as const,
    levels: [],
    results: {},
    gate: null,
  };
  const seen = pending.map((requestId) => ({ requestId, isSeen: true }));
  return { ...rest, deadline: null, open: [], running: [], pending: seen, answers };
}

/** A client of a run that takes everything and is over once it is asked; `overrides` say what it does otherwise. */
function clientOf(overrides: Partial<Client>): { client: Client; sent: string[][] } {
  const sent: string[][] = [];
  const client: Client = {
    sendTogether: async (gameDate, messages) => {
      sent.push(messages.map(({ requestId }) => requestId));
      return (await overrides.sendTogether?.(gameDate, messages)) ?? { workflowId: 'w', runId: 'r' };
    },
    lastOf: overrides.lastOf ?? (async () => ({ workflowId: 'w', runId: 'r', isOpen: false })),
    outlook: overrides.outlook ?? (async (_run, ids) => outlookOf(ids.map((id) => answerTo(id)))),
  };
  return { client, sent };
}

/** What the rows say, by their names. */
function rowsOf(askers: Askers): Record<string, number | null> {
  return Object.fromEntries(askers.rows(0).map(({ name, value }) => [name, value]));
}

const lost = 'requests lost: without an answer at the end';

async function ask(client: Client, ids: readonly string[], rounds: number): Promise<Askers> {
  const askers = new Askers(client, '2017-04-15', 2);
  await askers.send(ids.map(messageOf));
  let left = rounds;
  await askers.settle(async () => (left -= 1) >= 0);
  return askers;
}

it('repeated ids are one asker, and go together in signals', async () => {
  const { client, sent } = clientOf({});
  const askers = await ask(client, ['a', 'b', 'a'], 1);
  expect(sent).toEqual([['a', 'b'], ['a']]);
  expect(rowsOf(askers)).toMatchObject({ requests: 2, 'requests answered': 2, [lost]: 0 });
});

it('what the server refuses is sent again under its id, and counted', async () => {
  let isFull = true;
  const { client, sent } = clientOf({
    sendTogether: async () => {
      if (!isFull) return { workflowId: 'w', runId: 'r' };
      isFull = false;
      throw new ServiceError('limit', { cause: Object.assign(new Error('limit'), { details: 'too many' }) });
    },
  });
  const askers = await ask(client, ['a'], 10);
  expect(sent).toEqual([['a'], ['a']]);
  expect(rowsOf(askers)).toMatchObject({ 'messages refused by the server': 1, [lost]: 0 });
  expect([...askers.refusals]).toEqual([['too many', 1]]);
});

it('what a run has ended without is sent again', async () => {
  let asked = 0;
  const { client, sent } = clientOf({
    outlook: async () => outlookOf((asked += 1) === 1 ? [answerTo('b')] : [answerTo('a')]),
  });
  expect(rowsOf(await ask(client, ['a', 'b'], 3))).toMatchObject({ 'messages sent again': 1, [lost]: 0 });
  expect(sent).toEqual([['a', 'b'], ['a']]);
});

it('what is pending is waited for, and lost when the time is over', async () => {
  const { client, sent } = clientOf({
    lastOf: async () => ({ workflowId: 'w', runId: 'r', isOpen: true }),
    outlook: async () => outlookOf([], ['a']),
  });
  expect(rowsOf(await ask(client, ['a'], 3))).toMatchObject({ 'messages sent again': 0, [lost]: 1 });
  expect(sent).toEqual([['a']]);
});

it('a failure is an answer that counts as one', async () => {
  const { client } = clientOf({ outlook: async () => outlookOf([answerTo('a', { state: 'failed' })]) });
  expect(rowsOf(await ask(client, ['a'], 1))).toMatchObject({
    'requests answered with a failure': 1,
    [lost]: 0,
  });
});
