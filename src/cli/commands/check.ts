/** `phase3 check DATE`: dry-runs the dependency check. */
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { printJson, verdictJson } from '../json';
import { renderVerdict } from '../render';
import { requireGameDate, requireProcessor } from '../../requests/validate-request';
import { newYorkDate } from '../../contracts/new-york';
import type { GateVerdict } from '../../contracts/phase3';
import { processorNames } from '../../plan/registry';
import { controlOf, exitCodes, overridesOf, type Context } from '../context';

export interface CheckOutcome {
  readonly gameDate: string;
  readonly canRun: boolean;
  readonly verdicts: readonly GateVerdict[];
}

/** Asks for one processor as things stand, or for a run of the whole date, in which upstreams are built first. */
async function check(context: Context, dateText: string, processor?: string): Promise<CheckOutcome> {
  const gameDate = requireGameDate('DATE', dateText, newYorkDate(context.now()));
  const names = processor === undefined ? [...processorNames] : [requireProcessor(processor, '--processor')];
  const control = await controlOf(context);
  const { verdicts } = await control.check({
    game_date: gameDate,
    processors: names,
    as_run: processor === undefined,
    overrides: overridesOf(context.config),
  });
  return {
    gameDate,
    verdicts,
    canRun: verdicts.every((verdict) => verdict.canRun || verdict.skip !== null),
  };
}

export const addCheck: AddCommand = (root, context, end) => {
  root
    .command('check')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .description('dry-run the dependency check: start nothing')
    .option('--processor <P>', 'check only this processor, with the tables as they are now')
    .option('--json', jsonHelp)
    .action(async (date: string, { json, processor }: JsonOption & { processor?: string }) => {
      const outcome = await check(context, date, processor);
      if (json) printJson(context.print, checkJson(outcome));
      else for (const line of outcome.verdicts.flatMap(renderVerdict)) context.print(line);
      end(outcome.canRun ? exitCodes.done : exitCodes.notReady);
    });
};

/** The plan's `{can_run, missing, details}` over all processors asked for, and each of them by itself. */
function checkJson({ gameDate, canRun: all, verdicts }: CheckOutcome): unknown {
  const each = verdicts.map((verdict) => [verdict.processor, verdictJson(verdict)] as const);
  return {
    gameDate,
    canRun: all,
    missing: [...new Set(verdicts.flatMap((verdict) => verdict.missing))],
    details: each.reduce<object>((merged, [, { details }]) => ({ ...merged, ...details }), {}),
    processors: Object.fromEntries(each),
  };
}
