/** Wrong results fail, whatever they cost; and histories are counted as they are. */
import {
  answerMsIn,
  asksIn,
  historyFigures,
  keptBytes,
  requireAnswer,
  requireExported,
  requireOnce,
  requireRows,
} from '../../scripts/bench/checks';
import { percentile } from '../../scripts/bench/report';
import type { History, PushAnswer } from '../../scripts/bench/system';

const date = '2024-10-22';
const [offense, defense, player] = [
  'TeamOffenseGameSummaryProcessor',
  'TeamDefenseGameSummaryProcessor',
  'PlayerGameSummaryProcessor',
];
const published: PushAnswer = {
  httpStatus: 200,
  status: 'completed',
  ms: 1,
  retryAfter: null,
  workflowId: 'w',
  runId: 'r',
  rows: new Map([
    [offense, 4],
    [defense, 4],
    [player, 68],
  ]),
};
const expected = { teams: 4, players: 68 };
const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'];
const manifests = tables.map((table) => JSON.stringify({ game_date: date, table_name: table, version: 1 }));

test('kept raw rows are counted as they are stored, and none may be there twice', () => {
  const entry = (hash: string, content: string) =>
    JSON.stringify({ game_date: date, table_name: 'nbac_team_boxscore', input_hash: hash, content });
  expect(keptBytes([entry('a', 'H4sI'), entry('b', 'H4sIAA')])).toBe(10);
  expect(() => keptBytes([entry('a', 'H4sI'), entry('a', 'H4sI')])).toThrow(
    'nbac_team_boxscore a are kept twice',
  );
});

test('right results pass', () => {
  requireAnswer(date, published, 200, 'completed');
  requireRows(date, published, expected);
  requireOnce(manifests, [date]);
  requireExported(['a', 'b'], 'player_game_summary', 2);
});

test.each<[string, () => void, string]>([
  [
    'an answer of another kind',
    () => requireAnswer(date, { ...published, status: 'unchanged' }, 200, 'completed'),
    'A push of 2024-10-22 was answered 200 unchanged, expected 200 completed.',
  ],
  [
    'no answer',
    () => requireAnswer(date, { ...published, httpStatus: null, status: 'reset' }, 200, 'completed'),
    'was answered not at all, reset, expected 200 completed.',
  ],
  [
    'rows that are missing',
    () => requireRows(date, { ...published, rows: new Map([...published.rows, [player, 67]]) }, expected),
    'PlayerGameSummaryProcessor of 2024-10-22 has 67 rows, expected 68.',
  ],
  [
    'a processor that is missing',
    () => requireRows(date, { ...published, rows: new Map() }, expected),
    'TeamOffenseGameSummaryProcessor of 2024-10-22 has no rows, expected 4.',
  ],
  [
    'a table that was published twice',
    () => requireOnce([...manifests, manifests[1] ?? ''], [date]),
    'team_defense_game_summary of 2024-10-22 was published 2 times, expected once.',
  ],
  [
    'a table that was never published',
    () => requireOnce(manifests.slice(0, 2), [date]),
    'player_game_summary of 2024-10-22 was published 0 times, expected once.',
  ],
  ['rows of a season', () => requireExported(['a'], 'player_game_summary', 2), 'holds 1 rows, expected 2.'],
])('%s fails', (_, check, sentence) => {
  expect(check).toThrow(sentence);
});

describe('a history', () => {
  /** Events in order, each `at` ms after the run's start. */
  function history(...events: readonly (readonly [number, Readonly<Record<string, unknown>>])[]): History {
    return {
      events: events.map(([at, attributes], index) => ({
        eventId: index + 1,
        eventTime: { seconds: 1_700_000_000, nanos: at * 1_000_000 },
        ...attributes,
      })),
    } as unknown as History;
  }
  const started = { workflowExecutionStartedEventAttributes: {} };
  const task = { workflowTaskCompletedEventAttributes: {} };
  const signal = { workflowExecutionSignaledEventAttributes: {} };
  const scheduled = (name: string) => ({ activityTaskScheduledEventAttributes: { activityType: { name } } });
  const completed = (scheduledEventId: number) => ({
    activityTaskCompletedEventAttributes: { scheduledEventId },
  });
  const waiting = [
    [0, started],
    [2, task],
    [5, scheduled('checkDependencies')],
    [30, completed(3)],
    [100, signal],
    [104, task],
  ] as const;

  test('is counted by events, activities and workflow tasks', () => {
    const figures = historyFigures([history(...waiting)], (counts) => percentile(counts, 0.5));
    expect(figures.map(({ value }) => value)).toEqual([6, 1, 2]);
  });

  test('has no answer while the check that a message causes has not ended', () => {
    expect(asksIn(history(...waiting))).toBe(1);
    expect(answerMsIn(history([0, started]))).toBeNull();
    expect(answerMsIn(history(...waiting))).toBeNull();
    expect(answerMsIn(history(...waiting, [110, scheduled('checkDependencies')]))).toBeNull();
  });

  test('tells how long a message waits for the end of its check, whatever else ends before', () => {
    const answered = history(
      ...waiting,
      [110, scheduled('askPublished')],
      [112, scheduled('checkDependencies')],
      [120, completed(7)],
      [142, completed(8)],
    );
    expect(answerMsIn(answered)).toBeCloseTo(42, 3);
  });
});
