/** Whether a build may be promoted: what its canary has found, and what a person accepts of it. Pure. */
import type { CanaryReport } from './canary-report';
import { short } from '../builds/take-over';

export interface PromotionAsked {
  readonly build: string;
  /** The build that is current; null before the first. */
  readonly current: string | null;
  /** Whether who promotes accepts that rows differ. */
  readonly acceptsDiff: boolean;
  /** Whether who promotes does without a canary, for the reason that is given. */
  readonly withoutCanary: boolean;
}

/** Why not, a sentence each that says what to do; none where it may. */
export function whyNotPromote(asked: PromotionAsked, report: CanaryReport | null): string[] {
  const { build, current, acceptsDiff, withoutCanary } = asked;
  // There is nothing that its rows could be compared with.
  if (withoutCanary || current === null) return [];
  const again = 'Run `phase3 deploy canary`, or promote it `--without-canary` with the reason.';
  if (!report) return [`There is no canary report on build ${short(build)}. ${again}`];
  if (report.base !== current)
    return [
      `The canary of ${report.at} compared build ${short(build)} with ${report.base === null ? 'a build that it could not name' : short(report.base)}, and ${short(current)} is current. ${again}`,
    ];
  const isAccepted = acceptsDiff || report.accepted !== null;
  const faults = report.gates
    .filter((gate) => gate.verdict === 'stop' && !isOfDiff(gate.name))
    .map(({ name, detail }) => `The canary's gate ${name} says stop: ${detail}.`);
  const says = report.verdict === 'stop' && report.gates.every((gate) => gate.verdict !== 'stop');
  if (says) faults.push('The canary says stop.');
  if (report.differences > 0 && !isAccepted)
    faults.push(
      `The canary found ${report.differences} differences on ${report.dates.length} dates. \`phase3 deploy diff\` shows them; promote it with \`--accept-diff\` if they are meant.`,
    );
  return faults;
}

/** The gate that counts differing rows stops until they are accepted. */
function isOfDiff(name: string): boolean {
  return name.startsWith('diff');
}
