/** Pushes as a subscription delivers them: each again until it is acknowledged, each thrice, and in no order. */
import { Chance } from '../chaos/chance';
import { atOnce, System, until } from '../bench/system';
import { checkOrder } from '../verify/check-order';
import { pause } from './askers';
import { load, openRuns, recorded, wrongTables, type Flooded, type FloodContext } from './nights';
import { exactly, figure } from './rows';

const sources = ['nbac_gamebook_player_stats', 'nbac_team_boxscore'] as const;
const deliveries = 3;
const deliveriesAtOnce = 32;
const pushAgainMs = 1_000;

interface Push {
  readonly id: string;
  readonly date: string;
  readonly source: (typeof sources)[number];
}

/** Messages about many dates, each thrice in any order: as many nights' work as there are dates. */
export async function pushesInAnyOrder({ checkout, options, others }: FloodContext): Promise<Flooded> {
  const nights = [...others.rows].slice(0, options.pushed.dates);
  const dates = nights.map(([date]) => date);
  const messages = dates.flatMap((date) =>
    Array.from({ length: options.pushed.messages }, (_, index): Push => {
      const source = sources[index % sources.length] ?? sources[0];
      return { date, source, id: `pushed-${date}-${index}` };
    }),
  );
  return System.with(checkout, {}, async (system) => {
    await load(system, others);
    const begunAt = Date.now();
    const seen = { again: 0, otherwise: 0 };
    const endAt = begunAt + 2 * options.limitMs;
    await atOnce(inAnyOrder(messages), deliveriesAtOnce, (push) => deliver(system, push, endAt, seen));
    const seconds = (Date.now() - begunAt) / 1000;
    await until('end of every run', async () => ((await openRuns(system)) === 0 ? true : null));
    const known = await recorded(system, dates);
    const order = await checkOrder(system.temporal);
    const lost = messages.filter(({ source, id }) => !known.has(`pubsub/${source}/${id}`));
    return {
      rows: [
        figure('messages', 'count', messages.length),
        figure('deliveries', 'count', deliveries * messages.length),
        figure('dates', 'count', dates.length),
        figure('from the first delivery to the last answer', 's', seconds),
        figure('deliveries refused or broken off, then sent again', 'count', seen.again),
        exactly(0, figure('deliveries that were not acknowledged in the end', 'count', seen.otherwise)),
        exactly(dates.length, figure("nights' work: players built", 'count', order.playerActivities)),
        exactly(0, figure('runs whose order is wrong', 'count', order.violations.length)),
        exactly(0, figure('messages lost: on the record of no pass', 'count', lost.length)),
        exactly(0, await wrongTables(system, nights)),
      ],
      notes: [],
    };
  });
}

/** All of them so many times over, in the same order at each run, and in none. */
function inAnyOrder(messages: readonly Push[]): Push[] {
  const chance = new Chance(messages.length, 'pushes');
  return Array.from({ length: deliveries }, () => messages)
    .flat()
    .map((push) => [chance.next(), push] as const)
    .sort(([a], [b]) => a - b)
    .map(([, push]) => push);
}

async function deliver(
  system: System,
  { date, source, id }: Push,
  endAt: number,
  seen: { again: number; otherwise: number },
): Promise<void> {
  for (;;) {
    const { httpStatus, retryAfter } = await system.push(date, source, id);
    if (httpStatus === 200 || httpStatus === 202) return;
    if (Date.now() > endAt) break;
    seen.again += 1;
    await pause(retryAfter === null ? pushAgainMs : 1_000 * retryAfter);
  }
  seen.otherwise += 1;
}
