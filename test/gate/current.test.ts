/** What a processor reads of a date, and when its published partition is still what it would build. */
import type { ProcessorName } from '../../src/contracts/phase3';
import type { UpstreamUse } from '../../src/gate/judge-games';
import { notPublished, upstreamUse, whyNotCurrent } from '../../src/gate/judge-processor';
import { selectInputs, selectNight, upstreamVersions } from '../../src/gate/select-inputs';
import { currentManifest, withPublishedRows } from '../../src/gate/snapshot';
import { processorOf } from '../../src/plan/registry';
import { fingerprint } from '../../src/publishing/fingerprint';
import { tableOf } from '../../src/tables/catalogue';
import {
  add,
  awayOf,
  change,
  defense,
  drop,
  gameIdOf,
  goodNight,
  homeOf,
  offense,
  ofGame,
  player,
  published,
  reversed,
  type Night,
} from '../support/fixtures';

const names = [offense, defense, player];
const night = published(goodNight(3), offense, defense, player);
const late = drop(goodNight(3), 'nbac_team_boxscore', ofGame(2));
const [teamRow] = night.rows.nbac_team_boxscore;
const [offenseRow] = night.rows.team_offense_game_summary;

const inputs = 'its inputs changed since version 1 was published';
const stored = 'its stored rows were changed after version 1 was published';
const always = (): true => true;
const again = { processed_at: '2025-02-01T08:00:00.000Z' };
const older = { ...teamRow!, turnovers: 1, processed_at: '2025-01-15T23:00:00.000Z' };

type Reasons = Partial<Record<ProcessorName, string>>;
const ofTeams: Reasons = { [offense]: inputs, [defense]: inputs };

test.each<readonly [what: string, night: Night, reasons: Reasons]>([
  ['nothing', night, {}],
  ['the order of rows', reversed(night), {}],
  [
    'the instant of rows that were sent again',
    change(change(night, 'nbac_gamebook_player_stats', always, again), 'nbac_team_boxscore', always, again),
    {},
  ],
  ['an older copy of a row', add(night, 'nbac_team_boxscore', older), {}],
  [
    'a player row',
    change(night, 'nbac_gamebook_player_stats', ofGame(0), { dnp_reason: 'another' }),
    { [player]: inputs },
  ],
  ['a team row', change(night, 'nbac_team_boxscore', ofGame(0), { turnovers: 13 }), ofTeams],
  ['a game that is no longer ready', drop(night, 'nbac_team_boxscore', ofGame(1)), ofTeams],
  [
    'a late game',
    add(
      published(late, offense, defense),
      'nbac_team_boxscore',
      ...night.rows.nbac_team_boxscore.filter(ofGame(2)),
    ),
    { ...ofTeams, [player]: notPublished },
  ],
  [
    'a row that contradicts what is live: the game is disputed for all that stand on it',
    change(night, 'nbac_gamebook_player_stats', ofGame(0), { assists: 9 }),
    { ...ofTeams, [player]: inputs },
  ],
  [
    'the score of the schedule',
    change(night, 'nbac_schedule', ofGame(0), { home_team_score: 98, away_team_score: null }),
    { ...ofTeams, [player]: inputs },
  ],
  ['an upstream of the same figures in a new version', published(night, offense), { [player]: inputs }],
  ['a stored cell', change(night, 'player_game_summary', ofGame(0), { assists: 40 }), { [player]: stored }],
  ['a stored instant', change(night, 'player_game_summary', ofGame(0), again), { [player]: stored }],
  [
    'a stored figure of an upstream',
    change(night, 'team_offense_game_summary', ofGame(0), { possessions: 1 }),
    { [offense]: stored },
  ],
  [
    'a stored row that was deleted',
    drop(night, 'team_offense_game_summary', (row) => row === offenseRow),
    {
      [offense]: '5 rows are stored where version 1 published 6',
      [player]: 'its inputs changed since version 1 was published',
    },
  ],
  [
    'a stored row that was added',
    add(night, 'team_offense_game_summary', { ...offenseRow!, team_abbr: 'XXX' }),
    { [offense]: '7 rows are stored where version 1 published 6' },
  ],
  [
    'everything: nothing was published',
    goodNight(3),
    Object.fromEntries(names.map((name) => [name, notPublished])),
  ],
])('what changed is %s', (_what, snapshot, reasons) => {
  const found = names.map((name) => [name, whyNotCurrent(processorOf(name), snapshot)]);
  expect(found).toEqual(names.map((name) => [name, reasons[name] ?? null]));
});

test('what changed is the version of a processor', () => {
  const { version } = processorOf(defense);
  const versions = { [defense]: '9.0.1' };
  expect(whyNotCurrent(processorOf(defense), night, versions)).toBe(
    `the processor changed from version ${version} to 9.0.1`,
  );
  expect(whyNotCurrent(processorOf(offense), night, versions)).toBeNull();
  const manifests = night.partition_manifest.map((row) => ({ ...row, processor_version: '0.9.0' }));
  expect(whyNotCurrent(processorOf(offense), { ...night, partition_manifest: manifests })).toBe(
    `the processor changed from version 0.9.0 to ${version}`,
  );
});

describe('a version that a person let do without the offence', () => {
  const [playerTable, offenseTable] = ['player_game_summary', 'team_offense_game_summary'];
  const { version } = processorOf(player);
  const bypass = JSON.stringify({ kind: 'person', bypass_id: 'b-1', tables: [offenseTable], inherited: [] });
  const moved = change(night, 'nbac_team_boxscore', ofGame(0), { turnovers: 13 });
  /** The night with the players built from what is there, in that use of the offence. */
  const builtWith = (use: UpstreamUse, given: Night): Night => ({
    ...given,
    partition_manifest: given.partition_manifest.map((row) =>
      row.table_name === playerTable
        ? {
            ...{ ...row, bypass },
            fingerprint: fingerprint(player, version, selectInputs(processorOf(player), given, use)),
          }
        : row,
    ),
  });
  const whyNot = (given: Night) => whyNotCurrent(processorOf(player), given);

  it('is held to the use that it made of it: none where that is stale, and what is published else', () => {
    const use = (given: Night, ...tables: string[]) =>
      upstreamUse(processorOf(player), given, {}, new Set(tables));
    expect(use(night, offenseTable)).toEqual({ offense: 'where_published' });
    expect(use(moved, offenseTable)).toEqual({ offense: 'ignored' });
    expect(use(moved, 'nbac_gamebook_player_stats')).toEqual({});
    expect(whyNot(builtWith({ offense: 'where_published' }, night))).toBeNull();
    expect(whyNot(builtWith({ offense: 'ignored' }, moved))).toBeNull();
    expect(whyNot(builtWith({ offense: 'ignored' }, night))).toBe(inputs);
  });

  it('stands on no version of it where that is ignored', () => {
    const versionIn = (use: UpstreamUse) => selectInputs(processorOf(player), night, use).upstreamVersions;
    expect(versionIn({ offense: 'ignored' })).toEqual([{ tableName: offenseTable, version: 0 }]);
    expect(versionIn({ offense: 'where_published' })).toEqual([{ tableName: offenseTable, version: 1 }]);
  });
});

describe('the live manifest', () => {
  it('is the one of the highest version, in whatever order they are read', () => {
    const thrice = published(night, offense, offense);
    expect(currentManifest(thrice, tableOf('team_offense_game_summary'))?.version).toBe(3);
    expect(currentManifest(reversed(thrice), tableOf('team_offense_game_summary'))?.version).toBe(3);
  });

  it("is not another table's", () => {
    const once = published(goodNight(1), offense);
    expect(currentManifest(once, tableOf('team_defense_game_summary'))).toBeNull();
  });

  it('is compared as a number: version 10 is above version 9', () => {
    const manifests = [9, 10].map((version) => ({ ...night.partition_manifest[0]!, version }));
    expect(
      currentManifest({ partition_manifest: manifests }, tableOf('team_offense_game_summary'))?.version,
    ).toBe(10);
  });
});

describe('what a processor reads', () => {
  it('are the rows of its ready games only, ordered by game', () => {
    const partly = change(night, 'nbac_team_boxscore', ofGame(1), { points: 0 });
    expect(selectNight(processorOf(offense), reversed(partly)).games.map(({ game }) => game.gameId)).toEqual([
      gameIdOf(0),
      gameIdOf(2),
    ]);
    expect(selectInputs(processorOf(offense), partly).rows.nbac_team_boxscore).toHaveLength(4);
    expect(selectInputs(processorOf(offense), partly).rows.nbac_schedule).toHaveLength(2);
  });

  it('are the tables that its declaration names, and no others', () => {
    const counts = (name: string) =>
      Object.entries(selectInputs(processorOf(name), night).rows).map(([table, rows]) => [
        table,
        rows.length,
      ]);
    for (const name of [offense, defense])
      expect(counts(name)).toEqual([
        ['nbac_schedule', 3],
        ['nbac_team_boxscore', 6],
      ]);
    expect(counts(player)).toEqual([
      ['nbac_schedule', 3],
      ['nbac_gamebook_player_stats', 60],
    ]);
  });

  it('are the same in whatever order the warehouse gives them', () => {
    for (const name of [offense, defense, player] as const)
      expect(selectInputs(processorOf(name), reversed(night))).toEqual(
        selectInputs(processorOf(name), night),
      );
  });

  it('are not live rows of another maker: their games are named, in the order of ids', () => {
    const altered = change(night, 'team_offense_game_summary', ofGame(0), { pace: 1 });
    const twice = change(altered, 'team_offense_game_summary', ofGame(1), { pace: 1 });
    const without = drop(twice, 'nbac_team_boxscore');
    const { kept, warnings } = selectNight(processorOf(offense), reversed(without));
    expect(kept.map((row) => row['game_id'])).toEqual([gameIdOf(2), gameIdOf(2)]);
    expect(warnings).toEqual(
      [0, 1].map((game) => expect.stringMatching(`^${gameIdOf(game)} was live and is no longer ready`)),
    );
  });

  it('are what was published of tables whose rows are put back, and of others as before', () => {
    const [mine, others] = [night.rows.team_offense_game_summary, night.rows.player_game_summary];
    const asPublished = { team_offense_game_summary: mine, player_game_summary: others };
    const found = withPublishedRows({ ...goodNight(3), asPublished }, { team_offense_game_summary: mine });
    expect(found.rows['team_offense_game_summary']).toBe(mine);
    expect(found.rows['player_game_summary']).toEqual([]);
    expect(found.asPublished).toEqual({ player_game_summary: others });
    expect(withPublishedRows(found, asPublished)).not.toHaveProperty('asPublished');
  });

  it('is one row a team and player: the newest', () => {
    const [first] = night.rows.nbac_gamebook_player_stats;
    const newer = { ...first!, turnovers: 1, processed_at: '2025-01-16T09:00:00.000Z' };
    const rows = selectInputs(processorOf(player), add(night, 'nbac_gamebook_player_stats', newer)).rows;
    const his = rows['nbac_gamebook_player_stats']?.filter(
      (row) => row['player_lookup'] === first!.player_lookup,
    );
    expect(his).toEqual([newer]);
  });

  it('are the upstream versions it stands on, 0 where there is none', () => {
    expect(upstreamVersions(processorOf(player), published(night, offense))).toEqual([
      { alias: 'offense', tableName: 'team_offense_game_summary', version: 2 },
    ]);
    expect(upstreamVersions(processorOf(player), goodNight(1))).toEqual([
      { alias: 'offense', tableName: 'team_offense_game_summary', version: 0 },
    ]);
    expect(upstreamVersions(processorOf(offense), night)).toEqual([]);
  });

  it('are both teams of a game whose rows name it home team first', () => {
    const turned = change(night, 'nbac_team_boxscore', (row) => row.team_abbr === homeOf(0), {
      game_id: `20250115_${homeOf(0)}_${awayOf(0)}`,
    });
    expect(
      selectNight(processorOf(offense), turned).games[0]?.inputs['teams']?.map((row) => row['team_abbr']),
    ).toEqual([awayOf(0), homeOf(0)]);
  });
});
