/**
 * The data incidents of the previous pipeline, each by its number: what its shape makes of the rows, and what ours does.
 * `docs/explanation/incidents.md` lists them.
 */
import type { Row } from '../../src/tables/define-table';
import { judgeCurrent } from '../../src/gate/judge-processor';
import { processorOf } from '../../src/plan/registry';
import { flatLaunch, usageSummary } from '../../src/rehearsal/flat-launch';
import { placeholdersOf, type RawNight } from '../../src/rehearsal/incident-data';
import { parseMinutes } from '../../src/sources/parse-minutes';
import { publish, type Published } from '../games/rules/engine';
import { gamesGone, outcomeOf } from '../games/rules/outcome';
import { change, defense, goodNight, offense, player, published } from '../support/fixtures';
import { demoNight, type Night } from '../support/nights';

const night = demoNight('2017-04-16');
const clean = publish(night);
const [first = ''] = gamesOf(night);
const [stats, teams] = ['nbac_gamebook_player_stats', 'nbac_team_boxscore'] as const;

function gamesOf({ nbac_team_boxscore: rows }: Night): string[] {
  return [...new Set(rows.map((row) => String(row['game_id'])))].sort();
}

const isOfFirst = (row: Row): boolean => row['game_id'] === first;

/** The night with other rows in one table. */
function withRows(table: typeof stats | typeof teams | 'nbac_schedule', rows: readonly Row[]): Night {
  return { ...night, [table]: [...rows] };
}

function rowsOf({ rows }: Published, table: string, isMeant: (row: Row) => boolean = () => true): Row[] {
  return [...rows].flatMap(([key, row]) => (key.startsWith(`${table}/`) && isMeant(row) ? [row] : []));
}

/** Players who played: what the incidents spoiled the usage rates of. */
function usageOf(one: Published, isMeant: (row: Row) => boolean = () => true): unknown[] {
  const played = (row: Row): boolean => Number(row['minutes_played'] ?? 0) > 0 && isMeant(row);
  return rowsOf(one, 'player_game_summary', played).map((row) => row['usage_rate']);
}

/** The players without a gate: the shape of the previous pipeline. */
function flat(of: Night, teamRows: readonly Row[]): ReturnType<typeof flatLaunch> {
  return flatLaunch(of as unknown as RawNight, teamRows as unknown as RawNight['nbac_team_boxscore']);
}

function zeroed(rows: readonly Row[], isMeant: (row: Row) => boolean): Row[] {
  return rows.map((row) =>
    isMeant(row) ? { ...row, points: 0, fg_attempted: 0, turnovers: 0, minutes: null } : row,
  );
}

const others = (row: Row): boolean => !isOfFirst(row);

it('incident 1: players that were launched before their team rows have no usage rate; ours are not built', () => {
  expect(usageSummary(flat(night, []))).toMatchObject({
    withoutUsage: usageSummary(flat(night, [])).players,
  });
  const ours = publish(withRows(teams, []));
  expect(rowsOf(ours, 'player_game_summary')).toEqual([]);
  expect(ours.withheld.join()).toContain('PlayerGameSummaryProcessor cannot run');
});

it('incident 2: a usage rate of 1228 that was written by hand is found, since its hash is another', () => {
  const live = published(goodNight(2), offense, defense, player);
  expect(judgeCurrent(processorOf(player), live)).toBeNull();
  const byHand = change(live, 'player_game_summary', (row) => row.player_lookup.endsWith('player0'), {
    usage_rate: 1228,
  });
  expect(judgeCurrent(processorOf(player), byHand)).toMatchObject({ kind: 'rows' });
  // The formula of that day: Grayson Allen, 17 shots, 3 turnovers, 36 minutes.
  expect((100 * 20 * (96 / 5)) / 36).toBeCloseTo(1066.67, 2);
});

it('incident 3: placeholders pass a count of rows and give rates of many hundred percent; ours are null, with a reason', () => {
  const rows = placeholdersOf(night[teams] as unknown as RawNight['nbac_team_boxscore']);
  expect(rows).toHaveLength(8);
  expect(usageSummary(flat(night, rows)).atLeast600).toBeGreaterThanOrEqual(19);
  const ours = publish(withRows(teams, zeroed(night[teams], isOfFirst)));
  expect(outcomeOf(clean, ours)).toBe('null');
  expect(new Set(usageOf(ours, isOfFirst))).toEqual(new Set([null]));
  expect(usageOf(ours, others)).toEqual(usageOf(clean, others));
});

it('incident 4: a rerun after a correction of the team rows stands on the corrected ones', () => {
  const corrected = withRows(
    teams,
    night[teams].map((row) => ({ ...row, turnovers: Number(row['turnovers']) + 1 })),
  );
  const stale = usageSummary(flat(corrected, night[teams])).highest;
  expect(stale).toEqual(usageSummary(flat(night, night[teams])).highest);
  expect(usageOf(publish(night, corrected))).toEqual(usageOf(publish(corrected)));
  expect(usageOf(publish(corrected))).not.toEqual(usageOf(clean));
});

it('incident 5: one late game of four is below a threshold of 80 % that all must reach; ours blanks nobody else', () => {
  expect(3 / 4).toBeLessThan(0.8);
  const ours = publish({
    ...withRows(teams, night[teams].filter(others)),
    [stats]: night[stats].filter(others),
  });
  expect(usageOf(ours)).toEqual(usageOf(clean, others));
  expect(gamesGone(clean, ours)).toEqual([first]);
});

it('incident 6: rows that came twice are one row', () => {
  const twice = publish({ ...night, [teams]: [...night[teams], ...night[teams]] }, night);
  expect(night[teams].length * 2).toBe(16);
  expect(rowsOf(twice, 'team_offense_game_summary')).toHaveLength(8);
  expect(outcomeOf(clean, twice)).toBe('the same');
});

it('incident 8: a gamebook in two batches converges to the rows of one', () => {
  const half = withRows(stats, night[stats].slice(0, night[stats].length / 2));
  const early = publish(half);
  expect(early.withheld.length).toBeGreaterThan(0);
  expect(outcomeOf(clean, publish(half, night))).toBe('the same');
});

it('incident 9: the same files again raise nothing, whatever their rows are counted to be', () => {
  expect(publish(night, night, night)).toMatchObject({ withheld: [], warnings: clean.warnings });
});

it('incident 13: no rows are no success', () => {
  const ours = publish({ ...night, [teams]: [], [stats]: [] });
  expect(ours.rows.size).toBe(0);
  for (const processor of ['TeamOffense', 'TeamDefense', 'Player'])
    expect(ours.withheld.join()).toMatch(
      new RegExp(`${processor}GameSummaryProcessor cannot run: (?!no_games)`),
    );
});

it('incident 14: ids with the home team first are two games to who joins by them, and one to us', () => {
  const [day, away, home] = first.split('_');
  const turned = withRows(
    teams,
    night[teams].map((row) =>
      isOfFirst(row) && row['is_home'] === true ? { ...row, game_id: [day, home, away].join('_') } : row,
    ),
  );
  expect(gamesOf(turned)).toHaveLength(5);
  expect(outcomeOf(clean, publish(turned))).toBe('the same');
});

it('incident 15: a source that has nothing for a third of its players is not published', () => {
  const broken = night[stats].map((row, index) =>
    isOfFirst(row) && index % 3 === 0
      ? {
          ...row,
          points: 0,
          field_goals_made: 0,
          field_goals_attempted: 0,
          minutes: '00',
          minutes_decimal: 0,
        }
      : row,
  );
  const stars = flat(withRows(stats, broken), night[teams]).filter((row) => row.minutes_played === 0);
  expect(stars.length).toBeGreaterThan(3);
  const ours = publish(withRows(stats, broken));
  expect([outcomeOf(clean, ours), gamesGone(clean, ours)]).toEqual(['held', [first]]);
});

it.each([
  [17, 'status 2', (row: Row): Row => ({ ...row, game_status: 2, game_status_text: 'Q4 0:00' })],
  [18, 'team rows of zeros', null],
])('incident %i: one game with %s keeps nobody else, and is published when it is over', (_, __, change) => {
  const schedule = night.nbac_schedule.map((row) => {
    const id = `${first.slice(0, 9)}${String(row['away_team_tricode'])}_${String(row['home_team_tricode'])}`;
    return change && id === first ? change(row) : row;
  });
  const live = {
    ...withRows('nbac_schedule', schedule),
    // What has begun has no box score yet.
    [teams]: change ? night[teams] : zeroed(night[teams], isOfFirst),
    [stats]: change ? night[stats] : night[stats].filter(others),
  };
  const ours = publish(live);
  expect(gamesGone(clean, ours)).toEqual([first]);
  expect(usageOf(ours, others)).toEqual(usageOf(clean, others));
  expect(outcomeOf(clean, publish(live, night))).toBe('the same');
});

it('incident 21: a gamebook that never comes is named, and the teams and the other games are live', () => {
  const ours = publish(withRows(stats, night[stats].filter(others)));
  expect(gamesGone(clean, ours)).toEqual([first]);
  expect(rowsOf(ours, 'team_offense_game_summary')).toHaveLength(8);
  expect(ours.withheld).toEqual([`${first} missing: no player row`]);
});

it('incident 25: a gamebook of names alone is no game', () => {
  const names = night[stats].map((row) =>
    isOfFirst(row) ? { ...row, minutes: null, minutes_decimal: null, points: null } : row,
  );
  expect(names.filter(isOfFirst).length).toBeGreaterThan(15);
  const ours = publish(withRows(stats, names));
  expect(rowsOf(ours, 'player_game_summary', isOfFirst)).toEqual([]);
  expect(rowsOf(ours, 'team_offense_game_summary', isOfFirst)).toHaveLength(2);
  expect(ours.withheld).toEqual([expect.stringContaining('no active player has minutes')]);
});

it('incident 29: minutes keep their seconds, and no number is made of a text', () => {
  expect(Number('35:42')).toBeNaN();
  expect(Math.round(35.7)).toBe(36);
  expect(parseMinutes('35:42')).toBeCloseTo(35.7, 10);
  const minutes = rowsOf(clean, 'player_game_summary').map((row) => Number(row['minutes_played']));
  expect(minutes.some((one) => !Number.isInteger(one))).toBe(true);
  expect(minutes.every((one) => one > 0)).toBe(true);
});

it('incident 30: who did not play has no figures, so no average has him', () => {
  const { player_game_summary: rows } = published(goodNight(1), offense, defense, player).rows;
  const idle = rows.filter((row) => row.is_dnp);
  expect(idle).toHaveLength(4);
  for (const row of idle) expect(row).toMatchObject({ points: null, minutes_played: null, usage_rate: null });
  const mean = (points: readonly number[]): number =>
    points.reduce((sum, one) => sum + one, 0) / points.length;
  const old = mean(rows.map(({ points }) => points ?? 0));
  expect(mean(rows.flatMap(({ points }) => points ?? []))).toBeGreaterThan(old);
});

it('incident 31: who won has won, and a line of zeros has a usage rate of 0', () => {
  const won = rowsOf(clean, 'player_game_summary').map((row) => row['win_flag']);
  expect(new Set(won)).toEqual(new Set([true, false]));
  const zeros = usageOf(clean).filter((rate) => rate === 0);
  expect(zeros.length).toBeGreaterThan(0);
});

it('incident 33: who is listed as inactive by both teams has one row, and a sentence says which', () => {
  const good = goodNight(1);
  const [idle] = good.rows[stats].filter((row) => row.player_status === 'inactive');
  const other = good.rows[stats].find((row) => row.team_abbr !== idle!.team_abbr)!.team_abbr;
  const merged = { ...good.rows, [stats]: [...good.rows[stats], { ...idle!, team_abbr: other }] };
  expect(merged[stats].filter((row) => row.player_lookup === idle!.player_lookup)).toHaveLength(2);
  const ours = publish(merged);
  const rows = rowsOf(ours, 'player_game_summary', (row) => row['player_lookup'] === idle!.player_lookup);
  expect(rows).toHaveLength(1);
  expect(ours.warnings.join()).toContain(`${idle!.player_lookup} is listed by`);
});
