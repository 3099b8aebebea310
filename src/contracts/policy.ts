/** Policy from configuration, a request's explicit overrides and the clock. */
import { newYorkDate } from './new-york';
import type { Policy, PolicyOverrides } from './phase3';

/** What configuration says of policy. */
export interface PolicySettings {
  /** Share of final games that must be ready; the plan says 0.8. */
  readonly readyShare: number;
  readonly oldAfterDays: number;
  /** Whether team rows that never came are rebuilt from their players. */
  readonly rebuildsTeamRows: boolean;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  readonly deadlineMs: number;
  readonly digestAfterMs: number;
  readonly abandonAfterMs: number;
  /** How long a bypass holds where nobody says. */
  readonly bypassForMs: number;
  /** Fixed "now" for what judges age, an ISO instant; null for the clock. */
  readonly now: string | null;
}

export const defaultPolicySettings: PolicySettings = {
  readyShare: 0.8,
  oldAfterDays: 2,
  rebuildsTeamRows: true,
  firstWaitMs: 60_000,
  longestWaitMs: 300_000,
  deadlineMs: 30 * 60_000,
  digestAfterMs: 6 * 3_600_000,
  abandonAfterMs: 14 * 24 * 3_600_000,
  bypassForMs: 7 * 24 * 3_600_000,
  now: null,
};

/** How many of the final games must be ready; at least one. */
export function wantedGames(finalGames: number, readyShare: number): number {
  // Rounded to a millionth first: 0.8 · 5 must need 4 games, whatever the last bit says.
  return Math.max(1, Math.ceil(Number((readyShare * finalGames).toFixed(6))));
}

/** The policy in force now. An override goes before configuration, configuration before the clock. */
export function policyNow(settings: PolicySettings, overrides: PolicyOverrides, clock: () => Date): Policy {
  const now = overrides.now ?? settings.now ?? clock().toISOString();
  const { now: _, ...rest } = settings;
  return { ...rest, now, today: newYorkDate(new Date(now)) };
}
