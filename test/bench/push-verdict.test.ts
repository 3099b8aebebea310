/** Answers to pushes, written by hand: which of them were meant. */
import {
  countsOf,
  unmeantAnswers,
  waitedMs,
  type AnsweredPush,
  type DateFacts,
} from '../../scripts/bench/push-verdict';

const late = '2025-01-15';
const early = '2025-01-16';
const facts = new Map<string, DateFacts>([
  [late, { landedAt: 30_000, publishedAt: 31_000 }],
  [early, { landedAt: -Infinity, publishedAt: 2_000 }],
]);

function answer(given: Partial<AnsweredPush>): AnsweredPush {
  const sentAt = given.sentAt ?? 10_000;
  return {
    messageId: '1',
    gameDate: late,
    attempt: 1,
    dueAt: sentAt,
    sentAt,
    answeredAt: sentAt + 100,
    httpStatus: 200,
    status: 'unchanged',
    missing: [],
    message: '',
    ...given,
  };
}

function notReady(given: Partial<AnsweredPush>): AnsweredPush {
  return answer({
    httpStatus: 500,
    status: 'dependency_not_ready',
    missing: ['nbac_team_boxscore'],
    ...given,
  });
}

test.each([
  ['200 completed', answer({ status: 'completed' })],
  ['202 running', answer({ httpStatus: 202, status: 'running' })],
  ['not ready before the rows have landed, however late it is said', notReady({ answeredAt: 40_000 })],
  [
    'not ready for want of the teams, until the date is published',
    notReady({ sentAt: 30_500, missing: ['team_offense_game_summary'] }),
  ],
  [
    'the same of a date whose rows were there',
    notReady({ gameDate: early, sentAt: 1_900, missing: ['team_offense_game_summary'] }),
  ],
])('meant: %s', (_, one) => {
  expect(unmeantAnswers([one], facts)).toEqual([]);
});

test.each([
  ['500 of another kind', answer({ httpStatus: 500, status: 'failed' })],
  ['503', answer({ httpStatus: 503, status: 'unavailable' })],
  ['429', answer({ httpStatus: 429, status: 'too_many_requests' })],
  ['a broken connection', answer({ httpStatus: null, status: 'ECONNRESET' })],
  ['200 blocked, long before the deadline', answer({ status: 'blocked' })],
  ['not ready when the rows have landed', notReady({ sentAt: 30_000 })],
  ['not ready where they were there from the beginning', notReady({ gameDate: early })],
  [
    'not ready for want of the teams when they are published',
    notReady({ sentAt: 31_000, missing: ['team_offense_game_summary'] }),
  ],
  [
    'a raw table among what is missing',
    notReady({ sentAt: 30_500, missing: ['team_offense_game_summary', 'nbac_team_boxscore'] }),
  ],
  ['a date that was never published', notReady({ gameDate: '2025-01-17' })],
])('not meant: %s', (_, one) => {
  expect(unmeantAnswers([one], facts)).toEqual([one]);
});

test('what meets the same message under way gets the answer of what was so then', () => {
  const first = notReady({ sentAt: 29_900, answeredAt: 30_200 });
  const joined = notReady({ sentAt: 30_100, answeredAt: 30_200 });
  expect(unmeantAnswers([first, joined], facts)).toEqual([]);
  const after = notReady({ sentAt: 30_300, answeredAt: 30_400 });
  const other = notReady({ ...joined, messageId: '2' });
  expect(unmeantAnswers([first, after, other], facts)).toEqual([after, other]);
});

test('answers are counted by HTTP status and word', () => {
  const answers = [notReady({}), answer({}), answer({}), answer({ httpStatus: null, status: 'ECONNRESET' })];
  expect([...countsOf(answers)]).toEqual([
    ['200 unchanged', 2],
    ['500 dependency_not_ready', 1],
    ['no answer: ECONNRESET', 1],
  ]);
});

test('the wait begins when a push was due, and not when it was sent', () => {
  expect(waitedMs(answer({ dueAt: 9_000, sentAt: 10_000, answeredAt: 10_050 }))).toBe(1_050);
});
