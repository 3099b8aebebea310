/** Builds replace each other while dates are open: nothing is lost, nobody crosses another, and what a bad one published is taken back. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config';
import { liveManifests } from '../../src/contracts/manifests';
import { backfillWorkflowType } from '../../src/contracts/identity';
import { pinnedByRollback, publishedBy } from '../../src/builds/published-by';
import { decisionsOf } from '../../src/builds/record';
import { readBuilds } from '../../src/builds/record-builds';
import { liftPins, takeBack } from '../../src/builds/take-back';
import { CrossedError, NoWorkerError, type DeploymentVersions } from '../../src/builds/versions';
import { Builds } from '../../src/stack/builds';
import { Home } from '../../src/stack/home';
import { Workers } from '../../src/stack/workers';
import type { ManifestRow } from '../../src/tables/orchestration';
import { decide, promotesAndRollsBack, startBuild, untilOn, who } from '../support/build-moves';
import { holding } from '../support/latch';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.open();
});

afterEach(async () => {
  await rig.close();
});

test('a promotion and its rollback lose nothing of a date that waits and of one in mid-publish', async () => {
  await promotesAndRollsBack(rig);
});

test('a backfill goes on with the build that is promoted, and asks no date twice', async () => {
  const [first, second, third] = [rig.nextDate(), rig.nextDate(), rig.nextDate()];
  for (const gameDate of [first, second, third]) await rig.loadNight(movedTo(night, gameDate));
  const held = holding('buildTeamOffenseGameSummary', ({ gameDate }) => gameDate === first);
  await rig.startWorker({ build: 'good', wrap: held.wrap });
  await startBuild(rig, 'good');
  const { workflowId } = await rig.client.backfill({ from: first, to: third, concurrency: 1 });
  await held.reached.opened;
  await rig.startWorkflows('next');
  await decide(rig, 'build_promoted', 'next');
  await untilOn(rig, workflowId, 'next');
  held.goOn.open();
  const progress = (await rig.raw.workflow.getHandle(workflowId).result()) as {
    replies: Record<string, unknown>;
  };
  expect(Object.keys(progress.replies).sort()).toEqual([first, second, third]);
  for (const gameDate of [first, second, third])
    expect(Object.values(await rig.versions(gameDate))).toEqual([1, 1, 1]);
  const runs: string[] = [];
  for await (const { type, runId } of rig.raw.workflow.list())
    if (type === backfillWorkflowType) runs.push(runId);
  expect(runs).toHaveLength(2);
});

test('a run that has ended on a build that nobody runs any more is told by the record', async () => {
  const gameDate = rig.nextDate();
  await rig.loadNight(movedTo(night, gameDate));
  await rig.startWorker({ build: 'good' });
  await startBuild(rig, 'good');
  const { accepted } = await rig.run({ gameDate });
  await rig.end(accepted);
  await rig.startWorkflows('next');
  await decide(rig, 'build_promoted', 'next');
  await rig.stopWorkflows('good');
  expect(await rig.client.state(gameDate)).toBeNull();
  const { answer } = await rig.run({ gameDate });
  expect(answer.state).toBe('unchanged');
  expect((await rig.client.state(gameDate))?.state.runState).toBe('unchanged');
});

test('of two who decide on the same state the second changes nothing, and the record says so', async () => {
  await rig.startWorker({ build: 'good' });
  await startBuild(rig, 'good');
  for (const build of ['next', 'other']) await rig.startWorkflows(build);
  const seen = await rig.deployed.look();
  await decide(rig, 'build_promoted', 'next', seen);
  await expect(decide(rig, 'build_promoted', 'other', seen)).rejects.toThrow(CrossedError);
  // Back where it was, and yet not the state that was seen: only the server's token can tell.
  await decide(rig, 'build_rolled_back', 'good');
  await expect(decide(rig, 'build_promoted', 'other', seen)).rejects.toThrow(CrossedError);
  expect((await rig.deployed.look()).current).toBe('good');
  const record = await readBuilds(rig.warehouse);
  expect(decisionsOf(record, 'good').map(({ kind, build }) => `${kind} ${build}`)).toEqual([
    'build_first good',
    'build_promoted next',
    'build_rolled_back good',
  ]);
  expect(record.at(-1)).toMatchObject({ kind: 'not_taken', decided_by: 'system' });
});

test('a build that nobody runs does not become current', async () => {
  await rig.startWorker({ build: 'good' });
  await startBuild(rig, 'good');
  const seen = await rig.deployed.look();
  await expect(rig.deployed.setCurrent('nowhere', seen.token, who.by)).rejects.toThrow(NoWorkerError);
  // One that is known, and whose image is gone, either: open runs would be left with nobody.
  await rig.startWorkflows('next');
  await decide(rig, 'build_promoted', 'next');
  expect(new Set((await rig.deployed.pollers()).map(({ build }) => build))).toEqual(
    new Set(['good', 'next']),
  );
  await rig.stopWorkflows('good');
  await expect(decide(rig, 'build_rolled_back', 'good')).rejects.toThrow(NoWorkerError);
  expect((await rig.deployed.look()).current).toBe('next');
  expect((await readBuilds(rig.warehouse)).at(-1)).toMatchObject({
    ...{ kind: 'not_taken', reason: expect.stringContaining('no worker of it polls') as string },
  });
});

test('a build that was replaced or taken back does not become current by being started', async () => {
  await rig.startWorker({ build: 'good' });
  expect(await startBuild(rig, 'good')).toBe('first');
  expect(await startBuild(rig, 'next')).toBe('takes_over');
  expect(await startBuild(rig, 'good')).toBe('waits');
  expect((await rig.deployed.look()).current).toBe('next');
  await decide(rig, 'build_rolled_back', 'good');
  await rig.deployed.mark('next', { ...who, at: '2026-11-29T03:00:00.000Z' });
  expect(await startBuild(rig, 'next')).toBe('waits');
  const { versions } = await rig.deployed.look();
  expect(versions.find(({ build }) => build === 'next')).toMatchObject({
    status: 'draining',
    rolledBack: { ...who, at: '2026-11-29T03:00:00.000Z' },
  });
  await rig.deployed.mark('next', null);
  expect((await rig.deployed.look()).versions.every(({ rolledBack }) => rolledBack === null)).toBe(true);
});

test('of a build that was taken back the code goes, and not what is remembered of it', async () => {
  const home = new Home(await mkdtemp(join(tmpdir(), 'phase3-builds-')));
  try {
    await rig.startWorker({ build: 'good' });
    await startBuild(rig, 'good');
    for (const build of ['bad', 'next', 'other', 'last']) {
      await rig.startWorkflows(build);
      await decide(rig, 'build_promoted', build);
      if (build !== 'bad') continue;
      await decide(rig, 'build_rolled_back', 'good');
      await rig.deployed.mark(build, { ...who, at: '2026-11-29T03:00:00.000Z' });
    }
    for (const build of ['good', 'bad', 'next', 'other', 'last']) {
      await mkdir(join(home.path, 'builds', build), { recursive: true });
      await writeFile(join(home.path, 'builds', build, 'package.json'), '{}');
    }
    const forgotten: string[] = [];
    // The server refuses to forget one that was polled a moment ago: what it is asked for is what counts.
    const versions = Object.create(rig.deployed, {
      forget: { value: (build: string) => Promise.resolve(forgotten.push(build) > 0) },
    }) as DeploymentVersions;
    const workers = new Workers({
      ...{ home, config: {} as Config, own: { id: 'last', root: home.path }, say: () => undefined },
      ...{ gaveUp: () => false, mismatch: () => null },
    });
    await workers.prune(versions);
    expect(await new Builds(home.path).list()).toEqual(['last', 'next', 'other']);
    expect(forgotten).toEqual(['good']);
  } finally {
    await rm(home.path, { recursive: true });
  }
});

test('what a bad build published is restored and pinned, downstream too; a promotion lifts those pins and no other', async () => {
  const manifests = async (): Promise<ManifestRow[]> => {
    const all: ManifestRow[] = [];
    for await (const rows of rig.warehouse.exportRows('partition_manifest', '2017-01-01', '2017-12-31'))
      all.push(...(rows as ManifestRow[]));
    return all;
  };
  const [rebuilt, pinned, fresh] = [rig.nextDate(), rig.nextDate(), rig.nextDate()];
  for (const gameDate of [rebuilt, pinned, fresh]) await rig.loadNight(movedTo(night, gameDate));
  await rig.startWorker({ build: 'good' });
  await startBuild(rig, 'good');
  for (const gameDate of [rebuilt, pinned]) await rig.run({ gameDate });
  const before = await rig.publishedNight(rebuilt);
  // A person's own pin, of before.
  const own = await rig.client.restore({
    ...{ gameDate: pinned, processor: 'PlayerGameSummaryProcessor', version: 1, ...who },
  });
  await rig.answerTo(own);

  // The bad build counts a turnover too many of every team.
  await rig.startWorker({ build: 'bad' });
  await startBuild(rig, 'bad');
  await rig.load(
    'nbac_team_boxscore',
    movedTo(night, rebuilt).nbac_team_boxscore.map((row) => ({
      ...row,
      turnovers: Number(row['turnovers']) + 1,
    })),
  );
  for (const gameDate of [rebuilt, fresh]) await rig.run({ gameDate });
  expect(await rig.publishedNight(rebuilt)).not.toEqual(before);

  await rig.startWorker({ build: 'good' });
  await decide(rig, 'build_rolled_back', 'good');
  const dates = publishedBy(await manifests(), 'bad');
  expect(dates.map(({ gameDate, before: instant }) => [gameDate, instant === null])).toEqual([
    [rebuilt, false],
    [fresh, true],
  ]);
  const taken = await takeBack(rig.client, dates, 'rolled-back/bad/1', who);
  expect(taken.map(({ reply }) => reply?.state ?? null)).toEqual(['published', null]);
  expect(await rig.publishedNight(rebuilt)).toEqual(before);
  const liveOf = async (gameDate: string): Promise<ManifestRow[]> =>
    liveManifests((await manifests()).filter((row) => row.game_date === gameDate));
  expect((await liveOf(rebuilt)).map(({ version, pin }) => [version, pin !== null])).toEqual([
    [3, true],
    [3, true],
    [3, true],
  ]);
  // Again: nothing more is done, since nothing of it is live.
  expect(publishedBy(await manifests(), 'bad').map(({ gameDate }) => gameDate)).toEqual([fresh]);
  expect((await takeBack(rig.client, dates, 'rolled-back/bad/1', who))[0]?.reply?.state).toBe('published');
  expect((await liveOf(rebuilt)).map(({ version }) => version)).toEqual([3, 3, 3]);

  await rig.startWorker({ build: 'next' });
  await rig.startWorkflows('next');
  await decide(rig, 'build_promoted', 'next');
  const pins = pinnedByRollback(await manifests());
  expect(pins.map(({ gameDate }) => gameDate)).toEqual([rebuilt]);
  const lifted = await liftPins(rig.client, pins, 'promoted/next/1', who);
  expect(lifted.map(({ state }) => state)).toEqual(['published']);
  expect(
    (await liveOf(rebuilt)).every(({ pin, code_commit: build }) => pin === null && build === 'next'),
  ).toBe(true);
  expect((await liveOf(pinned)).filter(({ pin }) => pin !== null)).toHaveLength(1);
});
