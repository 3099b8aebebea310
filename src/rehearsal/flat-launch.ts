/**
 * What the all-at-once run would have written: the players on whatever team rows are there. Without team rows no player
 * has a usage rate; on placeholders a rate is many hundred percent. In memory only. Pure.
 */
import { gameFromSchedule } from '../games/game';
import { playerSummaries } from '../processors/player-game-summary/build';
import { onePerPlayer } from '../processors/player-game-summary/one-per-player';
import type { PlayerSummaryFigures } from '../processors/player-game-summary/table';
import { teamOffenseSummaries } from '../processors/team-offense-game-summary/build';
import type { TeamOffenseRow } from '../processors/team-offense-game-summary/table';
import type { TeamBoxscoreRow } from '../sources/nbac-team-boxscore/table';
import { seasonOf } from '../games/season';
import type { RawNight } from './incident-data';

/**
 * Minutes of a team, whatever its row says. The previous pipeline multiplied by a fixed 48, which is 240 / 5: with the
 * minutes of a placeholder, which has none, there would be no figure at all.
 *
 * Source: the original's `usage_rate`, `100 · (FGA + 0.44·FTA + TOV) · 48 / (minutes · team plays)`.
 */
const fixedTeamMinutes = '240:00';

/** The player rows without a gate: rows that are there count as rows that are right. */
export function flatLaunch(
  { nbac_schedule, nbac_gamebook_player_stats }: Omit<RawNight, 'nbac_team_boxscore'>,
  teamRows: readonly TeamBoxscoreRow[],
): PlayerSummaryFigures[] {
  return nbac_schedule.flatMap((schedule) => {
    const game = gameFromSchedule(schedule, seasonOf(schedule.game_date));
    const plays = (row: { readonly team_abbr: string }): boolean =>
      row.team_abbr === game.home || row.team_abbr === game.away;
    const own = teamRows.filter(plays).map((row) => ({ ...row, minutes: fixedTeamMinutes }));
    const offense = (own.length === 2 ? teamOffenseSummaries(game, own) : []).map(
      (figures): TeamOffenseRow => ({ ...figures, bypass_id: null, data_hash: '', processed_at: '' }),
    );
    const { games } = onePerPlayer([
      { game, inputs: { gamebook: nbac_gamebook_player_stats.filter(plays) } },
    ]);
    return games.flatMap(({ inputs }) => playerSummaries(game, inputs.gamebook, offense));
  });
}

export interface PlayerUsage {
  readonly player: string;
  readonly team: string;
  readonly minutes: number;
  /** Percent as computed, not capped. */
  readonly usageRate: number;
}

export interface UsageSummary {
  /** Players who played. */
  readonly players: number;
  readonly withoutUsage: number;
  readonly above100: number;
  readonly atLeast600: number;
  /** The highest first. */
  readonly highest: readonly PlayerUsage[];
}

type UsageColumns = Pick<
  PlayerSummaryFigures,
  'is_active' | 'minutes_played' | 'player_full_name' | 'player_lookup' | 'team_abbr' | 'usage_rate_raw'
>;

/** How the usage rates of a night look, before anything is capped. */
export function usageSummary(rows: readonly UsageColumns[], named = 5): UsageSummary {
  const played = rows.filter((row) => row.is_active && (row.minutes_played ?? 0) > 0);
  const rates = played
    .flatMap((row): PlayerUsage[] =>
      row.usage_rate_raw === null
        ? []
        : [
            {
              player: row.player_full_name ?? row.player_lookup,
              team: row.team_abbr,
              minutes: row.minutes_played ?? 0,
              usageRate: row.usage_rate_raw,
            },
          ],
    )
    .sort((a, b) => b.usageRate - a.usageRate);
  return {
    players: played.length,
    withoutUsage: played.length - rates.length,
    above100: rates.filter(({ usageRate }) => usageRate > 100).length,
    atLeast600: rates.filter(({ usageRate }) => usageRate >= 600).length,
    highest: rates.slice(0, named),
  };
}
