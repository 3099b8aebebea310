/** A line of a log: one JSON document, the message in the plan's words and the data as fields. */
import { visibleText } from '../contracts/visible-text';
import { traceIds } from './traced';

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

/** Takes a line as it is. */
export type Write = (line: string) => void;

export const toStderr: Write = (line) => process.stderr.write(`${line}\n`);

/** `time`, `level`, `message`, then the fields and the trace; an `error` with where it was thrown. What is not seen is escaped. */
export function logLine(
  at: Date,
  level: LogLevel,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): string {
  const { error, traceparent, ...rest } = fields;
  const document = JSON.stringify({
    time: at.toISOString(),
    level,
    message,
    ...rest,
    ...traceIds(typeof traceparent === 'string' ? traceparent : undefined),
    ...(error === undefined ? {} : { error: textOf(error) }),
  });
  return visibleText(document);
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
