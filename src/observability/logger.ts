/** Logs as JSON lines on stderr: the message in the plan's words, the data as fields. */
import {
  DefaultLogger,
  Runtime,
  type LogEntry,
  type Logger,
  type TelemetryOptions,
} from '@temporalio/worker';

type Write = (line: string) => void;

const toStderr: Write = (line) => process.stderr.write(`${line}\n`);

/** What the SDK's own core says goes through the logger too. */
export const coreLogging = {
  forward: {},
  filter: { core: 'WARN', other: 'ERROR' },
} as const satisfies TelemetryOptions['logging'];

/** The logger for workflows, activities and the SDK's own messages. */
export function jsonLogger(write: Write = toStderr): Logger {
  return new DefaultLogger('INFO', (entry) => write(formatEntry(entry)));
}

/** Installs a runtime that logs and does nothing else. Once per process, before anything else. */
export function installLogger(): void {
  Runtime.install({ logger: jsonLogger(), telemetryOptions: { logging: coreLogging } });
}

/** One line: `time`, `level`, `message`, then the fields. `WARN` is written as the plan writes it. */
function formatEntry(entry: LogEntry): string {
  const { level, message, timestampNanos, meta } = entry;
  const { error, ...fields } = meta ?? {};
  return JSON.stringify({
    time: new Date(Number(timestampNanos / 1_000_000n)).toISOString(),
    level: level === 'WARN' ? 'WARNING' : level,
    message,
    ...fields,
    ...(error === undefined
      ? {}
      : { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  });
}
