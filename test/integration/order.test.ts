/** Promise 1, order: a processor starts only when everything it depends on is published and current. */
import { Rig } from '../support/rig';
import { activitiesOf } from '../support/history';
import { demoNight } from '../support/nights';
import { latch } from '../support/latch';
import { replacing } from '../support/wrap-warehouse';

const gameDate = '2017-04-15';
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open();
  await rig.loadNight(demoNight(gameDate));
});
afterAll(() => rig.close());

test('the players are not scheduled while the offence has not published, however long it takes', async () => {
  const held = latch();
  await rig.startWorker({
    wrapWarehouse: (warehouse) =>
      replacing(warehouse, {
        publish: async (request) => {
          if (request.table === 'team_offense_game_summary') await held.opened;
          return warehouse.publish(request);
        },
      }),
  });
  const accepted = await rig.client.run({ gameDate });
  await rig.until(
    gameDate,
    (state) => state.results.TeamDefenseGameSummaryProcessor?.outcome === 'published',
  );
  const before = await activitiesOf(rig.raw, accepted.workflowId, accepted.runId);
  expect(before.map((activity) => activity.type)).toContain('buildTeamOffenseGameSummary');
  expect(before.map((activity) => activity.type)).not.toContain('buildPlayerGameSummary');

  held.open();
  const { answer, state } = await rig.answerTo(accepted);
  expect(answer.state).toBe('published');
  expect(state.journal.map((line) => line.message)).toEqual([
    'Level 1: Running 2 processors - Team stats - foundation for player calculations',
    '✅ TeamDefenseGameSummaryProcessor completed',
    '✅ TeamOffenseGameSummaryProcessor completed',
    '✅ Level 1 complete - proceeding to next level',
    'Level 2: Running 1 processors - Player stats - requires team possessions',
    '✅ PlayerGameSummaryProcessor completed',
    '✅ Level 2 complete',
  ]);
  const after = await activitiesOf(rig.raw, accepted.workflowId, accepted.runId);
  expect(after.map((activity) => activity.type)).toEqual([
    'checkDependencies',
    'buildTeamOffenseGameSummary',
    'buildTeamDefenseGameSummary',
    'checkDependencies',
    'buildPlayerGameSummary',
    'recordPass',
  ]);
  await rig.keepHistory('published', accepted.workflowId, accepted.runId);
  expect(await rig.versions(gameDate)).toEqual({
    team_offense_game_summary: 1,
    team_defense_game_summary: 1,
    player_game_summary: 1,
  });
});
