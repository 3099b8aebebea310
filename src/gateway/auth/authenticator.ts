/**
 * Tells who is asking, by an OpenID Connect token. Two things can go wrong, and they are told apart: the token is not good
 * (401), or nobody can say, since the issuer's keys cannot be had (503, so that Pub/Sub tries again).
 *
 * No message here holds any part of a token, and a refusal has no cause: jose's errors carry the claims.
 */
import type { FlattenedJWSInput, JWTHeaderParameters, JWTPayload, RemoteJWKSet } from 'jose' with {
  'resolution-mode': 'import',
};
import * as v from 'valibot';
import { who } from '../../contracts/fields';
import { descriptionOf } from '../../contracts/schema';
import { isSafeAddress } from '../../config/addresses';
import { rights, type OidcSettings } from '../../config/gateway';
import type { Principal } from './principal';

export interface Authenticator {
  /** Takes the Authorization header. Throws {@link UnauthenticatedError} or {@link IssuerUnreachableError}. */
  authenticate(authorization: string | undefined): Promise<Principal>;
}

/** The caller is nobody that we know (401). The message says what is wrong and may be sent back. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError';
}

/** Whether the token is good cannot be said now (503); asking again may help. */
export class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError';
}

export interface OidcOptions {
  /** How long the issuer may take to answer. */
  readonly timeoutMs?: number;
  /** After keys were fetched, an unknown one leads to no other fetch for so long: tokens are made up for nothing. */
  readonly cooldownMs?: number;
  /** What tokens' times are compared with. */
  readonly now?: () => Date;
}

/**
 * Asymmetric ones only. With HS256 the issuer's public key would be taken for a secret, which everybody knows; `none` is
 * no signature.
 */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const longestHeader = 16 * 1024;
const clockToleranceSeconds = 30;
/** Issuers' tokens last from minutes to a day. One that says it lasts for years was made to be kept. */
const longestAgeSeconds = 24 * 3600;

/** Embedded: whoever reaches the gateway is `name` and may do everything. No header is looked at. */
export function openAuthenticator(name: string): Authenticator {
  const principal: Principal = { name, rights: new Set(rights) };
  return { authenticate: async () => principal };
}

/** Takes tokens of one issuer. Nothing is fetched before the first token that needs a key. */
export function oidcAuthenticator(settings: OidcSettings, options: OidcOptions = {}): Authenticator {
  const keyOf = issuerKeys(settings, options);
  const now = options.now ?? (() => new Date());
  return {
    authenticate: async (authorization) => {
      const token = bearerToken(authorization);
      const { jwtVerify } = await import('jose');
      try {
        const { payload } = await jwtVerify(token, keyOf, {
          issuer: namesOf(settings.issuer),
          audience: [...settings.audiences],
          algorithms,
          requiredClaims: ['exp', 'iat', 'sub'],
          clockTolerance: clockToleranceSeconds,
          maxTokenAge: longestAgeSeconds,
          currentDate: now(),
        });
        return principalOf(payload, settings);
      } catch (error) {
        throw refusal(error, settings);
      }
    },
  };
}

/** The header's form is judged before anything in it is decoded. */
function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '')
    throw new UnauthenticatedError('The Authorization header is missing, expected "Bearer <token>".');
  if (authorization.length > longestHeader)
    throw new UnauthenticatedError(
      `The Authorization header has ${authorization.length} characters, expected at most ${longestHeader}.`,
    );
  const [, token] = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization) ?? [];
  if (token === undefined)
    throw new UnauthenticatedError('The Authorization header has another form, expected "Bearer <token>".');
  return token;
}

/** Google's tokens name it with and without the scheme. */
function namesOf(issuer: string): string[] {
  return issuer === 'https://accounts.google.com' ? [issuer, 'accounts.google.com'] : [issuer];
}

/** An address that the issuer has not verified is what somebody typed in, so it is nobody's name. */
function principalOf(payload: JWTPayload, { allowed }: OidcSettings): Principal {
  const { sub, email, email_verified: verified } = payload;
  if (!isName(sub)) throw new UnauthenticatedError(`The token's sub is not ${descriptionOf(who)}.`);
  const subjects = [...(verified === true && isName(email) ? [email] : []), sub];
  return {
    name: subjects[0] ?? sub,
    rights: new Set(rights.filter((right) => subjects.some((subject) => allowed[right].includes(subject)))),
  };
}

/** Whether the audit takes it as the name of somebody. */
function isName(value: unknown): value is string {
  return v.is(who, value);
}

type KeyOf = (header: JWTHeaderParameters, token: FlattenedJWSInput) => ReturnType<RemoteJWKSet>;

/** What a key set says of a token. Everything else that it throws is the issuer's doing, or the network's. */
const tokensFaults = [
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JOSE_NOT_SUPPORTED',
];

/** An issuer that is away for a while must not be felt here. A key that it takes back is good for as long. */
const keysKeptMs = 6 * 3_600_000;

/** The issuer's keys, found and fetched at the first need. Tokens that come together wait for one fetch. */
function issuerKeys(settings: OidcSettings, { timeoutMs = 5000, cooldownMs = 30_000 }: OidcOptions): KeyOf {
  let opening: Promise<RemoteJWKSet> | null = null;
  const open = async (): Promise<RemoteJWKSet> => {
    const uri = settings.jwksUri ?? (await discoverKeys(settings.issuer, timeoutMs));
    const { createRemoteJWKSet } = await import('jose');
    return createRemoteJWKSet(new URL(uri), {
      timeoutDuration: timeoutMs,
      cooldownDuration: cooldownMs,
      cacheMaxAge: keysKeptMs,
    });
  };
  return async (header, token) => {
    try {
      opening ??= open().catch((error: unknown) => {
        opening = null; // the next token asks again
        throw error;
      });
      const keys = await opening;
      return await keys(header, token);
    } catch (error) {
      if (tokensFaults.includes(codeOf(error)) || error instanceof IssuerUnreachableError) throw error;
      throw new IssuerUnreachableError(`The keys of ${settings.issuer} cannot be fetched: ${whyOf(error)}.`, {
        cause: error,
      });
    }
  };
}

/** Reads `jwks_uri` from the issuer's discovery document (OpenID Connect Discovery 1.0, section 4). */
async function discoverKeys(issuer: string, timeoutMs: number): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const said = (what: string): IssuerUnreachableError =>
    new IssuerUnreachableError(`The discovery document ${url} ${what}.`);
  const document = await fetchJson(url, timeoutMs).catch((error: unknown) => {
    throw new IssuerUnreachableError(`The discovery document ${url} cannot be read: ${whyOf(error)}.`, {
      cause: error,
    });
  });
  const { issuer: named, jwks_uri: uri } = (document ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
  if (named !== issuer) throw said(`is of the issuer ${JSON.stringify(named)}, expected "${issuer}"`);
  if (typeof uri !== 'string' || !isSafeAddress(uri))
    throw said(`has the jwks_uri ${JSON.stringify(uri)}, expected an https address`);
  return uri;
}

async function fetchJson(url: string, timeoutMs: number): Promise<unknown> {
  // Who is redirected asks somebody else for the keys.
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
  if (response.status === 200) return response.json();
  await response.body?.cancel();
  throw new Error(`its status is ${response.status}, expected 200`);
}

/** Says what was wrong with the token in words of ours: jose's error stays here, with the claims that it carries. */
function refusal(error: unknown, { issuer, audiences }: OidcSettings): Error {
  if (error instanceof UnauthenticatedError || error instanceof IssuerUnreachableError) return error;
  const sentences: Readonly<Record<string, string>> = {
    ERR_JWS_INVALID: 'The token is not a signed JWT.',
    ERR_JWT_INVALID: "The token's claims are not a JSON object.",
    ERR_JOSE_ALG_NOT_ALLOWED: `The token's alg is not accepted, expected one of ${algorithms.join(', ')}.`,
    ERR_JOSE_NOT_SUPPORTED: "The token's header requires something that is not supported.",
    ERR_JWKS_NO_MATCHING_KEY: `The token's kid and alg match no key that ${issuer} publishes.`,
    ERR_JWKS_MULTIPLE_MATCHING_KEYS: `The token has no kid, and ${issuer} publishes several keys.`,
    ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "The token's signature is wrong.",
    ERR_JWT_EXPIRED: `The token has expired: its exp is past, or its iat more than ${longestAgeSeconds / 3600} hours ago.`,
  };
  return new UnauthenticatedError(
    claimSentence(error, issuer, audiences) ?? sentences[codeOf(error)] ?? 'The token cannot be verified.',
  );
}

function claimSentence(error: unknown, issuer: string, audiences: readonly string[]): string | null {
  if (codeOf(error) !== 'ERR_JWT_CLAIM_VALIDATION_FAILED') return null;
  const { claim, reason } = error as { claim?: unknown; reason?: unknown };
  const right: Readonly<Record<string, string>> = {
    iss: `"${issuer}"`,
    aud: audiences.map((audience) => `"${audience}"`).join(' or '),
    exp: 'an instant in seconds',
    iat: 'an instant in seconds that is past',
    nbf: 'an instant in seconds that is past',
    sub: 'the subject',
  };
  // The claim is one of those that were asked for, and not a word of the token's own.
  if (typeof claim !== 'string' || !Object.hasOwn(right, claim)) return null;
  return reason === 'missing'
    ? `The token has no ${claim}, expected ${right[claim]}.`
    : `The token's ${claim} is not right, expected ${right[claim]}.`;
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** With what lies under it: undici's own message is only "fetch failed", and that of several attempts is empty. */
function whyOf(error: unknown): string {
  const { message, cause } = (error ?? {}) as { message?: unknown; cause?: unknown };
  const said =
    typeof message === 'string' && message !== '' ? message : codeOf(error) || 'no reason was given';
  return cause === undefined ? said : `${said} (${whyOf(cause)})`;
}
