/**
 * The front door under load: pushes at a steady rate through the gateway, a process of its own before the product's worker.
 * Half of them were sent before, and some dates get their team rows only when half of the time is over.
 */
import { phase3WorkflowType } from '../../../src/contracts/identity';
import type { ManifestRow } from '../../../src/tables/orchestration';
import { pause } from '../../../src/stack/processes';
import { BenchStack } from '../bench-stack';
import { BenchFailure } from '../failure';
import { datesOrFail, spread } from '../nights';
import { median, percentile } from '../percentile';
import type { Product } from '../product';
import { ProductWatch } from '../product-watch';
import { lateDates, planPushes } from '../push-plan';
import { pubSubBackOff, PushSender } from '../push-sender';
import { countsOf, unmeantAnswers, waitedMs, type AnsweredPush, type DateFacts } from '../push-verdict';
import type { Figure } from '../report';
import { gameDates, loadNights, readNights } from '../season-nights';
import type { Part } from './part';

const mostDates = 30;
const seed = 6;
/** How long nothing is sent before memory is looked at for the last time. */
const quietMs = 10_000;
/** A sender that is later than this has not sent at a steady rate. */
const lateMs = 100;

const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'];

export const pushesPart: Part = ({ tools, options }) =>
  BenchStack.with(tools, async (stack) => {
    const { season, seconds, pushesPerSecond: perSecond } = options;
    const dates = spread(datesOrFail(await gameDates(season), season), mostDates);
    const late = new Set(lateDates(dates));
    const nights = await readNights(season, dates);
    const product = await stack.startProduct();
    const isLate = (table: string, date: string): boolean => table === 'nbac_team_boxscore' && late.has(date);
    await loadNights(product.control, nights, (table, date) => !isLate(table, date));
    const pushes = planPushes({ dates, perSecond, seconds, seed });

    const watch = new ProductWatch(stack, product);
    const sender = new PushSender(product.url);
    try {
      await watch.begin();
      const landed = pause(seconds * 500).then(async () => {
        await loadNights(product.control, nights, isLate);
        return Date.now();
      });
      await Promise.all([sender.send(pushes), landed]);
      const cost = await watch.costFigures();
      await sender.drain();
      const drainedAt = watch.seconds();
      await pause(quietMs);
      await watch.end();

      const manifests = await manifestsOf(product, dates);
      requireOnce(manifests, dates);
      const facts = factsOf(manifests, late, await landed);
      requireMeant(sender.answers, facts);
      return {
        title: `${perSecond} pushes a second for ${seconds} s over ${dates.length} dates, half of them sent before`,
        figures: [
          ...countFigures(sender, pushes.length, dates, manifests),
          ...waitFigures(sender.answers, facts),
          ...watch.aloneFigures(),
          ...(await runFigures(stack, product, dates)),
          ...cost,
          ...watch.memoryFigures(seconds, drainedAt),
        ],
        notes: notesOf(sender, pushes, late.size, seconds, drainedAt),
      };
    } finally {
      watch.stop();
      sender.close();
    }
  });

function figure(name: string, value: number, unit: string, samples = 1): Figure {
  return { name, value, unit, samples };
}

/** Every version that was published, read from the record. */
async function manifestsOf({ control }: Product, dates: readonly string[]): Promise<ManifestRow[]> {
  const manifests: ManifestRow[] = [];
  for await (const row of control.export('partition_manifest', dates[0] ?? '', dates.at(-1) ?? ''))
    // A row of the table's own export, so of its type.
    manifests.push(row as ManifestRow);
  return manifests;
}

/** Throws {@link BenchFailure} unless every table of every date has one version. */
function requireOnce(manifests: readonly ManifestRow[], dates: readonly string[]): void {
  for (const date of dates)
    for (const table of tables) {
      const versions = manifests.filter((row) => row.game_date === date && row.table_name === table).length;
      if (versions !== 1) throw new BenchFailure(`${table} of ${date} was published ${versions} times.`);
    }
}

function factsOf(
  manifests: readonly ManifestRow[],
  late: ReadonlySet<string>,
  landedAt: number,
): Map<string, DateFacts> {
  return new Map(
    manifests
      .filter(({ table_name: table }) => table === 'player_game_summary')
      .map((row) => [
        row.game_date,
        {
          landedAt: late.has(row.game_date) ? landedAt : -Infinity,
          publishedAt: Date.parse(row.published_at),
        },
      ]),
  );
}

/** Throws {@link BenchFailure} with the first of the answers that nothing explains. */
function requireMeant(answers: readonly AnsweredPush[], facts: ReadonlyMap<string, DateFacts>): void {
  const unmeant = unmeantAnswers(answers, facts);
  if (unmeant.length === 0) return;
  const counts = [...countsOf(unmeant)].map(([kind, count]) => `${count} × ${kind}`).join(', ');
  const first = unmeant
    .slice(0, 3)
    .map(
      (answer) =>
        `${answer.messageId} of ${answer.gameDate} after ${Math.round(waitedMs(answer))} ms: ${answer.message}`,
    );
  throw new BenchFailure(
    `${unmeant.length} of ${answers.length} answers were not meant: ${counts}. The first of them:\n${first.join('\n')}`,
  );
}

function countFigures(
  { answers, most }: PushSender,
  planned: number,
  dates: readonly string[],
  manifests: readonly ManifestRow[],
): Figure[] {
  const count = (name: string, value: number): Figure => figure(name, value, 'in all', answers.length);
  return [
    count('pushes answered', answers.length),
    count('  and of them redeliveries of what was refused', answers.length - planned),
    ...[...countsOf(answers)].map(([kind, value]) => count(`  ${kind}`, value)),
    count('5xx that were not meant', 0),
    figure('dates published, each table once', dates.length, 'dates', manifests.length),
    figure('under way at once, the most', most, 'pushes', answers.length),
  ];
}

function waitFigures(answers: readonly AnsweredPush[], facts: ReadonlyMap<string, DateFacts>): Figure[] {
  const isRefused = (answer: AnsweredPush): boolean => answer.httpStatus === 500;
  const isSettled = ({ gameDate, sentAt }: AnsweredPush): boolean =>
    sentAt >= (facts.get(gameDate)?.publishedAt ?? Infinity);
  const groups: Record<string, AnsweredPush[]> = {
    'all answers': [...answers],
    'dates that were published before': answers.filter((one) => isSettled(one)),
    'dates that were not, and were answered well': answers.filter(
      (one) => !isSettled(one) && !isRefused(one),
    ),
    'not ready': answers.filter(isRefused),
  };
  return Object.entries(groups).flatMap(([name, group]) => {
    const waits = group.map(waitedMs);
    if (waits.length === 0) return [];
    return [
      figure(`${name}: p50`, median(waits), 'ms', waits.length),
      figure(`${name}: p99`, percentile(waits, 0.99), 'ms', waits.length),
      figure(`${name}: longest`, Math.max(...waits), 'ms', waits.length),
    ];
  });
}

/** What the pushes have made Temporal and the worker do. */
async function runFigures(
  { temporal }: BenchStack,
  { control }: Product,
  dates: readonly string[],
): Promise<Figure[]> {
  let [runs, open, events, bytes] = [0, 0, 0, 0];
  for await (const run of temporal.workflow.list({ query: `WorkflowType = '${phase3WorkflowType}'` })) {
    runs += 1;
    if (run.status.name === 'RUNNING') open += 1;
    events += run.historyLength;
    bytes += run.historySize ?? 0;
  }
  if (open > 0) throw new BenchFailure(`${open} runs are still open.`);
  let passes = 0;
  for await (const _ of control.export('run_history', dates[0] ?? '', dates.at(-1) ?? '')) passes += 1;
  return [
    figure('runs in Temporal', runs, 'in all'),
    figure('passes on record', passes, 'in all'),
    figure('history events', events, 'in all', runs),
    figure('size of the histories', bytes / 2 ** 20, 'MB', runs),
  ];
}

function notesOf(
  { answers }: PushSender,
  pushes: readonly { at: number }[],
  late: number,
  seconds: number,
  drainedAt: number,
): string[] {
  const behind = answers.map(({ dueAt, sentAt }) => sentAt - dueAt);
  const [p99, most] = [percentile(behind, 0.99), Math.max(...behind)];
  return [
    `${pushes.length} pushes, half of them a message that was sent before, every second of these within milliseconds of it · ` +
      `${late} dates wait for their team rows until ${seconds / 2} s`,
    `refused ones come again after ${pubSubBackOff.firstMs / 1000} s, doubling: on top of the rate · the last message was acknowledged at ${drainedAt.toFixed(0)} s`,
    `counted from when a push was due: sent ${p99.toFixed(0)} ms later at p99, ${most.toFixed(0)} ms at most` +
      (p99 > lateMs ? ' · THE SENDER FELL BEHIND: the rate was not steady' : ''),
    `not ready is meant until the rows have landed, and of the players until the date is published`,
    `memory: resident; flat is a growth near none in the last third`,
  ];
}
