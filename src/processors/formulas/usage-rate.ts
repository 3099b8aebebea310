/** Usage rate: the share of the team's plays that a player used while he was on court. */
import type { Formula } from '../define-columns';

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

/** What usage needs, by the names that it has in {@link usageShare}; the team's begin with `Tm`. */
type Line = 'FGA' | 'FTA' | 'TOV' | 'MP';
export type UsageInputs = { readonly [N in Line | `Tm ${Line}`]: number | null };

const usageShare = '100 · (FGA + 0.44·FTA + TOV) · (Tm MP / 5) / (MP · (Tm FGA + 0.44·Tm FTA + Tm TOV))';

/** The four columns of usage, as the formula `usageOf` gives them from its inputs. */
export function usageFormulas<I>(usageOf: (inputs: I) => UsageRate) {
  const percent = {
    source: 'Basketball-Reference glossary, "Usg%"',
    unit: 'percent',
    undefinedWhen: 'he played for no second, or the team has no plays',
  };
  return {
    capped: {
      ...percent,
      arithmetic: `min(100, ${usageShare})`,
      compute: (inputs: I) => usageOf(inputs).usageRate,
    },
    raw: { ...percent, arithmetic: usageShare, compute: (inputs: I) => usageOf(inputs).usageRateRaw },
    valid: {
      words: 'false where the rate was capped, or needs a figure that is not known',
      undefinedWhen: 'the rate is not defined: he played for no second, or the team has no plays',
      compute: (inputs: I) => usageOf(inputs).valid,
    },
    anomalyReason: {
      words: 'why the rate was capped or is null',
      undefinedWhen: 'there is nothing to say: the rate is as computed',
      compute: (inputs: I) => usageOf(inputs).anomalyReason,
    },
  } satisfies Record<string, Formula<I, unknown>>;
}

/**
 * Usage rate, in percent.
 *
 * Undefined (null) for a player of 0:00 or a team without plays. In a few seconds of play the ratio can pass 100: the
 * capped figure is stored, with the raw one beside it and a reason.
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
