/** Pruning takes nothing that is live, and nothing that a restore of a kept version would publish. */
import fc from 'fast-check';
import { builtOnOf } from '../../src/contracts/manifests';
import type { DateSnapshot } from '../../src/gate/snapshot';
import { processors } from '../../src/plan/registry';
import { contentHash } from '../../src/publishing/fingerprint';
import { planRestore } from '../../src/publishing/plan-restore';
import { rawOf, versionsToKeep } from '../../src/publishing/versions-to-keep';
import type { Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
import { rowOf } from '../warehouse/rows';

const gameDate = '2025-01-15';

/** One publication: of which table, with which figures, and whether it was adopted or did without an upstream. */
interface Step {
  readonly table: number;
  readonly content: number;
  readonly isAdopted: boolean;
  readonly lacks: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  table: fc.nat(processors.length - 1),
  content: fc.nat(3),
  isAdopted: fc.constantFrom(false, false, false, false, true),
  lacks: fc.constantFrom(-1, -1, -1, 0),
});

const rowsOf = (table: string, content: number): Row[] => [
  { ...rowOf(table, {}), game_date: gameDate, game_id: `game ${content}` },
];

/** The manifests of these publications, each built on what was live of its upstreams then. */
function historyOf(steps: readonly Step[]): { manifests: ManifestRow[]; rows: Map<string, Row[]> } {
  const manifests: ManifestRow[] = [];
  const rows = new Map<string, Row[]>();
  const live = new Map<string, number>();
  for (const [index, { table, content, isAdopted, lacks }] of steps.entries()) {
    const { name, table: own, version: code, upstreams } = processors[table]!;
    const below = Object.values(upstreams).flatMap(({ table: upstream }, position) => {
      const version = live.get(upstream.name);
      return version === undefined || position === lacks ? [] : [{ table_name: upstream.name, version }];
    });
    const version = (live.get(own.name) ?? 0) + 1;
    live.set(own.name, version);
    rows.set(`s${index}`, rowsOf(own.name, content));
    manifests.push({
      ...rowOf('partition_manifest', { game_date: gameDate, table_name: own.name, version }),
      ...{ processor: name, processor_version: isAdopted ? 'adopted' : code, stage_id: `s${index}` },
      ...{ content_hash: contentHash(own, rowsOf(own.name, content)), row_count: 1 },
      ...{ upstream_versions: JSON.stringify(isAdopted ? [] : below), missing_games: '[]' },
      ...{ published_at: new Date(Date.UTC(2025, 0, 16) + 60_000 * index).toISOString() },
      inputs: JSON.stringify({ g: { nbac_team_boxscore: `h${index % 4}` } }),
    });
  }
  return { manifests, rows };
}

const histories = fc.array(step, { minLength: 1, maxLength: 30 }).map(historyOf);
const newest = fc.integer({ min: 1, max: 4 });

it('keeps the newest, the live one among them, and more of nothing than there is', () => {
  fc.assert(
    fc.property(histories, newest, ({ manifests }, keep) => {
      const kept = versionsToKeep(manifests, keep);
      for (const { table } of processors) {
        const own = manifests
          .filter(({ table_name: name }) => name === table.name)
          .sort((a, b) => b.version - a.version);
        for (const one of own.slice(0, keep)) expect(kept).toContain(one);
      }
      // Keeping more keeps no less, and pruning a second time finds nothing.
      const more = versionsToKeep(manifests, keep + 1);
      for (const one of kept) expect(more).toContain(one);
      expect(new Set(versionsToKeep(manifests, keep))).toEqual(kept);
    }),
  );
});

it('the rows that a kept version was built on are kept, so that the upstream can be restored first', () => {
  fc.assert(
    fc.property(histories, newest, ({ manifests }, keep) => {
      const kept = versionsToKeep(manifests, keep);
      const contents = new Set([...kept].map((one) => `${one.table_name} ${one.content_hash}`));
      for (const one of kept)
        for (const { table, version } of builtOnOf(one)) {
          const upstream = manifests.find((other) => other.table_name === table && other.version === version);
          expect(contents).toContain(`${table} ${upstream?.content_hash}`);
        }
    }),
  );
});

it('a restore of any kept version publishes after a pruning what it would have published before', async () => {
  const asKept = (manifest: ManifestRow): string => `${manifest.table_name} ${manifest.version}`;
  let planned = 0;
  await fc.assert(
    fc.asyncProperty(histories, newest, async ({ manifests, rows }, keep) => {
      const kept = versionsToKeep(manifests, keep);
      const snapshot: DateSnapshot = {
        ...{ gameDate, partition_manifest: manifests, isCalendarKnown: true },
        rows: Object.fromEntries(
          processors.map(({ table }) => {
            const live = manifests.filter(({ table_name: name }) => name === table.name).at(-1);
            return [table.name, live ? (rows.get(live.stage_id) ?? []) : []];
          }),
        ),
      };
      const plan = (isPruned: boolean, of: ManifestRow) =>
        planRestore(snapshot, processors, { processor: of.processor, version: of.version }, (one) =>
          Promise.resolve({
            rows: isPruned && !kept.has(one) ? [] : (rows.get(one.stage_id) ?? []),
            pruned: null,
          }),
        );
      for (const one of kept) {
        const [before, after] = [await plan(false, one), await plan(true, one)];
        expect([asKept(one), after]).toEqual([asKept(one), before]);
        if (before.kind === 'planned') planned += 1;
      }
    }),
    { numRuns: 200 },
  );
  // The histories are such that there is something to restore.
  expect(planned).toBeGreaterThan(200);
});

it('of what stands on two tables one version is brought along for each pair, and none where one of the two is gone', () => {
  const one = (
    table: string,
    version: number,
    content: string,
    on: readonly (readonly [string, number])[] = [],
  ) =>
    rowOf('partition_manifest', {
      ...{ table_name: table, version, content_hash: content, processor_version: '1' },
      upstream_versions: JSON.stringify(on.map(([name, of]) => ({ table_name: name, version: of }))),
    });
  const [a2, b1, b2, gone] = [
    ['a', 2],
    ['b', 1],
    ['b', 2],
    ['gone', 1],
  ] as const;
  const manifests = [
    ...[one('a', 1, 'a1'), one('a', 2, 'a2'), one('b', 1, 'b1'), one('b', 2, 'b2')],
    // On what is live, in either order; on half of it; on nothing; and the newest, beside what is not there.
    ...[one('c', 1, 'c1', [a2, b2]), one('c', 2, 'c2', [b2, a2]), one('c', 3, 'c3', [a2, b1])],
    ...[one('c', 4, 'c4'), one('c', 5, 'c5', [a2, gone])],
  ];
  const kept = [...versionsToKeep(manifests, 1)].map((own) => `${own.table_name}${own.version}`);
  expect(kept.sort()).toEqual(['a2', 'b2', 'c2', 'c5']);
});

it('raw rows stay that a kept version or the decision to pin it names, each named once', () => {
  const one = rowOf('partition_manifest', {
    inputs: '{"g":{"a":"1","b":"2"}}',
    pin: JSON.stringify({ inputs: { g: { a: '3', b: '2' } } }),
  });
  const adopted = rowOf('partition_manifest', { inputs: null, pin: null });
  expect(rawOf([one, adopted])).toEqual([
    { table_name: 'a', input_hash: '1' },
    { table_name: 'b', input_hash: '2' },
    { table_name: 'a', input_hash: '3' },
  ]);
});
