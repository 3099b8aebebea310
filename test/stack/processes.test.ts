/** Processes of the stack: started, recognised, stopped. All that is ended here was started here. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { canListen, freePort, isAlive, startDetached, stopProcess } from '../../src/stack/processes';

type Started = Awaited<ReturnType<typeof startDetached>>;

let folder: string;
let log: string;
const started: Started[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-stack-'));
  log = join(folder, 'log');
});

afterEach(async () => {
  for (const { pid, exited } of started.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    await exited;
  }
  await rm(folder, { recursive: true, force: true });
});

async function start(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Started> {
  const child = await startDetached(command, args, log, env);
  started.push(child);
  return child;
}

/** Runs JavaScript in a process, and waits until it has logged `ready`. */
async function startScript(script: string): Promise<Started> {
  const child = await start(process.execPath, ['-e', `${script}; console.log('ready');`]);
  await until(async () => (await readFile(log, 'utf8')).includes('ready'));
  return child;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Whether the system knows a process of this id, alive or not yet buried. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const forever = 'setInterval(() => undefined, 1000)';

describe('startDetached', () => {
  it('starts a process with the given environment and sends what it prints to the end of the log', async () => {
    const print = `console.log(process.env.GREETING ?? 'none', process.env.HOME ?? 'none'); console.error('oh')`;
    const first = await start(process.execPath, ['-e', print], { GREETING: 'good morning' });
    expect(await first.exited).toBe(0);
    const second = await start(process.execPath, ['-e', print]);
    expect(await second.exited).toBe(0);
    expect(await readFile(log, 'utf8')).toBe('good morning none\noh\nnone none\noh\n');
  });

  it('tells how the process ended', async () => {
    const child = await start(process.execPath, ['-e', 'process.exit(7)']);
    expect(await child.exited).toBe(7);
  });

  it('starts it in a group of its own, so that a Ctrl-C here does not reach it', async () => {
    const child = await startScript(forever);
    // A signal to the group finds it only if the process leads one.
    expect(() => process.kill(-child.pid, 0)).not.toThrow();
  });

  it('names the command and the log when it cannot be started', async () => {
    const missing = join(folder, 'missing');
    await expect(start(missing, [])).rejects.toThrow(`${missing} could not be started; see ${log}`);
  });
});

describe('isAlive', () => {
  it('is true while the process runs and false once it has ended', async () => {
    const child = await startScript(forever);
    expect(await isAlive(child)).toBe(true);
    process.kill(child.pid, 'SIGKILL');
    await child.exited;
    expect(await isAlive(child)).toBe(false);
  });

  it('is not fooled by another process that got the id', async () => {
    const child = await startScript(forever);
    expect(await isAlive({ pid: child.pid, startedAt: 'Mon Jan  1 00:00:00 2001' })).toBe(false);
  });

  it('takes any process of the id when the start time was never known', async () => {
    const child = await startScript(forever);
    expect(await isAlive({ pid: child.pid, startedAt: '' })).toBe(true);
  });

  it('is false for nothing', async () => {
    expect(await isAlive(null)).toBe(false);
  });

  it('is false for a process that has ended and that nobody has buried', async () => {
    // The shell becomes a `tail`, which buries nobody; its child ends once that has happened.
    const script = 'until ps -o comm= -p $$ | grep -q tail; do :; done & echo $!; exec tail -f /dev/null';
    const parent = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    const buried = new Promise((resolve) => parent.once('exit', resolve));
    try {
      const lines = createInterface({ input: parent.stdout });
      const pid = Number(await new Promise<string>((resolve) => lines.once('line', resolve)));
      await until(async () => !(await isAlive({ pid, startedAt: '' })));
      expect(exists(pid)).toBe(true);
    } finally {
      parent.kill('SIGKILL');
      await buried;
    }
  });
});

describe('stopProcess', () => {
  it('asks, and waits until the process has put its things away', async () => {
    const child = await startScript(
      `process.on('SIGTERM', () => setTimeout(() => { console.log('drained'); process.exit(0); }, 150)); ${forever}`,
    );
    await stopProcess(child, 10_000);
    expect(await readFile(log, 'utf8')).toContain('drained');
    expect(await isAlive(child)).toBe(false);
    expect(await child.exited).toBe(0);
  });

  it('ends a process that does not listen once its grace is over', async () => {
    const child = await startScript(`process.on('SIGTERM', () => console.log('no')); ${forever}`);
    await stopProcess(child, 300);
    expect(await child.exited).toBeNull();
    expect(await readFile(log, 'utf8')).toContain('no');
  });

  it('leaves another process that got the id alone', async () => {
    const child = await startScript(
      `process.on('SIGTERM', () => { console.log('was asked'); process.exit(1); }); ${forever}`,
    );
    await stopProcess({ pid: child.pid, startedAt: 'Mon Jan  1 00:00:00 2001' }, 1_000);
    expect(await isAlive(child)).toBe(true);
    expect(await readFile(log, 'utf8')).not.toContain('was asked');
  });

  it('does nothing when there is nothing to stop', async () => {
    const child = await start(process.execPath, ['-e', '']);
    await child.exited;
    await expect(stopProcess(child, 1_000)).resolves.toBeUndefined();
    await expect(stopProcess(null, 1_000)).resolves.toBeUndefined();
  });
});

describe('ports', () => {
  let server: Server;
  let taken: number;

  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    taken = (server.address() as AddressInfo).port;
  });

  afterEach(async () => {
    if (server.listening) await close();
  });

  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

  it('freePort gives the preferred one when it is free', async () => {
    await close();
    expect(await freePort(taken)).toBe(taken);
    // It was only tried: it is still free.
    expect(await freePort(taken)).toBe(taken);
  });

  it('freePort gives another that can be listened on when the preferred one is taken', async () => {
    const port = await freePort(taken);
    expect(port).not.toBe(taken);
    expect(port).toBeGreaterThan(0);
    expect(await canListen(port)).toBe(true);
  });

  it('freePort gives a real port when none is preferred', async () => {
    const port = await freePort();
    expect(port).toBeGreaterThan(0);
    expect(await canListen(port)).toBe(true);
  });

  it('canListen tells a taken port from a free one', async () => {
    expect(await canListen(taken)).toBe(false);
    await close();
    expect(await canListen(taken)).toBe(true);
  });
});
