/** The gate's answer as a whole: when rows are to be expected. */
import { addDays } from '../../src/contracts/game-date';
import { closedVerdict } from '../../src/contracts/phase3';
import { processorOf, processors } from '../../src/plan/registry';
import { checkDependencies, judgeRun, withExpectedArrivals } from '../../src/gate/check-dependencies';
import { inTime } from '../../src/gate/in-time';
import type { Warehouse } from '../../src/warehouse/warehouse';
import {
  defense,
  drop,
  gameDate,
  gameIdOf,
  goodNight,
  offense,
  ofGame,
  player,
  policyAfter,
  processedAt,
  published,
  withRows,
  type Night,
} from '../support/fixtures';

it('an ETA that takes long holds nobody up: the verdict has none', async () => {
  const night = goodNight(5);
  const warehouse = {
    readDate: async () => ({ ...night.rows, nbac_team_boxscore: [] }),
    countRows: async () => 1,
    dateRange: async () => null,
    arrivals: () => new Promise<never>(() => undefined),
  } as unknown as Warehouse;
  jest.useFakeTimers();
  const answer = checkDependencies(warehouse, gameDate, [processorOf(offense)], policyAfter(1));
  await jest.advanceTimersByTimeAsync(3_000);
  jest.useRealTimers();
  const [verdict] = await answer;
  expect(verdict).toMatchObject({ canRun: false, missing: ['nbac_team_boxscore'], expected: [] });
});

it('an answer in time leaves no timer behind, which would keep a command from ending', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  // Whoever runs the test sets a timer of its own once it has begun.
  await Promise.resolve();
  const before = timers();
  expect(await inTime(Promise.resolve('in time'), 60_000, 'late')).toBe('in time');
  await expect(inTime(Promise.reject(new Error('reset')), 60_000, 'late')).rejects.toThrow('reset');
  expect(timers()).toBe(before);
});

it('each verdict has when its own raw tables are to be expected, and each table is asked for once', async () => {
  const asked: string[] = [];
  const arrivals: Warehouse['arrivals'] = async (table) => {
    asked.push(table);
    return [1, 2, 3, 4, 5].map((days) => ({
      gameDate: addDays(gameDate, -days),
      arrivedAt: `${addDays(gameDate, 1 - days)}T09:00:00.000Z`,
    }));
  };
  const of = (...missing: string[]) => ({ ...closedVerdict(player), missing });
  const [teams, players] = ['nbac_team_boxscore', 'nbac_gamebook_player_stats'];
  const given = [of(teams), of(teams, players, 'team_offense_game_summary'), of()];
  const at = '2025-01-16T09:00:00.000Z';
  const expected = (table?: string) => ({ table, p50At: at, p90At: at, samples: 5 });
  expect(await withExpectedArrivals({ arrivals }, gameDate, given)).toEqual([
    { ...given[0], expected: [expected(teams)] },
    { ...given[1], expected: [expected(teams), expected(players)] },
    { ...given[2], expected: [] },
  ]);
  expect(asked).toEqual([teams, players]);
  // Where nothing of the sort is missing nothing is asked, and nothing said.
  const others = [of('team_offense_game_summary'), of()];
  expect(await withExpectedArrivals({ arrivals }, gameDate, others)).toEqual(others);
  expect(asked).toHaveLength(2);
});

describe('of a run', () => {
  const name = 'team_offense_game_summary';
  const night = goodNight(2);
  const late = drop(night, 'nbac_team_boxscore', ofGame(1));
  const pin = JSON.stringify({
    ...{ request_id: 'r-1', by: 'ana', reason: 'why', at: processedAt, version: 1, inputs: null },
    processor_version: processorOf(offense).version,
  });
  const pinned = (given: Night): Night => ({
    ...given,
    partition_manifest: given.partition_manifest.map((one) =>
      one.table_name === name ? { ...one, pin } : one,
    ),
  });
  const run = (given: Night) =>
    judgeRun(given, processors, policyAfter(1)).map(({ processor, canRun, readyGames }) => ({
      ...{ processor, canRun, readyGames },
    }));
  const all = (...ready: number[]) =>
    [offense, defense, player].map((processor, index) => ({
      ...{ processor, canRun: (ready[index] ?? 0) > 0, readyGames: ready[index] ?? 0 },
    }));

  test.each<[string, Night, ReturnType<typeof all>]>([
    ['what can run is there for what reads it', night, all(2, 2, 2)],
    ['what cannot run is not', drop(night, 'nbac_team_boxscore'), all(0, 0, 0)],
    ['of an old night with one game that one is', late, all(1, 1, 1)],
  ])('%s', (_what, given, expected) => {
    const policy = given === late ? policyAfter(30) : policyAfter(1);
    expect(
      judgeRun(given, processors, policy).map(({ processor, canRun, readyGames }) => ({
        ...{ processor, canRun, readyGames },
      })),
    ).toEqual(expected);
  });

  it('what is pinned is not built, so what reads it has the games that it has', () => {
    const before = published(late, offense, defense);
    const arrived = withRows(before, 'nbac_team_boxscore', night.rows.nbac_team_boxscore);
    const readyOf = (given: Night) => run(given).find(({ processor }) => processor === player)?.readyGames;
    expect(readyOf(arrived)).toBe(2);
    expect(readyOf(pinned(arrived))).toBe(1);
  });

  it('rows of what is pinned are taken as put back where they are kept', () => {
    const whole = published(night, offense, defense);
    const lost = drop(whole, name, (row) => row.game_id === gameIdOf(1));
    const kept: Night = { ...lost, asPublished: { [name]: whole.rows[name] } };
    const rowsOf = (given: Night) =>
      judgeRun(given, processors, policyAfter(1)).find(({ processor }) => processor === player)?.details[
        name
      ];
    expect(rowsOf(pinned(kept))).toMatchObject({ found: 4 });
    expect(rowsOf(pinned(lost))).toMatchObject({ found: 2 });
  });
});
