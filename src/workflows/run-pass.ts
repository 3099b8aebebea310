/** One pass of a date: plan, level by level, record, reply. */
import { ActivityFailure, CancellationScope, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import { resultsOf } from '../contracts/date-state';
import { isPatient, type DateReply, type TriggerMessage } from '../contracts/messages';
import {
  isSatisfied,
  runStateOf,
  type RunState,
  type PolicyOverrides,
  type ProcessorName,
  type ProcessorResult,
} from '../contracts/phase3';
import { explainState } from '../explain/explain-date';
import { planPass } from '../plan/plan-pass';
import {
  inOrderOfPlan,
  processorNames,
  processorOf,
  processorsOf,
  upstreamsOf,
  type PlannedLevel,
} from '../plan/registry';
import { openPass, recordPass, restoreVersion } from './activity-stubs';
import { isWaived } from './bypasses';
import { now, type DateRun } from './date-run';
import type { PassContext } from './pass-context';
import type { PassRecord } from './pass-record';
import { runLevel } from './run-level';
import { sentenceOf, settle } from './settle';
import { recheckIdle } from './recheck-idle';
import { newsOf, summaryOf, unfinished } from './run-state';
import { sendReply } from './send-reply';

/** How often a pass is planned anew because an upstream was not current or moved. */
const mostReplans = 3;

/** Takes the inbox and runs one pass for it. Returns with every request answered, or with the pass interrupted. */
export async function runPass(date: DateRun): Promise<void> {
  // What is said of the requests as they are taken in belongs to the pass.
  const journalStart = date.state.journalDropped + date.state.journal.length;
  const taken = date.takeInbox();
  const restores = taken.filter(({ kind }) => kind === 'restore');
  const requests = taken.filter(({ kind }) => kind !== 'restore');
  const token = { gameDate: date.state.gameDate, runId: workflowInfo().runId, pass: date.state.pass + 1 };
  const pass: PassRecord = {
    token,
    startedAt: now(),
    journalStart,
    settledNow: new Map(),
    waitedMs: 0,
    probes: 0,
  };
  date.apply({ type: 'passOpened', pass: token.pass, at: pass.startedAt });
  date.openPass = pass;
  let interrupted = false;
  let also = unfinished(date.state);
  try {
    const overrides = overridesOf(date.state.pending);
    const opened = await openPass({ ...token, overrides });
    date.apply({
      type: 'recordRead',
      standing: opened.standing,
      auditHead: opened.auditHead,
      troubleSince: opened.troubleSince,
    });
    date.policy = opened.policy;
    // What was decided is on record before anything is done about it.
    await date.auditWhatIsDue();
    while (restores[0]) {
      await restore(date, pass, restores[0]);
      restores.shift();
    }
    // What a person has decided on is not owed any more.
    also = also.filter((name) => !pass.settledNow.has(name));
    const context: PassContext = {
      date,
      pass,
      overrides,
      opened,
      patient: date.state.pending.some((request) => isPatient(request.kind)),
      freed: new Set(freedBy(date, requests)),
      replansLeft: mostReplans,
    };
    interrupted = await runLevels(context, requests, also);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    for (const request of restores)
      date.apply({ type: 'notRestored', request, why: sentenceOf(error), at: now() });
    failAll(date, pass, [...also, ...requests.flatMap(processorsOfRequest)], sentenceOf(error));
  }
  await endPass(date, pass, interrupted);
}

/** Records the pass; unless it was interrupted, answers its requests and tells who should know. */
async function endPass(date: DateRun, pass: PassRecord, interrupted: boolean): Promise<void> {
  const answers = interrupted ? [] : answersTo(date);
  await date.tryAudit();
  const results = inOrder(pass.settledNow);
  // A pass whose only business was a restore that was not possible.
  const as = results.length === 0 && date.state.pending.length === 0 ? 'failed' : undefined;
  await record(date, pass, as ?? runStateOf(results.map((result) => result.outcome)));
  date.openPass = null;
  if (interrupted) return;
  const pending = date.state.pending;
  date.apply({
    type: 'passEnded',
    answers,
    as: resultsOf(date.state).length === 0 ? as : undefined,
    at: now(),
  });
  tellNews(date);
  await reply(pending, answers);
  if (date.recheck) recheckIdle(date, date.recheck);
}

/** Carries out a restore that is on record; one that is not possible leaves everything as it is. */
async function restore(date: DateRun, pass: PassRecord, request: TriggerMessage): Promise<void> {
  const { requestId, processors: [processor] = [], version, by, reason } = request;
  // Messages without them are refused where they come in.
  if (!processor || version === undefined || by === undefined || reason === undefined) return;
  const { auditHead } = date.state;
  try {
    // What is being published is published, whatever becomes of the run.
    const answer = await CancellationScope.nonCancellable(() =>
      restoreVersion({ ...pass.token, requestId, processor, version, by, reason, auditHead }),
    );
    if (answer.kind === 'restored') settle({ date, pass }, answer.result);
    else date.apply({ type: 'notRestored', request, why: answer.why, at: now() });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    date.apply({ type: 'notRestored', request, why: sentenceOf(error), at: now() });
  }
}

/** One at the first trouble, one when it is over. */
function tellNews(date: DateRun): void {
  const news = newsOf(date.state);
  if (news) date.tell(news, explainState(date.state, true).headline);
}

/** Processors that a recheck names only because they stand on a bypass. */
function freedBy(date: DateRun, requests: readonly TriggerMessage[]): ProcessorName[] {
  const named = requests.flatMap((request) => (request.kind === 'recheck' ? (request.processors ?? []) : []));
  const owed = unfinished(date.state);
  return named.filter((name) => !owed.includes(name));
}

/**
 * Ends the run otherwise than by a settled pass. What is under way is recorded under its own pass, so that its fence is
 * released with it; what was planned and not settled stays owed; whoever asked is notified.
 */
export async function endRun(date: DateRun, as: 'abandoned' | 'cancelled', why: string): Promise<void> {
  const pass: PassRecord = date.openPass ?? {
    token: { gameDate: date.state.gameDate, runId: workflowInfo().runId, pass: date.state.pass + 1 },
    startedAt: now(),
    journalStart: date.state.journalDropped + date.state.journal.length,
    settledNow: new Map(resultsOf(date.state).map((result) => [result.processor, result])),
    waitedMs: 0,
    probes: 0,
  };
  for (const processor of date.state.plan.flatMap((level) => level.processors))
    if (date.openPass && !pass.settledNow.has(processor))
      settle({ date, pass }, { processor, outcome: 'waiting', reason: `the run was ${as}` });
  // What a person decided is in the audit by now. What nobody did is written there too.
  const byNobody = as === 'abandoned' || !date.cancelled;
  date.apply({ type: 'ending', pass: pass.token.pass, as, why, byNobody, at: now() });
  await date.tryAudit();
  await record(date, pass, as);
  date.openPass = null;
  do await answerLate(date, as, why, inOrder(pass.settledNow));
  while (as === 'cancelled' && date.hasToAnswer());
}

/**
 * Tells what is pending, and what reached the run while it ended and ends with it, that it has. What was granted to a
 * cancelled run meanwhile lapses.
 */
export async function answerLate(
  date: DateRun,
  as: 'abandoned' | 'cancelled',
  why: string,
  results: readonly ProcessorResult[] = inOrderOfPlan(resultsOf(date.state)),
): Promise<void> {
  if (as === 'cancelled' && date.state.bypasses.some(({ status }) => status === 'open')) {
    date.apply({ type: 'ending', pass: date.state.pass, as, why, byNobody: false, at: now() });
    await date.tryAudit();
  }
  // To an abandoned run what comes too late is news.
  if (as === 'cancelled') date.takeWhatEnds();
  const { gameDate, pending } = date.state;
  const summary = summaryOf(gameDate, as, results);
  const outcomes = outcomesOf(results);
  const answers = pending.map(({ requestId }): DateReply => ({
    requestId,
    gameDate,
    state: as,
    summary,
    outcomes,
  }));
  date.apply({ type: 'ended', as, answers, at: now() });
  tellNews(date);
  await reply(pending, answers);
}

/** Runs level after level. True when a request interrupted a waiting gate: what is unfinished is left waiting. */
async function runLevels(
  context: PassContext,
  requests: readonly TriggerMessage[],
  owed: readonly ProcessorName[],
): Promise<boolean> {
  const { date, opened } = context;
  const published = processorNames.filter((name) => opened.published[name] !== undefined);
  const plan = (asked: readonly TriggerMessage[], also: readonly ProcessorName[]): PlannedLevel[] => {
    const { unsatisfied } = opened;
    const levels = planPass({
      requests: asked,
      also,
      published,
      unsatisfied,
      results: date.state.results,
      isWaived: (name, upstream) => isWaived(date.state, name, upstream),
    });
    date.apply({ type: 'planned', levels });
    return levels;
  };
  let todo = plan(requests, owed);
  for (let [level, ...rest] = todo; level; [level, ...rest] = todo) {
    const end = await runLevel(context, level);
    switch (end.kind) {
      case 'done':
        date.apply({ type: 'levelDone', level, isLast: rest.length === 0, at: now() });
        todo = rest;
        for (const name of freedByLevel(context, rest)) {
          context.freed.add(name);
          todo = plan([], [name, ...todo.flatMap((later) => later.processors)]);
        }
        break;
      case 'replan':
        todo = plan([], [...end.processors, ...rest.flatMap((later) => later.processors)]);
        break;
      case 'interrupted':
        for (const processor of rest.flatMap((later) => later.processors))
          settle(context, {
            processor,
            outcome: 'waiting',
            reason: 'not started yet when another trigger arrived',
          });
        date.apply({
          ...{ type: 'interrupted', at: now() },
          byBypass: date.inbox.every(({ kind }) => kind === 'bypass'),
        });
        return true;
    }
  }
  return false;
}

/** Processors that stand on a bypass of what has been published now, and that nobody has planned: once a pass. */
function freedByLevel({ date, pass, freed }: PassContext, rest: readonly PlannedLevel[]): ProcessorName[] {
  return date.state.bypasses
    .filter(({ processor, status, tables }) => {
      if (status !== 'standing' || freed.has(processor)) return false;
      if (rest.some((level) => level.processors.includes(processor))) return false;
      return upstreamsOf(processor).some((upstream) => {
        const result = pass.settledNow.get(upstream);
        return tables.includes(processorOf(upstream).table.name) && result && isSatisfied(result.outcome);
      });
    })
    .map(({ processor }) => processor);
}

function processorsOfRequest(request: TriggerMessage): readonly ProcessorName[] {
  return request.processors ?? processorsOf(request.source);
}

/** A pass that could not be opened: nothing ran, and everything that was asked for says why. */
function failAll(date: DateRun, pass: PassRecord, names: readonly ProcessorName[], why: string): void {
  for (const processor of new Set(names))
    settle({ date, pass }, { processor, outcome: 'failed', reason: `not started: ${why}` });
}

/** The newest explicit override wins; what nobody overrides is left to the configuration. */
function overridesOf(requests: readonly TriggerMessage[]): PolicyOverrides {
  return requests.reduce<PolicyOverrides>((all, request) => ({ ...all, ...request.overrides }), {});
}

/** One answer for all that is pending, of everything that came of it: passes that were interrupted included. */
function answersTo(date: DateRun): DateReply[] {
  const results = inOrderOfPlan(resultsOf(date.state)).filter(({ processor }) =>
    date.state.touched.includes(processor),
  );
  const state = runStateOf(results.map((result) => result.outcome));
  return date.state.pending.map(({ requestId }) => ({
    requestId,
    gameDate: date.state.gameDate,
    state,
    summary: summaryOf(date.state.gameDate, state, results),
    outcomes: outcomesOf(results),
  }));
}

function outcomesOf(results: readonly ProcessorResult[]): DateReply['outcomes'] {
  return Object.fromEntries(results.map(({ processor, outcome }) => [processor, outcome]));
}

/** Writes the pass to the run history. Its outcome stands even if that cannot be written; then the log says so. */
async function record(date: DateRun, pass: PassRecord, as: RunState): Promise<void> {
  const { state } = date;
  const results = inOrder(pass.settledNow);
  try {
    await recordPass({
      ...pass.token,
      workflowId: workflowInfo().workflowId,
      state: as,
      requests: state.pending,
      results,
      probes: pass.probes,
      waitedMs: pass.waitedMs,
      journal: state.journal.slice(Math.max(0, pass.journalStart - state.journalDropped)),
      ...(state.auditHead ? { auditHead: state.auditHead } : {}),
      startedAt: pass.startedAt,
      endedAt: now(),
    });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    log.error('the pass could not be recorded', { gameDate: state.gameDate, error: String(error.cause) });
  }
}

async function reply(requests: readonly TriggerMessage[], answers: readonly DateReply[]): Promise<void> {
  await Promise.all(
    requests.map(async ({ requestId, replyTo }) => {
      const answer = answers.find((candidate) => candidate.requestId === requestId);
      if (replyTo !== undefined && answer) await sendReply(replyTo, answer);
    }),
  );
}

/** Results in the registry's order, whichever ended first. */
function inOrder(settledNow: PassRecord['settledNow']): ProcessorResult[] {
  return inOrderOfPlan([...settledNow.values()]);
}
