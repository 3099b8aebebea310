/** A schedule feed that stops is trouble by itself: without it nobody can tell what is missing. */
import { calendarFreshness, type FreshnessQuestion } from '../../src/dates/calendar-freshness';
import type { ScheduleRow } from '../../src/sources/nbac-schedule/table';

const today = '2026-02-05';

function game(gameDate: string, processedAt: string | null, fields: Partial<ScheduleRow> = {}): ScheduleRow {
  return {
    ...{ game_id: '0022500700', game_date: gameDate, game_status: 3, game_status_text: 'Final' },
    ...{ home_team_tricode: 'CLE', away_team_tricode: 'IND', processed_at: processedAt },
    ...fields,
  } as ScheduleRow;
}

const toCome = { game_status: 1, game_status_text: '7:30 pm ET' };

function why(calendar: readonly ScheduleRow[], changes: Partial<FreshnessQuestion> = {}): string | null {
  const last =
    calendar
      .map((row) => row.game_date)
      .sort()
      .at(-1) ?? null;
  return calendarFreshness({
    ...{ calendar, last, now: '2026-02-05T15:00:00.000Z', today, isNeeded: (date) => date < today },
    ...changes,
  }).staleBecause;
}

test('a feed that wrote this morning goes on, and says when it wrote', () => {
  const calendar = [
    game('2026-02-04', '2026-02-05T09:00:00.000Z'),
    game('2026-02-06', '2026-02-05T09:00:00.000Z', toCome),
  ];
  expect(why(calendar)).toBeNull();
  expect(
    calendarFreshness({
      calendar,
      last: '2026-02-06',
      now: '2026-02-05T15:00:00.000Z',
      today,
      isNeeded: () => true,
    }),
  ).toMatchObject({ writtenAt: '2026-02-05T09:00:00.000Z' });
});

test('games that were over by yesterday, and that nobody wrote since before they began', () => {
  const calendar = [
    game('2026-02-04', '2026-02-04T09:00:00.000Z', toCome),
    game('2026-02-06', '2026-02-04T09:00:00.000Z', toCome),
  ];
  expect(why(calendar)).toBe(
    '1 game of 2026-02-04 was last written at 2026-02-04T09:00:00.000Z, before that day was over',
  );
  // Not before its rows are needed: until then the feed may only be on its way.
  expect(why(calendar, { isNeeded: () => false })).toBeNull();
});

test.each<[string, Partial<ScheduleRow>]>([
  ['postponed', { game_status: 1, game_status_text: 'PPD' }],
  ['suspended', { game_status: 2, game_status_text: 'Suspended' }],
])('a %s game is not awaited from the feed', (_what, fields) => {
  expect(why([game('2026-02-04', '2026-02-04T09:00:00.000Z', fields)])).toBeNull();
});

test('with nothing to come there is nothing to write', () => {
  expect(why([game('2026-02-04', '2026-01-20T09:00:00.000Z')])).toBeNull();
});

test('games to come that were written last more than a week ago', () => {
  const calendar = [game('2026-02-06', '2026-01-28T09:00:00.000Z', toCome)];
  expect(why(calendar)).toContain('last written at 2026-01-28T09:00:00.000Z');
  expect(why([game('2026-02-06', '2026-01-30T09:00:00.000Z', toCome)])).toBeNull();
  // What says nothing of when it came is taken at its word.
  expect(why([game('2026-02-06', null, toCome)])).toBeNull();
});

test('a calendar that ends in mid-season', () => {
  expect(why([], { last: '2026-01-20' })).toBe('its last game is on 2026-01-20, 16 days ago');
  expect(why([], { last: '2026-01-30' })).toBeNull();
  // In summer it may, and of a season that it never had nothing is known.
  expect(why([], { last: '2026-06-14', today: '2026-07-20' })).toBeNull();
  expect(why([], { last: '2025-06-14' })).toBeNull();
  expect(why([], { last: null })).toBeNull();
});
