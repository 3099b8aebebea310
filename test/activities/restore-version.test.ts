/** A restore of several tables that ends anywhere: the next attempt goes on, on both warehouses, and nothing is left mixed. */
import { restoreVersion } from '../../src/activities/restore-version';
import { runProcessor } from '../../src/activities/run-processor';
import type { RestoreVersionResult } from '../../src/contracts/activities';
import { liveManifests } from '../../src/contracts/manifests';
import { unbuilt } from '../../src/contracts/code-identity';
import { parsePin } from '../../src/contracts/pin';
import type { Policy } from '../../src/contracts/phase3';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { processors } from '../../src/plan/registry';
import { contentHash } from '../../src/publishing/fingerprint';
import type { Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { describeWithEmulator, emulatorStartMs } from '../support/bigquery-emulator';
import { defense, offense, player } from '../support/fixtures';
import { demoNight, movedTo } from '../support/nights';
import { endingAfter } from '../support/wrap-warehouse';
import { inMemory, onEmulator, type OpenedWarehouse } from '../support/warehouses';

const demo = demoNight('2017-04-15');
const at = '2018-04-16T08:00:00.000Z';
const raw = ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const;

function policyOf(changes: Partial<Policy>): Policy {
  return { ...policyNow(defaultPolicySettings, {}, () => new Date(at)), ...changes };
}

function restoreOn(crashes: 'everywhere' | 'between the tables', open: () => Promise<OpenedWarehouse>): void {
  let warehouse: Warehouse;
  let close: () => Promise<void>;
  let dates = 0;

  beforeAll(async () => {
    ({ warehouse, close } = await open());
    await warehouse.ensureTables();
  }, emulatorStartMs);
  afterAll(() => close());

  const load = async (table: (typeof raw)[number], rows: readonly Row[]): Promise<void> => {
    await warehouse.loadRows(
      table,
      (async function* () {
        yield rows;
      })(),
    );
  };

  /** Rows of the live partitions as hashes, and what their manifests say. */
  const found = async (gameDate: string) => {
    const names = processors.map(({ table }) => table.name);
    const stored = await warehouse.readDate(gameDate, ['partition_manifest', ...names], true);
    // Decoded by its declaration, from which its type follows.
    const live = liveManifests((stored['partition_manifest'] ?? []) as readonly ManifestRow[]);
    return {
      live,
      hashes: processors.map(({ table }) => contentHash(table, stored[table.name] ?? [])),
    };
  };

  /** A date with two versions of every table, the hashes of the first, and the instant between them. */
  const builtTwice = async (
    teamRows: (rows: readonly Row[]) => readonly Row[] = (rows) => rows,
    changes: Partial<Policy> = {},
  ) => {
    dates += 1;
    const gameDate = `2018-03-${String(dates).padStart(2, '0')}`;
    const moved = movedTo(demo, gameDate);
    const night = { ...moved, nbac_team_boxscore: teamRows(moved.nbac_team_boxscore) };
    const build = async (): Promise<void> => {
      for (const processor of [offense, defense, player])
        await runProcessor(
          {
            ...{ gameDate, runId: 'run', pass: 1, processor, liveVersion: 0 },
            policy: policyOf(changes),
          },
          {
            ...{ warehouse, versions: {}, build: unbuilt, attempt: 1 },
            ...{ clock: () => new Date(), isGivenUp: () => false },
          },
        );
    };
    for (const table of raw) await load(table, night[table]);
    await warehouse.claimDate({ gameDate, runId: 'run', pass: 1 }, at);
    await build();
    const first = await found(gameDate);
    const before = new Date().toISOString();
    // A turnover of the team itself, which is in no player's line.
    await load(
      'nbac_team_boxscore',
      night.nbac_team_boxscore.map((row) => ({ ...row, turnovers: Number(row['turnovers']) + 1 })),
    );
    await build();
    expect((await found(gameDate)).live.map(({ version }) => version)).toEqual([2, 2, 2]);
    return { gameDate, first, before };
  };

  const restore = (
    gameDate: string,
    before: string,
    wrap: (warehouse: Warehouse) => Warehouse = (same) => same,
    policy: Policy = policyOf({}),
  ): Promise<RestoreVersionResult> =>
    restoreVersion(
      {
        ...{ gameDate, runId: 'run', pass: 1, requestId: 'r-1', wanted: { before } },
        ...{ by: 'ana@example.org', reason: 'the feed of this morning was wrong', auditHead: null },
        policy,
      },
      {
        ...{ warehouse: wrap(warehouse), versions: {} },
        ...{ clock: () => new Date(), isGivenUp: () => false },
      },
    );

  it('leaves each table at one version more, all of them on each other, and says the same', async () => {
    let reached = Infinity;
    // The sixth operation publishes the first table: before it come a read of the date, three of kept rows, and its stage.
    const ends = crashes === 'everywhere' ? { from: 1, to: Infinity } : { from: 6, to: 6 };
    for (let crash = ends.from; crash <= Math.min(reached, ends.to); crash += 1) {
      const { gameDate, first, before } = await builtTwice();
      const ending = endingAfter(crash);
      const answer = await restore(gameDate, before, (given) => ending.wrap(given)).catch(() => null);
      if (crash === 6 && answer === null)
        expect((await found(gameDate)).live.map(({ version }) => version)).toContain(3);
      reached = answer ? Math.min(reached, ending.operations()) : reached;
      const again = await restore(gameDate, before);
      expect([crash, again]).toMatchObject([
        crash,
        {
          kind: 'restored',
          looksAt: [offense, defense, player],
          results: [offense, defense, player].map((processor) => ({
            ...{ processor, outcome: 'published', version: 3, pin: { version: 1, questioned: null } },
          })),
        },
      ]);
      const { live, hashes } = await found(gameDate);
      expect([crash, hashes]).toEqual([crash, first.hashes]);
      for (const manifest of live) {
        expect(manifest.version).toBe(3);
        expect(parsePin(manifest.pin)).toMatchObject({ request_id: 'r-1', version: 1 });
        for (const { version } of JSON.parse(manifest.upstream_versions) as { version: number }[])
          expect(version).toBe(3);
      }
    }
    if (crashes === 'everywhere') expect(reached).toBeGreaterThan(10);
  });

  // No statement of it differs from those above, and an emulator takes half a minute.
  if (crashes !== 'everywhere') return;
  it('judges what its pin says of the inputs by the policy of its pass', async () => {
    const games = async (rebuildsTeamRows: boolean): Promise<number> => {
      // A team row never came: whether it is made of the players is policy.
      const { gameDate, before } = await builtTwice((rows) => rows.slice(1), { rebuildsTeamRows: false });
      await restore(gameDate, before, (same) => same, policyOf({ rebuildsTeamRows }));
      const [pinned] = (await found(gameDate)).live.filter(({ processor }) => processor === offense);
      return Object.keys(parsePin(pinned?.pin ?? null)?.inputs ?? {}).length;
    };
    const [without, withThem] = [await games(false), await games(true)];
    expect(withThem).toBe(without + 1);
  });
}

describe('a restore, on DuckDB', () => {
  restoreOn('everywhere', inMemory);
});

describeWithEmulator('a restore, on BigQuery', () => {
  // An emulator's statement takes a second and more.
  jest.setTimeout(emulatorStartMs);
  restoreOn('between the tables', onEmulator);
});
