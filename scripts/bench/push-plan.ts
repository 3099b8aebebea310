/** Which pushes are sent when: at a steady rate, every message twice on average, the same for the same seed. Pure. */
import { triggers } from '../../src/plan/triggers';

export interface PlannedPush {
  /** When it is due, in ms from the first one. */
  readonly at: number;
  readonly messageId: string;
  readonly gameDate: string;
  /** A key of the trigger registry. */
  readonly source: string;
}

export interface PushLoad {
  readonly dates: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
  readonly seed: number;
}

/** Every so many-th date waits for its team rows. */
const lateEvery = 5;

/**
 * Half of the pushes bring a message for the first time. The other half bring one that was sent before: every second of
 * these the newest, so that it meets the first under way; the rest any that there was.
 *
 * The dates come in rounds, in another order each time, and a date's sources in turn: whatever the seed, no date is left out.
 */
export function planPushes({ dates, perSecond, seconds, seed }: PushLoad): PlannedPush[] {
  const random = seeded(seed);
  const count = perSecond * seconds;
  const news = newsOf(dates, Math.ceil(count / 2), random);
  const sent: PlannedPush[] = [];
  const pushes: PlannedPush[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = (1000 * index) / perSecond;
    const newLeft = news.length - sent.length;
    const next = news[sent.length];
    const isNew = sent.length === 0 || random() < newLeft / (count - index);
    if (isNew && next) {
      const push = { ...next, at };
      sent.push(push);
      pushes.push(push);
      continue;
    }
    const again = sent[random() < 0.5 ? sent.length - 1 : Math.floor(random() * sent.length)];
    if (again) pushes.push({ ...again, at });
  }
  return pushes;
}

function newsOf(dates: readonly string[], count: number, random: () => number): Omit<PlannedPush, 'at'>[] {
  const sources = Object.keys(triggers);
  const news: Omit<PlannedPush, 'at'>[] = [];
  for (let round = 0; news.length < count; round += 1)
    for (const place of shuffled(dates.length, random)) {
      const gameDate = dates[place] ?? '';
      // Not all dates begin with the same one.
      const source = sources[(round + place) % sources.length] ?? '';
      if (news.length < count) news.push({ messageId: `bench-${news.length + 1}`, gameDate, source });
    }
  return news;
}

/** The dates of which the team rows come late, spread over all. */
export function lateDates(dates: readonly string[]): string[] {
  return dates.filter((_, index) => index % lateEvery === 0);
}

function shuffled(count: number, random: () => number): number[] {
  const places = Array.from({ length: count }, (_, place) => ({ place, drawn: random() }));
  return places.sort((a, b) => a.drawn - b.drawn).map(({ place }) => place);
}

/** Numbers from 0 to 1: mulberry32 (Tommy Ettinger, public domain). */
function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
