/** Requests that can only be refused: each is told why, none starts anything, and no log has anything of theirs. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { CryptoKey } from 'jose' with { 'resolution-mode': 'import' };
import { identityOf } from '../../src/contracts/identity';
import { oidcAuthenticator } from '../../src/gateway/auth/authenticator';
import { envelope, startGateway, type TestGateway } from '../support/gateway';
import { startIssuer, type Issuer, type TokenOptions } from '../support/issuer';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly message: string;
}

type Ask = () => Promise<Got>;
/** What it is, the request, its status, and what its sentence says. */
type Row = readonly [what: string, ask: Ask, status: number, sentence: RegExp];
type Claims = Readonly<Record<string, unknown>>;

const player = 'PlayerGameSummaryProcessor';
/** Every request below is about this date, if it is about one that can be. */
const gameDate = '2017-04-15';
const news = { source_table: 'nbac_gamebook_player_stats', game_date: gameDate };
const range = { start_date: gameDate, end_date: gameDate };
const game = '20170415_IND_CLE';
const reason = 'the league has not sent team rows, and hunter2 needs players';
/** Who has a right, by it: the audit knows them by these names, and nobody is to know their subs. */
const people = {
  read: 'reader@nba.example',
  trigger: 'pubsub@nba.example',
  override: 'maria@nba.example',
} as const;

let rig: Rig;
let issuer: Issuer;
/** Asks for no tokens. */
let open: TestGateway;
let guarded: TestGateway;
/** Its limit is none at all, so that a request is one too many whenever it comes. */
let busy: TestGateway;
/** Tokens that were made here, good or bad. */
const tokens: string[] = [];

beforeAll(async () => {
  [rig, issuer] = await Promise.all([Rig.open(), startIssuer()]);
  const auth = {
    issuer: issuer.url,
    audiences: [issuer.audience],
    jwksUri: null,
    allowed: { read: [people.read], trigger: [people.trigger], override: [people.override] },
  };
  open = await startGateway(rig);
  guarded = await startGateway(rig, { settings: { auth } });
  busy = await startGateway(rig, { settings: { auth, maxRequestsPerSecond: 0 } });
});
afterAll(async () => {
  await Promise.all([open, guarded, busy].map((gateway) => gateway.close()));
  await issuer.stop();
  await rig.close();
});

/** Sends a path and headers as they are: fetch would mend them. */
async function send(
  { url }: TestGateway,
  method: string,
  path: string,
  body?: unknown,
  headers: OutgoingHttpHeaders = {},
): Promise<Got> {
  const asked = request(url, { method, path, headers, agent: false });
  asked.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    asked.on('error', reject);
    asked.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (text += part));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text,
          message: messageIn(text),
        }),
      );
    });
  });
}

/** Sends text that need not be HTTP, and reads until the server hangs up. */
async function raw({ url }: TestGateway, text: string): Promise<Got> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => (answer += part));
  socket.write(text);
  await once(socket, 'close');
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), headers: {}, text: body, message: messageIn(body) };
}

function messageIn(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message);
  } catch {
    return text;
  }
}

async function token(claims: Claims, options?: TokenOptions): Promise<string> {
  return kept(await issuer.token({ motto: 'hunter2', ...claims }, options));
}

function kept(made: string): string {
  tokens.push(made);
  return made;
}

/** A good token of somebody. */
async function tokenOf(email: string): Promise<string> {
  return token({ sub: `sub-of-${email.split('@')[0]}`, email, email_verified: true });
}

const bearer = (made: string): OutgoingHttpHeaders => ({ authorization: `Bearer ${made}` });

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** A token's claims as they would be good. */
const goodClaims = (): Claims => ({
  iss: issuer.url,
  aud: issuer.audience,
  sub: 'sub-of-pubsub',
  email: people.trigger,
  email_verified: true,
  iat: nowSeconds(),
  exp: nowSeconds() + 3600,
});

/** Good news through the gateway that asks for tokens. */
const guardedNews =
  (headers: () => Promise<OutgoingHttpHeaders> | OutgoingHttpHeaders, path = '/process'): Ask =>
  async () =>
    send(guarded, 'POST', path, news, await headers());

/** The same with the trigger's token, with something put over its claims. */
const withClaims = (claims: () => Claims, options?: () => Promise<TokenOptions>): Ask =>
  guardedNews(async () => bearer(await token({ ...goodClaims(), ...claims() }, await options?.())));

/** What only somebody else may do. */
const as = (email: string, method: string, path: string, body?: unknown): Ask => {
  return async () => send(guarded, method, path, body, bearer(await tokenOf(email)));
};

const process = (body: unknown, headers?: OutgoingHttpHeaders): Ask => {
  return async () => send(open, 'POST', '/process', body, headers);
};
const message = (more: Claims): Ask => process({ ...news, note: 'hunter2', ...more });
const without = (field: keyof typeof news): Ask =>
  process(Object.fromEntries(Object.entries(news).filter(([name]) => name !== field)));
let pushes = 0;
const push = (data: unknown): Ask => {
  pushes += 1;
  return process(envelope(data, `bad-${pushes}`));
};
const pushOf = (data: Buffer | string): Ask => {
  pushes += 1;
  const text = typeof data === 'string' ? data : data.toString('base64');
  return process({ message: { data: text, messageId: `bad-${pushes}` } });
};
const dates = (body: unknown): Ask => {
  return async () => send(open, 'POST', '/process-date-range', body);
};
const decide = (name: string, body?: unknown, date = gameDate): Ask => {
  return async () => send(open, 'POST', `/dates/${date}/${name}`, body);
};
const at = (method: string, path: string, body: unknown = news): Ask => {
  return async () => send(open, method, path, method === 'POST' || method === 'PUT' ? body : undefined);
};
const withHeaders = (headers: OutgoingHttpHeaders): Ask => process(news, headers);
const bypass = { processor: player, reason };
const basic = Buffer.from('maria:hunter2').toString('base64');

const tokensThatAreNotGood: Row[] = [
  ['no token', guardedNews(() => ({})), 401, /^The Authorization header is missing/],
  ['a malformed token', guardedNews(() => bearer('hunter2.hunter2.hunter2')), 401, /^The token /],
  [
    'a good token in the address',
    async () => send(guarded, 'POST', `/process?access_token=${await tokenOf(people.trigger)}`, news),
    401,
    /^The Authorization header is missing/,
  ],
  [
    'a good token in a cookie',
    guardedNews(async () => ({ cookie: `token=${await tokenOf(people.trigger)}` })),
    401,
    /^The Authorization header is missing/,
  ],
  [
    'signed with another key',
    withClaims(
      () => ({}),
      async () => {
        const { generateKeyPair } = await import('jose');
        return { key: (await generateKeyPair('RS256')).privateKey };
      },
    ),
    401,
    /^The token's signature is wrong\.$/,
  ],
  ['expired', withClaims(() => ({ exp: nowSeconds() - 60 })), 401, /^The token has expired/],
  [
    'alg none',
    guardedNews(() => bearer(kept(`${base64url({ alg: 'none' })}.${base64url(goodClaims())}.`))),
    401,
    /^The token('s alg is not accepted| is not a signed JWT)/,
  ],
  [
    'HS256 with the public key as its secret',
    guardedNews(async () => {
      const { exportSPKI, importJWK } = await import('jose');
      const [jwk] = issuer.keys();
      const pem = await exportSPKI((await importJWK(jwk!, 'RS256')) as CryptoKey);
      const signed = `${base64url({ alg: 'HS256', kid: jwk!.kid })}.${base64url(goodClaims())}`;
      return bearer(kept(`${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`));
    }),
    401,
    /^The token's alg is not accepted, expected one of RS256/,
  ],
  [
    'a key that nobody publishes',
    withClaims(
      () => ({}),
      async () => ({ header: { kid: 'hunter2' } }),
    ),
    401,
    /^The token's kid and alg match no key that http/,
  ],
  [
    'claims that are not what was signed',
    guardedNews(async () => {
      const [header, , signature] = (await token({ sub: 'eve' })).split('.');
      return bearer(kept(`${header}.${base64url(goodClaims())}.${signature}`));
    }),
    401,
    /^The token's signature is wrong\.$/,
  ],
  ['not yet valid', withClaims(() => ({ nbf: nowSeconds() + 60 })), 401, /^The token's nbf is not right/],
  ['made to be kept', withClaims(() => ({ iat: 1, exp: 4e9 })), 401, /^The token has expired: .* iat more/],
  [
    'of another issuer',
    withClaims(() => ({ iss: 'https://other.test' })),
    401,
    /^The token's iss is not right/,
  ],
  [
    'for another audience',
    withClaims(() => ({ aud: 'https://other.test' })),
    401,
    /^The token's aud is not right, expected "https:\/\/gateway\.test"\.$/,
  ],
  ['of no subject', withClaims(() => ({ sub: undefined })), 401, /^The token has no sub, expected the subj/],
  ['of two lines', withClaims(() => ({ sub: 'a\nb' })), 401, /^The token's sub is not the name of/],
  [
    'a good token and another header before it',
    guardedNews(async () => ({
      Authorization: ['Bearer hunter2', `Bearer ${await tokenOf(people.trigger)}`],
    })),
    401,
    /^The request has 2 Authorization headers, expected one\.$/,
  ],
  [
    'a good token and another header after it',
    guardedNews(async () => ({
      Authorization: [`Bearer ${await tokenOf(people.trigger)}`, 'Bearer hunter2'],
    })),
    401,
    /^The request has 2 Authorization headers, expected one\.$/,
  ],
  [
    'a good token of another scheme',
    guardedNews(async () => ({ authorization: `Basic ${await tokenOf(people.trigger)}` })),
    401,
    /^The Authorization header has another form/,
  ],
  [
    'a good token in the header of a proxy',
    guardedNews(async () => ({ 'proxy-authorization': `Bearer ${await tokenOf(people.trigger)}` })),
    401,
    /^The Authorization header is missing/,
  ],
  [
    'a good token in the body',
    async () => send(guarded, 'POST', '/process', { ...news, access_token: await tokenOf(people.trigger) }),
    401,
    /^The Authorization header is missing/,
  ],
  [
    'a token that is longer than any',
    guardedNews(() => bearer(kept('hunter2.'.repeat(2_030)))),
    401,
    /^The token is not a signed JWT\.$/,
  ],
  [
    'metrics without a token',
    async () => send(guarded, 'GET', '/metrics'),
    401,
    /Authorization header is missing/,
  ],
  ['the head of them', async () => send(guarded, 'HEAD', '/metrics'), 401, /^$/],
  ['the head of a date', async () => send(guarded, 'HEAD', `/dates/${gameDate}`), 401, /^$/],
];

const rightsThatAreMissing: Row[] = [
  [
    'somebody who is not in the list',
    as('eve@nba.example', 'POST', '/process', news),
    403,
    /is not in the list/,
  ],
  [
    'an e-mail of a list that nobody has verified',
    withClaims(() => ({ sub: 'mallory', email_verified: false })),
    403,
    /^mallory may not trigger dates/,
  ],
  [
    'a name of a list in capitals',
    as('PUBSUB@nba.example', 'POST', '/process', news),
    403,
    /is not in the list/,
  ],
  [
    "a reader's token for a decision",
    as(people.read, 'POST', `/dates/${gameDate}/rerun`, { reason }),
    403,
    /^reader@nba\.example may not decide about dates/,
  ],
  [
    "a trigger's token for a decision",
    as(people.trigger, 'POST', `/dates/${gameDate}/rerun`, { reason }),
    403,
    /^pubsub@nba\.example may not decide about dates/,
  ],
  [
    "a decider's token for news",
    as(people.override, 'POST', '/process', news),
    403,
    /^maria@nba\.example may not trigger dates/,
  ],
  [
    'a claim of rights of its own',
    withClaims(() => ({ sub: 'eve', email: 'eve@nba.example', rights: ['trigger'], scope: 'trigger' })),
    403,
    /^eve@nba\.example may not trigger dates/,
  ],
];

const messagesThatAreNotGood: Row[] = [
  ['nothing', async () => send(open, 'POST', '/process'), 400, /is missing, expected a JSON object\.$/],
  [
    'an empty body',
    process('', { 'content-length': 0, 'content-type': 'application/json' }),
    400,
    /^The message is missing, expected a JSON object/,
  ],
  ['half of a JSON', process('{"game_date":"hunter2'), 400, /^The body is not JSON/],
  ['a form', process('game_date=2017-04-15&password=hunter2'), 400, /^The body is not JSON/],
  [
    'packed',
    process(Buffer.from('H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==', 'base64')),
    400,
    /not UTF-8, expected a JSON object/,
  ],
  ['no table', without('source_table'), 400, /^output_table is missing/],
  ['30 February', message({ game_date: '2017-02-30' }), 400, /^game_date is "2017-02-30", expected a cal/],
  ['a date to come', message({ game_date: '2999-01-01' }), 400, /which is in the future/],
  [
    'one of our tables',
    message({ output_table: 'player_game_summary' }),
    400,
    /that phase3 builds, which triggers nothing/,
  ],
  ['a prototype', process(`{"__proto__":${JSON.stringify(news)}}`), 400, /^output_table is missing/],
  [
    'a constructor',
    process('{"constructor":{"prototype":{"game_date":"2017-04-15"}}}'),
    400,
    /^output_table is miss/,
  ],
  ['a huge body', message({ note: 'hunter2'.repeat(50_000) }), 413, /too large, expected at most 256 KiB/],
  [
    'a huge body of no said length',
    process(JSON.stringify('hunter2'.repeat(50_000)), { 'transfer-encoding': 'chunked' }),
    413,
    /too large/,
  ],
];

const pushesThatAreNotGood: Row[] = [
  ['without an id', process({ message: { data: 'e30=' } }), 400, /^message\.messageId is missing/],
  ['what is no base64', pushOf('hunter2!'), 400, /^message\.data is "hunter2!", expected base64\./],
  [
    'text that is not JSON',
    push('hunter2'),
    400,
    /^message\.data holds "hunter2", expected base64 of a JSON/,
  ],
  ['no date in it', push({ source_table: news.source_table }), 400, /^game_date is missing/],
  ['a prototype in it', push(`{"__proto__":${JSON.stringify(news)}}`), 400, /output_table is missing/],
];

const rangesThatAreNotGood: Row[] = [
  ['a range of nothing', dates({}), 400, /^start_date is missing.* end_date is missing/],
  [
    'backwards',
    dates({ ...range, start_date: '2017-04-16' }),
    400,
    /after end_date.*earlier date comes first/,
  ],
  ['up to some day', dates({ ...range, end_date: 'SOMEDAY' }), 400, /or TODAY, YESTERDAY or TOMORROW\.$/],
  ['of decades', dates({ ...range, start_date: '1960-01-01' }), 400, /expected at most 4000 in one request/],
  [
    'a processor that there is not',
    dates({ ...range, processors: [player, 'Player'] }),
    400,
    /^processors\.1 is "Player", expected one of/,
  ],
  [
    'tables of somebody else',
    dates({ ...range, dataset_prefix: 'x' }),
    400,
    /^dataset_prefix is not a known field/,
  ],
];

const decisionsThatAreNotGood: Row[] = [
  ['a decision of nothing', decide('rerun'), 400, /expected a JSON object\.$/],
  ['a list', decide('rerun', [{ reason }]), 400, /^The body is \[/],
  ['without a reason', decide('rerun', {}), 400, /^reason is missing, expected a text that says why/],
  [
    'a blank for it',
    decide('rerun', { reason: '          ' }),
    400,
    /^reason is " +", expected a text that says why/,
  ],
  ['a text for force', decide('rerun', { reason, force: 'yes' }), 400, /^force is "yes", expected true or/],
  ['a word for it', decide('rerun', { reason: 'asap' }), 400, /^reason is "asap"/],
  [
    'a bell in it',
    decide('rerun', { reason: `${reason}\u0007` }),
    400,
    /\\u0007", expected a text that says why/,
  ],
  [
    'under the name of another',
    decide('rerun', { reason, by: 'boss' }),
    400,
    /^by is not a known field, expected processors/,
  ],
  [
    'with a clock of its own',
    decide('rerun', { reason, overrides: {} }),
    400,
    /^overrides is not a known field/,
  ],
  [
    'of no processor',
    decide('rerun', { reason, processors: ['hunter2'] }),
    400,
    /^processors\.0 is "hunter2"/,
  ],
  ['a date to come again', decide('rerun', { reason }, '2999-01-01'), 400, /which is in the future/],
  ['a bypass of no processor', decide('bypass', { reason }), 400, /^processor is missing/],
  ['a bypass of nothing', decide('bypass', { ...bypass, missing: [] }), 400, /^missing is \[\], expected/],
  [
    'a bypass of what nobody reads',
    decide('bypass', { ...bypass, missing: ['x'] }),
    400,
    /^missing\.0 is "x", expected one of /,
  ],
  ['version 0', decide('restore', { ...bypass, version: 0 }), 400, /^version is 0, expected the number/],
  [
    'an hour for a month',
    decide('extend', { reason, for: '720h' }),
    400,
    /^for is "720h", expected a duration/,
  ],
  ['less than nothing', decide('extend', { reason, for: '-1h' }), 400, /^for is "-1h", expected a duration/],
  [
    'a recheck with more',
    decide('recheck', { by: 'boss' }),
    400,
    /^by is not a known field, expected no fields/,
  ],
  ['a bypass of a date that is not open', decide('bypass', bypass), 404, /^No run of 2017-04-15 is open/],
  ['an extension of it', decide('extend', { reason, for: '1h' }), 404, /^No run of 2017-04-15 is open/],
  ['its end', decide('cancel', { reason }), 404, /^No run of 2017-04-15 is open/],
  [
    'a restore of what was never kept',
    decide('restore', { ...bypass, version: 99 }),
    400,
    /^version is 99, but player_game_summary has no such version for 2017-04-15: none was published/,
  ],
  [
    'a restore of a version and an instant',
    decide('restore', { ...bypass, version: 1, before: '2025-01-16T08:00:00Z' }),
    400,
    /^processor is not allowed beside before/,
  ],
  ['a restore of nothing', decide('restore', { reason }), 400, /^processor is missing; a restore needs/],
  [
    'an unpin of nothing',
    decide('unpin', { reason }),
    400,
    /^date is 2017-04-15: nothing of 2017-04-15 is pinned/,
  ],
  [
    'an unpin of what is not pinned',
    decide('unpin', { processor: player, reason, dry_run: true }),
    400,
    /^processor is PlayerGameSummaryProcessor, which is not pinned: nothing of 2017-04-15 is pinned/,
  ],
  [
    'a dry run of a bypass of a date that is not open',
    decide('bypass', { ...bypass, dry_run: true }),
    404,
    /^No run of 2017-04-15 is open/,
  ],
  [
    'a release without an end',
    decide('release', { game, rules: ['all'], reason }),
    400,
    /^until or for: name one of them/,
  ],
  [
    'a release until an instant and for a time',
    decide('release', { game, rules: ['all'], until: '2099-01-01T00:00:00Z', for: '7d', reason }),
    400,
    /^until or for: name one of them/,
  ],
  [
    'a release that is over',
    decide('release', { game, rules: ['all'], until: '2017-04-16T00:00:00Z', reason }),
    400,
    /^until is 2017-04-16T00:00:00Z, which is over/,
  ],
  ['a release of no rule', decide('release', { game, for: '7d', reason }), 400, /^rules is missing/],
  [
    'a release of a game that is not held',
    decide('release', { game, rules: ['all'], for: '7d', reason }),
    400,
    /^game is 20170415_IND_CLE, which is not kept back on 2017-04-15: nothing of the date is kept back/,
  ],
  ['a discard of none', decide('discard', { reason }), 400, /^game is missing/],
  [
    'a discard of one that is not held',
    decide('discard', { game, reason, dry_run: true }),
    400,
    /^game is 20170415_IND_CLE, which is not kept back on 2017-04-15/,
  ],
  [
    'an estimate for a game that there is not',
    decide('estimate', { game, for: '7d', reason, dry_run: true }),
    400,
    /^game is 20170415_IND_CLE, of which nothing is estimated: the schedule of 2017-04-15 has no game/,
  ],
  [
    'an extension with two faults',
    decide('extend', { for: 'soon' }),
    400,
    /^for is "soon", expected a duration.*reason is missing/,
  ],
  [
    'a recheck without a body',
    as(people.override, 'POST', `/dates/${gameDate}/recheck`, ''),
    404,
    /^No run of 2017-04-15 is open/,
  ],
  ['a recheck of it', decide('recheck', {}), 404, /^No run of 2017-04-15 is open/],
];

const pathsThatAreNotGood: Row[] = [
  ['no such route', at('POST', '/hunter2'), 404, /^There is no POST \/hunter2\. GET \/openapi\.json lists/],
  ['news that is got', at('GET', '/process'), 404, /^There is no GET \/process/],
  ['news that is put', at('PUT', '/process'), 404, /^There is no PUT \/process/],
  ['a date that is deleted', at('DELETE', `/dates/${gameDate}`), 404, /^There is no DELETE \/dates/],
  ['a date that is posted', at('POST', `/dates/${gameDate}`), 404, /^There is no POST \/dates/],
  ['no such decision', decide('constructor', { reason }), 404, /^There is no POST \/dates/],
  ['another path to it', at('POST', '/dates/../process'), 404, /^There is no POST \/dates\/\.\.\/process/],
  ['a hidden one', at('GET', '/dates/..%2f..%2fetc%2fpasswd'), 400, /^date is "\.\.\/\.\.\/etc\/passwd"/],
  ['out of the house', at('GET', '/../../etc/passwd'), 404, /^There is no GET \/\.\.\/\.\.\/etc/],
  ['two slashes', at('POST', '//process'), 404, /^There is no POST \/\/process/],
  ['a slash behind', at('POST', '/process/'), 404, /^There is no POST \/process\//],
  ['in capitals', at('POST', '/PROCESS'), 404, /^There is no POST \/PROCESS/],
  ['a date with an end', at('GET', `/dates/${gameDate}%00`), 400, /^date is "2017-04-15/],
  ['a date of two lines', at('GET', `/dates/${gameDate}%0A`), 400, /^date is "2017-04-15/],
  ['what is no text', at('GET', '/dates/%E0%A4%A'), 400, /./],
  ['a very long path', at('GET', `/dates/${'9'.repeat(5_000)}`), 414, /./],
  ['a long path of no route', at('GET', `/${'hunter2/'.repeat(500)}`), 404, /^There is no GET \/.{99}…\. /],
];

const otherSite = 'https://evil.test';
const browsers: Row[] = [
  ['a form of another site', withHeaders({ origin: otherSite }), 403, /a web page of another site/],
  ['a page of nowhere', withHeaders({ origin: 'null' }), 403, /a web page of another site/],
  ['a page of another port', withHeaders({ origin: 'http://127.0.0.1:1' }), 403, /of another site/],
  ['a picture', withHeaders({ 'sec-fetch-site': 'cross-site' }), 403, /a web page of another site/],
  ['a sister site', withHeaders({ 'sec-fetch-site': 'same-site' }), 403, /a web page of another site/],
  ['a name that leads here', withHeaders({ host: 'evil.test' }), 403, /^The Host header names another/],
  ['one that looks like us', withHeaders({ host: '127.0.0.1.evil.test' }), 403, /names another host/],
  ['one that begins as we do', withHeaders({ host: 'localhost.evil.test:80' }), 403, /names another host/],
  ['one with a password', withHeaders({ host: 'hunter2@127.0.0.1' }), 403, /names another host/],
  [
    'no name at all',
    async () => raw(open, 'POST /process HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}'),
    403,
    /names another host/,
  ],
  [
    'a date read by another name',
    async () => send(open, 'GET', `/dates/${gameDate}`, undefined, { host: 'evil.test' }),
    403,
    /names another host/,
  ],
];

const limits: Row[] = [
  [
    'one request too many',
    async () => send(busy, 'POST', '/process', news, bearer(await tokenOf(people.trigger))),
    429,
    /^Too many requests; try again in a second\.$/,
  ],
  ['a huge header', guardedNews(() => bearer(kept('hunter2'.repeat(5_000)))), 431, /./],
  [
    'a body of two lengths',
    async () =>
      raw(
        open,
        'POST /process HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ),
    400,
    /./,
  ],
];

const table: Readonly<Record<string, Row[]>> = {
  'tokens that are not good': tokensThatAreNotGood,
  'rights that are missing': rightsThatAreMissing,
  'messages that are not good': messagesThatAreNotGood,
  'pushes that are not good': pushesThatAreNotGood,
  'ranges that are not good': rangesThatAreNotGood,
  'decisions that are not good': decisionsThatAreNotGood,
  'paths that are not good': pathsThatAreNotGood,
  'web pages of others, where no tokens required': browsers,
  'limits that are passed': limits,
};

/** Everything that a request may have set off: runs, known or listed, and what is on record of the date. */
async function traces(date = gameDate): Promise<string[]> {
  const found: string[] = [];
  for await (const { workflowId } of rig.raw.workflow.list()) found.push(workflowId);
  const life = await rig.raw.workflow
    .getHandle(identityOf(null).dateWorkflowId(date))
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    });
  if (life) found.push(life.workflowId);
  const record = await rig.warehouse.readDate(date, ['bypass_audit', 'run_history', 'partition_manifest']);
  found.push(...Object.entries(record).flatMap(([name, rows]) => rows.map(() => name)));
  return found;
}

/** Every stretch of a token that is long enough to be it and nothing else. */
function piecesOf(made: string): string[] {
  const pieces = made.split('.').flatMap((part) => part.match(/.{12}/g) ?? []);
  return [...pieces, ...(made.match(/.{12}/g) ?? [])];
}

function leaksIn(text: string): string[] {
  const pieces = new Set(tokens.flatMap(piecesOf));
  return [...pieces].filter((piece) => text.includes(piece));
}

for (const [name, rows] of Object.entries(table))
  describe(name, () => {
    test.each(rows)('%s', async (_what, ask, status, sentence) => {
      const got = await ask();
      expect({ status: got.status, message: got.message }).toEqual({
        status,
        message: expect.stringMatching(sentence),
      });
      expect(got.headers['www-authenticate']).toBe(status === 401 ? 'Bearer realm="phase3"' : undefined);
      expect(leaksIn(got.text)).toEqual([]);
      expect(await traces()).toEqual([]);
    });
  });

test('a token whose key the issuer has replaced is refused at the next token of the new key', async () => {
  const own = await startIssuer();
  const auth = {
    ...{ issuer: own.url, audiences: [own.audience], jwksUri: null },
    allowed: { read: ['subject-1'], trigger: ['subject-1'], override: [] },
  };
  const authenticator = oidcAuthenticator(auth, { cooldownMs: 0 });
  const gateway = await startGateway(rig, { settings: { auth }, parts: { authenticator } });
  try {
    const ask = async (made: string, method = 'GET', path = '/metrics', body?: unknown): Promise<Got> =>
      send(gateway, method, path, body, bearer(kept(made)));
    const old = await own.token();
    expect((await ask(old)).status).toBe(200);
    await own.rotate();
    expect((await ask(await own.token())).status).toBe(200);
    const got = await ask(old, 'POST', '/process', news);
    expect(got).toMatchObject({ status: 401, message: expect.stringMatching(/match no key that http/) });
    expect(leaksIn(got.text + gateway.logged.join('\n'))).toEqual([]);
    expect(await traces()).toEqual([]);
  } finally {
    await gateway.close();
    await own.stop();
  }
});

test('a request too many is told when to come again', async () => {
  const { headers } = await send(busy, 'POST', '/process', news, bearer(await tokenOf(people.trigger)));
  expect(headers['retry-after']).toBe('1');
});

describe('each right lets exactly its own routes through', () => {
  const backfill = `/date-ranges/${gameDate}/${gameDate}/none`;
  const routes: readonly { what: [string, string]; right: keyof typeof people; good?: unknown }[] = [
    { what: ['GET', `/dates/${gameDate}`], right: 'read' },
    { what: ['GET', '/metrics'], right: 'read' },
    { what: ['POST', '/process'], right: 'trigger', good: news },
    { what: ['POST', '/process-date-range'], right: 'trigger', good: range },
    { what: ['POST', `/dates/${gameDate}/bypass`], right: 'override', good: bypass },
    { what: ['POST', `/dates/${gameDate}/rerun`], right: 'override', good: { reason } },
    { what: ['POST', `/dates/${gameDate}/restore`], right: 'override', good: { ...bypass, version: 1 } },
    { what: ['POST', `/dates/${gameDate}/unpin`], right: 'override', good: { reason } },
    { what: ['POST', `/dates/${gameDate}/extend`], right: 'override', good: { reason, for: '1h' } },
    { what: ['POST', `/dates/${gameDate}/cancel`], right: 'override', good: { reason } },
    { what: ['POST', `/dates/${gameDate}/recheck`], right: 'override', good: {} },
    { what: ['GET', '/date-ranges'], right: 'read' },
    { what: ['POST', `${backfill}/pause`], right: 'override', good: { reason } },
    { what: ['POST', `${backfill}/resume`], right: 'override', good: { reason } },
    { what: ['POST', `${backfill}/cancel`], right: 'override', good: { reason } },
    { what: ['POST', `${backfill}/set`], right: 'override', good: { reason, concurrency: 2 } },
  ];

  test.each([...Object.entries(people), ['none', 'eve@nba.example']])('%s', async (right, email) => {
    for (const { what, right: wanted, good } of routes) {
      const [method, path] = what;
      const mayPass = wanted === right;
      // Whoever may is let through to what is wrong with it; for the others it could not be better.
      const body = method === 'GET' ? undefined : mayPass ? [] : good;
      const { status } = await as(email, method, path, body)();
      const passed = method === 'GET' ? 200 : 400;
      expect([method, path, status]).toEqual([method, path, mayPass ? passed : 403]);
    }
    expect(await traces()).toEqual([]);
  });

  test('health and the description are for everybody', async () => {
    for (const path of ['/health/live', '/openapi.json'])
      expect((await send(guarded, 'GET', path)).status).toBe(200);
  });
});

test('who asks too often takes nothing from others', async () => {
  const narrow = await startGateway(rig, {
    settings: {
      maxRequestsPerSecond: 1,
      auth: {
        issuer: issuer.url,
        audiences: [issuer.audience],
        jwksUri: null,
        allowed: { read: Object.values(people), trigger: [], override: [] },
      },
    },
  });
  const ask = async (email: string): Promise<number> =>
    (await send(narrow, 'GET', '/metrics', undefined, bearer(await tokenOf(email)))).status;
  try {
    const many = await Promise.all(Array.from({ length: 40 }, () => ask(people.trigger)));
    expect(new Set(many)).toEqual(new Set([200, 429]));
    expect(await ask(people.override)).toBe(200);
  } finally {
    await narrow.close();
  }
});

describe('on a date that waits', () => {
  const waiting = '2017-05-01';
  const path = (name: string): string => `/dates/${waiting}/${name}`;

  beforeAll(async () => {
    await rig.startWorker();
    await rig.loadNight({ ...movedTo(demoNight('2017-04-15'), waiting), nbac_team_boxscore: [] });
  });

  test('what is good is let through, by whom it is for, and only that', async () => {
    const started = await as(
      people.trigger,
      'POST',
      '/process',
      envelope({ ...news, game_date: waiting, correlation_id: 'hunter2' }, 'good'),
    )();
    expect(started.status).toBe(500);
    expect(started.text).toContain('"status":"dependency_not_ready"');
    const before = await rig.until(waiting, ({ runState }) => runState === 'waiting');

    const body = { processor: player, reason };
    for (const [ask, status] of [
      [as(people.trigger, 'POST', path('bypass'), body), 403],
      [as(people.read, 'POST', path('bypass'), body), 403],
      [as(people.read, 'POST', path('cancel'), { reason }), 403],
      [as(people.override, 'POST', path('bypass'), { processor: player }), 400],
      [as(people.override, 'POST', path('bypass'), { ...body, by: people.read }), 400],
      [as(people.override, 'POST', path('bypass'), { ...body, missing: ['nbac_schedules'] }), 400],
      [as(people.override, 'POST', path('extend'), { reason, for: 'hunter2' }), 400],
      [as(people.override, 'POST', path('rerun'), { reason: 'now' }), 400],
      [as(people.override, 'POST', path('restore'), { ...body, version: 0 }), 400],
      [async () => send(guarded, 'POST', path('bypass'), body), 401],
      [async () => send(open, 'POST', path('bypass'), body, { origin: otherSite }), 403],
      [async () => send(busy, 'POST', path('bypass'), body, bearer(await tokenOf(people.override))), 429],
    ] as const)
      expect((await ask()).status).toBe(status);
    const { bypass_audit: none } = await rig.warehouse.readDate(waiting, ['bypass_audit']);
    expect(none).toEqual([]);
    const after = await rig.client.state(waiting);
    expect(after?.state).toMatchObject({
      runState: 'waiting',
      pass: before.pass,
      bypasses: [],
      decisions: [],
    });

    expect((await as(people.override, 'POST', path('bypass'), body)()).status).toBe(200);
    const { bypass_audit: entries } = await rig.warehouse.readDate(waiting, ['bypass_audit']);
    expect(entries.filter(({ seq }) => seq === 1)).toMatchObject([
      { kind: 'bypass', decided_by: people.override, reason },
    ]);
    const read = await as(people.read, 'GET', `/dates/${waiting}`)();
    expect(read.status).toBe(200);
    expect(read.text).toContain(people.override);
    expect((await as(people.override, 'POST', path('cancel'), { reason })()).status).toBe(200);
  });

  test('and the one run that was asked for is all that there is', async () => {
    const runs = await traces();
    expect([...new Set(runs)]).toEqual([identityOf(null).dateWorkflowId(waiting)]);
    expect((await traces(waiting)).length).toBeGreaterThan(runs.length);
  });
});

test('nothing of a secret is in any log', () => {
  const logged = [open, guarded, busy].flatMap((gateway) => gateway.logged).join('\n');
  expect(logged.split('\n').length).toBeGreaterThan(100);
  // Who it was is in it, and why not; neither how they proved it nor what they sent.
  expect(logged).toContain(people.trigger);
  expect(logged).toContain('"answer":"unauthenticated"');
  expect(leaksIn(logged)).toEqual([]);
  for (const secret of ['hunter2', 'hunter', Buffer.from('hunter2').toString('base64').slice(0, 8), basic])
    expect(logged).not.toContain(secret);
  for (const claim of ['sub-of-', issuer.audience, 'https://other.test', otherSite, 'eyJ', 'Bearer'])
    expect(logged).not.toContain(claim);
  for (const content of [news.source_table, 'passwd', 'DROP TABLE', 'league has not sent', 'boss'])
    expect(logged).not.toContain(content);
});
