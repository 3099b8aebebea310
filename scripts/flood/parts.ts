/** The floods. Each has a stack of its own, and returns what it showed; nothing but a broken measurement throws. */
import { Phase3Client } from '../../src/client';
import { identityOf } from '../../src/contracts/identity';
import type { TriggerMessage } from '../../src/contracts/messages';
import { spreadOf } from '../bench/report';
import type { NightRows } from '../bench/season';
import { atOnce, System, until } from '../bench/system';
import { Askers, pause } from './askers';
import { Bystanders, OtherNights } from './bystanders';
import { chainRows } from './chain';
import { risingRate } from './gateway';
import { load, openRuns, wrongTables, type FloodContext, type Flooded, type Nights } from './nights';
import type { PartName } from './options';
import { pushesInAnyOrder } from './pushes';
import { sendRechecks } from './rechecks';
import { atMost, exactly, figure, type Row } from './rows';

/** Nights before the first that counts: code and caches are warm after them. */
const warmUps = 5;
/** Every so many requests are sent twice. */
const everyKnown = 5;
const source = 'nbac_gamebook_player_stats';
const pushesAtOnce = 32;
const pushAgainMs = 1_000;
let messageIds = 0;
/** A waiting date that is woken, to its answer. */
const longestWakeMs = 5_000;
const wakes = 10;
/** Nothing probes by itself while it is measured. */
const patience = {
  PHASE3_GATE_FIRST_WAIT_SECONDS: '3600',
  PHASE3_GATE_LONGEST_WAIT_SECONDS: '3600',
  PHASE3_GATE_DEADLINE_SECONDS: '86400',
};

export const parts: Readonly<Record<PartName, (context: FloodContext) => Promise<Flooded>>> = {
  'down-1': (context) => messages(context, 1, true),
  'down-50': (context) => messages(context, 50, true),
  'up-1': (context) => messages(context, 1, false),
  'up-50': (context) => messages(context, 50, false),
  recheck: rechecks,
  waiting,
  gateway: risingRate,
  pushes: pushesInAnyOrder,
};

/** Messages for one date that has all its rows, new ones and repeated ones, in signals of `together`. */
async function messages(context: FloodContext, together: number, isDown: boolean): Promise<Flooded> {
  const { checkout, options, flooded, others } = context;
  const [date, expected] = onlyOf(flooded);
  return System.with(checkout, {}, async (system) => {
    for (const nights of [flooded, others]) await load(system, nights);
    const { nights, quiet } = await quietNights(system, context, isDown);
    const askers = new Askers(new Phase3Client(system.temporal), date, together);
    const workflowId = identityOf(null).dateWorkflowId(date);
    const start = (): Bystanders => Bystanders.start(system, date, workflowId, nights);
    if (isDown) await system.killWorker();
    const beside = isDown ? null : start();
    const begunAt = Date.now();
    await askers.send(floodOf(options.messages));
    if (isDown) await startedAgain(system);
    const watched = beside ?? start();
    await askers.settle(goOnFor(system, options.limitMs));
    await watched.stop(options.leastNights);
    return {
      rows: [
        ...askers.rows(begunAt),
        ...(await watched.rows(quiet)),
        ...(await chainRows(system.temporal, workflowId, isDown ? 'down' : 'up')),
        exactly(0, await wrongTables(system, [[date, expected]])),
      ],
      notes: [...notesOf(askers.refusals), ...watched.faults()],
    };
  });
}

/** Rechecks of a date that waits for its team rows; then these arrive. */
async function rechecks(context: FloodContext): Promise<Flooded> {
  const { checkout, options, flooded, others } = context;
  const [date, expected] = onlyOf(flooded);
  return System.with(checkout, patience, async (system) => {
    await load(system, others);
    await system.command('load', flooded.first);
    const { nights, quiet } = await quietNights(system, context);
    const client = new Phase3Client(system.temporal);
    const askers = new Askers(client, date, 1);
    const workflowId = identityOf(null).dateWorkflowId(date);
    await askers.send([messageOf('first')]);
    await until('waiting date', async () => {
      const state = await client.state(date).catch(() => null);
      return state?.state.runState === 'waiting' ? true : null;
    });
    const watched = Bystanders.start(system, date, workflowId, nights);
    const begunAt = Date.now();
    const goOn = goOnFor(system, options.limitMs);
    const send = (requestId: string): Promise<void> =>
      client.recheck({ gameDate: date, by: 'flood', requestId });
    const sent = await sendRechecks(system.temporal, workflowId, options.messages, send, goOn);
    const rowsAt = Date.now();
    // A worker that is gone by now takes no rows: the figures say so.
    await system.command('load', flooded.missing).catch(() => undefined);
    await askers.send([{ ...messageOf('rows'), source: 'nbac_team_boxscore' }]);
    await askers.settle(goOnFor(system, options.limitMs / 2));
    await watched.stop(options.leastNights);
    return {
      rows: [
        ...sent.rows(begunAt),
        ...askers.rows(rowsAt),
        ...(await watched.rows(quiet)),
        ...(await chainRows(system.temporal, workflowId, 'up')),
        exactly(0, await wrongTables(system, [[date, expected]])),
      ],
      notes: [...notesOf(sent.refusals), ...notesOf(askers.refusals), ...watched.faults()],
    };
  });
}

/** Many dates wait, one of them is woken: in vain at first, then with its rows. */
async function waiting(context: FloodContext): Promise<Flooded> {
  const { checkout, options, others, crowd } = context;
  return System.with(checkout, patience, async (system) => {
    await load(system, others);
    await system.command('load', crowd.first);
    const { nights, quiet } = await quietNights(system, context);
    const [date = ''] = crowd.dates.slice(Math.floor(crowd.dates.length / 2));
    const workflowId = identityOf(null).dateWorkflowId(date);
    const pushes = new Pushes(system, goOnFor(system, options.limitMs));
    const begunAt = Date.now();
    await atOnce(crowd.dates, pushesAtOnce, (gameDate) => pushes.push(gameDate));
    const brought = (Date.now() - begunAt) / 1000;
    // How slow others are while a thousand dates are brought in is not what waiting costs.
    const watched = Bystanders.start(system, date, workflowId, nights);
    const woken: number[] = [];
    for (let count = 0; count < wakes; count += 1) {
      await pause(1_500);
      woken.push(await pushes.push(date));
    }
    await watched.stop(options.leastNights);
    await system.command('load', crowd.missing);
    const last = await system.push(date);
    const [, p95] = spreadOf('the one that is woken, to its answer', woken);
    const count = await openRuns(system);
    return {
      rows: [
        figure('until all wait', 's', brought),
        ...pushes.rows(),
        atMost(longestWakeMs, figure(`${p95?.name}`, 'ms', p95?.value ?? null)),
        exactly(200, figure('its rows arrive: the answer', 'HTTP', last.httpStatus)),
        exactly(0, await wrongTables(system, [[date, crowd.rows.get(date)]])),
        exactly(crowd.dates.length - 1, figure('the others still wait', 'count', count)),
        ...(await watched.rows(quiet)),
        ...(await chainRows(system.temporal, workflowId, 'up')),
      ],
      notes: watched.faults(),
    };
  });
}

/** Sends pushes of dates that lack rows, each again until it is answered so, as Pub/Sub does. */
class Pushes {
  private again = 0;
  private lost = 0;

  constructor(
    private readonly system: System,
    private readonly mayGoOn: () => Promise<boolean>,
  ) {}

  /** How long the last answer took, ms; infinite where there was none. */
  async push(gameDate: string): Promise<number> {
    const messageId = `flood-${(messageIds += 1)}`;
    for (;;) {
      const { status, ms } = await this.system.push(gameDate, source, messageId);
      if (status === 'dependency_not_ready') return ms;
      if (!(await this.mayGoOn())) break;
      this.again += 1;
      await pause(pushAgainMs);
    }
    this.lost += 1;
    return Infinity;
  }

  rows(): Row[] {
    return [
      figure('pushes answered otherwise, then sent again', 'count', this.again),
      exactly(0, figure('pushes lost: not answered that rows are missing', 'count', this.lost)),
    ];
  }
}

/**
 * Nights while nothing else happens, after a few that warm up; the rest of them is for later. `isDown`: by a worker that was
 * killed and started as the flooded one is, whose first nights are slow without a flood too.
 */
async function quietNights(
  system: System,
  { others, options }: FloodContext,
  isDown = false,
): Promise<{ nights: OtherNights; quiet: readonly number[] }> {
  const nights = new OtherNights(others.rows);
  await nights.run(system, (done) => done < warmUps);
  if (isDown) {
    await system.killWorker();
    await system.startWorker();
  }
  // People look at a date meanwhile, as they do during the flood.
  const [looked = ''] = others.dates;
  const beside = Bystanders.start(system, looked, identityOf(null).dateWorkflowId(looked), nights);
  // The first nights of a worker that was started count for as much here as there.
  const quiet = await beside.stop(isDown ? options.leastNights : options.quietNights);
  const [fault] = beside.faults();
  if (fault !== undefined) throw new Error(`Before the flood: ${fault}`);
  return { nights, quiet };
}

/** So many new requests, and some of them again. */
function floodOf(count: number): TriggerMessage[] {
  return Array.from({ length: count }, (_, index) => messageOf(String(index))).flatMap((message, index) =>
    index % everyKnown === everyKnown - 1 ? [message, message] : [message],
  );
}

function messageOf(name: string): TriggerMessage {
  return { requestId: `flood-${name}`, kind: 'trigger', source };
}

/** A worker that dies as it starts is a figure, not the end of the measurement. */
async function startedAgain(system: System): Promise<void> {
  await system.startWorker().catch(() => undefined);
}

/** While the worker lives and there is time. */
function goOnFor(system: System, limitMs: number): () => Promise<boolean> {
  const endAt = Date.now() + limitMs;
  return async () => Date.now() < endAt && (await system.isWorkerAlive());
}

function notesOf(refusals: ReadonlyMap<string, number>): string[] {
  return [...refusals].map(([why, times]) => `the server refused ${times} messages: ${why}`);
}

function onlyOf({ rows }: Nights): [string, NightRows] {
  const [only] = rows;
  if (!only) throw new Error('there is no night to flood');
  return only;
}
