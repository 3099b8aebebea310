/** Logs as JSON lines on stderr: the message in the plan's words, the data as fields. */
import { DefaultLogger, type LogEntry, type Logger, type TelemetryOptions } from '@temporalio/worker';
import { logLine, toStderr, type Write } from './log-line';

/** What the SDK's own core says goes through the logger too. */
export const coreLogging = {
  forward: {},
  filter: { core: 'WARN', other: 'ERROR' },
} as const satisfies TelemetryOptions['logging'];

/** The logger for workflows, activities and the SDK's own messages. */
export function jsonLogger(write: Write = toStderr): Logger {
  return new DefaultLogger('INFO', (entry) => write(formatEntry(entry)));
}

/** `WARN` is written as the plan writes it. */
function formatEntry({ level, message, timestampNanos, meta }: LogEntry): string {
  const at = new Date(Number(timestampNanos / 1_000_000n));
  return logLine(at, level === 'WARN' ? 'WARNING' : level, message, meta);
}
