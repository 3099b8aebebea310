/** Whom the gateway tells of a worker that is gone: once, and once when it is back. Against a real server, and a worker that stops. */
import type { NotificationSettings } from '../../src/config/notifications';
import { identityOf } from '../../src/contracts/identity';
import type { Notification } from '../../src/contracts/notifications';
import { lastPoll } from '../../src/gateway/server-probe';
import {
  toChannels,
  WorkerWatch,
  type Delivery,
  type WorkerWatchOptions,
} from '../../src/gateway/worker-watch';
import { startReceiver } from '../notifications/receiver';
import { Rig } from '../support/rig';

const { taskQueue } = identityOf(null);

interface Watched {
  readonly watch: WorkerWatch;
  readonly told: Notification[];
  readonly logged: string[];
}

function watched(options: Partial<WorkerWatchOptions>): Watched {
  const [told, logged]: [Notification[], string[]] = [[], []];
  const watch = new WorkerWatch({
    ...{ taskQueue, goneAfterMs: 180_000, clock: () => new Date(), seen: () => undefined },
    lastPoll: async () => null,
    deliver: async (notification) => void told.push(notification),
    log: (_, message) => logged.push(message),
    ...options,
  });
  return { watch, told, logged };
}

describe('by what Temporal says', () => {
  const start = Date.parse('2026-02-04T06:00:00Z');
  const at = (seconds: number): Date => new Date(start + 1000 * seconds);
  let now: Date;
  let polled: Date | null;
  let seen: Date[];
  let one: Watched;

  beforeEach(() => {
    [now, polled, seen] = [at(0), null, []];
    one = watched({
      ...{ clock: () => now, lastPoll: async () => polled, seen: (when) => void seen.push(when) },
    });
  });

  async function lookAt(seconds: number): Promise<string[]> {
    now = at(seconds);
    await one.watch.look();
    return one.told.splice(0).map(({ kind }) => kind);
  }

  test('one that starts has its time; gone and back are each told once', async () => {
    expect(await lookAt(180)).toEqual([]);
    expect(await lookAt(181)).toEqual(['worker_gone']);
    expect(await lookAt(400)).toEqual([]);
    polled = at(410);
    expect(await lookAt(411)).toEqual(['worker_back']);
    // Idle, it asks once a minute.
    polled = at(470);
    expect(await lookAt(500)).toEqual([]);
    // The server forgets a poller after some minutes; the gateway does not.
    polled = null;
    expect(await lookAt(650)).toEqual([]);
    expect(await lookAt(651)).toEqual(['worker_gone']);
    expect(seen.at(-1)).toEqual(at(470));
  });

  test('what is told names the queue and since when; both are one incident', async () => {
    polled = at(10);
    now = at(200);
    await one.watch.look();
    polled = at(300);
    now = at(301);
    await one.watch.look();
    expect(one.told).toMatchObject([
      {
        ...{ kind: 'worker_gone', subject: taskQueue, state: 'no_worker', since: '2026-02-04T06:00:10.000Z' },
        summary: expect.stringContaining('since 2026-02-04 06:00 UTC') as string,
      },
      { kind: 'worker_back', since: '2026-02-04T06:00:10.000Z', workflowId: null },
    ]);
    expect(new Set(one.told.map(({ notificationId }) => notificationId)).size).toBe(2);
  });

  test('a server that does not answer says nothing of the worker', async () => {
    let isAway = true;
    one = watched({
      clock: () => now,
      lastPoll: () => (isAway ? Promise.reject(new Error('no answer')) : Promise.resolve(at(995))),
    });
    expect(await lookAt(1_000)).toEqual([]);
    expect(one.logged).toEqual(['it cannot be seen whether a worker is there']);
    isAway = false;
    expect(await lookAt(1_001)).toEqual([]);
  });

  test('what could not be sent is tried again, where it has not been', async () => {
    const tries: Delivery[] = [];
    one = watched({
      clock: () => now,
      deliver: async (notification, delivery) => {
        tries.push({ ...delivery, reached: [...delivery.reached] });
        delivery.reached.push('json');
        if (tries.length === 1) throw new Error('no answer');
        one.told.push(notification);
      },
    });
    expect(await lookAt(200)).toEqual([]);
    expect(await lookAt(201)).toEqual(['worker_gone']);
    expect(await lookAt(202)).toEqual([]);
    expect(tries).toEqual([
      { isFirst: true, reached: [] },
      { isFirst: false, reached: ['json'] },
    ]);
  });
});

test('each channel gets it once, with its severity, and the log once', async () => {
  const receiver = await startReceiver();
  try {
    const logged: unknown[] = [];
    const settings: NotificationSettings = {
      channels: [
        { name: 'slack', address: `${receiver.address}&to=slack` },
        { name: 'json', address: `${receiver.address}&to=json` },
      ],
      ...{ neededBy: '09:00', heartbeatUrl: null, workerGoneAfterMs: 180_000 },
      ...{ temporalUi: 'http://127.0.0.1:8233', runbook: 'docs/runbook.md' },
    };
    let now = new Date('2026-02-04T06:00:00Z');
    const { watch } = watched({
      clock: () => now,
      deliver: toChannels(settings, 'default', (level, message) => logged.push([level, message])),
    });
    receiver.answer = (response, { url }) => response.writeHead(url?.endsWith('slack') ? 503 : 200).end();
    now = new Date('2026-02-04T06:04:00Z');
    await watch.look();
    receiver.answer = (response) => response.end('ok');
    await watch.look();
    await watch.look();
    const bodies = (name: string): unknown[] =>
      receiver.received.flatMap(({ path, body }) => (path.endsWith(name) ? [body] : []));
    expect(bodies('json')).toMatchObject([
      {
        ...{ kind: 'worker_gone', severity: 'page', game_date: null, run_url: null },
        ...{ next_command: 'phase3 status', runbook: 'docs/runbook.md#worker-down' },
      },
    ]);
    expect(bodies('slack')).toHaveLength(2);
    expect(logged).toEqual([['ERROR', `🚨 ❌ No worker on ${taskQueue}`]]);
  } finally {
    await receiver.close();
  }
});

test('a worker that stops, and one that starts again, on a real server', async () => {
  const rig = await Rig.open();
  try {
    let skewMs = 0;
    const { watch, told } = watched({
      clock: () => new Date(Date.now() + skewMs),
      lastPoll: () => lastPoll(rig.raw.connection, { namespace: 'default', taskQueue }),
    });
    await rig.startWorker();
    while ((await lastPoll(rig.raw.connection, { namespace: 'default', taskQueue })) === null)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await watch.look();
    expect(told).toEqual([]);
    await rig.stopWorker();
    // Four minutes later, by the gateway's clock.
    skewMs = 240_000;
    await watch.look();
    expect(told.map(({ kind }) => kind)).toEqual(['worker_gone']);
    skewMs = 0;
    await rig.startWorker();
    await watch.look();
    expect(told.map(({ kind }) => kind)).toEqual(['worker_gone', 'worker_back']);
  } finally {
    await rig.close();
  }
});
