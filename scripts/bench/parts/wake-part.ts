/**
 * A thousand dates wait at once: from the message that wakes one to its gate's answer, what their waiting costs, and how
 * they all finish when their rows land.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AcceptedRun } from '../../../src/client';
import { phase3WorkflowType } from '../../../src/contracts/identity';
import { processorNames } from '../../../src/contracts/phase3';
import { pause } from '../../../src/stack/processes';
import type { History } from '../../verify/history-events';
import type { Phase3Result } from '../../../src/contracts/date-state';
import { BenchStack } from '../bench-stack';
import { BenchFailure } from '../failure';
import { datesFrom, writeMovedNights } from '../moved-nights';
import { median, percentile } from '../percentile';
import { atMost, type Figure } from '../report';
import {
  beyondCheckMs,
  checkMs,
  checksOf,
  spentOf,
  waitsAgain,
  wakeGroups,
  wakeIn,
  wakeKinds,
  wakeStretches,
  type TimedWake,
  type WakeKind,
} from '../wake-times';
import type { WorkerProcess } from '../worker-process';
import type { LoadedSeason } from '../worker-protocol';
import type { Part } from './part';

/** Long before any season that is measured, and old: only where no game is ready does such a date wait. */
const firstDate = '2010-01-01';

/** Nothing probes by itself while it is measured. */
const patience = { firstWaitMs: 3_600_000, longestWaitMs: 3_600_000, deadlineMs: 24 * 3_600_000 };

const burst = 8;
/** Requests under way at once where all dates are asked: more would measure the client's queue. */
const inFlight = 32;
/** A gate that is woken sooner after its probe waits for the rest of a second, by design. */
const pastProbeGapMs = 1_500;
/** Where nothing happens for so long, something is stuck. */
const stuckMs = 60_000;

const isOpen = `WorkflowType = '${phase3WorkflowType}' AND ExecutionStatus = 'Running'`;

export const wakePart: Part = async ({ tools, options }) => {
  const folder = await mkdtemp(join(tmpdir(), 'phase3-bench-nights-'));
  try {
    const dates = datesFrom(firstDate, options.waiting);
    const nights = await writeMovedNights(options.season, folder, dates);
    return await BenchStack.with(tools, async (stack) => {
      const worker = await stack.startWorker({ processors: 'real', policy: patience });
      await worker.ask('load', { folder: nights.first });
      const memory = new Memory(stack, worker);
      await memory.look('before');
      const begun = performance.now();
      const half = dates.slice(0, Math.floor(dates.length / 2));
      const early = await bringToWaiting(stack, worker, half, half.length);
      const halfSeconds = (performance.now() - begun) / 1000;
      await memory.look(`${half.length} waiting`);
      const second = performance.now();
      const late = await bringToWaiting(stack, worker, dates.slice(half.length), dates.length);
      const waitingSeconds = halfSeconds + (performance.now() - second) / 1000;
      await requireWaiting(stack, dates);
      await memory.look(`${dates.length} waiting`);

      const runs = [...early, ...late];
      const groups = wakeGroups(runs);
      await pause(pastProbeGapMs);
      const wakes: Record<WakeKind, TimedWake[]> = {
        rechecked: await inTurn(groups.rechecked, (run) => recheck(stack, run)),
        'rechecked in bursts': await inBursts(groups['rechecked in bursts'], (run) => recheck(stack, run)),
        redelivered: await inTurn(groups.redelivered, (run) =>
          wake(stack, run, () => stack.phase3.run({ gameDate: run.gameDate, requestId: run.requestId })),
        ),
        triggered: await inTurn(groups.triggered, (run) =>
          wake(stack, run, () => stack.phase3.run({ gameDate: run.gameDate })),
        ),
      };
      await memory.look('woken');

      const landed = await worker.ask('load', { folder: nights.missing });
      const landedAt = performance.now();
      await atOnce(runs, inFlight, ({ gameDate }) => stack.phase3.recheck({ gameDate, by: 'bench' }));
      const sentSeconds = (performance.now() - landedAt) / 1000;
      await untilCount(stack, worker, isOpen, 0);
      const finishSeconds = (performance.now() - landedAt) / 1000;
      await memory.look('all published');
      await requirePublished(stack, runs, new Set(wakeKinds.flatMap((kind) => groups[kind])), landed);

      const seconds = (name: string, value: number): Figure => ({ name, value, unit: 's', samples: 1 });
      return {
        title: `${dates.length} dates waiting at once`,
        figures: [
          seconds('from the first trigger to all waiting', waitingSeconds),
          ...wakeKinds.flatMap((kind) => wakeFigures(kind, wakes[kind])),
          seconds('rows landed: loaded', landed.seconds),
          seconds('  all rechecks sent', sentSeconds),
          seconds('  all published', finishSeconds),
          { name: '  nights', value: dates.length / finishSeconds, unit: 'a second', samples: dates.length },
          ...memory.figures,
        ],
        notes: [
          'beyond the check: from just before the client sends to its hearing that the check is completed, less the check',
          'the check: started to completed in the history, so with what the worker and DuckDB are busy with besides',
          `one after another; in bursts: ${burst} at once · each date is woken once, more than a second after its last probe`,
          'redelivered: the same request id joins and wakes · triggered: a new one asks for what is waited for, and joins the pass',
          ...wakeKinds.map((kind) => stretchNote(kind, wakes[kind])),
        ],
      };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Resident memory of worker and server, looked at now and then. */
class Memory {
  readonly figures: Figure[] = [];

  constructor(
    private readonly stack: BenchStack,
    private readonly worker: WorkerProcess,
  ) {}

  async look(when: string): Promise<void> {
    const { memory: ofWorker } = await this.worker.ask('figures', null);
    const { memory: ofServer } = await this.stack.serverFigures();
    const figure = (whose: string, bytes: number): Figure => ({
      name: `memory of the ${whose}, ${when}`,
      value: bytes / 2 ** 20,
      unit: 'MB',
      samples: 1,
    });
    this.figures.push(figure('worker', ofWorker));
    if (ofServer !== null) this.figures.push(figure('server', ofServer));
  }
}

/** Triggers the dates; resolves when `total` dates wait. */
async function bringToWaiting(
  stack: BenchStack,
  worker: WorkerProcess,
  dates: readonly string[],
  total: number,
): Promise<AcceptedRun[]> {
  const runs = await atOnce(dates, inFlight, (gameDate) => stack.phase3.run({ gameDate }));
  await untilCount(stack, worker, `${isOpen} AND RunState = 'waiting'`, total);
  return runs;
}

/**
 * Waits until the server's list counts `wanted` runs. Throws {@link BenchFailure} when the worker has asked nothing of its
 * warehouse for long: that the count stands still says nothing, since dates that are woken together end together.
 */
async function untilCount(
  { temporal, phase3 }: BenchStack,
  worker: WorkerProcess,
  query: string,
  wanted: number,
): Promise<void> {
  let workedAt = performance.now();
  for (;;) {
    const { count } = await temporal.workflow.count(query);
    if (count === wanted) return;
    if ((await worker.ask('figures', null)).operations > 0) workedAt = performance.now();
    if (performance.now() - workedAt > stuckMs) {
      const open = (await phase3.open()).slice(0, 5).map(({ gameDate, state }) => `${gameDate} ${state}`);
      throw new BenchFailure(
        `${count} runs where ${wanted} should be, and nothing happens: ${open.join(', ')} …`,
      );
    }
    await pause(200);
  }
}

/** Throws {@link BenchFailure} unless just these dates wait, and for the team rows. */
async function requireWaiting({ phase3 }: BenchStack, dates: readonly string[]): Promise<void> {
  const open = await phase3.open();
  const other = open.find(
    ({ gameDate, state, blockedOn }, index) =>
      gameDate !== dates[index] || state !== 'waiting' || blockedOn.join() !== 'nbac_team_boxscore',
  );
  if (open.length !== dates.length || other)
    throw new BenchFailure(`${open.length} dates are open, among them ${JSON.stringify(other)}.`);
}

async function recheck(stack: BenchStack, run: AcceptedRun): Promise<TimedWake> {
  return wake(stack, run, () => stack.phase3.recheck({ gameDate: run.gameDate, by: 'bench' }));
}

/**
 * Wakes a date and listens to its history until it waits again. Throws {@link BenchFailure} unless that was one probe.
 * The history is asked for only when the message is sent, so that the server has not just had it in its hands.
 */
async function wake(stack: BenchStack, run: AcceptedRun, send: () => Promise<unknown>): Promise<TimedWake> {
  const askedAt = Date.now();
  await send();
  let heardAt = 0;
  for await (const history of listen(stack, run)) {
    const found = wakeIn(history);
    if (found && heardAt === 0) heardAt = Date.now();
    if (found && waitsAgain(history)) {
      const probes = checksOf(history).filter(({ scheduledAt }) => scheduledAt >= found.takenAt).length;
      if (probes !== 1) throw new BenchFailure(`${run.gameDate} was woken once and probed ${probes} times.`);
      return { ...found, askedAt, heardAt };
    }
    if (Date.now() - askedAt > stuckMs) break;
  }
  throw new BenchFailure(`${run.gameDate} was woken and did not probe and wait again.`);
}

/** A run's history, again and again as it grows: the server answers when there is something new. */
async function* listen(
  { temporal }: BenchStack,
  { workflowId, runId }: AcceptedRun,
): AsyncGenerator<History> {
  const events: NonNullable<History['events']> = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await temporal.workflowService.getWorkflowExecutionHistory({
      namespace: temporal.options.namespace,
      execution: { workflowId, runId },
      waitNewEvent: true,
      ...(nextPageToken ? { nextPageToken } : {}),
    });
    events.push(...(page.history?.events ?? []));
    nextPageToken = page.nextPageToken;
    yield { events };
  } while (nextPageToken.length > 0);
}

/**
 * Throws {@link BenchFailure} unless every run ended published, all its processors too, with just the probes that it was
 * woken for and with all the rows that were loaded.
 */
async function requirePublished(
  { temporal }: BenchStack,
  runs: readonly AcceptedRun[],
  woken: ReadonlySet<AcceptedRun>,
  landed: LoadedSeason,
): Promise<void> {
  let teamRows = 0;
  await atOnce(runs, inFlight, async (run) => {
    const handle = temporal.workflow.getHandle(run.workflowId, run.runId);
    const { state, results } = (await handle.result()) as Phase3Result;
    if (
      state !== 'published' ||
      results.length !== processorNames.length ||
      results.some(({ outcome }) => outcome !== 'published')
    )
      throw new BenchFailure(`${run.gameDate} ended ${state}.`);
    // At first, when its rows were there, and at the players' gate.
    const wanted = woken.has(run) ? 4 : 3;
    const probes = checksOf(await handle.fetchHistory()).length;
    if (probes !== wanted)
      throw new BenchFailure(`${run.gameDate} probed ${probes} times, expected ${wanted}.`);
    teamRows +=
      results.find(({ processor }) => processor === 'TeamOffenseGameSummaryProcessor')?.rowCount ?? 0;
  });
  if (teamRows !== landed.rows)
    throw new BenchFailure(`${teamRows} rows of team offence are published, of ${landed.rows} team rows.`);
}

async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  return atOnce(all, 1, work);
}

async function inBursts<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let first = 0; first < all.length; first += burst)
    done.push(...(await Promise.all(all.slice(first, first + burst).map(work))));
  return done;
}

/** Does `work` for all, at most `window` at once, and returns what it brought in their order. */
async function atOnce<T, R>(all: readonly T[], window: number, work: (one: T) => Promise<R>): Promise<R[]> {
  const left = [...all.entries()];
  const done: R[] = [];
  const doNext = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) done[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: window }, doNext));
  return done;
}

function wakeFigures(kind: WakeKind, wakes: readonly TimedWake[]): Figure[] {
  const beyond = wakes.map(beyondCheckMs);
  const checks = wakes.map(checkMs);
  const ms = (name: string, value: number): Figure => ({ name, value, unit: 'ms', samples: wakes.length });
  return [
    ms(`${kind}: beyond the check, p50`, median(beyond)),
    { ...ms(`${kind}: beyond the check, p95`, percentile(beyond, 0.95)), mark: atMost(250) },
    ms(`  ${kind}: the check, p50`, median(checks)),
    ms(`  ${kind}: the check, p95`, percentile(checks, 0.95)),
  ];
}

function stretchNote(kind: WakeKind, wakes: readonly TimedWake[]): string {
  const spent = wakes.map(spentOf);
  const parts = wakeStretches.map((stretch) => {
    const values = spent.map((one) => one[stretch]);
    return `${stretch} ${median(values).toFixed(0)} / ${percentile(values, 0.95).toFixed(0)}`;
  });
  return `${kind}, p50 / p95 in ms: ${parts.join(' · ')}`;
}
