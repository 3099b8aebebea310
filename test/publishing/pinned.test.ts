/** A pinned version whose stored rows somebody altered: what a run would come to, and what is seen of its games. */
import { createHash } from 'node:crypto';
import { runProcessor } from '../../src/activities/run-processor';
import { unbuilt } from '../../src/contracts/code-identity';
import { checkRun } from '../../src/gate/check-dependencies';
import { judgePinned } from '../../src/gate/judge-pinned';
import { currentManifest, type DateSnapshot } from '../../src/gate/snapshot';
import { parsePin } from '../../src/contracts/pin';
import { processorOf, processors } from '../../src/plan/registry';
import type { Processor } from '../../src/processors/define-processor';
import { contentHash } from '../../src/publishing/fingerprint';
import { foresee } from '../../src/publishing/foresee';
import { afterRestore } from '../../src/publishing/restored-manifests';
import type { ManifestRow } from '../../src/tables/orchestration';
import type { Warehouse } from '../../src/warehouse/warehouse';
import {
  change,
  defense,
  gameDate,
  gameIdOf,
  goodNight,
  offense,
  ofTeam,
  player,
  policyAfter,
  processedAt,
  published,
  type Night,
} from '../support/fixtures';

const name = 'team_offense_game_summary';
const { table, version } = processorOf(offense);
const pin = { request_id: 'restore-1', by: 'ana', reason: 'why', at: processedAt, version: 1, inputs: null };
const night = published(goodNight(2), offense, defense, player);
const rows = night.rows[name];
const pinned = withManifest(night, { pin: JSON.stringify({ ...pin, processor_version: version }) });
const altered = change(pinned, name, ofTeam('ATL'), { points_scored: 1 });
const kept: DateSnapshot = { ...altered, asPublished: { [name]: rows } };
const policy = policyAfter(1);

/** The night with another manifest of the team offence. */
function withManifest(before: Night, changes: Partial<ManifestRow>): Night {
  return {
    ...before,
    partition_manifest: before.partition_manifest.map((one) =>
      one.table_name === name ? { ...one, ...changes } : one,
    ),
  };
}

function warehouseOf({ rows: stored, partition_manifest: manifests }: Night): Warehouse {
  return {
    readDate: async () => ({ ...stored, partition_manifest: manifests }),
    readKept: async () => rows,
    countRows: async () => 1,
  } as unknown as Warehouse;
}

describe('foresees', () => {
  const come = (snapshot: DateSnapshot) => foresee(processors, snapshot, { policy, build: unbuilt });
  const outcomes = (snapshot: DateSnapshot) =>
    Object.fromEntries(come(snapshot).map(({ processor, outcome }) => [processor.name, outcome]));

  it('nothing where its rows are as they were published', () => {
    expect(outcomes(pinned)).toEqual({
      [offense]: 'unchanged',
      [defense]: 'unchanged',
      [player]: 'unchanged',
    });
  });

  it('its rows put back, with the pin, and what stands on them built', () => {
    const [first] = come(kept).filter(({ processor }) => processor.name === offense);
    expect(first).toMatchObject({
      ...{ outcome: 'published', reason: expect.stringContaining('were put back') },
      next: { rows, manifest: { version: 2, pin: expect.stringContaining('restore-1') } },
    });
    expect(outcomes(kept)).toMatchObject({ [offense]: 'published', [player]: 'published' });
  });

  it('another version where it is to be built all the same, without the pin', () => {
    const [first] = foresee([processorOf(offense)], pinned, {
      ...{ policy, build: unbuilt, forced: { [offense]: 'unpinned by ana' } },
    });
    expect(first).toMatchObject({ outcome: 'published', next: { manifest: { version: 2, pin: null } } });
    expect(first?.reason).toMatch(/unpinned by ana$/);
  });

  it('a failure that says why where the published rows are not kept', () => {
    const [first] = come(altered).filter(({ processor }) => processor.name === offense);
    expect(first).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('nothing was put back'),
    });
  });
});

it('does not hold up what a run builds on it, since the run puts its rows back', async () => {
  const verdicts = await checkRun(warehouseOf(altered), gameDate, processors, policy);
  expect(verdicts.map(({ processor, canRun }) => [processor, canRun])).toEqual(
    processors.map((one) => [one.name, true]),
  );
});

it('lacks its games as they were, and says of none that it is disputed now', () => {
  const game = { game_id: gameIdOf(0), table: 'nbac_schedule', detail: 'why' };
  const missing = [
    { ...game, status: 'disputed' },
    { ...game, game_id: gameIdOf(1), status: 'missing' },
  ];
  const found = judgePinned(
    processorOf(offense),
    withManifest(pinned, { missing_games: JSON.stringify(missing) }),
  );
  expect(found?.verdict.missingGames.map(({ status }) => status)).toEqual(['held', 'missing']);
});

it('owes the audit the rollback that an earlier pass ended on', async () => {
  const [bad] = pinned.partition_manifest.filter((one) => one.table_name === name);
  const id = createHash('sha256').update(['rollback', name, gameDate, bad!.stage_id].join('/')).digest('hex');
  const restored = {
    ...bad!,
    version: 2,
    stage_id: id.slice(0, 32),
    reason: 'it was not stored as built',
  };
  const rolledBack = { ...pinned, partition_manifest: [...pinned.partition_manifest, restored] };
  const answer = await runProcessor(
    { gameDate, runId: 'another run', pass: 2, processor: offense, liveVersion: 2, policy },
    {
      ...{ warehouse: warehouseOf(rolledBack), versions: {}, build: unbuilt, attempt: 1 },
      ...{ clock: () => new Date(processedAt), isGivenUp: () => false },
    },
  );
  expect(answer).toMatchObject({
    result: { outcome: 'unchanged', version: 2 },
    due: [{ kind: 'rolled_back', evidence: { version: 1, liveVersion: 2 } }],
  });
});

it('that is restored without knowing its inputs has none in its pin: a bug in its code is no reason not to', () => {
  const wanted = currentManifest(kept, table)!;
  const broken: Processor = {
    ...processorOf(offense),
    judge: () => {
      throw new TypeError('the test broke it');
    },
  };
  const decision = {
    ...{ requestId: 'restore-2', by: 'ana', reason: 'why', auditHead: null, at: processedAt },
    ...{ fence: { gameDate, runId: 'run', pass: 2 }, versions: {} },
  };
  const restored = { live: wanted, wanted, rows: [...rows], version: 2, upstreams: [] };
  const { manifests, raw } = afterRestore(kept, [{ processor: broken, ...restored }], decision);
  expect(parsePin(manifests.get(broken)?.pin ?? null)).toMatchObject({
    request_id: 'restore-2',
    inputs: null,
  });
  expect(raw.get(broken)).toEqual([]);
});

it('that is restored has its rows as published, and nothing of the older ones beside them', () => {
  const wanted = currentManifest(kept, table)!;
  const { snapshot } = afterRestore(
    kept,
    [{ processor: processorOf(offense), live: wanted, wanted, rows: [...rows], version: 1, upstreams: [] }],
    {
      ...{ requestId: 'restore-2', by: 'ana', reason: 'why', auditHead: null, at: processedAt },
      ...{ fence: { gameDate, runId: 'run', pass: 2 }, versions: {} },
    },
  );
  expect(snapshot.asPublished).toBeUndefined();
  expect(contentHash(table, snapshot.rows[name]!)).toBe(wanted.content_hash);
});
