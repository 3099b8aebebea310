/** Whether a build may be promoted, by what its canary has found. Pure. */
import { short } from '../builds/take-over';
import { differencesCriterion, type CanaryReport } from './canary-report';

export interface PromotionAsked {
  readonly build: string;
  /** The build that is current; null before the first. */
  readonly current: string | null;
  /** Whether who promotes does without a canary, for the reason that is given. */
  readonly withoutCanary: boolean;
}

/** Why not, a sentence each that says what to do; none where it may. Differences that somebody has accepted stop nothing. */
export function whyNotPromote(
  { build, current, withoutCanary }: PromotionAsked,
  report: CanaryReport | null,
): string[] {
  // There is nothing that its rows could be compared with.
  if (withoutCanary || current === null) return [];
  const again = 'Run `phase3 deploy canary`, or promote it `--without-canary` with the reason.';
  if (!report) return [`There is no canary report on build ${short(build)}. ${again}`];
  if (report.base !== current)
    return [
      `The canary of ${report.at} compared build ${short(build)} with ${report.base === null ? 'a build that it could not name' : short(report.base)}, and ${short(current)} is current. ${again}`,
    ];
  return report.criteria
    .filter(({ verdict }) => verdict === 'stop')
    .map(({ name, detail }) =>
      name === differencesCriterion
        ? `The canary found ${report.differences} differences on ${report.dates.length} dates. \`phase3 deploy diff\` shows them; promote it with \`--accept-diff\` if they are meant.`
        : `The canary's criterion ${name} says stop: ${detail}.`,
    );
}
