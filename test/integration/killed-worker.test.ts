/**
 * A worker that is killed in the midst of six dates, each where it hurts; another goes on. What was done is not done again,
 * and nothing is left undone.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { verifyChain } from '../../src/audit/chain';
import type { Activities } from '../../src/contracts/activities';
import type { BackfillProgress } from '../../src/contracts/backfill';
import type { DateState } from '../../src/contracts/date-state';
import { identityOf } from '../../src/contracts/identity';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { exitOf, startTypeScript } from '../stack/typescript-process';
import { activitiesOf } from '../support/history';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { following } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const script = require.resolve('../support/worker-process.ts');
const player = 'PlayerGameSummaryProcessor';
const by = 'ana@example.org';
const reason = 'the league has not sent team rows, and the site needs players';

/** Where the worker is when it dies, by date. */
const dates = {
  waiting: '2017-10-01',
  /** Its bypass is on record, and its gate is not open. */
  bypassed: '2017-10-02',
  /** Its rerun is on record, and nothing of it is planned. */
  rerun: '2017-10-03',
  /** A table is published, and nobody was told. */
  published: '2017-10-04',
  last: '2017-10-05',
  /** Its pass is recorded, and nobody was answered. */
  recorded: '2017-10-06',
} as const;
/** Dates of a backfill that share a run; one of them has published a table, and nobody was told of any. */
const [together, published] = [['2017-11-01', '2017-11-02', '2017-11-03'], '2017-11-02'] as const;
const held: Record<string, keyof Activities> = {
  [published]: 'buildTeamOffenseGameSummary',
  [dates.bypassed]: 'appendAudit',
  [dates.rerun]: 'appendAudit',
  [dates.published]: 'buildTeamOffenseGameSummary',
  [dates.last]: 'buildPlayerGameSummary',
  [dates.recorded]: 'recordPass',
};
const withoutTeams: readonly string[] = [dates.waiting, dates.bypassed];

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
  for (const gameDate of [...Object.values(dates), ...together]) {
    const whole = movedTo(night, gameDate);
    await rig.loadNight(withoutTeams.includes(gameDate) ? { ...whole, nbac_team_boxscore: [] } : whole);
  }
});
afterAll(() => rig.close());

/** Starts the dates on a worker of its own, which is killed when it has come to all the places. */
async function runUntilKilled(): Promise<{
  waiting: DateState;
  bypass: Promise<unknown>;
  backfillId: string;
}> {
  await rig.warehouse.close();
  const worker = startTypeScript(script, [
    rig.address,
    join(folder, 'warehouse.duckdb'),
    JSON.stringify(held),
  ]);
  const exited = exitOf(worker);
  const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
  expect(await lines.next()).toMatchObject({ value: 'up' });
  try {
    for (const gameDate of Object.values(dates))
      if (gameDate !== dates.rerun) await rig.client.run({ gameDate, requestId: `run ${gameDate}` });
    await rig.client.rerun({ gameDate: dates.rerun, by, reason, requestId: 'rerun' });
    const [from, , to] = together;
    const { workflowId: backfillId } = await rig.client.backfill({ from, to, concurrency: 6, isAlone: true });
    const waiting = await rig.until(dates.waiting, (state) => state.runState === 'waiting');
    await rig.until(dates.bypassed, (state) => state.runState === 'waiting');
    const bypass = rig.client.bypass({
      gameDate: dates.bypassed,
      processor: player,
      reason,
      by,
      bypassId: 'b-1',
    });
    const reached = new Set<unknown>();
    while (reached.size < Object.keys(held).length) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the worker ended by itself');
      reached.add(value);
    }
    return { waiting, bypass, backfillId };
  } finally {
    worker.kill('SIGKILL');
    expect(await exited).toBeNull();
    warehouse = await openWarehouse();
  }
}

/** Activities of a date that the server was told the end of. */
async function endsHeard(gameDate: string): Promise<string[]> {
  const activities = await activitiesOf(rig.raw, `phase3/${gameDate}`);
  return activities.flatMap(({ type, result }) => (result === null ? [] : [type]));
}

test('incident 7: killed at six places at once: one audit row, one version and one record each, and every date ends published', async () => {
  const { waiting, bypass, backfillId } = await runUntilKilled();
  // What the dead have left: written, and not known to any run.
  const left = await rig.warehouse.readDate(dates.bypassed, ['bypass_audit']);
  expect(left.bypass_audit.map((row) => row.entry_id)).toEqual(['b-1']);
  expect(await rig.versions(dates.published)).toHaveProperty('team_offense_game_summary', 1);
  // A tracker that counts the ends that it hears of would wait for this one for ever: its rows are live, and nobody said so.
  expect(await endsHeard(dates.published)).not.toContain('buildTeamOffenseGameSummary');
  expect(await rig.versions(dates.last)).toHaveProperty('player_game_summary', 1);
  const sharedId = identityOf(null).datesWorkflowId(backfillId, together[0]);
  const heard = await activitiesOf(rig.raw, sharedId);
  expect(heard).toContainEqual(
    expect.objectContaining({ type: 'buildTeamOffenseGameSummaryOfDates', result: null }),
  );

  await rig.startWorker();
  await expect(bypass).resolves.toMatchObject({ entry: { seq: 1 }, bypassId: 'b-1' });
  const standing = await rig.until(dates.bypassed, (state) => state.bypasses[0]?.status === 'standing');
  expect(standing.results[player]).toMatchObject({ outcome: 'published', version: 1 });

  const still = await rig.until(dates.waiting, (state) => state.runState === 'waiting');
  expect(still).toMatchObject({ pass: 1, deadline: waiting.deadline });
  for (const gameDate of withoutTeams) {
    await rig.load('nbac_team_boxscore', movedTo(night, gameDate).nbac_team_boxscore);
    await rig.client.recheck({ gameDate, by });
  }

  for (const gameDate of Object.values(dates)) {
    const asked = gameDate === dates.rerun ? ['rerun'] : [`run ${gameDate}`];
    // What the bypass let through is answered while the teams still wait.
    const ids = [...(gameDate === dates.bypassed ? ['b-1'] : []), ...asked];
    const ended = await rig.until(gameDate, (state) => state.answers.length >= ids.length);
    const answers = new Map(ended.answers.map(({ requestId, state }) => [requestId, state]));
    expect(ids.map((id) => answers.get(id))).toEqual(
      ids.map((id) => (id === 'b-1' ? 'partial' : 'published')),
    );
    expect(await rig.versions(gameDate)).toEqual({
      team_offense_game_summary: 1,
      team_defense_game_summary: 1,
      player_game_summary: gameDate === dates.bypassed ? 2 : 1,
    });
    const record = await rig.warehouse.readDate(gameDate, ['bypass_audit', 'run_history', 'date_fence']);
    const entries = [...record.bypass_audit].sort((a, b) => a.seq - b.seq);
    expect(entries.map(({ entry_id, kind }) => [entry_id, kind])).toEqual(
      gameDate === dates.bypassed
        ? [
            ['b-1', 'bypass'],
            [`b-1/${player}/used/1`, 'bypass_used'],
            [`b-1/${player}/cleared/1`, 'bypass_cleared'],
          ]
        : gameDate === dates.rerun
          ? [['rerun', 'rerun']]
          : [],
    );
    expect(verifyChain(gameDate, entries, [])).toBeNull();
    expect(record.run_history.map((row) => row.pass).sort()).toEqual(
      Array.from({ length: ended.pass }, (_, index) => index + 1),
    );
    expect(record.date_fence.map((fence) => fence.state)).toEqual(['closed']);
    const handle = rig.raw.workflow.getHandle(`phase3/${gameDate}`);
    await expect(handle.result()).resolves.toMatchObject({ state: 'published' });
  }

  const ended = (await rig.raw.workflow.getHandle(backfillId).result()) as BackfillProgress;
  expect(Object.values(ended.replies).map(({ state }) => state)).toEqual(together.map(() => 'published'));
  const { runId } = await rig.raw.workflow.getHandle(sharedId).describe();
  for (const gameDate of together) {
    expect(new Set(Object.values(await rig.versions(gameDate)))).toEqual(new Set([1]));
    const record = await rig.warehouse.readDate(gameDate, ['run_history', 'date_fence']);
    expect(record.run_history.map((row) => [row.run_id, row.pass])).toEqual([[runId, 1]]);
    expect(record.date_fence.map((fence) => fence.state)).toEqual(['closed']);
  }
});
