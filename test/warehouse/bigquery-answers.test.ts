/**
 * Every row of the tables of what BigQuery may answer, met by the real client through a proxy in front of the emulator. What
 * is expected is written down here a second time: a row without an expectation fails, and so does one that changes its kind.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compute, GoogleAuth } from 'google-auth-library';
import {
  byCode,
  byReason,
  byStatus,
  byStatusClass,
  byTokenStatus,
  byTokenStatusClass,
  byWords,
  noCredentials,
  unreadable,
  type Answer,
} from '../../src/warehouse/bigquery/bigquery-answers';
import type { BigQuerySettings } from '../../src/warehouse/bigquery/bigquery-client';
import { toWarehouseError } from '../../src/warehouse/bigquery/bigquery-errors';
import { BigQueryJobs } from '../../src/warehouse/bigquery/bigquery-jobs';
import { parameters } from '../../src/warehouse/bigquery/bigquery-parameters';
import type { WarehouseErrorKind } from '../../src/warehouse/errors';
import {
  describeWithEmulator,
  emulatorProject,
  emulatorStartMs,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { FaultProxy, type Fault, type SeenRequest } from '../../scripts/emulator/fault-proxy';

type Kind = Answer['kind'];

const ported: Readonly<Record<Kind, WarehouseErrorKind>> = {
  transient: 'unavailable',
  ours: 'contract_broken',
  rows: 'bad_rows',
  final: 'needs_person',
};

/** Reasons with the statuses that https://cloud.google.com/bigquery/docs/error-messages gives them. */
const reasons: Readonly<Record<Kind, Readonly<Record<string, readonly number[]>>>> = {
  transient: {
    ...{ backendError: [500, 502, 503, 504], internalError: [500], jobBackendError: [400] },
    ...{ jobInternalError: [400], jobRateLimitExceeded: [400], rateLimitExceeded: [403, 429] },
    ...{ userRateLimitExceeded: [403], resourceInUse: [400], stopped: [400], tableUnavailable: [400] },
    timeout: [400],
  },
  ours: {
    ...{ attributeError: [400], badRequest: [400], conditionNotMet: [412], invalid: [400] },
    ...{ invalidQuery: [400], notFound: [404], notImplemented: [501], resourcesExceeded: [400] },
    responseTooLarge: [403],
    // With a 409 it is a job that was created before, which is joined.
    duplicate: [],
  },
  final: {
    ...{ accessDenied: [403], accessNotConfigured: [403], forbidden: [403], insufficientPermissions: [403] },
    ...{ billingNotEnabled: [403], billingTierLimitExceeded: [400], bytesBilledLimitExceeded: [400] },
    ...{ blocked: [403], dailyLimitExceeded: [403], quotaExceeded: [403], usageQuotaExceeded: [403] },
    ...{ invalidUser: [400], proxyAuthenticationRequired: [407] },
  },
  rows: {},
};

/** Texts under a reason that leaves it open; the last of each kind are told apart from them. */
const words: readonly (readonly [Kind, string, string])[] = [
  ['transient', 'invalidQuery', 'Could not serialize access to table p:d.t due to concurrent update'],
  [
    'transient',
    'invalidQuery',
    'Transaction is aborted due to concurrent update against table p:d.t. Job: x',
  ],
  ['transient', 'invalidQuery', 'Failed to commit: transaction conflict'],
  ['transient', 'invalidQuery', 'Conflict on tuple deletion!'],
  [
    'transient',
    'invalidQuery',
    'Duplicate key "project_id: p, job_id: phase3_append_1" violates primary key constraint.',
  ],
  ['transient', 'quotaExceeded', 'Quota exceeded: Your project exceeded quota for concurrent queries'],
  ['transient', 'quotaExceeded', 'Quota exceeded: too many API requests per user per method'],
  ['rows', 'invalidQuery', 'Required field game_date cannot be null'],
  ['rows', 'invalidQuery', 'NOT NULL constraint failed: partition_manifest.checks'],
  ['rows', 'invalidQuery', 'Null value in required column at [3:4]'],
  ['ours', 'invalidQuery', 'Cannot query over table without a filter over column(s) game_date'],
  ['ours', 'invalidQuery', 'Unrecognized name: `socket hang up`'],
  ['ours', 'notFound', 'Not found: Table p:d.t due to concurrent update'],
  [
    'final',
    'quotaExceeded',
    'Quota exceeded: Your table exceeded quota for imports or query appends per table',
  ],
  ['final', 'accessDenied', 'Access Denied: x cannot be null'],
];

const statuses: Readonly<Record<Kind, readonly number[]>> = {
  transient: [408, 429, 499, 500, 502, 503, 504],
  ours: [400, 404, 501],
  final: [401, 402, 403, 407],
  rows: [],
};
const statusClasses: Readonly<Record<number, readonly [Kind, number]>> = {
  3: ['transient', 300],
  4: ['ours', 418],
  5: ['transient', 520],
};

const tokenStatuses: Readonly<Record<Kind, readonly number[]>> = {
  transient: [408, 429],
  final: [400, 401, 403, 404],
  ...{ ours: [], rows: [] },
};
const tokenStatusClasses: Readonly<Record<number, readonly [Kind, number]>> = {
  3: ['transient', 300],
  4: ['final', 410],
  5: ['transient', 503],
};

/** Those that nothing here can cause are made by hand. */
const codes: Readonly<Record<string, Kind>> = {
  ...{ ECONNREFUSED: 'transient', ECONNRESET: 'transient', ENOTFOUND: 'transient' },
  ...{ ECONNABORTED: 'transient', EAI_AGAIN: 'transient', EHOSTUNREACH: 'transient' },
  ...{ ENETDOWN: 'transient', ENETUNREACH: 'transient', EPIPE: 'transient', ETIMEDOUT: 'transient' },
  ERR_STREAM_PREMATURE_CLOSE: 'transient',
  ...{ EPROTO: 'final', CERT_HAS_EXPIRED: 'final', CERT_NOT_YET_VALID: 'final' },
  ...{ DEPTH_ZERO_SELF_SIGNED_CERT: 'final', ERR_TLS_CERT_ALTNAME_INVALID: 'final' },
  ...{ SELF_SIGNED_CERT_IN_CHAIN: 'final', UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'final' },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'final',
  ...{ ENOENT: 'final', MISSING_CREDENTIALS: 'final', UNKNOWN_CERTIFICATE_TYPE: 'final' },
  ...{ EACCES: 'final', EISDIR: 'final', ERR_OSSL_UNSUPPORTED: 'final' },
};

const entries = <T>(byKind: Readonly<Record<Kind, T>>): (readonly [Kind, T])[] =>
  Object.entries(byKind) as [Kind, T][];
const sorted = (keys: readonly (string | number)[]): string[] => keys.map(String).sort();

it('every row of every table has an expectation here, and every expectation a row', () => {
  expect(sorted(Object.keys(byReason))).toEqual(
    sorted(entries(reasons).flatMap(([, of]) => Object.keys(of))),
  );
  expect(sorted(Object.keys(byStatus))).toEqual(sorted(entries(statuses).flatMap(([, of]) => of)));
  expect(sorted(Object.keys(byStatusClass))).toEqual(sorted(Object.keys(statusClasses)));
  expect(sorted(Object.keys(byTokenStatus))).toEqual(sorted(entries(tokenStatuses).flatMap(([, of]) => of)));
  expect(sorted(Object.keys(byTokenStatusClass))).toEqual(sorted(Object.keys(tokenStatusClasses)));
  expect(sorted(Object.keys(byCode))).toEqual(sorted(Object.keys(codes)));
  // The streaming buffer has a test of its own.
  const texts = [...words.map(([, , text]) => text), streamingBuffer];
  for (const { text } of byWords) expect(texts.some((one) => text.test(one))).toBe(true);
});

const streamingBuffer =
  'UPDATE or DELETE statement over table p:d.t would affect rows in the streaming buffer';

const refusal = (status: number, reason: string | null, message = 'it did not work'): Fault => ({
  ...{ kind: 'answer', status },
  body: { error: { code: status, message, ...(reason !== null && { errors: [{ reason, message }] }) } },
});

/** A job that was taken and has ended in this. */
const failedJob = (reason: string, message = 'it did not work'): Fault => ({
  ...{ kind: 'answer', status: 200 },
  body: {
    jobReference: { projectId: emulatorProject, jobId: 'x', location: 'US' },
    status: { state: 'DONE', errorResult: { reason, message }, errors: [{ reason, message }] },
  },
});

describeWithEmulator('what BigQuery answers', () => {
  let emulator: Emulator;
  let proxy: FaultProxy;
  let settings: BigQuerySettings;
  let jobs: BigQueryJobs;
  const environment = { ...process.env };

  jest.setTimeout(emulatorStartMs);

  beforeAll(async () => {
    emulator = await startEmulator();
    proxy = await FaultProxy.start(emulator.endpoint);
    settings = { projectId: emulatorProject, location: 'US', endpoint: proxy.url, requestTimeoutMs: 20_000 };
    jobs = new BigQueryJobs(settings);
    // The proxy stands for whoever gives out tokens as well.
    process.env['GCE_METADATA_HOST'] = new URL(proxy.url).host;
  });

  afterAll(async () => {
    process.env = environment;
    await proxy.stop();
    await emulator.stop();
  });

  afterEach(() => proxy.mend());

  const isCreate = ({ method, body }: SeenRequest): boolean =>
    method === 'POST' && body.includes('"phase3_test_');
  const isAnswer = ({ path }: SeenRequest): boolean => path.includes('/queries/phase3_test_');
  const isToken = ({ path }: SeenRequest): boolean => path.includes('/service-accounts/');

  const one = (of = jobs): Promise<unknown> =>
    of.run({ operation: 'test', sql: 'SELECT 1 AS one', parameters: parameters({}) });

  /** A query that meets a fault `times` times: what passes is got over, anything else ends at once, with its sentence. */
  const meet = async (
    kind: Kind,
    says = 'no row',
    fault: Fault,
    { times = 1, matches = isCreate, of = jobs } = {},
  ): Promise<void> => {
    proxy.mend();
    proxy.break(matches, fault, times);
    if (kind === 'transient') expect(await one(of)).toEqual([{ one: 1 }]);
    else
      await expect(one(of)).rejects.toMatchObject({
        ...{ name: 'WarehouseError', kind: ported[kind] },
        message: expect.stringContaining(says) as string,
      });
    expect(proxy.faulted.filter(matches)).toHaveLength(times);
  };

  describe.each(entries(reasons))('%s, by reason', (kind, rows) => {
    const cases = Object.entries(rows);
    if (cases.length > 0)
      it.each(cases)('%s', async (reason, codesOfReason) => {
        const says = byReason[reason]?.says;
        for (const status of codesOfReason) await meet(kind, says, refusal(status, reason));
        await meet(kind, says, failedJob(reason));
      });
  });

  it.each(words)('%s, by its words under %s: %s', async (kind, reason, text) => {
    const status = reason === 'invalidQuery' ? 400 : reason === 'notFound' ? 404 : 403;
    const says = kind === 'rows' ? 'null where its table requires a value' : byReason[reason]?.says;
    await meet(kind, says, refusal(status, reason, text));
    await meet(kind, says, failedJob(reason, text));
  });

  it('a streaming buffer is waited for by whoever asked, with its reason', async () => {
    for (const fault of [
      refusal(400, 'invalidQuery', streamingBuffer),
      failedJob('invalidQuery', streamingBuffer),
    ]) {
      proxy.mend();
      proxy.break(isCreate, fault, 2);
      await expect(one()).rejects.toMatchObject({
        ...{ kind: 'unavailable', retryAfterMs: 120_000 },
        message: expect.stringContaining('it can be written to when they have left the buffer') as string,
      });
      expect(proxy.faulted).toHaveLength(1);
    }
  });

  describe.each(entries(statuses))('%s, by status without a reason that is known', (kind, rows) => {
    if (rows.length > 0)
      it.each(rows)('%i', async (status) => {
        const says = byStatus[status]?.says;
        // A 401 is sent again with a fresh token, once.
        const times = status === 401 ? 2 : 1;
        await meet(kind, says, refusal(status, null), { times });
        await meet(kind, says, refusal(status, 'somethingNew'), { times });
        await meet(kind, says, { kind: 'answer', status, body: '<html>a page</html>' }, { times });
      });
  });

  it.each(Object.values(statusClasses))('%s, by the hundreds of %i', async (kind, status) => {
    await meet(kind, byStatusClass[Math.floor(status / 100)]?.says, refusal(status, null));
  });

  describe('of whoever gives out tokens', () => {
    const giveTokens = (): void =>
      proxy.break(
        isToken,
        {
          ...{ kind: 'answer', status: 200, headers: { 'metadata-flavor': 'Google' } },
          body: { access_token: 't', expires_in: 3600, token_type: 'Bearer' },
        },
        Infinity,
      );
    const withTokens = (more: Partial<BigQuerySettings> = {}): BigQueryJobs =>
      new BigQueryJobs({ ...settings, auth: () => new Compute(), ...more });

    const meetToken = async (kind: Kind, status: number): Promise<void> => {
      const fault: Fault = { kind: 'answer', status, body: { error: 'invalid_grant' } };
      // What passes the library tries four times by itself.
      proxy.break(isToken, fault, kind === 'transient' ? 4 : 1);
      giveTokens();
      const says = (byTokenStatus[status] ?? byTokenStatusClass[Math.floor(status / 100)])?.says ?? 'no row';
      if (kind === 'transient') expect(await one(withTokens())).toEqual([{ one: 1 }]);
      else
        await expect(one(withTokens())).rejects.toMatchObject({
          ...{ kind: ported[kind], message: expect.stringContaining(says) as string },
        });
    };

    it.each(entries(tokenStatuses).flatMap(([kind, rows]) => rows.map((status) => [kind, status] as const)))(
      '%s: %i',
      meetToken,
    );
    it.each(Object.values(tokenStatusClasses))('%s, by the hundreds of %i', meetToken);

    it('a token that hangs is asked for anew, and holds no other request for longer than one may take', async () => {
      proxy.break(isToken, { kind: 'hang' });
      giveTokens();
      expect(await one(withTokens({ requestTimeoutMs: 2_000 }))).toEqual([{ one: 1 }]);
    });

    it('a 401 fetches a token and is sent again; a second one is final', async () => {
      const of = withTokens();
      giveTokens();
      proxy.break(isAnswer, refusal(401, 'authError'), 1);
      expect(await one(of)).toEqual([{ one: 1 }]);
      expect(proxy.faulted.filter(isToken)).toHaveLength(2);

      proxy.break(isAnswer, refusal(401, 'authError'), Infinity);
      await expect(one(of)).rejects.toMatchObject({
        ...{ kind: 'needs_person', message: expect.stringContaining(byStatus[401]?.says ?? '-') as string },
      });
    });
  });

  describe('on the way', () => {
    let folder: string;
    const withKey = (name: string) => () =>
      new GoogleAuth({ keyFilename: join(folder, name), scopes: ['x'] });

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'phase3-keys-'));
      const pem = `-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n`;
      const account = { type: 'service_account', client_email: 'a@example.org', private_key: pem };
      await writeFile(join(folder, 'broken.json'), JSON.stringify(account));
      for (const name of ['empty', 'empty.json'])
        await writeFile(join(folder, name), JSON.stringify({ type: 'service_account' }));
    });
    afterAll(() => rm(folder, { recursive: true }));

    const met: Readonly<Record<string, Partial<BigQuerySettings>>> = {
      ECONNREFUSED: { endpoint: 'http://127.0.0.1:9' },
      ENOTFOUND: { endpoint: 'http://nobody.invalid' },
      EPROTO: {},
      ENOENT: { auth: withKey('none.json') },
      MISSING_CREDENTIALS: { auth: withKey('empty.json') },
      // A key that is not in a .json file.
      UNKNOWN_CERTIFICATE_TYPE: { auth: withKey('empty') },
      ERR_OSSL_UNSUPPORTED: { auth: withKey('broken.json') },
    };

    it.each(Object.entries(codes))('%s is %s', async (code, kind) => {
      const says = byCode[code]?.says ?? 'no row';
      const given = Object.assign(new Error('x'), { code });
      const sentence = { kind: ported[kind], message: expect.stringContaining(says) as string };
      expect(toWarehouseError(given, 'test')).toMatchObject(sentence);
      if (code === 'ECONNRESET') return meet(kind, says, { kind: 'reset' });
      const more = met[code];
      if (!more) return;
      const endpoint = code === 'EPROTO' ? proxy.url.replace('http:', 'https:') : settings.endpoint;
      const of = new BigQueryJobs({
        ...settings,
        endpoint,
        jobTimeoutMs: kind === 'final' ? 60_000 : 700,
        ...more,
      });
      await expect(one(of)).rejects.toMatchObject({ kind: ported[kind] });
    });

    it('no credentials are final', async () => {
      process.env['METADATA_SERVER_DETECTION'] = 'none';
      const of = new BigQueryJobs({ ...settings, auth: () => new GoogleAuth({ scopes: ['x'] }) });
      proxy.break(isCreate, refusal(401, 'required', 'Login required'), Infinity);
      await expect(one(of)).rejects.toMatchObject({
        ...{
          kind: ported[noCredentials.kind],
          message: expect.stringContaining(noCredentials.says) as string,
        },
      });
    });

    it.each<readonly [string, (request: SeenRequest) => boolean]>([
      ['of a job that is created', isCreate],
      ['of an answer that is fetched', isAnswer],
    ])('what is no answer %s is asked for again, and taken for none', async (_, matches) => {
      for (const body of [{}, { kind: 'bigquery#table' }, '<html>sign in</html>', [], null, 7]) {
        const fault: Fault = { kind: 'answer', status: 200, body };
        await meet(unreadable.kind, unreadable.says, fault, { matches });
      }
      await meet(unreadable.kind, unreadable.says, { kind: 'lost_answer' }, { matches });
    });
  });
});
