/** To which build a rollback goes, from the decisions on record. Pure. */
import { lastGood, type BuildDecision } from './record';

export interface RollbackAsked {
  /** The build that is current; null before the first. */
  readonly current: string | null;
  /** The build that was named to go back to; null for the last good one. */
  readonly to: string | null;
}

export type RollbackVerdict =
  | {
      readonly kind: 'goes';
      readonly build: string;
      /** The build that is taken back. */
      readonly bad: string;
      /** The rollback that is on record already: this one ends what that did not, and goes no step further. */
      readonly repeats: BuildDecision | null;
    }
  /** `why` is a sentence. */
  | { readonly kind: 'refused'; readonly why: string; readonly isBadInput: boolean };

export function judgeRollback(
  { current, to }: RollbackAsked,
  decisions: readonly BuildDecision[],
): RollbackVerdict {
  if (current === null) return { kind: 'refused', why: 'No build is current yet.', isBadInput: false };
  const last = decisions.at(-1);
  const isRepeated =
    last?.kind === 'build_rolled_back' && last.build === current && (to ?? current) === current;
  if (isRepeated) return { kind: 'goes', build: current, bad: last.before ?? current, repeats: last };
  if (to === current) return { kind: 'refused', why: `--to is ${to}, which is current.`, isBadInput: true };
  const build = to ?? lastGood(decisions, current);
  if (build !== null) return { kind: 'goes', build, bad: current, repeats: null };
  const why = 'There is no build to go back to: none was current before this one.';
  return { kind: 'refused', why, isBadInput: false };
}

/** The rollback by which a build was taken back, unless it was made current again since; null where it was not. */
export function takenBackBy(decisions: readonly BuildDecision[], build: string): BuildDecision | null {
  const last = decisions.findLast(
    (one) => one.build === build || (one.kind === 'build_rolled_back' && one.before === build),
  );
  return last && last.build !== build ? last : null;
}
