/** What the flat launch would have written: of the order of what went out on 3 February. */
import { flatLaunch, usageSummary } from '../../src/rehearsal/flat-launch';
import { incidentDate, movedNight, placeholdersOf } from '../../src/rehearsal/incident-data';
import { rehearsalNight } from './night';

const night = movedNight(rehearsalNight(), incidentDate);

test('on placeholders 19 players and more come out at 600 % to 1275 %, and none above', () => {
  const usage = usageSummary(flatLaunch(night, placeholdersOf(night.nbac_team_boxscore)));
  expect(usage.players).toBe(85);
  expect(usage.withoutUsage).toBe(0);
  expect(usage.atLeast600).toBeGreaterThanOrEqual(19);
  expect(usage.highest[0]).toMatchObject({ player: 'Russell Westbrook', team: 'OKC' });
  expect(usage.highest[0]?.usageRate).toBeLessThanOrEqual(1275);
  expect(usage.highest[0]?.usageRate).toBeCloseTo(byHand('russellwestbrook', 4), 6);
});

test('on no team rows nobody has a usage rate, and no row fails', () => {
  const rows = flatLaunch(night, []);
  expect(rows).toHaveLength(85);
  expect(new Set(rows.map((row) => row.usage_rate_anomaly_reason))).toEqual(new Set(['no_team_row']));
  expect(usageSummary(rows)).toMatchObject({ players: 85, withoutUsage: 85, above100: 0, highest: [] });
});

test('on the real team rows it gives the real rates: the arithmetic was never at fault', () => {
  const usage = usageSummary(flatLaunch(night, night.nbac_team_boxscore));
  expect(usage.above100).toBe(0);
  expect(usage.highest[0]?.usageRate).toBeCloseTo(47.2, 1);
});

test('a game of which one team row is there has no rate, and the others are not touched', () => {
  const rows = flatLaunch(
    night,
    night.nbac_team_boxscore.filter((row) => row.team_abbr !== 'OKC'),
  );
  const without = rows.filter((row) => row.usage_rate_raw === null).map((row) => row.team_abbr);
  expect(new Set(without)).toEqual(new Set(['OKC', 'HOU']));
});

/** The original's formula, from the raw row. */
function byHand(player: string, teamPlays: number): number {
  const row = night.nbac_gamebook_player_stats.find((one) => one.player_lookup === player);
  if (!row) throw new Error(`${player} is not in the night`);
  const [minutes, seconds] = (row.minutes ?? '').split(':').map(Number);
  const plays =
    (row.field_goals_attempted ?? 0) + 0.44 * (row.free_throws_attempted ?? 0) + (row.turnovers ?? 0);
  return (100 * plays * 48) / (((minutes ?? 0) + (seconds ?? 0) / 60) * teamPlays);
}
