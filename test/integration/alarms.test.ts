/** Alarms on a real server and DuckDB: the dead man's switch, who is woken, and what the readers of the tables are told. */
import { notify, type NotifyDependencies } from '../../src/activities/notify';
import { verifyChain } from '../../src/audit/chain';
import { identityOf } from '../../src/contracts/identity';
import type { Notification } from '../../src/contracts/notifications';
import type { SentinelResult } from '../../src/contracts/sentinel';
import { ping } from '../../src/notifications/heartbeat';
import { ScheduleKeeper } from '../../src/schedules/schedule-keeper';
import { startReceiver, type Receiver } from '../notifications/receiver';
import { offense } from '../support/fixtures';
import { demoNight, movedTo, withoutTeamRows } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const by = 'ana@example.org';
const reason = 'the league has no rows of it';
const schedule = 'phase3-sentinel';
let rig: Rig;
let keeper: ScheduleKeeper;
let receiver: Receiver;
let told: Notification[] = [];

/** A worker by whose clock it is `now`, and that knows when rows are needed. */
async function startWorker(now: string, neededBy: string | null = '09:00'): Promise<void> {
  await rig.startWorker({
    policy: { now, deadlineMs: 0 },
    notify: async (notification) => void told.push(notification),
    alarms: { neededBy, ping: (kind, text) => ping(receiver.address, kind, text) },
  });
}

/** A sweep, and what was pinged while it went on: how the path ends, and the text. */
async function sweep(): Promise<{ pings: string[]; text: unknown; found: SentinelResult }> {
  receiver.received.length = 0;
  const { workflowId } = await keeper.trigger(schedule);
  const found = await rig.raw.workflow.getHandle<() => Promise<SentinelResult>>(workflowId!).result();
  const pings = receiver.received.map(
    ({ method, path }) => `${method} ${path.split('?')[0]?.split('/').at(-1)}`,
  );
  return { pings, text: receiver.received.at(-1)?.body, found };
}

/** Kinds and severities since it was asked last. */
function news(): string[] {
  const said = told.map(({ kind, subject, severity = '-' }) => `${subject} ${kind} ${severity}`);
  told = [];
  return said;
}

const [start, success, fail] = ['POST start', 'POST xsecretx', 'POST fail'];

beforeAll(async () => {
  receiver = await startReceiver();
  rig = await Rig.open();
  keeper = new ScheduleKeeper(rig.raw.schedule, identityOf(null), { everyMs: 3_600_000 });
  await keeper.apply([schedule]);
});
beforeEach(() => void news());
afterAll(async () => {
  await rig.close();
  await receiver.close();
});

test('the switch is pinged while every due date is settled; who is late is told once, and when it is over', async () => {
  const [first, second] = ['2017-11-01', '2017-11-02'];
  await rig.loadNight(movedTo(night, first));
  await rig.load('nbac_schedule', movedTo(night, second).nbac_schedule);

  // On the morning of the second, the first is not needed yet.
  await startWorker('2017-11-02T12:59:00Z');
  expect(await sweep()).toMatchObject({
    pings: [start, success],
    found: { due: { dates: { open: [first], settled: [] }, late: [] } },
  });

  await startWorker('2017-11-02T13:00:00Z');
  const late = await sweep();
  expect(late).toMatchObject({
    pings: [start, fail],
    text: `${first}: ${movedTo(night, first).nbac_schedule.length} games, and no run is on record`,
    found: { due: { late: [first], lateSeconds: 0, newestAgeSeconds: 9 * 3600 }, told: [first] },
  });
  expect(told[0]).toMatchObject({ since: '2017-11-02T13:00:00.000Z', state: 'waiting' });
  expect(news()).toEqual([`${first} late page`]);
  expect((await sweep()).pings).toEqual([start, fail]);
  expect(news()).toEqual([]);

  await rig.run({ gameDate: first });
  expect((await sweep()).pings).toEqual([start, success]);
  expect(news()).toEqual([`${first} late_over notice`]);
  expect((await rig.audit(first)).map(({ kind }) => kind)).toEqual(['late', 'late_over']);
  expect(verifyChain(first, await rig.audit(first), [])).toBeNull();

  // The next morning it is the second's turn: blocked, bypassed by a person, and so settled.
  await startWorker('2017-11-03T13:00:01Z');
  await rig.loadNight(withoutTeamRows(movedTo(night, second)));
  const { answer, accepted } = await rig.run({ gameDate: second });
  expect(answer.state).toBe('blocked');
  expect(await sweep()).toMatchObject({
    pings: [start, fail],
    text: `${second}: it is blocked for nbac_team_boxscore, team_offense_game_summary`,
    found: { due: { dates: { blocked: [second], settled: [first] } } },
  });
  await rig.client.cancel({ gameDate: second, by, reason });
  await rig.end(accepted);
  expect(await sweep()).toMatchObject({
    pings: [start, success],
    found: { due: { dates: { blocked: [], settled: [first, second] } } },
  });
  // Blocked when it is needed already, it wakes somebody; that it was cancelled can be read later.
  expect(news()).toEqual([
    `${second} trouble page`,
    `${second} late page`,
    `${second} decided notice`,
    `${second} recovered notice`,
    `${second} late_over notice`,
  ]);
});

test('without a time by which rows are needed nobody is paged, and a date is due at nine', async () => {
  const gameDate = '2017-12-01';
  await rig.load('nbac_schedule', movedTo(night, gameDate).nbac_schedule);
  await startWorker('2017-12-02T13:59:00Z', null);
  expect((await sweep()).pings).toEqual([start, success]);
  await startWorker('2017-12-02T14:00:00Z', null);
  expect((await sweep()).pings).toEqual([start, fail]);
  await rig.loadNight(withoutTeamRows(movedTo(night, gameDate)));
  await rig.end((await rig.run({ gameDate, kind: 'backfill' })).accepted);
  await rig.run({ gameDate });
  await rig.until(gameDate, ({ runState }) => runState === 'blocked');
  expect(news()).toEqual([`${gameDate} trouble -`]);
});

test('a calendar that ends in mid-season fails the switch although no date is late', async () => {
  await startWorker('2018-02-02T12:00:00Z');
  expect(await sweep()).toMatchObject({
    pings: [start, fail],
    text: expect.stringContaining('the game calendar is not written any more: its last game is on 2017-'),
    found: { due: { late: [] } },
  });
});

test('a receiver that does not answer fails no sweep', async () => {
  // In summer no calendar need go on.
  await startWorker('2018-08-02T12:00:00Z');
  receiver.answer = (response) => response.writeHead(500).end();
  expect((await sweep()).pings).toEqual([start, success]);
  receiver.answer = (response) => response.end('ok');
});

test('each channel gets a message once, however often another is tried', async () => {
  const gameDate = rig.nextDate();
  const settings = {
    ...{ temporalUi: null, namespace: 'default', runbook: 'docs/runbook.md' },
    channels: [
      { name: 'slack', address: `${receiver.address}&to=slack` },
      { name: 'json', address: `${receiver.address}&to=json` },
    ],
  } satisfies NotifyDependencies['settings'];
  const lines: string[] = [];
  await rig.startWorker({
    policy: { now: '2018-02-02T12:00:00Z', deadlineMs: 0 },
    alarms: { neededBy: '09:00', ping: null },
    notify: (notification, attempt) =>
      notify(notification, { settings, log: (_, message) => lines.push(message) }, attempt),
  });
  receiver.received.length = 0;
  let tries = 0;
  receiver.answer = (response, { url }) => {
    const isSlack = url?.endsWith('slack') ?? false;
    if (isSlack) tries += 1;
    response.writeHead(isSlack && tries < 3 ? 503 : 200).end();
  };
  await rig.loadNight(withoutTeamRows(movedTo(night, gameDate)));
  await rig.run({ gameDate });
  while (tries < 3) await new Promise((resolve) => setTimeout(resolve, 50));
  receiver.answer = (response) => response.end('ok');
  const asked = receiver.received.map(({ path }) => path.split('to=')[1]);
  expect(asked.sort()).toEqual(['json', 'slack', 'slack', 'slack']);
  expect(receiver.received.find(({ path }) => path.endsWith('json'))?.body).toMatchObject({
    ...{ kind: 'trouble', severity: 'page', game_date: gameDate, next_command: `phase3 why ${gameDate}` },
  });
  expect(lines).toEqual([`🚨 ❌ ${gameDate}: blocked`]);
});

describe('published figures that are replaced', () => {
  test('are told once a pass, with tables, rows, columns, why, and the command that shows them', async () => {
    const gameDate = rig.nextDate();
    const whole = movedTo(night, gameDate);
    await startWorker('2018-02-02T12:00:00Z');
    await rig.loadNight(whole);
    await rig.end((await rig.run({ gameDate })).accepted);
    await rig.end((await rig.run({ gameDate })).accepted);
    // Published for the first time, and then found unchanged.
    expect(news()).toEqual([]);

    const corrected = whole.nbac_team_boxscore.map((row, index) =>
      index > 0 ? row : { ...row, turnovers: Number(row['turnovers']) + 1 },
    );
    await rig.load('nbac_team_boxscore', corrected);
    await rig.end((await rig.run({ gameDate })).accepted);
    expect(told).toMatchObject([
      {
        ...{ kind: 'recalled', subject: gameDate, severity: 'notice', state: 'published' },
        next: `phase3 diff ${gameDate} 1 2`,
        summary: expect.stringMatching(
          /team_offense_game_summary version 1 → 2: 4 columns of 2 rows changed \(.*turnovers\).*Because .*rows of nbac_team_boxscore changed/,
        ) as string,
      },
    ]);
    news();

    // Whoever runs a season anew is told of the season.
    await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
    await rig.end((await rig.run({ gameDate, kind: 'backfill' })).accepted);
    expect((await rig.versions(gameDate))['team_offense_game_summary']).toBe(3);
    expect(news()).toEqual([]);

    // A person who brings an earlier version back replaces figures, too.
    const restored = await rig.client.restore({ gameDate, processor: offense, version: 2, by, reason });
    await rig.answerTo(restored);
    await rig.end(restored);
    expect(told.map(({ kind }) => kind).sort()).toEqual(['decided', 'recalled']);
    expect(told.find(({ kind }) => kind === 'recalled')?.summary).toContain(reason);
  });

  test('are not those of games that only come in addition', async () => {
    const gameDate = rig.nextDate();
    const whole = movedTo(night, gameDate);
    const [late] = whole.nbac_team_boxscore.map((row) => row['game_id']);
    await startWorker('2018-02-02T12:00:00Z');
    await rig.loadNight({
      ...whole,
      nbac_team_boxscore: whole.nbac_team_boxscore.filter((row) => row['game_id'] !== late),
      nbac_gamebook_player_stats: whole.nbac_gamebook_player_stats.filter((row) => row['game_id'] !== late),
    });
    const first = await rig.run({ gameDate });
    expect(first.answer.state).toBe('partial');
    await rig.end(first.accepted);
    const before = (await rig.published('player_game_summary', gameDate)).length;
    await rig.loadNight(whole);
    const mended = await rig.run({ gameDate });
    expect(mended.answer.state).toBe('published');
    await rig.end(mended.accepted);
    expect((await rig.published('player_game_summary', gameDate)).length).toBeGreaterThan(before);
    expect(news()).toEqual([]);
  });
});
