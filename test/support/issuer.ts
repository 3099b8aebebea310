/** An OpenID Connect issuer on 127.0.0.1, with discovery, keys that turn over, and failures on request. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CryptoKey, JWK } from 'jose' with { 'resolution-mode': 'import' };

export type IssuerAlg = 'RS256' | 'ES256';

export interface TokenOptions {
  /** RS256 unless told otherwise. */
  readonly alg?: IssuerAlg;
  /** Put over the header; `kid: undefined` leaves it out. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signs in place of the issuer's own. */
  readonly key?: CryptoKey;
}

export interface Issuer {
  readonly url: string;
  /** What tokens are for unless told otherwise. */
  readonly audience: string;
  /** Paths that were asked for, in order. */
  readonly requests: string[];
  /** From now on: a status (302 leads to good answers), a cut connection or no answer at all; null for good answers. */
  outage: number | 'reset' | 'silence' | null;
  /** Put over the discovery document. */
  discovery: Readonly<Record<string, unknown>>;
  /** Keys that are published now. */
  keys(): readonly JWK[];
  /**
   * A signed token, valid for an hour from now, of the subject `subject-1`. Claims are put over that; `undefined` leaves one
   * out.
   */
  token(claims?: Readonly<Record<string, unknown>>, options?: TokenOptions): Promise<string>;
  /** New keys under new names; the old ones are published no longer. */
  rotate(): Promise<void>;
  stop(): Promise<void>;
}

export const discoveryPath = '/.well-known/openid-configuration';
export const keysPath = '/keys';
/** Where a 302 leads. */
const elsewhere = '/elsewhere';

interface KeyPair {
  readonly alg: IssuerAlg;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

/** Starts an issuer with one RS256 and one ES256 key. */
export async function startIssuer(): Promise<Issuer> {
  const { SignJWT } = await import('jose');
  let turn = 1;
  let pairs = await makePairs(turn);
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    issuer.requests.push(path);
    const moved = path.startsWith(elsewhere);
    const outage = moved ? null : issuer.outage;
    if (outage === 'silence') return;
    if (outage === 'reset') {
      request.socket.destroy();
      return;
    }
    const body =
      path.replace(elsewhere, '') === discoveryPath
        ? { issuer: issuer.url, jwks_uri: `${issuer.url}${keysPath}`, ...issuer.discovery }
        : { keys: issuer.keys() };
    // No connection is kept: a later request must not meet one that was closed meanwhile.
    response.writeHead(outage ?? 200, {
      'content-type': 'application/json',
      connection: 'close',
      ...(outage === 302 && { location: `${elsewhere}${path}` }),
    });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer: Issuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    audience: 'https://gateway.test',
    requests: [],
    outage: null,
    discovery: {},
    keys: () => pairs.map(({ jwk }) => jwk),
    token: async (claims = {}, { alg = 'RS256', header, key } = {}) => {
      const pair = pairs.find((candidate) => candidate.alg === alg)!;
      const now = Math.floor(Date.now() / 1000);
      const usual = { iss: issuer.url, aud: issuer.audience, sub: 'subject-1', iat: now, exp: now + 3600 };
      return new SignJWT(present({ ...usual, ...claims }))
        .setProtectedHeader({ alg, ...present({ kid: pair.jwk.kid, ...header }) })
        .sign(key ?? pair.privateKey);
    },
    rotate: async () => {
      turn += 1;
      pairs = await makePairs(turn);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
}

async function makePairs(turn: number): Promise<KeyPair[]> {
  const { exportJWK, generateKeyPair } = await import('jose');
  return Promise.all(
    (['RS256', 'ES256'] as const).map(async (alg) => {
      const { privateKey, publicKey } = await generateKeyPair(alg);
      const jwk = { ...(await exportJWK(publicKey)), alg, use: 'sig', kid: `${alg}-${turn}` };
      return { alg, privateKey, jwk };
    }),
  );
}

function present(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
