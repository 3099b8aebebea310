import type { PlayerSummaryRow } from '../../../src/processors/player-game-summary/table';
import { change, goodNight, homeOf, offense, player, published, withRows } from '../../support/fixtures';
import { away, contextOf, describeRules, failures, goodRows, night } from '../rules';

const team = away.toLowerCase();
const scorer = `${team}player0`;
const isActiveOfTeam = (row: PlayerSummaryRow): boolean => row.team_abbr === away && row.is_active;

function isPlayer(lookup: string): (row: PlayerSummaryRow) => boolean {
  return (row) => row.player_lookup === lookup;
}

function rowsWith(
  changes: Partial<PlayerSummaryRow>,
  where: (row: PlayerSummaryRow) => boolean = isPlayer(scorer),
): readonly PlayerSummaryRow[] {
  return change(night, 'player_game_summary', where, changes).rows.player_game_summary;
}

/** A usage rate that nobody can compute. */
const unknown = { usage_rate: null, usage_rate_raw: null, usage_rate_valid: false } as const;

describeRules(player, {
  blocking: [
    [
      'every_team_played',
      `${away} has 4 active players`,
      night.rows.player_game_summary.filter(
        (row) => !new RegExp(`^${team}player[0-3]$`).test(row.player_lookup),
      ),
    ],
    ['usage_is_a_percentage', `${scorer} has a usage rate of 100.1 %`, rowsWith({ usage_rate: 100.1 })],
    ['usage_is_a_percentage', `${scorer} has a usage rate of -0.1 %`, rowsWith({ usage_rate: -0.1 })],
    ['usage_is_a_percentage', `${scorer} has a usage rate of NaN %`, rowsWith({ usage_rate: Number.NaN })],
    ['usage_is_a_percentage', `${scorer} has a usage rate of Infinity %`, rowsWith({ usage_rate: Infinity })],
    ['who_played_has_usage', `${scorer} played but has no usage rate`, rowsWith({ usage_rate: null })],
    [
      'who_did_not_play_has_no_figures',
      `${team}dnp did not play but has figures`,
      rowsWith({ points: 0 }, isPlayer(`${team}dnp`)),
    ],
    [
      'who_did_not_play_has_no_figures',
      `${team}dnp did not play but has figures`,
      rowsWith({ minutes_played: 0 }, isPlayer(`${team}dnp`)),
    ],
    [
      'who_did_not_play_has_no_figures',
      `${team}dnp did not play but has figures`,
      rowsWith({ usage_rate: 0 }, isPlayer(`${team}dnp`)),
    ],
    [
      'players_add_up_to_their_team',
      `${away}'s players made 151.0 plays, the team row has 102.0`,
      rowsWith({ fg_attempts: 56 }),
    ],
    [
      'only_seconds_are_capped',
      `${scorer} played 30.0 minutes at 130 % before the cap`,
      rowsWith({ usage_rate: 100, usage_rate_raw: 130 }),
    ],
    ['minutes_add_up_to_their_team', `${away}'s players played`, rowsWith({ minutes_played: 1 })],
    [
      'usage_adds_up',
      `${away}'s usage rates add up to 450 % of the team's plays`,
      rowsWith({ usage_rate: 90, usage_rate_raw: 90 }, isActiveOfTeam),
    ],
    [
      'usage_adds_up',
      `${away}'s usage rates add up to 650 % of the team's plays`,
      rowsWith({ usage_rate: 100, usage_rate_raw: 130, usage_rate_valid: false }, isActiveOfTeam),
    ],
  ],
  warning: [
    [
      'figures_are_known',
      `${scorer}: usage_rate is null: turnovers unknown`,
      rowsWith({ ...unknown, turnovers: null }),
    ],
    [
      'figures_are_known',
      `${scorer}: ts_pct is null: points, ft_attempts unknown; efg_pct is null: fg_makes unknown`,
      rowsWith({ ts_pct: null, points: null, ft_attempts: null, efg_pct: null, fg_makes: null }),
    ],
  ],
});

it('who played owes no usage rate that needs what is not known, and no sum is made of it', () => {
  const some = new RegExp(`^${team}player[0-3]$`);
  const rows = rowsWith({ ...unknown, fg_attempts: null }, (row) => some.test(row.player_lookup));
  expect(Object.keys(failures(player, rows))).toEqual(['figures_are_known']);
});

it('no sum is held against a team whose own plays are not known', () => {
  const isOfTeam = (row: { readonly team_abbr: string }): boolean => row.team_abbr === away;
  const untold = change(night, 'team_offense_game_summary', isOfTeam, { turnovers: null });
  expect(failures(player, goodRows(player), contextOf(player, untold))).toEqual({});
});

it('five active players are a team', () => {
  const bench = new RegExp(`^${team}player[0-4]$`);
  const five = night.rows.player_game_summary.filter(
    (row) => !isActiveOfTeam(row) || bench.test(row.player_lookup),
  );
  expect(five.filter(isActiveOfTeam)).toHaveLength(5);
  expect(failures(player, five)).not.toHaveProperty('every_team_played');
});

it.each([
  { minutes_played: 3, usage_rate_raw: 130 },
  { minutes_played: 30, usage_rate_raw: 100 },
])('%j is no reason to doubt a cap', (line) => {
  const failed = failures(player, rowsWith({ ...line, usage_rate: 100 }));
  expect(failed).not.toHaveProperty('only_seconds_are_capped');
});

it.each([0, 100])('%d %% is a usage rate like another', (usage_rate) => {
  expect(failures(player, rowsWith({ usage_rate }))).toEqual({});
});

it('an active player at 0:00 owes no usage rate', () => {
  const failed = failures(player, rowsWith({ minutes_played: 0, usage_rate: null }));
  expect(failed).not.toHaveProperty('who_played_has_usage');
});

it('who played owes no usage rate where a bypass waives the offence of his team, and only there', () => {
  const rows = rowsWith({ usage_rate: null, usage_rate_raw: null }, isActiveOfTeam);
  const context = contextOf(player);
  const others = night.rows.team_offense_game_summary.filter((row) => row.team_abbr !== away);
  const without = { ...context, published: { offense: others } };
  const waived = new Set(['offense']);
  expect(failures(player, rows, { ...without, waived })).toEqual({});
  expect(failures(player, rows, without)).toHaveProperty('who_played_has_usage');
  expect(failures(player, rows, { ...context, waived })).toHaveProperty('who_played_has_usage');
});

describe('3 February 2026 does not happen again', () => {
  it('a night built by the formula of that day, 600 to 1275 %, is refused', () => {
    // 100 · 20 · (possessions / 5) / minutes: no team denominator.
    const rows = night.rows.player_game_summary.map((row) =>
      row.is_active ? { ...row, usage_rate: (100 * 20 * (96 / 5)) / row.minutes_played! } : row,
    );
    const failed = failures(player, rows);
    expect(failed['usage_is_a_percentage']).toMatchObject({ blocking: true });
    expect(failed['usage_is_a_percentage']?.detail).toContain('has a usage rate of 1280.0 %');
  });

  it('one such player among good ones is enough', () => {
    expect(failures(player, rowsWith({ usage_rate: 1066.67 }))).toHaveProperty('usage_is_a_percentage');
  });

  it('a night divided by placeholder team rows is refused, though every usage rate is capped at 100', () => {
    const placeholders = change(night, 'team_offense_game_summary', () => true, {
      fg_attempts: 8,
      ft_attempts: 2,
      turnovers: 0,
    });
    const rebuilt = published(withRows(placeholders, 'player_game_summary', []), player);
    expect(Math.max(...rebuilt.rows.player_game_summary.map((row) => row.usage_rate ?? 0))).toBe(100);
    expect(failures(player, rebuilt.rows.player_game_summary, contextOf(player, rebuilt))).toMatchObject({
      players_add_up_to_their_team: { blocking: true },
    });
  });

  it('a night divided by the team rows of another night is refused', () => {
    const stale = change(night, 'team_offense_game_summary', (row) => row.team_abbr === homeOf(1), {
      fg_attempts: 110,
      turnovers: 20,
    });
    expect(failures(player, goodRows(player), contextOf(player, stale))).toMatchObject({
      players_add_up_to_their_team: { blocking: true },
    });
  });

  it('a team whose turnovers were credited to nobody still passes: its players made 6 % fewer plays', () => {
    const credited = change(night, 'team_offense_game_summary', () => true, { turnovers: 17 });
    const rebuilt = published(withRows(credited, 'player_game_summary', []), player);
    expect(failures(player, rebuilt.rows.player_game_summary, contextOf(player, rebuilt))).toEqual({});
  });
});

// These rules look at the capped figure and at the plays, never at whether the usage rates belong to those plays: a
// formula gone wrong that is capped like ours publishes a night of 100 %. In 2024-25 nobody who played more than a
// minute had to be capped, and usage weighted by minutes is 20 times the players' share of the plays in every team.
describe('usage rates that cannot belong to the plays', () => {
  it('are refused when whoever played half the game had to be capped', () => {
    const rows = night.rows.player_game_summary.map((row) =>
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
    // The rules of the game hold such a raw row; this is one that was published before them.
    const short = published(
      change(published(goodNight(3), offense), 'team_offense_game_summary', () => true, { team_minutes: 48 }),
      player,
    );
    expect(short.rows.player_game_summary.find((row) => row.is_active)!.usage_rate).toBeLessThan(5);
    const refused = [
      failures(offense, short.rows.team_offense_game_summary, contextOf(offense, short)),
      failures(player, short.rows.player_game_summary, contextOf(player, short)),
    ].flatMap((failed) => Object.values(failed));
    expect(refused.some(({ blocking }) => blocking)).toBe(true);
  });
});
