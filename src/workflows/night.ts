/** One turn of the loop: look at everything that is wanted, write down what it has come to, start what is ready. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  log,
  metricMeter,
  workflowInfo,
} from '@temporalio/workflow';
import type { CheckDependenciesRequest, Look, RecordPassResult, WaitOfLevel } from '../contracts/activities';
import type { DateMemory } from '../contracts/date-state';
import { failureTypes } from '../contracts/failures';
import { GoesOnAlone } from './go-on';
import type { Waiver } from '../contracts/decisions';
import { isGameDecision } from '../contracts/game-decisions';
import { describeRequest, restoreWanted, type TriggerMessage } from '../contracts/messages';
import {
  isHeld,
  isSatisfied,
  stateOfResults,
  uncheckedVerdict,
  type LookVerdict,
  type ProcessorName,
  type ProcessorResult,
  type RunState,
} from '../contracts/phase3';
import { blockedResult } from '../explain/blocked-result';
import { heldNow } from '../explain/held';
import { checkDependencies, openPass, processorActivity, recordPass, restoreVersion } from './activity-stubs';
import { now, orFailure, sentenceOf, type DateRun } from './date-run';
import { dueIn, isPatientPass, isWanted, openLevel, overridesOf, restoresOf, turnOf } from './memory';

/** How long a pass that cannot be opened is tried. */
const openLimitMs = 30 * 60_000;

/** What was decided is on record before anything is done about it. */
export async function look(date: DateRun): Promise<void> {
  if (date.memory.passStartedAt === null) date.apply('began', {});
  date.expireBypasses();
  await putOnRecord(date);
  if (!isWanted(date.memory)) return;
  const { running } = date.memory;
  const restores = restoresOf(date.memory);
  const lastChance = whyLastChance(date);
  const seen = date.memory.clock;
  const found = await ask(date, lastChance, seen);
  if (!found) return;
  // A restore needs the date claimed, and goes before whatever else is wanted.
  for (const request of restores) await restore(date, request);
  // Its deadline was moved while it was looked at.
  const isEarly = lastChance !== undefined && whyLastChance(date) === undefined;
  if (restores.length > 0 || isEarly) {
    lookAgain(date);
    return;
  }
  const askedAt = new Date(date.askedMs).toISOString();
  date.apply('looked', { look: found, askedAt, seen });
  start(date, found.verdicts);
  const { open, running: runs } = date.memory;
  if (heldNow(date.memory).length > 0) wait(date);
  else if (open.length > 0 && runs.length === 0) {
    // What has ended since the check began is open to it, and has no verdict: that is for the next one.
    if (running.length === 0)
      for (const processor of open)
        date.apply('failed', { processor, why: 'the dependency check gave no verdict on it' });
    lookAgain(date);
  }
  await date.tryAudit();
}

/** What has come about lets something else have its turn: it is looked for at once. */
function lookAgain(date: DateRun): void {
  date.isRested = true;
  date.news += 1;
}

/** Puts on record what people ask for. What cannot be written is refused and not done, and keeps nothing else out. */
async function putOnRecord(date: DateRun): Promise<void> {
  const due = new Set(date.memory.auditDue.map(({ entryId }) => entryId));
  const asked = date.memory.pending.flatMap(({ message }) => (due.has(message.requestId) ? [message] : []));
  if (asked.length === 0) return;
  const written = await orFailure(date.audit(dueIn), sentenceOf);
  // It may have been written by an attempt that did not come to say so.
  const isLost = typeof written === 'string';
  for (const request of asked) {
    const why = isLost ? written : written.refused.find((one) => one.entryId === request.requestId)?.why;
    if (why !== undefined) date.apply('notRecorded', { request, why, isLost });
    else if (isGameDecision(request.kind) || request.force)
      date.tell('decided', describeRequest(request) ?? '');
  }
}

/** Asks about all that is wanted at `seen`, the date's clock; null when the pass could not be opened. */
async function ask(date: DateRun, lastChance: string | undefined, seen: number): Promise<Look | null> {
  const opens = date.claimedPass !== date.memory.pass;
  date.askedMs = Date.now();
  date.isRested = false;
  const request = requestOf(date, opens, lastChance);
  const asked = request.wants.map(({ key }) => key);
  const names = date.memory.open.filter((name) => !request.running.includes(name));
  const shown = names.length > 0 ? names.map((name) => name.replace(/Processor$/, '')) : asked;
  const summary = `are all inputs of ${shown.join(', ')} there?`;
  const check = opens ? openPass : checkDependencies;
  const found = await orFailure(date.outside.ask(check, request, summary), (error) => error);
  if (!(found instanceof ActivityFailure)) {
    if (found.opened) date.apply('opened', { opened: found.opened, policy: found.policy });
    date.expireBypasses();
    date.claimedPass = date.memory.pass;
    return found;
  }
  leaveToItsOwnRun(date, found);
  const why = sentenceOf(found);
  // What asking again does not mend is not waited for.
  const isFinal = found.cause instanceof ApplicationFailure && found.cause.nonRetryable === true;
  if (!opens && !isFinal) return unchecked(date, why, lastChance);
  const isOver = date.askedMs >= Date.parse(date.memory.deadline ?? now());
  if (isFinal || (date.memory.deadline !== null && isOver)) date.apply('notOpened', { why, seen });
  else wait(date, why);
  return null;
}

/** Ends a date here that shares its run with others, once its own has claimed it. */
function leaveToItsOwnRun(date: DateRun, { cause }: ActivityFailure): void {
  const isFenced = cause instanceof ApplicationFailure && cause.type === failureTypes.passFenced;
  if (isFenced && date.outside.isShared) throw new GoesOnAlone(null);
}

function requestOf(date: DateRun, opens: boolean, lastChance?: string): CheckDependenciesRequest {
  const { memory } = date;
  const { wants, settled, running, starts } = memory;
  // Of this run, what came to nothing: it is owed to whoever asked for it.
  const owed = Object.values(memory.results).flatMap(({ processor, outcome }) =>
    isSatisfied(outcome) || outcome === 'skipped' ? [] : [processor],
  );
  const standing = memory.bypasses.filter(({ status }) => status === 'standing');
  return {
    ...date.token,
    ...{ opens, overrides: overridesOf(memory), wants, settled, running, starts, heard: memory.heard },
    ...(opens && date.outside.isShared ? { unlessHeld: true as const } : {}),
    ...{ owed: [...new Set([...memory.owed, ...owed])], forced: Object.keys(memory.forced) },
    ...{ standing: standing.map(({ processor }) => processor), waivers: waiversOf(date) },
    isPastDeadline: memory.deadline !== null && date.askedMs >= Date.parse(memory.deadline),
    ...(lastChance === undefined ? {} : { lastChance }),
    ...waitOf(memory),
  };
}

/** The level that the pass waits at, for who counts that. */
export function waitOf({ gate }: DateMemory): { gate?: WaitOfLevel } {
  if (!gate) return {};
  return { gate: { level: gate.level, since: gate.waitingSince, isHeld: gate.verdicts.some(isHeld) } };
}

/** Why nobody waits for what is missing, as a clause; undefined where somebody does. */
function whyLastChance({ memory }: DateRun): string | undefined {
  const { deadline, pending } = memory;
  if (isPatientPass(memory)) {
    const isOver = deadline !== null && Date.now() >= Date.parse(deadline);
    return isOver ? `still missing at the deadline, ${deadline}` : undefined;
  }
  return pending.some(({ message, isAnswered }) => message.kind === 'backfill' && !isAnswered)
    ? 'missing, and a backfill does not wait'
    : 'still missing at the recheck';
}

/** A check that could not be made is a verdict too, and never a pass. */
function unchecked({ memory }: DateRun, why: string, lastChance: string | undefined): Look {
  const { names, levels, policy, results } = memory;
  if (!policy) throw new Error('a pass that is open has a policy');
  const { level = 1 } = openLevel(memory) ?? {};
  const held = turnOf(memory);
  // An activity that fails counts nothing.
  metricMeter.createCounter('phase3_gate_probes_total').add(held.length, { verdict: 'check_failed' });
  const verdicts = held.map((name) => ({ ...uncheckedVerdict(name, why), level, liveVersion: 0 }));
  const settled = verdicts.flatMap((verdict) =>
    lastChance === undefined ? [] : [blockedResult(verdict, lastChance, results[verdict.processor])],
  );
  const open = memory.open.filter((name) => settled.length === 0 || !held.includes(name));
  return {
    ...{ names, levels, open, policy, verdicts, settled },
    ...{ opened: null, refused: {}, rebuilds: [], kept: {} },
  };
}

/** Starts what is ready at the lowest open level, side by side, and goes on: messages are taken in while it runs. */
function start(date: DateRun, verdicts: readonly LookVerdict[]): void {
  const { memory } = date;
  const level = openLevel(memory);
  const ready = verdicts.filter(
    (verdict) => verdict.level === level?.level && verdict.canRun && memory.open.includes(verdict.processor),
  );
  if (!level || ready.length === 0) return;
  const processors = ready.map(({ processor }) => processor);
  const planned = (memory.plan?.processors ?? []).filter(({ name }) => processors.includes(name));
  const isAhead = planned.every((one) => one.level > level.level);
  const why = isAhead ? 'without waiting for the bypassed input' : level.description;
  date.apply('started', { level: level.level, processors, why });
  date.show();
  date.goesOn(Promise.all(ready.map((verdict) => build(date, verdict))));
}

/** Runs a processor and settles it. That it failed is an outcome; that its inputs moved leaves it open. */
async function build(date: DateRun, { processor, level, liveVersion }: LookVerdict): Promise<void> {
  const { plan, policy, auditHead, forced } = date.memory;
  const planned = plan?.processors.find(({ name }) => name === processor);
  if (!planned || !policy) throw new Error(`${processor} was let in without a plan`);
  const waiver = waiversOf(date)[processor];
  const sentence = forced[processor];
  const summary = `level ${level}, pass ${date.token.pass}${waiver ? `, by bypass ${waiver.bypassId}` : ''}`;
  const answer = await orFailure(
    date.outside.ask(
      processorActivity(planned),
      {
        ...{ ...date.token, processor, policy, liveVersion },
        ...(waiver ? { waiver } : {}),
        ...(sentence ? { forced: sentence } : {}),
        ...(auditHead ? { auditHead } : {}),
      },
      summary,
    ),
    (error) => error,
  );
  if (answer instanceof ActivityFailure) {
    leaveToItsOwnRun(date, answer);
    date.apply('failed', { processor, why: sentenceOf(answer) });
  } else if (answer.kind === 'settled') date.apply('settled', answer);
  else date.apply('moved', { processor, detail: answer.detail });
  // The others may go on for long: what was built over a bypass is on record before that.
  await date.tryAudit();
  lookAgain(date);
}

/** Waits for the next check: of what is not ready, or of a date that cannot be opened (`unopened` says why). */
function wait(date: DateRun, unopened?: string): void {
  const { memory, policy } = date;
  const latest =
    unopened === undefined
      ? Date.now() + policy.deadlineMs
      : Date.parse(memory.passStartedAt ?? now()) + openLimitMs;
  const deadline = memory.deadline ?? new Date(latest).toISOString();
  date.backOffMs ||= policy.firstWaitMs;
  const waitMs = Math.min(date.backOffMs, Math.max(1, Date.parse(deadline) - Date.now()));
  const nextProbeAt = new Date(Date.now() + waitMs).toISOString();
  date.apply('waits', { nextProbeAt, deadline, ...(unopened === undefined ? {} : { unopened }) });
}

/** Bypasses that the check and processors are to apply, by processor. */
function waiversOf({ memory }: DateRun): Record<ProcessorName, Waiver> {
  return Object.fromEntries(
    memory.bypasses.flatMap(({ bypassId, processor, by, reason, tables, status, until }) =>
      status === 'open' ? [[processor, { bypassId, by, reason, tables, until }]] : [],
    ),
  );
}

/** Carries out a restore that is on record; one that is not possible leaves everything as it is. */
async function restore(date: DateRun, request: TriggerMessage): Promise<void> {
  const { requestId, by, reason } = request;
  const wanted = restoreWanted(request);
  // Messages without them are refused where they come in.
  if (!wanted || by === undefined || reason === undefined) return;
  const { auditHead, policy } = date.memory;
  if (!policy) throw new Error('a pass that is open has a policy');
  // What is being published is published, whatever becomes of the run.
  const answer = await orFailure(
    CancellationScope.nonCancellable(() =>
      restoreVersion({ ...date.token, requestId, wanted, by, reason, auditHead, policy }),
    ),
    (error) => ({ kind: 'refused' as const, why: sentenceOf(error) }),
  );
  if (answer.kind === 'refused') date.apply('notRestored', { request, why: answer.why });
  else date.apply('restored', { request, ...answer });
}

/** Records a pass that is settled, answers its requests and tells who should know. */
export async function close(date: DateRun): Promise<void> {
  await date.tryAudit();
  const results = settledNow(date);
  // Nothing came of it: what it was asked for was refused, or could not be restored.
  const state = results.length > 0 ? stateOfResults(results) : 'failed';
  const { overtaken, recalled } = await record(date, state, results);
  date.apply('closed', { overtaken });
  if (overtaken.length > 0) date.news += 1;
  date.passesOfRun += 1;
  if (recalled) date.tell('recalled', recalled.summary, recalled.next);
  date.tellNews();
  date.backOffMs = 0;
}

/** What came of the processors of the present pass, in the order of the plan. */
export function settledNow({ memory }: DateRun): ProcessorResult[] {
  return (memory.plan?.processors ?? []).flatMap(({ name }) => {
    const result = Object.hasOwn(memory.settled, name) ? memory.results[name] : undefined;
    return result ? [result] : [];
  });
}

/**
 * Writes the pass to the run history. Its outcome stands even if that cannot be written; then the log says so. Returns the
 * processors of which something else is live than it has come to.
 */
export async function record(
  date: DateRun,
  state: RunState,
  results: ProcessorResult[],
  waited: { gate?: WaitOfLevel } = {},
): Promise<RecordPassResult> {
  const { memory } = date;
  const { gameDate, probes, waitedMs, journal, auditHead } = memory;
  // A run that is ended answers also those that no look has seen: whoever is answered is on record.
  const endsAll = state === 'cancelled' || state === 'abandoned';
  // It may be written though its answer is lost, and a pass has one record: whoever cancels meanwhile has another, afterwards.
  const recorded = CancellationScope.nonCancellable(() =>
    date.outside.ask(recordPass, {
      ...date.token,
      ...{ workflowId: workflowInfo().workflowId, state, results, probes, waitedMs, ...waited },
      requests: memory.pending.flatMap(({ message, at, isAnswered }) =>
        endsAll || at <= memory.lookedAt || isAnswered ? [message] : [],
      ),
      journal: journal.slice(Math.max(0, memory.passStartsAtLine - memory.journalDropped)),
      ...(auditHead ? { auditHead } : {}),
      startedAt: memory.passStartedAt ?? now(),
      endedAt: now(),
    }),
  );
  const known = await orFailure(recorded, (error) => {
    log.error('the pass could not be recorded', { gameDate, error: error.message });
    return null;
  });
  return known ?? { overtaken: [] };
}
