/** What is counted of a date, where it comes about. A replay runs no activity, so it counts nothing. */
import type { MetricMeter } from '@temporalio/common';
import type {
  AppendAuditRequest,
  AppendAuditResult,
  CheckDependenciesRequest,
  Look,
  RecordPassRequest,
  WaitOfLevel,
} from '../contracts/activities';
import { dueStandings, type DueSummary } from '../contracts/due';
import { dateMetrics, type GateEnd, type Measurement } from '../contracts/metrics';
import { isHeld, type GateVerdict, type ProcessorResult } from '../contracts/phase3';
import type { SweepResult } from '../contracts/sentinel';

/** Records measurements through the meter of an activity. */
export function record(meter: MetricMeter, measurements: readonly Measurement[]): void {
  for (const measurement of measurements) {
    const { metric, labels } = measurement;
    const { description } = dateMetrics[metric];
    if (metric === 'phase3_gate_wait_seconds')
      meter.createHistogram(metric, 'float', 's', description).record(measurement.seconds, labels);
    else if ('value' in measurement)
      meter.createGauge(metric, 'float', '', description).set(measurement.value, labels);
    else meter.createCounter(metric, '', description).add(1, labels);
  }
}

/** What each verdict of a look says, and the wait of a level that it ends; `at` is when it was made. Pure. */
export function measuresOfLook(
  { gate }: Pick<CheckDependenciesRequest, 'gate'>,
  look: Look,
  at: Date,
): Measurement[] {
  const words = look.verdicts.flatMap((verdict) => wordOf(verdict) ?? []);
  const probes = words.map((verdict): Measurement => ({
    ...{ metric: 'phase3_gate_probes_total', labels: { verdict } },
  }));
  const open = look.levels.find(({ processors }) => processors.some((name) => look.open.includes(name)));
  const level = open?.level ?? look.verdicts[0]?.level ?? null;
  const own = look.verdicts.filter((verdict) => verdict.level === level);
  const since = (of: number | null): string | null => (gate?.level === of ? gate.since : null);
  // A level that is blocked is counted once for all that it holds.
  const blocked = look.verdicts.find((verdict) => blockedIn(look, verdict.level));
  if (blocked) return [...probes, waited(blocked.level, since(blocked.level), at, 'blocked')];
  // Something goes before the level that waits: an upstream is to be built first.
  const left = gate && gate.level !== level ? waitOf(gate, at, 'ended') : [];
  // It opens with the look that leaves nothing of it waiting; once, unless it has to wait again.
  const isOpened = gate?.level === level && !gate.isHeld;
  if (level === null || own.some(isHeld) || isOpened) return [...probes, ...left];
  if (own.some(({ canRun }) => canRun))
    return [...probes, ...left, waited(level, since(level), at, 'opened')];
  // There turned out to be nothing to do.
  return [...probes, ...left, ...(gate?.level === level ? waitOf(gate, at, 'ended') : [])];
}

/** What a processor that was run, or a version that was restored, has come to; `warned` names the rules that it breaks. Pure. */
export function measuresOfResult(
  { processor, outcome, policyBypass }: ProcessorResult,
  warned: readonly string[] = [],
): Measurement[] {
  const labels = { processor };
  if (outcome === 'quarantined') return [{ metric: 'phase3_check_failures_total', labels }];
  if (outcome !== 'published') return [];
  const byPolicy: Measurement = { metric: 'phase3_bypasses_total', labels: { kind: 'policy' } };
  return [
    { metric: 'phase3_publishes_total', labels },
    ...(policyBypass ? [byPolicy] : []),
    ...warned.map((rule): Measurement => ({
      metric: 'phase3_rule_warnings_total',
      labels: { processor, rule },
    })),
  ];
}

/** The outcomes of a pass, and the wait that it is recorded in. Pure. */
export function measuresOfPass({ results, gate, endedAt }: RecordPassRequest): Measurement[] {
  return [
    ...results.map(({ processor, outcome }): Measurement => ({
      ...{ metric: 'phase3_processor_outcomes_total', labels: { processor, outcome } },
    })),
    ...results.flatMap(heldGames),
    ...(gate ? waitOf(gate, new Date(endedAt), 'ended') : []),
  ];
}

/** Games that broke a blocking rule, once for each rule. What is found unchanged was counted when it was published. */
function heldGames({ processor, outcome, missingGames }: ProcessorResult): Measurement[] {
  if (outcome !== 'published' && outcome !== 'blocked') return [];
  return missingGames.flatMap(({ status, broken = [] }) =>
    (status === 'held' || status === 'disputed' ? broken : []).map(({ rule }): Measurement => ({
      ...{ metric: 'phase3_games_held_total', labels: { processor, rule } },
    })),
  );
}

/** Bypasses by people, and versions that were taken back, that are on record now. Pure. */
export function measuresOfAudit(
  { entries }: Pick<AppendAuditRequest, 'entries'>,
  { refused }: AppendAuditResult,
): Measurement[] {
  // One decision about several processors has an entry for each.
  const [firstBypass] = entries.filter(({ kind }) => kind === 'bypass');
  return entries.flatMap((entry): Measurement[] => {
    const { entryId, kind, processor } = entry;
    if (refused.some((one) => one.entryId === entryId)) return [];
    if (kind === 'bypass')
      return entry === firstBypass ? [{ metric: 'phase3_bypasses_total', labels: { kind: 'person' } }] : [];
    return kind === 'rolled_back' && processor !== null
      ? [{ metric: 'phase3_rollbacks_total', labels: { processor } }]
      : [];
  });
}

/** What a sweep found, in figures; `at` is when. Pure. */
export function measuresOfSweep(
  { altered, stale, questioned, unrecorded, news, due }: SweepResult,
  at: Date,
): Measurement[] {
  return [
    { metric: 'phase3_sentinel_sweeps_total', labels: {} },
    ...Object.entries({ altered, stale, questioned, unrecorded }).map(([finding, dates]): Measurement => ({
      ...{ metric: 'phase3_sentinel_dates', value: dates.length },
      labels: { finding: finding as 'altered' | 'stale' | 'questioned' | 'unrecorded' },
    })),
    ...news.flatMap(({ repair }): Measurement[] =>
      repair ? [{ metric: 'phase3_sentinel_repairs_total', labels: {} }] : [],
    ),
    ...(due ? measuresOfDue(due, at) : []),
  ];
}

function measuresOfDue(
  { dates, lateSeconds, newestAgeSeconds, calendar }: DueSummary,
  at: Date,
): Measurement[] {
  return [
    ...dueStandings.map((standing): Measurement => ({
      ...{ metric: 'phase3_due_dates', value: dates[standing].length, labels: { standing } },
    })),
    { metric: 'phase3_due_late_seconds', value: lateSeconds, labels: {} },
    ...(newestAgeSeconds === null
      ? []
      : [{ metric: 'phase3_due_newest_age_seconds', value: newestAgeSeconds, labels: {} } as const]),
    ...(calendar
      ? [
          {
            metric: 'phase3_due_calendar_stale',
            value: calendar.staleBecause === null ? 0 : 1,
            labels: {},
          } as const,
        ]
      : []),
    { metric: 'phase3_due_checked_timestamp_seconds', value: at.getTime() / 1000, labels: {} },
  ];
}

/** Null where there is nothing to do: that check is neither open nor shut. */
function wordOf(verdict: GateVerdict): 'open' | 'shut' | null {
  if (verdict.skip) return null;
  return verdict.canRun ? 'open' : 'shut';
}

/** Whether what a level lacks has blocked it: what is blocked for its upstream has no details of its own. */
function blockedIn({ settled, verdicts }: Look, level: number): boolean {
  return settled.some(
    ({ processor, outcome, details }) =>
      outcome === 'blocked' &&
      details !== undefined &&
      verdicts.some((verdict) => verdict.processor === processor && verdict.level === level),
  );
}

function waitOf({ level, since }: WaitOfLevel, at: Date, outcome: GateEnd): Measurement[] {
  return since === null ? [] : [waited(level, since, at, outcome)];
}

function waited(level: number, since: string | null, at: Date, outcome: GateEnd): Measurement {
  const ms = since === null ? 0 : at.getTime() - Date.parse(since);
  return {
    metric: 'phase3_gate_wait_seconds',
    // The clocks of two processes: the meter throws at less than nothing.
    seconds: Math.max(0, ms) / 1000,
    labels: { level: String(level), outcome },
  };
}
