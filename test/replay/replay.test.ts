/** Recorded histories replay for ever: a change of command order needs `patched()` and a new recording. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const folder = join(__dirname, 'histories');
const recorded = readdirSync(folder).filter((name) => name.endsWith('.json'));
const bundle = { workflowBundle: { codePath: process.env['PHASE3_TEST_BUNDLE'] ?? '' } };

function read(name: string): { workflowId: string; history: { events: Record<string, unknown>[] } } {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as ReturnType<typeof read>;
}

test.each([
  ...['published', 'waited', 'upstream-failed', 'backfill', 'asked-in-task', 'nightly'],
  ...[
    'bypassed',
    'extended',
    'cancelled',
    'notified',
    'abandoned',
    'continued',
    'again-after-failure',
    'interrupted',
    'joined-while-waiting',
    'found-unchanged',
    'dates-of-run',
    'dates-of-run-over',
    'went-on',
    'cancelled-by-temporal',
    'lingered',
  ],
])('a history is kept of a run that is called %s', (scenario) => {
  expect(recorded.some((name) => name.includes(`.${scenario}.`))).toBe(true);
});

test.each(recorded)('%s replays', async (name) => {
  const { workflowId, history } = read(name);
  await Worker.runReplayHistory(bundle, historyFromJSON(history), workflowId);
});

test('a run whose requests joined a pass that was open for hours, before that had a limit, replays', async () => {
  const name = recorded.find((candidate) => candidate.includes('.joined-while-waiting.')) ?? '';
  const { workflowId, history } = read(name);
  // The pass opens with the first workflow task, here two hours earlier. A workflow's clock never goes back.
  const opening = history.events.findIndex((event) => 'workflowTaskStartedEventAttributes' in event);
  for (const event of history.events.slice(0, opening + 1)) {
    const at = Date.parse(String(event['eventTime']));
    event['eventTime'] = new Date(at - 2 * 3_600_000).toISOString();
  }
  await Worker.runReplayHistory(bundle, historyFromJSON(history), workflowId);
});

test('a history whose players ran before the teams does not replay', async () => {
  const name = recorded.find((candidate) => candidate.includes('.published.')) ?? '';
  const { workflowId, history } = read(name);
  const broken = JSON.stringify(history)
    .replaceAll('buildTeamOffenseGameSummary', 'swapped')
    .replaceAll('buildPlayerGameSummary', 'buildTeamOffenseGameSummary')
    .replaceAll('swapped', 'buildPlayerGameSummary');
  await expect(
    Worker.runReplayHistory(bundle, historyFromJSON(JSON.parse(broken)), workflowId),
  ).rejects.toThrow(/[Nn]ondeterminism/);
});
