/**
 * Nights as Pub/Sub brings them to the whole system: at least once, in no order, with back-off, an ack deadline and a
 * dead-letter topic, while rows come late and the gateway is away for a while. Each ends with every date published once.
 */
import { addDays } from '../../src/contracts/game-date';
import { newYorkDate } from '../../src/contracts/new-york';
import { processorNames } from '../../src/plan/registry';
import type { RunHistoryRow } from '../../src/tables/orchestration';
import { startGateway, type TestGateway } from '../support/gateway';
import { latch, type Latch } from '../support/latch';
import { demoNight, type RawTable } from '../support/nights';
import { PushSubscription, type Delivery, type SubscriptionOptions } from '../support/push-subscription';
import { Rig } from '../support/rig';

/** What happens to the dates of a night, one date each. */
const fates = [
  /** Every row is there before its messages. */
  'prompt',
  /** The team rows come when all its messages were refused, and only redeliveries tell of them. */
  'late',
  /** The same of the gamebook, which the gate of the players waits for. */
  'lateGamebook',
  /** The team rows are placeholders at first; the true ones have a message of their own. */
  'placeholders',
  /** Its players are being built while the gateway stops. */
  'cutOff',
  /** Its messages come while there is no gateway. */
  'away',
  /** Its players take longer than its subscription waits for an answer. */
  'slow',
  /** The team rows come after the last try of all its messages. */
  'starved',
] as const;
type Fate = (typeof fates)[number];
const waitingFates: readonly Fate[] = ['late', 'lateGamebook', 'placeholders', 'starved'];

const schedule = 'nbac_schedule';
const gamebook = 'nbac_gamebook_player_stats';
const teams = 'nbac_team_boxscore';
const players = 'nbac_player_boxscores';
const injuries = 'nbac_injury_report';
const sources = [schedule, gamebook, teams, players, injuries] as const;
type Source = (typeof sources)[number];

/** By seed, the news that tells of the starved date in the end. */
const lastNews: readonly (readonly [seed: number, source: Source])[] = [
  [1, teams],
  [2, injuries],
  [3, gamebook],
];

const once = { team_offense_game_summary: 1, team_defense_game_summary: 1, player_game_summary: 1 };
/** A generous end for what should take seconds. */
const patienceMs = 45_000;
/** A gate looks again only when it is woken; and the dates are new ones, of which nearly every game must be there. */
const policy = { firstWaitMs: 600_000, longestWaitMs: 600_000, oldAfterDays: 100_000 };
/**
 * The plan's retries, an hour in 12 s: five tries must last for longer than a busy machine takes to start a gateway. The system's work
 * takes real time, and so the ack deadline is on our clock.
 */
const retries = {
  speed: 300,
  minimumBackoffSeconds: 300,
  maximumBackoffSeconds: 3600,
  maxDeliveryAttempts: 5,
  ackDeadlineSeconds: 60,
  ackDeadlineMs: 60_000,
};
const settings = { waitMs: 50_000 };

/** Dates of the demo data with games, oldest first. */
const dates = Array.from({ length: 40 }, (_, day) => addDays('2017-04-15', day)).filter(
  (gameDate) => demoNight(gameDate).nbac_schedule.length > 0,
);

/** Somebody has come to the door; it is opened for them. */
interface Hold {
  readonly reached: Latch;
  readonly door: Latch;
}

let rig: Rig;
/** Dates whose players are not built before their door is open. */
const holds = new Map<string, Hold>();
const nights = new Map<number, { night: PushNight; end: PromiseSettledResult<void> }>();

beforeAll(async () => {
  rig = await Rig.open();
  await rig.startWorker({
    policy,
    wrap: (activities) => ({
      ...activities,
      buildPlayerGameSummary: async (request) => {
        const hold = holds.get(request.gameDate);
        hold?.reached.open();
        await hold?.door.opened;
        return activities.buildPlayerGameSummary!(request);
      },
    }),
  });
  // Side by side, as most of a night is waiting.
  await Promise.all(
    lastNews.map(async ([seed, source]) => {
      const night = await PushNight.begin(seed);
      const [end] = await Promise.allSettled([play(night, source)]);
      nights.set(seed, { night, end });
    }),
  );
}, 180_000);

afterAll(async () => {
  for (const { night } of nights.values()) await night.close();
  await rig.close();
});

async function until(what: () => string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A message, and what is to become of it. */
interface Sent {
  readonly messageId: string;
  readonly data: unknown;
  readonly attributes: Readonly<Record<string, string>>;
  readonly fate: Fate;
  readonly source: Source | null;
  /** How it may be acknowledged; null where it ends in the dead-letter topic of Pub/Sub. */
  readonly ends: readonly string[] | null;
  /** A part of what is wrong with it, where it can never succeed. */
  readonly fault: string | null;
}

type Foreseen = Partial<Pick<Sent, 'source' | 'ends' | 'fault'>>;

/** Whether it asks its date for a pass. */
function asks({ source }: Sent): boolean {
  return source !== null && source !== schedule;
}

function said({ body }: Delivery): string {
  return (body as { status?: string } | null)?.status ?? '';
}

class PushNight {
  readonly sent: Sent[] = [];
  /** Ids that two messages have. */
  readonly doubled = new Set<string>();
  readonly gateways: TestGateway[] = [];
  readonly subscription: PushSubscription;
  /** Waits a moment for an answer, and tries often. */
  readonly hasty: PushSubscription;
  readonly beganAt = new Date();
  private readonly began = performance.now();
  /** When there was no gateway: after how many deliveries, and until when. */
  private readonly away = { after: Infinity, until: -Infinity };

  private constructor(
    readonly name: string,
    readonly dateOf: Readonly<Record<Fate, string>>,
    gateway: TestGateway,
    seed: number,
  ) {
    this.gateways.push(gateway);
    const options: SubscriptionOptions = {
      ...retries,
      endpoint: `${gateway.url}/process`,
      subscription: `projects/p/subscriptions/${name}`,
      duplicateShare: 0.3,
      disorderShare: 0.4,
      seed,
    };
    this.subscription = new PushSubscription(options);
    this.hasty = new PushSubscription({
      ...options,
      ...{ seed: seed + 100, ackDeadlineMs: 1_500, maxDeliveryAttempts: 20 },
    });
  }

  /** The schedules are known, as they are long before a night. */
  static async begin(seed: number): Promise<PushNight> {
    const own = dates.slice((seed - 1) * fates.length);
    const dateOf = Object.fromEntries(fates.map((fate, index) => [fate, own[index]!]));
    const gateway = await startGateway(rig, { settings });
    const night = new PushNight(`night-${seed}`, dateOf as Record<Fate, string>, gateway, seed);
    for (const fate of fates) await night.load(fate, schedule);
    return night;
  }

  get gameDates(): readonly string[] {
    return Object.values(this.dateOf);
  }

  get gateway(): TestGateway {
    return this.gateways.at(-1)!;
  }

  of({ messageId }: Sent): readonly Delivery[] {
    const all = [...this.subscription.deliveries, ...this.hasty.deliveries];
    return all.filter((delivery) => delivery.messageId === messageId);
  }

  /** Waits until each of them was delivered so many times. */
  async delivered(messages: readonly Sent[], times = 1): Promise<void> {
    const missing = (): Sent[] => messages.filter((sent) => this.of(sent).length < times);
    await until(
      () =>
        `${missing()
          .map(({ fate, source }) => `${source} of the date "${fate}"`)
          .join(', ')} is answered or given up`,
      () => missing().length === 0,
    );
  }

  async load(fate: Fate, table: RawTable, change: object = {}): Promise<void> {
    const rows = demoNight(this.dateOf[fate])[table];
    await rig.load(
      table,
      rows.map((row) => ({ ...row, ...change })),
    );
  }

  /** Half of the publishers write `source_table`, as the older ones do, and some leave out the dataset. */
  news(fate: Fate, source: Source, foreseen: Foreseen = {}, through = this.subscription): Sent {
    const { length } = this.sent;
    const data = {
      [length % 2 === 0 ? 'output_table' : 'source_table']: length % 3 === 0 ? source : `nba_raw.${source}`,
      ...{ game_date: this.dateOf[fate], status: 'success' },
    };
    const ends = source === schedule ? ['no_processors'] : ['completed', 'unchanged'];
    return this.send(fate, data, { source, ends, ...foreseen }, through);
  }

  send(fate: Fate, data: unknown, foreseen: Foreseen, through = this.subscription): Sent {
    const attributes = { correlation_id: `${this.name}/${this.sent.length}` };
    const messageId = through.publish(data, { attributes });
    const sent = { messageId, data, attributes, fate, source: null, ends: null, fault: null, ...foreseen };
    this.sent.push(sent);
    return sent;
  }

  /** A duplicate that may overtake the message or meet it. */
  duplicate({ data, attributes, messageId }: Sent): void {
    this.doubled.add(messageId);
    this.subscription.publish(data, { attributes, messageId });
  }

  holdPlayers(fate: Fate): Hold {
    const hold = { reached: latch(), door: latch() };
    holds.set(this.dateOf[fate], hold);
    return hold;
  }

  async stopGateway(): Promise<void> {
    this.away.after = this.subscription.deliveries.length;
    await this.gateway.close();
  }

  /** Another one, where the first was: it knows nothing of what that did. */
  async startAnother(): Promise<void> {
    const port = Number(new URL(this.gateway.url).port);
    this.gateways.push(await startGateway(rig, { settings, port }));
    this.away.until = performance.now();
  }

  /** Of what acknowledges, only what the message was to come to is meant; of 5xx, only what a retry mends. */
  isMeant(sent: Sent, delivery: Delivery): boolean {
    switch (delivery.status) {
      case 200:
        return sent.ends?.includes(said(delivery)) ?? false;
      case 400:
        return sent.fault !== null && said(delivery) === 'bad_request';
      case 500:
        // An injury report asks for the players alone, and may come before anybody has asked for the teams.
        return (
          asks(sent) &&
          said(delivery) === 'dependency_not_ready' &&
          (waitingFates.includes(sent.fate) || sent.source === injuries)
        );
      case 503:
      case 'no connection':
        return this.wasAway(delivery);
      case 'no answer':
        return this.hasty.deliveries.includes(delivery);
      default:
        return false;
    }
  }

  /** It was sent before the gateway was back, and has ended after it began to stop. */
  private wasAway(delivery: Delivery): boolean {
    const place = this.subscription.deliveries.indexOf(delivery);
    return place >= this.away.after && this.began + delivery.at / retries.speed <= this.away.until;
  }

  async close(): Promise<void> {
    for (const { door } of holds.values()) door.open();
    await Promise.all([this.subscription.close(), this.hasty.close(), this.gateway.close()]);
  }
}

/** The night, up to the end of its last message. */
async function play(night: PushNight, last: Source): Promise<void> {
  const [cutOff, slow] = [night.holdPlayers('cutOff'), night.holdPlayers('slow')];
  await loadWhatIsThere(night);
  const { refused, done } = publishEvening(night);
  await night.delivered([...refused, ...done]);
  expect(refused.map((sent) => night.of(sent)[0]?.status)).toEqual(refused.map(() => 500));

  await cutOff.reached.opened;
  await night.stopGateway();
  await night.load('late', teams);
  await night.load('lateGamebook', gamebook);
  const away = sources.map((source) => night.news('away', source));
  await night.delivered(away);
  for (const sent of away) expect(night.of(sent)[0]).toMatchObject({ status: 'no connection' });
  cutOff.door.open();
  await night.startAnother();

  await night.load('placeholders', teams);
  night.news('placeholders', teams);
  const held = night.news('slow', gamebook, {}, night.hasty);
  for (const source of sources) if (source !== gamebook) night.news('slow', source, {}, night.hasty);
  await night.delivered([held], 2);
  slow.door.open();
  // The second was sent, and waited for, while the first was under way.
  expect(night.of(held).slice(0, 2)).toMatchObject([
    { attempt: 1, status: 'no answer' },
    { attempt: 2, status: 'no answer' },
  ]);
  await Promise.all([night.subscription.drained(patienceMs), night.hasty.drained(patienceMs)]);

  // Nobody will send again what is in the dead-letter topic. Its date is in sight, and anybody's news will do.
  expect(await night.gateway.get(`/dates/${night.dateOf.starved}`)).toMatchObject({
    status: 200,
    body: { state: 'waiting' },
  });
  expect(await rig.versions(night.dateOf.starved)).toEqual({});
  await night.load('starved', teams);
  night.news('starved', last);
  await night.subscription.drained(patienceMs);
}

async function loadWhatIsThere(night: PushNight): Promise<void> {
  for (const fate of fates) {
    if (fate !== 'lateGamebook') await night.load(fate, gamebook);
    if (!['late', 'placeholders', 'starved'].includes(fate)) await night.load(fate, teams);
  }
  await night.load('placeholders', teams, { points: 0, fg_attempted: 0, minutes: '0:00' });
}

/** Returns what cannot be done yet, and the rest of what is asked of those dates. */
function publishEvening(night: PushNight): { readonly refused: Sent[]; readonly done: Sent[] } {
  for (const source of sources) {
    night.duplicate(night.news('prompt', source));
    night.news('cutOff', source);
  }
  night.news('late', schedule);
  const done = [night.news('lateGamebook', teams)];
  const refused = [
    ...([gamebook, players, injuries] as const).map((source) => night.news('late', source)),
    ...([gamebook, players] as const).map((source) => night.news('placeholders', source)),
    night.news('lateGamebook', injuries),
  ];
  for (const source of [gamebook, players, injuries] as const) night.news('starved', source, { ends: null });
  const failed = { output_table: teams, game_date: night.dateOf.starved, status: 'failed' };
  night.send('starved', failed, { ends: ['skipped'] });
  publishPoison(night);
  return { refused, done };
}

/** What can never succeed, each with what is wrong with it. */
function publishPoison(night: PushNight): void {
  // Google encodes whatever it is given; who pushes by hand may not.
  const noBase64 = Object.assign(Buffer.from('?'), { toString: () => 'no base64!' });
  const game_date = night.dateOf.late;
  const poison: readonly (readonly [data: unknown, fault: string])[] = [
    [noBase64, 'message.data is "no base64!", expected base64'],
    [Buffer.from([0xff, 0xfe]), 'message.data holds bytes that are not UTF-8'],
    [Buffer.from('{"game_date": "2017-'), 'expected base64 of a JSON object'],
    [{ output_table: `nba_raw.${teams}`, game_date: '2017-02-30' }, 'game_date is "2017-02-30"'],
    [{ game_date }, 'output_table is missing'],
    [{ source_table: 'player_game_summary', game_date }, 'source_table is "player_game_summary"'],
  ];
  const sent = poison.map(([data, fault]) => night.send('late', data, { ends: ['dead_lettered'], fault }));
  for (const message of sent.slice(0, 3)) night.duplicate(message);
}

/** Drained, what is not in the dead-letter topic was acknowledged. */
function judgeAnswers(night: PushNight): void {
  const { subscription, hasty, sent, gateways } = night;
  const notMeant = sent.flatMap((message) =>
    night
      .of(message)
      .filter((delivery) => !night.isMeant(message, delivery))
      .map((delivery) => ({ ...delivery, fate: message.fate, source: message.source })),
  );
  expect(notMeant).toEqual([]);
  expect(subscription.deliveries.some(({ duplicate }) => duplicate)).toBe(true);
  const starved = sent.filter(({ ends }) => ends === null).map(({ messageId }) => messageId);
  expect(subscription.deadLetters.map(({ messageId }) => messageId).sort()).toEqual(starved);
  for (const { attempts } of subscription.deadLetters) expect(attempts).toBe(5);
  expect(hasty.deadLetters).toEqual([]);

  const heard = (fate: Fate): unknown[] =>
    sent.filter((message) => message.fate === fate).flatMap((message) => night.of(message).map(said));
  expect(heard('cutOff')).toContain('unavailable');
  // Whoever comes after the date was published, even by a moment, hears that nothing is to be done.
  const good: readonly unknown[] = ['completed', 'unchanged'];
  for (const fate of waitingFates)
    expect(heard(fate).filter((status) => good.includes(status))).not.toEqual([]);
  for (const { logged } of gateways)
    expect(logged.filter((line) => line.includes('"a request failed"'))).toEqual([]);
}

/** What can never succeed is on record once, and is refused at its first delivery only. */
async function judgeDeadLetters(night: PushNight): Promise<void> {
  const days = new Set([night.beganAt, new Date()].map(newYorkDate));
  const read = [...days].map(async (day) => rig.warehouse.readDate(day, ['dead_letter']));
  const rows = (await Promise.all(read))
    .flatMap(({ dead_letter }) => dead_letter)
    .filter(({ subscription }) => subscription === `projects/p/subscriptions/${night.name}`);
  const poison = night.sent.filter(({ fault }) => fault !== null);
  expect(rows.map(({ message_id }) => message_id).sort()).toEqual(poison.map(({ messageId }) => messageId));
  for (const message of poison) {
    const { messageId, attributes, fault } = message;
    const row = rows.find(({ message_id }) => message_id === messageId)!;
    const refusals = night.of(message).filter(({ status }) => status === 400);
    // Two that meet are both the first.
    expect(night.doubled.has(messageId) ? [1, 2] : [1]).toContain(refusals.length);
    expect(refusals.map(({ attempt }) => attempt)).toContain(row.delivery_attempt);
    expect(row.principal).toBe('tester');
    expect(JSON.parse(row.faults)).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining(String(fault)) as string }),
    );
    expect(JSON.parse(row.message)).toMatchObject({ messageId, attributes });
  }
}

interface RecordedRequest {
  readonly request_id: string;
  readonly by: string;
  readonly correlation_id: string;
}

function requestsOf({ requests }: RunHistoryRow): readonly RecordedRequest[] {
  return JSON.parse(requests) as RecordedRequest[];
}

/** Each processor has published once, and no pass has failed. */
function judgePasses(passes: readonly RunHistoryRow[]): void {
  for (const { state } of passes) expect(['published', 'unchanged', 'waiting']).toContain(state);
  const published = passes.flatMap(({ processors }) =>
    Object.entries(JSON.parse(processors) as Record<string, { outcome: string }>)
      .filter(([, { outcome }]) => outcome === 'published')
      .map(([name]) => name),
  );
  expect(published.sort()).toEqual([...processorNames].sort());
}

/** Each message is one request, however often it came, and of a run no pass was begun for a redelivery. */
function judgeRequests(messages: readonly Sent[], passes: readonly RunHistoryRow[]): void {
  const foreseen = messages.map(({ messageId, source, attributes }) => [
    `pubsub/${source}/${messageId}`,
    `tester, ${attributes['correlation_id']}`,
  ]);
  const known = passes
    .flatMap(requestsOf)
    .map(({ request_id, by, correlation_id }) => [request_id, `${by}, ${correlation_id}`]);
  expect(Object.fromEntries(known)).toEqual(Object.fromEntries(foreseen));
  for (const runId of new Set(passes.map(({ run_id }) => run_id))) {
    const own = passes.filter(({ run_id }) => run_id === runId).map(requestsOf);
    for (const inPass of own)
      expect(new Set(inPass.map(({ request_id }) => request_id)).size).toBe(inPass.length);
    expect(own.length).toBeLessThanOrEqual(new Set(own.flat().map(({ request_id }) => request_id)).size);
  }
}

describe.each(lastNews)('night %d, whose last news is of %s', (seed) => {
  /** Throws what kept it from its end. */
  const played = (): PushNight => {
    const { night, end } = nights.get(seed)!;
    if (end.status === 'rejected') throw end.reason;
    return night;
  };

  test('has the answers that were meant, and acknowledges all but what starves', () =>
    judgeAnswers(played()));

  test('puts what can never succeed on record once, and does not loop', async () =>
    judgeDeadLetters(played()));

  test('publishes every date once, and takes each message as one request', async () => {
    const { gameDates, sent, dateOf } = played();
    for (const gameDate of gameDates) {
      expect(await rig.versions(gameDate)).toEqual(once);
      const { run_history: passes } = await rig.warehouse.readDate(gameDate, ['run_history']);
      judgePasses(passes);
      judgeRequests(
        sent.filter((message) => asks(message) && dateOf[message.fate] === gameDate),
        passes,
      );
    }
  });

  test('leaves no run open, and nobody waiting', async () => {
    const { gameDates, gateways } = played();
    const open = new Set(gameDates);
    await until(
      () => `${[...open].join(', ')} has ended`,
      async () => {
        for (const gameDate of open)
          if ((await rig.client.state(gameDate))?.isOpen === false) open.delete(gameDate);
        return open.size === 0;
      },
    );
    for (const { watch } of gateways) expect(watch.size).toBe(0);
  });
});
