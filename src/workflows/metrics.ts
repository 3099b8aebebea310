/**
 * What is counted of a date, from the events of its state. Recorded through the SDK's meter, which keeps still at replay and
 * leaves no command in the history; a workflow task that fails and is tried again is counted again.
 */
import { metricMeter } from '@temporalio/workflow';
import type { DateMemory, GateState } from '../contracts/date-state';
import { workflowMetrics, type GateEnd, type Measurement } from '../contracts/metrics';
import { isHeld, type GateVerdict } from '../contracts/phase3';
import { heldNow } from '../explain/held';
import type { DateEvent } from './reduce';

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
  switch (event.type) {
    case 'looked': {
      const words = event.look.verdicts.flatMap((verdict) => wordOf(verdict) ?? []);
      const probes = words.map((verdict): Measurement => ({
        metric: 'phase3_gate_probes_total',
        labels: { verdict },
      }));
      const { gate } = before;
      // Something goes before the level that waits: an upstream is to be built first.
      const isOther = gate !== null && after.gate?.level !== gate.level;
      return [...probes, ...(isOther ? givenUp(gate, event.at) : []), ...opening(before, after, event.at)];
    }
    case 'settled': {
      const { processor, outcome, policyBypass } = event.result;
      const isPublished = outcome === 'published';
      const isLast = heldNow(before).length > 0 && heldNow(after).length === 0;
      const of = (metric: 'phase3_publishes_total' | 'phase3_check_failures_total'): Measurement => ({
        ...{ metric, labels: { processor } },
      });
      return [
        { metric: 'phase3_processor_outcomes_total', labels: { processor, outcome } },
        ...(isPublished ? [of('phase3_publishes_total')] : []),
        ...(isPublished && policyBypass
          ? [{ metric: 'phase3_bypasses_total', labels: { kind: 'policy' } } as const]
          : []),
        ...(outcome === 'quarantined' ? [of('phase3_check_failures_total')] : []),
        // A level that is blocked, or given up, is counted once for all that it holds.
        ...(isLast && outcome === 'blocked' && before.gate ? [waited(before.gate, event.at, 'blocked')] : []),
        ...(isLast && outcome === 'waiting' ? givenUp(before.gate, event.at) : []),
      ];
    }
    case 'decided':
      return before.bypasses.some(({ bypassId, status }) => bypassId === event.id && status === 'granting')
        ? [{ metric: 'phase3_bypasses_total', labels: { kind: 'person' } }]
        : [];
    default:
      return [];
  }
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
  if (!is || is.level === null || is.verdicts.some(isHeld)) return [];
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
