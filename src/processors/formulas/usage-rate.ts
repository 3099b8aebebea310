/** Usage rate: the share of the team's plays that a player used while he was on court. */

/** A line that plays are counted from: a player's or a team's. */
export interface PlayLine {
  readonly fieldGoalsAttempted: number | null;
  readonly freeThrowsAttempted: number | null;
  readonly turnovers: number | null;
  /** A player's minutes, or the sum over a team's players. */
  readonly minutes: number | null;
}

export interface UsageRate {
  /** Percent, capped at 100; null when undefined. */
  readonly usageRate: number | null;
  /** Percent as computed. */
  readonly usageRateRaw: number | null;
  /** False when the figure had to be capped, or needs something that is not known; null where it is undefined. */
  readonly valid: boolean | null;
  readonly anomalyReason: 'exceeds_100' | UndefinedBecause | UnknownBecause | null;
}

/** Why there is no figure: there was nothing to divide by. */
type UndefinedBecause = 'no_minutes' | 'no_team_plays';
/** Why nobody can say: a figure that it needs is not known. */
type UnknownBecause =
  | 'no_team_row'
  | 'no_team_turnovers'
  | `unknown_${'minutes' | 'turnovers' | 'field_goals_attempted' | 'free_throws_attempted'}`;

/** Plays: `FGA + 0.44·FTA + TOV`; null where one of them is unknown. */
export function plays(line: PlayLine): number | null {
  const { fieldGoalsAttempted, freeThrowsAttempted, turnovers } = line;
  if (fieldGoalsAttempted === null || freeThrowsAttempted === null || turnovers === null) return null;
  return fieldGoalsAttempted + 0.44 * freeThrowsAttempted + turnovers;
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
  if (player.minutes === null) return unknownUsage('unknown_minutes');
  if (player.minutes <= 0) return undefinedUsage('no_minutes');
  const [own, teamPlays] = [plays(player), plays(team)];
  if (own === null) return unknownUsage(whyUnknown(player));
  if (teamPlays === null || team.minutes === null) return unknownUsage('no_team_turnovers');
  if (teamPlays <= 0 || team.minutes <= 0) return undefinedUsage('no_team_plays');
  const raw = (100 * own * (team.minutes / 5)) / (player.minutes * teamPlays);
  return raw > 100
    ? { usageRate: 100, usageRateRaw: raw, valid: false, anomalyReason: 'exceeds_100' }
    : { usageRate: raw, usageRateRaw: raw, valid: true, anomalyReason: null };
}

function whyUnknown({ fieldGoalsAttempted, freeThrowsAttempted }: PlayLine): UnknownBecause {
  if (fieldGoalsAttempted === null) return 'unknown_field_goals_attempted';
  return freeThrowsAttempted === null ? 'unknown_free_throws_attempted' : 'unknown_turnovers';
}

function undefinedUsage(anomalyReason: UndefinedBecause): UsageRate {
  return { usageRate: null, usageRateRaw: null, valid: null, anomalyReason };
}

/** No figure, since one that it needs is not known. */
export function unknownUsage(anomalyReason: UnknownBecause): UsageRate {
  return { usageRate: null, usageRateRaw: null, valid: false, anomalyReason };
}
