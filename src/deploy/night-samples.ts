/** How long nights took, and what came of them, by the run history. Pure. */
import { resultsOfPass } from '../contracts/run-record';
import type { ManifestRow, RunHistoryRow } from '../tables/orchestration';

/** A night that built every table: only these compare with each other. */
function builtAll(row: RunHistoryRow, tables: number): boolean {
  const results = resultsOfPass(row);
  return results.length === tables && results.every(({ outcome }) => outcome === 'published');
}

/** From the first look to the record, without what it waited for inputs, in ms. */
function durationMs({ started_at, ended_at, waited_ms }: RunHistoryRow): number {
  return Math.max(0, Date.parse(ended_at) - Date.parse(started_at) - waited_ms);
}

/** Durations of the nights that built every one of so many tables, in ms. */
export function fullNights(history: readonly RunHistoryRow[], tables: number): number[] {
  return history.filter((row) => builtAll(row, tables)).map(durationMs);
}

/** The passes that published something by a build. */
export function passesOfBuild(
  history: readonly RunHistoryRow[],
  manifests: readonly ManifestRow[],
  build: string,
): RunHistoryRow[] {
  const its = new Set(
    manifests
      .filter(({ code_commit }) => code_commit === build)
      .map(({ game_date, run_id, pass }) => JSON.stringify([game_date, run_id, pass])),
  );
  return history.filter(({ game_date, run_id, pass }) => its.has(JSON.stringify([game_date, run_id, pass])));
}

/** What a pass says against a build: errors, and what rules have held back. */
export interface Troubles {
  readonly errors: string[];
  readonly rulesFailed: string[];
}

/** `heldLive`: games of the date that the live version holds back as well. */
export function troublesOf(row: RunHistoryRow, heldLive: ReadonlySet<string>): Troubles {
  const troubles: Troubles = { errors: [], rulesFailed: [] };
  for (const { processor, outcome, reason, missingGames } of resultsOfPass(row)) {
    const said = `${row.game_date} ${processor} ${outcome}: ${reason}`;
    if (outcome === 'quarantined') troubles.rulesFailed.push(said);
    else if (outcome !== 'published' && outcome !== 'unchanged') troubles.errors.push(said);
    for (const game of missingGames.filter(({ status }) => status === 'held'))
      if (!heldLive.has(game.gameId))
        troubles.rulesFailed.push(`${row.game_date} ${processor} holds ${game.gameId}: ${game.detail}`);
  }
  return troubles;
}
