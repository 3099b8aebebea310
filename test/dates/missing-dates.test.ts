/** What is missing, by the game calendar. */
import type { GateVerdict } from '../../src/contracts/phase3';
import { dueDates } from '../../src/dates/due-dates';
import { missingReport, type FoundNow } from '../../src/dates/missing-dates';
import type { MissingReport } from '../../src/contracts/missing';
import type { ScheduleRow } from '../../src/sources/nbac-schedule/table';
import type { RunHistoryRow } from '../../src/tables/orchestration';
import { heldVerdict, resultOf } from '../support/fixtures';

const [from, to, today, now] = [
  '2026-02-01',
  '2026-02-06',
  '2026-02-05',
  '2026-02-05T12:00:00.000Z',
] as const;

function game(gameDate: string, id: string, fields: Partial<ScheduleRow> = {}): ScheduleRow {
  return {
    ...{ game_id: id, game_date: gameDate, game_status: 3, game_status_text: 'Final' },
    ...{ home_team_tricode: 'CLE', away_team_tricode: 'IND', processed_at: `${gameDate}T23:00:00.000Z` },
    ...fields,
  } as ScheduleRow;
}

const published = (gameDate: string): RunHistoryRow =>
  ({
    ...{
      game_date: gameDate,
      run_id: 'r',
      pass: 1,
      state: 'published',
      ended_at: '2026-02-05T06:00:00.000Z',
    },
    processors: JSON.stringify({ Players: resultOf('Players') }),
  }) as RunHistoryRow;

function report(
  calendar: readonly ScheduleRow[],
  {
    history = [],
    later = [],
    found = {},
  }: {
    history?: readonly RunHistoryRow[];
    later?: readonly ScheduleRow[];
    found?: Readonly<Record<string, FoundNow>>;
  } = {},
): MissingReport {
  const due = dueDates({ calendar, history, now, today, oldAfterDays: 2, neededBy: '09:00' });
  return missingReport({
    ...{ from, to, at: now, today, neededBy: '09:00', calendar, later, due },
    freshness: { writtenAt: null, staleBecause: null },
    found: new Map(Object.entries(found)),
  });
}

test('a date with nothing but the All-Star game is not waited for', () => {
  const { counts } = report([game('2026-02-06', '0032500001')]);
  expect(counts).toMatchObject({ toCome: 0, noGames: 6 });
});

test('late, due, settled, to come and without games are told apart by the calendar', () => {
  const calendar = ['01', '03', '04', '06'].map((day, index) => game(`2026-02-${day}`, `002250070${index}`));
  const { counts, dates } = report(calendar, { history: [published('2026-02-01')] });
  // At seven in the morning, New York, the night before is not late yet; that before it is.
  expect(dates.map(({ gameDate, isLate, standing }) => [gameDate, isLate, standing])).toEqual([
    ['2026-02-03', true, 'open'],
    ['2026-02-04', false, 'open'],
  ]);
  expect(counts).toEqual({ settled: 1, late: 1, due: 1, toCome: 1, noGames: 2 });
});

test('a postponed game makes nothing due on its date, and is due on the one that it was moved to', () => {
  const put = game('2026-02-02', '0022500700', { game_status: 1, game_status_text: 'PPD' });
  const again = game('2026-02-04', '0022500700');
  const { dates, moved, counts } = report([put, again]);
  expect(dates.map(({ gameDate }) => gameDate)).toEqual(['2026-02-04']);
  expect(moved).toEqual([
    {
      ...{ gameId: '20260202_IND_CLE', gameDate: '2026-02-02', kind: 'postponed' },
      ...{ text: 'PPD', playedOn: '2026-02-04' },
    },
  ]);
  expect(counts).toMatchObject({ due: 1, late: 0, noGames: 5 });
  expect(report([put], { later: [game('2026-04-04', '0022500700')] }).moved[0]?.playedOn).toBe('2026-04-04');
  expect(report([put]).moved[0]?.playedOn).toBeNull();
});

test('a suspended game keeps its date from nothing once the rest is there, and is due where it is resumed', () => {
  const broken = game('2026-02-02', '0022500700', { game_status: 2, game_status_text: 'Suspended' });
  const rest = game('2026-02-02', '0022500701', { home_team_tricode: 'BOS', away_team_tricode: 'NYK' });
  const resumed = game('2026-02-04', '0022500700');
  const partial = {
    ...published('2026-02-02'),
    processors: JSON.stringify({
      Players: resultOf('Players', {
        missingGames: [
          { gameId: '20260202_IND_CLE', status: 'not_final', table: 'nbac_schedule', detail: '' },
        ],
      }),
    }),
  };
  const { dates, moved } = report([broken, rest, resumed], { history: [partial] });
  expect(dates.map(({ gameDate }) => gameDate)).toEqual(['2026-02-04']);
  expect(moved).toMatchObject([{ kind: 'suspended', gameDate: '2026-02-02', playedOn: '2026-02-04' }]);
});

test('a date says what a run would lack, and when rows usually come unless that is past', () => {
  const verdict: GateVerdict = heldVerdict('Players');
  const arrival = (p90At: string): FoundNow['expected'][number] => ({
    ...{ table: 'nbac_team_boxscore', p50At: '2026-02-05T11:00:00.000Z', p90At, samples: 30 },
  });
  const expected = [arrival('2026-02-05T14:00:00.000Z'), arrival('2026-02-05T11:30:00.000Z')];
  const [date] = report([game('2026-02-04', '0022500700')], {
    found: { '2026-02-04': { verdicts: [verdict, verdict], expected } },
  }).dates;
  expect(date).toMatchObject({
    missing: ['nbac_team_boxscore'],
    expected: [expected[0]],
    lacking: [{ status: 'missing', detail: 'no team row' }],
  });
});
