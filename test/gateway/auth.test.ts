/** The gateway's authentication against an issuer that answers over HTTP, with keys made here. */
import { createHmac } from 'node:crypto';
import type { CryptoKey } from 'jose' with { 'resolution-mode': 'import' };
import type { OidcSettings } from '../../src/config/gateway';
import {
  IssuerUnreachableError,
  oidcAuthenticator,
  openAuthenticator,
  UnauthenticatedError,
  type Authenticator,
  type OidcOptions,
} from '../../src/gateway/auth/authenticator';
import { discoveryPath, keysPath, startIssuer, type Issuer } from '../support/issuer';

type Claims = Record<string, unknown>;

let issuer: Issuer;

// Making RSA keys takes longer than any test here.
beforeAll(async () => {
  issuer = await startIssuer();
});
beforeEach(() => {
  issuer.requests.length = 0;
  issuer.outage = null;
  issuer.discovery = {};
});
afterAll(() => issuer.stop());

function settings(more: Partial<OidcSettings> = {}): OidcSettings {
  return {
    issuer: issuer.url,
    audiences: [issuer.audience],
    jwksUri: null,
    allowed: { read: ['subject-1'], trigger: [], override: [] },
    ...more,
  };
}

const open = (more: Partial<OidcSettings> = {}, options?: OidcOptions): Authenticator =>
  oidcAuthenticator(settings(more), options);

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** The sentence of the refusal; fails if there is none, or if it or a cause of it holds any part of the header. */
async function refusal(
  authenticator: Authenticator,
  header: string | undefined,
  kind: typeof UnauthenticatedError | typeof IssuerUnreachableError = UnauthenticatedError,
): Promise<string> {
  const error: unknown = await authenticator.authenticate(header).then(
    () => new Error('It was taken.'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(kind);
  const secrets = (header ?? '').split(/[ .,]/).filter((part) => part.length >= 12);
  // Node's own errors are of another realm than jest's, so these are not asked what they are.
  for (let at = error as Error | undefined; at !== undefined; at = at.cause as Error | undefined)
    for (const secret of secrets)
      expect(`${at.message} ${at.stack} ${JSON.stringify(at)}`).not.toContain(secret);
  return (error as Error).message;
}

const refused = async (claims: Claims, more: Partial<OidcSettings> = {}): Promise<string> =>
  refusal(open(more), `Bearer ${await issuer.token(claims)}`);

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const rsaKid = (): string => issuer.keys().find(({ kty }) => kty === 'RSA')!.kid!;

const goodClaims = (): Claims => ({
  iss: issuer.url,
  aud: issuer.audience,
  sub: 'subject-1',
  iat: nowSeconds(),
  exp: nowSeconds() + 3600,
});

describe('a good token', () => {
  it.each(['RS256', 'ES256'] as const)('with %s', async (alg) => {
    const principal = await open().authenticate(`Bearer ${await issuer.token({}, { alg })}`);
    expect(principal).toEqual({ name: 'subject-1', rights: new Set(['read']) });
  });

  it.each(['Bearer', 'bearer', 'BEARER'])('after %s', async (scheme) => {
    const { name } = await open().authenticate(`${scheme} ${await issuer.token()}`);
    expect(name).toBe('subject-1');
  });

  it('for several audiences, of which one is ours', async () => {
    const token = await issuer.token({ aud: ['https://other.test', issuer.audience] });
    expect((await open().authenticate(`Bearer ${token}`)).name).toBe('subject-1');
  });

  it('for any of the audiences that we go by, and for no other', async () => {
    const audiences = [issuer.audience, 'gcloud.test'];
    const gateway = open({ audiences });
    for (const aud of audiences)
      expect((await gateway.authenticate(`Bearer ${await issuer.token({ aud })}`)).name).toBe('subject-1');
    const other = `Bearer ${await issuer.token({ aud: 'https://other.test' })}`;
    expect(await refusal(gateway, other)).toContain(`expected "${issuer.audience}" or "gcloud.test"`);
  });

  it('without a kid, when one key alone fits', async () => {
    const token = await issuer.token({}, { header: { kid: undefined } });
    expect((await open().authenticate(`Bearer ${token}`)).name).toBe('subject-1');
  });

  it('with a clock that is apart by less than 30 s', async () => {
    const early = await issuer.token({ nbf: nowSeconds() + 20, iat: nowSeconds() + 20 });
    const late = await issuer.token({ exp: nowSeconds() - 20 });
    for (const token of [early, late])
      expect((await open().authenticate(`Bearer ${token}`)).name).toBe('subject-1');
  });

  it.each(['https://accounts.google.com', 'accounts.google.com'])(
    'of Google, which calls itself %s',
    async (iss) => {
      const google = open({ issuer: 'https://accounts.google.com', jwksUri: `${issuer.url}${keysPath}` });
      expect((await google.authenticate(`Bearer ${await issuer.token({ iss })}`)).name).toBe('subject-1');
    },
  );

  it('is checked with the keys that are named, and nothing is discovered', async () => {
    const authenticator = open({ jwksUri: `${issuer.url}${keysPath}` });
    await authenticator.authenticate(`Bearer ${await issuer.token()}`);
    expect(issuer.requests).toEqual([keysPath]);
  });
});

describe('the name and the rights', () => {
  const allowed = {
    read: ['maria@nba.example'],
    trigger: ['subject-1'],
    override: ['maria@nba.example', 'other'],
  };

  it('a verified e-mail is the name, and has what it and the sub have', async () => {
    const token = await issuer.token({ email: 'maria@nba.example', email_verified: true });
    expect(await open({ allowed }).authenticate(`Bearer ${token}`)).toEqual({
      name: 'maria@nba.example',
      rights: new Set(['read', 'trigger', 'override']),
    });
  });

  it.each([false, 'true', 1, undefined])(
    'an e-mail with email_verified %j is not honoured',
    async (verified) => {
      const token = await issuer.token({ email: 'maria@nba.example', email_verified: verified });
      expect(await open({ allowed }).authenticate(`Bearer ${token}`)).toEqual({
        name: 'subject-1',
        rights: new Set(['trigger']),
      });
    },
  );

  it.each([['maria@nba.example'], 7, '', 'a\nb@nba.example'])(
    'the e-mail %j is not honoured',
    async (email) => {
      const token = await issuer.token({ email, email_verified: true });
      expect((await open({ allowed }).authenticate(`Bearer ${token}`)).name).toBe('subject-1');
    },
  );

  it.each(['read', 'trigger', 'override'] as const)('%s implies no other right', async (right) => {
    const authenticator = open({
      allowed: { read: [], trigger: [], override: [], [right]: ['subject-1'] },
    });
    const { rights } = await authenticator.authenticate(`Bearer ${await issuer.token()}`);
    expect([...rights]).toEqual([right]);
  });

  it.each(['SUBJECT-1', 'subject-', 'subject-12'])('%s on the list is somebody else', async (listed) => {
    const authenticator = open({ allowed: { read: [listed], trigger: [], override: [] } });
    const { rights } = await authenticator.authenticate(`Bearer ${await issuer.token()}`);
    expect([...rights]).toEqual([]);
  });

  it('somebody without any right is known all the same', async () => {
    const token = await issuer.token({ sub: 'stranger' });
    expect(await open().authenticate(`Bearer ${token}`)).toEqual({ name: 'stranger', rights: new Set() });
  });
});

describe('claims that are not right', () => {
  it.each<[string, () => Claims, string | RegExp]>([
    ['expired', () => ({ exp: nowSeconds() - 60 }), /^The token has expired/],
    ['kept for more than a day', () => ({ iat: nowSeconds() - 25 * 3600 }), /iat more than 24 hours ago\.$/],
    ['not yet valid', () => ({ nbf: nowSeconds() + 60 }), /^The token's nbf is not right/],
    ['made in the future', () => ({ iat: nowSeconds() + 60 }), /^The token's iat is not right/],
    ['without exp', () => ({ exp: undefined }), 'The token has no exp, expected an instant in seconds.'],
    ['without sub', () => ({ sub: undefined }), 'The token has no sub, expected the subject.'],
    ['without iat', () => ({ iat: undefined }), /^The token has no iat/],
    ['without aud', () => ({ aud: undefined }), /^The token has no aud/],
    ['without iss', () => ({ iss: undefined }), /^The token has no iss/],
    ['exp as a text', () => ({ exp: '2099' }), /^The token's exp is not right/],
    ['sub as a number', () => ({ sub: 7 }), /^The token's sub is not the name of/],
    ['sub empty', () => ({ sub: '' }), /^The token's sub is not the name of/],
    ['sub of two lines', () => ({ sub: 'a\nb' }), /^The token's sub is not the name of/],
    ['sub of the system', () => ({ sub: 'system' }), /^The token's sub is not the name of/],
    ['sub too long', () => ({ sub: 'x'.repeat(256) }), /^The token's sub is not the name of/],
    [
      'for another audience',
      () => ({ aud: 'https://other.test' }),
      `The token's aud is not right, expected "https://gateway.test".`,
    ],
    ['for other audiences', () => ({ aud: ['a', 'b'] }), /^The token's aud is not right/],
    [
      'of another issuer',
      () => ({ iss: 'https://evil.test' }),
      /^The token's iss is not right, expected "http:/,
    ],
    [
      'of Google, where Google is not the issuer',
      () => ({ iss: 'accounts.google.com' }),
      /^The token's iss is not/,
    ],
  ])('%s', async (_what, claims, sentence) => {
    expect(await refused(claims())).toEqual(
      typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
    );
  });

  it('Google has two names and no third', async () => {
    const google = { issuer: 'https://accounts.google.com', jwksUri: `${issuer.url}${keysPath}` };
    for (const iss of ['http://accounts.google.com', 'https://accounts.google.com/', issuer.url])
      expect(await refused({ iss }, google)).toMatch(/^The token's iss is not right/);
  });

  it('the clock is the one that was given', async () => {
    const late = open({}, { now: () => new Date(Date.now() + 2 * 3600 * 1000) });
    expect(await refusal(late, `Bearer ${await issuer.token()}`)).toMatch(/^The token has expired/);
  });
});

describe('signatures that are not right', () => {
  it('of another key under the name of a good one', async () => {
    const { generateKeyPair } = await import('jose');
    const { privateKey } = await generateKeyPair('RS256');
    const token = await issuer.token({}, { key: privateKey });
    expect(await refusal(open(), `Bearer ${token}`)).toBe("The token's signature is wrong.");
  });

  it('of a key that came with the token', async () => {
    const { exportJWK, generateKeyPair } = await import('jose');
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const header = { jwk: await exportJWK(publicKey), jku: 'https://evil.test/keys' };
    const token = await issuer.token({}, { key: privateKey, header });
    expect(await refusal(open(), `Bearer ${token}`)).toBe("The token's signature is wrong.");
  });

  it('of other claims', async () => {
    const [header, , signature] = (await issuer.token({ sub: 'stranger' })).split('.');
    const token = `${header}.${base64url(goodClaims())}.${signature}`;
    expect(await refusal(open(), `Bearer ${token}`)).toBe("The token's signature is wrong.");
  });

  it.each(['none', 'None', 'NONE', ''])('alg %j', async (alg) => {
    const unsigned = `${base64url({ alg, typ: 'JWT' })}.${base64url(goodClaims())}.`;
    expect(await refusal(open(), `Bearer ${unsigned}`)).toMatch(
      /^The token('s alg is not accepted| is not a signed JWT)/,
    );
    expect(issuer.requests).toEqual([]);
  });

  it('HS256 with the public key as the secret', async () => {
    const { exportSPKI, importJWK } = await import('jose');
    const [jwk] = issuer.keys();
    const pem = await exportSPKI((await importJWK(jwk!, 'RS256')) as CryptoKey);
    for (const secret of [pem, pem.trim(), JSON.stringify(jwk), jwk!.n!]) {
      const signed = `${base64url({ alg: 'HS256', kid: jwk!.kid })}.${base64url(goodClaims())}`;
      const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
      expect(await refusal(open(), `Bearer ${token}`)).toMatch(/^The token's alg is not accepted/);
    }
  });

  it("an RSA key's name over an ES256 signature", async () => {
    const token = await issuer.token({}, { alg: 'ES256', header: { kid: rsaKid() } });
    expect(await refusal(open(), `Bearer ${token}`)).toMatch(/^The token's kid and alg match no key/);
  });

  it('a header that makes something critical that nobody knows', async () => {
    const { generateKeyPair, SignJWT } = await import('jose');
    const { privateKey } = await generateKeyPair('RS256');
    const token = await new SignJWT(goodClaims())
      .setProtectedHeader({ alg: 'RS256', kid: rsaKid(), crit: ['b64x'], b64x: true })
      .sign(privateKey, { crit: { b64x: true } });
    expect(await refusal(open(), `Bearer ${token}`)).toBe(
      "The token's header requires something that is not supported.",
    );
  });
});

describe('headers that are not right', () => {
  it.each<[string, string | undefined, RegExp]>([
    ['none', undefined, /^The Authorization header is missing/],
    ['an empty one', '', /^The Authorization header is missing/],
    ['another scheme', 'Basic bWFyaWE6c2VjcmV0c2VjcmV0', /has another form, expected "Bearer <token>"/],
    ['no token', 'Bearer', /has another form/],
    ['an empty token', 'Bearer ', /has another form/],
    ['no scheme', 'abcdefghijklmnop.abcdefghijklmnop.abcdefghijklmnop', /has another form/],
    ['two tokens', 'Bearer abcdefghijklmnop qrstuvwxyzabcdef', /has another form/],
    ['two headers in one', 'Bearer abcdefghijklmnop, Bearer qrstuvwxyzabcdef', /has another form/],
    ['two blanks', 'Bearer  abcdefghijklmnop', /has another form/],
    ['a tab', 'Bearer\tabcdefghijklmnop', /has another form/],
    ['a second line', 'Bearer abcdefghijklmnop\nX: yabcdefghijklmnop', /has another form/],
    ['something at its end', 'Bearer abcdefghijklmnop\n', /has another form/],
    ['garbage', 'Bearer abcdefghijklmnopqrstuvwxyz', /^The token is not a signed JWT\.$/],
    ['garbage in three parts', 'Bearer abcdefghijklmnop.qrstuvwxyzabcdef.ghijklmnopqrstuv', /^The token /],
    ['five parts', 'Bearer eyJhbGciOiJkaXIifQ.a.b.c.d', /^The token is not a signed JWT\.$/],
    ['dots', 'Bearer ..', /^The token is not a signed JWT\.$/],
    [
      'a huge one',
      `Bearer ${'abcdefghijklmnop'.repeat(1024)}`,
      /has 16391 characters, expected at most 16384\.$/,
    ],
  ])('%s', async (_what, header, sentence) => {
    expect(await refusal(open(), header)).toMatch(sentence);
    expect(issuer.requests).toEqual([]);
  });
});

describe('the issuer', () => {
  it('is asked once for many tokens that come together', async () => {
    const authenticator = open();
    const tokens = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        issuer.token({ sub: `subject-${index}` }, { alg: index % 2 === 0 ? 'RS256' : 'ES256' }),
      ),
    );
    const found = await Promise.all(tokens.map((token) => authenticator.authenticate(`Bearer ${token}`)));
    expect(found.map(({ name }) => name)).toEqual(tokens.map((_, index) => `subject-${index}`));
    await authenticator.authenticate(`Bearer ${tokens[0]}`);
    expect(issuer.requests).toEqual([discoveryPath, keysPath]);
  });

  it('is asked again when a token names a new key', async () => {
    const authenticator = open({}, { cooldownMs: 0 });
    const old = await issuer.token();
    await authenticator.authenticate(`Bearer ${old}`);
    await issuer.rotate();
    const { name } = await authenticator.authenticate(`Bearer ${await issuer.token()}`);
    expect(name).toBe('subject-1');
    expect(issuer.requests).toEqual([discoveryPath, keysPath, keysPath]);
    expect(await refusal(authenticator, `Bearer ${old}`)).toMatch(/match no key that http/);
  });

  it('that takes a key back is believed within six hours, whoever comes meanwhile', async () => {
    const authenticator = open();
    const header = `Bearer ${await issuer.token()}`;
    await authenticator.authenticate(header);
    await issuer.rotate();
    const hours = (count: number): void =>
      void jest.spyOn(Date, 'now').mockReturnValue(new Date().getTime() + count * 3_600_000);
    try {
      hours(5.9);
      expect((await authenticator.authenticate(header)).name).toBe('subject-1');
      hours(6.1);
      expect(await refusal(authenticator, header)).toMatch(/match no key that http/);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it('is not asked again for every name that somebody makes up', async () => {
    const authenticator = open();
    await authenticator.authenticate(`Bearer ${await issuer.token()}`);
    for (const kid of ['a', 'b', 'c']) {
      const token = await issuer.token({}, { header: { kid } });
      expect(await refusal(authenticator, `Bearer ${token}`)).toMatch(/match no key that http/);
    }
    expect(issuer.requests).toEqual([discoveryPath, keysPath]);
  });

  it.each(
    ([503, 404, 302, 'reset', 'silence'] as const).flatMap((outage) => [
      {
        outage,
        where: 'discovery',
        jwks: undefined,
        sentence: /^The discovery document http.* cannot be read: /,
      },
      { outage, where: 'its keys', jwks: keysPath, sentence: /^The keys of http.* cannot be fetched: / },
    ]),
  )(
    'fails with $outage at $where, and is asked again by the next token',
    async ({ outage, jwks, sentence }) => {
      const authenticator = open(jwks === undefined ? {} : { jwksUri: `${issuer.url}${jwks}` }, {
        timeoutMs: outage === 'silence' ? 50 : 5000,
      });
      const header = `Bearer ${await issuer.token()}`;
      issuer.outage = outage;
      expect(await refusal(authenticator, header, IssuerUnreachableError)).toMatch(sentence);
      issuer.outage = null;
      expect((await authenticator.authenticate(header)).name).toBe('subject-1');
    },
  );

  it('that is down refuses nobody whose key is known', async () => {
    const authenticator = open();
    const header = `Bearer ${await issuer.token()}`;
    await authenticator.authenticate(header);
    issuer.outage = 'reset';
    expect((await authenticator.authenticate(header)).name).toBe('subject-1');
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'another issuer',
      { issuer: 'https://evil.test' },
      /is of the issuer "https:\/\/evil\.test", expected "http/,
    ],
    ['no issuer', { issuer: undefined }, /is of the issuer undefined, expected "http/],
    [
      'keys over plain http',
      { jwks_uri: 'http://keys.test' },
      /has the jwks_uri "http:\/\/keys\.test", expected/,
    ],
    ['no keys', { jwks_uri: undefined }, /has the jwks_uri undefined, expected/],
    ['no address', { jwks_uri: 7 }, /has the jwks_uri 7, expected/],
  ])(
    'whose discovery document names %s is not trusted, until it is mended',
    async (_what, wrong, sentence) => {
      const authenticator = open();
      const header = `Bearer ${await issuer.token()}`;
      issuer.discovery = wrong;
      expect(await refusal(authenticator, header, IssuerUnreachableError)).toMatch(sentence);
      expect(issuer.requests).toEqual([discoveryPath]);
      issuer.discovery = {};
      expect((await authenticator.authenticate(header)).name).toBe('subject-1');
    },
  );

  it('that publishes no key set cannot say whether a token is good', async () => {
    const authenticator = open({ jwksUri: `${issuer.url}${discoveryPath}` });
    const header = `Bearer ${await issuer.token()}`;
    expect(await refusal(authenticator, header, IssuerUnreachableError)).toMatch(/^The keys of http/);
  });

  it('with a slash at its end is one and the same', async () => {
    const withSlash = `${issuer.url}/`;
    issuer.discovery = { issuer: withSlash };
    const token = await issuer.token({ iss: withSlash });
    expect((await open({ issuer: withSlash }).authenticate(`Bearer ${token}`)).name).toBe('subject-1');
    expect(issuer.requests[0]).toBe(discoveryPath);
  });
});

it('embedded, everybody may do everything, and no token is looked at', async () => {
  const authenticator = openAuthenticator('embedded');
  for (const header of [undefined, 'Bearer abc', 'x'.repeat(20_000)])
    expect(await authenticator.authenticate(header)).toEqual({
      name: 'embedded',
      rights: new Set(['read', 'trigger', 'override']),
    });
});
