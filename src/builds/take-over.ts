/** What a build that is started becomes: current at once, or one that waits for a person's decision. */
import { randomUUID } from 'node:crypto';
import type { Promotion } from '../contracts/code-identity';
import type { AuditEntry } from '../contracts/decisions';
import { entryOf, notTaken, type BuildDecision } from './record';
import { CrossedError, type Deployed, type DeploymentVersions } from './versions';

export interface Start {
  readonly build: string;
  readonly promotion: Promotion;
  /**
   * Whether a person has started just this build, so that one which was current before is current again. A worker that was
   * restarted while it is being replaced must not be.
   */
  readonly isAsked: boolean;
}

export type StartVerdict =
  | { readonly kind: 'current' | 'first' | 'takes_over' }
  /** `why` is a sentence. */
  | { readonly kind: 'waits'; readonly why: string };

/** What becomes of a build that is started where this is deployed. */
export function judgeStart(
  { build, promotion, isAsked }: Start,
  { current, versions }: Pick<Deployed, 'current' | 'versions'>,
): StartVerdict {
  if (current === null) return { kind: 'first' };
  if (current === build) return { kind: 'current' };
  const own = versions.find((version) => version.build === build);
  const next = `\`phase3 deploy promote\` makes it current.`;
  if (own?.rolledBack) {
    const { by, reason } = own.rolledBack;
    return {
      kind: 'waits',
      why: `Build ${short(build)} was rolled back by ${by} (${reason}), and ${short(current)} is current. ${next}`,
    };
  }
  if (promotion === 'by-hand')
    return { kind: 'waits', why: `Build ${short(build)} waits, and ${short(current)} is current. ${next}` };
  if (!isAsked && own?.currentSince)
    return {
      kind: 'waits',
      why: `Build ${short(build)} was replaced by ${short(current)}, which is current. ${next}`,
    };
  return { kind: 'takes_over' };
}

/** Puts entries on record. */
export type PutOnRecord = (entries: readonly AuditEntry[]) => Promise<void>;

/**
 * Makes a build that is started current, where that is due; its worker must poll already. On record before it takes effect. Returns
 * what became of it, and wakes the runs that are open on others.
 */
export async function takeOver(
  versions: DeploymentVersions,
  start: Start,
  by: string,
  putOnRecord: PutOnRecord,
): Promise<StartVerdict> {
  for (;;) {
    const deployed = await versions.look();
    const verdict = judgeStart(start, deployed);
    if (verdict.kind !== 'first' && verdict.kind !== 'takes_over') return verdict;
    const isFirst = verdict.kind === 'first';
    const decision: BuildDecision = {
      // Two workers of one build that start at once take one decision.
      id: isFirst ? `first/${start.build}` : `taken-over/${start.build}/${randomUUID()}`,
      kind: isFirst ? 'build_first' : 'build_taken_over',
      by,
      reason: isFirst
        ? 'the first build of this deployment'
        : `it was started, and PHASE3_PROMOTION is ${start.promotion}`,
      at: new Date().toISOString(),
      ...{ build: start.build, before: deployed.current },
    };
    await putOnRecord([entryOf(decision)]);
    try {
      await versions.setCurrent(start.build, deployed.token, by);
    } catch (error) {
      // Another worker of this build may have been first, or the answer was lost: then it is current.
      if ((await versions.look()).current === start.build) continue;
      const why = error instanceof Error ? error.message : String(error);
      await putOnRecord([notTaken(decision, why, new Date().toISOString())]);
      // Somebody else was faster: it is judged again.
      if (!(error instanceof CrossedError)) throw error;
      continue;
    }
    await versions.wakeOthers(start.build);
    return verdict;
  }
}

/** A build as people read it. */
export function short(build: string): string {
  const [commit = '', changes] = build.split('+');
  return `${commit.slice(0, 12)}${changes === undefined ? '' : `+${changes}`}`;
}
