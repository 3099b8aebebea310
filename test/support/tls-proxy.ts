/**
 * What stands before a server of Temporal Cloud: TLS that asks for a client certificate, or takes an API key, and lets nobody
 * at the operator's service. It passes on gRPC as it is.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  connect,
  constants,
  createSecureServer,
  type ClientHttp2Session,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';

/** Files in PEM form: an authority, and what it has signed. */
export interface Certificates {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
}

/** Makes certificates for 127.0.0.1 in a folder, with openssl. */
export function makeCertificates(folder: string): Certificates {
  mkdirSync(folder, { recursive: true });
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...ec,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=authority',
  );
  writeFileSync(path('server.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  writeFileSync(path('client.ext'), 'extendedKeyUsage=clientAuth\n');
  for (const name of ['server', 'client']) {
    openssl('req', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-out', `${name}.pem`, '-days', '2', '-extfile', `${name}.ext`],
    );
  }
  return {
    ca: path('ca.pem'),
    server: { cert: path('server.pem'), key: path('server.key') },
    client: { cert: path('client.pem'), key: path('client.key') },
  };
}

export type Door = { readonly kind: 'certificate' } | { readonly kind: 'key'; readonly key: string };

export interface TlsProxy {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Calls that got through. */
  readonly passed: string[];
  stop(): Promise<void>;
}

const permissionDenied = '7';
const unauthenticated = '16';

/** Starts a proxy before the server at `target`. */
export async function startTlsProxy(
  target: string,
  { ca, server }: Certificates,
  door: Door,
): Promise<TlsProxy> {
  const passed: string[] = [];
  const behind = connect(`http://${target}`);
  behind.on('error', () => undefined);
  const asksForCertificate = door.kind === 'certificate';
  const proxy = createSecureServer({
    ...{ cert: readFileSync(server.cert), key: readFileSync(server.key), ca: readFileSync(ca) },
    ...{ requestCert: asksForCertificate, rejectUnauthorized: asksForCertificate },
  });
  proxy.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const call = String(headers[':path']);
    if (door.kind === 'key' && headers.authorization !== `Bearer ${door.key}`)
      refuse(stream, unauthenticated, 'Request unauthorized.');
    else if (call.startsWith('/temporal.api.operatorservice'))
      refuse(stream, permissionDenied, 'Request unauthorized.');
    else {
      passed.push(call);
      passOn(stream, headers, behind);
    }
  });
  const sockets = new Set<Socket>();
  proxy.on('secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  proxy.on('sessionError', () => undefined);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, passed, stop: () => close(proxy, sockets, behind) };
}

async function close(
  proxy: Http2SecureServer,
  sockets: ReadonlySet<Socket>,
  behind: ClientHttp2Session,
): Promise<void> {
  const closed = new Promise<void>((resolve) => proxy.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  behind.destroy();
  await closed;
}

function refuse(stream: ServerHttp2Stream, status: string, message: string): void {
  stream.respond(
    {
      ...{ ':status': 200, 'content-type': 'application/grpc' },
      ...{ 'grpc-status': status, 'grpc-message': message },
    },
    { endStream: true },
  );
}

function passOn(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, behind: ClientHttp2Session): void {
  const request = behind.request({ ...headers, ':scheme': 'http', ':authority': 'localhost' });
  let trailers: IncomingHttpHeaders = {};
  request.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  stream.on('close', () => request.close(constants.NGHTTP2_CANCEL));
  request.on('response', (answer, flags) => {
    const isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    if (stream.destroyed) return;
    stream.respond(answer, isWhole ? { endStream: true } : { waitForTrailers: true });
    if (isWhole) return;
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    request.on('trailers', (sent) => (trailers = sent));
    request.pipe(stream);
  });
  stream.pipe(request);
}
