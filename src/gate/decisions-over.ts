/** Which decisions about games are over: what a run finds, and puts on record. Pure. */
import type { GameDecision } from '../contracts/game-decisions';
import { gamesOf, type DateSnapshot } from './snapshot';

export interface DecisionOver {
  readonly decision: GameDecision;
  readonly how: 'cleared' | 'expired';
  /** A sentence for the audit. */
  readonly reason: string;
}

/**
 * Decisions that the audit does not say to be over and that are: their time has passed, the evidence agrees now, or what was
 * estimated has come.
 */
export function decisionsOver(snapshot: DateSnapshot): DecisionOver[] {
  return (snapshot.decisions ?? []).flatMap((decision): DecisionOver[] => {
    const { over, until, gameId, kind, isOverOnRecord } = decision;
    if (isOverOnRecord || over === 'replaced') return [];
    const cleared = whyCleared(decision, snapshot);
    if (cleared !== null) return [{ decision, how: 'cleared', reason: cleared }];
    if (over !== 'expired') return [];
    return [{ decision, how: 'expired', reason: `the ${kind} of ${gameId} held until ${until ?? ''}` }];
  });
}

/**
 * That each rule that was decided about passes now, or that the team rows have come that an estimate stands for; null otherwise. A
 * rule that cannot be run, since a source has gone, says nothing.
 */
function whyCleared({ gameId, rules, estimate }: GameDecision, snapshot: DateSnapshot): string | null {
  const evidence = gamesOf(snapshot).find(({ game }) => game.gameId === gameId);
  if (!evidence) return null;
  if (estimate)
    return estimate.teams.every((team) => evidence.teamsCome.includes(team))
      ? `the team rows of ${gameId} that were estimated have come`
      : null;
  const hasPassed = rules.every(({ rule }) =>
    evidence.rules.some((result) => result.rule.name === rule && result.status === 'passed'),
  );
  return hasPassed ? `the sources of ${gameId} agree now` : null;
}
