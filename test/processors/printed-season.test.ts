/**
 * A whole real season through gate, arithmetic and checks, against the figures that Basketball-Reference printed. They
 * were never computed from these rows, so they are an independent truth; they differ by their rounding only.
 */
import { processorOf } from '../../src/plan/registry';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { compareSeason, type OurSeason } from '../../scripts/verify/compare-season';
import { readSeasonFolder } from '../../scripts/verify/season-folder';
import { judgeProcessor } from '../../src/gate/judge-processor';
import type { PlayerSummaryRow } from '../../src/processors/player-game-summary/table';
import type { TeamDefenseRow } from '../../src/processors/team-defense-game-summary/table';
import type { TeamOffenseRow } from '../../src/processors/team-offense-game-summary/table';
import { nbacGamebookPlayerStats } from '../../src/sources/nbac-gamebook-player-stats';
import { nbacSchedule } from '../../src/sources/nbac-schedule';
import { nbacTeamBoxscore } from '../../src/sources/nbac-team-boxscore';
import type { RowOf, TableDefinition } from '../../src/tables/define-table';
import { decodeRow } from '../../src/warehouse/decode-row';
import { defense, goodNight, offense, player, policyAfter, published, type Night } from '../support/fixtures';
import { describeWithSeason, season } from '../support/nights';
import { contextOf, failures } from './rules';

/** Every row of the season by date, decoded as `phase3 load` would. */
function byDate<T extends TableDefinition>(table: T): Map<string, RowOf<T>[]> {
  const dates = new Map<string, RowOf<T>[]>();
  const text = gunzipSync(readFileSync(join(season, 'nba_raw', `${table.name}.ndjson.gz`))).toString('utf8');
  for (const line of text.trimEnd().split('\n')) {
    const decoded = decodeRow(table, JSON.parse(line));
    if (!decoded.ok) throw new Error(`${table.name}: ${JSON.stringify(decoded.faults)} in ${line}`);
    const row = decoded.row as RowOf<T>;
    const gameDate = String(decoded.row['game_date']);
    const rows = dates.get(gameDate);
    if (rows) rows.push(row);
    else dates.set(gameDate, [row]);
  }
  return dates;
}

describeWithSeason('the season of 2024-25', () => {
  const policy = policyAfter(1);
  const nights: Night[] = [];
  let offenseRows: TeamOffenseRow[] = [];
  let defenseRows: TeamDefenseRow[] = [];
  let playerRows: PlayerSummaryRow[] = [];

  beforeAll(() => {
    const schedule = byDate(nbacSchedule.table);
    const teams = byDate(nbacTeamBoxscore.table);
    const players = byDate(nbacGamebookPlayerStats.table);
    const none = goodNight(0);
    for (const [gameDate, games] of schedule) {
      const rows = {
        nbac_schedule: games,
        nbac_team_boxscore: teams.get(gameDate) ?? [],
        nbac_gamebook_player_stats: players.get(gameDate) ?? [],
      };
      nights.push(
        published({ ...none, gameDate, rows: { ...none.rows, ...rows } }, offense, defense, player),
      );
    }
    offenseRows = nights.flatMap((night) => night.rows.team_offense_game_summary);
    defenseRows = nights.flatMap((night) => night.rows.team_defense_game_summary);
    playerRows = nights.flatMap((night) => night.rows.player_game_summary);
  });

  it('has 164 nights, and a row for every team and every active player of it', () => {
    expect(nights).toHaveLength(164);
    expect(offenseRows).toHaveLength(2462);
    expect(defenseRows).toHaveLength(2462);
    expect(playerRows.filter((row) => row.is_active)).toHaveLength(26_331);
  });

  it.each([offense, defense, player] as const)('passes the gate of %s whole on every night', (name) => {
    for (const night of nights) {
      const verdict = judgeProcessor(processorOf(name), night, { ...policy, today: night.gameDate });
      expect(verdict).toMatchObject({ canRun: true, missing: [], missingGames: [], policyBypass: null });
      expect(verdict.readyGames).toBe(night.rows.nbac_schedule.length);
    }
  });

  it('fails no blocking check, and is warned of only where Brooklyn scored 67 points at the Clippers', () => {
    const failed = nights.flatMap((night) =>
      [offense, defense, player].flatMap((name) => {
        const rows = night.rows[processorOf(name).table.name] ?? [];
        return Object.values(failures(name, rows, contextOf(name, night))).map((result) => ({
          ...{ ...result, gameDate: night.gameDate },
        }));
      }),
    );
    expect(failed.filter((result) => result.blocking)).toEqual([]);
    expect(failed.filter((result) => !/^(BKN|LAC) has /.test(result.detail))).toEqual([]);
    expect(failed.filter((result) => result.gameDate !== '2025-01-15')).toEqual([]);
  });

  it('has the published usage, pace, ratings, TS% and eFG% for every active player and every team', () => {
    const ours: OurSeason = new Map(
      ([offense, defense, player] as const).map((name) => {
        const table = processorOf(name).table.name;
        return [table, nights.flatMap((night) => night.rows[table] ?? [])];
      }),
    );
    const comparison = compareSeason(readSeasonFolder(season), ours);
    expect(comparison.offenders).toEqual([]);
    expect(comparison.isRight).toBe(true);
    // Nobody publishes a pace of opponents: it is that of the game.
    const paces = new Map(offenseRows.map((row) => [`${row.game_id} ${row.team_abbr}`, row.pace]));
    const odd = defenseRows.filter(
      (row) =>
        Math.abs(row.opponent_pace! - (paces.get(`${row.game_id} ${row.opponent_team_abbr}`) ?? 0)) > 1e-9,
    );
    expect(odd).toEqual([]);
  });

  it('has the overtimes that the schedule names', () => {
    const textOf = new Map(
      nights.flatMap((night) => night.rows.nbac_schedule.map((row) => [row.game_id, row.game_status_text])),
    );
    const textFor = ['Final', 'Final/OT', 'Final/OT2'];
    for (const row of offenseRows) expect(textOf.get(row.nba_game_id!)).toBe(textFor[row.overtime_periods]);
    expect(offenseRows.filter((row) => row.overtime_periods > 0)).toHaveLength(120);
  });

  it('caps a usage rate eight times, each in a minute of play or less, and has none for ten players at 0:00', () => {
    const capped = playerRows.filter((row) => row.usage_rate_anomaly_reason === 'exceeds_100');
    expect(capped).toHaveLength(8);
    for (const row of capped) {
      expect(row).toMatchObject({ usage_rate: 100, usage_rate_valid: false });
      expect(row.usage_rate_raw).toBeGreaterThan(100);
      expect(row.minutes_played).toBeLessThanOrEqual(1);
    }
    const idle = playerRows.filter((row) => row.usage_rate_anomaly_reason === 'no_minutes');
    expect(idle).toHaveLength(10);
    for (const row of idle)
      expect(row).toMatchObject({ is_active: true, minutes_played: 0, usage_rate: null });
  });

  it('has one winner in every game, and gives every player the flag of his team', () => {
    const wins = new Map(offenseRows.map((row) => [`${row.game_id} ${row.team_abbr}`, row.win_flag]));
    expect([...wins.values()].filter(Boolean)).toHaveLength(1231);
    const odd = playerRows.filter((row) => row.win_flag !== wins.get(`${row.game_id} ${row.team_abbr}`));
    expect(odd).toEqual([]);
  });

  it('lists a player once a night, though two teams list one on 5 February 2025', () => {
    const keys = playerRows.map((row) => `${row.game_date} ${row.player_lookup}`);
    expect(new Set(keys).size).toBe(keys.length);
    const tradeDay = nights.find((night) => night.gameDate === '2025-02-05')!;
    const names = tradeDay.rows.nbac_gamebook_player_stats.map((row) => row.player_lookup);
    expect(names.length - new Set(names).size).toBe(1);
    expect(tradeDay.rows.player_game_summary).toHaveLength(names.length - 1);
  });
});
