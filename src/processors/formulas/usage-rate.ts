/** Usage rate: the share of the team's plays that a player used while he was on court. */

/** A line that plays are counted from: a player's or a team's. */
export interface PlayLine {
  readonly fieldGoalsAttempted: number;
  readonly freeThrowsAttempted: number;
  readonly turnovers: number;
  /** A player's minutes, or the sum over a team's players. */
  readonly minutes: number;
}

export interface UsageRate {
  /** Percent, capped at 100; null when undefined. */
  readonly usageRate: number | null;
  /** Percent as computed. */
  readonly usageRateRaw: number | null;
  /** False when the figure had to be capped; null when there is none. */
  readonly valid: boolean | null;
  readonly anomalyReason: 'exceeds_100' | 'no_minutes' | 'no_team_plays' | 'no_team_row' | null;
}

/** Plays: `FGA + 0.44·FTA + TOV`. */
export function plays(line: PlayLine): number {
  return line.fieldGoalsAttempted + 0.44 * line.freeThrowsAttempted + line.turnovers;
}

/**
 * `100 · plays · (team minutes / 5) / (minutes · team plays)`, in percent.
 *
 * Undefined (null) for a player of 0:00 or a team without plays. In a few seconds of play the ratio can pass 100: the
 * capped figure is stored, with the raw one beside it and a reason.
 *
 * Source: Basketball-Reference glossary, "Usg%".
 */
export function usageRate(player: PlayLine, team: PlayLine): UsageRate {
  if (player.minutes <= 0) return undefinedUsage('no_minutes');
  const teamPlays = plays(team);
  if (teamPlays <= 0 || team.minutes <= 0) return undefinedUsage('no_team_plays');
  const raw = (100 * plays(player) * (team.minutes / 5)) / (player.minutes * teamPlays);
  return raw > 100
    ? { usageRate: 100, usageRateRaw: raw, valid: false, anomalyReason: 'exceeds_100' }
    : { usageRate: raw, usageRateRaw: raw, valid: true, anomalyReason: null };
}

/** No figure, and why. */
export function undefinedUsage(anomalyReason: 'no_minutes' | 'no_team_plays' | 'no_team_row'): UsageRate {
  return { usageRate: null, usageRateRaw: null, valid: null, anomalyReason };
}
