/**
 * `backfillWorkflow`: asks every date of a range for a pass, a window at a time, and is notified by a signal back. Dates are
 * asked, not run as children: a date that has a run of its own is left to that, the others share one.
 */
import {
  ActivityFailure,
  allHandlersFinished,
  condition,
  ApplicationFailure,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  backfillQuery,
  isBackfillDone,
  steerSchema,
  steerUpdate,
  type SteerRequest,
  type BackfillInput,
  type BackfillProgress,
} from '../contracts/backfill';
import { failureTypes } from '../contracts/failures';
import { addDays, daysBetween } from '../contracts/game-date';
import { backfillRequestId } from '../contracts/identity';
import { dateSettledSignal, replySchema, wakeSignal, type DateReply } from '../contracts/messages';
import { isTrouble, type ProcessorName } from '../contracts/phase3';
import { faultsIn, sentenceOf } from '../contracts/schema';
import { isOfBackfill } from '../contracts/urgency';
import { refuseSteer, steer } from '../explain/steering';
import { askDates, notify } from './activity-stubs';
import { goOn, isOutdated } from './go-on';
import { carriedProgress, describeBackfill } from './steer-backfill';

/** A date that has not answered for this long is asked again, under the same request id. */
const silenceMs = 10 * 60_000;
/** Dates that one run asks before it continues as the next: eight events each, and a history may have some thousands. */
const mostDatesOfRun = 400;

export async function backfillWorkflow(input: BackfillInput): Promise<BackfillProgress> {
  const progress: BackfillProgress = input.carried ?? {
    next: input.only ? (Object.keys(input.only)[0] ?? null) : input.from,
    asked: {},
    replies: {},
    total: input.only ? Object.keys(input.only).length : daysBetween(input.from, input.to) + 1,
    concurrency: input.concurrency,
    ...{ paused: null, cancelled: null, decisions: [] },
  };
  setHandler(backfillQuery, () => progress);
  // It wakes the loop, which sees for itself.
  setHandler(wakeSignal, () => undefined);
  setHandler(
    steerUpdate,
    (request) => {
      const steered = steer(progress, request, new Date().toISOString());
      log.info(steered.summary, { by: steered.by, reason: steered.reason });
      return steered;
    },
    { validator: (request: SteerRequest) => validateSteer(progress, request) },
  );
  const settled = (reply: DateReply): void => {
    const faults = faultsIn(replySchema, reply, { what: 'The answer' });
    if (faults.length > 0) {
      log.warn('a message that is not an answer was ignored', { why: faults.map(sentenceOf).join(' ') });
      return;
    }
    const { gameDate, state, summary } = reply;
    // Of nobody who was asked, or an echo of a re-ask.
    if (!Object.hasOwn(progress.asked, gameDate)) return;
    delete progress.asked[gameDate];
    progress.replies[gameDate] = { state, summary };
  };
  setHandler(dateSettledSignal, (...replies) => {
    for (const reply of replies) settled(reply);
  });

  const { datesOfRun = mostDatesOfRun } = input;
  const processorsOf = (gameDate: string): { processors?: ProcessorName[] } => {
    const processors = input.only ? input.only[gameDate] : input.processors;
    return processors ? { processors } : {};
  };
  const ask = async (gameDates: readonly string[], isShared: boolean): Promise<void> => {
    const { workflowId } = workflowInfo();
    const at = new Date().toISOString();
    for (const gameDate of gameDates) progress.asked[gameDate] = at;
    await askDates({
      ...(isShared ? { shareFor: workflowId } : {}),
      dates: gameDates.map((gameDate) => ({
        gameDate,
        message: {
          requestId: backfillRequestId(workflowId, gameDate),
          kind: input.kind ?? 'backfill',
          source: input.source,
          replyTo: workflowId,
          ...processorsOf(gameDate),
          ...(input.overrides ? { overrides: input.overrides } : {}),
          ...(input.by === undefined ? {} : { by: input.by }),
          ...(input.correlationId === undefined ? {} : { correlationId: input.correlationId }),
        },
      })),
    });
  };

  const mayShare = isOfBackfill(input.kind ?? 'backfill') && !input.ownRuns;
  const done = (): boolean => isBackfillDone(progress);
  const isSilent = ([, at]: [string, string]): boolean => Date.now() - Date.parse(at) >= silenceMs;
  // Asked several at a time, since each time is an activity: when half of the window is free, or nothing else is left.
  const free = (): number => progress.concurrency - Object.keys(progress.asked).length;
  const isHeld = (): boolean =>
    progress.next === null || progress.paused !== null || progress.cancelled !== null;
  const half = (): number => Math.ceil(progress.concurrency / 2);
  const room = (): boolean => !isHeld() && free() >= half();
  let asked = 0;
  while (!done()) {
    setCurrentDetails(describeBackfill(progress, workflowInfo().workflowId));
    // Where all are asked it is long only by asking silent ones again.
    const isLong = asked >= datesOfRun && progress.next !== null;
    if ((isLong || workflowInfo().continueAsNewSuggested || isOutdated()) && allHandlersFinished())
      await goOn<typeof backfillWorkflow>({ ...input, carried: carriedProgress(progress) });
    const silent = Object.entries(progress.asked).filter(isSilent);
    if (silent.length > 0) await ask(silent.map(([gameDate]) => gameDate).sort(), false);
    const dates: string[] = [];
    for (let left = room() ? half() : 0; left > 0 && progress.next !== null; left -= 1) {
      dates.push(progress.next);
      progress.next = dateAfter(input, progress.next);
      asked += 1;
    }
    if (dates.length > 0) await ask(dates, mayShare);
    else {
      const { decisions } = progress;
      const hasNews = (): boolean => done() || room() || progress.decisions !== decisions || isOutdated();
      // Paused with nothing under way, there is only a decision to wait for.
      if (Object.keys(progress.asked).length === 0) await condition(hasNews);
      else await condition(hasNews, silenceMs / 2);
    }
  }
  await tellTrouble(input, progress);
  await condition(allHandlersFinished);
  setCurrentDetails(describeBackfill(progress, workflowInfo().workflowId));
  return progress;
}

/** Throws what a decision is refused with. */
function validateSteer(progress: BackfillProgress, request: SteerRequest): void {
  const faults = faultsIn(steerSchema, request, { what: 'The decision' });
  const why = faults[0] ? sentenceOf(faults[0]) : refuseSteer(progress, request);
  if (why === null) return;
  throw ApplicationFailure.create({
    type: failureTypes.overrideRefused,
    message: `The backfill does not take the decision: ${why}.`,
    nonRetryable: true,
  });
}

/** The date that is asked after this one; null after the last. */
function dateAfter({ to, only }: BackfillInput, gameDate: string): string | null {
  if (only) return Object.keys(only).find((date) => date > gameDate) ?? null;
  return gameDate < to ? addDays(gameDate, 1) : null;
}

/** One message for the whole backfill, however many of its dates need somebody; its dates tell nobody themselves. */
async function tellTrouble({ from, to }: BackfillInput, { replies, total }: BackfillProgress): Promise<void> {
  const inTrouble = Object.entries(replies)
    .filter(([, { state }]) => isTrouble(state))
    .sort();
  const [first] = inTrouble;
  if (!first) return;
  const { workflowId, runId, startTime } = workflowInfo();
  const more = inTrouble.length > 1 ? `, the first ${first[1].summary}` : `: ${first[1].summary}`;
  try {
    await notify({
      notificationId: `${workflowId}/trouble`,
      kind: 'backfill_in_trouble',
      subject: `${from} to ${to}`,
      state: first[1].state,
      summary: `${inTrouble.length} of ${total} dates need a person${more}`,
      since: startTime.toISOString(),
      workflowId,
      runId,
    });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    log.error('the notification could not be sent', { workflowId, error: String(error) });
  }
}
