/** What is measured. Each part has a stack of its own, and fails where its results are not what the raw rows make. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  answerMsIn,
  asksIn,
  historyFigures,
  keptBytes,
  requireAnswer,
  requireExported,
  requireOnce,
  requireRows,
} from './checks';
import type { Checkout } from './checkout';
import { floorPart } from './floor/floor-part';
import { levelsPart } from './floor/levels-part';
import type { PartName } from './options';
import { percentile, spreadOf, type Figure } from './report';
import { spread, writeEarlierSeason, type MovedNights, type Season } from './season';
import { atOnce, BenchFailure, System, until, type Component, type PushAnswer } from './system';

export interface PartContext {
  readonly season: Season;
  /** Of the part in which dates wait. */
  readonly moved: MovedNights;
  /** This repository. */
  readonly root: string;
}

export type Part = (checkout: Checkout, context: PartContext) => Promise<Figure[]>;

/** Nights before the first that counts: code and caches are warm after them. */
const warmUps = 3;
const nightsAlone = 30;
const concurrency = '8';
const killedNights = 30;
/** Of 174 dates each. */
const seasons = 10;
/** Nights alone before a backfill and after it; twice as many beside it. */
const liveNights = 38;
/** Requests under way at once where all dates are asked: more would measure the client's queue. */
const inFlight = 32;
/** Dates that are woken one after another, by a push and by a recheck. */
const [pushed, rechecked] = [40, 8];
/** A gate that is woken sooner after its probe waits for the rest of a second, by design. */
const pastProbeGapMs = 1_500;
const pushDates = 30;
const pushSources = [
  'nbac_gamebook_player_stats',
  'nbac_team_boxscore',
  'nbac_injury_report',
  'nbac_player_boxscores',
];
const newsPerDate = 10;
const pushesAtOnce = 50;
const dateRuns = `WorkflowType = 'phase3Workflow'`;
/** Nothing probes by itself while it is measured. */
const patience = {
  PHASE3_GATE_FIRST_WAIT_SECONDS: '3600',
  PHASE3_GATE_LONGEST_WAIT_SECONDS: '3600',
  PHASE3_GATE_DEADLINE_SECONDS: '86400',
};

export const parts: Readonly<Record<PartName, Part>> = {
  /** One night at a time, pushed and answered; then the same nights when nothing has changed. */
  night: (checkout, { season }) =>
    System.with(checkout, {}, async (system) => {
      await system.command('load', season.folder);
      const dates = spread([...season.nights.keys()], nightsAlone + warmUps);
      const ask = async (date: string, status: string): Promise<PushAnswer> => {
        const answer = await system.push(date);
        requireAnswer(date, answer, 200, status);
        requireRows(date, answer, season.nights.get(date) ?? { teams: 0, players: 0 });
        return answer;
      };
      for (const date of dates.slice(0, warmUps)) await ask(date, 'completed');
      const measured = dates.slice(warmUps);
      const [cpu, nights] = await withCpu(system, 'a night alone', measured.length, () =>
        atOnce(measured, 1, (date) => ask(date, 'completed')),
      );
      const histories = await atOnce(nights, 4, (answer) => system.closedHistory(answer));
      const again = await atOnce(measured, 1, (date) => ask(date, 'unchanged'));
      return [
        ...spreadOf('a night alone: push to published', msOf(nights)),
        ...spreadOf('the same night, unchanged', msOf(again)),
        ...historyFigures(histories, (counts) => percentile(counts, 0.5)),
        ...cpu,
        ...(await keptFigures(system, dates)),
      ];
    }),

  floor: floorPart,

  levels: levelsPart,

  /** The season: loaded, backfilled, and backfilled again when nothing has changed. */
  season: (checkout, { season }) =>
    System.with(checkout, {}, async (system) => {
      const { nights } = season;
      const range = rangeOf([...nights.keys()]);
      const [loaded] = await timed('raw rows loaded', () => system.command('load', season.folder));
      const dates = [...nights.keys()];
      const [cpu, [backfilled]] = await withCpu(system, 'backfill', nights.size, () =>
        timed('backfill, 8 at once', () => backfill(system, range)),
      );
      await requirePublished(system, dates);
      const [unchanged] = await timed('the same again, unchanged', () => backfill(system, range));
      await requirePublished(system, dates);
      for (const date of spread(dates, 3)) await requireState(system, date, 'unchanged');
      const memory = (await Promise.all([memoryOf(system, 'worker'), memoryOf(system, 'temporal')])).flat();
      for (const [table, rows] of Object.entries(rowsOf(season)))
        requireExported(await system.export(table, ...range), table, rows);
      return [loaded, backfilled, unchanged, ...cpu, ...memory, ...(await keptFigures(system, dates))];
    }),

  /** One season after another, the newest last, by one worker: whether what came before makes a season slower or the worker larger. */
  seasons: (checkout, { season }) =>
    System.with(checkout, {}, async (system) => {
      const folder = await mkdtemp(join(tmpdir(), 'phase3-bench-seasons-'));
      try {
        const [seconds, memory]: [number[], number[]] = [[], []];
        for (let back = seasons - 1; back >= 0; back -= 1) {
          const own = join(folder, String(back));
          const dates = await writeEarlierSeason(season, own, back);
          await system.command('load', own);
          await rm(own, { recursive: true });
          const [took] = await timed('a season', () => backfill(system, rangeOf(dates)));
          await requirePublished(system, dates);
          seconds.push(took.value);
          memory.push((await system.figuresOf('worker'))?.memory ?? 0);
        }
        const half = Math.floor(seasons / 2);
        // Code and caches are warm after the first.
        const [early, late] = [percentile(seconds.slice(1, half), 0.5), percentile(seconds.slice(half), 0.5)];
        const name = `${seasons} seasons`;
        return [
          { name: `${name}: one of the first half, p50`, unit: 's', value: early },
          { name: `${name}: one of the second half, p50`, unit: 's', value: late },
          { name: `${name}: second half by first`, unit: 'ratio', value: late / early },
          { name: `${name}: memory of worker after the second`, unit: 'MB', value: memory[1] ?? 0 },
          { name: `${name}: memory of worker after the last`, unit: 'MB', value: memory.at(-1) ?? 0 },
          { name: `${name}: most memory of worker between two`, unit: 'MB', value: Math.max(...memory) },
          ...(await memoryOf(system, 'worker')),
          ...(await memoryOf(system, 'temporal')),
        ];
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),

  /** Nights that are pushed alone, then while a backfill goes on, then alone again, so that a machine that drifts favours neither. */
  live: (checkout, { season, moved }) =>
    System.with(checkout, {}, async (system) => {
      for (const folder of [season.folder, moved.first, moved.missing]) await system.command('load', folder);
      const dates = spread([...season.nights.keys()], warmUps + 4 * liveNights);
      const push = async (date: string): Promise<PushAnswer> => {
        const answer = await system.push(date);
        requireAnswer(date, answer, 200, 'completed');
        return answer;
      };
      const next = async (count: number): Promise<number[]> =>
        msOf(await atOnce(dates.splice(0, count), 1, push));
      await next(warmUps);
      const before = await next(liveNights);
      const { workflow_id: id } = await system.json<{ workflow_id: string }>(
        ...['backfill', ...rangeOf(moved.dates), '--concurrency', '4'],
      );
      const handle = system.temporal.workflow.getHandle(id);
      await until('first date of the backfill', async () => ((await doneOf(system, id)) > 0 ? true : null));
      const [begun, doneBefore] = [performance.now(), await doneOf(system, id)];
      const during = await next(2 * liveNights);
      const [seconds, doneAfter] = [(performance.now() - begun) / 1000, await doneOf(system, id)];
      if ((await handle.describe()).status.name !== 'RUNNING')
        throw new BenchFailure('The backfill had ended before the nights had: ask for more dates (--full).');
      await handle.result();
      await requirePublished(system, moved.dates);
      const after = await next(liveNights);
      const alone = [...before, ...after];
      const ratio = (share: number): Figure => ({
        name: `a night beside a backfill, to the same alone, p${100 * share}`,
        unit: 'ratio',
        value: percentile(during, share) / percentile(alone, share),
      });
      return [
        ...spreadOf('a night alone', alone),
        ...spreadOf('a night beside a backfill', during),
        ...[ratio(0.5), ratio(0.95)],
        {
          name: 'dates of the backfill meanwhile, a second',
          unit: 'count',
          value: (doneAfter - doneBefore) / seconds,
        },
      ];
    }),

  /** A worker is killed in the middle of a backfill and another started at once: when is what it held settled? */
  killed: (checkout, { season }) =>
    System.with(checkout, {}, async (system) => {
      await system.command('load', season.folder);
      const dates = [...season.nights.keys()].slice(0, killedNights);
      const done = backfill(system, rangeOf(dates));
      // Awaited below; until then its failure must not count as unhandled.
      done.catch(() => undefined);
      const { workflow } = system.temporal;
      const half = Math.floor(dates.length / 2);
      await until('half of the dates settled', async () => {
        const { count } = await workflow.count(`${dateRuns} AND ExecutionStatus != 'Running'`);
        return count >= half ? count : null;
      });
      const killedAt = Date.now();
      await system.replaceWorker();
      const upAgain = (Date.now() - killedAt) / 1000;
      await done;
      await requirePublished(system, dates);
      // The list of runs follows their histories with a small delay.
      const closed = await until('end of every run', async () => {
        const runs: { startTime: Date; closeTime?: Date }[] = [];
        for await (const run of workflow.list({ query: dateRuns })) runs.push(run);
        return runs.every(({ closeTime }) => closeTime) ? runs : null;
      });
      const held = closed.flatMap(({ startTime, closeTime }) => {
        const after = (closeTime?.getTime() ?? 0) - killedAt;
        return startTime.getTime() < killedAt && after > 0 ? after / 1000 : [];
      });
      if (held.length === 0) throw new BenchFailure('The worker was killed when it held no date.');
      return [
        { name: 'worker killed: another is up', unit: 's', value: upAgain },
        { name: 'worker killed: all that it held is settled', unit: 's', value: Math.max(...held) },
      ];
    }),

  /** Many dates wait: what one costs that is woken, and how they all finish when their rows land. */
  wake: (checkout, { moved }) =>
    System.with(checkout, patience, async (system) => {
      const { dates } = moved;
      await system.command('load', moved.first);
      const wait = async (date: string): Promise<PushAnswer> => {
        const answer = await system.push(date);
        requireAnswer(date, answer, 500, 'dependency_not_ready');
        return answer;
      };
      const name = `${dates.length} dates wait`;
      const [brought, runs] = await timed(`${name}: from the first push`, () =>
        atOnce(dates, inFlight, wait),
      );
      const memory = await memoryOf(system, 'worker', name);
      await new Promise((resolve) => setTimeout(resolve, pastProbeGapMs));
      const woken = spread(dates, pushed + rechecked);
      const byPush = await atOnce(woken.slice(rechecked), 1, wait);
      const byRecheck = await atOnce(woken.slice(0, rechecked), 1, (date) =>
        recheckMs(system, date, runs[dates.indexOf(date)]),
      );
      await system.command('load', moved.missing);
      const [finished] = await timed(`${name}: rows landed, all published`, async () => {
        const answers = await atOnce(dates, inFlight, (date) => system.push(date));
        // One whose processors run for longer than the gateway waits is published all the same.
        for (const [index, answer] of answers.entries())
          if (answer.httpStatus !== 202) requireAnswer(dates[index] ?? '', answer, 200, 'completed');
        await until('end of every run', async () => {
          const { count } = await system.temporal.workflow.count(
            `${dateRuns} AND ExecutionStatus = 'Running'`,
          );
          return count === 0 ? true : null;
        });
      });
      await requirePublished(system, dates);
      return [
        brought,
        ...spreadOf(`${name}: one is pushed, to its answer`, msOf(byPush)),
        ...spreadOf(`${name}: one is rechecked, to its answer`, byRecheck),
        finished,
        ...memory,
      ];
    }),

  /** The front door: many pushes at once, half of them sent twice, each until it is acknowledged. */
  pushes: (checkout, { season }) =>
    System.with(checkout, {}, async (system) => {
      await system.command('load', season.folder);
      const dates = spread([...season.nights.keys()], pushDates);
      const answers: PushAnswer[] = [];
      const deliver = async ({ date, source, id }: PlannedPush): Promise<void> => {
        await until(`acknowledgement of ${id} (${source} of ${date})`, async () => {
          const answer = await system.push(date, source, id);
          answers.push(answer);
          if (isAcknowledged(answer)) return true;
          // As Pub/Sub does, though sooner.
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          return null;
        });
      };
      const planned = planPushes(dates);
      const [took] = await timed(`${planned.length} pushes, ${pushesAtOnce} at once: all acknowledged`, () =>
        atOnce(planned, pushesAtOnce, deliver),
      );
      await requirePublished(system, dates);
      const acknowledged = answers.filter(isAcknowledged);
      const notReady = answers.filter(({ status }) => status === 'dependency_not_ready');
      const count = (name: string, value: number): Figure => ({
        name: `pushes: ${name}`,
        unit: 'count',
        value,
      });
      return [
        ...spreadOf('pushes: to the acknowledgement', msOf(acknowledged), 0.99),
        took,
        count('answered "not ready"', notReady.length),
        count('answered otherwise', answers.length - acknowledged.length - notReady.length),
        ...(await memoryOf(system, 'gateway', 'pushes')),
      ];
    }),
};

export interface PlannedPush {
  readonly date: string;
  readonly source: string;
  readonly id: string;
}

/**
 * Rounds over the dates, each told of its sources in turn. Every message comes twice: of one half the second delivery
 * follows the first and meets it under way, of the other it comes when all were sent.
 */
export function planPushes(dates: readonly string[]): PlannedPush[] {
  const news = Array.from({ length: newsPerDate * dates.length }, (_, index): PlannedPush => {
    const [round, place] = [Math.floor(index / dates.length), index % dates.length];
    return {
      date: dates[place] ?? '',
      // Not all dates begin with the same one.
      source: pushSources[(round + place) % pushSources.length] ?? '',
      id: `burst-${index}`,
    };
  });
  const again = (index: number): boolean => index % 2 === 0;
  return [
    ...news.flatMap((push, index) => (again(index) ? [push, push] : [push])),
    ...news.filter((_, index) => !again(index)),
  ];
}

function isAcknowledged({ httpStatus }: PushAnswer): boolean {
  return httpStatus !== null && httpStatus < 300;
}

/** From the moment that the server has the message of a `recheck` to the end of the check that it causes. */
async function recheckMs(system: System, date: string, run: PushAnswer | undefined): Promise<number> {
  const handle = system.temporal.workflow.getHandle(run?.workflowId ?? '', run?.runId);
  const before = asksIn(await handle.fetchHistory());
  await system.command('recheck', date);
  return until(`answer to a recheck of ${date}`, async () => {
    const history = await handle.fetchHistory();
    return asksIn(history) > before ? answerMsIn(history) : null;
  });
}

/**
 * Runs a backfill to its end, by Temporal: `--wait` asks the run where it stands, which is a replay more where the worker has
 * dropped it.
 */
async function backfill(system: System, [from, to]: readonly [string, string]): Promise<void> {
  const { workflow_id: id } = await system.json<{ workflow_id: string }>(
    ...['backfill', from, to, '--concurrency', concurrency],
  );
  await system.temporal.workflow.getHandle(id).result();
}

/** Throws unless every table of every date was published once. */
async function requirePublished(system: System, dates: readonly string[]): Promise<void> {
  requireOnce(await system.export('partition_manifest', ...rangeOf(dates)), dates);
}

/** Throws unless a date's newest outcome is this one. */
async function requireState(system: System, date: string, expected: string): Promise<void> {
  const { state } = await system.json<{ state: string }>('status', date);
  if (state !== expected) throw new BenchFailure(`${date} is ${state}, expected ${expected}.`);
}

/** Dates of a backfill that have answered. */
async function doneOf(system: System, id: string): Promise<number> {
  const progress = await system.temporal.workflow.getHandle(id).query<{ replies: object }>('progress');
  return Object.keys(progress.replies).length;
}

function rangeOf(dates: readonly string[]): [string, string] {
  return [dates[0] ?? '', dates.at(-1) ?? ''];
}

function rowsOf({ nights }: Season): Record<string, number> {
  const sum = (count: (night: { teams: number; players: number }) => number): number =>
    [...nights.values()].reduce((total, night) => total + count(night), 0);
  return {
    team_offense_game_summary: sum(({ teams }) => teams),
    team_defense_game_summary: sum(({ teams }) => teams),
    player_game_summary: sum(({ players }) => players),
  };
}

function msOf(answers: readonly PushAnswer[]): number[] {
  return answers.map(({ ms }) => ms);
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<[Figure, T]> {
  const begun = performance.now();
  const done = await work();
  return [{ name, unit: 's', value: (performance.now() - begun) / 1000 }, done];
}

/** What the raw rows take that are kept with the versions of `dates`, each of which was published once. */
async function keptFigures(system: System, dates: readonly string[]): Promise<Figure[]> {
  // A baseline from before has no such table, and says so.
  const lines = await system.export('raw_kept', ...rangeOf(dates)).catch(() => null);
  return lines === null
    ? []
    : [{ name: 'raw rows kept, a night', unit: 'B', value: keptBytes(lines) / dates.length }];
}

/** Does `work` and says what it cost worker and server for each of `nights`. */
async function withCpu<T>(
  system: System,
  name: string,
  nights: number,
  work: () => Promise<T>,
): Promise<[Figure[], T]> {
  const components = ['worker', 'temporal'] as const;
  const look = () => Promise.all(components.map((component) => system.figuresOf(component)));
  const before = await look();
  const done = await work();
  const after = await look();
  const figures = components.flatMap((component, index): Figure[] => {
    const [a, b] = [before[index], after[index]];
    if (!a || !b) return [];
    const value = (b.cpuMs - a.cpuMs) / nights;
    return [{ name: `${name}: processor time of ${component}, a night`, unit: 'ms', value }];
  });
  return [figures, done];
}

/** Memory that a process has now where `when` says when, else the most that it had. */
async function memoryOf(system: System, component: Component, when: string | null = null): Promise<Figure[]> {
  const figures = await system.figuresOf(component);
  if (!figures) return [];
  return when === null
    ? [{ name: `backfill: peak memory of ${component}`, unit: 'MB', value: figures.peakMemory }]
    : [{ name: `${when}: memory of ${component}`, unit: 'MB', value: figures.memory }];
}
