/** Why a server of Temporal lets nobody in: what the SDKs call a transport error or a deadline, said by its cause. */
import { connect, type ConnectionOptions } from 'node:tls';
import { Connection, type ConnectionOptions as TemporalOptions } from '@temporalio/client';

export interface AskedConnection {
  readonly address: string;
  readonly tls?: unknown;
  readonly apiKey?: unknown;
}

/** What of the SDK's settings of TLS matters here. */
interface TlsSettings {
  readonly serverNameOverride?: string | null;
  readonly serverRootCACertificate?: Uint8Array | null;
  readonly clientCertPair?: { readonly crt: Uint8Array; readonly key: Uint8Array } | null;
}

/** How long each look may take, in ms: together less than a start waits for the server. */
const patienceMs = 1_000;
/** With TLS 1.3 a server refuses a certificate only after the client takes the connection for made. */
const refusalMs = 300;

/** In place of a code: the server has closed what was made. */
const closed = 'closed without a word';

const [permissionDenied, unauthenticated] = [7, 16];

/** The end of a sentence about the server; null where neither TLS nor a key is what is wrong. */
export async function accessFault(asked: AskedConnection): Promise<string | null> {
  return (await tlsFault(asked)) ?? (await keyFault(asked));
}

async function tlsFault({ address, tls, apiKey }: AskedConnection): Promise<string | null> {
  const settings = typeof tls === 'object' && tls !== null ? (tls as TlsSettings) : {};
  const isAsked = tls === true || Object.keys(settings).length > 0 || (tls == null && Boolean(apiKey));
  const code = await handshake(address, isAsked ? settings : null);
  if (!isAsked)
    return code === 'none'
      ? null
      : 'it speaks TLS, and none is configured. Set [profile.NAME.tls] in temporal.toml, or TEMPORAL_TLS=true';
  return code === null || code === 'none' ? null : sentenceOf(code, settings.clientCertPair != null);
}

function sentenceOf(code: string, hasCertificate: boolean): string {
  if (/ALERT/.test(code) || code === closed)
    return hasCertificate
      ? `it refuses the client certificate (${code}). Its authority must be known there, and its time not be over`
      : 'it asks for a client certificate, and none is configured. Set client_cert_path and client_key_path in ' +
          '[profile.NAME.tls] of temporal.toml, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'its certificate is for another name. Set server_name in [profile.NAME.tls] of temporal.toml';
  return `its certificate is not trusted (${code}). Set server_ca_cert_path in [profile.NAME.tls] of temporal.toml`;
}

/**
 * The code with which TLS fails; null where it does not, `none` where nobody answers in TLS. Without settings whether
 * the server speaks TLS at all.
 */
function handshake(address: string, settings: TlsSettings | null): Promise<string | null> {
  const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(address) ?? [];
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = settings ?? {};
  const options: ConnectionOptions = {
    ...{ host, port: Number(port), ALPNProtocols: ['h2'], rejectUnauthorized: settings !== null },
    ...(serverNameOverride ? { servername: serverNameOverride } : {}),
    ...(serverRootCACertificate ? { ca: Buffer.from(serverRootCACertificate) } : {}),
    ...(clientCertPair
      ? { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) }
      : {}),
  };
  return new Promise((resolve) => {
    const end = (code: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(code);
    };
    const socket = connect(options);
    let isMade = false;
    const timer = setTimeout(() => end('none'), patienceMs);
    socket.once('secureConnect', () => {
      isMade = true;
      setTimeout(() => end(null), refusalMs);
    });
    // Some servers say nothing of a certificate that they refuse, and close.
    socket.on('close', () => end(isMade ? closed : 'none'));
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      if (isOfTls(code)) end(code);
      else end(isMade ? closed : 'none');
    });
  });
}

/** Whether it is TLS that failed, and not what is below it, or a server that does not speak it. */
function isOfTls(code: string): boolean {
  if (/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/.test(code)) return false;
  return /^ERR_(SSL|TLS)_|CERT|ISSUER|VERIFY/.test(code);
}

async function keyFault(asked: AskedConnection): Promise<string | null> {
  if (!asked.tls && !asked.apiKey) return null;
  try {
    const options = { ...asked, connectTimeout: patienceMs } as TemporalOptions;
    await (await Connection.connect(options)).close();
    return null;
  } catch (error) {
    const code = ((error as Error).cause as { readonly code?: unknown } | undefined)?.code;
    if (code !== unauthenticated && code !== permissionDenied) return null;
    return asked.apiKey
      ? 'it does not take the API key (TEMPORAL_API_KEY, or api_key of the profile)'
      : 'it asks who is there. Set api_key in the profile of temporal.toml, or TEMPORAL_API_KEY';
  }
}
