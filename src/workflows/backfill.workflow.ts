/**
 * `backfillWorkflow`: asks every date of a range for a pass, a window at a time, and is notified by a signal back. Dates are
 * asked, not run as children: each date's own workflow stays its only writer.
 */
import {
  ActivityFailure,
  allHandlersFinished,
  condition,
  isCancellation,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { backfillQuery, type BackfillInput, type BackfillProgress } from '../contracts/backfill';
import { addDays, daysBetween } from '../contracts/game-date';
import { backfillRequestId } from '../contracts/identity';
import { dateSettledSignal, replySchema, wakeSignal } from '../contracts/messages';
import { isTrouble } from '../contracts/phase3';
import { faultsIn, sentenceOf } from '../contracts/schema';
import { askDates, notify } from './activity-stubs';
import { goOn, isOutdated } from './go-on';

/** A date that has not answered for this long is asked again, under the same request id. */
const silenceMs = 10 * 60_000;
/** Dates that one run asks before it continues as the next: eight events each, and a history may have some thousands. */
const mostDatesOfRun = 400;

export async function backfillWorkflow(input: BackfillInput): Promise<BackfillProgress> {
  const progress: BackfillProgress = input.carried ?? {
    next: input.from,
    asked: {},
    replies: {},
    total: daysBetween(input.from, input.to) + 1,
  };
  setHandler(backfillQuery, () => progress);
  // It wakes the loop, which sees for itself.
  setHandler(wakeSignal, () => undefined);
  setHandler(dateSettledSignal, (reply) => {
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
  });

  const { datesOfRun = mostDatesOfRun } = input;
  const ask = async (gameDates: readonly string[]): Promise<void> => {
    const { workflowId } = workflowInfo();
    const at = new Date().toISOString();
    for (const gameDate of gameDates) progress.asked[gameDate] = at;
    await askDates({
      dates: gameDates.map((gameDate) => ({
        gameDate,
        message: {
          requestId: backfillRequestId(workflowId, gameDate),
          kind: input.kind ?? 'backfill',
          source: input.source,
          replyTo: workflowId,
          ...(input.processors ? { processors: input.processors } : {}),
          ...(input.overrides ? { overrides: input.overrides } : {}),
          ...(input.by === undefined ? {} : { by: input.by }),
          ...(input.correlationId === undefined ? {} : { correlationId: input.correlationId }),
        },
      })),
    });
  };

  const done = (): boolean => Object.keys(progress.replies).length >= progress.total;
  const isSilent = ([, at]: [string, string]): boolean => Date.now() - Date.parse(at) >= silenceMs;
  // Asked several at a time, since each time is an activity: when half of the window is free, or nothing else is left.
  const free = (): number => input.concurrency - Object.keys(progress.asked).length;
  const room = (): boolean => progress.next !== null && free() >= Math.ceil(input.concurrency / 2);
  let asked = 0;
  while (!done()) {
    if ((asked >= datesOfRun && progress.next !== null) || isOutdated())
      await goOn<typeof backfillWorkflow>({ ...input, carried: progress });
    const silent = Object.entries(progress.asked).filter(isSilent);
    const dates = silent.map(([gameDate]) => gameDate).sort();
    for (let left = room() ? free() : 0; left > 0 && progress.next !== null; left -= 1) {
      dates.push(progress.next);
      progress.next = progress.next < input.to ? addDays(progress.next, 1) : null;
      asked += 1;
    }
    if (dates.length > 0) await ask(dates);
    else await condition(() => done() || room() || isOutdated(), silenceMs / 2);
  }
  await tellTrouble(input, progress);
  await condition(allHandlersFinished);
  return progress;
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
