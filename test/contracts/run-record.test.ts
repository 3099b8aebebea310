import type { Outcome, ProcessorName } from '../../src/contracts/phase3';
import { recordedDate, type PassRow } from '../../src/contracts/run-record';
import { defense, offense, player, resultOf } from '../support/fixtures';

function pass(at: number, state: string, came: Record<ProcessorName, Outcome>): PassRow {
  const results = Object.entries(came).map(([name, outcome]) => [name, resultOf(name, { outcome })]);
  return {
    run_id: 'run',
    pass: at,
    state,
    processors: JSON.stringify(Object.fromEntries(results)),
    ended_at: `2025-01-16T08:0${at}:00.000Z`,
  };
}

const failed = pass(1, 'failed', { [offense]: 'published', [defense]: 'failed', [player]: 'blocked' });

it('a date is what the newest results of all its processors make it, not what its newest pass did', () => {
  const recorded = recordedDate([pass(2, 'published', { [player]: 'published' }), failed]);
  expect(recorded?.state).toBe('failed');
  expect(recorded?.results.map(({ processor, outcome }) => [processor, outcome])).toEqual([
    [offense, 'published'],
    [defense, 'failed'],
    [player, 'published'],
  ]);
});

it.each(['cancelled', 'abandoned'])('a date that was %s is that, until it is run again', (state) => {
  const ended = pass(2, state, { [defense]: 'waiting' });
  expect(recordedDate([failed, ended])?.state).toBe(state);
  const mended = pass(3, 'published', { [defense]: 'published', [player]: 'published' });
  expect(recordedDate([failed, ended, mended])?.state).toBe('published');
});

it('an adoption is the answer only where there is no other', () => {
  const adoption = { ...pass(5, 'adopted', {}), run_id: 'adopt/1' };
  expect(recordedDate([adoption])?.state).toBe('adopted');
  expect(recordedDate([adoption, failed])?.state).toBe('failed');
  expect(recordedDate([])).toBeNull();
});

it('passes that end in one millisecond, or before a clock stepped back, are told apart by their numbers', () => {
  const [first, second] = [
    pass(1, 'failed', { [offense]: 'failed' }),
    pass(2, 'published', { [offense]: 'published' }),
  ];
  for (const ended_at of [first.ended_at, '2025-01-16T07:59:00.000Z']) {
    const again = { ...second, ended_at };
    for (const history of [
      [first, again],
      [again, first],
    ])
      expect(recordedDate(history)?.state).toBe('published');
  }
});
