/** How long a process's event loop stood still: what it served meanwhile, from heartbeats to the control endpoint, waited. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How the gauge is declared: `docs/reference/metrics.md` is made of it. */
export const eventLoopMetric = {
  name: 'phase3_event_loop_delay_max_seconds',
  kind: 'gauge',
  labels: [],
  description:
    'The longest that the event loop of the worker stood still within the last minute, in seconds. Workflow code runs in threads of its own, and is not in it.',
} as const;

/** A loop that is on time is measured as this late, ms: the measuring timer's own interval. */
const resolutionMs = 10;
const sampleMs = 1_000;
/** What is scraped once a minute misses nothing. */
const samplesKept = 60;

/**
 * Calls `record` once a second with the longest delay of the last minute, in seconds, and returns what ends it. It does not
 * keep the process alive.
 */
export function watchEventLoop(record: (seconds: number) => void): () => void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  const longest: number[] = [];
  delays.enable();
  const timer = setInterval(() => {
    longest.push(Math.max(0, delays.max / 1e9 - resolutionMs / 1000));
    delays.reset();
    if (longest.length > samplesKept) longest.shift();
    record(Math.max(...longest));
  }, sampleMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    delays.disable();
  };
}
