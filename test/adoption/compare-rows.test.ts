/** Two sets of rows of one table, key by key and column by column. */
import { RowsComparison, type RowsDifference } from '../../src/adoption/compare-rows';
import { tableOf } from '../../src/tables/catalogue';
import type { Cell, Row } from '../../src/tables/define-table';
import { rowOf } from '../warehouse/rows';

const gameDate = '2025-01-15';
const table = tableOf('player_game_summary');

function row(player: string, fields: Row = {}): Row {
  return { ...rowOf('player_game_summary', { game_date: gameDate, player_lookup: player }), ...fields };
}

function compare(live: readonly Row[], shadow: readonly Row[], tolerance = 0): RowsDifference {
  const comparison = new RowsComparison(table, tolerance);
  comparison.add(gameDate, live, shadow);
  return comparison.result();
}

const nothing = { columns: {}, columnsNotLive: [], duplicateKeys: { live: 0, shadow: 0 } };

it('equal rows are the same', () => {
  const rows = [row('a', { points: 3, usage_rate: 20.5 }), row('b')];
  expect(compare(rows, rows)).toEqual({
    ...nothing,
    dates: [{ gameDate, same: 2, changed: 0, onlyLive: 0, onlyShadow: 0 }],
  });
});

it('a date that neither side has is not told', () => {
  expect(compare([], [])).toEqual({ ...nothing, dates: [] });
});

it('rows are told apart by their keys, in whatever order they come', () => {
  const live = [row('a'), row('b'), row('c', { points: 1 }), row('e'), row('f')];
  const shadow = [row('c', { points: 2 }), row('d'), row('b'), row('a')];
  const [forwards, backwards] = [compare(live, shadow), compare([...live].reverse(), [...shadow].reverse())];
  expect(forwards.dates).toEqual([{ gameDate, same: 2, changed: 1, onlyLive: 2, onlyShadow: 1 }]);
  expect(backwards).toEqual(forwards);
});

// In a key that is glued together a/bc and ab/c would be one.
it('keys that spell the same text are not the same key', () => {
  const defence = tableOf('team_defense_game_summary');
  const comparison = new RowsComparison({ ...defence, key: ['game_id', 'defending_team_abbr'] }, 0);
  const of = (gameId: string, team: string) =>
    rowOf('team_defense_game_summary', { game_id: gameId, defending_team_abbr: team });
  comparison.add(gameDate, [of('a/b', 'c'), of('a","b', 'c')], [of('a', 'b/c'), of('a', 'b","c')]);
  expect(comparison.result().dates).toMatchObject([{ same: 0, onlyLive: 2, onlyShadow: 2 }]);
});

it('a changed column is told with its rows, its largest difference and the first example', () => {
  const live = [row('a', { points: 10 }), row('b', { points: 7 }), row('c', { points: 1 }), row('d')];
  const shadow = [row('a', { points: 11 }), row('b', { points: 2 }), row('c', { points: 3 }), row('d')];
  expect(compare(live, shadow).columns).toEqual({
    points: {
      rows: 3,
      largest: 5,
      example: { key: { game_date: gameDate, player_lookup: 'a' }, live: 10, shadow: 11 },
    },
  });
});

it('columns come in the order of the rows that they differ in', () => {
  const live = ['a', 'b', 'c'].map((player) => row(player));
  const shadow = [
    row('a', { points: 1, assists: 1, steals: 1 }),
    row('b', { assists: 1, steals: 1 }),
    row('c', { steals: 1 }),
  ];
  expect(Object.keys(compare(live, shadow).columns)).toEqual(['steals', 'assists', 'points']);
});

it.each<readonly [string, Cell, Cell, number, boolean]>([
  ['a figure within it', 0.304, 0.3, 0.005, true],
  ['a figure at its edge', 10, 10.5, 0.5, true],
  ['a figure beyond it', 0.306, 0.3, 0.005, false],
  ['a figure at its edge, in the other direction', 10.5, 10, 0.5, true],
  ['a negative figure beyond it', -1, 1, 1, false],
  ['a figure rounded to two digits, the last of them a five', 0.305, 0.3, 0.005, true],
  ['a big figure rounded to two digits', 112.345, 112.34, 0.005, true],
  ['a whole number within it', 3, 4, 1, true],
  ['a whole number beyond it', 3, 5, 1, false],
  ['the last bit without one', 0.1 + 0.2, 0.3, 0, false],
  ['the same figure without one', 0.3, 0.3, 0, true],
  ['zero and nothing', 0, null, 1, false],
  ['nothing and zero', null, 0, 1, false],
  ['nothing twice', null, null, 0, true],
  ['a figure and its text', 1, '1', 1, false],
])('with a tolerance: %s (%p, %p, %p)', (_, live, shadow, tolerance, same) => {
  const { dates, columns } = compare(
    [row('a', { usage_rate: live })],
    [row('a', { usage_rate: shadow })],
    tolerance,
  );
  expect(dates).toEqual([
    { gameDate, same: same ? 1 : 0, changed: same ? 0 : 1, onlyLive: 0, onlyShadow: 0 },
  ]);
  expect(Object.keys(columns)).toEqual(same ? [] : ['usage_rate']);
});

it.each<readonly [string, Cell, Cell]>([
  ['texts', 'dnp', 'active'],
  ['flags', true, false],
  ['an empty text and nothing', '', null],
  ['texts that differ in their case', 'CLE', 'cle'],
])('%s that differ have no largest difference', (_, live, shadow) => {
  const { columns } = compare([row('a', { player_status: live })], [row('a', { player_status: shadow })], 5);
  expect(columns['player_status']).toMatchObject({ rows: 1, largest: null, example: { live, shadow } });
});

it('the largest difference is of figures only, whichever row comes first', () => {
  const live = [row('a', { points: null }), row('b', { points: 9 }), row('c', { points: 4 })];
  const shadow = [row('a', { points: 1 }), row('b', { points: 4 }), row('c', { points: null })];
  expect(compare(live, shadow).columns['points']).toMatchObject({
    rows: 3,
    largest: 5,
    example: { live: null },
  });
});

it('who built a row, and when, is no difference', () => {
  const live = row('a', { processed_at: '2025-01-16T08:00:00.000Z', bypass_id: 'x', data_hash: '1' });
  const shadow = row('a', { processed_at: '2026-01-16T08:00:00.000Z', bypass_id: null, data_hash: '2' });
  expect(compare([live], [shadow])).toMatchObject({ dates: [{ same: 1, changed: 0 }], columns: {} });
});

it('columns that the live table lacks are named, and not compared', () => {
  const { usage_rate_raw: _, points_line: __, data_hash: ___, ...old } = row('a', { points: 1 });
  const difference = compare([old], [row('a', { points: 1, usage_rate_raw: 130 })]);
  expect(difference.dates).toMatchObject([{ same: 1, changed: 0 }]);
  expect([...difference.columnsNotLive].sort()).toEqual(['points_line', 'usage_rate_raw']);
});

it('a key that more rows have is counted on its side, and the last of them compared', () => {
  const live = [row('a', { points: 1 }), row('a', { points: 2 }), row('a', { points: 3 }), row('b')];
  const shadow = [row('a', { points: 3 }), row('b'), row('b')];
  expect(compare(live, shadow)).toEqual({
    ...nothing,
    dates: [{ gameDate, same: 2, changed: 0, onlyLive: 0, onlyShadow: 0 }],
    duplicateKeys: { live: 2, shadow: 1 },
  });
});

it('dates and duplicates add up over several days', () => {
  const comparison = new RowsComparison(table, 0);
  comparison.add('2025-01-15', [row('a', { points: 1 }), row('a')], [row('a', { points: 1 })]);
  comparison.add('2025-01-16', [row('a', { points: 1 })], [row('a', { points: 4 }), row('a', { points: 5 })]);
  expect(comparison.result()).toMatchObject({
    dates: [
      { gameDate: '2025-01-15', changed: 1 },
      { gameDate: '2025-01-16', changed: 1 },
    ],
    columns: { points: { rows: 2, largest: 4 } },
    duplicateKeys: { live: 1, shadow: 1 },
  });
});
