/** Which dates are due by the game calendar, how each stands, and which of them nobody waits for any more. */
import { dueDates, sayLate, summaryOf, type DueDate, type DueQuestion } from '../../src/dates/due-dates';
import type { GameStatus, GameVerdict, Outcome, ProcessorResult, RunState } from '../../src/contracts/phase3';
import type { ScheduleRow } from '../../src/sources/nbac-schedule/table';
import type { RunHistoryRow } from '../../src/tables/orchestration';

const today = '2026-02-05';
const now = '2026-02-05T15:00:00.000Z';
const yesterday = '2026-02-04';

function game(gameDate: string, fields: Partial<ScheduleRow> = {}): ScheduleRow {
  return {
    ...{ game_id: '0022500700', game_date: gameDate, game_status: 3, game_status_text: 'Final' },
    ...{ home_team_tricode: 'CLE', away_team_tricode: 'IND', processed_at: '2026-02-05T05:00:00.000Z' },
    ...fields,
  } as ScheduleRow;
}

function result(outcome: Outcome, fields: Partial<ProcessorResult> = {}): ProcessorResult {
  return {
    ...{ processor: 'Players', outcome, reason: '', version: 1, rowCount: 1 },
    ...{ missing: [], missingGames: [], warnings: [], policyBypass: null },
    ...fields,
  };
}

const lacking = (status: GameStatus, more: Partial<ProcessorResult> = {}): ProcessorResult =>
  result('published', {
    missingGames: [{ gameId: '20260204_IND_CLE', status, table: null, detail: '' }],
    ...more,
  });

function pass(gameDate: string, state: string, results: readonly ProcessorResult[] = []): RunHistoryRow {
  return {
    ...{ game_date: gameDate, run_id: 'r', pass: 1, state, ended_at: '2026-02-05T06:00:00.000Z' },
    processors: JSON.stringify(Object.fromEntries(results.map((one) => [one.processor, one]))),
  } as RunHistoryRow;
}

function judge(question: Partial<DueQuestion>): DueDate[] {
  return dueDates({
    ...{ calendar: [game(yesterday)], history: [], now, today, oldAfterDays: 2, neededBy: '09:00' },
    ...question,
  });
}

function standingOf(...history: RunHistoryRow[]): [string, boolean] | null {
  const [date] = judge({ history });
  return date ? [date.standing, date.isSettled] : null;
}

describe('how a date stands', () => {
  it.each<[string, RunState, readonly ProcessorResult[], string, boolean]>([
    ['published', 'published', [result('published')], 'settled', true],
    ['found unchanged', 'unchanged', [result('unchanged')], 'settled', true],
    ['cancelled by a person', 'cancelled', [result('blocked')], 'settled', true],
    ['bypassed by a person', 'partial', [lacking('missing', { bypassIds: ['b-1'] })], 'settled', true],
    ['published with a released game', 'published', [lacking('released')], 'settled', true],
    ['left without a discarded game', 'published', [lacking('discarded')], 'settled', true],
    [
      'pinned, although its inputs moved',
      'questioned',
      [
        result('unchanged', {
          pin: { requestId: 'r', by: 'ana', reason: 'x', at: now, version: 1, questioned: 'rows moved' },
        }),
      ],
      'settled',
      true,
    ],
    ['published without a game that may still come', 'partial', [lacking('missing')], 'partial', false],
    ['published without a held game', 'partial', [lacking('held')], 'held', false],
    ['contradicted by its sources', 'disputed', [lacking('disputed')], 'held', false],
    ['blocked', 'blocked', [result('blocked', { missing: ['nbac_team_boxscore'] })], 'blocked', false],
    ['failed', 'failed', [result('failed')], 'failed', false],
    ['quarantined', 'quarantined', [result('quarantined')], 'failed', false],
    ['abandoned', 'abandoned', [result('blocked')], 'failed', false],
    ['skipped before its games were listed', 'skipped', [result('skipped')], 'open', false],
  ])('%s', (_, state, results, standing, isSettled) => {
    expect(standingOf(pass(yesterday, state, results))).toEqual([standing, isSettled]);
  });

  it('never run, it is open; adopted, it is settled', () => {
    expect(standingOf()).toEqual(['open', false]);
    expect(standingOf({ ...pass(yesterday, 'adopted'), run_id: 'adoption/1' })).toEqual(['settled', true]);
    expect(standingOf({ ...pass(yesterday, 'refused'), run_id: 'adoption/1' })).toEqual(['open', false]);
  });

  it('by the two-day rule nobody waits for a missing game any more, but for a held one somebody has to decide', () => {
    const old = '2026-02-03';
    const standing = (status: GameStatus): unknown =>
      judge({ calendar: [game(old)], history: [pass(old, 'partial', [lacking(status)])] }).map(
        ({ standing: how, isSettled }) => [how, isSettled],
      );
    expect(standing('missing')).toEqual([['partial', true]]);
    expect(standing('held')).toEqual([['held', false]]);
  });

  it('a decision about one game settles no other; a bypass decides about no held game', () => {
    const released = lacking('held', { bypassIds: ['r-1'], decisions: { 'r-1': 'release' } });
    expect(standingOf(pass(yesterday, 'partial', [released]))).toEqual(['held', false]);
    const missing = lacking('missing', { bypassIds: ['r-1'], decisions: { 'r-1': 'release' } });
    expect(standingOf(pass(yesterday, 'partial', [missing]))).toEqual(['partial', false]);
    const bypassed = lacking('held', { bypassIds: ['b-1'] });
    expect(standingOf(pass(yesterday, 'partial', [bypassed]))).toEqual(['held', false]);
  });

  it('an estimate that a person accepted settles its own game', () => {
    const accepted = { decisionId: 'e-1', kind: 'estimate' as const, by: 'ana', reason: 'x', until: now };
    const [game] = lacking('reconstructed').missingGames;
    const estimated = (more: GameVerdict[]) =>
      lacking('reconstructed', {
        ...{ bypassIds: ['e-1'], decisions: { 'e-1': 'estimate' } },
        missingGames: [{ ...game!, estimate: accepted }, ...more],
      });
    expect(standingOf(pass(yesterday, 'partial', [estimated([])]))).toEqual(['settled', true]);
    expect(standingOf(pass(yesterday, 'partial', [estimated([{ ...game!, gameId: 'other' }])]))).toEqual([
      'partial',
      false,
    ]);
  });

  it('a date that people were told of is judged although its games have gone, and is settled then', () => {
    const asked = { calendar: [], history: [], remembered: [yesterday] };
    expect(judge(asked)).toMatchObject([{ gameDate: yesterday, standing: 'settled', why: 'no games' }]);
    expect(judge({ ...asked, remembered: [] })).toEqual([]);
  });

  it('a bypass covers what stands on it, and nothing else', () => {
    const results = [
      lacking('missing', { processor: 'Teams', bypassIds: ['b-1'] }),
      lacking('missing', { processor: 'Players' }),
    ];
    expect(standingOf(pass(yesterday, 'partial', results))).toEqual(['partial', false]);
  });
});

describe('the game calendar', () => {
  it.each<[string, Partial<ScheduleRow>[]]>([
    ['a day without games', []],
    ['a game that is postponed', [{ game_status: 1, game_status_text: 'PPD' }]],
    ['a preseason game', [{ game_id: '0012500700' }]],
    [
      'a game that was postponed since',
      [
        { processed_at: '2026-02-01T05:00:00.000Z', game_status: 1, game_status_text: '7:00 pm ET' },
        { game_status: 1, game_status_text: 'Postponed' },
      ],
    ],
  ])('%s is nothing that is due', (_, rows) => {
    expect(judge({ calendar: rows.map((fields) => game(yesterday, fields)) })).toEqual([]);
  });

  it('rows that contradict a day without games are somebody’s affair all the same', () => {
    const history = [pass(yesterday, 'blocked', [result('blocked')])];
    expect(judge({ calendar: [], history }).map(({ standing }) => standing)).toEqual(['blocked']);
    expect(judge({ calendar: [], history: [pass(yesterday, 'skipped', [result('skipped')])] })).toEqual([]);
  });

  it('today is not over', () => {
    expect(judge({ calendar: [game(today)] })).toEqual([]);
  });
});

describe('when a date is due', () => {
  it.each([
    ['2026-02-05T13:59:59.999Z', false],
    ['2026-02-05T14:00:00.000Z', true],
  ])('at %s: %p', (at, isDue) => {
    const dates = judge({ now: at });
    expect(dates).toMatchObject([{ neededAt: '2026-02-05T14:00:00.000Z', isDue }]);
    expect(summaryOf(dates, at).late).toEqual(isDue ? [yesterday] : []);
  });

  it('the ages are those of the oldest that is late, and of the newest that is over', () => {
    const calendar = ['2026-02-02', '2026-02-03', yesterday].map((date) => game(date));
    const dates = judge({ calendar, history: [pass('2026-02-02', 'published', [result('published')])] });
    expect(summaryOf(dates, now)).toEqual({
      dates: {
        settled: ['2026-02-02'],
        open: ['2026-02-03', yesterday],
        ...{ blocked: [], partial: [], held: [], failed: [] },
      },
      late: ['2026-02-03', yesterday],
      // Since 09:00 of 4 February, and since the midnight after the fourth.
      lateSeconds: 25 * 3600,
      newestAgeSeconds: 10 * 3600,
    });
    expect(sayLate(dates)).toBe(
      '2026-02-03: 1 game, and no run is on record; 2026-02-04: 1 game, and no run is on record',
    );
  });

  it('nothing being due, nothing is late', () => {
    expect(summaryOf([], now)).toMatchObject({ late: [], lateSeconds: 0, newestAgeSeconds: null });
  });
});
