/** Recorded histories replay: what changes the order of commands shows here before it meets an open run. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { replaySettings } from '../support/replay-settings';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const folder = join(__dirname, 'histories');
const recorded = readdirSync(folder).filter((name) => name.endsWith('.json'));

function read(name: string): { workflowId: string; history: { events: Record<string, unknown>[] } } {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as ReturnType<typeof read>;
}

const scenarios = [
  ...['published', 'waited', 'upstream-failed', 'found-unchanged', 'joined-while-waiting', 'interrupted'],
  ...['again-after-failure', 'bypassed', 'restored', 'extended', 'cancelled', 'cancelled-by-temporal'],
  ...['went-on', 'abandoned', 'notified', 'continued', 'lingered'],
  ...['dates-of-run', 'dates-of-run-over', 'shared', 'shared-with-one-alone', 'nightly'],
];

test('a history is kept of each scenario', () => {
  const kept = recorded.map((name) => name.split('.')[1]);
  expect(kept.sort()).toEqual([...scenarios].sort());
});

describe('of all of them, replayed by one worker,', () => {
  const errors: unknown[] = [];

  beforeAll(async () => {
    const histories = recorded.map((name) => {
      const { workflowId, history } = read(name);
      return { workflowId, history: historyFromJSON(history) };
    });
    for await (const { error } of Worker.runReplayHistories(replaySettings(), histories)) errors.push(error);
    expect(errors).toHaveLength(recorded.length);
  });

  test.each(recorded)('%s replays', (name) => {
    expect(errors[recorded.indexOf(name)]).toBeUndefined();
  });
});

test('a history whose players ran before the teams does not replay', async () => {
  const name = recorded.find((candidate) => candidate.includes('.published.')) ?? '';
  const { workflowId, history } = read(name);
  const broken = JSON.stringify(history)
    .replaceAll('buildTeamOffenseGameSummary', 'swapped')
    .replaceAll('buildPlayerGameSummary', 'buildTeamOffenseGameSummary')
    .replaceAll('swapped', 'buildPlayerGameSummary');
  await expect(
    Worker.runReplayHistory(replaySettings(), historyFromJSON(JSON.parse(broken)), workflowId),
  ).rejects.toThrow(/[Nn]ondeterminism/);
});
