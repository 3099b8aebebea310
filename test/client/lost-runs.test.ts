/** Runs that Temporal knows and the warehouse does not. */
import type { EndedRun } from '../../src/client/looks';
import { lostRuns } from '../../src/client/lost-runs';

const run = (runId: string, more: Partial<EndedRun> = {}): EndedRun => ({
  ...{ gameDate: '2017-04-15', runId, state: 'published', wentOn: false },
  since: `2017-04-16T0${runId.slice(1)}:00:00.000Z`,
  ...more,
});
const lost = (runs: EndedRun[], recorded: string[]): string[] =>
  lostRuns(
    runs,
    recorded.map((id) => ({ run_id: id })),
  ).map(({ runId }) => runId);

test.each<[string, EndedRun[], string[], string[]]>([
  ['is on record', [run('r1')], ['r1'], []],
  ['is not on record', [run('r1')], [], ['r1']],
  ['is the newest of the date and not on record', [run('r2'), run('r1')], ['r1'], ['r2']],
  ['is older than one that is on record', [run('r1'), run('r2')], ['r2'], []],
  ['has published nothing', [run('r1', { state: 'cancelled' })], [], []],
  ['is partial', [run('r1', { state: 'partial' })], [], ['r1']],
  ['has its passes in the run before it', [run('r2'), run('r1', { wentOn: true })], ['r1'], []],
  ['went on from a run that has none either', [run('r2'), run('r1', { wentOn: true })], [], ['r2']],
  ['is another than what went on', [run('r3'), run('r2'), run('r1', { wentOn: true })], ['r1'], ['r3']],
  ['goes on', [run('r1', { wentOn: true })], [], []],
])('a run that %s', (_, runs, recorded, expected) => {
  expect(lost(runs, recorded)).toEqual(expected);
});

test('are told apart by date, in order', () => {
  const runs = [run('r2', { gameDate: '2017-04-17' }), run('r1'), run('r3', { gameDate: '2017-04-16' })];
  expect(lost(runs, ['r3'])).toEqual(['r1', 'r2']);
});
