/** The log files of a home: what they end with, and that they stay small. */
import { copyFile, open, readdir, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** Two of this size are kept of each log: what is written now, and what was written before. */
const mostBytes = 16 * 1024 * 1024;
/** As much of a log's end as is ever looked at. */
const endBytes = 64 * 1024;

/** Bytes of a file; 0 when there is none. */
export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

/** The end of a log, from `start` on; empty when there is none. */
export async function endOf(path: string, start = 0): Promise<string> {
  const file = await open(path).catch(() => null);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    // It may have been begun again since.
    const from = Math.max(start > size ? 0 : start, size - endBytes);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(endBytes), position: from });
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

/** The last lines of a log, from `start` on, with JSON lines reduced to their message. */
export async function lastWords(path: string, start = 0): Promise<string> {
  return (await endOf(path, start))
    .trim()
    .split('\n')
    .slice(-12)
    .map((line) => `  ${messageOf(line)}`)
    .join('\n');
}

function messageOf(line: string): string {
  try {
    const { level, message, error } = JSON.parse(line) as {
      level?: string;
      message?: string;
      error?: string;
    };
    return [level, message, error].filter(Boolean).join(' ');
  } catch {
    return line;
  }
}

/**
 * Keeps the logs of a folder below twice `bytes` each, until the timer that it returns is cleared. They are copied and
 * emptied, since those who write to them, Temporal among them, hold them open; a line that comes in between is lost.
 */
export function keepLogsSmall(folder: string, everyMs = 30_000, bytes = mostBytes): NodeJS.Timeout {
  let isAtWork = false;
  return setInterval(() => {
    if (isAtWork) return;
    isAtWork = true;
    // Where there is no room for the copy the log stays as it is.
    void rotateLogs(folder, bytes)
      .catch(() => undefined)
      .finally(() => (isAtWork = false));
  }, everyMs).unref();
}

async function rotateLogs(folder: string, bytes: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.endsWith('.log') || (await sizeOf(path)) < bytes) continue;
    const draft = `${path}.draft`;
    try {
      await copyFile(path, draft);
      await rename(draft, `${path}.1`);
      await truncate(path);
    } finally {
      await rm(draft, { force: true });
    }
  }
}
