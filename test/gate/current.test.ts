/** What a processor reads of a date, and when its published partition is still what it would build. */
import { tableOf } from '../../src/tables/catalogue';
import { processorOf } from '../../src/plan/registry';
import { judgeProcessor, notPublished, whyNotCurrent } from '../../src/gate/judge-processor';
import { selectNight, selectInputs, upstreamVersions } from '../../src/gate/select-inputs';
import { currentManifest } from '../../src/gate/snapshot';
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
  policyAfter,
  published,
  reversed,
} from '../support/fixtures';

const night = published(goodNight(3), offense, defense, player);

describe('a published partition is current', () => {
  it.each([offense, defense, player] as const)('for %s as long as nothing moved', (name) => {
    expect(whyNotCurrent(processorOf(name), night)).toBeNull();
    expect(whyNotCurrent(processorOf(name), reversed(night))).toBeNull();
  });

  it('though its source sent the same rows again', () => {
    const again = change(
      change(night, 'nbac_gamebook_player_stats', () => true, { processed_at: '2025-02-01T08:00:00.000Z' }),
      'nbac_schedule',
      () => true,
      { processed_at: null },
    );
    for (const name of [offense, defense, player] as const)
      expect(whyNotCurrent(processorOf(name), again)).toBeNull();
  });

  it('though an input moved that it does not read', () => {
    const corrected = change(night, 'nbac_gamebook_player_stats', ofGame(0), { assists: 9 });
    expect(whyNotCurrent(processorOf(offense), corrected)).toBeNull();
    expect(
      whyNotCurrent(processorOf(player), change(night, 'nbac_team_boxscore', ofGame(0), { turnovers: 9 })),
    ).toBeNull();
  });

  it('though a copy of one of its rows came that is older', () => {
    const old = {
      ...night.rows.nbac_team_boxscore[0]!,
      turnovers: 1,
      processed_at: '2025-01-15T23:00:00.000Z',
    };
    expect(whyNotCurrent(processorOf(offense), add(night, 'nbac_team_boxscore', old))).toBeNull();
  });
});

describe('a published partition is not current, and the reason is said,', () => {
  it.each([offense, defense, player] as const)('when %s was never published', (name) => {
    expect(whyNotCurrent(processorOf(name), goodNight(3))).toBe(notPublished);
  });

  it.each([
    ['points', { points: 12 }],
    ['a plus/minus that came late', { plus_minus: 7 }],
    ['a reason', { dnp_reason: 'late' }],
  ])('when a raw row of it was corrected: %s', (_what, changes) => {
    expect(
      whyNotCurrent(processorOf(player), change(night, 'nbac_gamebook_player_stats', ofGame(0), changes)),
    ).toBe('its inputs changed since version 1 was published');
  });

  it('when the offence that it stands on has a new version, though its figures are the same', () => {
    const rebuilt = published(night, offense);
    expect(whyNotCurrent(processorOf(player), rebuilt)).toBe(
      'its inputs changed since version 1 was published',
    );
    expect(whyNotCurrent(processorOf(defense), rebuilt)).toBeNull();
  });

  it('when a stored cell was touched', () => {
    const touched = change(night, 'player_game_summary', ofGame(0), { assists: 40 });
    expect(whyNotCurrent(processorOf(player), touched)).toBe(
      'its stored rows were changed after version 1 was published',
    );
  });

  it('when even only the instant of a stored row was touched', () => {
    const touched = change(night, 'player_game_summary', ofGame(0), {
      processed_at: '2026-01-01T00:00:00.000Z',
    });
    expect(whyNotCurrent(processorOf(player), touched)).not.toBeNull();
  });

  it('when a game is no longer ready', () => {
    expect(whyNotCurrent(processorOf(offense), drop(night, 'nbac_team_boxscore', ofGame(1)))).toBe(
      'its inputs changed since version 1 was published',
    );
  });

  it('when its processor has another version', () => {
    expect(whyNotCurrent(processorOf(defense), night, { [defense]: '1.0.1' })).toBe(
      'the processor changed from version 1.0.0 to 1.0.1',
    );
    expect(whyNotCurrent(processorOf(offense), night, { [defense]: '1.0.1' })).toBeNull();
  });

  it('when the manifest is of another version than the registry', () => {
    const old = {
      ...night,
      partition_manifest: night.partition_manifest.map((row) => ({ ...row, processor_version: '0.9.0' })),
    };
    expect(whyNotCurrent(processorOf(offense), old)).toBe(
      'the processor changed from version 0.9.0 to 1.0.0',
    );
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

  it('is one row a team and player: the newest', () => {
    const [first] = night.rows.nbac_gamebook_player_stats;
    const newer = { ...first!, assists: 30, processed_at: '2025-01-16T09:00:00.000Z' };
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

it('a processor whose inputs did not move still passes its gate: it is the run that says unchanged', () => {
  expect(judgeProcessor(processorOf(offense), night, policyAfter(1)).canRun).toBe(true);
});
