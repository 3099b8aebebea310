/** The judge of backfills: nothing of one that has come to its end, and each date that it owes an answer. */
import type { SteeredBackfill } from '../../scripts/chaos/backfills';
import { answeredDates, judgeBackfills, type BackfillEvidence } from '../../scripts/chaos/judge-backfills';
import type { BackfillProgress, Steered } from '../../src/contracts/backfill';
import { backfillRequestId } from '../../src/contracts/identity';

const workflowId = 'phase3-backfill/2018-01-01/2018-01-03/b-1';
const answer = { state: 'published', summary: 'published' } as const;

function steered(steerId: string, what: Steered['what']): Steered {
  return { steerId, what, by: 'desk', reason: 'because', at: '2018-01-09T00:00:00.000Z', summary: what };
}

const done: BackfillProgress = {
  ...{ next: null, asked: {}, total: 3, concurrency: 2, paused: null, cancelled: null },
  replies: { '2018-01-01': answer, '2018-01-02': answer, '2018-01-03': answer },
  decisions: [steered('s-1', 'pause')],
};
const decisions: SteeredBackfill[] = [{ steerId: 's-1', workflowId, what: 'pause', told: 'accepted' }];

function judge(
  changes: Partial<BackfillProgress> | null,
  { status = 'COMPLETED', decided = decisions, accepted = [workflowId] } = {},
): unknown[] {
  const progress = changes && { ...done, ...changes };
  const one: BackfillEvidence = { workflowId, from: '2018-01-01', to: '2018-01-03', status, progress };
  return judgeBackfills([one], accepted, decided).map(({ promise, gameDate }) => [promise, gameDate]);
}

test('one whose dates have all answered keeps its promises', () => {
  expect(judge({})).toEqual([]);
});

const { '2018-01-02': _, ...withoutSecond } = done.replies;

test.each(['COMPLETED', 'RUNNING', 'FAILED'])(
  'a date without an answer is found, where it is %s',
  (status) => {
    const promise = status === 'RUNNING' ? 'nothing stuck' : 'nothing lost';
    expect(judge({ replies: withoutSecond }, { status })).toEqual([[promise, '2018-01-02']]);
  },
);

test('of one that was cancelled, the dates that it had not asked are not missed', () => {
  const cancelled = steered('s-2', 'cancel');
  const decided = [...decisions, { steerId: 's-2', workflowId, what: 'cancel', told: 'unknown' as const }];
  const ended = { cancelled, decisions: [...done.decisions, cancelled] };
  const first = { '2018-01-01': answer };
  expect(judge({ ...ended, next: '2018-01-02', replies: first }, { decided })).toEqual([]);
  expect(judge({ ...ended, next: '2018-01-03', replies: first }, { decided })).toEqual([
    ['nothing lost', '2018-01-02'],
  ]);
});

test('one that goes on though all have answered, that says nothing, or that nobody knows', () => {
  expect(judge({}, { status: 'RUNNING' })).toEqual([['nothing stuck', null]]);
  expect(judge(null, { status: 'TERMINATED' })).toEqual([['nothing lost', null]]);
  expect(judge({}, { accepted: [workflowId, 'another', 'another'] })).toEqual([['nothing lost', null]]);
});

test('a decision is there once where it was accepted, not where it was refused, and never unasked', () => {
  const told = (how: SteeredBackfill['told']): SteeredBackfill[] =>
    decisions.map((one) => ({ ...one, told: how }));
  const odd = [['decisions', null]];
  expect(judge({ decisions: [] })).toEqual(odd);
  expect(judge({ decisions: [] }, { decided: told('unknown') })).toEqual([]);
  expect(judge({}, { decided: told('unknown') })).toEqual([]);
  expect(judge({}, { decided: told('refused') })).toEqual(odd);
  expect(judge({ decisions: [...done.decisions, ...done.decisions] })).toEqual(odd);
  expect(judge({}, { decided: [] })).toEqual(odd);
});

test('what it says was answered is to be on record by the id under which it has asked', () => {
  const evidence = {
    workflowId,
    from: '',
    to: '',
    status: 'COMPLETED',
    progress: { ...done, replies: withoutSecond },
  };
  expect(answeredDates([evidence])).toEqual(
    ['2018-01-01', '2018-01-03'].map((gameDate) => ({
      gameDate,
      requestId: backfillRequestId(workflowId, gameDate),
    })),
  );
});
