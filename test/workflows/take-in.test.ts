/** A batch of what came to a date, sorted: new, known, tried again, refused, without room. */
import type { DateReply } from '../../src/contracts/messages';
import type { DateMemory } from '../../src/contracts/date-state';
import { mostPending, takeIn, type Arrival } from '../../src/workflows/take-in';
import { after, asks, messageOf } from '../support/date-events';
import { gameDate, offense, player } from '../support/fixtures';

const known = messageOf();
const fresh = messageOf({ requestId: 'r2' });
const trigger = (given: unknown): Arrival => ({ kind: 'trigger', given });
const answered = (reply: Partial<DateReply> = {}): DateMemory =>
  after([
    {
      type: 'answered',
      answers: [{ requestId: 'r1', gameDate, state: 'failed', summary: 's', outcomes: {}, ...reply }],
    },
  ]);
const ids = (messages: readonly { requestId: string }[]): string[] =>
  messages.map(({ requestId }) => requestId);

it('takes each of several messages by itself, and refuses a signal of none', () => {
  const nonsense = { ...fresh, requestId: 'r3', kind: 'nonsense' };
  const recheck: Arrival = { kind: 'recheck', given: { requestId: 'k1', by: 'ana' } };
  const batch = [...[fresh, known, nonsense, fresh, undefined].map(trigger), recheck];
  const taken = takeIn(after([asks(known)]), batch);
  expect(ids(taken.fresh)).toEqual(['r2']);
  expect(taken).toMatchObject({ again: ['r1', 'r2'], rechecks: [{ by: 'ana' }], leftOut: 0, triedAgain: [] });
  expect(taken.refused).toEqual([
    { requestId: 'r3', why: expect.stringContaining('kind') as string },
    { requestId: null, why: expect.stringContaining('The message is missing') as string },
  ]);
});

it('refuses under no id what was asked properly under it', () => {
  const bad = [messageOf({ kind: 'restore' }), { ...fresh, kind: 'rerun' }];
  const { refused } = takeIn(after([asks(known)]), bad.map(trigger));
  expect(refused.map(({ requestId }) => requestId)).toEqual([null, 'r2']);
  expect(takeIn(answered(), [trigger({ ...known, kind: 7 })]).refused[0]?.requestId).toBeNull();
});

it.each<[string, Partial<DateReply>, boolean]>([
  ['failed', { outcomes: { [offense]: 'failed' } }, true],
  ['failed for an upstream', { outcomes: { [offense]: 'published', [player]: 'upstream_failed' } }, true],
  ['not opened', { wasNotOpened: true }, true],
  ['refused', {}, false],
  ['published', { outcomes: { [offense]: 'published' } }, false],
  ['blocked', { outcomes: { [offense]: 'failed', [player]: 'blocked' } }, false],
])('a request that was %s and is sent again', (_, reply, isTriedAgain) => {
  const taken = takeIn(answered(reply), [trigger(known), trigger(known)]);
  expect(taken).toMatchObject({
    triedAgain: isTriedAgain ? ['r1'] : [],
    fresh: isTriedAgain ? [known] : [],
    again: isTriedAgain ? ['r1'] : ['r1', 'r1'],
  });
  // A backfill that asks again has only not heard: it is answered again, and nothing is tried.
  const backfill = messageOf({ kind: 'backfill', replyTo: 'phase3-backfill/1' });
  const asked = takeIn(answered(reply), [trigger(backfill)]);
  expect(asked).toMatchObject({ fresh: [], triedAgain: [], again: ['r1'] });
  expect(asked.replies).toMatchObject([
    { replyTo: 'phase3-backfill/1', answer: { requestId: 'r1', ...reply } },
  ]);
});

it('joins a request that is pending, though it was answered as failed in this pass: it goes on', () => {
  const again = after([asks(known)], answered({ outcomes: { [offense]: 'failed' } }));
  expect(takeIn(again, [trigger(known)])).toMatchObject({ fresh: [], again: ['r1'] });
});

it('leaves out what there is no room for, and takes what is known all the same', () => {
  const large = (index: number): Arrival => trigger(messageOf({ requestId: `${index}-${'x'.repeat(180)}` }));
  const batch = Array.from({ length: 3_000 }, (_, index) => large(index));
  const taken = takeIn(after([asks(known)]), [...batch, trigger(known)]);
  const size = JSON.stringify(taken.fresh).length;
  expect(taken.leftOut + taken.fresh.length).toBe(3_000);
  expect(size).toBeGreaterThan(0.98 * mostPending);
  expect(size).toBeLessThan(1.02 * mostPending);
  expect(taken.again).toEqual(['r1']);
  // What is left out is not known: sent again, it is new.
  const full = after([asks(known), asks(...taken.fresh)]);
  expect(takeIn(full, [large(2_999)])).toMatchObject({ fresh: [], again: [], leftOut: 1 });
});

it('counts bytes, and what the audit is owed for a decision', () => {
  const reason = '原始行已更正，请重新计算'.repeat(80);
  const rerun = (index: number): Arrival =>
    trigger(messageOf({ requestId: `rerun-${index}`, kind: 'rerun', by: 'ana', reason }));
  const { fresh, leftOut } = takeIn(
    after([asks(known)]),
    Array.from({ length: 3_000 }, (_, index) => rerun(index)),
  );
  expect(fresh.length + leftOut).toBe(3_000);
  const memory = after([asks(known), asks(...fresh)]);
  const bytes = Buffer.byteLength(
    JSON.stringify([memory.pending.map(({ message }) => message), memory.auditDue]),
  );
  expect(bytes).toBeGreaterThan(0.95 * mostPending);
  expect(bytes).toBeLessThan(1.02 * mostPending);
  expect(takeIn(memory, [rerun(3_000)])).toMatchObject({ fresh: [], leftOut: 1 });
});
