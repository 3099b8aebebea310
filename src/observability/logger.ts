/** Logs as JSON lines on stderr: the message in the plan's words, the data as fields. */
import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';

/** Installs the logger for workflows, activities and the SDK's own messages. Once per process, before anything else. */
export function installLogger(
  write: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => write(formatEntry(entry))),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
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
