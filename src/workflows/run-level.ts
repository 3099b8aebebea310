/** One level of a pass: its gate, with the durable waiting, then its processors side by side. */
import {
  ActivityFailure,
  ApplicationFailure,
  TimeoutFailure,
  condition,
  isCancellation,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { CheckDependenciesRequest } from '../contracts/activities';
import type { Waiver } from '../contracts/overrides';
import {
  isSatisfied,
  uncheckedVerdict,
  type GateVerdict,
  type ProcessorName,
  type ProcessorResult,
} from '../contracts/phase3';
import { describeMissing } from '../explain/describe-missing';
import {
  levelOfProcessor,
  processorOf,
  processorsOf,
  upstreamsOf,
  type PlannedLevel,
} from '../plan/registry';
import { checkDependencies, processorActivity } from './activity-stubs';
import { bypassOf, isWaived } from './bypasses';
import { now, type DateRun } from './date-run';
import { isPastJoining, join, mayJoin } from './join-pass';
import type { PassContext } from './pass-context';

/** Probes are at least this far apart, however often the gate is woken. */
const shortestProbeGapMs = 1_000;

export type LevelEnd =
  | { kind: 'done' }
  /** A request arrived while the gate waits. */
  | { kind: 'interrupted' }
  /** These must be planned (again) before the rest. */
  | { kind: 'replan'; processors: ProcessorName[] };

/**
 * Runs one level to its end: every processor settled, or the pass interrupted or to be planned anew. The ready ones start
 * at once; an unready sibling does not hold them.
 */
export async function runLevel(context: PassContext, level: PlannedLevel): Promise<LevelEnd> {
  const waiting = new Set(level.processors.filter((name) => !stoppedByUpstream(context, name)));
  const running: Promise<void>[] = [];
  const moved: ProcessorName[] = [];
  const gate = passGate(context, level, waiting, (ready) => {
    const isAhead = ready.every((name) => levelOfProcessor(name) > level.level);
    const description = isAhead ? 'ahead of what a bypass waives' : level.description;
    const started = { ...level, description };
    context.date.apply({ type: 'levelStarted', level: started, processors: ready, at: now() });
    for (const name of ready)
      running.push(
        runProcessor(context, level, name).then((detail) => {
          if (detail === null) return;
          context.date.apply({ type: 'upstreamMoved', processor: name, detail, at: now() });
          moved.push(name);
        }),
      );
  });
  // Whatever ends the gate, what it started is waited for: nothing may go on unobserved.
  const end = await gate.finally(() => Promise.allSettled(running));
  await Promise.all(running);
  switch (end.kind) {
    case 'replan':
      return { kind: 'replan', processors: [...end.processors, ...moved] };
    case 'interrupted':
      // Left waiting, so that the pass which the request begins takes them up again.
      for (const name of moved)
        settle(context, { processor: name, outcome: 'waiting', reason: 'what it reads moved while it ran' });
      return end;
    case 'done':
      return moved.length === 0 ? end : afterMove(context, moved);
  }
}

/** Plans anew what found its inputs moved, as often as a pass may; then it has failed. */
function afterMove(context: PassContext, moved: ProcessorName[]): LevelEnd {
  if (context.replansLeft > 0) {
    context.replansLeft -= 1;
    return { kind: 'replan', processors: moved };
  }
  for (const name of moved)
    settle(context, {
      processor: name,
      outcome: 'failed',
      reason: 'what it reads moved while it ran, four times in a row',
    });
  return { kind: 'done' };
}

/** Settles a processor whose own upstream was tried in this pass and is not satisfied. */
function stoppedByUpstream(context: PassContext, name: ProcessorName): boolean {
  for (const upstream of upstreamsOf(name)) {
    if (isWaived(context.date.state, name, upstream)) continue;
    const result = context.pass.settledNow.get(upstream);
    if (!result || isSatisfied(result.outcome) || result.outcome === 'skipped') continue;
    const table = processorOf(upstream).table.name;
    settle(context, {
      processor: name,
      // Nothing failed where the upstream only waits for its input.
      outcome:
        result.outcome === 'blocked' || result.outcome === 'waiting' ? result.outcome : 'upstream_failed',
      reason: `not started: ${table} is missing because ${upstream} is ${result.outcome} (${result.reason})`,
      missing: [table, ...result.missing],
    });
    return true;
  }
  return false;
}

/**
 * The gate. Probes until nothing waits any more, the deadline passes, or the pass must be planned anew. `start` is called
 * with the processors that a probe found ready.
 */
async function passGate(
  context: PassContext,
  level: PlannedLevel,
  waiting: Set<ProcessorName>,
  start: (ready: ProcessorName[]) => void,
): Promise<LevelEnd> {
  const { date } = context;
  const { policy } = context.opened;
  let backOffMs = policy.firstWaitMs;
  let hasProbedAgain = false;
  // A long life goes over into a new run between two passes, so then one is ended.
  const joins = (): boolean =>
    mayJoin(context, level, waiting) &&
    !workflowInfo().continueAsNewSuggested &&
    !isPastJoining(context, now());
  while (waiting.size > 0) {
    if (joins()) join(date);
    const wakesBefore = date.wakes;
    // The probe answers whoever asked for one, unless it leaves out what this pass has given up on.
    if (![...context.pass.settledNow.values()].some(({ outcome }) => outcome === 'blocked'))
      date.recheck = null;
    const probedAt = Date.now();
    const askedAt = now();
    const verdicts = await probe(context, [...waiting]);
    context.pass.probes += 1;
    date.apply({ type: 'gateJudged', level: level.level, verdicts, askedAt, at: now() });

    const ready = verdicts.filter((verdict) => verdict.canRun).map((verdict) => verdict.processor);
    for (const name of ready) waiting.delete(name);
    const unchanged = verdicts.flatMap((verdict) => (verdict.canRun ? (verdict.unchanged ?? []) : []));
    const toStart = ready.filter((name) => !unchanged.some(({ processor }) => processor === name));
    if (toStart.length > 0) start(toStart);
    if (unchanged.length > 0) {
      const names = unchanged.map(({ processor }) => processor);
      date.apply({ type: 'foundUnchanged', level: level.level, processors: names, at: now() });
      for (const result of unchanged) record(context, result);
      await date.tryAudit();
    }
    for (const verdict of verdicts.filter((candidate) => candidate.skip)) {
      waiting.delete(verdict.processor);
      settle(context, {
        processor: verdict.processor,
        outcome: 'skipped',
        reason: `${verdict.skip}: the schedule has no game on ${context.pass.token.gameDate}`,
      });
    }
    if (waiting.size === 0) break;

    for (const verdict of verdicts.filter((candidate) => waiting.has(candidate.processor))) {
      const bypass = bypassOf(date.state, verdict.processor, 'standing');
      if (!context.freed.has(verdict.processor) || !bypass) continue;
      waiting.delete(verdict.processor);
      // Nothing is said of its version: nobody has looked whether it is what it would be now.
      date.apply({ type: 'goesOnStanding', bypass, missing: describeMissing([verdict]), at: now() });
    }
    if (waiting.size === 0) break;

    const held = verdicts.filter((verdict) => waiting.has(verdict.processor));
    const stale = held.filter((verdict) => verdict.staleUpstreams.length > 0);
    if (stale.length > 0 && context.replansLeft > 0) {
      context.replansLeft -= 1;
      date.apply({ type: 'upstreamsAdded', verdicts: stale, at: now() });
      return {
        kind: 'replan',
        processors: [
          ...stale.flatMap((verdict) => verdict.staleUpstreams.map((up) => up.processor)),
          ...waiting,
        ],
      };
    }

    const since = Date.now();
    const deadline =
      date.state.deadline ?? new Date(since + (context.patient ? policy.deadlineMs : 0)).toISOString();
    const leftMs = Date.parse(deadline) - since;
    if (leftMs <= 0 && !hasProbedAgain && date.wakes !== wakesBefore) {
      hasProbedAgain = true;
      // Somebody has news that came too late for this probe and in time for the next.
      const restMs = probedAt + shortestProbeGapMs - since;
      if (restMs > 0) await sleep(restMs);
      continue;
    }
    if (leftMs <= 0) {
      for (const verdict of held)
        settle(
          context,
          blockedResult(
            verdict,
            context.patient ? `still missing at the deadline, ${deadline}` : whyAskedOnce(context),
          ),
        );
      break;
    }
    const waitMs = Math.min(backOffMs, leftMs);
    date.apply({
      type: 'gateWaits',
      level: level.level,
      nextProbeAt: new Date(since + waitMs).toISOString(),
      deadline,
      at: now(),
    });
    const woken = await condition(() => date.inbox.length > 0 || date.wakes !== wakesBefore, waitMs, {
      summary: `level ${level.level} waits for ${[...new Set(held.flatMap((verdict) => verdict.missing))].join(', ')}`,
    });
    context.pass.waitedMs += Date.now() - since;
    if (date.hasNews() && !joins()) {
      // The next pass probes at once: however many requests come, so far apart.
      const restMs = probedAt + shortestProbeGapMs - Date.now();
      if (restMs > 0) await sleep(restMs);
      for (const verdict of held) settle(context, waitingResult(verdict));
      return { kind: 'interrupted' };
    }
    if (!woken) backOffMs = Math.min(backOffMs * 2, policy.longestWaitMs);
    // Whoever has waited a gap out is not early, whatever the clock says: a command must not hang on two readings of it.
    // A workflow task that was lost and given out again was once seen to replay with another time than it had run with.
    const mayBeEarly = woken || waitMs < shortestProbeGapMs;
    const gapMs = probedAt + shortestProbeGapMs - Date.now();
    if (mayBeEarly && gapMs > 0) await sleep(gapMs);
  }
  return { kind: 'done' };
}

/** Asks the gate; a check that could not be made is a verdict too, and never a pass. */
async function probe(context: PassContext, names: ProcessorName[]): Promise<GateVerdict[]> {
  try {
    const waivers = openWaivers(context.date, names);
    const forced = names.filter((name) => forcedBy(context, name) !== null);
    const request: CheckDependenciesRequest = {
      gameDate: context.pass.token.gameDate,
      processors: names,
      policy: context.opened.policy,
      ...(Object.keys(waivers).length > 0 ? { waivers } : {}),
      ...(forced.length > 0 ? { forced } : {}),
      pass: context.pass.token,
    };
    return await checkDependencies.executeWithOptions(
      { summary: `is everything there for ${names.map(shortName).join(', ')}?` },
      [request],
    );
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return names.map((name) => uncheckedVerdict(name, sentenceOf(error)));
  }
}

/**
 * Runs a processor and settles it. Returns what moved under it when the pass must be planned anew, else null. An
 * `ActivityFailure` is an outcome; a cancellation goes on; anything else is a fault of ours and fails the workflow task.
 */
async function runProcessor(
  context: PassContext,
  level: PlannedLevel,
  name: ProcessorName,
): Promise<string | null> {
  try {
    const activity = processorActivity(name);
    const waiver = openWaivers(context.date, [name])[name];
    const { auditHead } = context.date.state;
    const forced = forcedBy(context, name);
    const summary = `level ${level.level}, pass ${context.pass.token.pass}${waiver ? `, by bypass ${waiver.bypassId}` : ''}`;
    const answer = await activity.executeWithOptions({ summary }, [
      {
        ...context.pass.token,
        processor: name,
        policy: context.opened.policy,
        ...(waiver ? { waiver } : {}),
        ...(forced ? { forced } : {}),
        ...(auditHead ? { auditHead } : {}),
      },
    ]);
    if (answer.kind !== 'settled') return answer.detail;
    record(context, answer.result);
    // The others may go on waiting for long: what was built over a bypass is on record before that.
    await context.date.tryAudit();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    settle(context, { processor: name, outcome: 'failed', reason: sentenceOf(error) });
  }
  return null;
}

/** Bypasses that gates and processors are to apply, of these processors. */
function openWaivers(date: DateRun, names: readonly ProcessorName[]): Record<ProcessorName, Waiver> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const bypass = bypassOf(date.state, name, 'open');
      if (!bypass) return [];
      const { bypassId, by, reason, tables } = bypass;
      return [[name, { bypassId, by, reason, tables } satisfies Waiver]];
    }),
  );
}

/** Who wants a processor built even if nothing has changed, and why; null where nobody does or it has been built for them. */
function forcedBy({ date: { state } }: PassContext, name: ProcessorName): string | null {
  const result = state.results[name];
  if (result && isSatisfied(result.outcome) && state.touched.includes(name)) return null;
  const request = state.pending.findLast(
    ({ force, processors, source }) => force && (processors ?? processorsOf(source)).includes(name),
  );
  return request ? `${request.by ?? 'somebody'} forced it: ${request.reason ?? ''}` : null;
}

/** Without `Processor`, for lines that have little room. */
function shortName(name: ProcessorName): string {
  return name.replace(/Processor$/, '');
}

function record(context: Pick<PassContext, 'date' | 'pass'>, result: ProcessorResult): void {
  context.pass.settledNow.set(result.processor, result);
  context.date.apply({ type: 'settled', result, at: now() });
}

/** Settles a processor that did not run, keeping what is known of its live version. */
export function settle(
  context: Pick<PassContext, 'date' | 'pass'>,
  result: Pick<ProcessorResult, 'processor' | 'outcome' | 'reason'> & Partial<ProcessorResult>,
): void {
  const before = context.date.state.results[result.processor];
  record(context, {
    version: before?.version ?? null,
    rowCount: before?.rowCount ?? null,
    missing: [],
    missingGames: [],
    warnings: [],
    policyBypass: null,
    ...result,
  });
}

/** Why nobody waits for what is missing. */
function whyAskedOnce({ date }: PassContext): string {
  return date.state.pending.some(({ kind }) => kind === 'backfill')
    ? 'missing, and a backfill asks once'
    : 'still missing when it was looked at again';
}

function blockedResult(verdict: GateVerdict, why: string): Parameters<typeof settle>[1] {
  return {
    processor: verdict.processor,
    outcome: 'blocked',
    reason: `${why}: ${describeMissing([verdict])}`,
    ...evidenceOf(verdict),
  };
}

/** What a processor lacks, as its gate found it. */
function evidenceOf(verdict: GateVerdict): Partial<ProcessorResult> {
  const { missing, missingGames, details, expected, readyGames, finalGames } = verdict;
  return { missing, missingGames, details, readyGames, finalGames, ...(expected ? { expected } : {}) };
}

function waitingResult(verdict: GateVerdict): Parameters<typeof settle>[1] {
  return {
    processor: verdict.processor,
    outcome: 'waiting',
    reason: `missing: ${describeMissing([verdict])}`,
    ...evidenceOf(verdict),
  };
}

/** The innermost cause of a failed activity, as a sentence. */
export function sentenceOf(error: ActivityFailure): string {
  const { cause } = error;
  if (cause instanceof TimeoutFailure)
    return `${error.activityType} took longer than it may (${cause.timeoutType ?? 'time-out'})`;
  if (cause instanceof ApplicationFailure) return `${cause.type ?? 'Error'}: ${cause.message}`;
  return cause?.message ?? error.message;
}
