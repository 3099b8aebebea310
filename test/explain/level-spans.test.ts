/** When each level was at what, read off the level log in the words that the workflow writes. */
import type { JournalLine } from '../../src/contracts/date-state';
import { levelSpans } from '../../src/explain/level-spans';

const plan = [
  { name: 'OffenseProcessor', level: 1 },
  { name: 'PlayersProcessor', level: 2 },
];
const line = (second: number, message: string): JournalLine => ({
  ...{ at: new Date(Date.UTC(2017, 3, 16, 8, 0, second)).toISOString(), level: 'INFO', message },
});
const at = (second: number): string => line(second, '').at;

const night = [
  line(0, '⏳ Level 1 waits: 1 of 4 games - next check in 60 s'),
  line(10, '⏳ Level 1 waits: 1 of 4 games - next check in 120 s'),
  line(20, 'Level 1: Running 1 processors - Team stats'),
  line(25, '✅ OffenseProcessor completed'),
  line(26, '✅ Level 1 complete - proceeding to next level'),
  line(26, 'Level 2: Running 1 processors - Player stats'),
];

it('follows a level from its wait to its end, and leaves open what lasts', () => {
  expect(levelSpans(night, plan, false)).toEqual([
    { level: 1, what: 'waits', from: at(0), to: at(20) },
    { level: 1, what: 'runs', from: at(20), to: at(26) },
    { level: 2, what: 'runs', from: at(26), to: null },
  ]);
});

it('ends with the log what nobody works on any more', () => {
  const spans = levelSpans(
    [...night, line(40, '❌ PlayersProcessor failed - the warehouse is full')],
    plan,
    true,
  );
  expect(spans.at(-1)).toEqual({ level: 2, what: 'runs', from: at(26), to: at(40) });
});

it('has nothing to say of lines that are about no level', () => {
  expect(levelSpans([line(0, 'Request r-1 is a repetition and joins the first one')], plan, true)).toEqual(
    [],
  );
});
