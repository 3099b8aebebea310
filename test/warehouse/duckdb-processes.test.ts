/** A DuckDB file and processes: one that holds it, and one that dies while it writes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { contentHash } from '../../src/publishing/fingerprint';
import { DuckDbDatabase } from '../../src/warehouse/duckdb/duckdb-database';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { exitOf, startTypeScript } from '../stack/typescript-process';
import { newestManifest } from './rows';

const table = 'team_offense_game_summary';
const gameDate = '2025-01-15';
const script = require.resolve('./warehouse-process.ts');

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-duckdb-'));
  file = join(folder, 'warehouse.duckdb');
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

it('says which file another process holds, as something that passes, and opens it once it is free', async () => {
  const holder = startTypeScript(script, ['hold', file]);
  const exited = exitOf(holder);
  const lines = createInterface({ input: holder.stdout });
  expect(await new Promise((resolve) => lines.once('line', resolve))).toBe('open');
  await expect(DuckDbWarehouse.open(file)).rejects.toMatchObject({
    name: 'WarehouseError',
    kind: 'unavailable',
    message: expect.stringMatching(new RegExp(`opening ${file}.*lock`, 'i')) as string,
  });
  holder.stdin.end();
  expect(await exited).toBe(0);
  const warehouse = await DuckDbWarehouse.open(file);
  await warehouse.close();
});

/**
 * Publishes in another process and kills it after it has acknowledged `count` versions, when `phase` (0 to 1) of the
 * time that a version takes has gone by; the last version acknowledged.
 */
async function publishUntilKilled(count: number, phase: number): Promise<number> {
  const publisher = startTypeScript(script, ['publish', file, gameDate]);
  const exited = exitOf(publisher);
  const versions: { version: number; at: number }[] = [];
  for await (const line of createInterface({ input: publisher.stdout })) {
    versions.push({ version: Number(line), at: performance.now() });
    if (versions.length !== count) continue;
    const lastTook = versions[count - 1]!.at - versions[count - 2]!.at;
    setTimeout(() => publisher.kill('SIGKILL'), phase * lastTook);
  }
  expect(await exited).toBeNull();
  return versions.at(-1)!.version;
}

it('holds every acknowledged version and no half of another after a process was killed in its writes', async () => {
  let known = 0;
  for (const [count, phase] of [
    [2, 0],
    [3, 0.3],
    [4, 0.5],
    [5, 0.7],
    [3, 0.9],
  ] as const) {
    const acknowledged = await publishUntilKilled(count, phase);
    expect(acknowledged).toBeGreaterThanOrEqual(known + count);
    known = await expectWhole(acknowledged);
  }
});

/** Expects the file to be at the acknowledged version or one later, and everything in it to agree; its version. */
async function expectWhole(acknowledged: number): Promise<number> {
  const warehouse = await DuckDbWarehouse.open(file, folder);
  const rows = await warehouse.readDate(gameDate, [table, 'partition_manifest']);
  await warehouse.close();
  const newest = newestManifest(rows.partition_manifest, table);
  expect([acknowledged, acknowledged + 1]).toContain(newest?.version);
  expect(contentHash(table, rows[table])).toBe(newest?.content_hash);

  const versions = rows.partition_manifest.map((manifest) => manifest.version).sort((a, b) => a - b);
  expect(versions).toEqual(Array.from({ length: newest?.version ?? 0 }, (_, index) => index + 1));

  const database = await DuckDbDatabase.open(file);
  const kept = await database.read(
    `SELECT stage_id, count(*)::INTEGER AS n FROM nba_orchestration.${table}_versions GROUP BY stage_id`,
  );
  await database.close();
  const keptRows = new Map(kept.map((row) => [row['stage_id'], row['n']]));
  for (const manifest of rows.partition_manifest)
    expect([manifest.version, keptRows.get(manifest.stage_id)]).toEqual([
      manifest.version,
      manifest.row_count,
    ]);
  return newest?.version ?? 0;
}
