/**
 * What is counted of a date, from the events of its state. Recorded through the SDK's meter, which keeps still at replay and
 * leaves no command in the history; a workflow task that fails and is tried again is counted again.
 */
import { metricMeter } from '@temporalio/workflow';
import type { DateMemory, GateState } from '../contracts/date-state';
import { workflowMetrics, type GateEnd, type Measurement } from '../contracts/metrics';
import { isHeld, type GateVerdict } from '../contracts/phase3';
import { heldNow } from '../explain/held';
import type { DateEvent, EventOf } from './reduce';

/** Records what an event measures. */
export function recordMetrics(before: DateMemory, event: DateEvent, after: DateMemory): void {
  for (const measurement of measurementsOf(before, event, after)) {
    const { metric, labels } = measurement;
    if (metric === 'phase3_gate_wait_seconds')
      metricMeter
        .createHistogram(metric, 'float', 's', workflowMetrics[metric].description)
        .record(measurement.seconds, labels);
    else metricMeter.createCounter(metric, '', workflowMetrics[metric].description).add(1, labels);
  }
}

/** What an event measures, by the memory before it and after it. Pure. */
export function measurementsOf(before: DateMemory, event: DateEvent, after: DateMemory): Measurement[] {
  if (event.type === 'looked') return ofLook(before, event, after);
  if (event.type === 'settled') return ofResult(before, event, after);
  const isGranted =
    event.type === 'decided' &&
    before.bypasses.some(({ bypassId, status }) => bypassId === event.id && status === 'granting');
  return isGranted ? [{ metric: 'phase3_bypasses_total', labels: { kind: 'person' } }] : [];
}

function ofLook(before: DateMemory, { look, at }: EventOf<'looked'>, after: DateMemory): Measurement[] {
  const words = look.verdicts.flatMap((verdict) => wordOf(verdict) ?? []);
  const probes = words.map((verdict): Measurement => ({
    ...{ metric: 'phase3_gate_probes_total', labels: { verdict } },
  }));
  const { gate } = before;
  // Something goes before the level that waits: an upstream is to be built first.
  const isOther = gate !== null && after.gate?.level !== gate.level;
  return [...probes, ...(isOther ? givenUp(gate, at) : []), ...opening(before, after, at)];
}

function ofResult(before: DateMemory, { result, at }: EventOf<'settled'>, after: DateMemory): Measurement[] {
  const { processor, outcome, policyBypass } = result;
  const isPublished = outcome === 'published';
  // A level that is blocked, or given up, is counted once for all that it holds.
  const isLast = heldNow(before).length > 0 && heldNow(after).length === 0;
  const all: Measurement[] = [{ metric: 'phase3_processor_outcomes_total', labels: { processor, outcome } }];
  if (isPublished) all.push({ metric: 'phase3_publishes_total', labels: { processor } });
  if (isPublished && policyBypass) all.push({ metric: 'phase3_bypasses_total', labels: { kind: 'policy' } });
  if (outcome === 'quarantined') all.push({ metric: 'phase3_check_failures_total', labels: { processor } });
  if (isLast && outcome === 'blocked' && before.gate) all.push(waited(before.gate, at, 'blocked'));
  if (isLast && outcome === 'waiting') all.push(...givenUp(before.gate, at));
  return all;
}

/** Null where there is nothing to do: that check is neither open nor shut. */
function wordOf(verdict: GateVerdict): 'open' | 'shut' | 'check_failed' | null {
  if (verdict.checkFailed !== null) return 'check_failed';
  if (verdict.skip) return null;
  return verdict.canRun ? 'open' : 'shut';
}

/** A level opens with the look that leaves nothing of it waiting; it opens once, unless it has to wait again. */
function opening(before: DateMemory, after: DateMemory, at: string): Measurement[] {
  const [was, is] = [before.gate, after.gate];
  if (!is || is.verdicts.some(isHeld)) return [];
  const known = was?.level === is.level ? was : null;
  if (known && !known.verdicts.some(isHeld)) return [];
  const since = { ...is, waitingSince: known?.waitingSince ?? null };
  if (is.verdicts.some(({ canRun }) => canRun)) return [waited(since, at, 'opened')];
  // There turned out to be nothing to do.
  return givenUp(since, at);
}

function givenUp(gate: GateState | null, at: string): Measurement[] {
  return gate?.waitingSince ? [waited(gate, at, 'ended')] : [];
}

function waited({ level, waitingSince }: GateState, until: string, outcome: GateEnd): Measurement {
  const ms = waitingSince === null ? 0 : Date.parse(until) - Date.parse(waitingSince);
  return {
    metric: 'phase3_gate_wait_seconds',
    // The meter throws at less than nothing, and a workflow task must not fail for a figure.
    seconds: Math.max(0, ms) / 1000,
    labels: { level: String(level), outcome },
  };
}
