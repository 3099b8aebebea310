/** Results as the JSON that scripts rely on: snake_case, dates `YYYY-MM-DD`, undefined as null. */
import { printLines } from './context';
import { resultsOf, type DateState } from '../contracts/date-state';
import { toSnakeCase } from '../contracts/snake-case';
import { inOrderOfPlan } from '../plan/registry';
import type { GateVerdict, ProcessorResult } from '../contracts/phase3';

/** One JSON document, pretty enough to be read. What is not seen in it is spelled as JSON spells it, `\\u202e`. */
export function printJson(print: (line: string) => void, value: unknown): void {
  printLines(print, JSON.stringify(toSnakeCase(value), null, 2));
}

/** A date's state for `--json`. */
export function stateJson(state: DateState, isOpen: boolean): object {
  const results = inOrderOfPlan(resultsOf(state));
  return {
    gameDate: state.gameDate,
    state: state.runState,
    isOpen,
    processors: Object.fromEntries(results.map((result) => [result.processor, resultJson(result)])),
    missing: [
      ...new Set([
        ...results.flatMap((result) => result.missing),
        ...(state.gate?.waitingSince ? state.gate.verdicts.flatMap((verdict) => verdict.missing) : []),
      ]),
    ],
    gate: state.gate,
    deadline: state.deadline,
    log: state.journal,
  };
}

function resultJson(result: ProcessorResult): unknown {
  const { processor: _, ...rest } = result;
  return rest;
}

/** The plan's `{can_run, missing, details}` of one verdict. */
export function verdictJson(verdict: GateVerdict): Record<string, unknown> & { readonly details: object } {
  return {
    canRun: verdict.canRun,
    missing: verdict.missing,
    details: verdict.checkFailed
      ? { error: verdict.checkFailed, status: 'check_failed' }
      : Object.fromEntries(
          Object.entries(verdict.details).map(([table, detail]) => [
            table,
            { ...detail, games: verdict.missingGames.filter((game) => game.table === table) },
          ]),
        ),
    skipped: verdict.skip,
    readyGames: verdict.readyGames,
    finalGames: verdict.finalGames,
    staleUpstreams: verdict.staleUpstreams,
    policyBypass: verdict.policyBypass,
    pin: verdict.pin ?? null,
  };
}
