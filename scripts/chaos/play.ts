/** The play: rows come, messages, decisions and faults, all at once; then the faults end, all that is true comes, and it is judged. */
import { setTimeout as pause } from 'node:timers/promises';
import { Readable } from 'node:stream';
import type { Client } from '@temporalio/client';
import { addDays } from '../../src/contracts/game-date';
import type { Season } from '../bench/season';
import { Backfills } from './backfills';
import { Chance } from './chance';
import { openBackfills, openDates } from './evidence';
import { drawFeed, nightOn, rawNames, type Delivery, type Feed } from './feed';
import { Faults } from './faults';
import { found, type Finding } from './findings';
import type { Journal } from './journal';
import { judgeAll, judgeMidway, type ToJudge } from './judge';
import { Operators } from './operators';
import { Pusher } from './pusher';
import type { SmallDisk } from './small-disk';
import type { ChaosStack } from './stack';

/** The first date; the clock begins some days later. */
export const firstDate = '2018-01-01';
const datesAtFirst = 5;

export interface PlayOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly isCalm: boolean;
  /** Dates of which rows come at the same time. */
  readonly datesAtOnce: number;
  /** What does not move for so long after the faults have ended is stuck. */
  readonly patienceMs: number;
}

export interface Outcome {
  readonly findings: readonly Finding[];
  readonly dates: number;
  readonly runs: number;
  /** Of these, runs that several dates share. */
  readonly sharedRuns: number;
  /** Decisions that were accepted while faults lasted. */
  readonly accepted: number;
}

export function clockAtFirst(): string {
  return `${addDays(firstDate, datesAtFirst)}T09:00:00.000Z`;
}

export class Play {
  private readonly feeds: Feed[] = [];
  private readonly loaded = new Map<string, Delivery[]>();
  private readonly findings: Finding[] = [];
  private readonly pusher: Pusher;
  private readonly operators: Operators;
  private readonly backfills: Backfills;
  private readonly faults: Faults;
  private endAt = 0;

  constructor(
    private readonly stack: ChaosStack,
    private readonly season: Season,
    private readonly journal: Journal,
    private readonly options: PlayOptions,
    disk: SmallDisk | null,
  ) {
    this.pusher = new Pusher(() => stack.gateway, this.chance('messages'), journal);
    this.operators = new Operators(stack, this.chance('operators'), journal);
    this.backfills = new Backfills(stack, this.chance('ranges'), journal);
    // Those that are started from here on have a clock that can leap.
    const leaps = !options.isCalm && stack.leap(0);
    if (!leaps) journal.note('no_leaps');
    this.faults = new Faults(stack, this.chance('faults'), journal, disk, leaps);
  }

  async play(): Promise<Outcome> {
    if (!this.options.isCalm) this.stack.warehouse.hurt(this.options.seed, this.journal.file);
    await this.stack.up(this.journal);
    this.endAt = Date.now() + this.options.minutes * 60_000;
    await Promise.all([
      this.feedAll(),
      this.decideAll(),
      this.backfillAll(),
      this.patrol(),
      ...(this.options.isCalm ? [] : [this.hurt()]),
    ]);
    this.journal.note('faults_end');
    this.stack.warehouse.spare();
    // Those that end the play come afterwards, one for each date.
    const accepted = this.operators.decisions.filter(({ told }) => told === 'accepted').length;
    await this.stack.up(this.journal);
    await this.settle();
    const { findings, ...runs } = await judgeAll(this.left);
    return { findings: [...this.findings, ...findings], dates: this.feeds.length, ...runs, accepted };
  }

  private chance(part: string): Chance {
    return new Chance(this.options.seed, part);
  }

  private get left(): ToJudge {
    const { stack, feeds, loaded, pusher, operators, backfills } = this;
    const { acknowledged, kept } = pusher;
    return { stack, feeds, loaded, acknowledged, kept, decisions: operators.decisions, backfills };
  }

  private isOver(): boolean {
    return Date.now() >= this.endAt;
  }

  /** Dates one after another, several at once; of each all that comes of it. */
  private async feedAll(): Promise<void> {
    const chance = this.chance('feeds');
    const small = [...this.season.nights].filter(([, { teams }]) => teams <= 6).map(([date]) => date);
    const underWay = new Set<Promise<void>>();
    // The first are played however short it is, or slow the machine: otherwise there is nothing to judge.
    for (let index = 0; index < datesAtFirst || !this.isOver(); index += 1) {
      const gameDate = addDays(firstDate, index);
      const feed = drawFeed(chance, gameDate, nightOn(this.season, chance.pick(small), gameDate));
      const own = new Chance(this.options.seed, `feed ${gameDate}`);
      if (index >= datesAtFirst && gameDate >= this.stack.now.slice(0, 10))
        this.faults.setClock(`${addDays(gameDate, own.whole(1, 4))}T09:00:00.000Z`);
      this.feeds.push(feed);
      const feeding = this.feed(feed, own).finally(() => underWay.delete(feeding));
      underWay.add(feeding);
      while (underWay.size >= this.options.datesAtOnce && !this.isOver()) await pause(200);
      await pause(own.whole(500, 2_500));
    }
    await Promise.all(underWay);
  }

  private async feed({ gameDate, deliveries }: Feed, chance: Chance): Promise<void> {
    for (const delivery of deliveries) {
      if (this.isOver()) return;
      await this.load(gameDate, delivery);
      if (chance.is(0.85)) this.pusher.tell(gameDate, delivery.table);
      if (chance.is(0.08)) this.pusher.disturb();
      await pause(chance.whole(300, 7_000));
    }
  }

  /** Loads rows, again and again until the worker has taken them. */
  private async load(gameDate: string, delivery: Delivery): Promise<void> {
    const { table, rows, what } = delivery;
    const end = Date.now() + this.options.patienceMs;
    for (;;) {
      try {
        const lines = Readable.from(rows.map((row) => `${JSON.stringify(row)}\n`));
        await (await this.stack.control()).load(table, lines);
        break;
      } catch (error) {
        if (Date.now() > end) throw error;
        await pause(300);
      }
    }
    this.loaded.set(gameDate, [...(this.loaded.get(gameDate) ?? []), delivery]);
    this.journal.note('load', { gameDate, table, what, rows: rows.length });
  }

  private async decideAll(): Promise<void> {
    const chance = this.chance('desk');
    while (!this.isOver()) {
      const recent = chance.is(0.7) ? this.feeds.slice(-10) : this.feeds;
      if (recent.length > 0) await this.operators.act(chance.pick(recent).gameDate);
      await pause(chance.whole(300, 2_500));
    }
  }

  /** Several a minute, once there are some dates. */
  private async backfillAll(): Promise<void> {
    const chance = this.chance('backfills');
    await pause(chance.whole(7_000, 10_000));
    while (!this.isOver()) {
      await this.backfills.act(this.feeds.map(({ gameDate }) => gameDate));
      await pause(chance.whole(1_500, 6_000));
    }
  }

  private async hurt(): Promise<void> {
    const chance = this.chance('pauses');
    while (!this.isOver()) {
      await pause(chance.whole(1_500, 9_000));
      if (!this.isOver()) await this.faults.one();
    }
  }

  /** Live rows are those that were published, at any moment. */
  private async patrol(): Promise<void> {
    const chance = this.chance('patrol');
    while (!this.isOver()) {
      await pause(chance.whole(2_000, 6_000));
      const feed = this.feeds.length > 0 ? chance.pick(this.feeds) : null;
      if (feed) await this.look(feed.gameDate).catch(() => this.journal.note('patrol_unheard'));
    }
  }

  private async look(gameDate: string): Promise<void> {
    const control = await this.stack.control();
    for await (const { tables } of control.verify({ from: gameDate, to: gameDate }))
      for (const { table, findings, reasons } of tables)
        if (findings.includes('altered'))
          this.findings.push(
            found('no bad row', gameDate, `in between, ${table} was altered: ${reasons.join('; ')}`),
          );
    this.journal.note('patrol', { gameDate });
  }

  /** All that is true comes and is told of, pins are lifted, and everybody is waited for. */
  private async settle(): Promise<void> {
    this.findings.push(...(await this.stillCorrupted()));
    this.faults.setClock(`${addDays(firstDate, this.feeds.length + 9)}T09:00:00.000Z`);
    for (const part of this.stack.parts.filter(({ component }) => component !== 'temporal')) {
      await part.signal('SIGKILL');
      await part.gone();
    }
    await this.stack.up(this.journal);
    this.pusher.release();
    for (const { gameDate, truth } of this.feeds) {
      for (const table of rawNames)
        await this.load(gameDate, { table, rows: truth[table], what: 'the truth' });
      const end = Date.now() + this.options.patienceMs;
      while (!(await this.operators.close(gameDate)) && Date.now() < end) await pause(500);
      this.pusher.tell(gameDate, 'nbac_gamebook_player_stats');
    }
    this.pusher.release();
    await this.untilStill((client) => this.openWork(client));
    this.pusher.stop();
    for (const messageId of this.pusher.unanswered)
      this.findings.push(found('answers', null, `message ${messageId} was never acknowledged`));
  }

  /** What was corrupted last, and is by now: all of it is loaded and told of, and none of it is live. */
  private async stillCorrupted(): Promise<Finding[]> {
    for (const { gameDate, truth, corruption } of this.feeds) {
      if (!corruption) continue;
      for (const table of rawNames)
        await this.load(
          gameDate,
          table === corruption.delivery.table
            ? corruption.delivery
            : { table, rows: truth[table], what: 'beside what is corrupted' },
        );
      this.pusher.tell(gameDate, corruption.delivery.table);
    }
    this.pusher.release();
    await this.untilStill(async () => new Set());
    return judgeMidway(this.left);
  }

  /** Dates and backfills of which a run is open. Who has paused one, however late it was heard, has it go on. */
  private async openWork(client: Client): Promise<Set<string>> {
    const backfills = await openBackfills(client);
    if (backfills.size > 0) await this.backfills.letGoOn();
    return new Set([...(await openDates(client)), ...backfills]);
  }

  /** Until everybody is answered and nothing is open, or nothing of that has moved for long: what is left then is stuck. */
  private async untilStill(openOf: (client: Client) => Promise<Set<string>>): Promise<void> {
    const client = await this.stack.temporal();
    let [before, since] = ['', Date.now()];
    while (Date.now() - since < this.options.patienceMs) {
      const open = await openOf(client);
      if (open.size === 0 && this.pusher.unanswered.size === 0) return;
      const now = JSON.stringify([[...open].sort(), [...this.pusher.unanswered]]);
      if (now !== before) [before, since] = [now, Date.now()];
      await pause(500);
    }
  }
}
