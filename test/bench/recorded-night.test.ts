/** A night is played again from its history, and all at once without its checks. */
import { defaultPayloadConverter } from '@temporalio/common';
import { stepsOf } from '../../scripts/bench/floor/levels-part';
import { answersOf, recordedNight } from '../../scripts/bench/floor/recorded-night';
import type { History } from '../../scripts/bench/system';

const payloads = (value: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(value)] });

/** Activities in this order, one after another, each given and answering its name and number. */
function historyOf(names: readonly string[]): History {
  const events = names.flatMap((name, index) => [
    {
      eventId: 2 * index + 1,
      activityTaskScheduledEventAttributes: { activityType: { name }, input: payloads({ given: index }) },
    },
    {
      eventId: 2 * index + 2,
      activityTaskCompletedEventAttributes: {
        scheduledEventId: 2 * index + 1,
        result: payloads(`${name} ${index}`),
      },
    },
  ]);
  return { events } as unknown as History;
}

const builds = ['buildOffense', 'buildDefense'];
const night = ['openPass', 'checkDependencies', ...builds, 'checkDependencies', 'buildPlayers', 'recordPass'];

it('an activity that is asked twice has both answers, in order', () => {
  const recorded = recordedNight(historyOf(night), 'run');
  expect(answersOf(recorded)).toMatchObject({
    openPass: ['openPass 0'],
    checkDependencies: ['checkDependencies 1', 'checkDependencies 4'],
  });
});

it('all at once is the frame of the night with its builds side by side, forced', () => {
  const steps = stepsOf(recordedNight(historyOf(night), 'run'));
  expect(steps.map((step) => step.map(({ name }) => name))).toEqual([
    ['openPass'],
    [...builds, 'buildPlayers'],
    ['recordPass'],
  ]);
  expect(steps[1]?.[2]?.argument).toEqual({ given: 5, forced: expect.any(String) });
});

it('where nothing else opens the night, its first check is a part of the frame', () => {
  const steps = stepsOf(recordedNight(historyOf(night.slice(1)), 'run'));
  expect(steps.map((step) => step.length)).toEqual([1, 3, 1]);
  expect(steps[0]).toEqual([{ name: 'checkDependencies', argument: { given: 0 } }]);
});

it('a night that cannot be played again is refused', () => {
  const history = historyOf(['openPass']);
  history.events?.pop();
  expect(() => recordedNight(history, 'run')).toThrow('openPass of a night has no answer.');
});
