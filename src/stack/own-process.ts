/** How a process of ours starts and ends: in time, with a status that tells why, and always at a signal. */
import { InvalidConfigError } from '../config/config';
import { logLine, toStderr, type LogLevel } from '../observability/log-line';
import { HomeError, keepFilesPrivate } from './home';

/** How long a start waits for one who does not answer, in ms: with loading the code, less than the 5 s that are promised. */
export const startPatienceMs = 2_500;

/** Statuses of a process that ends by itself or cannot start. A supervisor may try again after 1, and not after 2. */
const endStatus = { failed: 1, badInput: 2 } as const;

/** Why a process cannot start, in a sentence. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** A part that was started. */
export interface Running {
  /** Rejects when it ends by itself. */
  readonly ended: Promise<never>;
  /** Lets what is under way end, and lets go of what is held. */
  stop(): Promise<void>;
}

export interface OwnProcess {
  /** As its sentences name it: `the worker`. */
  readonly name: string;
  readonly start: () => Promise<Running>;
  /** How long what is under way may take to end after a signal, in ms, and what is said of it when it takes longer. */
  readonly stopWithinMs: number;
  readonly cutOff: string;
}

/**
 * Runs a process until a signal or a fault ends it. SIGTERM and SIGINT end a start at once, let what runs end within its
 * time, and the second time end at once. Status: 0 after a signal, 1 when it failed, 2 when its environment is not valid.
 */
export function runProcess({ name, start, stopWithinMs, cutOff }: OwnProcess): void {
  keepFilesPrivate();
  // A full disk under the log takes lines, and not the process.
  process.stderr.on('error', () => undefined);
  let running: Running | null = null;
  let signals = 0;
  const stop = (signal: string): void => {
    signals += 1;
    if (signals > 1) endWith(0, 'WARNING', `${cutOff}: ${signal} came again`);
    if (running === null) endWith(0, 'INFO', `stopping: ${signal}, before ${name} had started`);
    log('INFO', `stopping: ${signal}`);
    setTimeout(() => endWith(0, 'WARNING', cutOff), stopWithinMs);
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => endWith(1, 'ERROR', `${name} could not stop as it should: ${sentenceOf(error)}`),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  start()
    .then((started) => {
      running = started;
      return started.ended;
    })
    .catch((error: unknown) => {
      // While it stops, that it ends is what was asked for.
      if (signals === 0) endWith(statusOf(error), 'ERROR', `${name} ends: ${sentenceOf(error)}`, error);
    });
}

/** The outcome of `work`; throws a {@link StartError} with the sentence when there is none within `ms`. */
export async function inTime<T>(work: Promise<T>, sentence: string, ms = startPatienceMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StartError(sentence)), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
  toStderr(logLine(new Date(), level, message, fields));
}

/** Writes the line and ends: native threads and connections would hold the process for ever, with nothing left to do. */
function endWith(status: number, level: LogLevel, message: string, error?: unknown): never {
  log(level, message, isOurFault(error) ? { error } : {});
  process.exit(status);
}

function statusOf(error: unknown): number {
  if (error instanceof HomeError) return error.status;
  return error instanceof InvalidConfigError ? endStatus.badInput : endStatus.failed;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Nobody but us can do something about it, and we need to know where it was thrown. */
function isOurFault(error: unknown): boolean {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((fault) => error instanceof fault);
}
