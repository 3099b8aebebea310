/** One level of a pass: its gate, then its processors side by side. */
import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import { isSatisfied, type ProcessorName } from '../contracts/phase3';
import { levelOfProcessor, processorOf, upstreamsOf, type PlannedLevel } from '../plan/registry';
import { processorActivity } from './activity-stubs';
import { isWaived } from './bypasses';
import { now } from './date-run';
import type { PassContext } from './pass-context';
import { openWaivers, record, sentenceOf, settle } from './settle';
import { passGate, type GateEnd } from './wait-at-gate';

/**
 * Runs one level to its end: every processor settled, or the pass interrupted or to be planned anew. The ready ones start
 * at once; an unready sibling does not hold them.
 */
export async function runLevel(context: PassContext, level: PlannedLevel): Promise<GateEnd> {
  const waiting = new Set(level.processors.filter((name) => !stoppedByUpstream(context, name)));
  const running: Promise<void>[] = [];
  const moved: ProcessorName[] = [];
  const gate = passGate(context, level, waiting, (ready) => {
    const isAhead = ready.every((name) => levelOfProcessor(name) > level.level);
    const description = isAhead ? 'without waiting for the bypassed input' : level.description;
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
        settle(context, { processor: name, outcome: 'waiting', reason: 'its inputs changed while it ran' });
      return end;
    case 'done':
      return moved.length === 0 ? end : afterMove(context, moved);
  }
}

/** Plans anew what found its inputs moved, as often as a pass may; then it has failed. */
function afterMove(context: PassContext, moved: ProcessorName[]): GateEnd {
  if (context.replansLeft > 0) {
    context.replansLeft -= 1;
    return { kind: 'replan', processors: moved };
  }
  for (const name of moved)
    settle(context, {
      processor: name,
      outcome: 'failed',
      reason: 'its inputs changed while it ran, four times in a row',
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
    const { auditHead, forced: forcedNow } = context.date.state;
    const forced = forcedNow[name];
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
