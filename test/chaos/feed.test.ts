/** What the chaos draws from its seed: the same each time, and what is corrupted is held by a rule. */
import { join } from 'node:path';
import { readSeason } from '../../scripts/bench/season';
import { Chance } from '../../scripts/chaos/chance';
import { drawFeed, nightOn, rawNames, type Feed, type Night } from '../../scripts/chaos/feed';
import type { Row } from '../../src/tables/define-table';
import { publish, type RawNight } from '../../scripts/verify/publish-night';

const season = readSeason(join(__dirname, '..', '..', 'data', 'demo'));
const gameDate = '2018-01-03';
const first = nightOn(season, '2017-04-17', gameDate);
const draw = (seed: number): Feed => drawFeed(new Chance(seed, 'feeds'), gameDate, first);
const seeds = Array.from({ length: 60 }, (_, index) => index);
const raw = (night: Night): RawNight => night as RawNight;

test('a seed and a part make the same choices, another of either makes others', () => {
  const choices = (seed: number, part: string): number[] => {
    const chance = new Chance(seed, part);
    return Array.from({ length: 20 }, () => chance.whole(1, 1_000));
  };
  expect(choices(7, 'faults')).toEqual(choices(7, 'faults'));
  expect(choices(7, 'faults')).not.toEqual(choices(7, 'messages'));
  expect(choices(7, 'faults')).not.toEqual(choices(8, 'faults'));
  expect(Math.min(...seeds.flatMap((seed) => choices(seed, 'x')))).toBeLessThan(20);
  expect(Math.max(...seeds.flatMap((seed) => choices(seed, 'x')))).toBeGreaterThan(980);
});

test('weights are kept, and what weighs nothing is never drawn', () => {
  const chance = new Chance(1, 'weights');
  const drawn = Array.from({ length: 1_000 }, () => chance.weighted({ often: 9, seldom: 1, never: 0 }));
  const count = (name: string): number => drawn.filter((one) => one === name).length;
  expect([count('never'), count('seldom') > 50, count('often') > 800]).toEqual([0, true, true]);
});

test('a feed is the same of the same seed, ends with whole tables, and has newer rows each time', () => {
  for (const seed of seeds) {
    const { deliveries, truth } = draw(seed);
    expect(JSON.stringify(draw(seed).deliveries)).toBe(JSON.stringify(deliveries));
    for (const table of rawNames) {
      const own = deliveries.filter((one) => one.table === table);
      expect(own.at(-1)?.rows).toHaveLength(truth[table].length);
      const instants = own.map(({ rows }) => String(rows[0]?.['processed_at']));
      expect(instants).toEqual([...instants].sort());
    }
  }
});

test('what is true agrees with itself: nothing of it is held', () => {
  for (const seed of seeds) {
    const { withheld, rows } = publish(raw(draw(seed).truth));
    expect([seed, withheld]).toEqual([seed, []]);
    expect(rows.size).toBeGreaterThan(40);
  }
});

/** A column of the raw row, and where it is live. */
const liveColumns: Readonly<Record<string, string>> = {
  'team points far more': 'points_scored',
  'team makes above attempts': 'fg_makes',
  'team rebounds negative': 'offensive_rebounds',
  'player points far more': 'points',
  'player makes above attempts': 'fg_makes',
  'player minutes of two games': 'minutes_played',
};

test('what is corrupted is held by a rule, before a good version and after one; live it would be seen', () => {
  const seen = new Set<string>();
  for (const seed of seeds) {
    const { truth, corruption } = draw(seed);
    if (!corruption) continue;
    const { delivery, table, what, isLive } = corruption;
    seen.add(what);
    const corrupted = { ...truth, [delivery.table]: delivery.rows };
    const liveRows = (rows: ReadonlyMap<string, Row>): Row[] =>
      [...rows].flatMap(([key, row]) => (key.startsWith(`${table}/`) ? [row] : []));
    for (const { rows } of [publish(raw(corrupted)), publish(raw(truth), raw(corrupted))])
      expect([seed, what, liveRows(rows).filter(isLive)]).toEqual([seed, what, []]);
    const bad = delivery.rows.find((row, index) => row !== truth[delivery.table][index]);
    const sourceOf: Readonly<Record<string, string>> = {
      ...{ points_scored: 'points', minutes_played: 'minutes_decimal' },
      fg_makes: delivery.table === 'nbac_team_boxscore' ? 'fg_made' : 'field_goals_made',
    };
    const column = liveColumns[what] ?? '';
    const letIn = { ...bad, [column]: bad?.[sourceOf[column] ?? column] };
    expect([what, isLive(letIn)]).toEqual([what, true]);
  }
  expect([...seen].sort()).toEqual(Object.keys(liveColumns).sort());
});
