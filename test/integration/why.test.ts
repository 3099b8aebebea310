/** With Temporal alone a person sees what a date waits for and what it needs; `why` says the same, with an ETA. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { addDays } from '../../src/contracts/game-date';
import { explainState } from '../../src/explain/explain-date';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const gameDate = '2017-06-20';
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

test('a waiting date explains itself in its details, its timer, its checks and its search attributes', async () => {
  // Thirty dates before it had their team rows at nine in the morning of the next day, New York's 5 o'clock.
  for (let back = 1; back <= 30; back += 1) {
    const date = addDays(gameDate, -back);
    const arrived = `${addDays(date, 1)}T09:00:00.000Z`;
    const rows = movedTo(night, date).nbac_team_boxscore.map((row) => ({ ...row, processed_at: arrived }));
    await rig.load('nbac_team_boxscore', rows);
  }
  await rig.loadNight({ ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  await rig.startWorker();
  const { workflowId, runId } = await rig.client.run({ gameDate });
  const state = await rig.until(gameDate, (now) => now.runState === 'waiting');

  const why = explainState(state, true);
  const eta = `${addDays(gameDate, 1)} 09:00:00 UTC`;
  expect(why.headline).toContain('nbac_team_boxscore 0 of at least 2 rows');
  expect(why.headline).toContain(`nbac_team_boxscore usually arrives by ${eta}`);
  expect(why.headline).toContain('(30 dates)');

  const handle = rig.raw.workflow.getHandle(workflowId, runId);
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  expect(metadata.currentDetails).toContain(`**${why.headline}**`);
  expect(metadata.currentDetails).toContain(`phase3 bypass ${gameDate}`);
  expect(metadata.currentDetails).toMatch(/ {2}nbac_team_boxscore +found 0, expected at least 2/);
  expect(metadata.currentDetails).toMatch(/ {2}· 2017\d{4}_IND_CLE missing: no team row/);

  const summaries = ((await handle.fetchHistory()).events ?? []).flatMap(({ userMetadata }) =>
    userMetadata?.summary ? [defaultPayloadConverter.fromPayload<string>(userMetadata.summary)] : [],
  );
  expect(summaries).toContain('are all inputs of nbac_gamebook_player_stats there?');
  expect(summaries).toContain('level 1 waits for nbac_team_boxscore');

  await expect(listed("RunState = 'waiting' AND BlockedOn = 'nbac_team_boxscore'")).resolves.toEqual([
    workflowId,
  ]);
  expect(await rig.client.open()).toEqual([
    expect.objectContaining({
      ...{ gameDate, state: 'waiting', blockedOn: ['nbac_team_boxscore'], marks: [] },
    }),
  ]);
});

test('bypassed dates are found in Temporal too, until the mark goes', async () => {
  const by = 'ana@example.org';
  const reason = 'players are needed before the team rows come';
  await rig.client.bypass({ gameDate, processor: 'PlayerGameSummaryProcessor', reason, by });
  await rig.until(gameDate, (now) => now.bypasses[0]?.status === 'standing');
  await expect(listed("Marks = 'bypassed'")).resolves.toHaveLength(1);
  const metadata = await rig.raw.workflow
    .getHandle(`phase3/${gameDate}`)
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  expect(metadata.currentDetails).toMatch(
    /^- bypass by ana\\@example.org until \S+: PlayerGameSummaryProcessor without team_offense_game_summary: players are needed/m,
  );
  await rig.load('nbac_team_boxscore', movedTo(night, gameDate).nbac_team_boxscore);
  await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  await expect(listed("Marks = 'bypassed'")).resolves.toEqual([]);
});

test('the views that the guide names are queries that the server takes', async () => {
  const guide = await readFile(join('docs', 'how-to', 'watch-in-the-temporal-ui.md'), 'utf8');
  const views = [...guide.matchAll(/^\|[^|`]+\| `([^`]+)` +\|$/gm)].flatMap(([, query]) => query ?? []);
  const queries = views.filter((view) => / = | IN /.test(view));
  expect(queries).toHaveLength(8);
  for (const query of queries) await expect(rig.raw.workflow.count(query)).resolves.toBeDefined();
});

test('a blocked date still says when its rows usually come', async () => {
  const next = addDays(gameDate, 1);
  await rig.loadNight({ ...movedTo(night, next), nbac_team_boxscore: [] });
  await rig.startWorker({ policy: { deadlineMs: 0, rebuildsTeamRows: false } });
  const { state } = await rig.run({ gameDate: next });
  expect(state.results['TeamOffenseGameSummaryProcessor']).toMatchObject({
    outcome: 'blocked',
    expected: [{ table: 'nbac_team_boxscore', p50At: `${addDays(next, 1)}T09:00:00.000Z` }],
  });
});

/** Ids of runs that Temporal lists; its list follows the histories with a small delay. */
async function listed(query: string): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    const ids: string[] = [];
    for await (const { workflowId } of rig.raw.workflow.list({ query })) ids.push(workflowId);
    if (ids.length > 0 || attempt === 100) return ids;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
