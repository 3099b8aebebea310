import type { ProcessorName } from '../../src/contracts/phase3';
import { selectNight } from '../../src/gate/select-inputs';
import { processorOf } from '../../src/plan/registry';
import { buildRows, type BuiltRows } from '../../src/publishing/build-rows';
import { compareByKey } from '../../src/tables/compare';
import { decodeRow } from '../../src/warehouse/decode-row';
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
  processedAt,
  published,
  reversed,
} from '../support/fixtures';

const night = published(goodNight(2), offense);

function build(name: ProcessorName, snapshot = night, bypassId: string | null = null): BuiltRows {
  const processor = processorOf(name);
  return buildRows(processor, selectNight(processor, snapshot), { processedAt, bypassId });
}

describe.each([offense, defense, player] as const)('the rows of %s', (name) => {
  const processor = processorOf(name);
  const { table } = processor;

  it('have exactly the declared columns, each of its type', () => {
    for (const row of build(name).rows) {
      expect(Object.keys(row).sort()).toEqual(Object.keys(table.columns).sort());
      expect(decodeRow(table, row)).toEqual({ ok: true, row, unknownFields: [] });
    }
  });

  it('are the same, whatever order the raw rows come in', () => {
    const byHash = (rows: BuiltRows['rows']): unknown[] => rows.map((row) => row['data_hash']).sort();
    expect(byHash(build(name, reversed(night)).rows)).toEqual(byHash(build(name).rows));
  });

  it('have the same data hash whoever built them and when', () => {
    const hashes = (built: BuiltRows): unknown[] => built.rows.map((row) => row['data_hash']);
    const later = buildRows(processor, selectNight(processor, night), {
      processedAt: '2026-01-01T00:00:00.000Z',
      bypassId: 'b-1',
    });
    expect(hashes(later)).toEqual(hashes(build(name)));
    for (const row of later.rows)
      expect(row).toMatchObject({ bypass_id: 'b-1', processed_at: '2026-01-01T00:00:00.000Z' });
  });

  it('leave out a game that is not ready, and blank nobody else', () => {
    const raw = name === player ? night : goodNight(2);
    const broken = change(
      change(raw, 'nbac_team_boxscore', ofGame(0), { points: 0 }),
      'nbac_gamebook_player_stats',
      ofGame(0),
      { minutes: null },
    );
    const whole = build(name).rows.filter((row) => String(row['game_id']).includes(homeOf(1)));
    expect(build(name, broken).rows).toEqual(whole);
    expect(whole.length).toBeGreaterThan(0);
  });

  it('keep a game that is live and cannot be built now, as it is stored', () => {
    const live = published(night, name);
    const { table: own } = processor;
    const broken = change(
      change(live, 'nbac_team_boxscore', ofGame(0), { points: 0 }),
      'nbac_gamebook_player_stats',
      ofGame(0),
      { minutes: null },
    );
    const { rows, warnings } = build(name, broken);
    const byKey = compareByKey(own);
    expect([...rows].sort(byKey)).toEqual([...(live.rows[own.name] ?? [])].sort(byKey));
    expect(warnings).toEqual([]);
    // What somebody altered is not ours to vouch for.
    const altered = (broken.rows[own.name] ?? []).map((row) =>
      row['game_id'] === gameIdOf(0) ? { ...row, season_year: 1999 } : row,
    );
    const without = build(name, { ...broken, rows: { ...broken.rows, [own.name]: altered } });
    expect(new Set(without.rows.map((row) => row['game_id']))).toEqual(new Set([gameIdOf(1)]));
    expect(without.warnings).toEqual([
      `${gameIdOf(0)} was live and is no longer ready: its stored rows are not those that were published, and leave the live version`,
    ]);
  });

  it('are none without a ready game', () => {
    expect(build(name, goodNight(0))).toEqual({ rows: [], warnings: [] });
  });
});

describe('a player whom two teams list', () => {
  const traded = {
    ...night.rows.nbac_gamebook_player_stats.find((row) => row.player_status === 'active')!,
    ...{ team_abbr: homeOf(1), game_id: gameIdOf(1), home_team_abbr: homeOf(1), away_team_abbr: awayOf(1) },
    player_status: 'inactive',
    minutes: null,
    points: null,
  };

  it('is published once, with the team he played for, and the decision is told', () => {
    const { rows, warnings } = build(player, add(night, 'nbac_gamebook_player_stats', traded));
    const his = rows.filter((row) => row['player_lookup'] === traded.player_lookup);
    expect(his).toMatchObject([{ team_abbr: awayOf(0), is_active: true, points: 9 }]);
    expect(warnings).toEqual([
      `${traded.player_lookup} is listed by ${awayOf(0)} and ${homeOf(1)}; the row of ${awayOf(0)} was used`,
    ]);
  });

  it('has the opponent and the result of the game of the team that counts', () => {
    const { rows } = build(player, add(night, 'nbac_gamebook_player_stats', traded));
    expect(rows.find((row) => row['player_lookup'] === traded.player_lookup)).toMatchObject({
      opponent_team_abbr: homeOf(0),
      win_flag: false,
    });
  });
});

it('divides a player by the offence of his own team', () => {
  const doubled = change(night, 'team_offense_game_summary', (row) => row.team_abbr === homeOf(0), {
    fg_attempts: 168,
    ft_attempts: 36,
    turnovers: 22,
  });
  const usage = (snapshot: typeof night, team: string): number[] =>
    build(player, snapshot)
      .rows.filter((row) => row['team_abbr'] === team && row['is_active'] === true)
      .map((row) => Number(row['usage_rate']));
  expect(usage(doubled, awayOf(0))).toEqual(usage(night, awayOf(0)));
  usage(doubled, homeOf(0)).forEach((rate, index) =>
    expect(rate).toBeCloseTo(usage(night, homeOf(0))[index]! / 2, 9),
  );
});

it('tells which games a bypass lets be built without an upstream, and what becomes of their rows', () => {
  const processor = processorOf(player);
  const without = drop(night, 'team_offense_game_summary', ofGame(1));
  const use = { offense: 'where_published' } as const;
  const { rows, warnings } = buildRows(processor, selectNight(processor, without, use), {
    ...{ processedAt, bypassId: 'b-1', use },
  });
  expect(warnings).toEqual([
    `${gameIdOf(1)} has no rows of team_offense_game_summary: usage rates of its players are null, by the bypass`,
  ]);
  const unknown = rows.filter((row) => row['usage_rate_anomaly_reason'] === 'no_team_row');
  expect(new Set(unknown.map((row) => row['game_id']))).toEqual(new Set([gameIdOf(1)]));
  expect(unknown).toHaveLength(16);
});
