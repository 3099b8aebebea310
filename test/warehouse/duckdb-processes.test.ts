/** A DuckDB file and processes: one that holds it, and one that dies while it writes. */
import { tableOf } from '../../src/tables/catalogue';
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
  await expect(DuckDbWarehouse.open(file, folder)).rejects.toMatchObject({
    name: 'WarehouseError',
    kind: 'unavailable',
    message: expect.stringMatching(new RegExp(`opening ${file}.*lock`, 'i')) as string,
  });
  holder.stdin.end();
  expect(await exited).toBe(0);
  const warehouse = await DuckDbWarehouse.open(file, folder);
  await warehouse.close();
});

/** Publishes in another process, which is killed in the midst of the publication after `count`; the last acknowledged. */
async function publishUntilKilled(count: number, phase: number): Promise<number> {
  const publisher = startTypeScript(script, ['publish', file, gameDate, String(count), String(phase)]);
  const exited = exitOf(publisher);
  let acknowledged = 0;
  for await (const line of createInterface({ input: publisher.stdout })) acknowledged = Number(line);
  expect(await exited).toBeNull();
  return acknowledged;
}

it('holds every acknowledged version and no half of another after a process was killed in its writes', async () => {
  let known = 0;
  for (const [count, phase] of [
    [1, 0],
    [2, 0.2],
    [2, 0.35],
    [3, 0.5],
    [2, 0.65],
    [2, 0.8],
    [1, 0.95],
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
  expect(contentHash(tableOf(table), rows[table])).toBe(newest?.content_hash);

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
