/** The SDK's runtime of a worker: its logger, and one endpoint for Prometheus with the SDK's metrics and ours. */
import { Runtime } from '@temporalio/worker';
import { eventLoopMetric, watchEventLoop } from './event-loop';
import { coreLogging, jsonLogger } from './logger';

/** Thrown when metrics cannot be served where they should be. */
export class MetricsAddressError extends Error {
  override readonly name = 'MetricsAddressError';
}

export interface RuntimeSettings {
  /** `host:port` to serve metrics on; the host is an IP address. */
  readonly metricsAddress: string;
  /** Takes the log's lines; without it they go to stderr. */
  readonly write?: (line: string) => void;
}

/** From a gate that found its rows with the second probe to one that was extended by a day; 1800 s is the deadline. */
const gateWaitBuckets = [
  ...[0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600],
  ...[900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400],
];

/** A workflow task has five seconds: the SDK's own buckets end at one. */
const taskBuckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 10];

/**
 * Installs the runtime and returns the URL that is to be scraped on this machine. Once per process, before anything else.
 *
 * Throws {@link MetricsAddressError} when the address cannot be listened on; then nothing is installed.
 */
export function installRuntime({ metricsAddress, write }: RuntimeSettings): string {
  try {
    Runtime.install({
      logger: jsonLogger(write),
      // Signals are the process's own affair.
      shutdownSignals: [],
      telemetryOptions: {
        logging: coreLogging,
        metrics: {
          prometheus: {
            bindAddress: metricsAddress,
            // Prometheus counts in seconds. The suffixes stay off: ours have them in their names, and would have two.
            useSecondsForDurations: true,
            histogramBucketOverrides: {
              phase3_gate_wait_seconds: gateWaitBuckets,
              workflow_task_execution_latency: taskBuckets,
            },
          },
        },
      },
    });
  } catch (error) {
    throw new MetricsAddressError(
      `Metrics cannot be served on ${metricsAddress}: ${whyNot(error)}. Set PHASE3_METRICS_ADDRESS to another address such as 127.0.0.1:9464, or unset it for a free port.`,
      { cause: error },
    );
  }
  return `http://${metricsAddress.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}/metrics`;
}

/** Measures the event loop of this process with the runtime's metrics, and returns what ends it. */
export function measureEventLoop(): () => void {
  const { name, description } = eventLoopMetric;
  const delay = Runtime.instance().metricMeter.createGauge(name, 'float', 's', description);
  return watchEventLoop((seconds) => delay.set(seconds));
}

/** The SDK has one kind of error for all of it, with the system's words in its message. */
function whyNot(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/address already in use/i.test(message)) return 'the address is in use, maybe by another worker';
  if (/cannot assign requested address|can't assign requested address/i.test(message))
    return 'this machine has no such address';
  return message;
}
