/** The record of decisions about builds: entries of the deployment's audit, and what they say. */
import type { AuditEntry } from '../contracts/decisions';
import type { AuditRow } from '../tables/orchestration';

/** The `game_date` of the deployment's audit. */
export const deploymentDate = '1970-01-01';

export const buildKinds = ['build_first', 'build_taken_over', 'build_promoted', 'build_rolled_back'] as const;
export type BuildKind = (typeof buildKinds)[number];

/** What is on record of a decision beside who, when and why. */
export interface BuildEvidence {
  /** The build that is current from then on. */
  readonly build: string;
  /** The one that was; null before the first. */
  readonly before: string | null;
  /** Of a promotion: what the canary found, or that there was none. */
  readonly canary?: unknown;
  /** Of a rollback: whether what the build had published is taken back as well. */
  readonly restores?: boolean;
}

export interface BuildDecision extends BuildEvidence {
  readonly id: string;
  readonly kind: BuildKind;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export function entryOf({ id, kind, by, reason, at, ...evidence }: BuildDecision): AuditEntry {
  return { entryId: id, kind, by, reason, processor: null, tables: [], evidence, at };
}

/** That a decision which is on record did not take effect. */
export function notTaken({ id }: BuildDecision, why: string, at: string): AuditEntry {
  return {
    ...{ entryId: `${id}/not-taken`, kind: 'not_taken', by: 'system', at },
    ...{ reason: `${id} was not carried out: ${why}`, processor: null, tables: [], evidence: {} },
  };
}

/**
 * Decisions that took effect, oldest first. `current`: the build that is current now. One whose command was killed before it could
 * say so took none: what the next one found, or what is current, is another build.
 */
export function decisionsOf(rows: readonly AuditRow[], current: string | null): BuildDecision[] {
  const all = recordedDecisions(rows);
  return all.filter(({ build }, at) => {
    const next = all[at + 1];
    // A server that has begun anew knows no build before its first.
    return next ? next.before === null || next.before === build : build === current;
  });
}

function recordedDecisions(rows: readonly AuditRow[]): BuildDecision[] {
  const undone = new Set(rows.flatMap(({ kind, entry_id: id }) => (kind === 'not_taken' ? [id] : [])));
  return [...rows]
    .sort((a, b) => a.seq - b.seq)
    .flatMap((row): BuildDecision[] => {
      const kind = buildKinds.find((one) => one === row.kind);
      if (!kind || undone.has(`${row.entry_id}/not-taken`)) return [];
      const { entry_id: id, decided_by: by, reason, decided_at: at } = row;
      // Written by us, so the shape is ours.
      return [{ ...(JSON.parse(row.evidence) as BuildEvidence), id, kind, by, reason, at }];
    });
}

/** The build to go back to: the newest that was current before and is neither `current` nor taken back since. Null: none. */
export function lastGood(decisions: readonly BuildDecision[], current: string): string | null {
  const bad = new Set<string>();
  for (const { kind, build, before } of decisions) {
    bad.delete(build);
    if (kind === 'build_rolled_back' && before !== null) bad.add(before);
  }
  const were = decisions.map(({ build }) => build).filter((build) => build !== current && !bad.has(build));
  return were.at(-1) ?? null;
}
