/** Player summaries of one game, from the gamebook and the published offence. Pure. */
import { opponentOf, won, type Game } from '../../games/game';
import type { GamebookPlayerRow } from '../../sources/nbac-gamebook-player-stats/table';
import { parseMinutes } from '../../sources/parse-minutes';
import { effectiveFieldGoals, trueShooting } from '../formulas/shooting';
import { unknownUsage, usageRate } from '../formulas/usage-rate';
import type { TeamOffenseRow } from '../team-offense-game-summary/table';
import { dnpReasonCategory } from './dnp-reason';
import type { PlayerSummaryFigures } from './table';

/** Everybody whom the gamebook lists for the game. Only a bypass lets a team be without its published offence. */
export function playerSummaries(
  game: Game,
  gamebook: readonly GamebookPlayerRow[],
  offense: readonly TeamOffenseRow[],
): PlayerSummaryFigures[] {
  return gamebook.map((row) =>
    playerSummary(game, row, offense.find((team) => team.team_abbr === row.team_abbr) ?? null),
  );
}

/** One player's summary. Without a team row, which takes a bypass, his share of its plays is unknown; so is every figure that needs a count which the gamebook lacks. */
export function playerSummary(
  game: Game,
  row: GamebookPlayerRow,
  team: TeamOffenseRow | null,
): PlayerSummaryFigures {
  const isActive = row.player_status === 'active';
  const minutes = isActive ? parseMinutes(row.minutes) : null;
  // Some sources write zeros for who did not play; that is no figure.
  const played = (value: number | null): number | null => (isActive ? value : null);
  const usage = !isActive
    ? { usageRate: null, usageRateRaw: null, valid: null, anomalyReason: null }
    : team === null
      ? unknownUsage('no_team_row')
      : usageRate(
          {
            fieldGoalsAttempted: row.field_goals_attempted,
            freeThrowsAttempted: row.free_throws_attempted,
            turnovers: row.turnovers,
            minutes,
          },
          {
            fieldGoalsAttempted: team.fg_attempts,
            freeThrowsAttempted: team.ft_attempts,
            turnovers: team.turnovers,
            minutes: team.team_minutes,
          },
        );

  return {
    game_date: game.gameDate,
    game_id: game.gameId,
    nba_game_id: game.nbaGameId,
    player_lookup: row.player_lookup,
    universal_player_id: null,
    player_full_name: row.player_name,
    team_abbr: row.team_abbr,
    opponent_team_abbr: opponentOf(game, row.team_abbr),
    season_year: game.seasonYear,
    player_status: row.player_status,
    is_active: isActive,
    is_dnp: !isActive,
    dnp_reason: isActive ? null : row.dnp_reason,
    dnp_reason_category: isActive ? null : dnpReasonCategory(row.dnp_reason),
    minutes_played: minutes,
    points: played(row.points),
    fg_makes: played(row.field_goals_made),
    fg_attempts: played(row.field_goals_attempted),
    three_pt_makes: played(row.three_pointers_made),
    three_pt_attempts: played(row.three_pointers_attempted),
    ft_makes: played(row.free_throws_made),
    ft_attempts: played(row.free_throws_attempted),
    offensive_rebounds: played(row.offensive_rebounds),
    defensive_rebounds: played(row.defensive_rebounds),
    assists: played(row.assists),
    steals: played(row.steals),
    blocks: played(row.blocks),
    turnovers: played(row.turnovers),
    personal_fouls: played(row.personal_fouls),
    plus_minus: played(row.plus_minus),
    usage_rate: usage.usageRate,
    usage_rate_raw: usage.usageRateRaw,
    usage_rate_valid: usage.valid,
    usage_rate_anomaly_reason: usage.anomalyReason,
    ts_pct: isActive ? trueShooting(row.points, row.field_goals_attempted, row.free_throws_attempted) : null,
    efg_pct: isActive
      ? effectiveFieldGoals(row.field_goals_made, row.three_pointers_made, row.field_goals_attempted)
      : null,
    win_flag: won(game, row.team_abbr),
    starter_flag: null,
    paint_attempts: null,
    paint_makes: null,
    mid_range_attempts: null,
    mid_range_makes: null,
    assisted_fg_makes: null,
    unassisted_fg_makes: null,
    points_line: null,
    over_under_result: null,
    margin: null,
    points_line_source: null,
  };
}
