/** When each level was at what, read off the level log in the words that the workflow writes. */
import type { JournalLine } from '../../src/contracts/date-state';
import { levelSpans } from '../../src/explain/level-spans';
import {
  after,
  asks,
  looks,
  messageOf,
  opens,
  readyOf,
  settled,
  starts,
  verdictOf,
  waits,
} from '../support/date-events';
import { defense, offense, player } from '../support/fixtures';

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
  expect(levelSpans(night, false)).toEqual([
    { level: 1, what: 'waits', from: at(0), to: at(20) },
    { level: 1, what: 'runs', from: at(20), to: at(26) },
    { level: 2, what: 'runs', from: at(26), to: null },
  ]);
});

it('ends with the log what nobody works on any more', () => {
  const spans = levelSpans([...night, line(40, '❌ PlayersProcessor failed - the warehouse is full')], true);
  expect(spans.at(-1)).toEqual({ level: 2, what: 'runs', from: at(26), to: at(40) });
});

it('has nothing to say of lines that are about no level, whatever people say in them', () => {
  const said = [
    line(0, 'Request r-1 is a repetition and joins the first one'),
    line(1, 'Rerun of PlayersProcessor by ana: everybody waits, Level 2: Running 1 processors'),
  ];
  expect(levelSpans(said, true)).toEqual([]);
});

it('reads the lines that the workflow writes', () => {
  const waiting = after([asks(messageOf()), ...opens(), ...looks([verdictOf(offense)]), waits()]);
  expect(levelSpans(waiting.journal, false)).toMatchObject([{ level: 1, what: 'waits', to: null }]);
  const looked = looks([readyOf(offense), readyOf(defense)], { open: [offense, defense, player] });
  const ended = after([
    ...[asks(messageOf()), ...opens(), ...looked],
    ...[starts(offense, defense), settled(offense), settled(defense)],
  ]);
  expect(levelSpans(ended.journal, false)[0]).toMatchObject({
    level: 1,
    what: 'runs',
    to: expect.any(String),
  });
});
