/**
 * `phase3Workflow`: writes a game date, unless it shares a run (dates.workflow.ts). It is one loop: take in what came, look at everything that is wanted,
 * start what is ready, wait for news or the next probe. A run that has become long goes on as another; it ends when nothing is wanted and
 * nothing needs attention.
 */
import { CancellationScope, condition, isCancellation, setHandler, workflowInfo } from '@temporalio/workflow';
import {
  outlookOf,
  outlookQuery,
  stateOf,
  stateQuery,
  type Phase3Input,
  type Phase3Result,
} from '../contracts/date-state';
import { recheckSignal } from '../contracts/decisions';
import { triggerSignal, wakeSignal } from '../contracts/messages';
import { DateRun } from './date-run';
import { bypass, cancellation, extension, listenFor } from './decisions';
import { endCancelled, goOnAsNew } from './end-run';
import { GoesOnAlone, isLong, isOutdated } from './go-on';
import { isSettled, isWanted, mayEnd } from './memory';
import { close, look } from './night';
import { nextTimer } from './timers';
import { settledRequests } from './answers';

export async function phase3Workflow(input: Phase3Input): Promise<Phase3Result> {
  const date = new DateRun(input);
  const life = new CancellationScope();
  date.end = () => life.cancel();
  listen(date);
  return liveToTheEnd({ date, life });
}

/** Lives until the date is done, or its run is cancelled. */
export async function liveToTheEnd({
  date,
  life,
}: {
  date: DateRun;
  life: CancellationScope;
}): Promise<Phase3Result> {
  try {
    return await life.run(() => Promise.race([live(date), date.fault]));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const byTemporal =
      'by a cancel request sent directly to Temporal; the history of the run shows who sent it';
    await CancellationScope.nonCancellable(() => endCancelled(date, date.cancelled ?? byTemporal));
    // Whoever decided it through us gets a run that has ended as it should.
    if (date.cancelled !== null) return date.result;
    throw error;
  }
}

/** The story of a night. */
async function live(date: DateRun): Promise<Phase3Result> {
  for (;;) {
    const seen = date.news;
    if (isLongRun(date)) await goOnWithAll(date);
    date.takeIn();
    if (isWanted(date.memory)) {
      await rest(date);
      await look(date);
    }
    if (date.news !== seen) continue;
    if (isSettled(date.memory)) await close(date);
    else if (settledRequests(date.memory).length > 0) date.apply('answeredSettled', {});
    date.show();
    if (date.news !== seen) continue;
    if (mayEnd(date.memory) && (await isDone(date))) return date.result;
    await waitForNews(date, seen);
  }
}

/** Signals and queries only note what came or tell what is so; decisions are on record before they are in force. */
function listen(date: DateRun): void {
  setHandler(stateQuery, (requestIds) => stateOf(date.memory, requestIds));
  setHandler(outlookQuery, (requestIds) => outlookOf(date.memory, requestIds, date.inboxIds));
  // One without anything is refused like any that is no trigger.
  setHandler(triggerSignal, (...messages) =>
    date.receive('trigger', messages.length > 0 ? messages : [undefined]),
  );
  setHandler(recheckSignal, (...messages) => date.receive('recheck', messages));
  setHandler(wakeSignal, () => date.receive('trigger', []));
  listenFor(date, bypass);
  listenFor(date, extension);
  listenFor(date, cancellation);
}

/** Looks are at least this far apart, however often the date is woken, unless something has come of the last one. */
const shortestGapMs = 1_000;

async function rest(date: DateRun): Promise<void> {
  const restMs = date.askedMs + shortestGapMs - Date.now();
  if (restMs <= 0 || date.isRested) return;
  await condition(() => date.isRested, restMs, { summary: 'checks are at least a second apart' });
  date.takeIn();
}

/**
 * Whether this run goes on as another, because it is long or another build is current: where nothing runs, also while the date
 * waits. One that is cancelled ends instead. As a run begins, signals are still being received: it looks once before it goes on.
 */
function isLongRun(date: DateRun): boolean {
  const isCancelled = CancellationScope.current().consideredCancelled;
  const isDue = isLong() || isOutdated();
  // What several dates share is as short as a pass.
  return isDue && !date.outside.isShared && !isCancelled && date.isQuiet();
}

/**
 * Goes on as another run where nothing comes between; that one gets what has come too. A question that comes during the last
 * workflow task of a run is answered by a replay of it, and a signal makes that task come to nothing: so here it is a short one,
 * which the timer or the next signal begins.
 */
async function goOnWithAll(date: DateRun): Promise<void> {
  date.takeAllIn();
  await date.hasNews(date.news, 1, 'goes on as another run');
  date.takeAllIn();
  if (!isLongRun(date)) return;
  date.show();
  await goOnAsNew(date);
}

/**
 * A run that news reaches as it completes is not completed, and its worker has to replay it whole, as it has to for each
 * question to one that has completed: the more is in it, the longer that takes. So where pass follows upon pass, or thousands
 * have asked, a run that is done stays for as long as the next message would take.
 */
const passesOfBusyRun = 3;
const bytesOfBusyRun = 250_000;
const lingerMs = 3_000;

function isBusy({ passesOfRun, outside }: DateRun): boolean {
  return (
    !outside.isShared && (passesOfRun >= passesOfBusyRun || workflowInfo().historySize >= bytesOfBusyRun)
  );
}

/**
 * The only exit of a run that is done: between the last condition and the return there is no await, so that a message which
 * arrives while the run completes is either seen here or makes the server ask again.
 */
async function isDone(date: DateRun): Promise<boolean> {
  const seen = date.news;
  await date.untilQuiet();
  if (date.news === seen && isBusy(date))
    await date.hasNews(seen, lingerMs, 'all is done; waiting for further requests');
  return date.news === seen && date.isQuiet();
}

/** Waits for news or the next thing to do by the clock. */
async function waitForNews(date: DateRun, seen: number): Promise<void> {
  const timer = nextTimer(date);
  if (!timer) await condition(() => date.news !== seen);
  else if (date.outside.isShared) await leave(date, seen);
  else if (!(await date.hasNews(seen, timer.atMs - Date.now(), timer.summary))) await timer.due();
}

/** Ends a date here that shares its run and would have to wait: it goes on in a run of its own. */
async function leave(date: DateRun, seen: number): Promise<void> {
  await date.untilQuiet();
  if (date.news === seen) throw new GoesOnAlone(date.memory);
}
