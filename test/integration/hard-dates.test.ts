/** A dozen hard dates of a real season, through the whole system, against Basketball-Reference's published figures. */
import {
  comparedTables,
  compareSeason,
  type ComparedRow,
  type OurSeason,
} from '../../scripts/verify/compare-season';
import { exportedRow } from '../../scripts/verify/exported-rows';
import { readSeasonFolder } from '../../scripts/verify/season-folder';
import { describeWithSeason, season, seasonNight } from '../support/nights';
import { Rig } from '../support/rig';

const hardDates: Record<string, string> = {
  '2024-10-23': 'a usage rate above 100 before the cap',
  '2024-11-02': 'two overtime games, a neutral site, a second meeting on consecutive days',
  '2024-11-22': 'a player at 0:00',
  '2024-12-27': 'a usage rate just above 100',
  '2025-01-06': 'two overtimes',
  '2025-02-05': 'a player whom two teams list',
  '2025-02-10': 'the first game of a traded player',
  '2025-02-12': 'two capped players, one at 303 %',
  '2025-03-09': 'the first of two meetings on consecutive days',
  '2025-03-10': 'the second of them',
  '2025-03-23': 'players without plus/minus',
  '2025-04-13': 'three overtime games among fifteen',
};

describeWithSeason('hard dates', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.open();
    await rig.startWorker();
    for (const gameDate of Object.keys(hardDates)) await rig.loadNight(seasonNight(gameDate));
    await Promise.all(Object.keys(hardDates).map((gameDate) => rig.run({ gameDate })));
  }, 120_000);
  afterAll(() => rig.close());

  test.each(Object.entries(hardDates))('%s: %s', async (gameDate) => {
    const { player_advanced: players, team_advanced: teams } = readSeasonFolder(season);
    const ofDate = (rows: readonly ComparedRow[]) => rows.filter((row) => row['game_date'] === gameDate);
    const ours: OurSeason = new Map(
      await Promise.all(
        comparedTables.map(async ({ table }) => {
          const rows = await rig.published(table, gameDate);
          return [table, rows.map((row) => exportedRow(table, JSON.stringify(row)))] as const;
        }),
      ),
    );
    const comparison = compareSeason(
      { player_advanced: ofDate(players), team_advanced: ofDate(teams) },
      ours,
    );
    expect(comparison.offenders).toEqual([]);
    expect(comparison.isRight).toBe(true);
    expect(comparison.rows.every((table) => table.compared > 0)).toBe(true);
  });

  test('the player whom two teams list has one row, and a warning says which', async () => {
    const rows = await rig.published('player_game_summary', '2025-02-05');
    expect(rows.filter((row) => row['player_lookup'] === 'jonasvalanciunas')).toHaveLength(1);
    const known = await rig.client.state('2025-02-05');
    expect(known?.state.results.PlayerGameSummaryProcessor?.warnings.join()).toContain(
      'jonasvalanciunas is listed by',
    );
  });

  test('capped usage keeps the raw figure and the reason', async () => {
    const rows = await rig.published('player_game_summary', '2025-02-12');
    const capped = rows.find((row) => row['player_lookup'] === 'dariqwhitehead');
    expect(capped).toMatchObject({
      usage_rate: 100,
      usage_rate_valid: false,
      usage_rate_anomaly_reason: 'exceeds_100',
    });
    expect(capped?.['usage_rate_raw']).toBeCloseTo(303.2, 1);
  });
});
