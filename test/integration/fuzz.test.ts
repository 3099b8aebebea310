/**
 * Corruptions of real nights through the whole system: files as they are loaded, a real server, a real warehouse. What comes of
 * each is what comes of it in the engine, where many more are tried, and nothing gets through but the closed list.
 */
import type { DateState } from '../../src/contracts/date-state';
import { canBuild } from '../../src/contracts/phase3';
import { processors } from '../../src/plan/registry';
import type { Row } from '../../src/tables/define-table';
import type { Published } from '../games/rules/engine';
import { publish } from '../games/rules/engine';
import { cases, report, rowsOf, through, tryAll, type Case, type Tried } from '../games/rules/fuzz';
import { gamesGone, outcomeOf } from '../games/rules/outcome';
import { demoNights, describeWithSeason, seasonNights, type Night } from '../support/nights';
import { Rig } from '../support/rig';

/** Of each set of nights; together as many as CI has to try. */
const times = 25;
/** Days after every night, as in the engine. */
const policy = { now: '2030-01-01T12:00:00Z' };
/** Dates that are run side by side. */
const abreast = 5;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.open();
  await rig.startWorker({ policy });
});
afterAll(() => rig.close());

function dateOf({ nbac_schedule }: Night): string {
  return String(nbac_schedule[0]?.['game_date']);
}

/** One corruption a date. A file cannot take rows away from a table that has them: what has gone since stays there. */
function onePerDate(nights: readonly Night[]): Case[] {
  const seen = new Set<string>();
  return cases(nights, 12 * times, 11)
    .filter(({ night, corrupted: { first, night: then } }) => {
      const isNew = !seen.has(dateOf(night));
      const canLoad = !first || Object.values(then).every((rows) => rows.length > 0);
      if (isNew && canLoad) seen.add(dateOf(night));
      return isNew && canLoad;
    })
    .slice(0, times);
}

/** Runs the date until it has an answer, or waits for rows that never come. */
async function ran(gameDate: string): Promise<DateState> {
  const { requestId } = await rig.client.run({ gameDate });
  return rig.until(
    gameDate,
    ({ answers, runState }) =>
      runState === 'waiting' || answers.some((answer) => answer.requestId === requestId),
  );
}

async function live(gameDate: string, state: DateState): Promise<Published> {
  const rows = new Map<string, Row>();
  for (const { table } of processors)
    for (const row of await rig.published(table.name, gameDate))
      rows.set([table.name, ...table.key.map((column) => String(row[column]))].join('/'), row);
  const results = Object.values(state.results);
  // What waits has no result yet: what holds it up is in the newest look.
  const waiting = state.gate?.verdicts ?? [];
  const games = [...results, ...waiting].flatMap(({ missingGames }) => missingGames);
  const sentence = ({ gameId, status, detail }: (typeof games)[number]): string =>
    `${gameId} ${status}: ${detail}`;
  return {
    rows,
    warnings: [...results.flatMap(({ warnings }) => warnings), ...games.filter(canBuild).map(sentence)],
    withheld: [
      ...games.filter((game) => !canBuild(game)).map(sentence),
      ...results
        .filter(({ outcome }) => outcome !== 'published' && outcome !== 'unchanged')
        .map(({ processor, outcome, reason }) => `${processor} ${outcome}: ${reason}`),
      ...waiting.map(({ processor, missing }) => `${processor} cannot run: ${missing.join()}`),
    ],
  };
}

async function throughTheStack({ group, kind, seed, night, corrupted }: Case): Promise<Tried> {
  const gameDate = dateOf(night);
  const tried = { group, kind, seed, what: corrupted.what };
  if (corrupted.first) {
    await rig.loadNight(corrupted.first);
    await ran(gameDate);
  }
  const rows = await rowsOf(corrupted);
  if (!rows) return { ...tried, outcome: 'refused', gone: [] };
  await rig.loadNight(rows);
  const [clean, now] = [publish(night), await live(gameDate, await ran(gameDate))];
  return { ...tried, outcome: outcomeOf(clean, now), gone: gamesGone(clean, now) };
}

async function fuzz(title: string, nights: readonly Night[]): Promise<void> {
  const all = onePerDate(nights);
  const tried: Tried[] = [];
  for (let from = 0; from < all.length; from += abreast)
    tried.push(...(await Promise.all(all.slice(from, from + abreast).map(throughTheStack))));
  console.log(report(title, tried));
  expect(tried).toHaveLength(times);
  expect(through(tried)).toEqual([]);
  const told = (ones: readonly Tried[]): string[] =>
    ones.map(({ kind, seed, outcome, gone }) => `${kind.name} (${seed}): ${outcome} ${gone.join()}`);
  expect(told(tried)).toEqual(told(await tryAll(all)));
}

test(
  '25 corruptions of the playoffs of 2017 come to what they come to in the engine',
  () => fuzz('25 corruptions of the playoffs of 2017, through the whole stack', demoNights()),
  90_000,
);

describeWithSeason('the season of 2024-25', () => {
  test(
    '25 corruptions come to what they come to in the engine',
    () => fuzz('25 corruptions of 2024-25, through the whole stack', seasonNights()),
    90_000,
  );
});
