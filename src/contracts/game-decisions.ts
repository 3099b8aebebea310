/**
 * What people decide about games. Of one whose evidence breaks a rule: to publish it all the same (`release`), or to leave it as
 * it is (`discard`). Of one whose team row never came: to do with an estimate of what its players cannot give (`estimate`). The
 * audit is where such a decision is kept and what it is read from, so nothing can be in force that is not on record. Pure.
 */
import type { AuditRow } from '../tables/orchestration';

/** A blocking rule that a game breaks, with the hash of everything that contradicts it. */
export interface SeenRule {
  readonly rule: string;
  readonly evidence: string;
}

export const gameDecisionKinds = ['release', 'discard', 'estimate'] as const;
export type GameDecisionKind = (typeof gameDecisionKinds)[number];

/** What stands for a count of teams themselves, which is in no player's row: what the person saw, and accepted. */
export interface TeamEstimate {
  /** The teams whose rows never came. The estimate is for these and no others. */
  readonly teams: string[];
  /** The count of a team itself in a game: the mean over so many team games between two dates, both included. */
  readonly mean: number;
  readonly games: number;
  readonly from: string;
  readonly to: string;
}

export interface GameDecision {
  readonly decisionId: string;
  readonly kind: GameDecisionKind;
  readonly gameId: string;
  /** What the person saw: the decision is about this evidence and no other. None of an estimate. */
  readonly rules: readonly SeenRule[];
  /** Of an estimate: what it is. */
  readonly estimate?: TeamEstimate;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601, UTC; until when a release or an estimate holds. A discard holds until the evidence is another. */
  readonly until: string | null;
  /** Why it holds no more; null while it holds. `cleared`: the evidence agrees, or has come, and the audit says so. */
  readonly over: 'cleared' | 'replaced' | 'expired' | null;
  /** Whether the audit says so. */
  readonly isOverOnRecord: boolean;
}

/** A decision as a verdict on its game shows it. */
export type AppliedDecision = Pick<GameDecision, 'decisionId' | 'kind' | 'by' | 'reason' | 'until'>;

/** The evidence that the audit keeps of such a decision. */
export interface DecidedGame {
  readonly game: string;
  readonly rules: readonly SeenRule[];
  readonly until?: string;
  readonly estimate?: TeamEstimate;
}

export function isGameDecision(kind: string): kind is GameDecisionKind {
  return (gameDecisionKinds as readonly string[]).includes(kind);
}

/** Whether a decision of this kind ends at an instant that the person names. */
export function holdsUntil(kind: string): boolean {
  return kind === 'release' || kind === 'estimate';
}

/**
 * Whether two decisions are about the same of one game, so that the later replaces the earlier: the rules that it breaks, or what
 * is not known of it. A game may need both.
 */
export function isOfOneKind(a: GameDecisionKind, b: GameDecisionKind): boolean {
  return (a === 'estimate') === (b === 'estimate');
}

/** The entry that says that a decision is over: since the evidence agrees, or since its time has passed. */
export function overId(decisionId: string, how: 'cleared' | 'expired'): string {
  return `${decisionId}/${how}`;
}

/** The entry that says that a decision may be recorded, but was not accepted: nothing is done by it. */
export function notTakenId(decisionId: string): string {
  return `${decisionId}/not-taken`;
}

/**
 * The decisions about games that a date's audit has, oldest first, without those that were not accepted. `now` is an ISO instant;
 * null where nobody asks what has expired.
 */
export function gameDecisions(audit: readonly AuditRow[], now: string | null): GameDecision[] {
  const entries = [...audit].sort((a, b) => a.seq - b.seq);
  const ids = new Set(entries.map((entry) => entry.entry_id));
  const newest = new Map<string, string>();
  const decided = entries.flatMap((entry) => {
    const { kind } = entry;
    if (!isGameDecision(kind) || ids.has(notTakenId(entry.entry_id))) return [];
    // Written from a message whose fields were checked, so the shape is ours.
    const { game, rules, until, estimate } = JSON.parse(entry.evidence) as Partial<DecidedGame>;
    if (game === undefined || rules === undefined) return [];
    newest.set(keyOf(game, kind), entry.entry_id);
    return [{ entry, kind, gameId: game, rules, until: until ?? null, ...(estimate ? { estimate } : {}) }];
  });
  return decided.map(({ entry, kind, gameId, until, ...seen }) => ({
    ...{ decisionId: entry.entry_id, kind, gameId, until, ...seen },
    ...{ by: entry.decided_by, reason: entry.reason },
    over: ids.has(overId(entry.entry_id, 'cleared'))
      ? 'cleared'
      : newest.get(keyOf(gameId, kind)) !== entry.entry_id
        ? 'replaced'
        : until !== null && now !== null && Date.parse(until) <= Date.parse(now)
          ? 'expired'
          : null,
    isOverOnRecord: (['cleared', 'expired'] as const).some((how) => ids.has(overId(entry.entry_id, how))),
  }));
}

function keyOf(gameId: string, kind: GameDecisionKind): string {
  return `${gameId}/${kind === 'estimate' ? 'unknown' : 'rules'}`;
}

/**
 * The newest decision about the rules that a game breaks which nobody and nothing has taken back since, expired or not.
 */
export function decisionOn(decisions: readonly GameDecision[], gameId: string): GameDecision | null {
  return (
    decisions.find(
      (one) =>
        one.gameId === gameId && one.kind !== 'estimate' && one.over !== 'replaced' && one.over !== 'cleared',
    ) ?? null
  );
}

/** The estimates that hold, by the ids of their games. */
export function estimatesInForce(
  decisions: readonly GameDecision[],
): ReadonlyMap<string, GameDecision & { readonly estimate: TeamEstimate }> {
  return new Map(
    decisions.flatMap((one) =>
      one.kind === 'estimate' && one.over === null && one.estimate
        ? [[one.gameId, { ...one, estimate: one.estimate }] as const]
        : [],
    ),
  );
}

/** Whether the decision holds for a game that breaks just these rules: each was seen, with this very evidence. */
export function covers({ over, rules }: GameDecision, broken: readonly SeenRule[]): boolean {
  return (
    over === null &&
    broken.every(({ rule, evidence }) =>
      rules.some((seen) => seen.rule === rule && seen.evidence === evidence),
    )
  );
}

/** Why a decision does not hold for a game that is held all the same, as a clause. */
export function whyNotCovered(decision: GameDecision, broken: readonly SeenRule[]): string {
  const { kind, by, decisionId, over, until, rules } = decision;
  const what = `the ${kind} by ${by} (${decisionId})`;
  if (over === 'expired') return `${what} expired at ${until ?? ''}`;
  const others = broken.filter(({ rule }) => !rules.some((seen) => seen.rule === rule));
  return others.length > 0
    ? `${what} is not about ${others.map(({ rule }) => rule).join(', ')}`
    : `${what} was made on other evidence`;
}

/** What a decision says of its game, as a clause. */
export function describeDecision({ kind, by, reason, until, decisionId }: AppliedDecision): string {
  const untilWhen = until === null ? '' : ` until ${until}`;
  return `${done[kind]} by ${by}${untilWhen}: ${reason} (${decisionId})`;
}

const done: Readonly<Record<GameDecisionKind, string>> = {
  release: 'released',
  discard: 'discarded',
  estimate: 'estimate accepted',
};
