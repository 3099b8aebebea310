/** `phase3 run DATE`: sends a trigger; with `--wait` shows the level log and ends with the date's answer. */
import {
  jsonHelp,
  requireWaitMs,
  withWait,
  type AddCommand,
  type JsonOption,
  type WaitOptions,
} from '../command-types';
import { printJson, stateJson } from '../json';
import { renderLine, renderResults } from '../render';
import { exitCodeOfDate } from '../results';
import { newYorkDate } from '../../contracts/new-york';
import { validateRun } from '../../requests/validate-request';
import { defaultSource, inOrderOfPlan } from '../../plan/registry';
import type { DateReply } from '../../contracts/messages';
import type { AcceptedRun, Phase3Client, RunProgress } from '../../client';
import { CommandError, exitCodes, overridesOf, withClient, type Context, type ExitCode } from '../context';
import { within } from '../within';
import { resultsOf, type DateState, type JournalLine } from '../../contracts/date-state';

export interface RunOptions extends WaitOptions {
  readonly source?: string;
  readonly processors?: string;
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
    // Who names the source says that it has news.
    ...(options.source === undefined ? {} : { source: options.source, kind: 'trigger' as const }),
    ...(options.processors === undefined ? {} : { processors: options.processors.split(',') }),
  };
  // Before anything is connected to: invalid arguments are refused whether or not anything is up.
  validateRun(request, newYorkDate(context.now()));
  return send(context, (client) => client.run(request), options, onLine);
}

/** Sends a request and, with `wait`, follows it to its answer. */
function send(
  context: Context,
  ask: (client: Phase3Client) => Promise<AcceptedRun>,
  options: WaitOptions,
  onLine: (line: JournalLine) => void,
): Promise<RunOutcome> {
  const limitMs = requireWaitMs(options);
  return withClient(context, async (client) => {
    const accepted = await ask(client);
    if (!options.wait) return { accepted, answer: null, state: null, isOpen: true };
    let shown = -1;
    let last: RunProgress | null = null;
    const late = (): Error => notInTime(accepted.gameDate, options);
    for await (const progress of within(client.follow(accepted), limitMs, late)) {
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

/** That what is waited for has not come about within `--timeout`. */
export function notInTime(gameDate: string, { timeout = '' }: Pick<WaitOptions, 'timeout'>): CommandError {
  return new CommandError(
    `${gameDate} has not come to an end within ${timeout}. It goes on; \`phase3 watch ${gameDate}\` follows it.`,
    exitCodes.notReady,
    'timeout',
  );
}

/** Where the log of the newest pass begins, counted from the run's first line. */
function startOfPass({ pass, journalDropped, passStartsAtLine }: DateState): number {
  return pass <= 1 ? journalDropped : Math.max(journalDropped, passStartsAtLine);
}

export const addRun: AddCommand = (root, context, end) => {
  withWait(
    root
      .command('run')
      .argument('<DATE>', 'a game date, YYYY-MM-DD')
      .description('run one date: send a trigger')
      .option(
        '--source <TABLE>',
        `the source table that has news (by default ${defaultSource}, without saying that it has)`,
      )
      .option('--processors <P,P>', 'run only these processors'),
  )
    .option('--json', jsonHelp)
    .action(async (date: string, options: JsonOption & RunOptions) => {
      const outcome = await run(context, date, options, lineShower(context, options));
      end(showOutcome(context, outcome, options));
    });
};

type ShowOptions = JsonOption & WaitOptions;

/** Sends a request, shows what comes of it and returns how the command ends. */
export async function sendAndShow(
  context: Context,
  ask: (client: Phase3Client) => Promise<AcceptedRun>,
  options: ShowOptions,
): Promise<ExitCode> {
  return showOutcome(context, await sendOne(context, ask, options), options);
}

/** Sends a request and shows the level log, with `wait`. */
export function sendOne(
  context: Context,
  ask: (client: Phase3Client) => Promise<AcceptedRun>,
  options: ShowOptions,
): Promise<RunOutcome> {
  return send(context, ask, options, lineShower(context, options));
}

/** With `--json` the level log goes to stderr. */
function lineShower({ print, say }: Context, { json }: JsonOption): (line: JournalLine) => void {
  const show = json ? say : print;
  return (line) => show(renderLine(line));
}

/** Shows what came of a request and returns how the command ends. */
export function showOutcome(
  { print }: Pick<Context, 'print'>,
  outcome: RunOutcome,
  { json, wait }: ShowOptions,
): ExitCode {
  if (json) printJson(print, outcomeJson(outcome));
  else for (const line of renderOutcome(outcome, wait)) print(line);
  return wait ? exitCodeOfDate(outcome.answer?.state ?? 'failed', outcome.state) : exitCodes.done;
}

export function outcomeJson({ accepted, answer, state, isOpen }: RunOutcome): object {
  if (!state) return { ...accepted, state: 'accepted' };
  return { ...accepted, ...stateJson(state, isOpen), state: answer?.state ?? state.runState };
}

function renderOutcome({ accepted, answer, state }: RunOutcome, waited: boolean): string[] {
  if (!waited) return [`Accepted: ${accepted.gameDate}, request ${accepted.requestId}`];
  return [
    answer?.summary ?? `${accepted.gameDate}: the run ended ${state?.runState ?? ''} without a result`,
    ...renderResults(state ? inOrderOfPlan(resultsOf(state)) : []),
  ];
}
