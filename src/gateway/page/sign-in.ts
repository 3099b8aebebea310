/** Signing in where tokens are asked for: the API's token is exchanged for a cookie that no script can read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnauthenticatedError } from '../auth/authenticator';
import { isLoopback } from '../foreign-pages';
import { field, type Form } from './acts/act';
import { html, type Html } from './html';
import { page } from './layout';
import type { PageParts } from './parts';
import {
  endedCookies,
  longestToken,
  refuseForeignPosts,
  requireCsrf,
  sessionCookie,
  visitorOf,
} from './session';

/** The form. `why`: why the visitor has no session any more, or got none. */
function signInPage(next: string, why: string | null): Html {
  return page({
    ...{ title: 'Sign in', visitor: null, hasSession: false, topic: null },
    body: html`<h1>Sign in</h1>
      ${why === null ? null : html`<p class="notice bad" role="alert">${why}</p>`}
      <form method="post" action="/sign-in">
        <input type="hidden" name="next" value="${next}" />
        <p class="field">
          <label for="token">Token of the API</label>
          <input
            id="token"
            name="token"
            type="password"
            required
            autocomplete="off"
            spellcheck="false"
            aria-describedby="token-hint"
          />
          <small id="token-hint">
            An OpenID Connect token for this gateway. With Google:
            <code>gcloud auth print-identity-token</code>. It stays in a cookie of this browser until you sign
            out, close the browser, or the token ends.
          </small>
        </p>
        <p class="buttons"><button>Sign in</button></p>
      </form>`,
  });
}

/** Where to go after signing in: a page of ours, whatever was asked for. */
export function safeNext(given: string | null): string {
  return given !== null && /^\/(?![/\\])[\w\-./?=&%:]*$/.test(given) ? given : '/';
}

export function addSignIn(app: FastifyInstance, parts: PageParts): void {
  app.get<{ Querystring: { next?: unknown } }>('/sign-in', {
    config: { routeName: 'sign_in' },
    handler: async ({ query: { next } }, reply) =>
      reply.send(signInPage(safeNext(typeof next === 'string' ? next : null), null).text),
  });

  app.post('/sign-in', {
    config: { routeName: 'sign_in' },
    handler: async (request, reply) => {
      refuseForeignPosts(request);
      const form = request.body as Form;
      const next = safeNext(field(form, 'next'));
      return signIn(parts, request, reply, field(form, 'token') ?? '', next);
    },
  });

  app.post('/sign-out', {
    config: { routeName: 'sign_in' },
    handler: async (request, reply) => {
      requireCsrf(await visitorOf(parts, request), (request.body as Form).get('csrf')?.[0]);
      return reply.header('set-cookie', endedCookies).redirect('/sign-in', 303);
    },
  });
}

async function signIn(
  { authenticator }: PageParts,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  next: string,
): Promise<FastifyReply> {
  const refuse = (why: string): FastifyReply => reply.code(401).send(signInPage(next, why).text);
  // Whether the browser speaks HTTPS it says itself: before the gateway something else may end it.
  const isHttps = request.headers.origin?.startsWith('https:') === true;
  if (!isHttps && !isLoopback(request.headers))
    return refuse(
      'This page was not opened over HTTPS, so whoever listens could have read the token: end it, and sign in over HTTPS.',
    );
  if (token.length > longestToken)
    return refuse(`The token has ${token.length} characters; a cookie holds at most ${longestToken}.`);
  try {
    await authenticator.authenticate(`Bearer ${token}`);
  } catch (error) {
    if (error instanceof UnauthenticatedError) return refuse(error.message);
    throw error;
  }
  return reply.header('set-cookie', sessionCookie(token, isHttps)).redirect(next, 303);
}
