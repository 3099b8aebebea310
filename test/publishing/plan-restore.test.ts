/** Which versions a restore would publish again, and the words in which it is refused. */
import type { RestoreWanted } from '../../src/contracts/messages';
import { processors } from '../../src/plan/registry';
import { keptReader } from '../../src/publishing/kept-reader';
import { planRestore } from '../../src/publishing/plan-restore';
import type { Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { rowOf } from '../warehouse/rows';
import {
  change,
  defense,
  gameDate,
  goodNight,
  homeOf,
  offense,
  ofTeam,
  player,
  published,
  type Night,
} from '../support/fixtures';

const name = 'team_offense_game_summary';
const night = goodNight(2);
const once = published(night, offense, defense, player);
const moved = change(once, 'nbac_team_boxscore', ofTeam(homeOf(0)), { turnovers: 12 });
const twice = dated(published(moved, offense, defense, player));

/** The first versions are of eight o'clock, the second of nine. */
function dated(given: Night): Night {
  return withManifests(given, (one) => ({ published_at: `2025-01-16T0${7 + one.version}:00:00.000Z` }));
}

function withManifests(given: Night, changes: (manifest: ManifestRow) => Partial<ManifestRow>): Night {
  return {
    ...given,
    partition_manifest: given.partition_manifest.map((one) => ({ ...one, ...changes(one) })),
  };
}

/** With what is live of the offence pinned to this version. */
function pinned(given: Night, version: number): Night {
  const pin = { request_id: 'r', by: 'ana', reason: 'why', at: '2025-01-16T10:00:00.000Z', inputs: null };
  return withManifests(given, (one) =>
    one.table_name === name ? { pin: JSON.stringify({ ...pin, version, processor_version: '1' }) } : {},
  );
}

/** The rows of each version; `become` makes others of them. */
function plan(snapshot: Night, wanted: RestoreWanted, become = (rows: readonly Row[]) => rows) {
  return planRestore(snapshot, processors, wanted, async ({ table_name: table, version }) => ({
    rows: become((version === 1 ? once : twice).rows[table] ?? []),
    pruned: null,
  }));
}

const of = (version: number, processor = offense): RestoreWanted => ({ processor, version });
const before = (at: string): RestoreWanted => ({ before: at });
const altered = change(twice, name, ofTeam(homeOf(0)), { points_scored: 1 });
const third: Night = {
  ...once,
  partition_manifest: [
    ...twice.partition_manifest,
    ...once.partition_manifest
      .filter((one) => one.table_name === name)
      .map((one) => ({ ...one, version: 3, published_at: '2025-01-16T10:00:00.000Z' })),
  ],
};

it.each<[string, Night, RestoreWanted, RegExp]>([
  ['nobody', twice, of(1, 'Nobody'), /^there is no processor Nobody$/],
  [
    'a version that there never was',
    twice,
    of(9),
    /^there is no version 9 of team_offense_game_summary for 2025-01-15; kept are 1, 2$/,
  ],
  ['what was never published', night, of(1), /; none was published$/],
  [
    'players on an offence that is another by now',
    twice,
    of(1, player),
    /^version 1 of player_game_summary was built on version 1 of team_offense_game_summary, and version 2 is live: /,
  ],
])('%s cannot be restored, and it is said why', async (_what, snapshot, wanted, why) => {
  expect(await plan(snapshot, wanted)).toEqual({
    ...{ kind: 'refused', why: expect.stringMatching(why) as string },
  });
});

it.each<[string, Night, RestoreWanted, string]>([
  ['is live and pinned', pinned(twice, 2), of(2), `version 2 of ${name} is live already, and pinned`],
  [
    'has the rows of what is live and pinned',
    pinned(third, 1),
    of(1),
    `version 3 of ${name}, which is live and pinned, has the rows of version 1`,
  ],
  [
    'was live before anything was',
    twice,
    before('2025-01-16T08:00:00.000Z'),
    `nothing of ${gameDate} was published before 2025-01-16T08:00:00.000Z`,
  ],
  [
    'was live before, and is',
    twice,
    before('2025-01-16T09:00:00.001Z'),
    `what is live of ${gameDate} is what was live before 2025-01-16T09:00:00.001Z`,
  ],
])('what %s is nothing to restore', async (_what, snapshot, wanted, why) => {
  expect(await plan(snapshot, wanted)).toEqual({ kind: 'refused', why, isNothing: true });
});

it.each<[string, Night, RestoreWanted, readonly string[]]>([
  ['live, for the sake of the pin', twice, of(2), [`${name} 2 as 3`, 'player_game_summary 2 as 3']],
  [
    'live and pinned, with other rows than were published',
    pinned(altered, 2),
    of(2),
    [`${name} 2 as 3`, 'player_game_summary 2 as 3'],
  ],
  [
    'an earlier one, with what was built on it',
    twice,
    of(1),
    [`${name} 1 as 3`, 'player_game_summary 1 as 3'],
  ],
  [
    'each as it was before the second',
    twice,
    before('2025-01-16T09:00:00.000Z'),
    [`${name} 1 as 3`, 'team_defense_game_summary 1 as 3', 'player_game_summary 1 as 3'],
  ],
  [
    'each as it was, though only stored rows differ',
    altered,
    before('2025-01-16T09:00:00.001Z'),
    [`${name} 2 as 3`, 'team_defense_game_summary 2 as 3', 'player_game_summary 2 as 3'],
  ],
])('what is restored is %s', async (_what, snapshot, wanted, tables) => {
  const found = await plan(snapshot, wanted);
  if (found.kind !== 'planned') throw new Error(found.why);
  expect(
    found.tables.map((one) => `${one.processor.table.name} ${one.wanted.version} as ${one.version}`),
  ).toEqual(tables);
  expect(found.rebuilt).toEqual([]);
});

it('a version whose kept rows are not what was published is not restored', async () => {
  expect(await plan(twice, of(1), (rows) => rows.slice(1))).toEqual({
    kind: 'refused',
    why: `the kept rows of version 1 of ${name} are not the published rows: 3 rows, the manifest has 4`,
  });
});

it('of what is brought along, a version whose kept rows are damaged is passed over, and built anew', async () => {
  const found = await planRestore(twice, processors, of(1), async ({ table_name: table, version }) => ({
    rows: ((version === 1 ? once : twice).rows[table] ?? []).slice(table === name ? 0 : 1),
    pruned: null,
  }));
  expect(found).toMatchObject({ kind: 'planned', rebuilt: [{ name: player }] });
  expect(found).toHaveProperty('tables.length', 1);
});

describe('where kept rows are gone', () => {
  const manifest = (version: number, count: number): ManifestRow =>
    rowOf('partition_manifest', { table_name: name, version, row_count: count });
  const pruned = rowOf('pruned_version', { table_name: name, version: 1 });
  let asked = 0;
  const read = (rows: readonly Row[]) => {
    asked = 0;
    return keptReader(
      {
        readKept: async () => rows,
        readDate: async () => {
          asked += 1;
          return { pruned_version: [pruned] };
        },
      } as unknown as Pick<Warehouse, 'readDate' | 'readKept'>,
      gameDate,
    );
  };

  it('it is asked once whether they were pruned, and of which version', async () => {
    const reader = read([]);
    expect(await reader(manifest(1, 4))).toEqual({ rows: [], pruned });
    expect(await reader(manifest(2, 4))).toEqual({ rows: [], pruned: null });
    expect(asked).toBe(1);
  });

  it('nothing is asked where there never were any, or they are there', async () => {
    expect(await read([])(manifest(1, 0))).toEqual({ rows: [], pruned: null });
    expect(asked).toBe(0);
    expect(await read([{}])(manifest(1, 1))).toEqual({ rows: [{}], pruned: null });
    expect(asked).toBe(0);
  });
});
