/** `phase3 run DATE`: sends a trigger; with `--wait` shows the level log and ends with the date's answer. */
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { printJson, stateJson } from '../json';
import { renderLine, renderResults } from '../render';
import { exitCodeOf } from '../results';
import { newYorkDate } from '../../contracts/new-york';
import { validateRun } from '../../requests/validate-request';
import { defaultSource } from '../../plan/triggers';
import type { DateReply } from '../../contracts/messages';
import type { AcceptedRun, RunProgress } from '../../client';
import { overridesOf, withClient, type Context } from '../context';
import { resultsOf, type DateState, type JournalLine } from '../../contracts/date-state';

export interface RunOptions {
  readonly source?: string;
  readonly processors?: string;
  readonly wait: boolean;
}

export interface RunOutcome {
  readonly accepted: AcceptedRun;
  /** Null without `--wait`, or when the run ended without an answer. */
  readonly answer: DateReply | null;
  readonly state: DateState | null;
  /** Whether the date's workflow is still open: something needs attention. */
  readonly isOpen: boolean;
}

/** Sends the trigger. `onLine` gets the level log as it grows. */
export async function run(
  context: Context,
  gameDate: string,
  options: RunOptions,
  onLine: (line: JournalLine) => void,
): Promise<RunOutcome> {
  const request = {
    gameDate,
    overrides: overridesOf(context.config),
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(options.processors === undefined ? {} : { processors: options.processors.split(',') }),
  };
  // Before anything is connected to: bad input is bad input, whatever is up.
  validateRun(request, newYorkDate(context.now()));
  return withClient(context, async (client) => {
    const accepted = await client.run(request);
    if (!options.wait) return { accepted, answer: null, state: null, isOpen: true };
    let shown = -1;
    let last: RunProgress | null = null;
    for await (const progress of client.follow(accepted)) {
      const { journal, journalDropped } = progress.state;
      const total = journalDropped + journal.length;
      // Lines from before this request are history; the first look shows only those of the present pass.
      if (shown < 0) shown = startOfPass(progress.state);
      for (const line of journal.slice(Math.max(0, shown - journalDropped))) onLine(line);
      shown = total;
      last = progress;
    }
    const isOpen = (await client.state(accepted.gameDate))?.isOpen ?? false;
    return { accepted, answer: last?.answer ?? null, state: last?.state ?? null, isOpen };
  });
}

/** Where the log of the newest pass begins, counted from the run's first line. */
function startOfPass(state: DateState): number {
  const { journal, journalDropped } = state;
  const newest = journal.map((line) => /^Level 1: /.test(line.message)).lastIndexOf(true);
  return state.pass <= 1 ? journalDropped : journalDropped + Math.max(0, newest);
}

export const addRun: AddCommand = (root, context, end) => {
  root
    .command('run')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .description('send a trigger for one date')
    .option('--source <TABLE>', `the source table that changed (default ${defaultSource})`)
    .option('--processors <P,P>', 'only these processors')
    .option('--wait', 'show the level log and end with the answer', false)
    .option('--json', jsonHelp)
    .action(async (date: string, options: JsonOption & RunOptions) => {
      const { print, say } = context;
      const show = options.json ? say : print;
      const outcome = await run(context, date, options, (line) => {
        show(renderLine(line));
      });
      if (options.json) printJson(print, outcomeJson(outcome));
      else for (const line of renderOutcome(outcome, options.wait)) print(line);
      if (options.wait) end(exitCodeOf([outcome.answer?.state ?? 'failed']));
    });
};

function outcomeJson({ accepted, answer, state, isOpen }: RunOutcome): unknown {
  if (!state) return { ...accepted, state: 'accepted' };
  return { ...accepted, ...stateJson(state, isOpen), state: answer?.state ?? state.runState };
}

function renderOutcome({ accepted, answer, state }: RunOutcome, waited: boolean): string[] {
  if (!waited) return [`Accepted: ${accepted.gameDate}, request ${accepted.requestId}`];
  return [
    answer?.summary ?? `${accepted.gameDate}: the run ended ${state?.runState ?? ''} without an answer`,
    ...renderResults(state ? resultsOf(state) : []),
  ];
}
