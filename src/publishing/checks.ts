/** Checks on a staged partition, before it may be published. Pure: they see the rows as the warehouse holds them. */
import type { ProcessorName } from '../contracts/phase3';
import { processors } from '../plan/processors';
import { plays } from '../stats/usage-rate';
import type { PlayerSummaryRow, TeamDefenseRow, TeamOffenseRow } from '../tables/analytics';
import { analyticsTables } from '../tables/catalogue';
import type { Row, TableDefinition } from '../tables/define-table';

/** What the checks need to know beside the rows. */
export interface CheckContext {
  /** Games that the partition covers, with both teams. */
  readonly games: readonly { readonly gameId: string; readonly teams: readonly [string, string] }[];
  /** The published offence that a player partition divides by; empty for the others. */
  readonly offense: readonly TeamOffenseRow[];
  /** Teams without a published offence, which a bypass waives: their players have no usage rate. */
  readonly waivedTeams?: ReadonlySet<string>;
}

export interface CheckResult {
  readonly name: string;
  /** A failed blocking check keeps the partition from being published; a failed warning is recorded with it. */
  readonly blocking: boolean;
  readonly passed: boolean;
  /** One sentence on what was found; empty when passed. */
  readonly detail: string;
  /** At most three rows at fault, by their keys. */
  readonly samples: readonly Row[];
}

interface Check<R extends Row = Row> {
  readonly name: string;
  readonly blocking: boolean;
  /** Rows at fault, with a sentence; an empty list passes. */
  find(rows: readonly R[], context: CheckContext): readonly Finding<R>[];
}

interface Finding<R> {
  readonly row: R | null;
  readonly detail: string;
}

/** Runs the processor's checks. The partition may be published when no blocking check failed. */
export function runChecks(
  processor: ProcessorName,
  rows: readonly Row[],
  context: CheckContext,
): CheckResult[] {
  const table = analyticsTables[processors[processor].table];
  // A row that lacks what it must have is found as such; what the other checks would make of it says nothing.
  const filled = filledRows(table, rows);
  const common: readonly Check[] = [uniqueKeys(table.key), requiredColumns(table.columns)];
  return [...common, ...checksOf(processor)].map((check) => {
    const findings = check.find(common.includes(check) ? rows : filled, context);
    return {
      name: check.name,
      blocking: check.blocking,
      passed: findings.length === 0,
      detail: summarise(findings.map((finding) => finding.detail)),
      samples: findings.slice(0, 3).flatMap(({ row }) => (row ? [keyOf(row, table.key)] : [])),
    };
  });
}

function summarise(details: readonly string[]): string {
  const shown = details.slice(0, 3).join('; ');
  return details.length > 3 ? `${shown}; and ${details.length - 3} more` : shown;
}

function keyOf(row: Row, key: readonly string[]): Row {
  return Object.fromEntries(key.map((column) => [column, row[column] ?? null]));
}

/** The rows that have all that their table requires. */
export function filledRows<R extends Row>(table: TableDefinition, rows: readonly R[]): R[] {
  const required = Object.keys(table.columns).filter((column) => table.columns[column]?.required);
  return rows.filter((row) => required.every((column) => (row[column] ?? null) !== null));
}

function checksOf(processor: ProcessorName): readonly Check[] {
  switch (processor) {
    case 'TeamOffenseGameSummaryProcessor':
      return offenseChecks;
    case 'TeamDefenseGameSummaryProcessor':
      return defenseChecks;
    case 'PlayerGameSummaryProcessor':
      return playerChecks;
  }
}

function uniqueKeys(key: readonly string[]): Check {
  return {
    name: 'keys_are_unique',
    blocking: true,
    find: (rows) => {
      const seen = new Set<string>();
      return rows.flatMap((row) => {
        const id = key.map((column) => String(row[column])).join('/');
        if (!seen.has(id)) {
          seen.add(id);
          return [];
        }
        return [{ row, detail: `${id} occurs twice` }];
      });
    },
  };
}

function requiredColumns(columns: (typeof analyticsTables)[keyof typeof analyticsTables]['columns']): Check {
  const names = Object.entries(columns).flatMap(([name, column]) => ('required' in column ? [name] : []));
  return {
    name: 'required_columns_are_filled',
    blocking: true,
    find: (rows) =>
      rows.flatMap((row) =>
        names
          .filter((name) => row[name] === null || row[name] === undefined)
          .map((name) => ({ row, detail: `${name} is empty` })),
      ),
  };
}

/** Both teams of every game, and no others. */
function bothTeams<R extends Row>(teamOf: (row: R) => string): Check<R> {
  return {
    name: 'two_rows_a_game',
    blocking: true,
    find: (rows, { games }) => {
      const wanted = games.flatMap((game) => game.teams);
      const found = rows.map(teamOf);
      return [
        ...wanted
          .filter((team) => !found.includes(team))
          .map((team) => ({ row: null, detail: `${team} has no row` })),
        ...rows
          .filter((row) => !wanted.includes(teamOf(row)))
          .map((row) => ({ row, detail: `${teamOf(row)} has a row but no game` })),
      ];
    },
  };
}

/** A check of one row at a time: the sentence of the fault, or null. */
function eachRow<R extends Row>(
  name: string,
  blocking: boolean,
  faultOf: (row: R) => string | null,
): Check<R> {
  return {
    name,
    blocking,
    find: (rows) =>
      rows.flatMap((row) => {
        const detail = faultOf(row);
        return detail === null ? [] : [{ row, detail }];
      }),
  };
}

function outside(value: number, low: number, high: number): boolean {
  return !(value >= low && value <= high);
}

/** Ratings beyond these cannot come from a whole game; the narrower band holds all but a handful of games a season. */
const possibleRating = [40, 250] as const;
const usualRating = [75, 165] as const;

const offenseChecks: readonly Check<TeamOffenseRow>[] = [
  bothTeams((row) => row.team_abbr),
  eachRow('made_at_most_attempted', true, (row) =>
    row.fg_makes > row.fg_attempts ||
    (row.ft_makes ?? 0) > row.ft_attempts ||
    (row.three_pt_makes ?? 0) > (row.three_pt_attempts ?? Infinity)
      ? `${row.team_abbr} made more shots than it took`
      : null,
  ),
  eachRow('figures_are_possible', true, (row) =>
    row.points_scored <= 0 ||
    row.fg_attempts <= 0 ||
    row.possessions <= 0 ||
    outside(row.offensive_rating, ...possibleRating)
      ? `${row.team_abbr}: ${row.points_scored} points on ${row.possessions.toFixed(1)} possessions`
      : null,
  ),
  eachRow('shots_add_up_to_points', false, (row) => {
    if (row.three_pt_makes === null || row.ft_makes === null) return null;
    const points = 2 * row.fg_makes + row.three_pt_makes + row.ft_makes;
    return points === row.points_scored
      ? null
      : `${row.team_abbr} shot ${points} points, the row says ${row.points_scored}`;
  }),
  eachRow('rating_is_usual', false, (row) =>
    outside(row.offensive_rating, ...usualRating)
      ? `${row.team_abbr} has an offensive rating of ${row.offensive_rating.toFixed(1)}`
      : null,
  ),
];

const defenseChecks: readonly Check<TeamDefenseRow>[] = [
  bothTeams((row) => row.defending_team_abbr),
  eachRow('made_at_most_attempted', true, (row) =>
    row.opp_fg_makes > row.opp_fg_attempts || (row.opp_ft_makes ?? 0) > row.opp_ft_attempts
      ? `${row.defending_team_abbr} allowed more shots than were taken`
      : null,
  ),
  eachRow('figures_are_possible', true, (row) =>
    row.points_allowed <= 0 ||
    row.opp_fg_attempts <= 0 ||
    row.opponent_possessions <= 0 ||
    outside(row.defensive_rating, ...possibleRating)
      ? `${row.defending_team_abbr} allowed ${row.points_allowed} points on ${row.opponent_possessions.toFixed(1)} possessions`
      : null,
  ),
  eachRow('rating_is_usual', false, (row) =>
    outside(row.defensive_rating, ...usualRating)
      ? `${row.defending_team_abbr} has a defensive rating of ${row.defensive_rating.toFixed(1)}`
      : null,
  ),
];

/**
 * Share of the team's plays that its players' lines must add up to. Over the whole of 2024-25 it lies between 0.936 and
 * 1: only turnovers credited to the team are missing. Stale or placeholder team rows fall far outside.
 */
const playersShareOfPlays = [0.85, 1.005] as const;
/** Minutes are known to the second: over 2024-25 the players' sum is within 5 s of the team's. */
const playersShareOfMinutes = [0.98, 1.02] as const;
/** A share of the team's plays above 100 % takes a few seconds of play; in 2024-25 none was longer than a minute. */
const longestCappedMinutes = 3;

/** A blocking check of one team at a time, against the published offence that its players divide by. */
function eachTeam(
  name: string,
  faultOf: (team: TeamOffenseRow, players: readonly PlayerSummaryRow[]) => string | null,
): Check<PlayerSummaryRow> {
  return {
    name,
    blocking: true,
    find: (rows, { offense }) =>
      offense.flatMap((team) => {
        const own = rows.filter((row) => row.team_abbr === team.team_abbr && row.is_active);
        const fault = faultOf(team, own);
        return fault === null ? [] : [{ row: null, detail: `${team.team_abbr}${fault}` }];
      }),
  };
}

function sum<R>(rows: readonly R[], figure: (row: R) => number): number {
  return rows.reduce((total, row) => total + figure(row), 0);
}

const playerChecks: readonly Check<PlayerSummaryRow>[] = [
  {
    name: 'every_team_played',
    blocking: true,
    find: (rows, { games }) =>
      games
        .flatMap((game) => game.teams)
        .flatMap((team) => {
          const active = rows.filter((row) => row.team_abbr === team && row.is_active).length;
          return active >= 5 ? [] : [{ row: null, detail: `${team} has ${active} active players` }];
        }),
  },
  eachRow('usage_is_a_percentage', true, (row) =>
    row.usage_rate !== null && outside(row.usage_rate, 0, 100)
      ? `${row.player_lookup} has a usage rate of ${row.usage_rate.toFixed(1)} %`
      : null,
  ),
  {
    name: 'who_played_has_usage',
    blocking: true,
    find: (rows, { waivedTeams }) =>
      rows.flatMap((row) => {
        const owed = row.is_active && (row.minutes_played ?? 0) > 0 && !waivedTeams?.has(row.team_abbr);
        return owed && row.usage_rate === null
          ? [{ row, detail: `${row.player_lookup} played but has no usage rate` }]
          : [];
      }),
  },
  eachRow('who_did_not_play_has_no_figures', true, (row) =>
    !row.is_active && (row.points !== null || row.minutes_played !== null || row.usage_rate !== null)
      ? `${row.player_lookup} did not play but has figures`
      : null,
  ),
  eachRow('only_seconds_are_capped', true, (row) =>
    (row.usage_rate_raw ?? 0) > 100 && (row.minutes_played ?? 0) > longestCappedMinutes
      ? `${row.player_lookup} played ${(row.minutes_played ?? 0).toFixed(1)} minutes at ${(row.usage_rate_raw ?? 0).toFixed(0)} % before the cap`
      : null,
  ),
  eachTeam('players_add_up_to_their_team', (team, own) => {
    const playersPlays = sum(own, (row) =>
      plays({
        fieldGoalsAttempted: row.fg_attempts ?? 0,
        freeThrowsAttempted: row.ft_attempts ?? 0,
        turnovers: row.turnovers ?? 0,
        minutes: 0,
      }),
    );
    const teamPlays = plays({
      fieldGoalsAttempted: team.fg_attempts,
      freeThrowsAttempted: team.ft_attempts,
      turnovers: team.turnovers,
      minutes: 0,
    });
    return outside(playersPlays / teamPlays, ...playersShareOfPlays)
      ? `'s players made ${playersPlays.toFixed(1)} plays, the team row has ${teamPlays.toFixed(1)}`
      : null;
  }),
  eachTeam('minutes_add_up_to_their_team', (team, own) => {
    const minutes = sum(own, (row) => row.minutes_played ?? 0);
    return outside(minutes / team.team_minutes, ...playersShareOfMinutes)
      ? `'s players played ${minutes.toFixed(1)} minutes, the team row has ${team.team_minutes.toFixed(1)}`
      : null;
  }),
  eachTeam('usage_adds_up', (team, own) => {
    // The minutes-weighted mean of usage is a fifth of the team's plays: whoever computes it otherwise is found here.
    const weighted = sum(own, (row) => (row.usage_rate_raw ?? 0) * (row.minutes_played ?? 0));
    const share = weighted / (100 * (team.team_minutes / 5));
    return outside(share, ...playersShareOfPlays)
      ? `'s usage rates add up to ${(100 * share).toFixed(0)} % of the team's plays`
      : null;
  }),
];
