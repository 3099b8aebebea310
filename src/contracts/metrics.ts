/**
 * What is counted of dates, as dashboards and alerts ask for it. Labels are from closed sets, and never a date, an id or a
 * person: each new value would be a series for ever.
 */
import type { DueStanding } from './due';
import type { Outcome, ProcessorName } from './phase3';

/** How the wait of a level ended. `ended`: before it had an answer, because the run was or there was nothing to do. */
export type GateEnd = 'opened' | 'blocked' | 'ended';

export type Measurement =
  | {
      readonly metric: 'phase3_gate_wait_seconds';
      readonly seconds: number;
      readonly labels: { readonly level: string; readonly outcome: GateEnd };
    }
  | {
      readonly metric: 'phase3_publishes_total' | 'phase3_check_failures_total' | 'phase3_rollbacks_total';
      readonly labels: { readonly processor: ProcessorName };
    }
  | {
      readonly metric: 'phase3_games_held_total' | 'phase3_rule_warnings_total';
      /** The rule's name, from where the rules are declared. */
      readonly labels: { readonly processor: ProcessorName; readonly rule: string };
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
    }
  | {
      readonly metric: 'phase3_sentinel_dates';
      /** How many dates. */
      readonly value: number;
      readonly labels: { readonly finding: 'altered' | 'stale' | 'questioned' | 'unrecorded' };
    }
  | {
      readonly metric: 'phase3_due_dates';
      /** How many dates. */
      readonly value: number;
      readonly labels: { readonly standing: DueStanding };
    }
  | {
      readonly metric:
        | 'phase3_due_late_seconds'
        | 'phase3_due_newest_age_seconds'
        | 'phase3_due_calendar_stale'
        | 'phase3_due_checked_timestamp_seconds';
      readonly value: number;
      readonly labels: Readonly<Record<string, never>>;
    }
  | {
      readonly metric: 'phase3_sentinel_sweeps_total' | 'phase3_sentinel_repairs_total';
      readonly labels: Readonly<Record<string, never>>;
    };

/** How a measurement is declared: `docs/reference/metrics.md` is made of it. */
interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly description: string;
}

export const dateMetrics: Readonly<Record<Measurement['metric'], MetricDeclaration>> = {
  phase3_gate_wait_seconds: {
    kind: 'histogram',
    labels: ['level', 'outcome'],
    description:
      'Seconds that a date waited for missing inputs of a level; 0 if the level could run, or was blocked, at once.',
  },
  phase3_games_held_total: {
    kind: 'counter',
    labels: ['processor', 'rule'],
    description:
      'Games that broke a blocking rule when a processor published or was blocked, once for each rule.',
  },
  phase3_rule_warnings_total: {
    kind: 'counter',
    labels: ['processor', 'rule'],
    description: 'Published versions that break a rule which only warns, once for each rule.',
  },
  phase3_publishes_total: {
    kind: 'counter',
    labels: ['processor'],
    description: 'Published partition versions, including restored ones.',
  },
  phase3_processor_outcomes_total: {
    kind: 'counter',
    labels: ['processor', 'outcome'],
    description: 'Outcomes of processors, counted once in each pass when it is recorded.',
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
  phase3_rollbacks_total: {
    kind: 'counter',
    labels: ['processor'],
    description:
      'Versions that were not stored as they were built and were rolled back to the version before.',
  },
  phase3_sentinel_sweeps_total: {
    kind: 'counter',
    labels: [],
    description: 'Sweeps of the sentinel that were completed.',
  },
  phase3_sentinel_dates: {
    kind: 'gauge',
    labels: ['finding'],
    description:
      'Dates that are not as published, by what the newest sweep of this worker found of them; a date can be altered and stale at once.',
  },
  phase3_sentinel_repairs_total: {
    kind: 'counter',
    labels: [],
    description: 'Dates that the sentinel had run again, by the policy `repair`.',
  },
  phase3_due_dates: {
    kind: 'gauge',
    labels: ['standing'],
    description:
      'Dates whose day is over, by how they stand: `settled`, `open`, `blocked`, `partial`, `held` or `failed`. Of the days that a sweep of this worker looked at (`PHASE3_SENTINEL_DATES`).',
  },
  phase3_due_late_seconds: {
    kind: 'gauge',
    labels: [],
    description:
      'Seconds since the oldest date that is not settled was needed (`PHASE3_NEEDED_BY`, otherwise 09:00 New York time the morning after); 0 when none is late.',
  },
  phase3_due_newest_age_seconds: {
    kind: 'gauge',
    labels: [],
    description: 'Seconds since the day of the newest date with games was over.',
  },
  phase3_due_calendar_stale: {
    kind: 'gauge',
    labels: [],
    description:
      'Whether the game calendar seems not to be written any more, 0 or 1: then nobody can tell what is due.',
  },
  phase3_due_checked_timestamp_seconds: {
    kind: 'gauge',
    labels: [],
    description:
      'When a sweep of this worker judged the due dates last, in seconds since 1970. Of several workers, the newest has the present figures.',
  },
};
