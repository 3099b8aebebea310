/** The alert rules for Prometheus: `docs/observability/prometheus-rules.yml`. */
import { stringify } from 'yaml';
import { gatewayMetrics } from '../../src/gateway/metrics';
import type { RunbookAnchor } from '../../src/notifications/runbook';
import { hasGrown, queries } from './queries';

/** Headings of docs/runbook.md that only rules lead to. */
type OtherAnchor =
  | 'schedules'
  | 'partial'
  | 'rolled-back'
  | 'gateway-unavailable'
  | 'gateway-down'
  | 'published-rows-are-wrong';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it must hold. */
  readonly for: string;
  /** `page`: somebody is to be woken · `notice`: it can be read in the morning. */
  readonly severity: 'page' | 'notice';
  readonly summary: string;
  readonly next: string;
  readonly runbook: RunbookAnchor | OtherAnchor;
}

const severities = { page: 'page', notice: 'notice' } as const;
const { page, notice } = severities;
const blocked = 'phase3 list --blocked --failed';

export const alertRules: readonly AlertRule[] = [
  {
    ...{ alert: 'Phase3DateLate', expr: `(${queries.late}) > 0`, for: '0m', severity: page },
    summary: 'A date is not settled although its rows are needed by now.',
    ...{ next: 'phase3 missing', runbook: 'late' },
  },
  {
    ...{ alert: 'Phase3NoSweep', expr: `(${queries.sinceSweep}) > 1800`, for: '5m', severity: page },
    summary: 'No sweep of the sentinel has ended for half an hour: nobody knows how the dates stand.',
    ...{ next: 'phase3 schedules list', runbook: 'schedules' },
  },
  {
    ...{ alert: 'Phase3CalendarStale', expr: `(${queries.calendarStale}) > 0`, for: '0m', severity: notice },
    summary: 'The game calendar seems not to be written any more: nobody can tell what is missing.',
    ...{ next: 'phase3 missing', runbook: 'late' },
  },
  {
    alert: 'Phase3NoSweepEver',
    expr: 'absent(phase3_due_checked_timestamp_seconds)',
    ...{ for: '30m', severity: page },
    summary: 'No worker has the metrics of a sweep: none is scraped, or no sweep has ended since it started.',
    ...{ next: 'phase3 status', runbook: 'worker-down' },
  },
  {
    ...{ alert: 'Phase3NoWorker', expr: `(${queries.sinceWorker}) > 300`, for: '0m', severity: page },
    summary: 'No worker has asked for work for five minutes: no date advances.',
    ...{ next: 'phase3 status', runbook: 'worker-down' },
  },
  {
    alert: 'Phase3GatewayGone',
    expr: `absent(${gatewayMetrics.workerPolled.name})`,
    ...{ for: '10m', severity: notice },
    summary: 'No gateway is scraped: triggers over HTTP may not arrive.',
    ...{ next: 'phase3 status', runbook: 'gateway-down' },
  },
  {
    alert: 'Phase3RowsAltered',
    expr: `(${queries.altered.replace('phase3_sentinel_dates', 'phase3_sentinel_dates{finding="altered"}')}) > 0`,
    ...{ for: '15m', severity: page },
    summary: 'Live rows are not those that were published.',
    ...{ next: 'phase3 verify', runbook: 'not-as-published' },
  },
  {
    alert: 'Phase3DatesBlocked',
    expr: `(${queries.dueDates.replace('phase3_due_dates', 'phase3_due_dates{standing=~"blocked|failed"}')}) > 0`,
    ...{ for: '1h', severity: notice },
    summary: 'Dates are blocked or failed.',
    ...{ next: blocked, runbook: 'blocked' },
  },
  {
    alert: 'Phase3GamesHeld',
    expr: `(${queries.dueDates.replace('phase3_due_dates', 'phase3_due_dates{standing="held"}')}) > 0`,
    ...{ for: '6h', severity: notice },
    summary: 'Games break a rule and wait for corrected rows or a decision.',
    ...{ next: 'phase3 quarantine list', runbook: 'partial' },
  },
  {
    alert: 'Phase3CheckFailed',
    expr: hasGrown('phase3_check_failures_total', '1h'),
    ...{ for: '0m', severity: notice },
    summary: 'Staged rows failed a blocking check and were quarantined.',
    ...{ next: 'phase3 quarantine list', runbook: 'quarantined' },
  },
  {
    alert: 'Phase3RolledBack',
    expr: hasGrown('phase3_rollbacks_total', '1h'),
    ...{ for: '0m', severity: notice },
    summary: 'A version was not stored as it was built, and the version before was published again.',
    ...{ next: blocked, runbook: 'rolled-back' },
  },
  {
    alert: 'Phase3GatewayUnavailable',
    expr: hasGrown(`${gatewayMetrics.answers.name}{status="unavailable"}`, '15m'),
    ...{ for: '10m', severity: notice },
    summary: 'The gateway answers that something it needs is not there.',
    ...{ next: 'phase3 status', runbook: 'gateway-unavailable' },
  },
  {
    ...{ alert: 'Phase3WorkerStalls', expr: `(${queries.eventLoop}) > 5`, for: '10m', severity: notice },
    summary: 'The event loop of a worker stands still for seconds: heartbeats and answers wait.',
    ...{ next: 'phase3 status', runbook: 'worker-down' },
  },
  {
    alert: 'Phase3WorkerBusy',
    expr: `(${queries.slotsAvailable.replace('slots_available', 'slots_available{worker_type="ActivityWorker"}')}) == 0`,
    ...{ for: '30m', severity: notice },
    summary: 'A worker has had no free activity slot for half an hour: dates wait for it.',
    ...{ next: 'phase3 status', runbook: 'worker-down' },
  },
];

const repository = 'docs/runbook.md';

export function prometheusRules(): string {
  const rules = alertRules.map(({ alert, expr, for: time, severity, summary, next, runbook }) => ({
    ...{ alert, expr, for: time, labels: { severity } },
    annotations: { summary, next_command: next, runbook: `${repository}#${runbook}` },
  }));
  const head =
    '# This file is generated from scripts/observability/rules.ts by `npm run docs:reference`. `npm run check` fails when it is out of date.\n';
  return head + stringify({ groups: [{ name: 'phase3', rules }] }, { lineWidth: 0 });
}
