/** What the calendar shows: a season's dates with their states. Read once, and then date by date as things happen. */
import { addDays } from '../../contracts/game-date';
import type { RecentDate } from '../../client';
import type { RecordedStanding } from '../../control/protocol';
import type { DateReads } from '../../control/reads';
import { mergeStandings, type ListedDate } from '../../explain/listed-dates';
import { seasonOf } from '../../plan/calendar';
import { calendarTable } from '../../plan/registry';
import { acceptMs, todayOf, type GatewayParts } from '../parts';
import type { Topic } from './live';
import { asked } from './read-date';

export interface SeasonDay {
  readonly gameDate: string;
  /** Games of the calendar. */
  readonly games: number;
  /** Null where nothing of it has run. */
  readonly listed: Pick<
    ListedDate,
    'state' | 'isOpen' | 'missing' | 'bypassed' | 'reasons' | 'lacking' | 'held' | 'pinned' | 'isStale'
  > | null;
}

export interface SeasonView {
  /** The year that it begins in; null where nothing was ever loaded or run. */
  readonly year: number | null;
  /** Every season that there is anything of, newest first. */
  readonly years: readonly number[];
  /** Every day from the first to the last that there is anything of. */
  readonly days: readonly SeasonDay[];
  readonly today: string;
  /** Open dates of other seasons. */
  readonly elsewhere: readonly Pick<RecentDate, 'gameDate' | 'state'>[];
}

type Parts = Pick<GatewayParts, 'client' | 'server' | 'reads' | 'now'>;

/** After so long everything is read again: rows may have been loaded, or records written elsewhere. */
const oldAfterMs = 5 * 60_000;
/** With more changed dates at once the season is read as a whole. */
const mostSingly = 15;
/** A run that has ended is listed for so long: visibility follows the history after a moment. */
const listedForMs = 60_000;
/** Whether dates are current is said of so many at once only. */
const daysAtOnce = 31;

export class SeasonTopic implements Topic<SeasonView> {
  private read: {
    readonly at: number;
    readonly year: number;
    readonly years: readonly number[];
    readonly ends: { readonly from: string; readonly to: string };
    readonly games: ReadonlyMap<string, number>;
    readonly standings: Map<string, RecordedStanding>;
  } | null = null;
  private signs = new Map<string, string>();
  private recent: readonly RecentDate[] = [];
  private isFilling = false;
  private hasFilled = false;

  /** `year`: null for the newest season. */
  constructor(
    private readonly parts: Parts,
    private readonly year: number | null,
  ) {}

  async look(): Promise<SeasonView | null> {
    const { client, server } = this.parts;
    const since = new Date(Date.now() - listedForMs).toISOString();
    const recent = await asked(() => server.within(acceptMs, () => client.openOrEndedSince(since)));
    const changed = this.changedIn(recent);
    const isOld = !this.read || Date.now() - this.read.at > oldAfterMs;
    if (!isOld && changed.length === 0 && !this.hasFilled) return null;
    this.hasFilled = false;
    const reads = await this.parts.reads();
    if (isOld || changed.length > mostSingly) await this.readAll(reads);
    else for (const gameDate of changed) await this.readOne(reads, gameDate);
    this.signs = signsOf(recent);
    this.recent = recent;
    void this.fill(reads);
    return this.view();
  }

  /** Dates of which another run is listed than at the last look, or the same in another state. */
  private changedIn(recent: readonly RecentDate[]): string[] {
    const signs = signsOf(recent);
    const all = new Set([...signs.keys(), ...this.signs.keys()]);
    return [...all].filter((gameDate) => signs.get(gameDate) !== this.signs.get(gameDate));
  }

  private async readAll(reads: DateReads): Promise<void> {
    const [calendar, published] = await Promise.all([
      reads.dateRange(calendarTable),
      reads.dateRange('run_history'),
    ]);
    const ranges = [calendar, published].filter((range) => range !== null);
    const first = ranges.map(({ from }) => from).sort()[0];
    const last = ranges
      .map(({ to }) => to)
      .sort()
      .at(-1);
    if (first === undefined || last === undefined) {
      this.read = null;
      return;
    }
    const [oldest, newest] = [seasonOf(first), seasonOf(last)];
    const years = Array.from({ length: newest - oldest + 1 }, (_, at) => newest - at);
    const year =
      this.year !== null && years.includes(this.year) ? this.year : newestPlayed(years, this.parts);
    const ends = { from: `${year}-10-01`, to: `${year + 1}-10-31` };
    const [games, standings] = [
      await reads.games(ends.from, ends.to),
      await reads.standings(ends.from, ends.to),
    ];
    const counts = new Map<string, number>();
    for (const { gameDate } of games) counts.set(gameDate, (counts.get(gameDate) ?? 0) + 1);
    const known = this.read?.year === year ? this.read.standings : new Map<string, RecordedStanding>();
    this.read = {
      ...{ at: Date.now(), year, years, ends, games: counts },
      standings: new Map(
        standings.map((one) => [
          one.gameDate,
          // What was found out of it stays until it is found out again.
          one.isStale === null ? { ...one, isStale: known.get(one.gameDate)?.isStale ?? null } : one,
        ]),
      ),
    };
  }

  private async readOne(reads: DateReads, gameDate: string): Promise<void> {
    if (!this.read || gameDate < this.read.ends.from || gameDate > this.read.ends.to) return;
    const [standing] = await reads.standings(gameDate, gameDate);
    if (standing) this.read.standings.set(gameDate, standing);
  }

  /** Finds out which dates are not current any more, a month at a time: that takes longer than a page may. */
  private async fill(reads: DateReads): Promise<void> {
    if (this.isFilling) return;
    this.isFilling = true;
    try {
      for (;;) {
        const { read } = this;
        const unknown = [...(read?.standings.values() ?? [])].filter(({ isStale }) => isStale === null);
        const [first] = unknown.map(({ gameDate }) => gameDate).sort();
        if (!read || first === undefined) return;
        const found = await reads.standings(first, addDays(first, daysAtOnce - 1));
        for (const one of found) read.standings.set(one.gameDate, one);
        if (!found.some(({ gameDate }) => gameDate === first)) read.standings.delete(first);
        this.hasFilled = true;
      }
    } catch {
      // It stays unknown; the next look says what the matter is.
    } finally {
      this.isFilling = false;
    }
  }

  private view(): SeasonView {
    const today = todayOf(this.parts);
    const open = this.recent.filter(({ isOpen }) => isOpen);
    const { read } = this;
    if (!read)
      return {
        year: null,
        years: [],
        days: [],
        today,
        elsewhere: open.map(({ gameDate, state }) => ({ gameDate, state })),
      };
    const isOwn = ({ gameDate }: { readonly gameDate: string }): boolean => seasonOf(gameDate) === read.year;
    const listed = new Map(
      mergeStandings(open.filter(isOwn), [...read.standings.values()].filter(isOwn)).map((one) => [
        one.gameDate,
        one,
      ]),
    );
    const dates = [...read.games.keys(), ...listed.keys()].filter((gameDate) => isOwn({ gameDate })).sort();
    return {
      ...{ year: read.year, years: read.years, today },
      days: daysFrom(dates[0], dates.at(-1)).map((gameDate) => ({
        gameDate,
        games: read.games.get(gameDate) ?? 0,
        listed: shownOf(listed.get(gameDate)),
      })),
      elsewhere: open.filter((one) => !isOwn(one)).map(({ gameDate, state }) => ({ gameDate, state })),
    };
  }
}

function shownOf(listed: ListedDate | undefined): SeasonDay['listed'] {
  if (!listed) return null;
  const { state, isOpen, missing, bypassed, reasons, lacking, held, pinned, isStale } = listed;
  return { state, isOpen, missing, bypassed, reasons, lacking, held, pinned, isStale };
}

function signsOf(recent: readonly RecentDate[]): Map<string, string> {
  const signs = new Map<string, string>();
  for (const one of recent) signs.set(one.gameDate, `${signs.get(one.gameDate) ?? ''}${JSON.stringify(one)}`);
  return signs;
}

function newestPlayed(years: readonly number[], parts: Parts): number {
  const now = seasonOf(todayOf(parts));
  return years.find((year) => year <= now) ?? years[0] ?? now;
}

function daysFrom(first: string | undefined, last: string | undefined): string[] {
  const days: string[] = [];
  if (first === undefined || last === undefined) return days;
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}
