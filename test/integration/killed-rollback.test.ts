/**
 * What was not stored as it was built, and the worker or the run ends before, or after, the version before is put back: one
 * version is live in the end, it is the right one, and the audit says what happened.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { verifyChain } from '../../src/audit/chain';
import type { Phase3Result } from '../../src/contracts/date-state';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { exitOf, startTypeScript } from '../stack/typescript-process';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { following } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const script = require.resolve('../support/worker-process.ts');
const offense = 'TeamOffenseGameSummaryProcessor';
const table = 'team_offense_game_summary';

/** Killed when the bad version is live · killed when the version before is back · the same, and its run is gone too. */
const dates = { before: '2017-10-01', after: '2017-10-02', gone: '2017-10-03' } as const;
const endings = { [dates.before]: 'before', [dates.after]: 'after', [dates.gone]: 'after' };

let rig: Rig;
let folder: string;
let warehouse: Warehouse;

/** The file has one owner: this process opens it when the worker's is dead. */
function openWarehouse(): Promise<Warehouse> {
  return DuckDbWarehouse.open(join(folder, 'warehouse.duckdb'), folder);
}

beforeAll(async () => {
  rig = await Rig.open([], async (rigFolder) => {
    folder = rigFolder;
    warehouse = await openWarehouse();
    return following(() => warehouse);
  });
  await rig.startWorker();
  for (const gameDate of Object.values(dates)) {
    const whole = movedTo(night, gameDate);
    await rig.loadNight(whole);
    expect((await rig.run({ gameDate })).answer.state).toBe('published');
    await rig.load(
      'nbac_team_boxscore',
      // A turnover of the team itself, which is in no player's line.
      whole.nbac_team_boxscore.map((row) => ({ ...row, turnovers: Number(row['turnovers']) + 1 })),
    );
  }
  await rig.stopWorker();
});
afterAll(() => rig.close());

/** Runs the dates on a worker of its own, which is killed when it has come to all the places. */
async function runUntilKilled(): Promise<void> {
  await rig.warehouse.close();
  const worker = startTypeScript(script, [
    ...[rig.address, join(folder, 'warehouse.duckdb'), '{}', JSON.stringify(endings)],
  ]);
  const exited = exitOf(worker);
  const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
  try {
    expect(await lines.next()).toMatchObject({ value: 'up' });
    for (const gameDate of Object.values(dates)) await rig.client.run({ gameDate, requestId: gameDate });
    const reached = new Set<unknown>();
    while (reached.size < Object.keys(endings).length) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the worker ended by itself');
      reached.add(value);
    }
  } finally {
    worker.kill('SIGKILL');
    expect(await exited).toBeNull();
    warehouse = await openWarehouse();
  }
}

test('killed between publication and rollback, and after it: one good version is live, and the audit says so', async () => {
  await runUntilKilled();
  expect(await rig.published(table, dates.before)).toHaveLength(7);
  for (const gameDate of [dates.after, dates.gone])
    expect(await rig.versions(gameDate)).toHaveProperty(table, 3);
  for (const gameDate of Object.values(dates)) expect(await rig.audit(gameDate)).toEqual([]);
  await rig.raw.workflow.getHandle(`phase3/${dates.gone}`).terminate('its run is gone too');

  await rig.startWorker();
  for (const gameDate of [dates.before, dates.after]) {
    const ended = (await rig.raw.workflow.getHandle(`phase3/${gameDate}`).result()) as Phase3Result;
    const result = ended.results.find(({ processor }) => processor === offense);
    expect(result).toMatchObject({ outcome: 'failed', version: 3, rowCount: 8 });
  }
  const { accepted, state } = await rig.run({ gameDate: dates.gone });
  expect(state.results[offense]).toMatchObject({ outcome: 'published', version: 4 });
  await rig.end(accepted);

  for (const gameDate of Object.values(dates)) {
    expect(await rig.published(table, gameDate)).toHaveLength(8);
    const entries = await rig.audit(gameDate);
    expect(entries.map(({ kind, entry_id }) => [kind, entry_id])).toEqual([
      ['rolled_back', `rolled-back/${gameDate}/${offense}/2`],
    ]);
    expect(verifyChain(gameDate, entries, [])).toBeNull();
  }
}, 120_000);
