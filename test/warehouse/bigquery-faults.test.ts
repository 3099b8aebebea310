/**
 * What can go wrong on the way to BigQuery and in it, by a proxy in front of the emulator: whatever happens, a partition is
 * at the old version or at the new one, whole, and nothing is done twice.
 */
import { tableOf } from '../../src/tables/catalogue';
import { createInterface } from 'node:readline';
import { addDays } from '../../src/contracts/game-date';
import type { Row } from '../../src/tables/define-table';
import { contentHash } from '../../src/publishing/fingerprint';
import type { BigQuerySettings } from '../../src/warehouse/bigquery/bigquery-client';
import { BigQueryJobs } from '../../src/warehouse/bigquery/bigquery-jobs';
import { parameters } from '../../src/warehouse/bigquery/bigquery-parameters';
import { schemaOf } from '../../src/warehouse/bigquery/bigquery-tables';
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';
import type { FenceToken, PublishRequest, Warehouse } from '../../src/warehouse/warehouse';
import {
  describeWithEmulator,
  emulatorProject,
  emulatorStartMs,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { FaultProxy, type Fault, type SeenRequest } from '../../scripts/emulator/fault-proxy';
import { exitOf, startTypeScript } from '../stack/typescript-process';
import { newestManifest, offenseRows, publish, rowOf, stageFor } from './rows';

const table = 'team_offense_game_summary';
const at = '2025-01-16T08:00:00.000Z';

describeWithEmulator('faults before BigQuery', () => {
  let emulator: Emulator;
  let proxy: FaultProxy;
  let settings: BigQuerySettings;
  let warehouse: Warehouse;
  let datesUsed = 0;

  jest.setTimeout(emulatorStartMs);

  beforeAll(async () => {
    emulator = await startEmulator();
    proxy = await FaultProxy.start(emulator.endpoint);
    // A request that takes this long has no answer.
    settings = { projectId: emulatorProject, location: 'US', endpoint: proxy.url, requestTimeoutMs: 6_000 };
    warehouse = BigQueryWarehouse.open(settings);
    await warehouse.ensureTables();
  });

  afterAll(async () => {
    await warehouse.close();
    await proxy.stop();
    await emulator.stop();
  });

  afterEach(() => proxy.mend());

  const newDate = (): string => addDays('2002-01-01', (datesUsed += 1));

  /** The request that makes a job of an operation. */
  const creates =
    (operation: string) =>
    ({ method, body }: SeenRequest): boolean =>
      method === 'POST' && body.includes(`"phase3_${operation}_`);

  /** The request for the answer of a job of an operation. */
  const answers =
    (operation: string) =>
    ({ method, path }: SeenRequest): boolean =>
      method === 'GET' && path.includes(`/queries/phase3_${operation}_`);

  /** A date at version 1, and a staged version 2. */
  const dateAtVersion1 = async (): Promise<{
    gameDate: string;
    request: PublishRequest;
    fence: FenceToken;
  }> => {
    const gameDate = newDate();
    const fence = { gameDate, runId: 'run-a', pass: 1 };
    await warehouse.claimDate(fence, at);
    await publish(warehouse, { table, fence, version: 1, rows: offenseRows(gameDate, 1, 3) });
    const rows = offenseRows(gameDate, 2, 4);
    const request = await stageFor(warehouse, { table, fence, version: 2, rows });
    proxy.mend();
    return { gameDate, request, fence };
  };

  let shared: FenceToken | null = null;

  /** The next version of a date that several faults share, staged: what each of them leaves behind must be whole anyway. */
  const nextVersion = async (): Promise<PublishRequest> => {
    if (!shared) {
      const fence = { gameDate: newDate(), runId: 'run-a', pass: 1 };
      await warehouse.claimDate(fence, at);
      shared = fence;
    }
    const version = 1 + (await wholeVersion(shared.gameDate));
    const rows = offenseRows(shared.gameDate, version, 3);
    return stageFor(warehouse, { table, fence: shared, version, rows });
  };

  /** The version that is live, after everything about it was seen to agree. */
  const wholeVersion = async (gameDate: string): Promise<number> => {
    proxy.mend();
    const rows = await warehouse.readDate(gameDate, [table, 'partition_manifest']);
    const newest = newestManifest(rows.partition_manifest, table);
    expect(rows[table]).toHaveLength(newest?.row_count ?? 0);
    if (newest) expect(contentHash(tableOf(table), rows[table])).toBe(newest.content_hash);
    const versions = rows.partition_manifest.map((manifest) => manifest.version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: newest?.version ?? 0 }, (_, index) => index + 1));
    return newest?.version ?? 0;
  };

  const refusal = (status: number, reason: string, message: string): Fault => ({
    kind: 'answer',
    status,
    body: { error: { code: status, message, errors: [{ reason, message, domain: 'global' }] } },
  });

  const serialize =
    'Transaction is aborted due to concurrent update against table p:nba_analytics.team_offense_game_summary.';
  const passing: readonly (readonly [string, Fault])[] = [
    ['a 400 could not serialize', refusal(400, 'invalidQuery', `Could not serialize access: ${serialize}`)],
    ['a 400 of a concurrent update', refusal(400, 'invalidQuery', serialize)],
    ['a 401', refusal(401, 'authError', 'Invalid Credentials')],
    ['a 403 quota', refusal(403, 'quotaExceeded', 'Quota exceeded: too many table update operations')],
    ['a 403 rate limit', refusal(403, 'rateLimitExceeded', 'Exceeded rate limits')],
    ['a 429', refusal(429, 'rateLimitExceeded', 'Too many requests')],
    ['a 500', refusal(500, 'internalError', 'An internal error occurred')],
    ['a 503', refusal(503, 'backendError', 'Error encountered during execution')],
    ['a 502 that is a page', { kind: 'answer', status: 502, body: '<html>Bad Gateway</html>' }],
    ['a reset', { kind: 'reset' }],
    ['a lost answer', { kind: 'lost_answer' }],
    ['half of an answer', { kind: 'half_answer' }],
    ['an answer that comes too late', { kind: 'slow_answer', ms: 9_000 }],
  ];

  it.each(passing)('%s when a publication is sent is got over, and it is done once', async (_, fault) => {
    const request = await nextVersion();
    proxy.break(creates('publish'), fault);
    expect(await warehouse.publish(request)).toEqual({ kind: 'published' });
    expect(proxy.faulted).toHaveLength(1);
    expect(await wholeVersion(request.fence.gameDate)).toBe(request.manifest.version);
  });

  it.each([
    ...passing,
    ['a 404 of the job', refusal(404, 'notFound', 'Not found: Job phase3-test:US.x')] as const,
  ])('%s when the answer of a publication is fetched is got over', async (_, fault) => {
    const request = await nextVersion();
    proxy.break(answers('publish'), fault);
    expect(await warehouse.publish(request)).toEqual({ kind: 'published' });
    expect(proxy.faulted).toHaveLength(1);
    // What was asked for again was the answer: every attempt has the id of the first.
    const ids = proxy.passed.filter(creates('publish')).map(({ body }) => jobIdIn(body));
    expect(new Set(ids).size).toBe(1);
    expect(await wholeVersion(request.fence.gameDate)).toBe(request.manifest.version);
  });

  it('a job that was accepted and then aborted is done under the next id', async () => {
    const { gameDate, request } = await dateAtVersion1();
    proxy.break(creates('publish'), {
      kind: 'answer',
      status: 200,
      body: {
        kind: 'bigquery#job',
        jobReference: { projectId: emulatorProject, jobId: 'aborted', location: 'US' },
        status: {
          state: 'DONE',
          errorResult: { reason: 'invalidQuery', message: serialize },
          errors: [{ reason: 'invalidQuery', message: serialize }],
        },
      },
    });
    expect(await warehouse.publish(request)).toEqual({ kind: 'published' });
    const ids = [...proxy.faulted, ...proxy.passed.filter(creates('publish'))].map(({ body }) =>
      jobIdIn(body),
    );
    expect(ids).toHaveLength(2);
    expect(ids[1]).toBe(ids[0]?.replace(/_1$/, '_2'));
    expect(await wholeVersion(gameDate)).toBe(2);
  });

  it.each(passing)('%s when rows are staged is got over, and they are there once', async (_, fault) => {
    const gameDate = newDate();
    const rows = offenseRows(gameDate, 1, 3);
    proxy.break(({ method, path }) => method === 'POST' && path.includes('/upload/'), fault);
    const staged = await warehouse.stage({ table, gameDate, stageId: `s ${gameDate}`, rows });
    expect(proxy.faulted).toHaveLength(1);
    expect(contentHash(tableOf(table), staged)).toBe(contentHash(tableOf(table), rows));
  });

  it.each(['claim', 'close', 'append', 'quarantine', 'read'])(
    'a lost answer of a %s is got over, and it is done once',
    async (operation) => {
      const { gameDate, fence, request } = await dateAtVersion1();
      proxy.break(creates(operation), { kind: 'lost_answer' });
      const row = rowOf('run_history', { game_date: gameDate, run_id: fence.runId, pass: 1 });
      if (operation === 'claim') await warehouse.claimDate({ ...fence, pass: 2 }, at);
      if (operation === 'close') await warehouse.closePass(fence, at, row);
      if (operation === 'append') await warehouse.append('run_history', [row]);
      if (operation === 'quarantine')
        await warehouse.quarantine(
          rowOf('quarantine', {
            game_date: gameDate,
            table_name: table,
            stage_id: request.manifest.stage_id,
          }),
        );
      const stored = await warehouse.readDate(gameDate, ['run_history', 'date_fence', 'quarantine']);
      expect(proxy.faulted).toHaveLength(1);
      expect(stored.run_history).toHaveLength(operation === 'close' || operation === 'append' ? 1 : 0);
      expect(stored.quarantine).toHaveLength(operation === 'quarantine' ? 1 : 0);
      expect(stored.date_fence).toMatchObject([
        { pass: operation === 'claim' ? 2 : 1, state: operation === 'close' ? 'closed' : 'open' },
      ]);
      expect(await wholeVersion(gameDate)).toBe(1);
    },
  );

  it.each<readonly [string, Fault]>([
    ['a lost answer', { kind: 'lost_answer' }],
    ['half of an answer', { kind: 'half_answer' }],
    ['a reset', { kind: 'reset' }],
  ])('%s when a version is pruned is got over, and what is live stays', async (_, fault) => {
    const { gameDate, fence, request } = await dateAtVersion1();
    await warehouse.publish(request);
    const run = { game_date: gameDate, run_id: fence.runId, pass: fence.pass };
    await warehouse.closePass(fence, at, rowOf('run_history', run));
    const { partition_manifest: manifests } = await warehouse.readDate(gameDate, ['partition_manifest']);
    const { stage_id } = manifests.find(({ version }) => version === 1)!;
    const about = { ...run, table_name: table, version: 1, stage_id, keep_versions: 1, pruned_at: at };
    const versions = [rowOf('pruned_version', about)];
    proxy.break(creates('prune'), fault);
    expect(await warehouse.prune({ fence, versions, raw: [] })).toBe('pruned');
    expect(proxy.faulted).toHaveLength(1);
    expect(await wholeVersion(gameDate)).toBe(2);
    expect((await warehouse.readDate(gameDate, ['pruned_version'])).pruned_version).toEqual(versions);
    expect(await warehouse.readKept(table, gameDate, stage_id)).toEqual([]);
  });

  it.each([
    ['a 503', refusal(503, 'backendError', 'Error encountered'), 'backendError', 6],
    [
      'a streaming buffer',
      refusal(400, 'invalidQuery', 'DELETE would affect rows in the streaming buffer, not supported'),
      ...(['it can be written to when they have left the buffer', 1] as const),
    ],
  ])(
    '%s that does not pass is to be tried again, with the old version live',
    async (_, fault, said, times) => {
      const { gameDate, request } = await dateAtVersion1();
      proxy.break(creates('publish'), fault, 100);
      await expect(warehouse.publish(request)).rejects.toMatchObject({
        name: 'WarehouseError',
        kind: 'unavailable',
        message: expect.stringContaining(said) as string,
      });
      expect(proxy.faulted).toHaveLength(times);
      expect(await wholeVersion(gameDate)).toBe(1);
      expect(await warehouse.publish(request)).toEqual({ kind: 'published' });
      expect(await wholeVersion(gameDate)).toBe(2);
    },
  );

  describe('a job that stays pending', () => {
    const limitMs = 3_000;
    let hasty: Warehouse;
    beforeEach(async () => {
      hasty = BigQueryWarehouse.open({ ...settings, jobTimeoutMs: limitMs });
    });
    afterEach(() => hasty.close());

    const cancels = ({ method, path }: SeenRequest): boolean => method === 'POST' && path.includes('/cancel');
    const looks = ({ method, path }: SeenRequest): boolean =>
      method === 'GET' && /\/jobs\/phase3_/.test(path);
    const pending: Fault = { kind: 'answer', status: 200, body: { jobComplete: false } };
    const status = (of: object): Fault => ({ kind: 'answer', status: 200, body: { status: of } });

    it('is cancelled at its limit, and found to have been done after all', async () => {
      const { gameDate, request } = await dateAtVersion1();
      proxy.break((seen) => answers('publish')(seen) && !proxy.passed.some(cancels), pending, Infinity);
      expect(await hasty.publish(request)).toEqual({ kind: 'published' });
      expect(proxy.passed.filter(cancels)).toHaveLength(1);
      expect(await wholeVersion(gameDate)).toBe(2);
    });

    it.each<readonly [string, Fault, string]>([
      [
        'is to be tried again once it was cancelled',
        status({ state: 'DONE', errorResult: { reason: 'stopped', message: 'Job execution was cancelled' } }),
        'the job has not ended within 3 s, and was cancelled',
      ],
      [
        'is joined under its id where nobody can say what became of it',
        status({ state: 'RUNNING' }),
        'the job has not ended within 3 s, and whether it has been done is not known (job phase3_publish_',
      ],
    ])('%s', async (_, answer, said) => {
      const { gameDate, request } = await dateAtVersion1();
      proxy.break(answers('publish'), pending, Infinity);
      proxy.break(looks, answer, Infinity);
      const began = Date.now();
      await expect(hasty.publish(request)).rejects.toMatchObject({
        ...{ kind: 'unavailable', message: expect.stringContaining(said) as string },
      });
      // The limit, and as much again at the most to find out.
      expect(Date.now() - began).toBeLessThan(2 * limitMs + 2_000);
      expect(proxy.passed.filter(cancels)).toHaveLength(1);
      const ids = new Set(
        [...proxy.passed, ...proxy.faulted].filter(creates('publish')).map(({ body }) => jobIdIn(body)),
      );
      expect(ids.size).toBe(1);
      // The emulator has done it all the same: whoever asks again is told, and it is done once.
      proxy.mend();
      expect(await hasty.publish(request)).toEqual({ kind: 'published' });
      // On a slow machine it is asked for more than once; under another id it would be another job.
      expect(new Set(proxy.passed.filter(creates('publish')).map(({ body }) => jobIdIn(body)))).toEqual(ids);
      expect(await wholeVersion(gameDate)).toBe(2);
    });

    it('does not hold the claims of other dates until its limit', async () => {
      const patient = BigQueryWarehouse.open({ ...settings, longestTurnMs: 300 });
      let first: string | undefined;
      const isFirst = ({ path }: SeenRequest): boolean => {
        const id = /\/queries\/(phase3_claim_\w+)/.exec(path)?.[1];
        return id !== undefined && (first ??= id) === id;
      };
      proxy.break(isFirst, pending, Infinity);
      const claim = (): Promise<unknown> =>
        patient.claimDate({ gameDate: newDate(), runId: 'a', pass: 1 }, at);
      let isOver = false;
      const held = claim().finally(() => (isOver = true));
      await claim();
      expect(isOver).toBe(false);
      proxy.mend();
      await held;
      await patient.close();
    });
  });

  it.each([
    ['a 403 of access', refusal(403, 'accessDenied', 'Access Denied: Table nba_analytics.x'), 'needs_person'],
    ['a 404 of a table', refusal(404, 'notFound', 'Not found: Table nba_analytics.x'), 'contract_broken'],
    ['a 400 of a column', refusal(400, 'invalidQuery', 'Unrecognized name: pace'), 'contract_broken'],
  ])('%s is not tried again', async (_, fault, kind) => {
    const { gameDate, request } = await dateAtVersion1();
    proxy.break(creates('publish'), fault, 100);
    await expect(warehouse.publish(request)).rejects.toMatchObject({ kind });
    expect(proxy.faulted).toHaveLength(1);
    expect(await wholeVersion(gameDate)).toBe(1);
  });

  it.each([
    ['a lost answer', { kind: 'lost_answer' }],
    ['half of an answer', { kind: 'half_answer' }],
    ['a 503', refusal(503, 'backendError', 'Error encountered during execution')],
    // What the emulator says to one of two that add the same column at the same moment.
    ['a 409 of the column', refusal(409, 'duplicate', 'Column with name bypass already exists!')],
    ['a 400 of a conflict', refusal(400, 'invalidQuery', 'Conflict on update!')],
  ] as const)(
    '%s when a column is added is got over, beside another worker that adds it',
    async (_, fault) => {
      const gameDate = newDate();
      const row = rowOf('partition_manifest', { game_date: gameDate, bypass: '{}' });
      await warehouse.append('partition_manifest', [row]);
      const jobs = new BigQueryJobs(settings);
      await jobs.run({
        operation: 'test',
        sql: `ALTER TABLE \`${emulatorProject}.nba_orchestration.partition_manifest\` DROP COLUMN bypass`,
        parameters: parameters({}),
      });
      proxy.mend();
      proxy.break(({ method, path }) => method === 'PATCH' && path.includes('/tables/'), fault);
      const other = BigQueryWarehouse.open(settings);
      await Promise.all([warehouse.ensureTables(), other.ensureTables()]);
      await other.close();
      expect(proxy.faulted).toHaveLength(1);
      const { partition_manifest: manifests } = await warehouse.readDate(gameDate, ['partition_manifest']);
      expect(manifests).toEqual([{ ...row, bypass: null }]);
    },
  );

  test.each(['dead_letter', 'deployment_audit', 'bypass_audit'] as const)(
    'of two processes that append under one key of %s, on a date that nobody has claimed, one does',
    async (table) => {
      const others = Array.from({ length: 3 }, () => BigQueryWarehouse.open(settings));
      const own: Record<typeof table, Row> = {
        dead_letter: { message_id: 'm-1' },
        deployment_audit: { seq: 1 },
        bypass_audit: { seq: 1 },
      };
      for (let round = 1; round <= 3; round += 1) {
        const game_date = newDate();
        const rows = others.map((_, index) =>
          rowOf(table, {
            game_date,
            ...own[table],
            ...(table === 'dead_letter' ? { principal: `p-${index}` } : { entry_id: `e-${index}` }),
          }),
        );
        await Promise.all(others.map((other, index) => other.append(table, [rows[index] ?? {}])));
        const { [table]: stored } = await warehouse.readDate(game_date, [table]);
        expect(stored).toHaveLength(1);
        expect(rows).toContainEqual(stored[0]);
      }
      await Promise.all(others.map((other) => other.close()));
    },
  );

  test('of two late attempts that record one pass of which the date was taken over, one does', async () => {
    const others = Array.from({ length: 2 }, () => BigQueryWarehouse.open(settings));
    for (let round = 1; round <= 3; round += 1) {
      const token = { gameDate: newDate(), runId: 'late', pass: 1 };
      await warehouse.claimDate(token, at);
      await warehouse.claimDate({ ...token, runId: 'newer' }, at);
      const row = rowOf('run_history', { game_date: token.gameDate, run_id: 'late', pass: 1 });
      await Promise.all(others.map((other) => other.closePass(token, at, row)));
      const { run_history: rows, date_fence: fences } = await warehouse.readDate(token.gameDate, [
        ...(['run_history', 'date_fence'] as const),
      ]);
      expect(rows).toHaveLength(1);
      expect(fences).toMatchObject([{ run_id: 'newer', state: 'open' }]);
    }
    await Promise.all(others.map((other) => other.close()));
  });

  test('a refusal whose text broke off is asked for again, since nobody knows what it says', async () => {
    const jobs = new BigQueryJobs(settings);
    const schema = { fields: schemaOf(tableOf('partition_manifest')).fields.slice(1) };
    proxy.break(({ method }) => method === 'PATCH', { kind: 'half_answer' });
    await expect(jobs.extendTable('nba_orchestration', 'partition_manifest', schema)).rejects.toMatchObject({
      kind: 'contract_broken',
      message: expect.stringContaining('Cannot remove field') as unknown,
    });
    expect(proxy.faulted).toHaveLength(1);
    jobs.close();
  });

  describe('a worker that is killed', () => {
    /** Stages and publishes in another process, which is killed at a point; what it had said by then. */
    const publishUntilKilled = async (gameDate: string, point: string): Promise<string[]> => {
      const script = require.resolve('./bigquery-process.ts');
      const child = startTypeScript(script, [JSON.stringify(settings), gameDate]);
      const exited = exitOf(child);
      const kill = (): void => void child.kill('SIGKILL');
      if (point === 'before publishing') proxy.break(creates('publish'), { kind: 'reset' }, 1, kill);
      // Once there is an answer to lose, the job is through.
      if (point === 'before the answer') proxy.break(answers('publish'), { kind: 'lost_answer' }, 1, kill);
      if (point === 'before it stages')
        proxy.break(({ path }) => path.includes('/upload/'), { kind: 'reset' }, 1, kill);
      const said: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) said.push(line);
      expect(await exited).toBeNull();
      return said;
    };

    it.each([
      ['before it stages', 0],
      ['before publishing', 0],
      ['before the answer', 1],
    ])('%s leaves one version whole, and the next attempt ends at version 1', async (point, left) => {
      const gameDate = newDate();
      expect(await publishUntilKilled(gameDate, point)).not.toContain('published');
      expect(await wholeVersion(gameDate)).toBe(left);
      // The same request again, as the process would have sent it.
      const fence = { gameDate, runId: 'killed', pass: 1 };
      if (point === 'before it stages') await warehouse.claimDate(fence, at);
      const rows = offenseRows(gameDate, 1, 5);
      const request = await stageFor(warehouse, { table, fence, version: 1, rows });
      const result = await warehouse.publish(request);
      expect(result.kind === 'published' || result.kind === 'version_moved').toBe(true);
      expect(await wholeVersion(gameDate)).toBe(1);
    });
  });
});

function jobIdIn(body: string): string {
  return /"jobId":"([^"]+)"/.exec(body)?.[1] ?? '';
}
