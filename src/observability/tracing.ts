/** Sends spans to an OpenTelemetry collector, by OTLP over HTTP. Off unless an endpoint is named. */
import { tracingStarted } from './traced';

/** A collector that hangs does not keep a process from ending. */
const longestFlushMs = 3_000;

/**
 * Starts it for a process, once; returns how it ends. The SDK is loaded only where spans are sent. `endpoint`: without
 * `/v1/traces`.
 */
export async function startTracing(endpoint: string | null, service: string): Promise<() => Promise<void>> {
  if (endpoint === null) return () => Promise.resolve();
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-proto'),
      import('@opentelemetry/resources'),
    ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  tracingStarted();
  return async () => {
    const late = new Promise<void>((resolve) => setTimeout(resolve, longestFlushMs).unref());
    await Promise.race([provider.shutdown().catch(() => undefined), late]);
  };
}
