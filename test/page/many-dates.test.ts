/** A thousand dates on record, and many who look: how long a page takes, and how often the warehouse is read for it. */
import type { DateReads } from '../../src/control/reads';
import { readsOf } from '../../src/control/reads';
import { addDays } from '../../src/contracts/game-date';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { startGateway, type TestGateway } from '../support/gateway';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const first = '2015-10-27';
const many = 1_000;
let rig: Rig;
let gateway: TestGateway;
/** Why nothing can be read now; null where it can. */
let outage: string | null = null;
/** Which reads were asked for. */
const asked: string[] = [];

/** Counts what is asked of the warehouse. */
function counted(reads: DateReads): DateReads {
  return new Proxy(reads, {
    get: (target, name: keyof DateReads) => {
      asked.push(name);
      return target[name];
    },
  });
}

beforeAll(async () => {
  rig = await Rig.open();
  const dates = Array.from({ length: many }, (_, at) => addDays(first, at));
  const schedule = demoNight('2017-04-15').nbac_schedule;
  await rig.load(
    'nbac_schedule',
    dates.flatMap((gameDate) => schedule.map((row) => ({ ...row, game_date: gameDate }))),
  );
  await rig.warehouse.append(
    'run_history',
    dates.map((gameDate, at) => ({
      ...{ game_date: gameDate, run_id: `run-${at}`, pass: 1, workflow_id: `phase3/${gameDate}` },
      ...{ state: at % 10 === 0 ? 'failed' : 'published', requests: '[]', processors: '{}', missing: '[]' },
      ...{ probes: 0, waited_ms: 0, journal: '[]', audit_head: null },
      ...{ started_at: `${gameDate}T08:00:00.000Z`, ended_at: `${gameDate}T08:01:00.000Z` },
    })),
  );
  const reads = counted(readsOf(rig.warehouse, defaultPolicySettings));
  gateway = await startGateway(rig, {
    parts: {
      reads: async () => {
        if (outage !== null) throw new Error(outage);
        return reads;
      },
      pages: { everyMs: 200 },
    },
  });
}, 120_000);
afterAll(async () => {
  const closed = gateway?.close();
  // One whose answer has ended a moment ago is not idle yet, and would be waited for.
  gateway?.app.server.closeAllConnections();
  await closed;
  await rig?.close();
});

it('shows a season of a thousand dates at once, and says which other seasons there are', async () => {
  const begun = performance.now();
  const { status, text } = await gateway.get('/');
  expect(status).toBe(200);
  // On a busy machine with two cores; it is a third of a second on a quiet one.
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(text).toMatch(/2017-18.*2016-17.*2015-16/s);
  expect(text.match(/class="cell is-failed"/g)?.length).toBeGreaterThan(20);
  expect(text.length).toBeLessThan(400_000);
  const older = await gateway.get('/?season=2015');
  expect(older.text).toContain('href="/nights/2015-10-27"');
});

it('reads the warehouse once for everybody who looks at a date', async () => {
  // One that nobody has looked at yet.
  const gameDate = '2016-02-01';
  asked.length = 0;
  const answers = await Promise.all(Array.from({ length: 200 }, () => gateway.get(`/nights/${gameDate}`)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  // Which dates of a season are current is found out beside it.
  expect(asked.filter((name) => name === 'dateRecord').length).toBe(1);
});

it('tells everybody who follows a date that something has happened to it, by one read', async () => {
  const gameDate = '2017-04-20';
  await rig.startWorker();
  await rig.loadNight(movedTo(demoNight('2017-04-15'), gameDate));
  const { text } = await gateway.get(`/nights/${gameDate}`);
  const tag = /data-tag="(\w+)"/.exec(text)?.[1] ?? '';
  const stop = new AbortController();
  const followers = Array.from({ length: 50 }, async () => {
    const response = await fetch(`${gateway.url}/events?topic=date/${gameDate}&since=${tag}`, {
      signal: stop.signal,
    });
    let said = '';
    for await (const chunk of response.body!) {
      said += Buffer.from(chunk).toString();
      if (said.includes('event: changed')) return said;
    }
    return said;
  });
  asked.length = 0;
  const accepted = await rig.client.run({ gameDate });
  await rig.answerTo(accepted);
  const said = await Promise.all(followers);
  stop.abort();
  expect(new Set(said.map((one) => /id: (\w+)/.exec(one)?.[1])).size).toBeLessThanOrEqual(2);
  // The run has a few steps, each of which may be a read; not each for each of fifty.
  expect(asked.filter((name) => name === 'dateRecord').length).toBeLessThan(15);
});

it('says nothing to who comes back with what is so', async () => {
  const gameDate = '2017-04-15';
  const { text } = await gateway.get(`/nights/${gameDate}`);
  const tag = /data-tag="(\w+)"/.exec(text)?.[1] ?? '';
  const listen = async (has: string): Promise<string> => {
    const stop = new AbortController();
    const response = await fetch(`${gateway.url}/events?topic=date/${gameDate}`, {
      headers: { 'last-event-id': has },
      signal: stop.signal,
    });
    const { value } = await response.body!.getReader().read();
    stop.abort();
    return Buffer.from(value ?? []).toString();
  };
  expect(await listen(tag)).toBe('retry: 1000\n\n');
  expect(await listen('another')).toContain(`id: ${tag}\nevent: changed`);
});

it('says what the matter is while nothing can be read, and is there as soon as it can', async () => {
  const gameDate = '2016-01-05';
  outage = 'No worker is registered.';
  const { status, text } = await gateway.get(`/nights/${gameDate}`);
  expect([status, text]).toEqual([503, expect.stringContaining('No worker is registered.')]);
  expect(text).toContain(`data-topic="date/${gameDate}"`);
  const stop = new AbortController();
  const response = await fetch(`${gateway.url}/events?topic=date/${gameDate}&since=`, {
    signal: stop.signal,
  });
  let said = '';
  for await (const chunk of response.body!) {
    said += Buffer.from(chunk).toString();
    if (said.includes('event: trouble\ndata: "No worker')) outage = null;
    if (said.includes('event: trouble\ndata: null') && said.includes('event: changed')) break;
  }
  stop.abort();
  expect((await gateway.get(`/nights/${gameDate}`)).status).toBe(200);
});

it.each(['date/2017-13-01', 'season/1', 'dates', ''])(
  'follows nothing that there is not: %s',
  async (topic) => {
    const { status } = await gateway.get(`/events?topic=${topic}`);
    expect(status).toBe(400);
  },
);
