/** A webhook's receiver on this machine, that answers as a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: unknown;
}

export interface Receiver {
  /** With a secret path and query. */
  readonly address: string;
  readonly host: string;
  readonly received: Received[];
  answer: (response: ServerResponse, request: IncomingMessage) => void;
  close(): Promise<void>;
}

/** Parts of the address that nobody may ever read anywhere. */
export const secrets = ['T0SECRET', 'B0SECRET', 'xsecretx', 'ysecrety'] as const;

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        method: request.method ?? '',
        path: request.url ?? '',
        contentType: request.headers['content-type'] ?? '',
        body: bodyOf(request, Buffer.concat(chunks).toString('utf8')),
      });
      receiver.answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const receiver: Receiver = {
    address: `http://${host}/services/${secrets[0]}/${secrets[1]}/${secrets[2]}?token=${secrets[3]}`,
    host,
    received,
    answer: (response) => response.end('ok'),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return receiver;
}

function bodyOf({ headers }: IncomingMessage, text: string): unknown {
  return headers['content-type']?.startsWith('application/json') ? (JSON.parse(text) as unknown) : text;
}

/** Everything of an error that might be logged or put into a history: hidden fields and causes too. */
export function everythingOf(error: Error): string {
  return [error.message, error.stack, inspect(error, { depth: Infinity, showHidden: true })].join('\n');
}
