/** What those who run a gateway rely on: health, metrics, its description, who did it, and that it stops in peace. */
import { questionsOf } from '../../src/control/questions';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Connection } from '@temporalio/client';
import Ajv from 'ajv';
import { version } from '../../package.json';
import type { OidcSettings } from '../../src/config/gateway';
import type { Phase3Client } from '../../src/client';
import { identityOf } from '../../src/contracts/identity';
import { answerStatuses } from '../../src/gateway/answers';
import { routeNames } from '../../src/gateway/metrics';
import type { GatewayParts } from '../../src/gateway/parts';
import { warehouseRecords } from '../../src/gateway/records';
import { serverProbe } from '../../src/gateway/server-probe';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { decisionSchemas, openApiOf } from '../../src/gateway/schemas';
import { WarehouseError } from '../../src/warehouse/errors';
import type { AuditRow } from '../../src/tables/orchestration';
import { envelope, startGateway, type Answered, type TestGateway } from '../support/gateway';
import { startIssuer, type Issuer } from '../support/issuer';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { replacing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const player = 'PlayerGameSummaryProcessor';
const reason = 'the league has not sent team rows, and the site needs players';
const people = {
  reader: 'reader@nba.example',
  pusher: 'pubsub@nba.example',
  maria: 'maria@nba.example',
};
let rig: Rig;
let issuer: Issuer;
let day = 0;

function nextDate(): string {
  day += 1;
  return `2017-10-${String(day).padStart(2, '0')}`;
}

beforeAll(async () => {
  [rig, issuer] = await Promise.all([Rig.open(), startIssuer()]);
});
afterAll(async () => {
  await issuer.stop();
  await rig.close();
});
beforeEach(() => {
  issuer.requests.length = 0;
  issuer.outage = null;
});

function oidc(): OidcSettings {
  return {
    issuer: issuer.url,
    audiences: [issuer.audience],
    jwksUri: null,
    allowed: { read: [people.reader], trigger: [people.pusher], override: [people.maria] },
  };
}

/** What somebody's token is sent in. */
async function as(email: string): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await issuer.token({ sub: 'sub', email, email_verified: true })}` };
}

/** A gateway for one test. */
async function through<T>(
  options: Parameters<typeof startGateway>[1],
  work: (gateway: TestGateway) => Promise<T>,
): Promise<T> {
  const gateway = await startGateway(rig, options);
  try {
    return await work(gateway);
  } finally {
    await gateway.close();
  }
}

function news(gameDate: string): object {
  return { source_table: 'nbac_gamebook_player_stats', game_date: gameDate };
}

/** Asks again until the answer is as wanted. */
async function until(ask: () => Promise<Answered>, holds: (answer: Answered) => boolean): Promise<Answered> {
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a stop', () => {
  test('lets those go who wait, with a word, and what they asked for goes on', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    const gateway = await startGateway(rig);
    const message = envelope(news(gameDate), 'stopped');
    const one = postOnce(gateway, '/process', message);
    const many = postOnce(gateway, '/process-date-range', { start_date: gameDate, end_date: gameDate });
    // No worker is there, so both wait: the message for its answer, the range for anything at all.
    while (gateway.watch.size === 0 || (await runs()).length < 2)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await gateway.close();
    for (const { status, retryAfter, body } of [await one, await many]) {
      expect({ status, retryAfter }).toEqual({ status: 503, retryAfter: '10' });
      expect(body).toMatchObject({
        status: 'unavailable',
        message: 'The gateway is stopping; accepted work continues. Try again later.',
      });
    }
    expect((await one).body).toMatchObject({
      request_id: 'pubsub/nbac_gamebook_player_stats/stopped',
      workflow_id: identityOf(null).dateWorkflowId(gameDate),
    });
    expect(await runs()).toContain((await many).body['workflow_id']);
    await expect(postOnce(gateway, '/process', message)).rejects.toThrow('ECONNREFUSED');

    await rig.startWorker();
    await rig.until(gameDate, ({ runState }) => runState === 'published' || runState === 'unchanged');
    // Another gateway knows as much as the first one did: nothing was in it.
    const again = await through({}, (other) => other.post('/process', message));
    expect(again).toMatchObject({
      status: 200,
      body: { request_id: 'pubsub/nbac_gamebook_player_stats/stopped' },
    });
    expect(await rig.versions(gameDate)).toMatchObject({ player_game_summary: 1 });
  });

  test('asks nobody to wait who comes too late for it', async () => {
    await rig.startWorker();
    const gateway = await startGateway(rig);
    gateway.watch.close();
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    expect(await gateway.post('/process', news(gameDate))).toMatchObject({
      status: 503,
      body: { status: 'unavailable', workflow_id: identityOf(null).dateWorkflowId(gameDate) },
    });
    await gateway.close();
    await rig.until(gameDate, ({ runState }) => runState === 'published');
  });

  test('lets a range go whose dates say nothing, as its wait does', async () => {
    const gameDate = nextDate();
    const silent = Object.assign(Object.create(rig.client) as Phase3Client, {
      backfillProgress: async () => ({ next: null, asked: { [gameDate]: '' }, replies: {}, total: 1 }),
      outlook: () => new Promise<never>(() => undefined),
    });
    const range = { start_date: gameDate, end_date: gameDate };
    await through({ settings: { waitMs: 100 }, parts: { client: silent } }, async (gateway) => {
      expect(await gateway.post('/process-date-range', range)).toMatchObject({
        status: 202,
        body: { status: 'running', results: [{ game_date: gameDate, status: 'running' }] },
      });
    });
    const before = (await runs()).length;
    const gateway = await startGateway(rig, { parts: { client: silent } });
    const held = postOnce(gateway, '/process-date-range', range);
    while ((await runs()).length === before) await new Promise((resolve) => setTimeout(resolve, 20));
    await gateway.close();
    expect(await held).toMatchObject({ status: 503, body: { status: 'unavailable' } });
  });
});

/** Sends something over a connection that is for nothing else. */
async function postOnce(
  { url }: TestGateway,
  path: string,
  body: object,
): Promise<{ status: number | undefined; retryAfter: string | undefined; body: Record<string, unknown> }> {
  const asked = request(url, { method: 'POST', path, agent: false });
  asked.end(JSON.stringify(body));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part as string;
  return {
    status: answer.statusCode,
    retryAfter: answer.headers['retry-after'],
    body: JSON.parse(text) as Record<string, unknown>,
  };
}

/** The ids of all runs that there are. */
async function runs(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of rig.raw.workflow.list()) ids.push(workflowId);
  return ids;
}

describe('health', () => {
  const ready = async (parts: Partial<GatewayParts> = {}): Promise<Answered> =>
    through({ parts }, (gateway) => gateway.get('/health/ready'));
  const up = { up: true, problem: null };
  const allUp = { gateway: up, temporal: up, warehouse: up, worker: up };
  const down = (problem: RegExp): object => ({ up: false, problem: expect.stringMatching(problem) });
  const at = { namespace: 'default', taskQueue: identityOf(null).taskQueue };

  beforeAll(() => rig.startWorker());

  test('is live, and says which process it is', async () => {
    await through({ settings: { auth: oidc() } }, async (gateway) => {
      expect(await gateway.get('/health/live')).toMatchObject({
        status: 200,
        body: { status: 'live', version, pid: process.pid },
      });
    });
  });

  test('is ready when everything is there, and needs no token to say so', async () => {
    await through({ settings: { auth: oidc() } }, async (gateway) => {
      const answer = await until(
        () => gateway.get('/health/ready'),
        ({ status }) => status === 200,
      );
      expect(answer.body).toEqual({ status: 'ready', components: allUp });
    });
    expect(issuer.requests).toEqual([]);
  });

  test('Temporal is gone: it is named, and so is what it would know of workers', async () => {
    const dead = Connection.lazy({ address: '127.0.0.1:1', connectTimeout: 200 });
    const probe = serverProbe(dead, at);
    const asked: Promise<string | null>[] = [];
    const noting = async (question: Promise<string | null>): Promise<string | null> => {
      asked.push(question);
      return question;
    };
    const answer = await ready({
      server: {
        within: probe.within,
        trouble: () => noting(probe.trouble()),
        workerTrouble: () => noting(probe.workerTrouble()),
      },
    });
    expect(answer).toMatchObject({ status: 503, body: { status: 'not_ready' } });
    // Whichever comes first, the probe's own sentence or the end of health's patience with it.
    expect(answer.body['components']).toEqual({
      ...allUp,
      temporal: down(/^(Temporal does not answer for namespace default: .|No answer within)/),
      worker: down(/^(Temporal does not say who works on task queue phase3: .|No answer within)/),
    });
    const [temporal, worker] = await Promise.all(asked);
    expect(temporal).toMatch(/^Temporal does not answer for namespace default: ./);
    expect(worker).toMatch(/^Temporal does not say who works on task queue phase3: ./);
    await dead.close();
  });

  test('Temporal is there and has no such namespace', async () => {
    const answer = await ready({
      server: serverProbe(rig.raw.connection, { ...at, namespace: 'nowhere' }, async () => null),
    });
    expect(answer.status).toBe(503);
    expect(answer.body['components']).toMatchObject({
      ...allUp,
      temporal: down(/^Temporal does not answer for namespace nowhere: .*nowhere/),
      worker: { up: false },
    });
  });

  test('nobody asks for work', async () => {
    const answer = await ready({ server: serverProbe(rig.raw.connection, { ...at, taskQueue: 'idle' }) });
    expect(answer.status).toBe(503);
    expect(answer.body['components']).toEqual({
      ...allUp,
      worker: down(/^No worker asks for work on task queue idle\.$/),
    });
  });

  test('the worker of this machine says more of itself than Temporal knows', async () => {
    const draining = serverProbe(
      rig.raw.connection,
      at,
      async () => 'The worker of this machine is draining.',
    );
    const answer = await ready({ server: draining });
    expect(answer.body['components']).toEqual({
      ...allUp,
      worker: down(/^The worker of this machine is draining\.$/),
    });
  });

  test('the warehouse fails: it is named, and asked again until it does not', async () => {
    let isAway = true;
    const warehouse = replacing(rig.warehouse, {
      readDate: async (date, tables) => {
        if (isAway) throw new WarehouseError('unavailable', 'the disk is full');
        return rig.warehouse.readDate(date, tables);
      },
    });
    const parts = {
      records: warehouseRecords(warehouse, () => '2017-04-15', questionsOf(warehouse, defaultPolicySettings)),
    };
    await through({ parts }, async (gateway) => {
      const answer = await gateway.get('/health/ready');
      expect(answer.status).toBe(503);
      expect(answer.body['components']).toEqual({
        ...allUp,
        warehouse: down(/^duckdb \(.*\) does not answer: .*the disk is full/),
      });
      isAway = false;
      expect(await gateway.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ready' } });
    });
  });

  test('what does not answer at all is named too, while the others are heard', async () => {
    const records = {
      ...warehouseRecords(
        rig.warehouse,
        () => '2017-04-15',
        questionsOf(rig.warehouse, defaultPolicySettings),
      ),
      trouble: () => new Promise<null>(() => undefined),
    };
    const answer = await ready({ records });
    expect(answer.status).toBe(503);
    expect(answer.body['components']).toEqual({ ...allUp, warehouse: down(/^No answer within/) });
  });

  test('while it stops it is alive and not ready', async () => {
    const closing = new AbortController();
    await through({ parts: { closing: closing.signal } }, async (gateway) => {
      expect((await gateway.get('/health/ready')).status).toBe(200);
      closing.abort();
      const answer = await gateway.get('/health/ready');
      expect(answer.status).toBe(503);
      expect(answer.body['components']).toEqual({ ...allUp, gateway: down(/^The gateway is stopping\.$/) });
      expect((await gateway.get('/health/live')).status).toBe(200);
    });
  });

  test('everything at once is everything by name', async () => {
    const closing = AbortSignal.abort();
    const fail = async (): Promise<never> => Promise.reject(new Error('it is on fire'));
    const answer = await ready({
      closing,
      server: { within: async (_ms, work) => work(), trouble: fail, workerTrouble: fail },
      records: {
        ...warehouseRecords(
          rig.warehouse,
          () => '2017-04-15',
          questionsOf(rig.warehouse, defaultPolicySettings),
        ),
        trouble: fail,
      },
    });
    const burns = down(/^it is on fire$/);
    expect(answer.body['components']).toEqual({
      gateway: down(/^The gateway is stopping\.$/),
      temporal: burns,
      warehouse: burns,
      worker: burns,
    });
  });
});

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function samplesIn(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', one = '']) => [key, one]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
}

describe('metrics', () => {
  const codes = ['200', '202', '400', '401', '403', '404', '409', '413', '415', '429', '431', '500', '503'];
  const buckets = [
    ...['0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '30', '60', '120', '300'],
    ...['600', '+Inf'],
  ];
  /** Every value that a label of ours may ever have. */
  const ours: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    phase3_gateway_requests_total: { route: routeNames, code: codes },
    phase3_gateway_answers_total: { route: routeNames, status: answerStatuses },
    phase3_gateway_request_seconds_bucket: { route: routeNames, le: buckets },
    phase3_gateway_request_seconds_sum: { route: routeNames },
    phase3_gateway_request_seconds_count: { route: routeNames },
  };
  const workers = `phase3_publishes_total{processor="${player}"} 3`;

  /** Requests of which each brings something that must not become a label. */
  async function oddRequests(gateway: TestGateway): Promise<number> {
    const maria = await as(people.maria);
    const pusher = await as(people.pusher);
    const asked = [
      gateway.get('/hunter2'),
      gateway.get('/dates/2017-02-30?hunter2=1', await as(people.reader)),
      gateway.get('/dates/2017-04-15', maria),
      gateway.get('/health/ready?hunter2'),
      gateway.post('/process', 'hunter2', pusher),
      gateway.post('/process', { note: 'x'.repeat(300_000) }, pusher),
      gateway.post('/process', { game_date: 'hunter2' }, pusher),
      gateway.post('/process', { game_date: '2017-04-15', source_table: 'hunter2' }, pusher),
      gateway.post('/process', {}, { authorization: 'Bearer hunter2' }),
      gateway.post('/process-date-range', { hunter2: 1 }, pusher),
      gateway.post('/dates/2017-04-15/cancel', { reason }, maria),
      gateway.post('/dates/2017-04-15/hunter2', { reason }, maria),
      gateway.get('/openapi.json'),
    ];
    await Promise.all(asked);
    await fetch(`${gateway.url}/metrics`, { method: 'HEAD' });
    await fetch(`${gateway.url}/hunter2`, { method: 'DELETE' });
    return asked.length + 2;
  }

  test('the series have their names, and labels come from closed sets only', async () => {
    const options = { settings: { auth: oidc() }, parts: { workerMetrics: async () => workers } };
    await through(options, async (gateway) => {
      const asked = await oddRequests(gateway);
      const reader = await as(people.reader);
      const answer = await until(
        () => gateway.get('/metrics', reader),
        ({ text }) => samplesIn(text).reduce((sum, one) => sum + counted(one, {}), 0) >= asked,
      );
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      const lines = answer.text.split('\n');
      for (const line of [
        '# TYPE phase3_gateway_requests_total counter',
        '# TYPE phase3_gateway_answers_total counter',
        '# TYPE phase3_gateway_request_seconds histogram',
        '# TYPE phase3_gateway_process_cpu_seconds_total counter',
        '# TYPE phase3_gateway_nodejs_eventloop_lag_seconds gauge',
        workers,
      ])
        expect(lines).toContain(line);

      const samples = samplesIn(answer.text);
      expect(samples.filter(({ name }) => name === '')).toEqual([]);
      for (const { name, labels } of samples.filter((sample) => sample.name in ours)) {
        expect(Object.keys(labels).sort()).toEqual(Object.keys(ours[name]!).sort());
        for (const [key, value] of Object.entries(labels)) expect(ours[name]![key]).toContain(value);
      }
      // What prom-client says of the process: its labels are kinds of garbage collections and the like.
      const others = samples.filter(({ name }) => !(name in ours) && !workers.startsWith(name));
      for (const { name, labels } of others) {
        expect(name).toMatch(/^phase3_gateway_(process|nodejs|worker_polled)_/);
        expect(['kind', 'le', 'major', 'minor', 'patch', 'space', 'type', 'version']).toEqual(
          expect.arrayContaining(Object.keys(labels)),
        );
      }
      expect(answer.text).not.toMatch(/hunter2|@|2017-|dates\/|eyJ|sub-|127\.0\.0\.1/);
    });
  });

  test('what is counted is what was answered', async () => {
    await through({ settings: { auth: oidc() } }, async (gateway) => {
      const pusher = await as(people.pusher);
      for (let count = 0; count < 3; count += 1) await gateway.post('/process', {}, pusher);
      await gateway.post('/process', {});
      await gateway.get('/nowhere');
      const reader = await as(people.reader);
      const { text } = await until(
        () => gateway.get('/metrics', reader),
        (answer) => sumOf(answer, { route: 'unknown' }) === 1,
      );
      const samples = samplesIn(text);
      const requests = { name: 'phase3_gateway_requests_total' };
      const answers = { name: 'phase3_gateway_answers_total' };
      for (const wanted of [
        { ...requests, labels: { route: 'process', code: '400' }, value: 3 },
        { ...requests, labels: { route: 'process', code: '401' }, value: 1 },
        { ...requests, labels: { route: 'unknown', code: '404' }, value: 1 },
        { ...answers, labels: { route: 'process', status: 'bad_request' }, value: 3 },
        { ...answers, labels: { route: 'process', status: 'unauthenticated' }, value: 1 },
        { ...answers, labels: { route: 'unknown', status: 'not_found' }, value: 1 },
        { name: 'phase3_gateway_request_seconds_count', labels: { route: 'process' }, value: 4 },
      ])
        expect(samples).toContainEqual(wanted);
      expect(await gateway.get('/metrics')).toMatchObject({ status: 401 });
    });
  });
});

/** What a sample adds to the requests that have these labels. */
function counted({ name, labels, value }: Sample, wanted: Readonly<Record<string, string>>): number {
  const isWanted = Object.entries(wanted).every(([key, text]) => labels[key] === text);
  return name === 'phase3_gateway_requests_total' && isWanted ? value : 0;
}

function sumOf({ text }: Answered, wanted: Readonly<Record<string, string>>): number {
  return samplesIn(text).reduce((sum, sample) => sum + counted(sample, wanted), 0);
}

describe('who it was', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    await rig.startWorker();
    gateway = await startGateway(rig, { settings: { auth: oidc() } });
  });
  afterAll(() => gateway.close());

  async function audit(gameDate: string): Promise<AuditRow[]> {
    const { bypass_audit: rows } = await rig.warehouse.readDate(gameDate, ['bypass_audit']);
    return [...rows].sort((a, b) => a.seq - b.seq);
  }

  /** Who asked for what, by the record of the date's passes. */
  async function askers(gameDate: string): Promise<unknown[]> {
    const { run_history: passes } = await rig.warehouse.readDate(gameDate, ['run_history']);
    return passes.flatMap(({ requests }) => JSON.parse(requests) as unknown[]);
  }

  test('is on record of a message and of a range', async () => {
    const gameDate = nextDate();
    await rig.loadNight(movedTo(night, gameDate));
    const pusher = await as(people.pusher);
    const message = envelope({ ...news(gameDate), by: 'somebody else' }, 'by-whom');
    expect(await gateway.post('/process', message, pusher)).toMatchObject({ status: 200 });
    const range = { start_date: gameDate, end_date: gameDate };
    expect(await gateway.post('/process-date-range', range, pusher)).toMatchObject({ status: 200 });
    expect(await askers(gameDate)).toEqual([
      expect.objectContaining({ request_id: 'pubsub/nbac_gamebook_player_stats/by-whom', by: people.pusher }),
      expect.objectContaining({ by: people.pusher }),
    ]);
  });

  test('is on record of a message that can never succeed', async () => {
    await gateway.post('/process', envelope({}, 'never-by-whom'), await as(people.pusher));
    // The day in New York on which it was published.
    const { dead_letter: rows } = await rig.warehouse.readDate('2017-04-16', ['dead_letter']);
    expect(rows).toEqual([
      expect.objectContaining({ message_id: 'never-by-whom', principal: people.pusher }),
    ]);
  });

  test('is in the audit of decisions', async () => {
    const gameDate = nextDate();
    await rig.loadNight({ ...movedTo(night, gameDate), nbac_team_boxscore: [] });
    const maria = await as(people.maria);
    const decide = async (name: string, body: object): Promise<Answered> =>
      gateway.post(`/dates/${gameDate}/${name}`, body, maria);
    expect(await decide('rerun', { reason })).toMatchObject({ status: 202, body: { status: 'accepted' } });
    await rig.until(gameDate, ({ runState }) => runState === 'waiting');
    expect(await decide('extend', { reason, for: '30m' })).toMatchObject({ status: 200 });
    expect(await decide('bypass', { reason, processor: player })).toMatchObject({
      status: 200,
      body: { status: 'accepted', game_date: gameDate },
    });
    await rig.until(gameDate, ({ bypasses }) => bypasses[0]?.status === 'standing');
    expect(await decide('cancel', { reason })).toMatchObject({ status: 200 });
    await rig.until(gameDate, ({ runState }) => runState === 'cancelled');
    const persons = (await audit(gameDate)).filter(({ decided_by }) => decided_by !== 'system');
    expect(persons.map(({ kind, decided_by, reason: why }) => [kind, decided_by, why])).toEqual([
      ['rerun', people.maria, reason],
      ['deadline_extended', people.maria, reason],
      ['bypass', people.maria, reason],
      ['cancelled', people.maria, reason],
    ]);
    expect(await gateway.get(`/dates/${gameDate}`, await as(people.reader))).toMatchObject({
      status: 200,
      body: { game_date: gameDate },
    });
  });
});

describe("the issuer's keys", () => {
  test("that cannot be had are nobody's fault who asks: 503, nothing starts, and later it goes", async () => {
    const gameDate = nextDate();
    const before = await runs();
    await through({ settings: { auth: oidc(), waitMs: 0 } }, async (gateway) => {
      const pusher = await as(people.pusher);
      issuer.outage = 503;
      const answer = await gateway.post('/process', news(gameDate), pusher);
      expect(answer).toMatchObject({
        status: 503,
        body: { status: 'unavailable', message: expect.stringMatching(/^The discovery document http/) },
      });
      expect(answer.headers.get('retry-after')).toBe('10');
      expect(await runs()).toEqual(before);
      issuer.outage = null;
      expect((await gateway.post('/process', news(gameDate), pusher)).status).toBe(202);
      expect(await rig.client.state(gameDate)).not.toBeNull();
    });
  });
});

describe('/openapi.json', () => {
  interface Operation {
    readonly summary?: string;
    readonly parameters?: readonly { readonly name: string; readonly schema: object }[];
    readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
    readonly responses: Readonly<Record<string, { readonly content?: Record<string, { schema: object }> }>>;
  }
  interface Description {
    readonly openapi: string;
    readonly info: { readonly version: string };
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  }
  let description: Description;
  let routes: string[];

  beforeAll(async () => {
    await through({}, async (gateway) => {
      const { body } = await gateway.get('/openapi.json');
      description = body as unknown as Description;
      const pages = /^\w+ \/($|(nights|assets)\/|(events|rules|sign-in|sign-out)$|backfills(\/|$))/;
      // Pages are for people; the API is what programs rely on.
      routes = routesOf(gateway.app.printRoutes({ commonPrefix: false })).filter(
        (route) => !pages.test(route),
      );
    });
  });

  function operations(): (readonly [string, Operation])[] {
    return Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
    );
  }

  test('lists every route and method that there is, and no other', () => {
    expect(description).toMatchObject({ openapi: expect.stringMatching(/^3\./), info: { version } });
    expect(
      operations()
        .map(([name]) => name)
        .sort(),
    ).toEqual(routes.sort());
    expect(routes).toHaveLength(23);
    expect(routes).toContain('POST /process-date-range');
    expect(routes).toContain('POST /dates/{date}/bypass');
  });

  test('has only schemas that can be read, by the strictest reader', () => {
    const ajv = new Ajv({ strict: true, allowUnionTypes: true });
    const schemas = operations().flatMap(([, { parameters = [], requestBody, responses }]) => [
      ...parameters.map(({ schema }) => schema),
      ...Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
      ...Object.values(responses).flatMap(({ content }) =>
        Object.values(content ?? {}).map((one) => one.schema),
      ),
    ]);
    expect(schemas.length).toBeGreaterThan(50);
    for (const schema of schemas) expect(ajv.compile(schema)).toBeInstanceOf(Function);
  });

  test('says of each what it is for and how it may end, and its bodies are those that are taken', () => {
    for (const [name, { summary, responses, requestBody, parameters }] of operations()) {
      expect([name, summary]).toEqual([name, expect.stringMatching(/\w{3}/)]);
      const isSent = /\/(rerun|restore|unpin|release|discard|estimate|recheck)$/.test(name);
      expect(Object.keys(responses)).toContain(isSent ? '202' : '200');
      expect([name, requestBody !== undefined]).toEqual([name, name.startsWith('POST ')]);
      expect([name, parameters?.map((one) => one.name) ?? []]).toEqual([
        name,
        [...name.matchAll(/\{(\w+)\}/g)].map(([, one]) => one),
      ]);
    }
    for (const [name, schema] of Object.entries(decisionSchemas)) {
      const { requestBody } = description.paths[`/dates/{date}/${name}`]!['post']!;
      expect(requestBody?.content['application/json']?.schema).toEqual(openApiOf(schema));
    }
  });
});

/** `GET /dates/{date}` for each route of the tree that fastify prints; of what only asks for heads there is none. */
function routesOf(tree: string): string[] {
  const above: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods] = /^([│ ]*)[├└]── (\S*)(?: \((.*)\))?$/.exec(line) ?? [];
    const depth = indent.length / 4;
    above.length = depth;
    above.push(part);
    const path = above.join('').replace(/:(\w+)/g, '{$1}');
    return (methods ?? '')
      .split(', ')
      .filter((method) => method !== '' && method !== 'HEAD')
      .map((method) => `${method} ${path}`);
  });
}
