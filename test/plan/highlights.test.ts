/** What people look at first: declared with columns that the table has, and picked from its rows. */
import { highlighted, highlights } from '../../src/plan/highlights';

test('a highlight shows columns of its table, each with a heading, and the figure among them', () => {
  expect(highlights).not.toEqual([]);
  for (const { table, title, figure, of, fewest, columns } of highlights) {
    const named = [figure, of, fewest.column, ...columns.map(({ column }) => column)];
    expect(named.filter((column) => !Object.hasOwn(table.columns, column))).toEqual([]);
    expect(columns.map(({ column }) => column)).toContain(figure);
    const words = [title, fewest.heading, ...columns.map(({ heading }) => heading)];
    expect(words.filter((word) => word.trim() === '')).toEqual([]);
    expect(fewest.value).toBeGreaterThan(0);
  }
});

test('the highest come first, and who has too little, or no figure, is left out', () => {
  const row = (name: string, usage: number | null, minutes: number | null) => ({ name, usage, minutes });
  const rows = [
    ...[row('ana', 20, 5), row('bea', 30, 4.9), row('cleo', null, 30), row('dora', 40, null)],
    ...[row('eva', 25, 30), row('flo', 0, 10), row('gina', 22, 12)],
  ];
  const what = { figure: 'usage', fewest: { column: 'minutes', value: 5, heading: 'players' } };
  const names = (most: number): unknown[] => highlighted(rows, what, most).map(({ name }) => name);
  expect(names(9)).toEqual(['eva', 'gina', 'ana', 'flo']);
  expect(names(2)).toEqual(['eva', 'gina']);
});
