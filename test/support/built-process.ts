/** A built process started by hand, as a container starts it: with an environment, and nobody who looks after it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ownEnvironment } from '../../scripts/own-environment';

const scripts = {
  worker: 'worker.js',
  gateway: join('gateway', 'main.js'),
} as const;

/** One of ours, or any file that Node runs. */
export type BuiltScript = keyof typeof scripts | { readonly path: string };

export interface BuiltEnd {
  readonly code: number | null;
  /** What ended it, where that was a signal. */
  readonly signal: NodeJS.Signals | null;
  /** All that it has logged, a JSON line each. */
  readonly stderr: string;
  /** From its start to its end. */
  readonly ms: number;
}

export interface BuiltProcess {
  readonly pid: number;
  readonly ended: Promise<BuiltEnd>;
  /** Waits until it has printed or logged that; throws when it ends without. */
  said(text: string): Promise<void>;
  /** Ends it at once, if it has not ended. */
  readonly kill: () => void;
}

/** Of this process's environment it has everything but the settings of Temporal and ours. */
export function startBuilt(
  name: BuiltScript,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): BuiltProcess {
  const script =
    typeof name === 'string' ? join(__dirname, '..', '..', 'dist', 'src', scripts[name]) : name.path;
  const startedAt = performance.now();
  const child = spawn(process.execPath, [script, ...args], {
    env: ownEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const ended = new Promise<BuiltEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ code, signal, stderr, ms: performance.now() - startedAt }),
    );
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return {
    pid: child.pid!,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stdout.includes(text) || stderr.includes(text)) resolve();
        };
        for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
        child.once('close', () => reject(new Error(`it has ended without "${text}":\n${stderr}`)));
        look();
      }),
    kill: () => void child.kill('SIGKILL'),
  };
}
