/** Which decisions about games are over: what a run finds, and puts on record. Pure. */
import type { GameDecision } from '../contracts/game-decisions';
import { gamesOf, type DateSnapshot } from './snapshot';

export interface DecisionOver {
  readonly decision: GameDecision;
  readonly how: 'cleared' | 'expired';
  /** A sentence for the audit. */
  readonly reason: string;
}

/** Decisions that the audit does not say to be over and that are: their time has passed, or the evidence agrees now. */
export function decisionsOver(snapshot: DateSnapshot): DecisionOver[] {
  return (snapshot.decisions ?? []).flatMap((decision): DecisionOver[] => {
    const { over, until, gameId, kind, isOverOnRecord } = decision;
    if (isOverOnRecord || over === 'replaced') return [];
    if (agrees(decision, snapshot))
      return [{ decision, how: 'cleared', reason: `the sources of ${gameId} agree now` }];
    if (over !== 'expired') return [];
    return [{ decision, how: 'expired', reason: `the ${kind} of ${gameId} held until ${until ?? ''}` }];
  });
}

/** Whether each rule that was decided about passes now. One that cannot be run, since a source has gone, says nothing. */
function agrees({ gameId, rules }: GameDecision, snapshot: DateSnapshot): boolean {
  const results = gamesOf(snapshot).find(({ game }) => game.gameId === gameId)?.rules ?? [];
  return rules.every(({ rule }) =>
    results.some((result) => result.rule.name === rule && result.status === 'passed'),
  );
}
