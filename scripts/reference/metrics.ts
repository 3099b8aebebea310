/** The page of metrics, from where they are declared. */
import { gatewayMetrics, routeNames } from '../../src/gateway/metrics';
import { eventLoopMetric } from '../../src/observability/event-loop';
import { dateMetrics } from '../../src/contracts/metrics';
import { code, madeFrom, page, table } from './markdown';

const head = ['metric', 'kind', 'labels', 'meaning'];

export function metricsPage(): string {
  return page(
    '# Metrics',
    madeFrom(
      'their declarations ([dates](../../src/contracts/metrics.ts), [worker](../../src/observability/event-loop.ts), [gateway](../../src/gateway/metrics.ts))',
    ),
    'Both are in the text format of Prometheus. Labels take values from closed sets only: no date, id or name is a label. Where they are served is set by `PHASE3_METRICS_ADDRESS` and `PHASE3_GATEWAY_METRICS_ADDRESS` ([configuration](configuration.md)); the gateway also has them at [`GET /metrics`](http.md).',
    '## Worker',
    table(
      head,
      [...Object.entries(dateMetrics).map(([name, metric]) => ({ name, ...metric })), eventLoopMetric].map(
        ({ name, kind, labels, description }) => [
          ...[code(name), kind, labels.map(code).join(', '), description],
        ],
      ),
    ),
    'The worker also serves the metrics of the Temporal SDK, whose names begin with `temporal_`.',
    '## Gateway',
    table(
      head,
      Object.values(gatewayMetrics).map(({ name, help, labelNames }) => [
        ...[code(name), kindOf(name)],
        ...[labelNames.map(code).join(', '), help],
      ]),
    ),
    `\`route\` is one of ${routeNames.map(code).join(', ')}. The gateway also serves the default metrics of Node's client for Prometheus, whose names begin with \`phase3_gateway_\` too.`,
  );
}

function kindOf(name: string): string {
  if (name.endsWith('_total')) return 'counter';
  return name.endsWith('_timestamp_seconds') ? 'gauge' : 'histogram';
}
