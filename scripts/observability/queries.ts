/** Queries of the dashboard and of the alert rules, as text of PromQL. Names of metrics are taken from where they are declared. */
import type { Measurement } from '../../src/contracts/metrics';
import { gatewayMetrics } from '../../src/gateway/metrics';
import { eventLoopMetric } from '../../src/observability/event-loop';

export type DateMetric = Measurement['metric'];

/** Metrics of the Temporal SDK, and those of Node's client for Prometheus, that are shown. */
export const foreignMetrics = {
  slotsUsed: 'temporal_worker_task_slots_used',
  slotsAvailable: 'temporal_worker_task_slots_available',
  cachedWorkflows: 'temporal_sticky_cache_size',
  activityWait: 'temporal_activity_schedule_to_start_latency_bucket',
  activityTime: 'temporal_activity_execution_latency_bucket',
  workflowTaskWait: 'temporal_workflow_task_schedule_to_start_latency_bucket',
  workflowTaskTime: 'temporal_workflow_task_execution_latency_bucket',
  gatewayMemory: 'phase3_gateway_process_resident_memory_bytes',
} as const;

const checkedAt: DateMetric = 'phase3_due_checked_timestamp_seconds';
const requestSeconds = gatewayMetrics.seconds.name;

/** Those of the worker that swept last: what another found is older. */
function newest(query: string): string {
  return `${query} and on (instance, taskQueue) topk by (taskQueue) (1, ${checkedAt})`;
}

/**
 * Where a counter has grown within `time`. A series begins with its first count, of which `increase` sees nothing, so a series that
 * was not there before has grown, too.
 */
export function hasGrown(metric: string, time: string): string {
  return `(increase(${metric}[${time}]) > 0) or (${metric} unless ${metric} offset ${time})`;
}

function quantile(part: number, metric: string, by: string): string {
  const labels = by === '' ? 'le' : `le, ${by}`;
  return `histogram_quantile(${part}, sum by (${labels}) (rate(${metric}[$__rate_interval])))`;
}

function perHour(metric: DateMetric, by: string): string {
  return `sum by (${by}) (increase(${metric}[1h]))`;
}

/** By what they say; the names are those of the panels. */
export const queries = {
  dueDates: newest(`phase3_due_dates`),
  late: newest(`phase3_due_late_seconds`),
  newestAge: newest(`phase3_due_newest_age_seconds`),
  calendarStale: newest(`phase3_due_calendar_stale`),
  sinceSweep: `time() - max by (taskQueue) (${checkedAt})`,
  sinceWorker: `time() - max(${gatewayMetrics.workerPolled.name})`,
  altered: newest(`phase3_sentinel_dates`),
  sweeps: perHour('phase3_sentinel_sweeps_total', 'taskQueue'),
  repairs: perHour('phase3_sentinel_repairs_total', 'taskQueue'),
  gateWaitMedian: quantile(0.5, 'phase3_gate_wait_seconds_bucket', 'level'),
  gateWaitNineInTen: quantile(0.9, 'phase3_gate_wait_seconds_bucket', 'level'),
  probes: perHour('phase3_gate_probes_total', 'verdict'),
  outcomes: perHour('phase3_processor_outcomes_total', 'outcome'),
  publishes: perHour('phase3_publishes_total', 'processor'),
  held: perHour('phase3_games_held_total', 'rule'),
  warnings: perHour('phase3_rule_warnings_total', 'rule'),
  checkFailures: perHour('phase3_check_failures_total', 'processor'),
  rollbacks: perHour('phase3_rollbacks_total', 'processor'),
  bypasses: perHour('phase3_bypasses_total', 'kind'),
  eventLoop: `max by (instance) (${eventLoopMetric.name})`,
  slotsUsed: `sum by (instance, worker_type) (${foreignMetrics.slotsUsed})`,
  slotsAvailable: `sum by (instance, worker_type) (${foreignMetrics.slotsAvailable})`,
  cachedWorkflows: `sum by (instance) (${foreignMetrics.cachedWorkflows})`,
  activityWait: quantile(0.95, foreignMetrics.activityWait, ''),
  activityTime: quantile(0.95, foreignMetrics.activityTime, 'activity_type'),
  workflowTaskWait: quantile(0.95, foreignMetrics.workflowTaskWait, ''),
  workflowTaskTime: quantile(0.95, foreignMetrics.workflowTaskTime, ''),
  requests: `sum by (route, code) (rate(${gatewayMetrics.requests.name}[$__rate_interval]))`,
  answers: `sum by (status) (rate(${gatewayMetrics.answers.name}[$__rate_interval]))`,
  requestTime: quantile(0.95, `${requestSeconds}_bucket`, 'route'),
  gatewayMemory: `max by (instance) (${foreignMetrics.gatewayMemory})`,
} as const;
