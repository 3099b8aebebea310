/** Rows are computed column by column from what is declared; what could not be computed is refused as the table is declared. */
import type { Game } from '../../src/games/game';
import { columnWords, rowBuilder, type Columns, type Formula } from '../../src/processors/define-columns';
import { date, defineTable, integer, required, string } from '../../src/tables/define-table';

interface Line {
  readonly who: string;
  readonly shots: number | null;
  readonly played: boolean;
}
interface Parts {
  readonly game: Game;
  readonly line: Line;
}
interface Figures {
  readonly player: string;
  readonly shots: number | null;
  readonly twice: number | null;
}

const table = defineTable({
  ...{ dataset: 'nba_analytics', name: 'toy_summary', description: 'One row a player.' },
  key: ['game_date', 'player'],
  columns: { game_date: required(date), player: required(string), shots: integer, twice: integer },
});
const { from, own, computed } = columnWords<Parts, Figures>();
const double: Formula<{ n: number | null }, number | null> = {
  arithmetic: '2 · n',
  compute: ({ n }) => (n === null ? null : 2 * n),
};
const played = { holds: ({ line }: Parts) => line.played, otherwise: 'he did not play' };
const parts = (line: Line): Parts => ({ game: { gameId: '20250115_BOS_NYK' } as Game, line });

test('a column is copied, copied where a condition holds, or computed from one before it', () => {
  const columns: Columns<Figures, Parts> = {
    player: from('line', 'who'),
    shots: from('line', 'shots', played),
    twice: computed(double, { n: own('shots') }),
  };
  const build = rowBuilder<Figures, Parts>(table, columns);
  const rows = [
    { who: 'ana', shots: 3, played: true },
    { who: 'bea', shots: 3, played: false },
  ].map((line) => build(parts(line)));
  expect(rows).toStrictEqual([
    { player: 'ana', shots: 3, twice: 6 },
    { player: 'bea', shots: null, twice: null },
  ]);
});

test('a column that needs one after it, or itself, is refused by name', () => {
  const early = {
    player: from('line', 'who'),
    twice: computed(double, { n: own('shots') }),
    shots: from('line', 'shots'),
  };
  expect(() => rowBuilder<Figures, Parts>(table, early)).toThrow(
    'toy_summary: twice needs shots, which is not declared before it',
  );
  const itself = { player: from('line', 'who'), shots: from('line', 'shots'), twice: own('twice') };
  expect(() => rowBuilder<Figures, Parts>(table, itself)).toThrow('twice needs twice');
});

test('an empty column that must be there is named, with whose it is', () => {
  const columns: Columns<Figures, Parts> = {
    player: from('line', 'who'),
    shots: { ...from('line', 'shots'), isNeeded: true },
    twice: own('shots'),
  };
  const build = rowBuilder<Figures, Parts>(table, columns);
  expect(() => build(parts({ who: 'ana', shots: null, played: true }))).toThrow(
    "20250115_BOS_NYK: ana's shots is empty.",
  );
});
