/** One turn of the loop: look at everything that is wanted, write down what it has come to, start what is ready. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import type { CheckDependenciesRequest, Look } from '../contracts/activities';
import type { Waiver } from '../contracts/decisions';
import type { TriggerMessage } from '../contracts/messages';
import {
  isHeld,
  isSatisfied,
  runStateOf,
  uncheckedVerdict,
  type LookVerdict,
  type ProcessorName,
  type ProcessorResult,
  type RunState,
} from '../contracts/phase3';
import { failureTypes } from '../contracts/failures';
import { describeMissing } from '../explain/describe-missing';
import { heldNow } from '../explain/held';
import { checkDependencies, openPass, processorActivity, recordPass, restoreVersion } from './activity-stubs';
import { now, orFailure, sentenceOf, type DateRun } from './date-run';
import {
  isPatientPass,
  isWanted,
  namesOf,
  openLevel,
  overridesOf,
  restoresOf,
  unfinished,
  wantKey,
} from './memory';
import { answersTo } from './reduce';

/** How often a processor is started because its inputs moved while it ran, if nothing new has come. */
const mostStarts = 4;

/** What was decided is on record before anything is done about it. */
export async function look(date: DateRun): Promise<void> {
  if (date.memory.passStartedAt === null) date.apply({ type: 'began', at: now() });
  await putOnRecord(date);
  if (!isWanted(date.memory)) return;
  // A restore needs the date claimed, and goes before whatever else is wanted.
  if (restoresOf(date.memory).length > 0 && !(await ask(date))) return;
  for (const request of restoresOf(date.memory)) await restore(date, request);
  const { running } = date.memory;
  const found = await ask(date);
  if (!found) return;
  // What has ended since the check began is open to it, and has no verdict: that is for the next one.
  const isOutdated = running.some((name) => !date.memory.running.includes(name));
  const before = date.memory.open.length;
  date.apply({
    type: 'looked',
    look: found,
    clock: date.askedClock,
    askedAt: new Date(date.askedMs).toISOString(),
    at: now(),
  });
  settleWhatIsSo(date, found);
  const level = openLevel(date.memory);
  const ready = found.verdicts.filter(
    (verdict) => verdict.level === level && verdict.canRun && date.memory.open.includes(verdict.processor),
  );
  start(date, ready);
  if (heldNow(date.memory).length > 0) hold(date);
  else if (date.memory.open.length > 0 && date.memory.running.length === 0)
    goOn(date, found, isOutdated ? Infinity : before);
  endLevels(date);
  await date.tryAudit();
}

/** Puts on record what people ask for. What cannot be written is refused and not done, and keeps nothing else out. */
async function putOnRecord(date: DateRun): Promise<void> {
  const due = new Set(date.memory.auditDue.map(({ entryId }) => entryId));
  const asked = date.memory.pending.flatMap(({ message }) => (due.has(message.requestId) ? [message] : []));
  if (asked.length === 0) return;
  const written = await orFailure(date.auditWhatIsDue(), sentenceOf);
  for (const request of asked) {
    const isWritten = typeof written !== 'string';
    const refused = isWritten ? written.refused.find(({ entryId }) => entryId === request.requestId) : null;
    const why = isWritten ? refused?.why : written;
    if (why === undefined) continue;
    date.apply({ type: 'notRecorded', request, why, at: now() });
    // It may have been written by an attempt that did not come to say so.
    if (request.kind === 'restore' && !isWritten)
      date.apply({ type: 'notRestored', request, why, at: now() });
    else {
      const { gameDate } = date.memory;
      const answer = { requestId: request.requestId, gameDate, state: 'failed' as const, outcomes: {} };
      date.answer([{ ...answer, summary: `${gameDate} failed: ${why}`, wasNotOpened: true }]);
    }
  }
}

/** Without `Processor`, for lines that have little room. */
function shortName(name: ProcessorName): string {
  return name.replace(/Processor$/, '');
}

/** What is settled now may let others have their turn; a look after which nothing can have one is a fault. */
function goOn(date: DateRun, found: Look, openBefore: number): void {
  const { open, plan } = date.memory;
  date.looksInVain += 1;
  // Each may settle one that lets another have its turn, and no more of them than there are.
  const isEndless = date.looksInVain > (plan?.processors.length ?? 0);
  if (isEndless || (found.open.length === open.length && openBefore <= open.length))
    for (const processor of open)
      settle(date, { processor, outcome: 'failed', reason: 'the dependency check gave no verdict on it' });
  date.isRested = true;
  date.news += 1;
}

/** Asks about all that is wanted; null when the pass could not be opened. */
async function ask(date: DateRun): Promise<Look | null> {
  const { runId } = workflowInfo();
  const opens = date.memory.claimedBy !== runId;
  date.apply({ type: 'asking', waitedMs: date.waitedMs });
  date.askedMs = Date.now();
  date.askedClock = date.memory.clock;
  date.isRested = false;
  date.waitedMs = 0;
  const { memory } = date;
  const { wants, settled, running } = memory;
  const waivers = waiversOf(date);
  const forced = Object.keys(memory.forced);
  const standing = memory.bypasses.filter(({ status }) => status === 'standing');
  const request: CheckDependenciesRequest = {
    ...date.token,
    ...{ opens, overrides: overridesOf(memory), wants, settled, running },
    owed: [...new Set([...memory.owed, ...unsatisfied(date)])],
    ...(Object.keys(waivers).length > 0 ? { waivers } : {}),
    ...(forced.length > 0 ? { forced } : {}),
    ...(standing.length > 0 ? { standing: standing.map(({ processor }) => processor) } : {}),
  };
  const asked = memory.open.filter((name) => !running.includes(name)).map(shortName);
  const summary = `are all inputs of ${(asked.length > 0 ? asked : wants.map(({ key }) => key)).join(', ')} there?`;
  const check = opens ? openPass : checkDependencies;
  const found = await orFailure(check.executeWithOptions({ summary }, [request]), (error) => error);
  if (!(found instanceof ActivityFailure)) {
    if (found.opened) date.apply({ type: 'opened', opened: found.opened, runId });
    return found;
  }
  // What asking again does not mend is not waited for.
  const isFinal = found.cause instanceof ApplicationFailure && found.cause.nonRetryable === true;
  if (!opens && !isFinal) return unchecked(date, sentenceOf(found));
  giveUp(date, sentenceOf(found));
  return null;
}

/** A check that could not be made is a verdict too, and never a pass. */
function unchecked({ memory }: DateRun, why: string): Look {
  const { names, levels, open, running, policy } = memory;
  if (!policy) throw new Error('a pass that is open has a policy');
  const level = openLevel(memory) ?? 1;
  const own = levels.find((one) => one.level === level)?.processors ?? [];
  const held = own.filter((name) => open.includes(name) && !running.includes(name));
  return {
    ...{ names, levels, open, policy, opened: null, refused: {}, rebuilds: [] },
    verdicts: held.map((name) => ({ ...uncheckedVerdict(name, why), level, liveVersion: 0 })),
  };
}

/** Of this run, what came to nothing: it is owed to whoever asked for it. */
function unsatisfied({ memory }: DateRun): ProcessorName[] {
  return Object.values(memory.results).flatMap(({ processor, outcome }) =>
    isSatisfied(outcome) || outcome === 'skipped' ? [] : [processor],
  );
}

/** Settles what is current, has nothing to do, or cannot run because an upstream could not. */
function settleWhatIsSo(date: DateRun, { levels, verdicts }: Look): void {
  for (const { level } of levels) {
    const own = verdicts.filter((verdict) => verdict.level === level);
    const unchanged = own.flatMap((verdict) => verdict.unchanged ?? []);
    const processors = unchanged.map(({ processor }) => processor);
    if (processors.length > 0) date.apply({ type: 'foundUnchanged', level, processors, at: now() });
    for (const result of unchanged) date.apply({ type: 'settled', result, at: now() });
    for (const verdict of own) if (!verdict.unchanged) settleOne(date, verdict);
    endLevels(date);
  }
}

function settleOne(date: DateRun, verdict: LookVerdict): void {
  const { processor, skip, stopped, isFreed, fault } = verdict;
  const { gameDate, results, bypasses } = date.memory;
  const bypass = bypasses.find((one) => one.processor === processor && one.status === 'standing');
  const upstream = stopped ? results[stopped.by] : undefined;
  if (skip)
    settle(date, {
      processor,
      outcome: 'skipped',
      reason: `${skip}: the schedule has no game on ${gameDate}`,
    });
  else if (fault !== undefined)
    settle(date, { processor, outcome: 'failed', reason: `${failureTypes.codeFault}: ${fault}` });
  // Nothing is said of its version: nobody has looked whether it is what it would be now.
  else if (isFreed && bypass && isHeld(verdict))
    date.apply({ type: 'keptBypass', bypass, missing: describeMissing([verdict]), at: now() });
  else if (stopped && upstream) {
    const isHeldUp = upstream.outcome === 'blocked' || upstream.outcome === 'waiting';
    settle(date, {
      processor,
      // Nothing failed where the upstream only waits for its input.
      outcome: isHeldUp ? upstream.outcome : 'upstream_failed',
      reason: `not started: ${stopped.table} is missing because ${stopped.by} is ${upstream.outcome} (${upstream.reason})`,
      missing: [stopped.table, ...upstream.missing],
    });
  } else if (verdict.canRun && (date.memory.starts[processor] ?? 0) >= mostStarts)
    settle(date, {
      processor,
      outcome: 'failed',
      reason: 'its inputs changed while it ran, four times in a row',
    });
}

/** Starts the processors that are ready, side by side, and goes on: messages are taken in while they run. */
function start(date: DateRun, ready: readonly LookVerdict[]): void {
  const [first] = ready;
  const level = date.memory.levels.find((one) => one.level === first?.level);
  if (!first || !level) return;
  const { plan } = date.memory;
  const processors = ready.map(({ processor }) => processor);
  const isAhead = ready.every(
    ({ processor }) => (plan?.processors.find(({ name }) => name === processor)?.level ?? 1) > level.level,
  );
  date.apply({ type: 'started', level, processors, isAhead, at: now() });
  date.looksInVain = 0;
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
    processorActivity(planned).executeWithOptions({ summary }, [
      {
        ...date.token,
        ...{ processor, policy, liveVersion },
        ...(waiver ? { waiver } : {}),
        ...(sentence ? { forced: sentence } : {}),
        ...(auditHead ? { auditHead } : {}),
      },
    ]),
    sentenceOf,
  );
  if (typeof answer === 'string') settle(date, { processor, outcome: 'failed', reason: answer });
  else if (answer.kind === 'settled') date.apply({ type: 'settled', result: answer.result, at: now() });
  else date.apply({ type: 'moved', processor, detail: answer.detail, at: now() });
  // The others may go on for long: what was built over a bypass is on record before that.
  await date.tryAudit();
  endLevels(date);
  // While others of the level run there is nothing to look for, unless something waits beside them.
  const { open, running } = date.memory;
  const now1 = openLevel(date.memory);
  const beside = date.memory.levels.find((one) => one.level === now1)?.processors ?? [];
  date.isRested = true;
  if (running.length === 0 || beside.some((name) => open.includes(name) && !running.includes(name)))
    date.news += 1;
}

/** What is not ready waits for the next probe, or is blocked: at the deadline, or where nobody waits for it. */
function hold(date: DateRun): void {
  const { memory, policy, askedMs } = date;
  date.looksInVain = 0;
  const held = heldNow(memory);
  const isPatient = isPatientPass(memory);
  const deadline =
    memory.deadline ?? new Date(Date.now() + (isPatient ? policy.deadlineMs : 0)).toISOString();
  if (!isPatient || askedMs >= Date.parse(deadline)) {
    const why = isPatient ? `still missing at the deadline, ${deadline}` : whyAskedOnce(date);
    for (const verdict of held) settle(date, blockedResult(verdict, why));
    date.isRested = true;
    date.news += 1;
    return;
  }
  date.backOffMs ||= policy.firstWaitMs;
  const waitMs = Math.min(date.backOffMs, Math.max(1, Date.parse(deadline) - Date.now()));
  const nextProbeAt = new Date(Date.now() + waitMs).toISOString();
  date.apply({ type: 'waits', nextProbeAt, deadline, at: now() });
}

/** Why nobody waits for what is missing. */
function whyAskedOnce({ memory }: DateRun): string {
  return memory.pending.some(({ message, isAnswered }) => message.kind === 'backfill' && !isAnswered)
    ? 'missing, and a backfill does not wait'
    : 'still missing at the recheck';
}

function blockedResult(verdict: LookVerdict, why: string): Parameters<typeof settle>[1] {
  const { processor, missing, missingGames, details, expected, readyGames, finalGames } = verdict;
  return {
    ...{ processor, outcome: 'blocked', reason: `${why}: ${describeMissing([verdict])}` },
    ...{ missing, missingGames, details, readyGames, finalGames, ...(expected ? { expected } : {}) },
  };
}

/** Settles a processor that did not run, keeping what is known of its live version. */
export function settle(
  date: DateRun,
  result: Pick<ProcessorResult, 'processor' | 'outcome' | 'reason'> & Partial<ProcessorResult>,
): void {
  const before = date.memory.results[result.processor];
  const known = { version: before?.version ?? null, rowCount: before?.rowCount ?? null };
  const nothing = { missing: [], missingGames: [], warnings: [], policyBypass: null };
  date.apply({ type: 'settled', result: { ...known, ...nothing, ...result }, at: now() });
}

/** Says of each level once that it has ended, and without whom. */
function endLevels(date: DateRun): void {
  const { levels, open, levelsDone } = date.memory;
  for (const [index, level] of levels.entries()) {
    if (level.processors.some((name) => open.includes(name))) return;
    const isLast = index === levels.length - 1;
    if (!levelsDone.includes(level.level)) date.apply({ type: 'levelDone', level, isLast, at: now() });
  }
}

/** Bypasses that the check and processors are to apply, by processor. */
function waiversOf({ memory }: DateRun): Record<ProcessorName, Waiver> {
  return Object.fromEntries(
    memory.bypasses.flatMap(({ bypassId, processor, by, reason, tables, status }) =>
      status === 'open' ? [[processor, { bypassId, by, reason, tables }]] : [],
    ),
  );
}

/** Carries out a restore that is on record; one that is not possible leaves everything as it is. */
async function restore(date: DateRun, request: TriggerMessage): Promise<void> {
  const { requestId, processors: [processor] = [], version, by, reason } = request;
  // Messages without them are refused where they come in.
  if (!processor || version === undefined || by === undefined || reason === undefined) return;
  const { auditHead, gameDate } = date.memory;
  // What is being published is published, whatever becomes of the run.
  const answer = await orFailure(
    CancellationScope.nonCancellable(() =>
      restoreVersion({ ...date.token, requestId, processor, version, by, reason, auditHead }),
    ),
    (error) => ({ kind: 'refused' as const, why: sentenceOf(error) }),
  );
  if (answer.kind === 'refused') {
    date.apply({ type: 'notRestored', request, why: answer.why, at: now() });
    return;
  }
  const { result, standing } = answer;
  date.apply({ type: 'settled', result, standing, at: now() });
  const { outcome } = result;
  const summary = `${gameDate} ${outcome}: ${processor} ${outcome}`;
  date.answer([{ requestId, gameDate, state: outcome, summary, outcomes: { [processor]: outcome } }]);
}

/** Nothing could be started: everything that is wanted has failed, and says why. */
function giveUp(date: DateRun, why: string): void {
  const { memory } = date;
  for (const request of restoresOf(memory)) date.apply({ type: 'notRestored', request, why, at: now() });
  const wanted = memory.pending.filter(({ isAnswered }) => !isAnswered).map(({ message }) => message);
  const names = [...memory.open, ...unfinished(memory), ...wanted.flatMap((one) => namesOf(memory, one))];
  date.apply({ type: 'notOpened', why, at: now() });
  // Before a plan is known, nobody knows whether there is what a message names.
  const planned = new Set(memory.plan?.processors.map(({ name }) => name));
  for (const processor of new Set(names))
    if (planned.has(processor) && !memory.running.includes(processor))
      settle(date, { processor, outcome: 'failed', reason: `not started: ${why}` });
  const { gameDate } = memory;
  date.answer(
    answersTo(date.memory, wanted, () => ({ state: 'failed', summary: `${gameDate} failed: ${why}` })).map(
      (answer) => ({ ...answer, wasNotOpened: true }),
    ),
  );
}

/** Answers requests all of whose processors have come to something, while others keep the pass open. */
export function answerSettled(date: DateRun): void {
  const { memory } = date;
  const settled = memory.pending.filter(({ message, at, isAnswered }) => {
    const names = memory.names[wantKey(message)];
    return !isAnswered && names && at < memory.lookedAt && !names.some((name) => memory.open.includes(name));
  });
  date.answer(
    answersTo(
      memory,
      settled.map(({ message }) => message),
      (outcomes) => {
        const state = runStateOf(Object.values(outcomes));
        const parts = Object.entries(outcomes).map(([name, outcome]) => `${name} ${outcome}`);
        return { state, summary: `${memory.gameDate} ${state}: ${parts.join(', ')}` };
      },
    ),
  );
}

/** Records a pass that is settled, answers its requests and tells who should know. */
export async function close(date: DateRun): Promise<void> {
  await date.tryAudit();
  const results = settledNow(date);
  // Nothing came of it: what it was asked for was refused, or could not be restored.
  const state = results.length > 0 ? runStateOf(results.map(({ outcome }) => outcome)) : 'failed';
  const overtaken = await record(date, state, results);
  answerSettled(date);
  date.apply({ type: 'closed', overtaken, at: now() });
  if (overtaken.length > 0) date.news += 1;
  date.passesOfRun += 1;
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
): Promise<readonly ProcessorName[]> {
  const { memory } = date;
  const { gameDate, probes, waitedMs, journal, auditHead } = memory;
  const recorded = recordPass({
    ...date.token,
    ...{ workflowId: workflowInfo().workflowId, state, results, probes, waitedMs },
    requests: memory.pending.flatMap(({ message, at }) => (at <= memory.lookedAt ? [message] : [])),
    journal: journal.slice(Math.max(0, memory.passStartsAtLine - memory.journalDropped)),
    ...(auditHead ? { auditHead } : {}),
    startedAt: memory.passStartedAt ?? now(),
    endedAt: now(),
  });
  const known = await orFailure(recorded, (error) => {
    log.error('the pass could not be recorded', { gameDate, error: error.message });
    return null;
  });
  return known?.overtaken ?? [];
}
