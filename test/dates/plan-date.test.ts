/** How each table of a date stands before anything runs, and what a run would do of it. */
import type { RunHistoryRow } from '../../src/tables/orchestration';
import { unbuilt } from '../../src/contracts/code-identity';
import type { PlannedDate, PlannedNode } from '../../src/contracts/date-plan';
import type { Outcome } from '../../src/contracts/phase3';
import { planDate, type PlanOptions } from '../../src/dates/plan-date';
import { processors } from '../../src/plan/registry';
import type { Processor } from '../../src/processors/define-processor';
import { eachRow } from '../../src/processors/define-rule';
import {
  change,
  defense,
  drop,
  gameDate,
  goodNight,
  ofGame,
  offense,
  player,
  policyAfter,
  published,
  resultOf,
  withRows,
  type Night,
} from '../support/fixtures';

const night = goodNight(5);
const whole = published(night, offense, defense, player);

function pass(outcomes: Readonly<Record<string, Outcome>>, state = 'published'): RunHistoryRow {
  const results = Object.entries(outcomes).map(([name, outcome]) => [name, resultOf(name, { outcome })]);
  return {
    ...{
      game_date: gameDate,
      run_id: 'r',
      pass: 1,
      state,
      processors: JSON.stringify(Object.fromEntries(results)),
    },
    ...{ started_at: '2025-01-16T08:00:00.000Z', ended_at: '2025-01-16T08:00:03.000Z', requests: '[]' },
  } as RunHistoryRow;
}

function plan(
  snapshot: Night,
  { history = [], ...options }: Partial<PlanOptions> & { history?: readonly RunHistoryRow[] } = {},
): PlannedDate {
  return planDate(
    { snapshot, history, isOpen: false },
    { processors, asked: null, policy: policyAfter(1), build: unbuilt, ...options },
  );
}

function standing(date: PlannedDate): Record<string, string> {
  return Object.fromEntries(
    date.nodes.map(({ processor, state, because, action }) => [
      processor,
      [state, because, action].filter(Boolean).join(' '),
    ]),
  );
}

const all = (words: string): Record<string, string> => ({
  [offense]: words,
  [defense]: words,
  [player]: words,
});
const nodeOf = ({ nodes }: PlannedDate, name: string): PlannedNode =>
  nodes.find(({ processor }) => processor === name)!;

/** The turnovers of one team's row, of which no other source knows. */
const moved = (from: Night): Night => {
  const [row] = from.rows.nbac_team_boxscore;
  return change(from, 'nbac_team_boxscore', (one) => one === row, { turnovers: 12 });
};

/** All processors, with another version of the offence: what it becomes when somebody corrects a formula. */
function withNewOffence(): readonly Processor[] {
  const known = processors.find(({ name }) => name === offense)!;
  const newer: Processor = { ...known, version: '99.0.0' };
  return processors.map((one): Processor => {
    if (one === known) return newer;
    const upstreams = Object.entries(one.upstreams).map(([alias, upstream]) => [
      alias,
      upstream === known ? newer : upstream,
    ]);
    return { ...one, upstreams: Object.fromEntries(upstreams) as Processor['upstreams'] };
  });
}

test('what is loaded and was never run would be built, all of it', () => {
  const date = plan(night);
  expect(standing(date)).toEqual(all('not_run build'));
  expect(date).toMatchObject({ game_date: gameDate, games: 5, open: false });
  for (const { fingerprint, version } of date.nodes) {
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(version).toBeNull();
  }
});

test('what is live and current is kept, by the word of the last run', () => {
  expect(standing(plan(whole))).toEqual(all('published keep'));
  const history = [pass({ [offense]: 'unchanged', [defense]: 'published', [player]: 'unchanged' })];
  expect(standing(plan(whole, { history }))).toEqual({
    [offense]: 'unchanged keep',
    [defense]: 'published keep',
    [player]: 'unchanged keep',
  });
});

test('inputs that moved make the teams stale, and the players by their upstream', () => {
  expect(standing(plan(moved(whole)))).toEqual({
    [offense]: 'stale inputs build',
    [defense]: 'stale inputs build',
    [player]: 'stale upstream build',
  });
});

test('a new version of a processor makes it stale by the code, and what stands on it by the upstream', () => {
  expect(standing(plan(whole, { processors: withNewOffence() }))).toEqual({
    [offense]: 'stale code build',
    [defense]: 'published keep',
    [player]: 'stale upstream build',
  });
});

test('an upstream that was published alone leaves the players stale by it', () => {
  const rebuilt = published(moved(whole), offense, defense);
  expect(standing(plan(rebuilt))).toEqual({
    [offense]: 'published keep',
    [defense]: 'published keep',
    [player]: 'stale upstream build',
  });
});

test('rows that somebody changed are stale by themselves', () => {
  const [row] = whole.rows.player_game_summary;
  const altered = change(whole, 'player_game_summary', (one) => one === row, { points: 99 });
  expect(standing(plan(altered))[player]).toBe('stale rows build');
});

test('without their inputs tables are missing, and nothing of them would be run', () => {
  const date = plan(drop(night, 'nbac_gamebook_player_stats'));
  expect(standing(date)[player]).toBe('missing wait');
  expect(nodeOf(date, player)).toMatchObject({ fingerprint: null, version: null });
  expect(nodeOf(date, player).reason).toContain('missing nbac_gamebook_player_stats');
  // What has its inputs is built all the same.
  expect(standing(date)[offense]).toBe('not_run build');
});

test('a live version stays where its inputs have gone, and that is said', () => {
  const gone = drop(night, 'nbac_team_boxscore');
  const rows = withRows(whole, 'nbac_team_boxscore', gone.rows.nbac_team_boxscore);
  const date = plan(withRows(rows, 'nbac_gamebook_player_stats', []));
  expect(nodeOf(date, offense)).toMatchObject({ action: 'wait', state: 'missing', version: 1 });
  expect(nodeOf(date, offense).reason).toContain('version 1 stays');
});

test('a date that is published without a game is partial, and the game is named', () => {
  const without = drop(night, 'nbac_gamebook_player_stats', ofGame(0));
  const date = plan(published(without, offense, defense, player));
  expect(standing(date)[player]).toBe('partial keep');
  expect(nodeOf(date, player).lacking).toHaveLength(1);
});

test.each<[Outcome, string]>([
  ['failed', 'failed build'],
  ['upstream_failed', 'failed build'],
  ['quarantined', 'quarantined build'],
  ['blocked', 'not_run build'],
])('what was %s at the last run, and could be built now, is %s', (outcome, words) => {
  const history = [pass({ [player]: outcome }, outcome)];
  expect(standing(plan(night, { history }))[player]).toBe(words);
});

test('what a check would refuse again is not run again', () => {
  const known = processors.find(({ name }) => name === player)!;
  const refusing: Processor = {
    ...known,
    rules: [...known.rules, eachRow('never', true, () => 'refused by the test')],
  };
  const date = plan(night, { processors: processors.map((one) => (one === known ? refusing : one)) });
  expect(standing(date)[player]).toBe('quarantined wait');
});

test('a bug in the code of one processor is a verdict on that one', () => {
  const known = processors.find(({ name }) => name === player)!;
  const broken: Processor = {
    ...known,
    judge: () => {
      throw new TypeError('the test broke it');
    },
  };
  const date = plan(night, { processors: processors.map((one) => (one === known ? broken : one)) });
  expect(standing(date)).toEqual({ ...all('not_run build'), [player]: 'failed wait' });
  expect(nodeOf(date, player).reason).toContain('the test broke it');
});

test('a date without games has nothing to build', () => {
  const empty: Night = { ...goodNight(0), isCalendarKnown: true };
  expect(standing(plan(empty))).toEqual(all('no_games keep'));
});

test('a cancelled date is left to the person who cancelled it', () => {
  const history = [pass({ [offense]: 'blocked' }, 'cancelled')];
  const date = plan(night, { history });
  expect(standing(date)).toEqual(all('not_run wait'));
  expect(nodeOf(date, player)).toMatchObject({ fingerprint: null });
  expect(nodeOf(date, player).reason).toContain('cancelled by a person');
});

describe('with --processors', () => {
  test('what is named is planned, and the published downstream of it', () => {
    expect(standing(plan(night, { asked: [offense] }))).toEqual({ [offense]: 'not_run build' });
    expect(standing(plan(moved(whole), { asked: [offense] }))).toEqual({
      [offense]: 'stale inputs build',
      [player]: 'stale upstream build',
    });
  });

  test('an upstream that is not up to date is taken in, one that is not is left alone', () => {
    expect(standing(plan(moved(whole), { asked: [player] }))).toMatchObject({
      [offense]: 'stale inputs build',
      [player]: 'stale upstream build',
    });
    expect(standing(plan(whole, { asked: [player] }))).toEqual({ [player]: 'published keep' });
    expect(standing(plan(night, { asked: [player] }))).toEqual({ [player]: 'missing wait' });
  });
});

test('the raw tables are named by what they hold, and not by when it came', () => {
  const again = change(night, 'nbac_team_boxscore', () => true, { processed_at: '2025-02-01T08:00:00.000Z' });
  expect(plan(again).raw).toEqual(plan(night).raw);
  expect(plan(moved(night)).raw).not.toEqual(plan(night).raw);
});
