/** The same system on BigQuery: what it publishes is what the embedded warehouse has, row for row. */
import { defaultPolicySettings } from '../../src/contracts/policy';
import { explainFigure } from '../../src/explain-figure/explain-figure';
import type { Row } from '../../src/tables/define-table';
import { BigQueryJobs } from '../../src/warehouse/bigquery/bigquery-jobs';
import { parameters } from '../../src/warehouse/bigquery/bigquery-parameters';
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';
import {
  describeWithEmulator,
  emulatorProject,
  emulatorStartMs,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { expectWithinBudget, runCosts, type NightCosts } from '../support/budget';
import { FaultProxy } from '../../scripts/emulator/fault-proxy';
import { differenceOf, changesSince, versionsOf } from '../../src/versions/read-versions';
import { demoNight } from '../support/nights';
import { Rig } from '../support/rig';
import { findingsOf, verify } from '../support/verified';

const week = ['15', '16', '17', '18', '19', '20', '21'].map((day) => `2017-04-${day}`);
const [firstNight = ''] = week;

describeWithEmulator('a night and a week on BigQuery', () => {
  let emulator: Emulator;
  let proxy: FaultProxy;
  let bigQuery: Rig;
  let embedded: Rig;

  jest.setTimeout(emulatorStartMs);

  beforeAll(async () => {
    emulator = await startEmulator();
    // It breaks nothing, and has on record what is asked.
    proxy = await FaultProxy.start(emulator.endpoint);
    bigQuery = await Rig.open([], (folder) =>
      BigQueryWarehouse.open(
        { projectId: emulatorProject, location: 'US', endpoint: proxy.url },
        null,
        folder,
      ),
    );
    embedded = await Rig.open();
    const raw = week.map(demoNight);
    for (const rig of [bigQuery, embedded]) {
      for (const table of ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const)
        await rig.load(
          table,
          raw.flatMap((night) => night[table]),
        );
      await rig.startWorker();
    }
  });

  afterAll(async () => {
    await bigQuery.close();
    await embedded.close();
    await proxy.stop();
    await emulator.stop();
  });

  /** Jobs that BigQuery was sent so far: queries, and loads of rows. */
  const jobs = (): number =>
    proxy.passed.filter(({ method, path }) => method === 'POST' && /\/jobs(\?|$)/.test(path)).length;

  /** Of a backfill the order decides which nights a table has when a version is held against them. */
  const withoutHistory = (checks: string): string =>
    JSON.stringify(
      (JSON.parse(checks) as { check: string; detail: string }[]).map((one) =>
        one.check === 'figures_are_usual' ? { ...one, detail: '' } : one,
      ),
    );

  /** Manifests but for what differs from run to run: who built them and when. */
  const manifests = async (rig: Rig, gameDate: string): Promise<Row[]> => {
    const { partition_manifest: found } = await rig.warehouse.readDate(gameDate, ['partition_manifest']);
    return found
      .map(({ table_name, version, fingerprint, row_count, upstream_versions, missing_games, checks }) => ({
        ...{ table_name, version, fingerprint, row_count, upstream_versions, missing_games },
        checks: withoutHistory(checks),
      }))
      .sort((a, b) => (a.table_name < b.table_name ? -1 : 1));
  };

  const expectEqualNights = async (gameDate: string): Promise<void> => {
    const night = await bigQuery.publishedNight(gameDate);
    expect(night.player_game_summary.length).toBeGreaterThan(20);
    expect(night).toEqual(await embedded.publishedNight(gameDate));
    expect(await manifests(bigQuery, gameDate)).toEqual(await manifests(embedded, gameDate));
  };

  it('a night is published as the embedded warehouse has it', async () => {
    for (const rig of [bigQuery, embedded]) {
      const { accepted, answer } = await rig.run({ gameDate: firstNight });
      expect(answer.state).toBe('published');
      // What is counted next is not to be mixed with the end of this one.
      await rig.end(accepted);
    }
    await expectEqualNights(firstNight);
  });

  it('a night costs what its budget says: jobs, activities and events', async () => {
    const run = async (gameDate: string): Promise<NightCosts> => {
      const before = jobs();
      const accepted = await bigQuery.client.run({ gameDate });
      await bigQuery.end(accepted);
      return { statements: jobs() - before, ...(await runCosts(bigQuery.raw, accepted)) };
    };
    const second = week[1] ?? '';
    const found = { 'a night published': await run(second), 'the same night unchanged': await run(second) };
    expectWithinBudget('bigquery', found, 'test/integration/bigquery.test.ts');
    await embedded.run({ gameDate: second });
  });

  it('a figure is explained as on the embedded warehouse', async () => {
    const request = { table: 'player_game_summary', gameDate: firstNight, subject: 'lebronjames' };
    const [here, there] = await Promise.all(
      [bigQuery, embedded].map(async ({ warehouse }) => {
        const policy = { ...defaultPolicySettings, today: firstNight, now: `${firstNight}T12:00:00.000Z` };
        const found = await explainFigure(warehouse, { ...request, column: 'usage_rate' }, policy);
        if ('unknown' in found) throw new Error(JSON.stringify(found));
        const { figure, agreement, rawRows, rules, gameId } = found;
        return { figure, agreement, rawRows, rules, gameId };
      }),
    );
    expect(here).toEqual(there);
    expect(here?.agreement).toMatchObject({ agrees: true, notes: [] });
  });

  it('the same night again is unchanged', async () => {
    const { state } = await bigQuery.run({ gameDate: firstNight });
    expect(Object.values(state.results).map((result) => result.outcome)).toEqual(Array(3).fill('unchanged'));
    expect(await bigQuery.versions(firstNight)).toEqual(await embedded.versions(firstNight));
  });

  it("a week's backfill is published as the embedded warehouse has it", async () => {
    const request = { from: week[0] ?? '', to: week.at(-1) ?? '', concurrency: 4 };
    for (const rig of [bigQuery, embedded]) {
      const { workflowId } = await rig.client.backfill(request);
      let states: string[] = [];
      for await (const { replies } of rig.client.followBackfill(workflowId))
        states = Object.values(replies).map((reply) => reply.state);
      expect(states.sort()).toEqual([...Array<string>(5).fill('published'), 'unchanged', 'unchanged']);
    }
    for (const gameDate of week) await expectEqualNights(gameDate);
  });

  it('versions, their rows and what changed are read as the embedded warehouse has them', async () => {
    const corrected = demoNight(firstNight).nbac_team_boxscore.map((row) =>
      row['team_abbr'] === 'CLE' ? { ...row, turnovers: Number(row['turnovers']) + 3 } : row,
    );
    const seen = [];
    for (const rig of [bigQuery, embedded]) {
      const since = new Date().toISOString();
      await rig.load('nbac_team_boxscore', corrected);
      await rig.run({ gameDate: firstNight });
      const versions = await versionsOf(rig.warehouse, firstNight);
      const { causes, rows, moved } = await differenceOf(
        ...([rig.warehouse, 'team_offense_game_summary', firstNight, 1, 2] as const),
      );
      const changes = [];
      for await (const change of changesSince(rig.warehouse, since))
        changes.push({ ...change, publishedAt: '' });
      seen.push({
        versions: versions.map(({ table, version, isLive, rows: kept }) => [table, version, isLive, kept]),
        ...{ causes, rows, moved, changes },
      });
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toMatchObject({ causes: [{ kind: 'input' }], rows: { same: 6, changed: 2 } });
    expect(seen[0]?.versions).toHaveLength(6);
    expect(seen[0]?.versions.every(([, , , kept]) => kept === 'kept')).toBe(true);
    expect(seen[0]?.changes).toHaveLength(3);
  });

  it('what is live is verified: nothing wrong, then one figure, then a deleted week', async () => {
    expect(findingsOf(await verify(bigQuery.warehouse, { newest: 14 }))).toEqual([]);
    const jobs = new BigQueryJobs({
      projectId: emulatorProject,
      location: 'US',
      endpoint: emulator.endpoint,
    });
    const run = (sql: string): Promise<unknown> =>
      jobs.run({ operation: 'test', sql, parameters: parameters({}) });
    const name = (table: string): string => `\`${emulatorProject}.nba_analytics.${table}\``;
    await run(
      `UPDATE ${name('player_game_summary')} SET points = 99 WHERE game_date = '${firstNight}' AND player_lookup = 'lebronjames'`,
    );
    const [date] = await verify(bigQuery.warehouse, { from: firstNight, to: firstNight });
    expect(date?.tables.flatMap(({ changes }) => changes?.altered ?? [])).toMatchObject([
      { key: { player_lookup: 'lebronjames' }, columns: [{ column: 'points', published: 32, live: 99 }] },
    ]);
    for (const table of ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'])
      await run(`DELETE FROM ${name(table)} WHERE game_date BETWEEN '${week[0]}' AND '${week.at(-1)}'`);
    const found = findingsOf(await verify(bigQuery.warehouse, { newest: 14 }));
    expect(found.filter((line) => line.endsWith(' altered'))).toHaveLength(3 * week.length);
    // The sentinel finds it too, and puts it on record once.
    const sweep = (): Promise<unknown> =>
      bigQuery.raw.workflow.execute('sentinelWorkflow', {
        ...{ taskQueue: 'phase3', workflowId: `sentinel/${Date.now()}` },
      });
    expect(await sweep()).toMatchObject({ verified: week.length, altered: week, told: week });
    expect(await sweep()).toMatchObject({ altered: week, told: [] });
    const { bypass_audit: audit } = await bigQuery.warehouse.readDate(firstNight, ['bypass_audit']);
    expect(audit.map(({ kind }) => kind)).toEqual(['not_as_published']);
  });

  it('what was recorded of the passes can be read', async () => {
    const { run_history: passes } = await bigQuery.warehouse.readDate(firstNight, ['run_history']);
    expect(passes).toHaveLength(4);
    expect(passes.every((pass) => pass.ended_at >= pass.started_at)).toBe(true);
  });
});
