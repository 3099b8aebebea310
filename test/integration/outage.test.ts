/** Temporal was down over a launch: it is made up for when the server is back, for the instant that it was meant for. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { identityOf } from '../../src/contracts/identity';
import { optionsOf, wantedSchedules } from '../../src/schedules/wanted-schedules';
import { startTestServer, type TestServer } from '../support/temporal';

const everyMs = 3_000;
/** The server's shortest window: of what is older when it comes back nothing is made up for. */
const shortestWindowMs = 10_000;
const outageMs = 18_000;

const nightly = wantedSchedules(identityOf(null), { everyMs: 0 })[0]!;

let folder: string;
let server: TestServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-outage-'));
  server = await startTestServer([], join(folder, 'temporal.db'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function withServer<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

/** The instants that a schedule has launched for, ms since the epoch; the server puts them behind the id of the workflow. */
async function launches(client: Client, name: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { workflowId } of client.workflow.list())
    if (workflowId.startsWith(`${name}-`)) found.push(Date.parse(workflowId.slice(name.length + 1)));
  return found.sort((a, b) => a - b);
}

async function until(client: Client, holds: (client: Client) => Promise<boolean>): Promise<void> {
  while (!(await holds(client))) await new Promise((resolve) => setTimeout(resolve, 100));
}

test('every launch of an outage is made up for by the policies of a night; with a short window some are lost', async () => {
  // As a night is scheduled, only oftener: an outage that a test can wait for has no 06:30 in it.
  const create = async (client: Client, name: string, windowMs: number): Promise<void> => {
    const options = optionsOf({
      ...{ ...nightly, scheduleId: name, workflowId: name },
      ...{ when: { kind: 'every', ms: everyMs }, catchupWindowMs: windowMs },
    });
    await client.schedule.create(options);
  };
  const before = await withServer(async (client) => {
    await create(client, 'night', nightly.catchupWindowMs);
    await create(client, 'short', shortestWindowMs);
    await until(
      client,
      async (own) => (await launches(own, 'night')).length > 0 && (await launches(own, 'short')).length > 0,
    );
    return launches(client, 'night');
  });
  await server.stop();
  const downAt = Date.now();
  // The outage itself is a length of time: nothing happens in it that could be waited for.
  await new Promise((resolve) => setTimeout(resolve, outageMs));
  server = await startTestServer([], join(folder, 'temporal.db'));
  const upAt = Date.now();
  await withServer(async (client) => {
    const isBack = async (own: Client, name: string): Promise<boolean> =>
      ((await launches(own, name)).at(-1) ?? 0) > upAt;
    await until(client, async (own) => (await isBack(own, 'night')) && (await isBack(own, 'short')));
    const missed = (all: readonly number[]): number[] => {
      const wanted: number[] = [];
      for (let at = before[0]!; at <= upAt; at += everyMs) if (at > downAt && at < upAt) wanted.push(at);
      expect(wanted.length).toBeGreaterThanOrEqual(outageMs / everyMs - 1);
      return wanted.filter((at) => !all.includes(at));
    };
    expect(missed(await launches(client, 'night'))).toEqual([]);
    expect(missed(await launches(client, 'short')).length).toBeGreaterThan(0);
  });
});
