/** Decisions about a backfill: what is refused, what is taken once, and how little is handed to the next run. */
import type { BackfillProgress, SteerRequest } from '../../src/contracts/backfill';
import { isBackfillDone } from '../../src/contracts/backfill';
import { addDays } from '../../src/contracts/game-date';
import { refuseSteer, standingOf, steer } from '../../src/explain/steering';
import { carriedProgress, describeBackfill } from '../../src/workflows/steer-backfill';

const at = '2026-11-29T08:00:00.000Z';
const later = '2026-11-29T09:00:00.000Z';

function progress(more: Partial<BackfillProgress> = {}): BackfillProgress {
  return {
    ...{ next: '2017-04-18', asked: { '2017-04-17': at }, total: 10, concurrency: 4 },
    replies: { '2017-04-15': { state: 'published', summary: '2017-04-15 published' } },
    ...{ paused: null, cancelled: null, decisions: [] },
    ...more,
  };
}

const request = (what: SteerRequest['what'], more: Partial<SteerRequest> = {}): SteerRequest => ({
  ...{ steerId: `${what}-1`, what, by: 'ana@example.org', reason: 'the warehouse is slow' },
  ...more,
});

test('who pauses, resumes, slows or ends it is kept, with why, and it does so', () => {
  const one = progress();
  expect(steer(one, request('pause'), at)).toMatchObject({ by: 'ana@example.org', at });
  expect(one.paused).toMatchObject({ reason: 'the warehouse is slow' });
  expect(refuseSteer(one, request('pause', { steerId: 'another' }))).toContain('paused by ana@example.org');
  steer(one, request('set', { concurrency: 1 }), at);
  expect(one.concurrency).toBe(1);
  steer(one, request('resume'), later);
  expect(one.paused).toBeNull();
  expect(refuseSteer(one, request('resume', { steerId: 'another' }))).toBe('it is not paused');
  steer(one, request('cancel'), later);
  expect(isBackfillDone(one)).toBe(false);
  expect(refuseSteer(one, request('set', { steerId: 'late', concurrency: 2 }))).toContain('cancelled by ana');
  delete one.asked['2017-04-17'];
  expect(isBackfillDone(one)).toBe(true);
  expect(one.decisions.map(({ what }) => what)).toEqual(['pause', 'set', 'resume', 'cancel']);
});

test('a decision that is sent again is answered again, and done once', () => {
  const one = progress();
  const first = steer(one, request('cancel'), at);
  expect(refuseSteer(one, request('cancel'))).toBeNull();
  expect(steer(one, request('cancel'), later)).toBe(first);
  expect(one.decisions).toHaveLength(1);
});

test('what decides nothing is refused', () => {
  expect(refuseSteer(progress(), request('set'))).toBe('it names no number of dates');
  const replies = Object.fromEntries(
    Array.from({ length: 10 }, (_, day) => [
      addDays('2017-04-15', day),
      { state: 'published' as const, summary: '' },
    ]),
  );
  expect(refuseSteer(progress({ replies, asked: {} }), request('pause'))).toBe('it has ended');
});

test('ten thousand dates are handed on within the bound of the server, those in trouble with their sentence', () => {
  // Without a bound, those in trouble alone would be two megabytes.
  const summary = 'x'.repeat(600);
  const replies = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, day) => [
      addDays('1990-01-01', day),
      { state: day % 3 === 0 ? ('failed' as const) : ('published' as const), summary },
    ]),
  );
  const carried = carriedProgress(progress({ replies, total: 12_000 }));
  expect(JSON.stringify(carried).length).toBeLessThan(1_500_000);
  expect(Object.keys(carried.replies)).toHaveLength(10_000);
  expect(carried.replies['1990-01-01']).toEqual({ state: 'failed', summary });
  expect(carried.replies['1990-01-02']).toEqual({ state: 'published', summary: '' });
});

test('the Temporal UI shows how far it is, who decided what, and what can be typed', () => {
  const one = progress();
  expect(describeBackfill(one, 'phase3-backfill/a/b/c')).toContain(
    '`phase3 backfill pause phase3-backfill/a/b/c',
  );
  steer(one, request('pause', { reason: 'a **bold** reason of mine' }), at);
  const text = describeBackfill(one, 'phase3-backfill/a/b/c');
  expect(text).toContain('paused: 1 of 10 dates are done, 4 at once');
  expect(text).toContain('under way: 2017-04-17');
  expect(text).toContain('`phase3 backfill resume phase3-backfill/a/b/c');
  expect(text).not.toContain('**bold**');
});

test('paused when its last dates were under way, it is done once these are', () => {
  const one = progress({ next: null, total: 2 });
  steer(one, request('pause'), at);
  expect(standingOf(one)).toBe('paused');
  one.replies['2017-04-17'] = { state: 'published', summary: '2017-04-17 published' };
  one.asked = {};
  expect(standingOf(one)).toBe('done');
});
