/** The gateway's Prometheus metrics. Labels come from closed sets only: nobody's names, no dates, no paths. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AnswerStatus } from './answers';

/** What a request was about. */
export const routeNames = [
  'process',
  'process_date_range',
  'date',
  'backfill',
  'decision',
  'health',
  'metrics',
  'openapi',
  'page',
  'page_act',
  'sign_in',
  'events',
  'asset',
  'unknown',
] as const;
export type RouteName = (typeof routeNames)[number];

/** From a redelivery of what is done to the longest wait. */
const secondsBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** Each metric as it is declared: `docs/reference/metrics.md` is made of it. */
export const gatewayMetrics = {
  requests: {
    name: 'phase3_gateway_requests_total',
    help: 'Answered requests, by route and HTTP status.',
    labelNames: ['route', 'code'],
  },
  answers: {
    name: 'phase3_gateway_answers_total',
    help: 'Answers, by route and their `status`.',
    labelNames: ['route', 'status'],
  },
  seconds: {
    name: 'phase3_gateway_request_seconds',
    help: 'Seconds from a request to its answer, by route.',
    labelNames: ['route'],
  },
  workerPolled: {
    name: 'phase3_gateway_worker_polled_timestamp_seconds',
    help: 'When a worker asked for work last, as Temporal saw it, in seconds since 1970.',
    labelNames: [],
  },
} as const;

export class GatewayMetrics {
  private readonly registry = new Registry();
  private readonly requests = new Counter({ ...gatewayMetrics.requests, registers: [this.registry] });
  private readonly answers = new Counter({ ...gatewayMetrics.answers, registers: [this.registry] });
  private readonly seconds = new Histogram({
    ...gatewayMetrics.seconds,
    buckets: secondsBuckets,
    registers: [this.registry],
  });

  private readonly workerPolled = new Gauge({
    ...gatewayMetrics.workerPolled,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'phase3_gateway_' });
  }

  /** Counts an answer; `status` is null where there is none in it. */
  count(route: RouteName, code: number, status: AnswerStatus | null, seconds: number): void {
    this.requests.inc({ route, code: String(code) });
    if (status !== null) this.answers.inc({ route, status });
    this.seconds.observe({ route }, seconds);
  }

  /** Says when a worker asked for work last. */
  workerSeen(at: Date): void {
    this.workerPolled.set(at.getTime() / 1000);
  }

  /** All of them, in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}
