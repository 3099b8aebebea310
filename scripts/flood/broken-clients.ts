/** Clients of the gateway that are slow, break off or never read: what each does with its connection. */
import { connect, type Socket } from 'node:net';

const head = (method: string, path: string, more = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}`;

const everyMs = 100;
/** Not so often that these alone are more than the gateway takes. */
const comeAgainMs = 1_000;

/** Sends something every now and then, until the other side has closed. */
function dribble(socket: Socket, parts: readonly string[]): void {
  const left = [...parts];
  const timer = setInterval(() => {
    const next = left.shift();
    if (next !== undefined && !socket.destroyed) socket.write(next);
  }, everyMs);
  socket.once('close', () => clearInterval(timer));
}

export const brokenWays: readonly (readonly [what: string, does: (socket: Socket) => void])[] = [
  ['says nothing at all', () => undefined],
  [
    'sends half of a body',
    (socket) => socket.write(head('POST', '/process', 'Content-Length: 100\r\n\r\n{"game')),
  ],
  [
    'sends a body bit by bit',
    (socket) => {
      socket.write(head('POST', '/process', 'Content-Length: 1000\r\n\r\n{'));
      dribble(socket, Array<string>(900).fill(' '));
    },
  ],
  [
    'sends headers bit by bit',
    (socket) => dribble(socket, head('GET', '/health/live', 'X: y\r\n'.repeat(300)).match(/./gs) ?? []),
  ],
  ['sends half of a line', (socket) => socket.write('POST /proc')],
  [
    'sends a chunk that does not end',
    (socket) => socket.write(head('POST', '/process', 'Transfer-Encoding: chunked\r\n\r\nffff\r\n{')),
  ],
  [
    'does not read its answers',
    (socket) => {
      socket.pause();
      socket.write(`${head('GET', '/openapi.json')}\r\n`.repeat(20));
    },
  ],
  [
    'does not read its events',
    (socket) => {
      socket.pause();
      socket.write(`${head('GET', '/events?topic=season/')}\r\n`);
    },
  ],
  [
    'hangs up in the middle of a body',
    (socket) => {
      socket.write(head('POST', '/process', 'Content-Length: 100\r\n\r\n{'), () => socket.destroy());
    },
  ],
  [
    'hangs up before its answer',
    (socket) => {
      socket.write(`${head('GET', `/dates/2017-04-15`)}\r\n`, () => socket.resetAndDestroy());
    },
  ],
  ['closes its half at once', (socket) => socket.end(head('POST', '/process', 'Content-Length: 9\r\n\r\n'))],
  ['speaks another language', (socket) => socket.write('\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001')],
];

/** Keeps so many of each kind before a gateway: one that was let go comes again, until `stop`. */
export class BrokenClients {
  private isOver = false;
  private readonly sockets = new Set<Socket>();
  /** Connections that were closed, by either side. */
  closed = 0;

  constructor(
    private readonly gateway: string,
    ofEach: number,
  ) {
    for (const [, does] of brokenWays) for (let count = 0; count < ofEach; count += 1) this.come(does);
  }

  stop(): void {
    this.isOver = true;
    for (const socket of this.sockets) socket.destroy();
  }

  private come(does: (socket: Socket) => void): void {
    const { port, hostname } = new URL(this.gateway);
    const socket = connect(Number(port), hostname);
    this.sockets.add(socket);
    socket
      .on('error', () => undefined)
      .once('connect', () => does(socket))
      .once('close', () => {
        this.closed += 1;
        this.sockets.delete(socket);
        if (!this.isOver) setTimeout(() => this.isOver || this.come(does), comeAgainMs);
      });
  }
}
