/** Nights into a stack, through `phase3 load`. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rawTables } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import type { Cli } from './cli';
import type { RawTable } from './nights';

/** Loads the tables that are given. A table left out, or without rows, is not touched. */
export async function loadNights(
  cli: Cli,
  nights: readonly Readonly<Partial<Record<RawTable, readonly Row[]>>>[],
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'phase3-nights-'));
  await mkdir(join(folder, 'nba_raw'));
  for (const table of Object.keys(rawTables) as RawTable[]) {
    const lines = nights.flatMap((night) => night[table] ?? []).map((row) => JSON.stringify(row));
    if (lines.length > 0) await writeFile(join(folder, 'nba_raw', `${table}.ndjson`), lines.join('\n'));
  }
  await cli.ok('load', folder);
  await rm(folder, { recursive: true });
}
