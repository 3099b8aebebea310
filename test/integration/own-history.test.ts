/** A night that nothing but the nights before contradicts is published with a warning, which `why` shows. */
import { addDays } from '../../src/contracts/game-date';
import { explainState } from '../../src/explain/explain-date';
import { renderExplanation } from '../../src/cli/commands/why';
import type { Row } from '../../src/tables/define-table';
import { kinds } from '../games/rules/corruptions';
import { offense } from '../support/fixtures';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { replacing } from '../support/wrap-warehouse';

const table = 'team_offense_game_summary';
const night = demoNight('2017-04-15');
const gameDate = '2017-06-20';
const nightsBefore = 13;
const scaling = kinds.find(({ name }) => name === 'a team scaled by 1.3 in every source')!;
/** The rows of a night, which the nights before have, too. */
const before: Row[] = [];
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open();
  await rig.startWorker();
});
afterAll(() => rig.close());

/** What the manifest of the offence's live version says of the rule. */
async function checked(date: string): Promise<unknown> {
  const { partition_manifest: manifests } = await rig.warehouse.readDate(date, ['partition_manifest']);
  const [live] = manifests.filter((one) => one.table_name === table).sort((a, b) => b.version - a.version);
  const checks = JSON.parse(String(live?.checks)) as { check: string }[];
  return checks.find(({ check }) => check === 'figures_are_usual');
}

/** Puts rows of the table where the nights before the date would have published them. */
async function haveBefore(rows: readonly Row[]): Promise<void> {
  for (let back = 1; back <= nightsBefore; back += 1) {
    const game_date = addDays(gameDate, -back);
    await rig.warehouse.loadRows(
      table,
      (async function* () {
        yield await Promise.resolve(rows.map((row) => ({ ...row, game_date })));
      })(),
    );
  }
}

test('both teams times 1.3 in every source warn, with median, MAD and limit; nothing is held', async () => {
  const first = addDays(gameDate, -40);
  await rig.loadNight(movedTo(night, first));
  await rig.run({ gameDate: first });
  expect(await checked(first)).toMatchObject({
    passed: true,
    detail: 'not judged: 0 of 100 rows of history',
  });
  for await (const batch of rig.warehouse.exportRows(table, first, first)) before.push(...batch);
  expect(before).toHaveLength(8);
  await haveBefore(before);

  const one = movedTo(night, gameDate);
  // One of which the scaled figures are still possible.
  const game = one.nbac_schedule.find((row) => row['home_team_tricode'] === 'TOR')!['game_id'];
  const sides = one.nbac_team_boxscore.flatMap((row, index) => (row['nba_game_id'] === game ? [index] : []));
  const scaled = sides.reduce(
    (own, index) => scaling.corrupt(own, () => (index + 0.5) / own.nbac_team_boxscore.length)!.night,
    one,
  );
  await rig.loadNight(scaled);
  const { answer, state } = await rig.run({ gameDate });
  expect(answer.state).toBe('published');
  const warning =
    /figures_are_usual: \w{3} has pace 1\d\d\.\d, z \d+\.\d\d by the 45 days before \(median \d+\.\d, MAD \d+\.\d of 112 rows; limit 4\.2\)/;
  expect(renderExplanation(explainState(state, true)).join('\n')).toMatch(warning);
  expect(await checked(gameDate)).toMatchObject({ blocking: false, passed: false });
});

test('nights before that are corrected make no version stale', async () => {
  await haveBefore(before.slice(0, 4).map((row) => ({ ...row, fg_attempts: 300 })));
  const { answer } = await rig.run({ gameDate });
  expect(answer.outcomes[offense]).toBe('unchanged');
});

test('a warehouse that cannot say what was before keeps no night back', async () => {
  const date = addDays(gameDate, 1);
  await rig.startWorker({
    wrapWarehouse: (warehouse) =>
      replacing(warehouse, {
        exportRows: () => {
          throw new Error('The warehouse is away.');
        },
      }),
  });
  await rig.loadNight(movedTo(night, date));
  expect((await rig.run({ gameDate: date })).answer.state).toBe('published');
  expect(await checked(date)).toMatchObject({
    passed: true,
    detail: 'not judged by the history of the table: it could not be read (The warehouse is away)',
  });
});
