/**
 * Who looks at a page, and whether a form that comes is one of theirs. On loopback without tokens it is whoever reaches the
 * gateway, as for the API. Elsewhere it is who has signed in: the cookie holds the API's token, which is judged anew at each
 * request, so that nothing is kept here and a right that is taken away is gone at once. The API never looks at the cookie.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { UnauthenticatedError } from '../auth/authenticator';
import type { Principal } from '../auth/principal';
import { isLoopback, isNavigation, whyForeign } from '../foreign-pages';
import type { GatewayParts } from '../parts';
import { plain, RefusalError } from '../refusals';

/** Somebody must sign in first. `why`: what was wrong with the session that they had; null where they had none. */
export class SignInNeeded extends Error {
  override readonly name = 'SignInNeeded';
  constructor(readonly why: string | null) {
    super('sign in first');
  }
}

/** A cookie of this name is taken from no other host, and over HTTPS only. */
const secureName = '__Host-phase3';
/** The name without HTTPS. Any host of the same domain could set it, so it counts where the browser is on this machine only. */
const plainName = 'phase3';
/** Browsers keep no larger cookie. */
export const longestToken = 4_000;

/** Without tokens this distinguishes our forms from foreign ones. A form from before a restart must be opened again. */
const ownSecret = randomBytes(32).toString('hex');

/** The identity that acts are signed with, and the secret that forms are. */
export interface Visitor {
  readonly principal: Principal;
  /** What every form of theirs carries. */
  readonly csrf: string;
}

type Parts = Pick<GatewayParts, 'authenticator' | 'settings'>;

/** Who sends a request. Throws {@link SignInNeeded}, and a refusal for what a page of another site has sent. */
export async function visitorOf(
  { authenticator, settings }: Parts,
  request: FastifyRequest,
): Promise<Visitor> {
  const { method, headers } = request;
  if (settings.auth === null) {
    const why = isNavigation(method, headers) ? null : whyForeign(headers);
    if (why !== null) throw foreign(`${why}: without tokens the gateway serves this machine only.`);
    return { principal: await authenticator.authenticate(undefined), csrf: csrfOf(ownSecret) };
  }
  refuseForeignPosts(request);
  const token = tokenOf(headers);
  if (token === null) throw new SignInNeeded(null);
  try {
    return { principal: await authenticator.authenticate(`Bearer ${token}`), csrf: csrfOf(token) };
  } catch (error) {
    if (error instanceof UnauthenticatedError) throw new SignInNeeded(error.message);
    throw error;
  }
}

/** What a browser says of a form that it sends: a page of another site has no business here, signed in or not. */
export function refuseForeignPosts({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD') return;
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const isOwn = origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
  if (site === 'same-origin' || (site === undefined && isOwn)) return;
  throw foreign('The form comes from a web page of another site: nothing was done.');
}

/** Refuses a form that is not one of the visitor's own. */
export function requireCsrf({ csrf }: Visitor, given: string | undefined): void {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(csrf)];
  if (a.length === b.length && timingSafeEqual(a, b)) return;
  throw foreign(
    'The form is of another session, or from before the gateway was started: nothing was done. Open the page again.',
  );
}

/** The token of a session cookie; null where there is none. */
function tokenOf(headers: IncomingHttpHeaders): string | null {
  const all = new Map(
    (headers.cookie ?? '').split(';').map((one) => {
      const [name = '', ...value] = one.trim().split('=');
      return [name, value.join('=')] as const;
    }),
  );
  return all.get(secureName) || (isLoopback(headers) && all.get(plainName)) || null;
}

/** The cookie that signs in. Over HTTPS, as the browser has it, it is never sent otherwise. */
export function sessionCookie(token: string, isHttps: boolean): string {
  return isHttps
    ? `${secureName}=${token}; Path=/; HttpOnly; SameSite=Strict; Secure`
    : `${plainName}=${token}; Path=/; HttpOnly; SameSite=Strict`;
}

/** What signs out. */
export const endedCookies = [
  `${secureName}=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0`,
  `${plainName}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`,
];

/** Follows from the session alone, so that any gateway knows it; and nobody knows it who has not the session. */
function csrfOf(secret: string): string {
  return createHmac('sha256', secret).update('phase3 form').digest('hex');
}

function foreign(message: string): RefusalError {
  return new RefusalError(plain(403, 'forbidden', message));
}
