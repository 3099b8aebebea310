/** One pass of a date: plan, level by level, record, reply. */
import { ActivityFailure, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { DateReply, TriggerMessage } from '../contracts/messages';
import { runStateOf, type PolicyOverrides, type ProcessorName } from '../contracts/phase3';
import { planPass, type PlannedLevel } from '../plan/plan-pass';
import { openPass, recordPass } from './activity-stubs';
import { now, type DateRun } from './date-run';
import { runLevel, type PassContext } from './run-level';
import { summaryOf, unfinished } from './run-state';
import { sendReply } from './send-reply';

/** How often a pass is planned anew because an upstream was not current or moved. */
const mostReplans = 3;

/** Takes the inbox and runs one pass for it. Returns with every request answered, or with the pass interrupted. */
export async function runPass(date: DateRun): Promise<void> {
  const taken = date.takeInbox();
  const startedAt = now();
  const also = unfinished(date.state);
  const token = { gameDate: date.state.gameDate, runId: workflowInfo().runId, pass: date.state.pass + 1 };
  date.apply({ type: 'passOpened', pass: token.pass, at: startedAt });
  const opened = await openPass({ ...token, overrides: overridesOf(date.state.pending) });
  const context: PassContext = {
    date,
    token,
    policy: opened.policy,
    patient: date.state.pending.some((request) => request.kind !== 'backfill'),
    settledNow: new Map(),
    replansLeft: mostReplans,
    waitedMs: 0,
    probes: 0,
  };
  const journalStart = date.state.journalDropped + date.state.journal.length;

  const plan = (
    processors: readonly ProcessorName[],
    requests: readonly TriggerMessage[],
  ): PlannedLevel[] => {
    const published = Object.keys(opened.published) as ProcessorName[];
    const levels = planPass({
      requests,
      also: processors,
      published,
      unsatisfied: opened.unsatisfied,
      results: date.state.results,
    });
    date.apply({ type: 'planned', levels });
    return levels;
  };

  let todo = plan(also, taken);
  let interrupted = false;
  while (todo.length > 0 && !interrupted) {
    const [level, ...rest] = todo;
    if (!level) break;
    const end = await runLevel(context, level);
    switch (end.kind) {
      case 'done':
        date.apply({ type: 'levelDone', level, isLast: rest.length === 0, at: now() });
        todo = rest;
        break;
      case 'replan':
        todo = plan([...end.processors, ...rest.flatMap((later) => later.processors)], []);
        break;
      case 'interrupted':
        date.apply({ type: 'interrupted', at: now() });
        for (const later of rest) for (const name of later.processors) leaveWaiting(context, name);
        interrupted = true;
        break;
    }
  }
  const answers = interrupted ? [] : answersTo(date, context);
  await record(date, context, startedAt, journalStart);
  if (interrupted) return;
  const pending = date.state.pending;
  date.apply({ type: 'passEnded', answers, at: now() });
  await reply(pending, answers);
}

/** The newest explicit override wins; what nobody overrides is left to the configuration. */
function overridesOf(requests: readonly TriggerMessage[]): PolicyOverrides {
  return requests.reduce<PolicyOverrides>((all, request) => ({ ...all, ...request.overrides }), {});
}

function leaveWaiting(context: PassContext, processor: ProcessorName): void {
  context.date.apply({
    type: 'settled',
    at: now(),
    result: {
      processor,
      outcome: 'waiting',
      reason: 'its turn had not come when a trigger arrived',
      version: context.date.state.results[processor]?.version ?? null,
      rowCount: null,
      missing: [],
      missingGames: [],
      warnings: [],
      policyBypass: null,
    },
  });
}

function answersTo(date: DateRun, context: PassContext): DateReply[] {
  const results = [...context.settledNow.values()];
  const state = runStateOf(results.map((result) => result.outcome));
  return date.state.pending.map(({ requestId }) => ({
    requestId,
    gameDate: date.state.gameDate,
    state,
    summary: summaryOf(date.state.gameDate, state, results),
  }));
}

/** Writes the pass to the run history. Its outcome stands even if that cannot be written; then the log says so. */
async function record(
  date: DateRun,
  context: PassContext,
  startedAt: string,
  journalStart: number,
): Promise<void> {
  const { state } = date;
  const results = [...context.settledNow.values()];
  try {
    await recordPass({
      ...context.token,
      workflowId: workflowInfo().workflowId,
      state: runStateOf(results.map((result) => result.outcome)),
      requests: state.pending,
      results,
      probes: context.probes,
      waitedMs: context.waitedMs,
      journal: state.journal.slice(Math.max(0, journalStart - state.journalDropped)),
      startedAt,
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
