/**
 * What is counted of a date, from the events of its state. Recorded through the SDK's meter, which keeps still at replay and
 * leaves no command in the history; a workflow task that fails and is tried again is counted again. Labels are from closed
 * sets, and never a date, an id or a person: each new value would be a series for ever.
 */
import { metricMeter } from '@temporalio/workflow';
import type { DateState, GateState } from '../contracts/date-state';
import { isHeld, type GateVerdict, type Outcome, type ProcessorName } from '../contracts/phase3';
import type { DateEvent } from './date-events';

/**
 * How a gate ended. `ended`: it was given up before it had an answer, because the run was cancelled or because the pass is
 * planned anew, for a request that came, a bypass, or an upstream that is not current.
 */
type GateEnd = 'opened' | 'blocked' | 'ended';

export type Measurement =
  | {
      readonly metric: 'phase3_gate_wait_seconds';
      readonly seconds: number;
      readonly labels: { readonly level: string; readonly outcome: GateEnd };
    }
  | {
      readonly metric: 'phase3_publishes_total' | 'phase3_check_failures_total';
      readonly labels: { readonly processor: ProcessorName };
    }
  | {
      readonly metric: 'phase3_processor_outcomes_total';
      readonly labels: { readonly processor: ProcessorName; readonly outcome: Outcome };
    }
  | {
      readonly metric: 'phase3_bypasses_total';
      readonly labels: { readonly kind: 'person' | 'policy' };
    }
  | {
      readonly metric: 'phase3_gate_probes_total';
      readonly labels: { readonly verdict: 'open' | 'shut' | 'check_failed' };
    };

/** How a measurement is declared: `docs/reference/metrics.md` is made of it. */
interface MetricDeclaration {
  readonly kind: 'counter' | 'histogram';
  readonly labels: readonly string[];
  readonly description: string;
}

export const workflowMetrics: Readonly<Record<Measurement['metric'], MetricDeclaration>> = {
  phase3_gate_wait_seconds: {
    kind: 'histogram',
    labels: ['level', 'outcome'],
    description:
      'Seconds that a date waited for missing inputs of a level; 0 if the level could run, or was blocked, at once.',
  },
  phase3_publishes_total: {
    kind: 'counter',
    labels: ['processor'],
    description: 'Published partition versions, including restored ones.',
  },
  phase3_processor_outcomes_total: {
    kind: 'counter',
    labels: ['processor', 'outcome'],
    description: 'Outcomes of processors, counted in each pass.',
  },
  phase3_bypasses_total: {
    kind: 'counter',
    labels: ['kind'],
    description: 'Bypasses by people, and versions that were published by policy with games missing.',
  },
  phase3_gate_probes_total: {
    kind: 'counter',
    labels: ['verdict'],
    description: 'Results of dependency checks, one for each requested processor.',
  },
  phase3_check_failures_total: {
    kind: 'counter',
    labels: ['processor'],
    description: 'Staged partitions that failed a blocking check.',
  },
};

/** Records what an event measures. */
export function recordMetrics(before: DateState, event: DateEvent, after: DateState): void {
  for (const measurement of measurementsOf(before, event, after)) {
    const { metric, labels } = measurement;
    if (metric === 'phase3_gate_wait_seconds')
      metricMeter
        .createHistogram(metric, 'float', 's', workflowMetrics[metric].description)
        .record(measurement.seconds, labels);
    else metricMeter.createCounter(metric, '', workflowMetrics[metric].description).add(1, labels);
  }
}

/** What an event measures, by the state before it and after it. Pure. */
export function measurementsOf(before: DateState, event: DateEvent, after: DateState): Measurement[] {
  switch (event.type) {
    case 'gateJudged':
      return [
        ...event.verdicts.flatMap((verdict): Measurement[] => {
          const word = wordOf(verdict);
          return word ? [{ metric: 'phase3_gate_probes_total', labels: { verdict: word } }] : [];
        }),
        ...opening(before.gate, after.gate, event),
      ];
    case 'levelDone':
      return blocking(before, event);
    // The gate is left before anything has come of it.
    case 'upstreamsAdded':
    case 'interrupted':
      return before.gate?.waitingSince ? [waited(before.gate, event.at, 'ended')] : [];
    case 'ended':
      // A gate may have opened, or be blocked, while the rest of its level still ran.
      return before.gate?.waitingSince && heldAt(before.gate, before, 'waiting')
        ? [waited(before.gate, event.at, 'ended')]
        : [];
    case 'bypassGranted':
      return before.bypasses.some(({ bypassId }) => bypassId === event.bypassId)
        ? [{ metric: 'phase3_bypasses_total', labels: { kind: 'person' } }]
        : [];
    case 'settled':
      return settling(event);
    // An ended pass leaves no gate waiting, and a level that starts was let in by what its gate had judged.
    case 'passOpened':
    case 'passEnded':
    case 'planned':
    case 'gateWaits':
    case 'levelStarted':
    case 'foundUnchanged':
    case 'upstreamMoved':
    case 'goesOnStanding':
    case 'ending':
    // What is asked for or decided is in the audit; here is what came of it.
    case 'requested':
    case 'joined':
    case 'joinedPass':
    case 'triedAgain':
    case 'refused':
    case 'wentOn':
    case 'recordRead':
    case 'bypassAsked':
    case 'bypassDropped':
    case 'notTaken':
    case 'notRestored':
    case 'decided':
    case 'extended':
    case 'cancelDecided':
    case 'rechecked':
    case 'audited':
    case 'told':
      return [];
  }
}

function settling({ result }: Extract<DateEvent, { type: 'settled' }>): Measurement[] {
  const { processor, outcome, policyBypass } = result;
  return [
    { metric: 'phase3_processor_outcomes_total', labels: { processor, outcome } },
    ...(outcome === 'published'
      ? [{ metric: 'phase3_publishes_total', labels: { processor } } as const]
      : []),
    ...(outcome === 'published' && policyBypass
      ? [{ metric: 'phase3_bypasses_total', labels: { kind: 'policy' } } as const]
      : []),
    ...(outcome === 'quarantined'
      ? [{ metric: 'phase3_check_failures_total', labels: { processor } } as const]
      : []),
  ];
}

/** Null where there is nothing to do: that gate is neither open nor shut. */
function wordOf(verdict: GateVerdict): 'open' | 'shut' | 'check_failed' | null {
  if (verdict.checkFailed !== null) return 'check_failed';
  if (verdict.skip) return null;
  return verdict.canRun ? 'open' : 'shut';
}

/**
 * A gate opens with the probe that leaves nobody waiting: a sibling that is let in earlier ends no wait. It opens once, so
 * a probe of what was let in before, because its inputs moved while it ran, counts for nothing.
 */
function opening(
  before: GateState | null,
  after: GateState | null,
  { level, verdicts, at }: Extract<DateEvent, { type: 'gateJudged' }>,
): Measurement[] {
  if (!after || verdicts.some(isHeld)) return [];
  const known = before?.level === level ? before : null;
  const names = verdicts.map(({ processor }) => processor);
  if (known && !known.verdicts.some((old) => isHeld(old) && names.includes(old.processor))) return [];
  if (verdicts.some(({ canRun }) => canRun)) return [waited(after, at, 'opened')];
  // There turned out to be nothing to do.
  return after.waitingSince ? [waited(after, at, 'ended')] : [];
}

/** A gate that is blocked; counted once for all that it holds, when its level is done. */
function blocking(
  before: DateState,
  { level, at }: Extract<DateEvent, { type: 'levelDone' }>,
): Measurement[] {
  const { gate, deadline } = before;
  if (gate?.level !== level.level || !heldAt(gate, before, 'blocked')) return [];
  // Its siblings may have run on long after it was.
  return [waited(gate, deadline !== null && deadline < at ? deadline : at, 'blocked')];
}

/** Whether a processor that the gate holds was settled so. */
function heldAt(gate: GateState, { results }: DateState, outcome: Outcome): boolean {
  return gate.verdicts.some((verdict) => isHeld(verdict) && results[verdict.processor]?.outcome === outcome);
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
