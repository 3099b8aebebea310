/** How a backfill stands, in a word: by what Temporal says of it and what it says of itself. */
import type { BackfillProgress, BackfillView, Steered } from '../../src/contracts/backfill';
import { stateOfBackfill } from '../../src/explain/backfill-view';

const decision: Steered = {
  ...{
    steerId: 's',
    what: 'pause',
    by: 'ana',
    reason: 'why',
    at: '2026-11-29T08:00:00.000Z',
    summary: 'Paused',
  },
};
const goesOn: BackfillProgress = {
  ...{ next: '2017-04-16', asked: {}, replies: {}, total: 2, concurrency: 1 },
  ...{ paused: null, cancelled: null, decisions: [] },
};
const reply = { state: 'published', summary: '' } as const;
const done = { ...goesOn, next: null, replies: { '2017-04-15': reply, '2017-04-16': reply } };

test.each<[status: BackfillView['status'], progress: BackfillProgress | null, state: string]>([
  ['RUNNING', goesOn, 'running'],
  ['RUNNING', { ...goesOn, paused: decision }, 'paused'],
  ['RUNNING', { ...goesOn, cancelled: decision }, 'cancelled'],
  ['RUNNING', null, 'unknown'],
  ['COMPLETED', done, 'done'],
  ['COMPLETED', { ...done, paused: decision }, 'done'],
  ['COMPLETED', { ...goesOn, cancelled: decision }, 'cancelled'],
  // A list asks none that has ended, so that nobody knows which of the two it is.
  ['COMPLETED', null, 'completed'],
  ['TERMINATED', null, 'terminated'],
  ['TERMINATED', goesOn, 'terminated'],
])('%s, saying %j: %s', (status, progress, state) => {
  expect(stateOfBackfill({ status, progress } as BackfillView)).toBe(state);
});
