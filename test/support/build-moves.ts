/** What must hold on every warehouse when another build becomes current: of a date that waits, and of one in mid-publish. */
import { randomUUID } from 'node:crypto';
import { verifyChain } from '../../src/audit/chain';
import { moveTo } from '../../src/builds/move';
import { decisionsOf, deploymentDate, type BuildDecision, type BuildKind } from '../../src/builds/record';
import { readBuilds, recordBuilds } from '../../src/builds/record-builds';
import { takeOver } from '../../src/builds/take-over';
import type { Deployed } from '../../src/builds/versions';
import { holding } from './latch';
import { demoNight, movedTo } from './nights';
import type { Rig } from './rig';

const night = demoNight('2017-04-15');
export const who = { by: 'ana@example.org', reason: 'tried on a quiet afternoon' };

/** Where the rig starts all workers, nothing has to be started for a decision. */
const processes = { run: () => Promise.resolve(), runOlder: () => Promise.resolve() };

/** Decides for a build, on what is seen now unless `seen` says otherwise. */
export async function decide(rig: Rig, kind: BuildKind, build: string, seen?: Deployed): Promise<void> {
  const versions = rig.deployed;
  const found = seen ?? (await versions.look());
  const decision: BuildDecision = {
    ...{ id: `${kind}/${build}/${randomUUID()}`, kind, ...who, build, before: found.current },
    at: new Date().toISOString(),
  };
  const putOnRecord = (entries: Parameters<typeof recordBuilds>[1]) => recordBuilds(rig.warehouse, entries);
  await moveTo({ versions, processes, putOnRecord }, decision, found);
}

/** Starts a build as a worker's start does. */
export async function startBuild(rig: Rig, build: string): Promise<string> {
  await rig.startWorkflows(build);
  const start = { build, promotion: 'at-start', isAsked: false } as const;
  const verdict = await takeOver(rig.deployed, start, 'system', (entries) =>
    recordBuilds(rig.warehouse, entries),
  );
  return verdict.kind;
}

/** The build that a date's open run is on, once it is `build`. */
export async function untilOn(rig: Rig, workflowId: string, build: string): Promise<void> {
  for (;;) {
    const runs = await rig.deployed.openRuns();
    if (runs.some((run) => run.workflowId === workflowId && run.build === build)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function buildOf(rig: Rig, workflowId: string): Promise<string | null | undefined> {
  return rig.deployed.openRuns().then((runs) => runs.find((run) => run.workflowId === workflowId)?.build);
}

/** A promotion and a rollback while one date waits and another publishes: both end as they would have, and all is on record. */
export async function promotesAndRollsBack(rig: Rig): Promise<void> {
  const [waits, publishes] = [rig.nextDate(), rig.nextDate()];
  const held = holding('buildTeamOffenseGameSummary', ({ gameDate }) => gameDate === publishes);
  await rig.startWorker({ build: 'good', wrap: held.wrap });
  expect(await startBuild(rig, 'good')).toBe('first');

  const whole = movedTo(night, waits);
  const { accepted: waiting, state } = await rig.waiting(
    { gameDate: waits },
    { ...whole, nbac_team_boxscore: [] },
  );
  await rig.loadNight(movedTo(night, publishes));
  const publishing = await rig.client.run({ gameDate: publishes });
  await held.reached.opened;

  await rig.startWorkflows('next');
  await decide(rig, 'build_promoted', 'next');
  await untilOn(rig, waiting.workflowId, 'next');
  // It goes on waiting where it was, and its deadline has not moved.
  const moved = await rig.until(waits, ({ runState }) => runState === 'waiting');
  expect(moved).toMatchObject({ pass: state.pass, deadline: state.deadline });
  // What is under way stays where it is until it has ended.
  expect(await buildOf(rig, publishing.workflowId)).toBe('good');
  held.goOn.open();
  expect((await rig.answerTo(publishing)).answer.state).toBe('published');
  expect(await rig.versions(publishes)).toEqual({
    team_offense_game_summary: 1,
    team_defense_game_summary: 1,
    player_game_summary: 1,
  });

  await decide(rig, 'build_rolled_back', 'good');
  await untilOn(rig, waiting.workflowId, 'good');
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  const { answer } = await rig.run({ gameDate: waits, source: 'nbac_team_boxscore' });
  expect(answer.state).toBe('published');
  expect((await rig.answerTo(waiting)).answer.state).toBe('published');
  const rows = (await rig.publishedNight(waits)).player_game_summary.map(withoutDate);
  expect(rows).toEqual((await rig.publishedNight(publishes)).player_game_summary.map(withoutDate));

  const record = await readBuilds(rig.warehouse);
  expect(decisionsOf(record, 'good')).toMatchObject([
    { kind: 'build_first', build: 'good', before: null, by: 'system' },
    { kind: 'build_promoted', build: 'next', before: 'good', ...who },
    { kind: 'build_rolled_back', build: 'good', before: 'next', ...who },
  ]);
  expect(verifyChain(deploymentDate, record, [])).toBeNull();
  const { run_history: passes } = await rig.warehouse.readDate(waits, ['run_history']);
  expect(passes.map((pass) => pass.code_commit)).toEqual(['good']);
}

/** Two dates with the same night differ in what names the date. */
function withoutDate(row: Readonly<Record<string, unknown>>): unknown {
  const {
    game_date: _,
    game_id: __,
    nba_game_id: ___,
    season: ____,
    season_year: _____,
    data_hash: ______,
    ...rest
  } = row;
  return rest;
}
