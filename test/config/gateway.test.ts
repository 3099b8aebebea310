import { isSafeAddress, readGatewaySettings, type GatewaySettings } from '../../src/config/gateway';

function read(env: NodeJS.ProcessEnv): GatewaySettings & { faults: string[] } {
  const faults: string[] = [];
  return { ...readGatewaySettings(env, faults), faults };
}

const nothing = {
  port: null,
  host: '127.0.0.1',
  waitMs: 30_000,
  maxRequestsPerSecond: 500,
  auth: null,
  faults: [],
};

const variables = [
  'PHASE3_GATEWAY_PORT',
  'PHASE3_GATEWAY_HOST',
  'PHASE3_GATEWAY_WAIT_SECONDS',
  'PHASE3_GATEWAY_MAX_PER_SECOND',
  'PHASE3_OIDC_AUDIENCE',
  'PHASE3_OIDC_ISSUER',
  'PHASE3_OIDC_JWKS_URI',
  'PHASE3_OIDC_READERS',
  'PHASE3_OIDC_TRIGGERERS',
  'PHASE3_OIDC_OVERRIDERS',
];

/** The least that asks for tokens. */
const oidc = { PHASE3_OIDC_AUDIENCE: 'https://gateway.example', PHASE3_OIDC_READERS: 'maria@nba.example' };

const lists = 'PHASE3_OIDC_READERS, PHASE3_OIDC_TRIGGERERS and PHASE3_OIDC_OVERRIDERS';
const nobody = `${lists} are empty, so nobody has a right; expected an e-mail address or a sub in at least one of them.`;

it('without anything set it serves loopback, without tokens', () => {
  expect(read({})).toEqual(nothing);
});

it.each(['', '  '])('%j is not set', (blank) => {
  expect(read(Object.fromEntries(variables.map((name) => [name, blank])))).toEqual(nothing);
});

it('takes what is set, without the blanks around it', () => {
  expect(
    read({
      PHASE3_GATEWAY_PORT: ' 8080 ',
      PHASE3_GATEWAY_HOST: ' 0.0.0.0 ',
      PHASE3_GATEWAY_WAIT_SECONDS: ' 0.25 ',
      PHASE3_GATEWAY_MAX_PER_SECOND: ' 20 ',
      PHASE3_OIDC_AUDIENCE: ' https://gateway.example ',
      PHASE3_OIDC_ISSUER: ' https://tenant.example/ ',
      PHASE3_OIDC_JWKS_URI: ' https://tenant.example/keys?v=2 ',
      PHASE3_OIDC_READERS: ' maria@nba.example , 1087,, ',
      PHASE3_OIDC_TRIGGERERS: 'push@p.iam.gserviceaccount.com',
      PHASE3_OIDC_OVERRIDERS: 'auth0|5f',
    }),
  ).toEqual({
    port: 8080,
    host: '0.0.0.0',
    waitMs: 250,
    maxRequestsPerSecond: 20,
    auth: {
      issuer: 'https://tenant.example/',
      audiences: ['https://gateway.example'],
      jwksUri: 'https://tenant.example/keys?v=2',
      allowed: {
        read: ['maria@nba.example', '1087'],
        trigger: ['push@p.iam.gserviceaccount.com'],
        override: ['auth0|5f'],
      },
    },
    faults: [],
  });
});

it('takes several audiences, separated by commas', () => {
  const { auth, faults } = read({ ...oidc, PHASE3_OIDC_AUDIENCE: 'https://gateway.example, gcloud.test ,' });
  expect(faults).toEqual([]);
  expect(auth?.audiences).toEqual(['https://gateway.example', 'gcloud.test']);
  expect(read({ ...oidc, PHASE3_OIDC_AUDIENCE: ' , ' }).faults).toEqual([
    expect.stringContaining('PHASE3_OIDC_AUDIENCE is not set'),
  ]);
});

it("with an audience and a list the issuer is Google's, and no list is another's", () => {
  const { auth, faults } = read(oidc);
  expect(faults).toEqual([]);
  expect(auth).toEqual({
    issuer: 'https://accounts.google.com',
    audiences: ['https://gateway.example'],
    jwksUri: null,
    allowed: { read: ['maria@nba.example'], trigger: [], override: [] },
  });
});

it.each(['PHASE3_OIDC_READERS', 'PHASE3_OIDC_TRIGGERERS', 'PHASE3_OIDC_OVERRIDERS'])(
  '%s alone is enough',
  (name) => {
    expect(read({ PHASE3_OIDC_AUDIENCE: 'x', [name]: 'maria@nba.example' }).faults).toEqual([]);
  },
);

it.each([
  ['PHASE3_GATEWAY_PORT', '0', 'a whole number from 1 to 65535'],
  ['PHASE3_GATEWAY_PORT', '65536', 'a whole number from 1 to 65535'],
  ['PHASE3_GATEWAY_PORT', '80.5', 'a whole number from 1 to 65535'],
  ['PHASE3_GATEWAY_PORT', 'http', 'a whole number from 1 to 65535'],
  ['PHASE3_GATEWAY_WAIT_SECONDS', '-1', 'a number from 0 to 540'],
  ['PHASE3_GATEWAY_WAIT_SECONDS', '541', 'a number from 0 to 540'],
  ['PHASE3_GATEWAY_WAIT_SECONDS', '30s', 'a number from 0 to 540'],
  ['PHASE3_GATEWAY_WAIT_SECONDS', 'NaN', 'a number from 0 to 540'],
  ['PHASE3_GATEWAY_MAX_PER_SECOND', '0', 'a whole number from 1 to 100000'],
  ['PHASE3_GATEWAY_MAX_PER_SECOND', '100001', 'a whole number from 1 to 100000'],
  ['PHASE3_GATEWAY_MAX_PER_SECOND', '1.5', 'a whole number from 1 to 100000'],
  ['PHASE3_GATEWAY_MAX_PER_SECOND', 'Infinity', 'a whole number from 1 to 100000'],
])('refuses %s=%s', (name, text, right) => {
  expect(read({ [name]: text })).toEqual({
    ...nothing,
    faults: [`${name} is "${text}", expected ${right}.`],
  });
});

it.each([
  ['PHASE3_GATEWAY_WAIT_SECONDS', '0', { waitMs: 0 }],
  ['PHASE3_GATEWAY_WAIT_SECONDS', '540', { waitMs: 540_000 }],
  ['PHASE3_GATEWAY_PORT', '1', { port: 1 }],
  ['PHASE3_GATEWAY_PORT', '65535', { port: 65_535 }],
  ['PHASE3_GATEWAY_MAX_PER_SECOND', '1', { maxRequestsPerSecond: 1 }],
  ['PHASE3_GATEWAY_MAX_PER_SECOND', '100000', { maxRequestsPerSecond: 100_000 }],
])('takes %s=%s', (name, text, kept) => {
  expect(read({ [name]: text })).toEqual({ ...nothing, ...kept });
});

it.each(['gateway.example', '127.0.0.1:8080', '256.0.0.1', '[::1]', 'LOCALHOST', '*'])(
  'refuses the host %s',
  (host) => {
    expect(read({ PHASE3_GATEWAY_HOST: host })).toEqual({
      ...nothing,
      faults: [
        `PHASE3_GATEWAY_HOST is "${host}", expected an IP address such as 127.0.0.1 or 0.0.0.0, or localhost.`,
      ],
    });
  },
);

it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost'])('%s is served without tokens', (host) => {
  expect(read({ PHASE3_GATEWAY_HOST: host })).toEqual({ ...nothing, host });
});

describe.each([
  '0.0.0.0',
  '::',
  '10.0.0.7',
  '126.255.255.255',
  '128.0.0.1',
  'fe80::1%eth0',
  '::ffff:10.0.0.7',
])('%s', (host) => {
  it('is not served without tokens', () => {
    expect(read({ PHASE3_GATEWAY_HOST: host }).faults).toEqual([
      `PHASE3_GATEWAY_HOST is "${host}", and the gateway refuses to start there: without tokens it serves loopback only. Set PHASE3_OIDC_AUDIENCE and at least one of ${lists}, or set PHASE3_GATEWAY_HOST to 127.0.0.1.`,
    ]);
  });

  it('is served with them', () => {
    expect(read({ ...oidc, PHASE3_GATEWAY_HOST: host })).toMatchObject({ host, faults: [] });
  });
});

it.each(variables.filter((name) => name.startsWith('PHASE3_OIDC_') && name !== 'PHASE3_OIDC_AUDIENCE'))(
  '%s without an audience is refused',
  (name) => {
    const { auth, faults } = read({ ...oidc, PHASE3_OIDC_AUDIENCE: '', [name]: 'https://x.example' });
    const set = [...new Set(['PHASE3_OIDC_READERS', name])].sort(
      (a, b) => variables.indexOf(a) - variables.indexOf(b),
    );
    expect(auth).toBeNull();
    expect(faults).toEqual([
      `PHASE3_OIDC_AUDIENCE is not set, but ${set.join(', ')} is; expected the accepted audience of tokens, such as the gateway's address https://phase3.example.`,
    ]);
  },
);

it.each(['', ' , ,'])('lists of nobody (%j) are refused', (list) => {
  const { faults } = read({ PHASE3_OIDC_AUDIENCE: 'x', PHASE3_OIDC_READERS: list });
  expect(faults).toEqual([nobody]);
});

it.each([
  ['PHASE3_OIDC_READERS', 'maria@nba.example joe@nba.example'],
  ['PHASE3_OIDC_TRIGGERERS', '*'],
  ['PHASE3_OIDC_OVERRIDERS', '*@nba.example'],
])('refuses %s=%s', (name, subject) => {
  expect(read({ ...oidc, [name]: `1087, ${subject}` }).faults).toEqual([
    `${name} holds "${subject}", expected e-mail addresses or subs, separated by commas; there are no patterns.`,
  ]);
});

it.each(['https://accounts.google.com', 'http://127.0.0.1:9000', 'http://[::1]:9000', 'http://localhost:1'])(
  'takes the issuer and the keys of %s',
  (address) => {
    const { faults, auth } = read({ ...oidc, PHASE3_OIDC_ISSUER: address, PHASE3_OIDC_JWKS_URI: address });
    expect(faults).toEqual([]);
    expect(auth).toMatchObject({ issuer: address, jwksUri: address });
  },
);

it.each([
  'accounts.google.com',
  'http://accounts.google.com',
  'http://127.0.0.1.evil.example',
  'http://localhost.evil.example',
  'https:/x',
  'https://',
  'ftp://127.0.0.1',
])('refuses the issuer and the keys of %s', (address) => {
  const { faults } = read({ ...oidc, PHASE3_OIDC_ISSUER: address, PHASE3_OIDC_JWKS_URI: address });
  expect(faults).toEqual([
    `PHASE3_OIDC_ISSUER is "${address}", expected an https address without ? and # such as https://accounts.google.com (http only on loopback).`,
    `PHASE3_OIDC_JWKS_URI is "${address}", expected an https address such as https://www.googleapis.com/oauth2/v3/certs (http only on loopback).`,
  ]);
});

it.each(['https://tenant.example/?a=b', 'https://tenant.example/#a'])('refuses the issuer %s', (address) => {
  expect(read({ ...oidc, PHASE3_OIDC_ISSUER: address }).faults).toHaveLength(1);
});

it.each(['PHASE3_OIDC_ISSUER', 'PHASE3_OIDC_JWKS_URI'])(
  '%s may hold no password, and none is printed',
  (name) => {
    const { faults } = read({ ...oidc, [name]: 'https://maria:T0SECRET@issuer.example' });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} is not shown, since it may hold a password, expected `));
    expect(faults[0]).not.toContain('T0SECRET');
  },
);

it('names all faults at once, after those that are there', () => {
  const faults = ['PHASE3_NOW is "x", expected an instant.'];
  readGatewaySettings(
    {
      PHASE3_GATEWAY_PORT: 'x',
      PHASE3_GATEWAY_HOST: 'x',
      PHASE3_GATEWAY_WAIT_SECONDS: 'x',
      PHASE3_GATEWAY_MAX_PER_SECOND: 'x',
      PHASE3_OIDC_ISSUER: 'x',
      PHASE3_OIDC_JWKS_URI: 'x',
    },
    faults,
  );
  expect(faults.map((fault) => fault.split(/[ ,]/)[0])).toEqual([
    'PHASE3_NOW',
    'PHASE3_GATEWAY_PORT',
    'PHASE3_GATEWAY_WAIT_SECONDS',
    'PHASE3_GATEWAY_MAX_PER_SECOND',
    'PHASE3_GATEWAY_HOST',
    'PHASE3_OIDC_AUDIENCE',
    'PHASE3_OIDC_ISSUER',
    'PHASE3_OIDC_JWKS_URI',
    'PHASE3_OIDC_READERS',
  ]);
});

it.each([
  ['https://x.example/keys', true],
  ['http://127.0.0.1:1/keys', true],
  ['http://127.1/keys', true],
  ['http://x.example/keys', false],
  ['https://u@x.example/keys', false],
  ['javascript:alert(1)', false],
])('%s is safe: %s', (address, safe) => {
  expect(isSafeAddress(address)).toBe(safe);
});
