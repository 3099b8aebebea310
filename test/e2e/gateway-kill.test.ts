/**
 * The gateway holds nothing: killed wherever it hurts, with pushes under way, and started again, it has lost nothing and
 * done nothing twice. A backfill goes on, whichever process is killed. And every process stops in peace when it is asked to.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import { Phase3Client } from '../../src/client';
import type { BackfillProgress } from '../../src/contracts/backfill';
import { backfillWorkflowType, identityOf } from '../../src/contracts/identity';
import { addDays } from '../../src/contracts/game-date';
import { inOrderOfEnd } from '../../src/contracts/run-record';
import { ControlClient } from '../../src/control/client';
import { Home } from '../../src/stack/home';
import { freePort, isAlive } from '../../src/stack/processes';
import { startBuilt, type BuiltProcess } from '../support/built-process';
import { Cli } from '../support/cli';
import { envelope } from '../support/gateway';
import { loadNights } from '../support/load-nights';
import { demoNight, movedTo } from '../support/nights';
import { PushSubscription, type Delivery } from '../support/push-subscription';

const night = demoNight('2017-04-15');
const source = 'nbac_gamebook_player_stats';
const tables = ['player_game_summary', 'team_defense_game_summary', 'team_offense_game_summary'];
/** Where each date is when the gateway is killed. */
const dates = {
  /** At its gate, during all of it. */
  held: '2017-10-01',
  left: '2017-10-02',
  unheard: '2017-10-03',
  accepted: '2017-10-04',
  range: '2017-10-05',
  publishing: ['2017-10-06', '2017-10-07', '2017-10-08', '2017-10-09', '2017-10-10', '2017-10-11'],
  untold: '2017-10-12',
  /** Of two messages, of which the second has to wait until Temporal has the first. */
  queued: '2017-10-13',
} as const;
/** For the stops. */
const stops = {
  asked: '2017-10-20',
  asRange: '2017-10-21',
  down: '2017-10-22',
  untaken: '2017-10-24',
  /** Of it there are no team rows. */
  blocked: '2017-10-23',
} as const;
/** Of each backfill that goes on while processes are killed: the first of its dates, and how many, of which some have rows. */
const ranges = {
  goesOn: { from: '2018-01-01', days: 12, nights: 12 },
  paused: { from: '2018-02-01', days: 24, nights: 4 },
  cancelled: { from: '2018-03-01', days: 60, nights: 4 },
} as const;
type Range = (typeof ranges)[keyof typeof ranges];
const datesOf = ({ from }: Range, count: number): string[] =>
  Array.from({ length: count }, (_, day) => addDays(from, day));
const lateDates: readonly string[] = [dates.held, stops.blocked];
/** What the subscription calls it that can never succeed. */
const badMessage = 'never';
const queuedMessages = ['queued-1', 'queued-2'];
// Each step is a few commands, and each command a process of its own.
jest.setTimeout(60_000);

let cli: Cli;
let home: Home;
let port: string;
let url: string;
let connection: Connection;
let temporal: Client;
let subscription: PushSubscription;
const byHand: BuiltProcess[] = [];
const webhook = createServer();
/** The message of each date. */
const messages = new Map<string, string>();

beforeAll(async () => {
  port = String(await freePort());
  url = `http://127.0.0.1:${port}`;
  // Gates look again when they are asked to only.
  cli = await Cli.create({
    // A server that is killed comes back where its clients look for it.
    PHASE3_TEMPORAL_PORT: String(await freePort()),
    ...{ PHASE3_GATEWAY_PORT: port, PHASE3_GATE_DEADLINE_SECONDS: '3600' },
    ...{ PHASE3_GATE_FIRST_WAIT_SECONDS: '600', PHASE3_GATE_LONGEST_WAIT_SECONDS: '600' },
  });
  home = new Home(cli.home);
  await cli.ok('up');
  const filled = Object.values(ranges).flatMap((range) => datesOf(range, range.nights));
  const whole = [...Object.values(dates).flat(), ...Object.values(stops), ...filled];
  await loadNights(
    cli,
    whole.map((date) => {
      const moved = movedTo(night, date);
      return lateDates.includes(date) ? { ...moved, nbac_team_boxscore: [] } : moved;
    }),
  );
  connection = await Connection.connect({ address: (await home.readStack()).temporal!.address });
  temporal = new Client({ connection });
  subscription = new PushSubscription({
    endpoint: `${url}/process`,
    // 300 s and 1000 s of back-off are 0.3 s and 1 s.
    ...{ speed: 1000, minimumBackoffSeconds: 300, maximumBackoffSeconds: 1000 },
    ...{ ackDeadlineSeconds: 600, ackDeadlineMs: 60_000 },
    // Retried until it is acknowledged, and never again.
    ...{ maxDeliveryAttempts: null, duplicateShare: 0, disorderShare: 0, seed: 1 },
  });
}, 120_000);
afterAll(async () => {
  await subscription.close();
  for (const { kill: end } of byHand) end();
  webhook.closeAllConnections();
  webhook.close();
  await connection.close();
  await cli.dispose();
});

/** Asks until the answer is as wanted. */
async function until<T>(ask: () => Promise<T> | T, isWanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Works while a process of the stack stands still. */
async function whileStill<T>(name: 'temporal' | 'worker', work: () => Promise<T>): Promise<T> {
  const { pid } = (await home.readStack())[name]!;
  process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** Publishes news of a date; it is pushed until it is acknowledged. */
function publish(gameDate: string, named?: string): string {
  const messageId = subscription.publish(
    { source_table: source, game_date: gameDate },
    named === undefined ? {} : { messageId: named },
  );
  messages.set(gameDate, messageId);
  return messageId;
}

/** Starts a process of this home by hand, which is ended with the tests if it was not before. */
async function startByHand(name: 'worker' | 'gateway', more: NodeJS.ProcessEnv): Promise<BuiltProcess> {
  const { address } = (await home.readStack()).temporal!;
  const started = startBuilt(name, { PHASE3_HOME: cli.home, TEMPORAL_ADDRESS: address, ...more });
  byHand.push(started);
  return started;
}

function deliveriesOf(messageId: string): readonly Delivery[] {
  return subscription.deliveries.filter((delivery) => delivery.messageId === messageId);
}

interface Sent {
  /** Null where there was none. */
  readonly answer: Promise<{ status: number | undefined; body: unknown } | null>;
}

/** Sends something once, over a connection that is for nothing else. Resolves when it has left. */
async function send(path: string, body: object, to = url): Promise<Sent> {
  const asked = request(`${to}${path}`, { method: 'POST', agent: false });
  const answer = new Promise<Awaited<Sent['answer']>>((resolve, reject) => {
    asked.once('error', () => resolve(null));
    asked.once('response', (response) => {
      text(response).then(
        (said) => resolve({ status: response.statusCode, body: JSON.parse(said) as unknown }),
        reject,
      );
    });
  });
  asked.end(JSON.stringify(body));
  await once(asked, 'finish');
  return { answer };
}

const workflowOf = (gameDate: string): string => identityOf(null).dateWorkflowId(gameDate);

/** Whether Temporal has been asked about a date. */
async function isAsked(gameDate: string): Promise<boolean> {
  return temporal.workflow
    .getHandle(workflowOf(gameDate))
    .describe()
    .then(
      () => true,
      () => false,
    );
}

async function backfills(): Promise<number> {
  return (await temporal.workflow.count(`WorkflowType = '${backfillWorkflowType}'`)).count;
}

async function control(): Promise<ControlClient> {
  return new ControlClient((await home.readWorker())!);
}

async function kill(): Promise<void> {
  const { gateway } = await home.readStack();
  process.kill(gateway!.pid, 'SIGKILL');
  await until(
    () => isAlive(gateway!),
    (alive) => !alive,
  );
}

/** Starts what is down again: a gateway at the same address, and nothing else. */
async function restart(): Promise<void> {
  const before = await home.readStack();
  await cli.ok('up');
  const after = await home.readStack();
  // Its port of the UI was free meanwhile, and another home may have it now.
  expect(after).toEqual({
    ...{ ...before, gateway: expect.objectContaining({ url }) as unknown },
    temporal: { ...before.temporal, ui: expect.any(String) as unknown },
  });
  expect(after.gateway?.pid).not.toBe(before.gateway?.pid);
  const live = (await (await fetch(`${url}/health/live`)).json()) as { pid: number };
  expect(live.pid).toBe(after.gateway?.pid);
}

/** The passes of a date on record: how each ended, and whose requests it was for. */
async function passesOf(gameDate: string): Promise<[string, string[]][]> {
  const { run_history: rows } = await (await control()).dateRecord(gameDate);
  return inOrderOfEnd(rows).map(({ state, requests }) => [
    state,
    (JSON.parse(requests) as { request_id: string }[]).map(({ request_id: id }) => id),
  ]);
}

async function versionsOf(gameDate: string): Promise<string[]> {
  const { partition_manifest: rows } = await (await control()).dateRecord(gameDate);
  return rows.map(({ table_name: table, version }) => `${table} ${version}`).sort();
}

const firstVersions = tables.map((table) => `${table} 1`);

describe('killed', () => {
  test('a date waits at its gate, through all that follows', async () => {
    const messageId = publish(dates.held);
    await until(
      () => deliveriesOf(messageId),
      ([first]) => first !== undefined,
    );
    expect(deliveriesOf(messageId)[0]).toMatchObject({
      status: 500,
      body: { status: 'dependency_not_ready', missing_dependencies: ['nbac_team_boxscore'] },
    });
  });

  test('as a request has left its sender', async () => {
    const sent = await send('/process', envelope({ source_table: source, game_date: dates.left }, 'left'));
    await kill();
    expect(await sent.answer).toBeNull();
    expect(await cli.json('status')).toMatchObject({
      ...{ healthy: false, gateway: null },
      components: { temporal: { up: true }, worker: { up: true }, gateway: { up: false, pid: null } },
    });
    await restart();
    publish(dates.left, 'left');
  });

  test('while Temporal has not said that it has it', async () => {
    await whileStill('temporal', async () => {
      const messageId = publish(dates.unheard);
      const sent = await send(
        '/process',
        envelope({ source_table: source, game_date: dates.unheard }, messageId),
      );
      // What came after it has been answered, so it has been read and passed on.
      await fetch(`${url}/health/live`);
      await kill();
      expect(await sent.answer).toBeNull();
    });
    await restart();
  });

  test('while a message waits for the one before it of its date', async () => {
    const news = { source_table: source, game_date: dates.queued };
    await whileStill('temporal', async () => {
      const sent: Sent[] = [];
      for (const messageId of queuedMessages) sent.push(await send('/process', envelope(news, messageId)));
      await fetch(`${url}/health/live`);
      await kill();
      for (const { answer } of sent) expect(await answer).toBeNull();
    });
    await restart();
    for (const messageId of queuedMessages) subscription.publish(news, { messageId });
  });

  test('when Temporal has it and no worker has: a message, a range, and what can never succeed', async () => {
    await whileStill('worker', async () => {
      const messageId = publish(dates.accepted);
      const range = await send('/process-date-range', { start_date: dates.range, end_date: dates.range });
      subscription.publish({ source_table: source, game_date: 'never' }, { messageId: badMessage });
      await until(
        async () => (await isAsked(dates.accepted)) && (await backfills()) === 1,
        (isThere) => isThere,
      );
      expect(deliveriesOf(messageId)).toEqual([]);
      await kill();
      expect(await range.answer).toBeNull();
    });
    await restart();
    // A person asks again, and finds done what the first one has begun.
    const again = await send('/process-date-range', { start_date: dates.range, end_date: dates.range });
    expect(await again.answer).toMatchObject({
      status: 200,
      body: {
        results: [{ game_date: dates.range, results: [{ version: 1 }, { version: 1 }, { version: 1 }] }],
      },
    });
  });

  test('as the first of six dates is published', async () => {
    for (const gameDate of dates.publishing) publish(gameDate);
    await until(
      () => Promise.all(dates.publishing.map(versionsOf)),
      (all) => all.some((versions) => versions.includes('player_game_summary 1')),
    );
    await kill();
    await restart();
  });

  test('when all is done, and nobody was told', async () => {
    const messageId = await whileStill('worker', async () => {
      const id = publish(dates.untold);
      await until(
        () => isAsked(dates.untold),
        (asked) => asked,
      );
      process.kill((await home.readStack()).gateway!.pid, 'SIGSTOP');
      return id;
    });
    await until(
      () => temporal.workflow.getHandle(workflowOf(dates.untold)).describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    await kill();
    await until(
      () => deliveriesOf(messageId),
      ({ length }) => length > 0,
    );
    expect(deliveriesOf(messageId)[0]).toMatchObject({ status: 'no connection' });
    await restart();
    // It is asked once more, and there was nothing left to do.
    const told = await until(
      () => deliveriesOf(messageId).at(-1)!,
      ({ acknowledged }) => acknowledged,
    );
    expect(told).toMatchObject({ status: 200, body: { status: 'unchanged' } });
    const id = `pubsub/nbac_gamebook_player_stats/${messageId}`;
    expect(await passesOf(dates.untold)).toEqual([
      ['published', [id]],
      ['unchanged', [id]],
    ]);
  });

  test('nothing is lost, and nothing was done twice', async () => {
    // The rows of the date that was held have come at last.
    await loadNights(cli, [movedTo(night, dates.held)]);
    await subscription.drained(60_000);
    for (const [gameDate, messageId] of messages) {
      const last = deliveriesOf(messageId).at(-1);
      expect(last).toMatchObject({ status: 200, acknowledged: true });
      expect(['completed', 'unchanged']).toContain((last?.body as { status: string }).status);
      expect(await versionsOf(gameDate)).toEqual(firstVersions);
      const [first, ...rest] = await passesOf(gameDate);
      const id = `pubsub/nbac_gamebook_player_stats/${messageId}`;
      expect(first).toEqual(['published', [id]]);
      // Whoever asked again after the date was done is on record too: for nothing.
      for (const pass of rest) expect(pass).toEqual(['unchanged', [id]]);
    }
    // That one was asked again and again, of one gateway after another, and it was one request all the time.
    expect(await passesOf(dates.held)).toHaveLength(1);
    expect(deliveriesOf(messages.get(dates.held)!).map(({ status }) => status)).toEqual(
      expect.arrayContaining([500, 'no connection', 200]),
    );
    expect(await versionsOf(dates.queued)).toEqual(firstVersions);
    const queued = await passesOf(dates.queued);
    for (const messageId of queuedMessages) {
      expect(deliveriesOf(messageId).at(-1)).toMatchObject({ status: 200, acknowledged: true });
      const id = `pubsub/${source}/${messageId}`;
      expect(queued.flatMap(([, ids]) => ids)).toContain(id);
    }
    expect(queued.filter(([state]) => state === 'published')).toHaveLength(1);
    expect(await versionsOf(dates.range)).toEqual(firstVersions);
    expect((await passesOf(dates.range)).map(([state]) => state)).toEqual(['published', 'unchanged']);
    const dead: unknown[] = [];
    for await (const row of (await control()).export('dead_letter', '2000-01-01', '2100-01-01'))
      dead.push(row);
    expect(dead).toMatchObject([{ message_id: badMessage }]);
  });
});

describe('a backfill, whichever process is killed', () => {
  const who = { by: 'ana@example.org', reason: 'the league corrects its files until noon' };
  const client = (): Phase3Client => new Phase3Client(temporal);
  const start = async (range: Range, concurrency: number): Promise<string> => {
    const last = addDays(range.from, range.days - 1);
    return (await client().backfill({ from: range.from, to: last, concurrency })).workflowId;
  };
  /** How far it is, once somebody says. */
  const progressOf = (workflowId: string, isWanted: (progress: BackfillProgress) => boolean) =>
    until(
      () =>
        client()
          .backfillProgress(workflowId)
          .catch(() => null),
      (progress) => progress !== null && isWanted(progress),
    ) as Promise<BackfillProgress>;
  const doneOf = ({ replies }: BackfillProgress): number => Object.keys(replies).length;
  const killAll = async (...names: ('temporal' | 'worker' | 'gateway')[]): Promise<void> => {
    const stack = await home.readStack();
    for (const name of names) process.kill(stack[name]!.pid, 'SIGKILL');
    for (const name of names)
      await until(
        () => isAlive(stack[name] ?? null),
        (alive) => !alive,
      );
  };
  const publishedOf = async (gameDate: string): Promise<number> =>
    (await passesOf(gameDate)).filter(([state]) => state === 'published').length;

  test('goes on to its end; one that is paused stays so, and one that is cancelled meanwhile strands nothing', async () => {
    const [goesOn, paused, cancelled] = [
      await start(ranges.goesOn, 2),
      await start(ranges.paused, 1),
      await start(ranges.cancelled, 2),
    ];
    await client().steerBackfill(paused, { ...who, what: 'pause' });
    await progressOf(goesOn, (progress) => doneOf(progress) >= 1);
    await killAll('worker');
    // Nobody is there to take it: it is taken by whoever comes.
    const cancelling = client().steerBackfill(cancelled, { ...who, what: 'cancel' });
    await cli.ok('up');
    expect(await cancelling).toMatchObject({ what: 'cancel', ...who });

    await progressOf(goesOn, (progress) => doneOf(progress) >= 4);
    await killAll('temporal');
    await cli.ok('up');
    await progressOf(goesOn, (progress) => doneOf(progress) >= 7);
    await killAll('gateway', 'temporal', 'worker');
    await cli.ok('up');

    const { replies } = await progressOf(goesOn, (progress) => doneOf(progress) === ranges.goesOn.days);
    expect(new Set(Object.values(replies).map(({ state }) => state))).toEqual(new Set(['published']));
    for (const gameDate of datesOf(ranges.goesOn, ranges.goesOn.nights)) {
      expect(await versionsOf(gameDate)).toEqual(firstVersions);
      expect([gameDate, await publishedOf(gameDate)]).toEqual([gameDate, 1]);
    }

    const ended = (await temporal.workflow.getHandle(cancelled).result()) as BackfillProgress;
    expect(ended).toMatchObject({ asked: {}, cancelled: who });
    expect(doneOf(ended)).toBeLessThan(ranges.cancelled.days);
    for (const gameDate of datesOf(ranges.cancelled, ranges.cancelled.days)) {
      const known = gameDate in ended.replies;
      expect([gameDate, (await client().state(gameDate))?.isOpen ?? null]).toEqual([
        gameDate,
        known ? false : null,
      ]);
      const hasRows = known && datesOf(ranges.cancelled, ranges.cancelled.nights).includes(gameDate);
      expect([gameDate, await versionsOf(gameDate)]).toEqual([gameDate, hasRows ? firstVersions : []]);
    }

    const still = await progressOf(paused, () => true);
    expect(still).toMatchObject({ paused: who, asked: {} });
    expect(doneOf(still)).toBeLessThan(ranges.paused.days);
    await client().steerBackfill(paused, { ...who, what: 'set', concurrency: 8 });
    await client().steerBackfill(paused, { ...who, what: 'resume' });
    await progressOf(paused, (progress) => doneOf(progress) === ranges.paused.days);
    for (const gameDate of datesOf(ranges.paused, ranges.paused.nights)) {
      expect(await versionsOf(gameDate)).toEqual(firstVersions);
      expect([gameDate, await publishedOf(gameDate)]).toEqual([gameDate, 1]);
    }
  }, 180_000);
});

describe('asked to stop, ends with 0', () => {
  const stopping = {
    status: 503,
    body: { status: 'unavailable', message: expect.stringMatching(/^The gateway is stopping/) as string },
  };

  test('a gateway: who waits is told so, and idle connections hold nothing up', async () => {
    const own = String(await freePort());
    const gateway = await startByHand('gateway', { PHASE3_GATEWAY_PORT: own });
    const to = `http://127.0.0.1:${own}`;
    await gateway.said(`serving ${to}`);
    const known = await backfills();
    await whileStill('worker', async () => {
      // Of this one fetch keeps the connection.
      await fetch(`${to}/health/live`);
      const message = await send(
        '/process',
        envelope({ source_table: source, game_date: stops.asked }, 'stopped'),
        to,
      );
      const range = await send(
        '/process-date-range',
        { start_date: stops.asRange, end_date: stops.asRange },
        to,
      );
      await until(
        async () => (await isAsked(stops.asked)) && (await backfills()) > known,
        (isThere) => isThere,
      );
      process.kill(gateway.pid, 'SIGTERM');
      expect(await message.answer).toMatchObject(stopping);
      expect(await range.answer).toMatchObject(stopping);
    });
    const { code, signal, stderr } = await gateway.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stderr).toContain('stopping: SIGTERM');
    expect(stderr).not.toContain('"level":"ERROR"');
    expect(stderr).not.toContain('stopped before all requests were answered');
  });

  test('a gateway whose messages Temporal has not taken: who waits is told so', async () => {
    const own = String(await freePort());
    const gateway = await startByHand('gateway', { PHASE3_GATEWAY_PORT: own });
    const to = `http://127.0.0.1:${own}`;
    await gateway.said(`serving ${to}`);
    await whileStill('temporal', async () => {
      const news = { source_table: source, game_date: stops.untaken };
      const sent: Sent[] = [];
      // One is on its way, and the other waits for it.
      for (const id of ['untaken-1', 'untaken-2']) sent.push(await send('/process', envelope(news, id), to));
      await fetch(`${to}/health/live`);
      process.kill(gateway.pid, 'SIGTERM');
      for (const { answer } of sent) expect(await answer).toMatchObject(stopping);
      const { code, stderr } = await gateway.ended;
      expect(code).toBe(0);
      expect(stderr).not.toContain('stopped before all requests were answered');
    });
  });

  test('a gateway whose client never ends its request: it is cut off', async () => {
    const own = await freePort();
    const gateway = await startByHand('gateway', { PHASE3_GATEWAY_PORT: String(own) });
    await gateway.said('serving');
    const slow = connect(own, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.write('POST /process HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{');
    // Answered after it, so the one before it has been read.
    await fetch(`http://127.0.0.1:${own}/health/live`);
    process.kill(gateway.pid, 'SIGTERM');
    const { code, signal, stderr } = await gateway.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stderr).toContain('stopped before all requests were answered');
  });

  test('a worker: what it is in the midst of is done before it ends', async () => {
    const { worker: known } = await home.readStack();
    process.kill(known!.pid, 'SIGTERM');
    await until(
      () => isAlive(known),
      (alive) => !alive,
    );
    webhook.listen(0, '127.0.0.1');
    await once(webhook, 'listening');
    const hook = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}`;
    const worker = await startByHand('worker', { PHASE3_WEBHOOK_URL: hook });
    await until(
      () => home.readWorker(),
      (file) => file?.pid === worker.pid,
    );
    // A backfill asks once, finds no rows, and people are told: that is what it is stopped in.
    const told = once(webhook, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    const { workflowId } = await new Phase3Client(temporal).backfill({
      from: stops.blocked,
      to: stops.blocked,
      concurrency: 1,
    });
    const [, answer] = await told;
    process.kill(worker.pid, 'SIGTERM');
    await worker.said('"DRAINING"');
    expect(await isDone(workflowId, 'notify')).toBe(false);
    answer.end();
    const { code, signal, stderr } = await worker.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stderr).not.toContain('the worker ends');
    expect(await isDone(workflowId, 'notify')).toBe(true);
    await cli.ok('up');
  });

  /** Whether a run's activity of that name has been done, as Temporal knows it. */
  async function isDone(workflowId: string, name: string): Promise<boolean> {
    const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
    const asked = events?.find(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === name,
    );
    expect(asked).toBeDefined();
    return (events ?? []).some(({ activityTaskCompletedEventAttributes: completed }) =>
      completed?.scheduledEventId?.equals(asked?.eventId ?? 0),
    );
  }

  test('down: who waits is told so, and no process is left', async () => {
    const { temporal: server, worker, gateway } = await home.readStack();
    const down = await whileStill('worker', async () => {
      const sent = await send('/process', envelope({ source_table: source, game_date: stops.down }, 'down'));
      await until(
        () => isAsked(stops.down),
        (asked) => asked,
      );
      const ending = cli.ok('down');
      expect(await sent.answer).toMatchObject(stopping);
      return { ending };
    });
    expect(await down.ending).toBe('Down.\n');
    for (const one of [server, worker, gateway ?? null]) expect(await isAlive(one)).toBe(false);
    expect(await home.readStack()).toEqual({ temporal: null, worker: null, gateway: null });
    await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
    const [doorLog, workLog] = await Promise.all(
      ['gateway.log', 'worker.log'].map((name) => readFile(join(home.logs, name), 'utf8')),
    );
    expect(doorLog).not.toContain('stopped before all requests were answered');
    // Drained, and not killed when its grace was over.
    expect(workLog?.trim().split('\n').at(-1)).toContain('"state":"STOPPED"');
    expect(await cli.json('status')).toMatchObject({ healthy: false, temporal: null, gateway: null });
  });
});
