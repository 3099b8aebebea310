/** What must hold of player rows before they go live, among themselves and against the offence they divide by. */
import { eachRow, isOutside, unknownFigures, type Rule } from '../define-rule';
import { plays } from '../formulas/usage-rate';
import type { TeamOffenseRow } from '../team-offense-game-summary/table';
import type { PlayerSummaryRow } from './table';

type PlayerRule = Rule<PlayerSummaryRow, { readonly offense: readonly TeamOffenseRow[] }>;

/**
 * Share of the team's plays that its players' lines must add up to. Over the whole of 2024-25 it lies between 0.936 and
 * 1: only turnovers credited to the team are missing. Stale or placeholder team rows fall far outside.
 */
const playersShareOfPlays = [0.85, 1.005] as const;
/** Minutes are known to the second: over 2024-25 the players' sum is within 5 s of the team's. */
const playersShareOfMinutes = [0.98, 1.02] as const;
/** A share of the team's plays above 100 % takes a few seconds of play; in 2024-25 none was longer than a minute. */
const longestCappedMinutes = 3;

/** A blocking rule of one team at a time, against the published offence that its players divide by. */
function eachTeam(
  name: string,
  faultOf: (team: TeamOffenseRow, players: readonly PlayerSummaryRow[]) => string | null,
): PlayerRule {
  return {
    name,
    blocking: true,
    find: (rows, { published }) =>
      published.offense.flatMap((team) => {
        const own = rows.filter((row) => row.team_abbr === team.team_abbr && row.is_active);
        const fault = faultOf(team, own);
        return fault === null ? [] : [{ row: null, detail: `${team.team_abbr}${fault}` }];
      }),
  };
}

function playsOf(line: Pick<TeamOffenseRow | PlayerSummaryRow, 'fg_attempts' | 'ft_attempts' | 'turnovers'>) {
  return plays({
    fieldGoalsAttempted: line.fg_attempts,
    freeThrowsAttempted: line.ft_attempts,
    turnovers: line.turnovers,
    minutes: null,
  });
}

/** Null where one of them is unknown. */
function sumOrNull(figures: readonly (number | null)[]): number | null {
  return figures.some((figure) => figure === null) ? null : sum(figures, (figure) => figure ?? 0);
}

/** Whether the usage rate needs something that is not known, and says so. */
function isUnknown(row: PlayerSummaryRow): boolean {
  return row.usage_rate === null && row.usage_rate_valid === false;
}

function sum<R>(rows: readonly R[], figure: (row: R) => number): number {
  return rows.reduce((total, row) => total + figure(row), 0);
}

export const rules: readonly PlayerRule[] = [
  {
    name: 'every_team_played',
    blocking: true,
    find: (rows, { games }) =>
      games
        .flatMap((game) => [game.away, game.home])
        .flatMap((team) => {
          const active = rows.filter((row) => row.team_abbr === team && row.is_active).length;
          return active >= 5 ? [] : [{ row: null, detail: `${team} has ${active} active players` }];
        }),
  },
  eachRow('usage_is_a_percentage', true, (row: PlayerSummaryRow) =>
    row.usage_rate !== null && isOutside(row.usage_rate, [0, 100])
      ? `${row.player_lookup} has a usage rate of ${row.usage_rate.toFixed(1)} %`
      : null,
  ),
  {
    name: 'who_played_has_usage',
    blocking: true,
    find: (rows, { published, waived }) => {
      const hasOffense = new Set(published.offense.map((team) => team.team_abbr));
      return rows.flatMap((row) => {
        const isWaived = waived.has('offense') && !hasOffense.has(row.team_abbr);
        const owed = row.is_active && (row.minutes_played ?? 0) > 0 && !isWaived;
        return owed && row.usage_rate === null && !isUnknown(row)
          ? [{ row, detail: `${row.player_lookup} played but has no usage rate` }]
          : [];
      });
    },
  },
  eachRow('who_did_not_play_has_no_figures', true, (row: PlayerSummaryRow) =>
    !row.is_active && (row.points !== null || row.minutes_played !== null || row.usage_rate !== null)
      ? `${row.player_lookup} did not play but has figures`
      : null,
  ),
  eachRow('only_seconds_are_capped', true, (row: PlayerSummaryRow) =>
    (row.usage_rate_raw ?? 0) > 100 && (row.minutes_played ?? 0) > longestCappedMinutes
      ? `${row.player_lookup} played ${(row.minutes_played ?? 0).toFixed(1)} minutes at ${(row.usage_rate_raw ?? 0).toFixed(0)} % before the cap`
      : null,
  ),
  eachTeam('players_add_up_to_their_team', (team, own) => {
    // The rules of the game held the raw rows against each other; these are the published ones that players divide by.
    const [playersPlays, teamPlays] = [sumOrNull(own.map(playsOf)), playsOf(team)];
    if (playersPlays === null || teamPlays === null) return null;
    return isOutside(playersPlays / teamPlays, playersShareOfPlays)
      ? `'s players made ${playersPlays.toFixed(1)} plays, the team row has ${teamPlays.toFixed(1)}`
      : null;
  }),
  eachTeam('minutes_add_up_to_their_team', (team, own) => {
    const minutes = sum(own, (row) => row.minutes_played ?? 0);
    return isOutside(minutes / team.team_minutes, playersShareOfMinutes)
      ? `'s players played ${minutes.toFixed(1)} minutes, the team row has ${team.team_minutes.toFixed(1)}`
      : null;
  }),
  eachTeam('usage_adds_up', (team, own) => {
    // What is not known of one player is in no sum.
    if (own.some(isUnknown)) return null;
    // The minutes-weighted mean of usage is a fifth of the team's plays: whoever computes it otherwise is found here.
    const weighted = sum(own, (row) => (row.usage_rate_raw ?? 0) * (row.minutes_played ?? 0));
    const share = weighted / (100 * (team.team_minutes / 5));
    return isOutside(share, playersShareOfPlays)
      ? `'s usage rates add up to ${(100 * share).toFixed(0)} % of the team's plays`
      : null;
  }),
  unknownFigures(
    (row: PlayerSummaryRow) => row.player_lookup,
    {
      usage_rate: ['turnovers', 'fg_attempts', 'ft_attempts'],
      ts_pct: ['points', 'fg_attempts', 'ft_attempts'],
      efg_pct: ['fg_makes', 'three_pt_makes', 'fg_attempts'],
    },
    (row) => row.is_active,
  ),
];
