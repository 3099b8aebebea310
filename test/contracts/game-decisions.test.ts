/** Which decisions about games are in force, by what the audit has. */
import { decisionOn, gameDecisions } from '../../src/contracts/game-decisions';
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

it('an estimate and a release of one game are both in force, and each is replaced by its own kind alone', () => {
  const [release, estimate] = [entry(1, 'a', 'release'), entry(2, 'b', 'estimate')];
  expect(inForce(release, estimate)).toEqual(['a', 'b']);
  expect(inForce(release, estimate, entry(3, 'c', 'discard'))).toEqual(['b', 'c']);
  expect(inForce(release, estimate, entry(3, 'c', 'estimate'))).toEqual(['a', 'c']);
  expect(decisionOn(gameDecisions([release, estimate], null), 'g')?.decisionId).toBe('a');
});
