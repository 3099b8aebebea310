/**
 * A process that works on a DuckDB file, for tests that end it or get in its way.
 *
 * `hold FILE` opens the file, says so and keeps it until its input ends. `publish FILE DATE COUNT PHASE` publishes
 * versions of a partition, printing the number of each that the warehouse has acknowledged; while it publishes the one
 * after COUNT it kills itself, when PHASE (0 to 1) of the time has gone by that the one before took.
 */
import { writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { newestManifest, offenseRows, stageFor } from './rows';

const table = 'team_offense_game_summary';

/** Written at once, so that nothing acknowledged is lost with the process. */
function say(line: string | number): void {
  writeSync(1, `${line}\n`);
}

async function hold(file: string): Promise<void> {
  const warehouse = await DuckDbWarehouse.open(file, dirname(file));
  say('open');
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  await warehouse.close();
}

async function publishVersions(file: string, gameDate: string, count: number, phase: number): Promise<void> {
  const warehouse = await DuckDbWarehouse.open(file, dirname(file));
  await warehouse.ensureTables();
  const fence = { gameDate, runId: `process ${process.pid}`, pass: 1 };
  await warehouse.claimDate(fence, '2025-01-16T08:00:00.000Z');
  const { partition_manifest: manifests } = await warehouse.readDate(gameDate, ['partition_manifest']);
  const live = newestManifest(manifests, table)?.version ?? 0;
  let took = 0;
  for (let version = live + 1; ; version += 1) {
    // Rows so big that DuckDB folds its log into the file every few versions: kills meet that as well.
    const rows = offenseRows(gameDate, version, 200 + (version % 7)).map((row) => ({
      ...row,
      game_id: `${version}`.repeat(8_000),
    }));
    const request = await stageFor(warehouse, { table, fence, version, rows });
    if (version > live + count) setTimeout(() => process.kill(process.pid, 'SIGKILL'), phase * took);
    const began = performance.now();
    const result = await warehouse.publish(request);
    took = performance.now() - began;
    if (result.kind !== 'published') throw new Error(`version ${version}: ${JSON.stringify(result)}`);
    say(version);
  }
}

const [, , command, file = '', gameDate = '', count, phase] = process.argv;
void (command === 'hold' ? hold(file) : publishVersions(file, gameDate, Number(count), Number(phase)));
