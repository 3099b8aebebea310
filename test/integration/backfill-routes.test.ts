/** Backfills over HTTP: what is so of them, and what people decide, at whichever of two gateways and however often it is sent. */
import { addDays } from '../../src/contracts/game-date';
import { startGateway, type Answered, type TestGateway } from '../support/gateway';
import { Rig } from '../support/rig';

const reason = 'the warehouse is slow tonight';
let rig: Rig;
let gateways: TestGateway[];
beforeAll(async () => {
  rig = await Rig.open();
  gateways = [await startGateway(rig), await startGateway(rig)];
  await rig.startWorker();
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await rig.close();
});

const get = (path: string): Promise<Answered> => gateways[0]!.get(path);
const decide = (path: string, what: string, body: object, gateway = 0): Promise<Answered> =>
  gateways[gateway]!.post(`${path}/${what}`, { reason, ...body });

/** Starts a backfill of dates without games, and says where it is. */
async function started(from: string, days: number): Promise<string> {
  const to = addDays(from, days - 1);
  const { workflowId } = await rig.client.backfill({ from, to, concurrency: 1, by: 'ana@example.org' });
  return `/date-ranges/${from}/${to}/${workflowId.split('/').at(-1)}`;
}

async function until(path: string, state: string): Promise<Answered> {
  for (;;) {
    const answer = await get(path);
    if (answer.body['state'] === state) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const decisionsOf = ({ body }: Answered): unknown =>
  (body['progress'] as { decisions: { what: string; by: string }[] }).decisions.map(({ what, by }) => [
    what,
    by,
  ]);

test('it is paused, slowed, resumed and done, each decision once, however often and wherever it is sent', async () => {
  const path = await started('2017-08-01', 40);
  const both = await Promise.all([0, 1].map((gateway) => decide(path, 'pause', { id: 'p-1' }, gateway)));
  for (const answer of both)
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'accepted', id: 'p-1', what: 'pause', by: 'tester', reason },
    });
  expect(both[0]?.body).toEqual(both[1]?.body);
  const paused = await until(path, 'paused');
  expect(paused.body).toMatchObject({
    ...{ from: '2017-08-01', to: '2017-09-09', by: 'ana@example.org', ended_at: null },
    progress: { total: 40, concurrency: 1, cancelled: null, paused: { steer_id: 'p-1' } },
  });

  // Another pause is another decision, and it is paused already; under that id nothing else can be decided.
  expect(await decide(path, 'pause', {})).toMatchObject({ status: 409, body: { status: 'refused' } });
  expect(await decide(path, 'resume', { id: 'p-1' })).toMatchObject({ status: 409 });
  expect((await until(path, 'paused')).body['progress']).toMatchObject({ decisions: [{ what: 'pause' }] });

  expect(await decide(path, 'set', { concurrency: 8, id: 's-1' }, 1)).toMatchObject({
    ...{ status: 200, body: { message: '8 dates at once from now on, 1 before.' } },
  });
  // Another number is another decision.
  expect(await decide(path, 'set', { concurrency: 3, id: 's-1' })).toMatchObject({ status: 409 });
  expect((await decide(path, 'resume', { id: 'r-1' })).status).toBe(200);
  const done = await until(path, 'done');
  expect(done.body['progress']).toMatchObject({ done: 40, counts: { blocked: 40 }, concurrency: 8 });
  expect(decisionsOf(done)).toEqual(['pause', 'set', 'resume'].map((what) => [what, 'tester']));

  // What was answered before is answered again, and nothing new is taken.
  expect(await decide(path, 'resume', { id: 'r-1' }, 1)).toMatchObject({ status: 200, body: { id: 'r-1' } });
  // Refused alike between its last date and its end, and after.
  const late = async (): Promise<Answered> => decide(path, 'cancel', {});
  expect(await late()).toMatchObject({ status: 409, body: { status: 'refused' } });
  while ((await get(path)).body['ended_at'] === null) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await late()).toMatchObject({ status: 409, body: { status: 'refused' } });
});

test('what is decided while it ends is refused, whenever it comes', async () => {
  const path = await started('2017-06-01', 4);
  const statuses = new Set<unknown>();
  let hasEnded = false;
  const ask = async (): Promise<void> => {
    while (!hasEnded) {
      const answer = await decide(path, 'resume', {});
      statuses.add(answer.status === 409 ? 409 : JSON.stringify(answer.body));
      hasEnded = (await get(path)).body['ended_at'] !== null;
    }
  };
  await Promise.all(Array.from({ length: 24 }, ask));
  expect([...statuses]).toEqual([409]);
});

test('a cancellation whose answer was lost is answered again after it has ended', async () => {
  const path = await started('2017-07-01', 31);
  expect((await decide(path, 'cancel', { id: 'c-1' })).status).toBe(200);
  const ended = await until(path, 'cancelled');
  expect(await decide(path, 'cancel', { id: 'c-1' }, 1)).toMatchObject({ status: 200, body: { id: 'c-1' } });
  expect(decisionsOf(await until(path, 'cancelled'))).toEqual(decisionsOf(ended));
  // A list asks none that has ended how it ended, and does not make it up.
  const { backfills } = (await get('/date-ranges')).body as { backfills: Record<string, unknown>[] };
  const listed = backfills.find(({ from }) => from === '2017-07-01');
  expect(['cancelled', 'completed']).toContain(listed?.['state']);
});

test('the list has all of them, and what is none is said to be none', async () => {
  const path = await started('2017-07-10', 1);
  const [, , from, , name] = path.split('/');
  let found: Record<string, unknown> | undefined;
  while (!found) {
    const { backfills } = (await get('/date-ranges')).body as { backfills: Record<string, unknown>[] };
    found = backfills.find((one) => one['name'] === name);
  }
  expect(found).toMatchObject({ from, to: from, name, by: 'ana@example.org' });

  for (const [wrong, what, body, status] of [
    ['/date-ranges/2017-07-10/2017-07-10/none', 'pause', {}, 404],
    ['/date-ranges/2017-07-10/never/none', 'pause', {}, 404],
    [path, 'stop', {}, 404],
    [path, 'set', {}, 400],
    [path, 'set', { concurrency: 0 }, 400],
    [path, 'pause', { concurrency: 2 }, 400],
    [path, 'pause', { by: 'somebody else' }, 400],
    [path, 'cancel', { reason: 'now' }, 400],
    [path, 'cancel', { id: '' }, 400],
  ] as const)
    expect([what, body, (await decide(wrong, what, body)).status]).toEqual([what, body, status]);
  expect((await get('/date-ranges/2017-07-10/2017-07-10/none')).status).toBe(404);
});
