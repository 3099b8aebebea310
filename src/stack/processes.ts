/** Processes that the stack starts and stops, by id and start time. */
import { execFile, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { inHome, type StartedProcess } from './home';

const run = promisify(execFile);

export interface DetachedProcess extends StartedProcess {
  /** Its exit code; null where a signal ended it. */
  readonly exited: Promise<number | null>;
  readonly hasExited: () => boolean;
}

/** Starts a process of its own session that outlives this one; its output goes to `logFile`, in `logs` of a home. */
export async function startDetached(
  command: string,
  args: readonly string[],
  logFile: string,
  env: NodeJS.ProcessEnv,
): Promise<DetachedProcess> {
  const log = await inHome(dirname(dirname(logFile)), () => open(logFile, 'a', 0o600));
  try {
    const child = spawn(command, args, { detached: true, stdio: ['ignore', log.fd, log.fd], env });
    let ended = false;
    const exited = new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
      child.once('error', () => {
        resolve(null);
      });
    }).finally(() => {
      ended = true;
    });
    if (child.pid === undefined) throw new Error(`${command} could not be started; see ${logFile}`);
    child.unref();
    return { pid: child.pid, startedAt: (await startTime(child.pid)) ?? '', exited, hasExited: () => ended };
  } finally {
    await log.close();
  }
}

/** When a process started, in words that are the same for every caller; null when there is none. */
async function startTime(pid: number): Promise<string | null> {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

/** Linux: the start in clock ticks since boot. Needs no `ps`, and no time zone can bend it. */
async function startTimeFromProc(pid: number): Promise<string | null> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // The command's name stands in brackets and may hold anything; the state and the start time come after it.
  const fields = line?.slice(line.lastIndexOf(')') + 2).split(' ');
  // A zombie is dead: only its parent has not noticed.
  return !fields || fields[0] === 'Z' ? null : `tick ${fields[19] ?? ''}`;
}

async function startTimeFromPs(pid: number): Promise<string | null> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=,stat=', '-p', String(pid)], {
      env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', TZ: 'UTC', LC_ALL: 'C' },
    });
    const line = stdout.trim();
    return line === '' || /\sZ\S*$/.test(line) ? null : line.replace(/\s+\S+$/, '');
  } catch {
    return null;
  }
}

/** Whether this very process still runs. */
export async function isAlive(started: StartedProcess | null): Promise<boolean> {
  if (!started) return false;
  const now = await startTime(started.pid);
  return now !== null && (started.startedAt === '' || now === started.startedAt);
}

/** This process, as another can find it. */
export async function thisProcess(): Promise<StartedProcess> {
  return { pid: process.pid, startedAt: (await startTime(process.pid)) ?? '' };
}

/** Asks the process to end, waits, and ends it. Does nothing when the id belongs to another process by now. */
export async function stopProcess(started: StartedProcess | null, graceMs: number): Promise<void> {
  if (!started || !(await isAlive(started))) return;
  signal(started.pid, 'SIGTERM');
  const until = Date.now() + graceMs;
  while (Date.now() < until) {
    if (!(await isAlive(started))) return;
    await pause(50);
  }
  if (!(await isAlive(started))) return;
  signal(started.pid, 'SIGKILL');
  // Its ports are free only when it has ended.
  const killedUntil = Date.now() + 5_000;
  while (Date.now() < killedUntil && (await isAlive(started))) await pause(50);
}

/** Signals a process; one that has ended meanwhile needs no signal. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A port of 127.0.0.1 that is free now: the preferred one if it is. */
export async function freePort(preferred?: number): Promise<number> {
  return preferred !== undefined && (await canListen(preferred)) ? preferred : listenOn(0);
}

/** Whether a port of 127.0.0.1 can be listened on. */
export async function canListen(port: number): Promise<boolean> {
  try {
    await listenOn(port);
    return true;
  } catch {
    return false;
  }
}

/** Keeps a port of 127.0.0.1 from others until the function that it returns is called. Null where somebody has it. */
export function holdPort(port: number): Promise<(() => Promise<void>) | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      server.unref();
      resolve(() => new Promise((released) => server.close(() => released())));
    });
  });
}

function listenOn(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
