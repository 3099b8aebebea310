/** Pace and shot mix of one game's teams, from the published offence. Pure. */
import type { TeamOffenseRow } from '../team-offense-game-summary/table';
import type { ShotMixFigures } from './table';

/**
 * One row a team. `three_pt_attempt_share` is `3PA / FGA`, `free_throw_rate` is `FTA / FGA`.
 *
 * Source: Basketball-Reference glossary, "3PAr" and "FTr" (https://www.basketball-reference.com/about/glossary.html).
 */
export function shotMix(offense: readonly TeamOffenseRow[]): ShotMixFigures[] {
  return offense.map((team) => ({
    game_date: team.game_date,
    game_id: team.game_id,
    team_abbr: team.team_abbr,
    season_year: team.season_year,
    pace: team.pace,
    three_pt_attempt_share:
      team.three_pt_attempts === null ? null : team.three_pt_attempts / team.fg_attempts,
    free_throw_rate: team.ft_attempts / team.fg_attempts,
  }));
}
