/** Which decisions about games are in force, by what the audit has. */
import { gameDecisions } from '../../src/contracts/game-decisions';
import type { AuditRow } from '../../src/tables/orchestration';

function entry(seq: number, entryId: string, kind: string): AuditRow {
  const evidence = JSON.stringify({ game: 'g', rules: [] });
  return { seq, entry_id: entryId, kind, evidence, decided_by: 'ana', reason: 'why' } as AuditRow;
}

const inForce = (...audit: AuditRow[]): string[] =>
  gameDecisions(audit, null).flatMap(({ decisionId, over }) => (over === null ? [decisionId] : []));

it('the newest of a game is, and one that was not accepted neither is nor replaces another', () => {
  const [first, second] = [entry(1, 'a', 'discard'), entry(2, 'b', 'release')];
  expect(inForce(first, second)).toEqual(['b']);
  expect(inForce(first, second, entry(3, 'b/not-taken', 'not_taken'))).toEqual(['a']);
});
