/** How the level log and results look to a person. */
import type { JournalLine } from '../contracts/date-state';
import type { GateVerdict, ProcessorResult } from '../contracts/phase3';

/** `20:15:03 INFO    Level 1: …`, the time in UTC. */
export function renderLine(line: JournalLine): string {
  return `${line.at.slice(11, 19)} ${line.level.padEnd(7)} ${line.message}`;
}

/** One line per processor, and one per missing game. */
export function renderResults(results: readonly ProcessorResult[]): string[] {
  return results.flatMap((result) => [
    `  ${result.processor.padEnd(32)} ${result.outcome}${result.version ? ` (version ${result.version}, ${result.rowCount ?? '?'} rows)` : ''} - ${result.reason}`,
    ...result.missingGames.map(
      (game) => `    without ${game.gameId}: ${game.table ?? ''} ${game.status}, ${game.detail}`,
    ),
  ]);
}

/** The gate's verdict with its evidence: expected against found, by table and by game. */
export function renderVerdict(verdict: GateVerdict): string[] {
  const head = verdict.skip
    ? `nothing to do (${verdict.skip})`
    : verdict.canRun
      ? `can run, ${verdict.readyGames} of ${verdict.finalGames} final games are ready`
      : 'cannot run';
  return [
    `${verdict.processor}: ${head}`,
    ...(verdict.checkFailed ? [`  the check failed: ${verdict.checkFailed}`] : []),
    ...Object.entries(verdict.details).map(
      ([table, detail]) =>
        `  ${table.padEnd(30)} found ${detail.found}, expected at least ${detail.expectedMin}: ${detail.status}`,
    ),
    ...verdict.missingGames.map(
      (game) => `    ${game.gameId} ${game.status} in ${game.table ?? '-'}: ${game.detail}`,
    ),
    ...verdict.staleUpstreams.map(
      (upstream) => `    ${upstream.processor} is not current: ${upstream.reason}`,
    ),
  ];
}
