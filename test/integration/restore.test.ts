/** An earlier version is made live again, with what stands on it: whole or not at all, and on record first. */
import { verifyChain } from '../../src/audit/chain';
import type { TableName } from '../../src/tables/catalogue';
import type { ManifestRow } from '../../src/tables/orchestration';
import type { Row } from '../../src/tables/define-table';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { defense, offense, player } from '../support/fixtures';
import { holding } from '../support/latch';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { misStoring, replacing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const by = 'ana@example.org';
const reason = 'the corrected feed of this morning was wrong';
const table = 'team_offense_game_summary';
let rig: Rig;

/** A date with two versions of the offence and of the players: a feed was corrected in between. */
async function builtTwice(): Promise<{ gameDate: string; first: Row[]; second: Row[]; players: Row[] }> {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  await rig.loadNight(whole);
  expect((await rig.run({ gameDate })).answer.state).toBe('published');
  const first = await rig.published(table, gameDate);
  const players = await rig.published('player_game_summary', gameDate);
  await rig.load(
    'nbac_team_boxscore',
    // Turnovers of the team itself, of which no other source knows.
    whole.nbac_team_boxscore.map((row) => ({ ...row, turnovers: Number(row['turnovers']) + 1 })),
  );
  expect((await rig.run({ gameDate })).answer.state).toBe('published');
  const second = await rig.published(table, gameDate);
  expect(second).not.toEqual(first);
  return { gameDate, first, second, players };
}

async function restore(gameDate: string, version = 1, requestId?: string) {
  const ids = requestId === undefined ? {} : { requestId };
  const accepted = await rig.client.restore({ gameDate, processor: offense, version, by, reason, ...ids });
  const { answer, state } = await rig.answerTo(accepted);
  await rig.end(accepted);
  return { accepted, answer, state };
}

async function manifestsOf(gameDate: string, name: TableName = table): Promise<ManifestRow[]> {
  const { partition_manifest: rows } = await rig.warehouse.readDate(gameDate, ['partition_manifest']);
  return rows.filter((row) => row.table_name === name).sort((a, b) => a.version - b.version);
}

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

test('an earlier version is live again, as a new one, with what was built on it; who and why are on record', async () => {
  const { gameDate, first, players } = await builtTwice();
  const others = await rig.publishedNight(gameDate);
  const { accepted, answer, state } = await restore(gameDate);
  expect(answer).toMatchObject({
    state: 'published',
    summary: `${gameDate} published: ${offense} published, ${player} published`,
  });
  expect(await rig.publishedNight(gameDate)).toEqual({
    ...others,
    ...{ [table]: first, player_game_summary: players },
  });

  const manifests = await manifestsOf(gameDate);
  expect(manifests.map(({ version }) => version)).toEqual([1, 2, 3]);
  const [old, , restored] = manifests as [ManifestRow, ManifestRow, ManifestRow];
  expect(restored).toMatchObject({
    reason: `version 1 was restored by ${by}: ${reason}`,
    ...{ fingerprint: old.fingerprint, content_hash: old.content_hash, row_count: old.row_count },
    run_id: accepted.runId,
  });
  expect(restored.stage_id).not.toBe(old.stage_id);
  expect(JSON.parse(restored.pin ?? '')).toMatchObject({
    request_id: accepted.requestId,
    by,
    reason,
    version: 1,
  });
  expect(state.results[offense]).toMatchObject({ version: 3, pin: { version: 1, questioned: null } });
  const below = (await manifestsOf(gameDate, 'player_game_summary')).at(-1);
  expect(below).toMatchObject({
    ...{ version: 3, upstream_versions: JSON.stringify([{ table_name: table, version: 3 }]) },
    reason: restored.reason,
  });

  const entries = await rig.audit(gameDate);
  expect(entries).toMatchObject([
    { kind: 'restore', decided_by: by, reason, processor: offense, evidence: '{"version":1}' },
  ]);
  expect(verifyChain(gameDate, entries, [])).toBeNull();
  expect(restored.audit_head).toBe(`1:${entries[0]?.row_hash ?? ''}`);
  await rig.keepHistory('restored', accepted.workflowId, accepted.runId);
});

test('the same request again restores once', async () => {
  const { gameDate } = await builtTwice();
  let attempts = 0;
  await rig.startWorker({
    wrap: (activities) => ({
      ...activities,
      restoreVersion: async (request) => {
        const answer = await activities.restoreVersion(request);
        attempts += 1;
        if (attempts === 1) throw new Error('the answer was lost');
        return answer;
      },
    }),
  });
  const { answer, state } = await restore(gameDate, 1, 'once');
  expect(attempts).toBe(2);
  expect(answer.state).toBe('published');
  expect(state.results[offense]).toMatchObject({ outcome: 'published', version: 3 });
  expect((await manifestsOf(gameDate)).map(({ version }) => version)).toEqual([1, 2, 3]);
  // Sent again after its run has ended, it finds its own version.
  expect((await restore(gameDate, 1, 'once')).answer.state).toBe('published');
  expect((await manifestsOf(gameDate)).map(({ version }) => version)).toEqual([1, 2, 3]);
  expect((await rig.audit(gameDate)).map(({ kind }) => kind)).toEqual(['restore']);
});

describe('what is not possible leaves the live version as it is, and is on record', () => {
  const refusals: [string, number, (warehouse: Warehouse) => Warehouse, string][] = [
    ['a version that there is not', 7, (same) => same, `there is no version 7 of ${table} for`],
    [
      'a kept version of which a row was changed',
      1,
      (warehouse) =>
        replacing(warehouse, {
          readKept: async (...asked) =>
            (await warehouse.readKept(...asked)).map((row, index) =>
              index === 0 ? { ...row, assists: 99 } : row,
            ),
        }),
      `the kept rows of version 1 of ${table} are not the published rows: 8 rows`,
    ],
    [
      'a kept version that is gone',
      1,
      (warehouse) => replacing(warehouse, { readKept: async () => [] }),
      `the kept rows of version 1 of ${table} are not the published rows: 0 rows`,
    ],
    [
      'rows that come back changed from the stage',
      1,
      (warehouse) => replacing(warehouse, { stage: async () => [] }),
      `the rows of version 1 of ${table} changed when they were staged`,
    ],
  ];

  test.each(refusals)('%s', async (_, version, wrapWarehouse, sentence) => {
    const { gameDate, second } = await builtTwice();
    await rig.startWorker({ wrapWarehouse });
    const { answer } = await restore(gameDate, version);
    expect(answer.state).toBe('failed');
    expect(answer.summary).toContain(`no version was restored: ${sentence}`);
    const ended = (await rig.client.state(gameDate))?.state;
    expect(ended).toMatchObject({ runState: 'failed', results: {}, trouble: null });
    expect(await rig.published(table, gameDate)).toEqual(second);
    expect(await manifestsOf(gameDate)).toHaveLength(2);
    const entries = await rig.audit(gameDate);
    expect(entries.map(({ kind }) => kind)).toEqual(['restore', 'not_taken']);
    expect(verifyChain(gameDate, entries, [])).toBeNull();
  });

  test('a version of a date that was never run', async () => {
    const { answer } = await restore('2018-02-01');
    expect(answer.summary).toContain('none was published');
  });
});

test('a restored version that is not stored as it was is taken back, and the date has failed', async () => {
  const { gameDate, second } = await builtTwice();
  const isRestored = ({ version }: ManifestRow): boolean => version === 3;
  await rig.startWorker({ wrapWarehouse: misStoring(table, (rows) => rows.slice(1), isRestored) });
  const { answer, state } = await restore(gameDate);
  expect(answer.state).toBe('failed');
  expect(state.results[offense]).toMatchObject({
    ...{ outcome: 'failed', version: 4 },
    reason: expect.stringMatching(/^version 3 of .+; rolled back to version 2$/) as string,
  });
  expect(await rig.published(table, gameDate)).toEqual(second);
  const entries = await rig.audit(gameDate);
  expect(entries.map(({ kind }) => kind)).toEqual(['restore', 'rolled_back']);
  expect(verifyChain(gameDate, entries, [])).toBeNull();
});

test('a restore that comes while the gate waits is carried out, and the gate goes on waiting', async () => {
  const { gameDate, first } = await builtTwice();
  const whole = movedTo(night, gameDate);
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore.slice(0, 1));
  await rig.startWorker({ policy: { oldAfterDays: 100_000, firstWaitMs: 60_000 } });
  const run = await rig.client.run({ gameDate });
  await rig.until(gameDate, ({ runState }) => runState === 'waiting');
  const accepted = await rig.client.restore({ gameDate, processor: offense, version: 1, by, reason });
  const state = await rig.until(
    gameDate,
    (now) => now.runState === 'waiting' && now.results[offense] !== undefined,
  );
  expect(state.results[offense]).toMatchObject({ outcome: 'published', version: 3 });
  expect(await rig.published(table, gameDate)).toEqual(first);
  expect((await rig.answerTo(accepted)).answer.state).toBe('published');
  // The defence, which reads the same, still waits.
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  await rig.client.recheck({ gameDate, by });
  const { answer, state: last } = await rig.answerTo(run);
  expect(answer.state).toBe('published');
  expect(last.results[defense]?.outcome).toBe('published');
});

test('nothing is restored before it is on record', async () => {
  const { gameDate, second } = await builtTwice();
  const { wrap, reached, goOn } = holding('appendAudit');
  await rig.startWorker({ wrap });
  const accepted = await rig.client.restore({ gameDate, processor: offense, version: 1, by, reason });
  await reached.opened;
  expect(await rig.published(table, gameDate)).toEqual(second);
  goOn.open();
  expect((await rig.answerTo(accepted)).answer.state).toBe('published');
});

test('a restored version that stands on a bypass is marked again, until it is unpinned and built without it', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  const { accepted } = await rig.waiting({ gameDate }, { ...whole, nbac_team_boxscore: [] });
  const bypassId = 'stands-on';
  await rig.client.bypass({ gameDate, processor: player, reason, by, bypassId });
  await rig.until(gameDate, (state) => state.bypasses[0]?.status === 'standing');
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  await rig.client.recheck({ gameDate, by });
  await rig.answerTo(accepted);
  await rig.end(accepted);

  const asked = await rig.client.restore({ gameDate, processor: player, version: 1, by, reason });
  const { state } = await rig.answerTo(asked);
  expect(state.results[player]).toMatchObject({ version: 3, bypassIds: [bypassId] });
  // Nothing of what is pinned is waited for.
  await rig.end(asked);
  expect((await rig.run({ gameDate })).state.results[player]).toMatchObject({ version: 3 });
  const unpinned = await rig.client.unpin({ gameDate, processors: [player], by, reason });
  expect((await rig.answerTo(unpinned)).state.results[player]).toMatchObject({ version: 4, bypassIds: [] });
  expect((await rig.audit(gameDate)).map(({ kind }) => kind).slice(-2)).toEqual(['restore', 'unpin']);
});
