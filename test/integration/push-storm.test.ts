/** Pushes in numbers: each comes three times, in any order, and is one night's work; more than the gateway takes is refused, and nothing is lost. */
import { addDays } from '../../src/contracts/game-date';
import { envelope, startGateway, type TestGateway } from '../support/gateway';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const [nights, messagesOfOne, deliveries, atOnce] = [12, 20, 3, 24];
const dates = Array.from({ length: nights }, (_, index) => addDays('2017-07-01', index));
const sources = ['nbac_gamebook_player_stats', 'nbac_team_boxscore'];
const builds = ['buildTeamOffenseGameSummary', 'buildTeamDefenseGameSummary', 'buildPlayerGameSummary'];

let rig: Rig;
let gateway: TestGateway;
/** Each start of a processor: what and of which date. */
const started: string[] = [];

beforeAll(async () => {
  rig = await Rig.open();
  await rig.startWorker({
    wrap: (activities) => ({
      ...activities,
      ...Object.fromEntries(
        builds.map((name) => [
          name,
          (request: { readonly gameDate: string }) => {
            started.push(`${name} ${request.gameDate}`);
            return activities[name as 'buildPlayerGameSummary']!(request as never);
          },
        ]),
      ),
    }),
  });
  for (const date of dates) await rig.loadNight(movedTo(demoNight('2017-04-15'), date));
  gateway = await startGateway(rig, { settings: { waitMs: 50_000 } });
}, 120_000);
afterAll(async () => {
  await gateway.close();
  await rig.close();
});

interface Push {
  readonly id: string;
  readonly date: string;
  readonly source: string;
}

const send = ({ id, date, source }: Push, to = gateway): ReturnType<TestGateway['post']> =>
  to.post(
    '/process',
    envelope({ output_table: `nba_raw.${source}`, game_date: date, status: 'success' }, id),
  );

/** The same order at each run, and no order. */
function shuffled<T>(items: readonly T[]): T[] {
  let state = 20;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return items
    .map((item) => [next(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** Sends each, again until it is acknowledged, so many at once; the statuses on the way. */
async function deliver(
  pushes: readonly Push[],
  to = gateway,
  onRefused: () => unknown = () => undefined,
): Promise<void> {
  const left = [...pushes];
  const one = async (): Promise<void> => {
    for (let push = left.shift(); push; push = left.shift())
      for (;;) {
        const { status, headers, text } = await send(push, to);
        if (status === 200) break;
        if (status === 202) break;
        if (status !== 429) throw new Error(`${push.id}: ${status} ${text}`);
        expect(headers.get('retry-after')).toBe('1');
        onRefused();
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** Ids of requests that the passes of a date have answered. */
async function recorded(date: string): Promise<string[]> {
  const { run_history: passes } = await rig.warehouse.readDate(date, ['run_history']);
  const ids = passes.flatMap(({ requests }) => JSON.parse(requests) as { request_id: string }[]);
  return [...new Set(ids.map(({ request_id: id }) => id))];
}

test('pushes that come three times in any order are one night of work for each date', async () => {
  const messages = dates.flatMap((date) =>
    Array.from({ length: messagesOfOne }, (_, index) => ({
      ...{ id: `storm-${date}-${index}`, date },
      source: sources[index % sources.length]!,
    })),
  );
  await deliver(shuffled(Array.from({ length: deliveries }, () => messages).flat()));
  const wanted = dates.flatMap((date) => builds.map((name) => `${name} ${date}`));
  // One whose answer was slow is tried again, and is the same work.
  expect([...new Set(started)].sort()).toEqual([...wanted].sort());
  for (const date of dates) {
    const { partition_manifest: versions, dead_letter: dead } = await rig.warehouse.readDate(date, [
      'partition_manifest',
      'dead_letter',
    ]);
    expect(versions.map(({ version }) => version)).toEqual([1, 1, 1]);
    expect(dead).toEqual([]);
    expect(await recorded(date)).toHaveLength(messagesOfOne);
  }
}, 180_000);

test('more than the gateway takes is refused with when to come again, and what it has accepted is done', async () => {
  const narrow = await startGateway(rig, { settings: { waitMs: 50_000, maxRequestsPerSecond: 20 } });
  const [date = ''] = dates;
  const before = (await recorded(date)).length;
  let refused = 0;
  try {
    const pushes = Array.from({ length: 120 }, (_, index) => ({
      ...{ id: `rising-${index}`, date, source: sources[index % sources.length]! },
    }));
    await deliver(pushes, narrow, () => (refused += 1));
    expect(refused).toBeGreaterThan(0);
    expect(await recorded(date)).toHaveLength(before + pushes.length);
  } finally {
    await narrow.close();
  }
}, 120_000);
