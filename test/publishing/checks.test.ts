import type { ProcessorName } from '../../src/contracts/phase3';
import { readyGames } from '../../src/gate/select-inputs';
import type { DateSnapshot } from '../../src/gate/snapshot';
import { runChecks, type CheckContext, type CheckResult } from '../../src/publishing/checks';
import type { PlayerSummaryRow } from '../../src/processors/player-game-summary/table';
import type { TeamDefenseRow } from '../../src/processors/team-defense-game-summary/table';
import type { TeamOffenseRow } from '../../src/processors/team-offense-game-summary/table';
import type { Row } from '../../src/tables/define-table';
import {
  awayOf,
  change,
  defense,
  gameDate,
  goodNight,
  homeOf,
  offense,
  player,
  published,
} from '../support/fixtures';

const night = published(goodNight(3), offense, defense, player);
const away = awayOf(0);

/** The context in which `runProcessor` checks. */
function contextOf(name: ProcessorName, snapshot: DateSnapshot = night): CheckContext {
  const games = readyGames(name, snapshot);
  return {
    games: games.map(({ game }) => ({ gameId: game.gameId, teams: [game.away, game.home] as const })),
    offense: name === player ? snapshot.team_offense_game_summary : [],
  };
}

function failures(
  name: ProcessorName,
  rows: readonly Row[],
  context: CheckContext = contextOf(name),
): Record<string, Pick<CheckResult, 'blocking' | 'detail'>> {
  const failed = runChecks(name, rows, context).filter((result) => !result.passed);
  return Object.fromEntries(failed.map(({ name: check, blocking, detail }) => [check, { blocking, detail }]));
}

const goodRows: Record<ProcessorName, readonly Row[]> = {
  [offense]: night.team_offense_game_summary,
  [defense]: night.team_defense_game_summary,
  [player]: night.player_game_summary,
};

describe('on a good night', () => {
  it.each([offense, defense, player] as const)('%s passes every check', (name) => {
    const results = runChecks(name, goodRows[name], contextOf(name));
    expect(results.length).toBeGreaterThan(5);
    for (const result of results)
      expect(result).toEqual({ ...result, passed: true, detail: '', samples: [] });
  });
});

interface Fault {
  readonly check: string;
  readonly blocking: boolean;
  readonly detail: string;
  readonly rows: readonly Row[];
}

const scorer = `${away.toLowerCase()}player0`;

function offenseWith(changes: Partial<TeamOffenseRow>): readonly TeamOffenseRow[] {
  return change(night, 'team_offense_game_summary', (row) => row.team_abbr === away, changes)
    .team_offense_game_summary;
}

function defenseWith(changes: Partial<TeamDefenseRow>): readonly TeamDefenseRow[] {
  return change(night, 'team_defense_game_summary', (row) => row.defending_team_abbr === away, changes)
    .team_defense_game_summary;
}

function playersWith(
  changes: Partial<PlayerSummaryRow>,
  where = (row: PlayerSummaryRow) => row.player_lookup === scorer,
): readonly PlayerSummaryRow[] {
  return change(night, 'player_game_summary', where, changes).player_game_summary;
}

function without(name: ProcessorName, column: string, value: string): readonly Row[] {
  return goodRows[name].filter((row) => row[column] !== value);
}

const faults: Record<ProcessorName, readonly Fault[]> = {
  [offense]: [
    {
      check: 'keys_are_unique',
      blocking: true,
      detail: `${gameDate}/${away} occurs twice`,
      rows: [...goodRows[offense], goodRows[offense][1]!],
    },
    {
      check: 'required_columns_are_filled',
      blocking: true,
      detail: 'opponent_team_abbr is empty',
      rows: goodRows[offense].map((row) =>
        row['team_abbr'] === away ? { ...row, opponent_team_abbr: null } : row,
      ),
    },
    {
      check: 'two_rows_a_game',
      blocking: true,
      detail: `${away} has no row`,
      rows: without(offense, 'team_abbr', away),
    },
    {
      check: 'made_at_most_attempted',
      blocking: true,
      detail: `${away} made more shots than it took`,
      rows: offenseWith({ fg_attempts: 35 }),
    },
    {
      check: 'figures_are_possible',
      blocking: true,
      detail: `${away}: 96 points on 12.0 possessions`,
      rows: offenseWith({ possessions: 12, offensive_rating: 800 }),
    },
    {
      check: 'shots_add_up_to_points',
      blocking: false,
      detail: `${away} shot 96 points, the row says 97`,
      rows: offenseWith({ points_scored: 97 }),
    },
    {
      check: 'rating_is_usual',
      blocking: false,
      detail: `${away} has an offensive rating of 200.0`,
      rows: offenseWith({ offensive_rating: 200 }),
    },
  ],
  [defense]: [
    {
      check: 'keys_are_unique',
      blocking: true,
      detail: `${gameDate}/${away} occurs twice`,
      rows: [...goodRows[defense], goodRows[defense][1]!],
    },
    {
      check: 'required_columns_are_filled',
      blocking: true,
      detail: 'game_id is empty',
      rows: goodRows[defense].map((row, index) => (index === 1 ? { ...row, game_id: null } : row)),
    },
    {
      check: 'two_rows_a_game',
      blocking: true,
      detail: `${away} has no row`,
      rows: without(defense, 'defending_team_abbr', away),
    },
    {
      check: 'made_at_most_attempted',
      blocking: true,
      detail: `${away} allowed more shots than were taken`,
      rows: defenseWith({ opp_fg_attempts: 35 }),
    },
    {
      check: 'figures_are_possible',
      blocking: true,
      detail: `${away} allowed 98 points on 0.0 possessions`,
      rows: defenseWith({ opponent_possessions: 0 }),
    },
    {
      check: 'rating_is_usual',
      blocking: false,
      detail: `${away} has a defensive rating of 60.0`,
      rows: defenseWith({ defensive_rating: 60 }),
    },
  ],
  [player]: [
    {
      check: 'keys_are_unique',
      blocking: true,
      detail: `${gameDate}/${away.toLowerCase()}dnp occurs twice`,
      rows: [
        ...goodRows[player],
        goodRows[player].find((row) => row['player_lookup'] === `${away.toLowerCase()}dnp`)!,
      ],
    },
    {
      check: 'required_columns_are_filled',
      blocking: true,
      detail: 'data_hash is empty',
      rows: goodRows[player].map((row, index) => (index === 0 ? { ...row, data_hash: null } : row)),
    },
    {
      check: 'every_team_played',
      blocking: true,
      detail: `${away} has 4 active players`,
      rows: night.player_game_summary.filter(
        (row) => row.team_abbr !== away || !/player[0-3]$/.test(row.player_lookup),
      ),
    },
    {
      check: 'usage_is_a_percentage',
      blocking: true,
      detail: `${scorer} has a usage rate of 100.1 %`,
      rows: playersWith({ usage_rate: 100.1 }),
    },
    {
      check: 'who_played_has_usage',
      blocking: true,
      detail: `${scorer} played but has no usage rate`,
      rows: playersWith({ usage_rate: null }),
    },
    {
      check: 'who_did_not_play_has_no_figures',
      blocking: true,
      detail: `${away.toLowerCase()}dnp did not play but has figures`,
      rows: playersWith({ points: 0 }, (row) => row.player_lookup === `${away.toLowerCase()}dnp`),
    },
    {
      check: 'players_add_up_to_their_team',
      blocking: true,
      detail: `${away}'s players made 151.0 plays, the team row has 102.0`,
      rows: playersWith({ fg_attempts: 56 }),
    },
    {
      check: 'only_seconds_are_capped',
      blocking: true,
      detail: `${scorer} played`,
      rows: playersWith({ usage_rate: 100, usage_rate_raw: 130 }),
    },
    {
      check: 'minutes_add_up_to_their_team',
      blocking: true,
      detail: `${away}'s players played`,
      rows: playersWith({ minutes_played: 1 }),
    },
    {
      check: 'usage_adds_up',
      blocking: true,
      detail: `${away}'s usage rates add up to`,
      rows: playersWith(
        { usage_rate: 90, usage_rate_raw: 90 },
        (row) => row.team_abbr === away && row.is_active,
      ),
    },
  ],
};

describe.each([offense, defense, player] as const)('%s', (name) => {
  it.each(faults[name].map((fault) => [fault.check, fault] as const))(
    'fails %s when it should, with a sentence',
    (check, { blocking, detail, rows }) => {
      const failed = failures(name, rows);
      expect(failed[check]?.blocking).toBe(blocking);
      expect(failed[check]?.detail).toContain(detail);
    },
  );

  it('has no check that no test has seen fail', () => {
    const checks = runChecks(name, goodRows[name], contextOf(name)).map((result) => result.name);
    expect(checks.sort()).toEqual(faults[name].map((fault) => fault.check).sort());
  });

  it('refuses a partition without rows while there are games', () => {
    expect(Object.values(failures(name, [])).some(({ blocking }) => blocking)).toBe(true);
  });
});

describe('a check', () => {
  it('shows at most three rows at fault by their keys, and counts the rest', () => {
    const [result] = runChecks(
      player,
      playersWith({ usage_rate: 101 }, (row) => row.is_active),
      contextOf(player),
    ).filter((candidate) => candidate.name === 'usage_is_a_percentage');
    expect(result?.samples).toHaveLength(3);
    expect(result?.samples[0]).toEqual({
      game_date: gameDate,
      player_lookup: night.player_game_summary.find((row) => row.is_active)!.player_lookup,
    });
    expect(result?.detail).toMatch(/; and 45 more$/);
  });

  it.each([
    ['a negative usage rate', { usage_rate: -0.1 }],
    ['a usage rate that is no number', { usage_rate: Number.NaN }],
    ['an infinite one', { usage_rate: Number.POSITIVE_INFINITY }],
  ])('refuses %s', (_what, changes) => {
    expect(failures(player, playersWith(changes))).toHaveProperty('usage_is_a_percentage');
  });

  it.each([
    ['free throws', { ft_makes: 17 }],
    ['threes', { three_pt_makes: 33 }],
  ])('refuses more %s made than taken', (_what, changes) => {
    expect(failures(offense, offenseWith(changes))).toHaveProperty('made_at_most_attempted');
  });

  it.each([
    ['no points', { points_scored: 0 }],
    ['no attempts', { fg_attempts: 0, fg_makes: 0 }],
    ['a rating that is no number', { offensive_rating: Number.NaN }],
    ['no possessions', { possessions: 0 }],
  ])('refuses %s', (_what, changes) => {
    expect(failures(offense, offenseWith(changes))).toHaveProperty('figures_are_possible');
  });

  it('refuses a row of a team that has no game', () => {
    const stranger = { ...night.team_offense_game_summary[0]!, team_abbr: 'XXX' };
    expect(failures(offense, [...goodRows[offense], stranger])).toEqual({
      two_rows_a_game: { blocking: true, detail: 'XXX has a row but no game' },
    });
  });

  it('lets a usage rate of exactly 0 and of exactly 100 through', () => {
    expect(failures(player, playersWith({ usage_rate: 0 }))).toEqual({});
    expect(failures(player, playersWith({ usage_rate: 100 }))).toEqual({});
  });

  it('lets an active player at 0:00 go without a usage rate', () => {
    const failed = failures(player, playersWith({ minutes_played: 0, usage_rate: null }));
    expect(failed).not.toHaveProperty('who_played_has_usage');
  });

  it('does not count what the source does not say against a team', () => {
    expect(failures(offense, offenseWith({ three_pt_makes: null, three_pt_attempts: null }))).toEqual({});
  });
});

describe('3 February 2026 does not happen again', () => {
  it('a night built by the formula of that day, 600 to 1275 %, is refused', () => {
    // 100 · 20 · (possessions / 5) / minutes: no team denominator.
    const rows = night.player_game_summary.map((row) =>
      row.is_active ? { ...row, usage_rate: (100 * 20 * (96 / 5)) / row.minutes_played! } : row,
    );
    const failed = failures(player, rows);
    expect(failed['usage_is_a_percentage']).toMatchObject({ blocking: true });
    expect(failed['usage_is_a_percentage']?.detail).toContain('has a usage rate of 1280.0 %');
  });

  it('one such player among good ones is enough', () => {
    expect(failures(player, playersWith({ usage_rate: 1066.67 }))).toHaveProperty('usage_is_a_percentage');
  });

  it('a night divided by placeholder team rows is refused, though every usage rate is capped at 100', () => {
    const placeholders = change(night, 'team_offense_game_summary', () => true, {
      fg_attempts: 8,
      ft_attempts: 2,
      turnovers: 0,
    });
    const rebuilt = published({ ...placeholders, player_game_summary: [] }, player);
    expect(Math.max(...rebuilt.player_game_summary.map((row) => row.usage_rate ?? 0))).toBe(100);
    expect(failures(player, rebuilt.player_game_summary, contextOf(player, rebuilt))).toMatchObject({
      players_add_up_to_their_team: { blocking: true },
    });
  });

  it('a night divided by the team rows of another night is refused', () => {
    const stale = change(night, 'team_offense_game_summary', (row) => row.team_abbr === homeOf(1), {
      fg_attempts: 110,
      turnovers: 20,
    });
    expect(failures(player, goodRows[player], contextOf(player, stale))).toMatchObject({
      players_add_up_to_their_team: { blocking: true },
    });
  });

  it('a team whose turnovers were credited to nobody still passes: its players made 6 % fewer plays', () => {
    const credited = change(night, 'team_offense_game_summary', () => true, { turnovers: 17 });
    const rebuilt = published({ ...credited, player_game_summary: [] }, player);
    expect(failures(player, rebuilt.player_game_summary, contextOf(player, rebuilt))).toEqual({});
  });
});

// The checks look at the capped figure and at the plays, never at whether the usage rates belong to those plays: a
// formula gone wrong that is capped like ours publishes a night of 100 %. In 2024-25 nobody who played more than a
// minute had to be capped, and usage weighted by minutes is 20 times the players' share of the plays in every team.
describe('usage rates that cannot belong to the plays', () => {
  it('are refused when whoever played half the game had to be capped', () => {
    const rows = night.player_game_summary.map((row) =>
      row.is_active
        ? {
            ...row,
            usage_rate: 100,
            usage_rate_raw: 1066.67,
            usage_rate_valid: false,
            usage_rate_anomaly_reason: 'exceeds_100',
          }
        : row,
    );
    expect(Object.values(failures(player, rows)).some(({ blocking }) => blocking)).toBe(true);
  });

  it("are refused when the team's minutes are the length of the game, a fifth of what they should be", () => {
    const short = published(
      change(goodNight(3), 'nbac_team_boxscore', () => true, { minutes: '48:00' }),
      offense,
      player,
    );
    expect(short.player_game_summary.find((row) => row.is_active)!.usage_rate).toBeLessThan(5);
    const refused = [
      failures(offense, short.team_offense_game_summary, contextOf(offense, short)),
      failures(player, short.player_game_summary, contextOf(player, short)),
    ].flatMap((failed) => Object.values(failed));
    expect(refused.some(({ blocking }) => blocking)).toBe(true);
  });
});
