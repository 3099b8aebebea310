/** Servers of no use: one that takes connections and never says a word, and one that swallows even the first packet. */
import { spawn } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

export interface UselessServer {
  /** `127.0.0.1:port` */
  readonly address: string;
  stop(): Promise<void>;
}

export async function startSilentServer(): Promise<UselessServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A process that was stopped with its queue of connections full: the system drops what comes then, as a firewall would. */
export async function startSwallowingServer(): Promise<UselessServer> {
  const script = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    console.log(this.address().port);
  })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const port = await new Promise<number>((resolve) =>
    createInterface({ input: child.stdout }).once('line', (line) => resolve(Number(line))),
  );
  child.kill('SIGSTOP');
  const waiting: Socket[] = [];
  // Until one is not taken any more.
  for (let taken = true; taken;) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    waiting.push(socket);
    taken = await Promise.race([
      new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true))),
      pause(300).then(() => false),
    ]);
  }
  return {
    address: `127.0.0.1:${port}`,
    stop: async () => {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
