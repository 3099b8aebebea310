/** A proxy in front of an HTTP server that loses, delays and falsifies what it is told to. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What happens to a request. */
export type Fault =
  /** The server never hears of it, and the connection is cut. */
  | { readonly kind: 'reset' }
  /** The server does what it is asked, and the connection is cut before its answer. */
  | { readonly kind: 'lost_answer' }
  /** The server does what it is asked, and the answer comes late. */
  | { readonly kind: 'slow_answer'; readonly ms: number }
  /** The server does what it is asked, and the connection is cut in the middle of its answer. */
  | { readonly kind: 'half_answer' }
  /** The server never hears of it, and nothing is answered. */
  | { readonly kind: 'hang' }
  /** The server never hears of it; this is answered in its place: JSON, or a page where `body` is a text. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    };

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

const halfReadMs = 50;

interface Rule {
  readonly matches: (request: SeenRequest) => boolean;
  readonly fault: Fault;
  left: number;
  readonly onFault: ((request: SeenRequest) => void) | undefined;
}

export class FaultProxy {
  /** Every request that was made of the server, in order. */
  readonly passed: SeenRequest[] = [];
  /** Every request that met a fault. */
  readonly faulted: SeenRequest[] = [];
  private rules: Rule[] = [];
  private draw: ((request: SeenRequest) => Fault | null) | null = null;

  private constructor(
    readonly url: string,
    private readonly server: ReturnType<typeof createServer>,
  ) {}

  static async start(target: string): Promise<FaultProxy> {
    const server = createServer((request, response) => {
      void proxy.serve(target, request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new FaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    return proxy;
  }

  /** The next `times` requests that match meet the fault. */
  break(
    matches: (request: SeenRequest) => boolean,
    fault: Fault,
    times = 1,
    onFault?: (request: SeenRequest) => void,
  ): void {
    this.rules.push({ matches, fault, left: times, onFault });
  }

  /** From now on each request meets what is drawn for it, unless one of the rules is for it; null: nothing. None is on record. */
  breakEach(draw: (request: SeenRequest) => Fault | null): void {
    this.draw = draw;
  }

  /** From now on everything passes, and nothing is on record. */
  mend(): void {
    this.rules = [];
    this.draw = null;
    this.passed.length = 0;
    this.faulted.length = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const seen = { method: request.method ?? '', path: request.url ?? '', body: body.toString('utf8') };
    const rule = this.rules.find((candidate) => candidate.left > 0 && candidate.matches(seen));
    if (rule) {
      rule.left -= 1;
      this.faulted.push(seen);
    }
    const fault = rule?.fault ?? this.draw?.(seen) ?? undefined;
    if (fault?.kind === 'reset') {
      rule?.onFault?.(seen);
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'hang') {
      rule?.onFault?.(seen);
      return;
    }
    if (fault?.kind === 'answer') {
      rule?.onFault?.(seen);
      const isPage = typeof fault.body === 'string';
      const type = isPage ? 'text/html' : 'application/json';
      response.writeHead(fault.status, { 'content-type': type, ...fault.headers });
      response.end(isPage ? fault.body : JSON.stringify(fault.body));
      return;
    }
    if (!this.draw) this.passed.push(seen);
    const answer = await forward(target, request, body);
    rule?.onFault?.(seen);
    if (fault?.kind === 'lost_answer') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'slow_answer') await pause(fault.ms, undefined, { ref: false });
    response.writeHead(answer.status, answer.headers);
    if (fault?.kind === 'half_answer') {
      response.write(answer.body.subarray(0, answer.body.length / 2));
      // By then the half is there: cut at once, it would not be an answer at all.
      setTimeout(() => request.socket.destroy(), halfReadMs);
      return;
    }
    response.end(answer.body);
  }
}

async function forward(
  target: string,
  request: IncomingMessage,
  body: Buffer,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      `${target}${request.url ?? ''}`,
      { method: request.method, headers: { ...request.headers, host: new URL(target).host } },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 502,
            headers: incoming.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
