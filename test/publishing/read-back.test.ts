/** What is live is what was built, or it does not stay live: on both warehouses, and wherever an attempt ends. */
import { restoreVersion } from '../../src/activities/restore-version';
import { runProcessor } from '../../src/activities/run-processor';
import type { RestoreVersionResult, RunProcessorResult } from '../../src/contracts/activities';
import { unbuilt } from '../../src/contracts/code-identity';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { processorOf } from '../../src/plan/registry';
import { describeDifference } from '../../src/publishing/describe-difference';
import { contentHash } from '../../src/publishing/fingerprint';
import type { Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { describeWithEmulator, emulatorStartMs } from '../support/bigquery-emulator';
import { offense, player } from '../support/fixtures';
import { demoNight, movedTo } from '../support/nights';
import { endingAfter, misStoring, replacing } from '../support/wrap-warehouse';
import { inMemory, onEmulator, type OpenedWarehouse } from '../support/warehouses';

const demo = demoNight('2017-04-15');
const { table } = processorOf(offense);
const name = 'team_offense_game_summary';
const at = '2018-04-16T08:00:00.000Z';

const withoutFirst = (rows: readonly Row[]): readonly Row[] => rows.slice(1);

type Wrap = (warehouse: Warehouse) => Warehouse;

function readBackOn(part: 'all' | 'crashes', open: () => Promise<OpenedWarehouse>): void {
  let warehouse: Warehouse;
  let close: () => Promise<void>;
  let dates = 0;
  let pass = 0;

  beforeAll(async () => {
    ({ warehouse, close } = await open());
    await warehouse.ensureTables();
  }, emulatorStartMs);
  afterAll(() => close());

  const load = async (into: string, rows: readonly Row[]): Promise<void> => {
    await warehouse.loadRows(
      into,
      (async function* () {
        yield rows;
      })(),
    );
  };

  const found = async (gameDate: string) => {
    const stored = await warehouse.readDate(gameDate, ['partition_manifest', name]);
    const manifests = [...stored.partition_manifest].sort((a, b) => a.version - b.version);
    return { manifests, live: manifests.at(-1)!, hash: contentHash(table, stored[name]) };
  };

  const claim = async (gameDate: string): Promise<void> => {
    pass += 1;
    await warehouse.claimDate({ gameDate, runId: 'run', pass }, at);
  };

  /** A date whose rows are there and whose pass is open; nothing is published. */
  const begun = async (): Promise<string> => {
    dates += 1;
    const gameDate = `2018-03-${String(dates).padStart(2, '0')}`;
    const night = movedTo(demo, gameDate);
    for (const raw of ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const)
      await load(raw, night[raw]);
    await claim(gameDate);
    return gameDate;
  };

  /** The same with a version 1, and inputs that have changed since. */
  const corrected = async (): Promise<string> => {
    const gameDate = await begun();
    expect(await run(gameDate, 0)).toMatchObject({ result: { outcome: 'published', version: 1 } });
    await load(
      'nbac_team_boxscore',
      // A turnover of the team itself, which is in no player's line.
      movedTo(demo, gameDate).nbac_team_boxscore.map((row) => ({
        ...row,
        turnovers: Number(row['turnovers']) + 1,
      })),
    );
    await claim(gameDate);
    return gameDate;
  };

  const run = (
    gameDate: string,
    liveVersion: number,
    wrap: Wrap = (same) => same,
    { attempt = 1, processor = offense } = {},
  ): Promise<RunProcessorResult> =>
    runProcessor(
      {
        ...{ gameDate, runId: 'run', pass, processor, liveVersion },
        policy: policyNow(defaultPolicySettings, {}, () => new Date(at)),
      },
      {
        ...{ warehouse: wrap(warehouse), versions: {}, build: unbuilt, attempt },
        clock: () => new Date(),
        isGivenUp: () => false,
      },
    );

  const restore = (gameDate: string, requestId: string, wrap: Wrap): Promise<RestoreVersionResult> =>
    restoreVersion(
      {
        ...{ gameDate, runId: 'run', pass, requestId, wanted: { processor: offense, version: 1 } },
        ...{ by: 'ana@example.org', reason: 'the corrected feed was wrong', auditHead: null },
        policy: policyNow(defaultPolicySettings, {}, () => new Date()),
      },
      {
        ...{ warehouse: wrap(warehouse), versions: {} },
        ...{ clock: () => new Date(), isGivenUp: () => false },
      },
    );

  it('an attempt that ends anywhere leaves one live version, and the next says what it would have said', async () => {
    const gameDate = await corrected();
    const first = await found(gameDate);
    let reached = Infinity;
    for (let crash = 1; crash <= reached; crash += 1) {
      const [live, before] = [(await found(gameDate)).live.version, pass];
      const isBad = ({ version }: ManifestRow): boolean => version === live + 1;
      const wrap = misStoring(name, withoutFirst, isBad);
      const ending = endingAfter(crash);
      const answer = await run(gameDate, live, (given) => ending.wrap(wrap(given))).catch(() => null);
      reached = answer ? Math.min(reached, ending.operations()) : reached;
      const again = await run(gameDate, live, wrap, { attempt: 2 });
      const result = { outcome: 'failed', version: live + 2, rowCount: 8 };
      // What an earlier pass has put back is owed too: it may have ended before it said so.
      const entryId = `rolled-back/${gameDate}/${offense}/${live + 1}`;
      const due = expect.arrayContaining([
        expect.objectContaining({ kind: 'rolled_back', entryId }),
      ]) as unknown;
      expect([crash, again]).toMatchObject([crash, { result, due }]);
      if (answer) expect(again).toMatchObject({ result: (answer as { result: object }).result });
      const after = await found(gameDate);
      expect([crash, after.live.version, after.hash]).toEqual([crash, live + 2, first.hash]);
      expect(after.live).toMatchObject({ content_hash: first.hash, pass: before });
      expect(after.manifests.map(({ version }) => version)).toEqual(
        after.manifests.map((_, index) => index + 1),
      );
      await claim(gameDate);
    }
    // Snapshot, stage, publish, read back; kept rows, stage, publish, read back.
    expect(reached).toBeGreaterThanOrEqual(8);
  });

  // On the emulator each of these takes ten seconds, and says the same.
  if (part === 'crashes') return;

  it.each<[string, (rows: readonly Row[]) => readonly Row[], string]>([
    ['a row is lost', withoutFirst, '1 row is missing, '],
    ['rows are doubled', (rows) => [...rows, ...rows], '8 rows are stored once more, the first is '],
    [
      'a figure is changed',
      ([first, ...rest]) => [{ ...first!, assists: 99 }, ...rest],
      `: assists is 99, built was `,
    ],
    [
      'a row is foreign',
      ([first, ...rest]) => [first!, ...rest, { ...first!, team_abbr: 'ZZZ' }],
      '1 row is foreign, ',
    ],
  ])('%s: it is rolled back to the version before, and says why', async (_what, become, difference) => {
    const gameDate = await corrected();
    const first = await found(gameDate);
    const isBad = ({ version }: ManifestRow): boolean => version === 2;
    const answer = await run(gameDate, 1, misStoring(name, become, isBad));
    const after = await found(gameDate);
    const reason = expect.stringMatching(
      /^version 2 of \w+ was not stored as it was built \(.+\); rolled back to version 1$/,
    ) as string;
    expect(answer).toMatchObject({
      kind: 'settled',
      result: { outcome: 'failed', reason, version: 3, rowCount: 8 },
      due: [
        {
          ...{ kind: 'rolled_back', by: 'system', processor: offense, reason },
          entryId: `rolled-back/${gameDate}/${offense}/2`,
          evidence: { version: 2, liveVersion: 3 },
        },
      ],
    });
    expect(after.live.reason).toContain(difference);
    expect(after.manifests.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(after.live).toMatchObject({ pass, fingerprint: first.live.fingerprint, reason });
    expect([after.hash, after.live.content_hash]).toEqual([first.hash, first.hash]);
    // Once what was at fault is gone, the same inputs are published.
    await claim(gameDate);
    expect(await run(gameDate, 3)).toMatchObject({ result: { outcome: 'published', version: 4 } });
  });

  it('a run that ends between its rollback and its answer has said nothing: the next one says it, once', async () => {
    const gameDate = await corrected();
    const isBad = ({ version }: ManifestRow): boolean => version === 2;
    await run(gameDate, 1, misStoring(name, withoutFirst, isBad));
    const { live } = await found(gameDate);
    await claim(gameDate);
    expect(await run(gameDate, 3)).toMatchObject({
      result: { outcome: 'published', version: 4 },
      due: [
        {
          ...{ kind: 'rolled_back', by: 'system', processor: offense, reason: live.reason },
          ...{ entryId: `rolled-back/${gameDate}/${offense}/2`, at: live.published_at },
          evidence: { version: 2, liveVersion: 3 },
        },
      ],
    });
    await claim(gameDate);
    const after = await run(gameDate, 4);
    expect(after).toMatchObject({ result: { outcome: 'unchanged', version: 4 } });
    expect(after).not.toHaveProperty('due');
  });

  it('an attempt that was thought dead and has been taken back is what its successor tells of', async () => {
    const gameDate = await corrected();
    const wrap = misStoring(name, withoutFirst, ({ version }) => version === 2);
    let other: RunProcessorResult | null = null;
    const answer = await run(gameDate, 1, (given) =>
      replacing(wrap(given), {
        stage: async (request) => {
          other ??= await run(gameDate, 1, wrap);
          return given.stage(request);
        },
      }),
    );
    expect(answer).toMatchObject({
      result: { outcome: 'failed', version: 3 },
      due: [{ kind: 'rolled_back' }],
    });
    expect(answer).toMatchObject({ result: (other as unknown as { result: object }).result });
    expect((await found(gameDate)).live.version).toBe(3);
  });

  it('what somebody has published since is left as it is', async () => {
    const gameDate = await corrected();
    const answer = await run(gameDate, 1, (given) =>
      replacing(given, {
        publish: async (request) => {
          const result = await given.publish(request);
          if (request.manifest.version === 2) await restore(gameDate, 'since', (same) => same);
          return result;
        },
      }),
    );
    expect(answer).toMatchObject({ result: { outcome: 'published', version: 2 } });
    expect((await found(gameDate)).live).toMatchObject({ version: 3 });
  });

  it.each<[string, Wrap, string]>([
    [
      'the kept rows of the version before are damaged',
      (given) =>
        replacing(given, { readKept: async (...asked) => withoutFirst(await given.readKept(...asked)) }),
      'the kept rows of version 1 are not the published rows, so nothing was put back',
    ],
    [
      'they change when they are staged',
      (given) =>
        replacing(given, {
          stage: async (request) => {
            const rows = await given.stage(request);
            return request.stageId.startsWith('1-') ? rows : withoutFirst(rows);
          },
        }),
      'the rows of version 1 of team_offense_game_summary changed when they were staged, so nothing was put back',
    ],
  ])('%s: nothing is put back', async (_what, damage, sentence) => {
    const gameDate = await corrected();
    const answer = await run(gameDate, 1, (given) => damage(misStoring(name, withoutFirst)(given)));
    expect(answer).toMatchObject({ result: { outcome: 'failed', version: 2 }, due: [] });
    expect(answer).toMatchObject({ result: { reason: expect.stringContaining(sentence) as string } });
    expect((await found(gameDate)).live.version).toBe(2);
    // The dependency check takes it for what it is.
    expect(await run(gameDate, 0, undefined, { processor: player })).toMatchObject({ kind: 'not_ready' });
  });

  it('without a version before nothing is put back, nothing is built on it, and a run replaces it', async () => {
    const gameDate = await begun();
    const wrap = misStoring(name, withoutFirst);
    for (const attempt of [1, 2]) {
      const answer = await run(gameDate, 0, wrap, { attempt });
      expect(answer).toMatchObject({ result: { outcome: 'failed', version: 1 }, due: [] });
      expect(answer).toMatchObject({
        result: {
          reason: expect.stringMatching(/there is no version before it, so nothing was put back$/) as string,
        },
      });
    }
    expect((await found(gameDate)).live.version).toBe(1);
    expect(await run(gameDate, 0, undefined, { processor: player })).toMatchObject({
      kind: 'not_ready',
      detail: expect.stringContaining(name) as string,
    });
    expect(await run(gameDate, 1)).toMatchObject({ result: { outcome: 'published', version: 2 } });
    expect(await run(gameDate, 0, undefined, { processor: player })).toMatchObject({
      result: { outcome: 'published' },
    });
  });

  it('a rollback that is not stored as it was built either is told, and not tried again', async () => {
    const gameDate = await corrected();
    for (const attempt of [1, 2]) {
      const answer = await run(gameDate, 1, misStoring(name, withoutFirst), { attempt });
      expect(answer).toMatchObject({ result: { outcome: 'failed', version: 3 } });
      expect(answer).toMatchObject({
        result: {
          reason: expect.stringMatching(
            /rolled back to version 1; but version 3 of \w+ was not stored as it was built \(1 row is missing, .+\) either/,
          ) as string,
        },
      });
    }
    expect((await found(gameDate)).manifests).toHaveLength(3);
    expect(await run(gameDate, 0, undefined, { processor: player })).toMatchObject({ kind: 'not_ready' });
  });

  it('a rollback that somebody comes before is told, and theirs stays', async () => {
    const gameDate = await corrected();
    const answer = await run(gameDate, 1, (given) =>
      replacing(misStoring(name, withoutFirst, ({ version }) => version === 2)(given), {
        publish: async (request) => {
          if (request.manifest.version === 3) await restore(gameDate, 'before it', (same) => same);
          return misStoring(name, withoutFirst, ({ version }) => version === 2)(given).publish(request);
        },
      }),
    );
    expect(answer).toMatchObject({
      result: {
        ...{ outcome: 'failed', version: 2 },
        reason: expect.stringMatching(/; version 3 is on record since, so nothing was put back$/) as string,
      },
    });
    expect((await found(gameDate)).live.version).toBe(3);
  });

  describe('a pinned version whose rows somebody altered', () => {
    /** A date whose version 2 is version 1 once more, pinned, and lacks a row. */
    const altered = async (): Promise<string> => {
      const gameDate = await corrected();
      expect(await restore(gameDate, 'r-1', (same) => same)).toMatchObject({
        results: [{ outcome: 'published', version: 2 }],
      });
      const stored = await warehouse.readDate(gameDate, [name]);
      await load(name, withoutFirst(stored[name]));
      await claim(gameDate);
      return gameDate;
    };

    it('has them back, as the next version, and a further attempt says the same', async () => {
      const gameDate = await altered();
      const [{ content_hash: hash } = { content_hash: '' }] = (await found(gameDate)).manifests;
      for (const attempt of [1, 2])
        expect(await run(gameDate, 2, undefined, { attempt })).toMatchObject({
          kind: 'settled',
          result: {
            ...{ outcome: 'published', version: 3, processor: offense, pin: { version: 1 } },
            rowCount: demo.nbac_team_boxscore.length,
            reason: expect.stringMatching(
              /^\d+ rows are stored .+; the rows of version 2 were put back, since it is pinned/,
            ) as string,
          },
        });
      const after = await found(gameDate);
      expect([after.live.version, after.hash]).toEqual([3, hash]);
      await claim(gameDate);
      // Of another pass it is nothing new.
      expect(await run(gameDate, 3)).toMatchObject({ result: { outcome: 'unchanged', version: 3 } });
    });

    it.each<[string, Wrap, object]>([
      [
        'are not kept as they were published',
        (given) =>
          replacing(given, { readKept: async (...asked) => withoutFirst(await given.readKept(...asked)) }),
        {
          outcome: 'failed',
          reason: expect.stringMatching(
            /^\d+ rows are stored .+, and the kept rows of the pinned version 2 are not .+ nothing was put back$/,
          ) as string,
        },
      ],
      [
        'change when they are staged',
        (given) => replacing(given, { stage: async (request) => withoutFirst(await given.stage(request)) }),
        { outcome: 'failed', reason: `the rows of version 2 of ${name} changed when they were staged` },
      ],
    ])('has failed where they %s, and stays', async (_what, damage, result) => {
      const gameDate = await altered();
      expect(await run(gameDate, 2, damage)).toMatchObject({
        kind: 'settled',
        result: { ...result, version: 2 },
      });
      expect((await found(gameDate)).live.version).toBe(2);
    });

    it('has failed where they are not stored as they were, and the version before is put back', async () => {
      const gameDate = await altered();
      const wrap = misStoring(name, withoutFirst, ({ version }) => version === 3);
      expect(await run(gameDate, 2, wrap)).toMatchObject({
        result: { outcome: 'failed', version: 4 },
        due: [{ kind: 'rolled_back', evidence: { version: 3, liveVersion: 4 } }],
      });
    });

    it('is looked at again where somebody publishes before it', async () => {
      const gameDate = await altered();
      const answer = await run(gameDate, 2, (given) =>
        replacing(given, {
          stage: async (request) => {
            await restore(gameDate, 'r-2', (same) => same);
            return given.stage(request);
          },
        }),
      );
      expect(answer).toEqual({
        ...{ kind: 'upstream_moved', detail: `${name} is not at version 2 any more` },
      });
    });
  });

  it('a restored version is read back like any other, and again when the request comes again', async () => {
    const gameDate = await corrected();
    expect(await run(gameDate, 1)).toMatchObject({ result: { version: 2 } });
    const second = await found(gameDate);
    const wrap = misStoring(name, withoutFirst, ({ version }) => version === 3);
    for (const asked of ['once', 'again']) {
      const answer = await restore(gameDate, 'r-1', wrap);
      expect([asked, answer]).toMatchObject([
        asked,
        {
          kind: 'restored',
          results: [
            {
              ...{ outcome: 'failed', version: 4 },
              reason: expect.stringMatching(/^version 3 of .+; rolled back to version 2$/) as string,
            },
          ],
          looksAt: [],
          due: [{ kind: 'rolled_back', evidence: { version: 3, liveVersion: 4 } }],
        },
      ]);
    }
    const after = await found(gameDate);
    expect([after.live.version, after.hash]).toEqual([4, second.hash]);
  });
}

describe('read back, on DuckDB', () => {
  readBackOn('all', inMemory);
});

describeWithEmulator('read back, on BigQuery', () => {
  // An emulator's statement takes a second and more, and each of the ends takes some.
  jest.setTimeout(emulatorStartMs);
  readBackOn('crashes', onEmulator);
});

it('a difference names each kind with the first row of it, in whatever order rows are stored', () => {
  const row = (team: string, assists: number): Row => ({
    game_date: at,
    game_id: 'g',
    team_abbr: team,
    assists,
  });
  const built = ['ATL', 'BOS', 'CHI', 'DAL'].map((team) => row(team, 20));
  expect(describeDifference(table, built, [...built].reverse())).toBe('');
  const stored = [row('ZZZ', 1), row('BOS', 20), row('BOS', 20), row('CHI', 21)];
  const keyOf = (team: string): string => table.key.map((column) => row(team, 0)[column]).join(' ');
  for (const rows of [built, [...built].reverse()])
    expect(describeDifference(table, rows, stored)).toBe(
      `2 rows are missing, the first is ${keyOf('ATL')}; 1 row is foreign, ${keyOf('ZZZ')}; ` +
        `1 row is stored once more, ${keyOf('BOS')}; 1 row is changed, ${keyOf('CHI')}: assists is 21, built was 20`,
    );
});
