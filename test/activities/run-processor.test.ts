/** What one attempt of a processor leaves behind, on both warehouses, without a workflow around it. */
import { restoreVersion } from '../../src/activities/restore-version';
import { runProcessor } from '../../src/activities/run-processor';
import type { RunProcessorResult } from '../../src/contracts/activities';
import { unbuilt } from '../../src/contracts/code-identity';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { processorOf } from '../../src/plan/registry';
import { contentHash } from '../../src/publishing/fingerprint';
import type { Row } from '../../src/tables/define-table';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { describeWithEmulator, emulatorStartMs } from '../support/bigquery-emulator';
import { offense } from '../support/fixtures';
import { demoNight, type RawTable } from '../support/nights';
import { inMemory, onEmulator, type OpenedWarehouse } from '../support/warehouses';

const gameDate = '2017-04-15';
const night = demoNight(gameDate);
/** A turnover of the team itself, which is in no player's line. */
const corrected = night.nbac_team_boxscore.map((row) => ({
  ...row,
  turnovers: Number(row['turnovers']) + 1,
}));
const { table } = processorOf(offense);
const at = '2017-04-16T08:00:00.000Z';

function insideOnePass(open: () => Promise<OpenedWarehouse>): void {
  let warehouse: Warehouse;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ warehouse, close } = await open());
    await warehouse.ensureTables();
  }, emulatorStartMs);
  afterAll(() => close());

  const load = async (name: RawTable, rows: readonly Row[]): Promise<void> => {
    await warehouse.loadRows(
      name,
      (async function* () {
        yield rows;
      })(),
    );
  };
  /** `liveVersion` is what the check saw that let it in. */
  const run = (attempt = 1, liveVersion = 0, forced?: string): Promise<RunProcessorResult> =>
    runProcessor(
      {
        ...{ gameDate, runId: 'run', pass: 1, processor: offense, liveVersion },
        policy: policyNow(defaultPolicySettings, {}, () => new Date(at)),
        ...(forced === undefined ? {} : { forced }),
      },
      {
        ...{ warehouse, versions: {}, build: unbuilt, attempt },
        clock: () => new Date(),
        isGivenUp: () => false,
      },
    );

  it('inputs that change and change back are published as they are, each as a version', async () => {
    await warehouse.claimDate({ gameDate, runId: 'run', pass: 1 }, at);
    for (const name of ['nbac_schedule', 'nbac_gamebook_player_stats'] as const)
      await load(name, night[name]);
    for (const [index, rows] of [night.nbac_team_boxscore, corrected, night.nbac_team_boxscore].entries()) {
      await load('nbac_team_boxscore', rows);
      expect(await run()).toMatchObject({ result: { outcome: 'published', version: index + 1 } });
    }
    // A further attempt finds what this one has published.
    expect(await run(2)).toMatchObject({ result: { outcome: 'published', version: 3 } });

    const stored = await warehouse.readDate(gameDate, ['partition_manifest', 'team_offense_game_summary']);
    const manifests = [...stored.partition_manifest].sort((a, b) => a.version - b.version);
    const prints = manifests.map(({ fingerprint }) => fingerprint);
    expect(prints).toEqual([prints[2], expect.anything(), prints[0]]);
    expect(prints[1]).not.toBe(prints[0]);
    expect(contentHash(table, stored.team_offense_game_summary)).toBe(manifests[2]?.content_hash);
    for (const manifest of manifests) {
      const kept = await warehouse.readKept('team_offense_game_summary', gameDate, manifest.stage_id);
      expect(contentHash(table, kept)).toBe(manifest.content_hash);
      // The rows are this version's own, not those of one that was alike.
      expect(new Set(kept.map((row) => row['processed_at']))).toEqual(new Set([manifest.published_at]));
    }
  });

  it('a request to restore that comes again after other versions is answered, and restores nothing', async () => {
    const restore = (): Promise<unknown> =>
      restoreVersion(
        {
          ...{
            gameDate,
            runId: 'run',
            pass: 1,
            requestId: 'r-1',
            wanted: { processor: offense, version: 1 },
          },
          ...{ by: 'ana@example.org', reason: 'the corrected feed was wrong', auditHead: null },
          policy: policyNow(defaultPolicySettings, {}, () => new Date(at)),
        },
        {
          ...{ warehouse, versions: {} },
          ...{ clock: () => new Date(), isGivenUp: () => false },
        },
      );
    await load('nbac_team_boxscore', corrected);
    expect(await run()).toMatchObject({ result: { version: 4 } });
    const restored = { kind: 'restored', results: [{ version: 5 }] };
    expect(await restore()).toMatchObject(restored);
    expect(await run()).toMatchObject({ result: { version: 5, pin: { version: 1 } } });
    expect(await run(1, 5, 'unpinned by ana')).toMatchObject({ result: { version: 6 } });
    expect(await restore()).toMatchObject(restored);
    expect(await warehouse.countRows('partition_manifest', gameDate, gameDate)).toBe(6);
  });
}

describe('inside one pass, on DuckDB', () => {
  insideOnePass(inMemory);
});

describeWithEmulator('inside one pass, on BigQuery', () => {
  insideOnePass(onEmulator);
});
