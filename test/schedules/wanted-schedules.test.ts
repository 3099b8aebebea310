/** What the code wants on the server: the times, and the choices that keep a date from being lost. */
import { identityOf } from '../../src/contracts/identity';
import { optionsOf, wantedSchedules } from '../../src/schedules/wanted-schedules';

const all = wantedSchedules(identityOf(null), { everyMs: 300_000 });
const live = all.filter(({ when }) => when.kind === 'daily');

it('every night at 06:30 for all that is known of it, at 10:30 and 14:00 for what is not complete', () => {
  const at = (hour: number, minute: number): object => ({
    ...{ kind: 'daily', hour, minute, timezone: 'America/New_York' },
  });
  expect(live.map(({ scheduleId, when, input }) => [scheduleId, when, input])).toEqual([
    ['phase3-nightly-0630', at(6, 30), [{ schedule: 'phase3-nightly-0630', ask: 'all' }]],
    ['phase3-nightly-1030', at(10, 30), [{ schedule: 'phase3-nightly-1030', ask: 'incomplete' }]],
    ['phase3-nightly-1400', at(14, 0), [{ schedule: 'phase3-nightly-1400', ask: 'incomplete' }]],
  ]);
});

it('by the clocks of New York, in winter as in summer: a wall-clock time and a zone, and no offset', () => {
  for (const wanted of live)
    expect(optionsOf(wanted).spec).toEqual({
      calendars: [{ hour: expect.any(Number), minute: expect.any(Number) }],
      timezone: 'America/New_York',
      jitter: 0,
    });
});

it('at no time that a change of the clocks leaves out or has twice', () => {
  for (const { when } of live) expect(when.kind === 'daily' ? when.hour : 0).toBeGreaterThanOrEqual(3);
});

it('so that no launch is left out, put off or followed by a pause', () => {
  for (const wanted of live)
    expect(optionsOf(wanted).policies).toEqual({
      overlap: 'ALLOW_ALL',
      catchupWindow: 3 * 24 * 60 * 60 * 1000,
      pauseOnFailure: false,
    });
});

// A prefix that spells what another name is made of is the one that could collide.
it('on a queue and under ids that no other deployment has', () => {
  const deployments = [null, 'shadow', 'sentinel', 'nightly', 'nightly_0630', 'phase3', 'x'].map((prefix) =>
    wantedSchedules(identityOf(prefix), { everyMs: 300_000 }),
  );
  const ids = deployments.flat().map(({ scheduleId }) => scheduleId);
  expect(new Set(ids).size).toBe(4 * deployments.length);
  expect(deployments[1]?.map(({ scheduleId, taskQueue }) => [scheduleId, taskQueue])[0]).toEqual([
    'phase3-shadow-nightly-0630',
    'phase3-shadow',
  ]);
});

it('sweeps of the sentinel by an interval, one at a time, none made up for; none where it is off', () => {
  const [sentinel] = all.filter(({ when }) => when.kind === 'every');
  expect(sentinel).toMatchObject({ scheduleId: 'phase3-sentinel', workflowType: 'sentinelWorkflow' });
  expect(optionsOf(sentinel!)).toMatchObject({
    spec: { intervals: [{ every: 300_000 }] },
    policies: { overlap: 'BUFFER_ONE', catchupWindow: 10_000 },
    action: { args: [] },
  });
  const withoutIt = wantedSchedules(identityOf(null), { everyMs: 0 });
  expect(withoutIt.map(({ workflowType }) => workflowType)).toEqual(Array(3).fill('nightlyWorkflow'));
});
