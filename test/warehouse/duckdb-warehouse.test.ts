/** The DuckDB adapter: the contract of the port, and what is its own. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableOf } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import { DuckDbDatabase } from '../../src/warehouse/duckdb/duckdb-database';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { everything } from '../../src/warehouse/duckdb/partition-cache';
import { WarehouseError } from '../../src/warehouse/errors';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { dump, insertByHand, sql } from '../support/by-hand';
import { replacing } from '../support/wrap-warehouse';
import { inKeyOrder, offenseRows, rowOf, stageFor } from './rows';
import { describeWarehouse } from './warehouse.contract';

/** The warehouse, after each read of which what it remembers must be what the file holds. */
function checkedByReading(warehouse: DuckDbWarehouse): Warehouse {
  const { database } = warehouse as unknown as { database: DuckDbDatabase };
  const cells = async (gameDate: string, tables: readonly string[]): Promise<unknown> => {
    const found = await warehouse.readDate(gameDate, tables);
    // With the order of their columns, by which one of two rows of an instant is chosen.
    return tables.map((table) => inKeyOrder(table, found[table] ?? []).map((row) => Object.entries(row)));
  };
  const readDate = async (gameDate: string, tables: readonly string[]) => {
    const answer = await warehouse.readDate(gameDate, tables);
    await database.inTurn(async () => {
      const known = await cells(gameDate, tables);
      database.partitions.forget(everything);
      expect(known).toEqual(await cells(gameDate, tables));
    });
    return answer;
  };
  return replacing(warehouse, { readDate } as Partial<Warehouse>);
}

describeWarehouse('DuckDB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'phase3-duckdb-'));
  const opening = jest.spyOn(DuckDbDatabase, 'open');
  const open = () => DuckDbWarehouse.open(join(folder, 'warehouse.duckdb'), folder);
  let warehouse = await open();
  return {
    warehouse: checkedByReading(warehouse),
    crowd: 20,
    reopen: async () => {
      await warehouse.close();
      return checkedByReading((warehouse = await open()));
    },
    dropColumn: async (table, column) => {
      await sql(warehouse, `ALTER TABLE ${table} DROP COLUMN ${column}`);
    },
    keptRows: async (table, gameDate) => {
      // Another connection to the file would be another process; this one is the warehouse's own.
      const database = (await opening.mock.results.at(-1)?.value) as DuckDbDatabase;
      const rows = await database.read(
        `SELECT stage_id, count(*)::INTEGER AS n FROM nba_orchestration.${table}_versions
         WHERE game_date = $1 GROUP BY stage_id`,
        [gameDate],
      );
      return Object.fromEntries(rows.map((row) => [String(row['stage_id']), Number(row['n'])]));
    },
    close: async () => {
      await warehouse.close();
      opening.mockRestore();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

describe('DuckDbWarehouse', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phase3-duckdb-'));
  });

  afterEach(async () => rm(folder, { recursive: true, force: true }));

  const scratchFiles = (): Promise<string[]> => readdir(folder);

  it('spools loads in the scratch folder and leaves nothing there, whether they succeed or fail', async () => {
    const warehouse = await DuckDbWarehouse.open(':memory:', folder);
    await warehouse.ensureTables();
    const row = rowOf('nbac_schedule', { game_date: '2025-01-15' });
    let spooled: string[] = [];
    const rows = (last: Row | Error) =>
      (async function* (): AsyncGenerator<readonly Row[]> {
        yield [row];
        // The file is opened in its own time.
        do spooled = await scratchFiles();
        while (spooled.length === 0);
        if (last instanceof Error) throw last;
        yield [last];
      })();
    await warehouse.loadRows('nbac_schedule', rows(row));
    expect(spooled).toHaveLength(1);
    expect(await scratchFiles()).toEqual([]);
    await expect(warehouse.loadRows('nbac_schedule', rows(new Error('cut off')))).rejects.toThrow('cut off');
    expect(await scratchFiles()).toEqual([]);
    await expect(warehouse.loadRows('nbac_schedule', rows({ ...row, game_id: null }))).rejects.toThrow(
      WarehouseError,
    );
    expect(await scratchFiles()).toEqual([]);
    await warehouse.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('finishes the writes that were asked for before it closes', async () => {
    const file = join(folder, 'warehouse.duckdb');
    const warehouse = await DuckDbWarehouse.open(file, folder);
    await warehouse.ensureTables();
    const appends = Array.from({ length: 20 }, (_, index) =>
      warehouse.append('run_history', [
        rowOf('run_history', { game_date: '2025-01-15', run_id: `r${index}` }),
      ]),
    );
    await warehouse.close();
    await Promise.all(appends);
    const again = await DuckDbWarehouse.open(file, folder);
    expect(await again.countRows('run_history', '2025-01-15', '2025-01-15')).toBe(20);
    await again.close();
  });

  it('reads what was published from where it is stored, and does not remember what it was given', async () => {
    const warehouse = await DuckDbWarehouse.open(':memory:', folder);
    await warehouse.ensureTables();
    const [table, gameDate] = ['team_offense_game_summary', '2025-01-15'];
    const fence = { gameDate, runId: 'run', pass: 1 };
    await warehouse.claimDate(fence, '2025-01-16T08:00:00.000Z', [table]);
    const rows = offenseRows(gameDate, 1, 3);
    const request = await stageFor(warehouse, { table, fence, version: 1, rows });
    const { database } = warehouse as unknown as { database: DuckDbDatabase };
    expect(await warehouse.publish(request)).toEqual({ kind: 'published' });
    // Past what is remembered.
    await database.inTurn(async (session) => {
      await session.execute(`DELETE FROM nba_analytics.${table} WHERE team_abbr = 'T0001'`);
      await session.execute("UPDATE nba_orchestration.partition_manifest SET reason = 'other'");
    });
    const stored = await warehouse.readDate(gameDate, [table, 'partition_manifest']);
    expect(stored[table]).toHaveLength(2);
    expect(stored.partition_manifest).toMatchObject([{ version: 1, reason: 'other' }]);
    await warehouse.close();
  });

  it('goes on after a transaction that failed', async () => {
    const warehouse = await DuckDbWarehouse.open(':memory:', folder);
    await warehouse.ensureTables();
    const bad: Row = { ...rowOf('run_history', { game_date: '2025-01-16' }), journal: null };
    const good = rowOf('run_history', { game_date: '2025-01-15' });
    const results = await Promise.allSettled([
      warehouse.append('run_history', [bad]),
      warehouse.append('run_history', [good]),
      warehouse.append('run_history', [bad]),
    ]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    expect(await warehouse.countRows('run_history', '2025-01-15', '2025-01-15')).toBe(1);
    await warehouse.close();
  });

  it('says which table does not fit its declaration any more when somebody has altered it', async () => {
    const file = join(folder, 'warehouse.duckdb');
    const warehouse = await DuckDbWarehouse.open(file, folder);
    await warehouse.ensureTables();
    await warehouse.append('run_history', [rowOf('run_history', { game_date: '2025-01-15' })]);
    await warehouse.close();
    const database = await DuckDbDatabase.open(file);
    await database.read('ALTER TABLE nba_orchestration.run_history ALTER probes TYPE VARCHAR');
    await database.close();
    const again = await DuckDbWarehouse.open(file, folder);
    await again.ensureTables();
    await expect(again.readDate('2025-01-15', ['run_history'])).rejects.toMatchObject({
      kind: 'contract_broken',
      message: expect.stringMatching(/nba_orchestration\.run_history.*probes/) as string,
    });
    await again.close();
  });

  it('refuses at the start a column in another case, of raw tables too, as its rows would be read without it', async () => {
    const warehouse = await DuckDbWarehouse.open(':memory:', folder);
    await warehouse.ensureTables();
    await sql(warehouse, 'ALTER TABLE nba_raw.nbac_schedule RENAME season TO season_');
    await sql(warehouse, 'ALTER TABLE nba_raw.nbac_schedule RENAME season_ TO "Season"');
    await expect(warehouse.ensureTables()).rejects.toMatchObject({
      kind: 'contract_broken',
      message: expect.stringContaining(
        'nba_raw.nbac_schedule has Season, expected season: rename the column',
      ) as string,
    });
    await warehouse.close();
  });

  it('names table, column and value of a raw figure that is none', async () => {
    const warehouse = await DuckDbWarehouse.open(':memory:', folder);
    await warehouse.ensureTables();
    const row = rowOf('nbac_team_boxscore', { game_date: '2025-01-15', fg_percentage: 0.5 });
    await insertByHand(warehouse, 'nba_raw.nbac_team_boxscore', 'nbac_team_boxscore', [row]);
    await sql(warehouse, "UPDATE nba_raw.nbac_team_boxscore SET fg_percentage = 'nan'");
    await expect(warehouse.readDate('2025-01-15', ['nbac_team_boxscore'])).rejects.toMatchObject({
      kind: 'contract_broken',
      message: expect.stringMatching(
        /nba_raw\.nbac_team_boxscore .*fg_percentage is "NaN", expected a number/,
      ) as string,
    });
    await warehouse.close();
  });

  it('gives a table the columns it lacks, and alters none that lacks none, nor a raw one', async () => {
    const warehouse = await DuckDbWarehouse.open(':memory:', folder);
    await warehouse.ensureTables();
    const columns = async (table: string): Promise<string[]> =>
      (await sql(warehouse, `SELECT column_name AS c FROM (DESCRIBE ${table})`)).map(({ c }) => String(c));
    const manifest = rowOf('partition_manifest', { game_date: '2025-01-15', bypass: '{}' });
    await warehouse.append('partition_manifest', [manifest]);
    await sql(warehouse, 'ALTER TABLE nba_orchestration.partition_manifest DROP COLUMN bypass');
    await sql(warehouse, 'ALTER TABLE nba_orchestration.partition_manifest ADD COLUMN notes VARCHAR');
    await sql(warehouse, 'ALTER TABLE nba_raw.nbac_schedule DROP COLUMN season');
    await sql(warehouse, 'ALTER TABLE nba_orchestration.run_history DROP COLUMN journal');
    const asked = await statementsOf(warehouse, () => warehouse.ensureTables());
    expect(asked.filter((statement) => statement.startsWith('ALTER'))).toEqual([
      'ALTER TABLE nba_orchestration.partition_manifest ADD COLUMN IF NOT EXISTS bypass VARCHAR',
    ]);
    expect(await columns('nba_orchestration.partition_manifest')).toEqual(
      expect.arrayContaining(['notes', 'bypass']),
    );
    expect(await columns('nba_raw.nbac_schedule')).not.toContain('season');
    // It is required, and no row that is there has it.
    expect(await columns('nba_orchestration.run_history')).not.toContain('journal');
    const again = await statementsOf(warehouse, () => warehouse.ensureTables());
    expect(again.filter((statement) => /ALTER|DROP/.test(statement))).toEqual([]);
    expect((await warehouse.readDate('2025-01-15', ['partition_manifest'])).partition_manifest).toEqual([
      { ...manifest, bypass: null },
    ]);
    await warehouse.close();
  });

  it('with a prefix, adds to its own tables only, and reads the arrivals of the raw tables without one', async () => {
    const file = join(folder, 'warehouse.duckdb');
    const live = await DuckDbWarehouse.open(file, folder);
    await live.ensureTables();
    const arrivedAt = '2025-01-15T08:00:00.000Z';
    await live.loadRows(
      'nbac_schedule',
      (async function* (): AsyncGenerator<readonly Row[]> {
        yield [rowOf('nbac_schedule', { game_date: '2025-01-14', processed_at: arrivedAt })];
      })(),
    );
    await live.close();
    const shadow = await DuckDbWarehouse.open(file, folder, 'shadow');
    await shadow.ensureTables();
    for (const schema of ['nba_orchestration', 'shadow_nba_orchestration'])
      await sql(shadow, `ALTER TABLE ${schema}.partition_manifest DROP COLUMN bypass`);
    const before = await dump(shadow, 'nba_orchestration');
    await shadow.ensureTables();
    expect(await dump(shadow, 'nba_orchestration')).toEqual(before);
    const found = await sql(
      shadow,
      `SELECT schema_name AS s FROM duckdb_columns() WHERE table_name = 'partition_manifest' AND column_name = 'bypass'`,
    );
    expect(found).toEqual([{ s: 'shadow_nba_orchestration' }]);
    expect(await shadow.arrivals('nbac_schedule', '2025-01-15', 30)).toEqual([
      { gameDate: '2025-01-14', arrivedAt },
    ]);
    await shadow.close();
  });

  it('answers every operation with a WarehouseError once it is closed', async () => {
    const warehouse = await DuckDbWarehouse.open(':memory:', folder);
    await warehouse.ensureTables();
    await warehouse.close();
    const gameDate = '2025-01-15';
    const fence = { gameDate, runId: 'run-a', pass: 1 };
    const unavailable = { name: 'WarehouseError', kind: 'unavailable' };
    await expect(warehouse.ensureTables()).rejects.toMatchObject(unavailable);
    await expect(warehouse.readDate(gameDate, ['run_history'])).rejects.toMatchObject(unavailable);
    await expect(warehouse.countRows('run_history', gameDate, gameDate)).rejects.toMatchObject(unavailable);
    await expect(warehouse.dateRange('run_history')).rejects.toMatchObject(unavailable);
    await expect(warehouse.arrivals('nbac_schedule', gameDate, 30)).rejects.toMatchObject(unavailable);
    await expect(warehouse.claimDate(fence, '2025-01-15T00:00:00.000Z')).rejects.toMatchObject(unavailable);
    await expect(warehouse.append('run_history', [])).rejects.toMatchObject(unavailable);
  });

  it('exports several years in order, beside readers that are slow, within its memory', async () => {
    const warehouse = await DuckDbWarehouse.open(join(folder, 'years.duckdb'), folder);
    await warehouse.ensureTables();
    const { database } = warehouse as unknown as { database: DuckDbDatabase };
    const columns = Object.entries(tableOf('nbac_gamebook_player_stats').columns);
    const values = columns.map(([name, { type }]) => {
      if (name === 'game_date') return "DATE '2020-10-01' + (n // 40)::INTEGER";
      return type === 'STRING' ? `'${name} ' || n % 977` : 'NULL';
    });
    // Four years.
    const [games, days] = [58_400, 1_460];
    await database.inTurn(async (session) => {
      await session.execute(
        `INSERT INTO nba_raw.nbac_gamebook_player_stats (${columns.map(([name]) => name).join(', ')})
         SELECT ${values.join(', ')} FROM range(${games}) AS numbers (n) ORDER BY n % 7`,
      );
      await session.execute("SET memory_limit = '64MB'");
    });
    const exporting = (): AsyncGenerator<readonly Row[]> =>
      warehouse.exportRows('nbac_gamebook_player_stats', '1900-01-01', '9999-12-31');
    const slow = [exporting(), exporting(), exporting()];
    for (const one of slow) await one.next();
    const found: string[] = [];
    for await (const rows of exporting()) found.push(...rows.map((row) => String(row['game_date'])));
    expect(found).toHaveLength(games);
    expect(found).toEqual(found.toSorted());
    expect(new Set(found).size).toBe(days);
    for (const one of slow) await one.return(undefined);
    await warehouse.close();
  });

  it('answers an export with a WarehouseError once it is closed', async () => {
    const warehouse = await DuckDbWarehouse.open(':memory:', folder);
    await warehouse.ensureTables();
    await warehouse.close();
    const exporting = warehouse.exportRows('run_history', '2025-01-15', '2025-01-15').next();
    await expect(exporting).rejects.toMatchObject({ name: 'WarehouseError', kind: 'unavailable' });
  });

  it('answers a load with a WarehouseError when its scratch folder is gone', async () => {
    const warehouse = await DuckDbWarehouse.open(':memory:', folder);
    await warehouse.ensureTables();
    await rm(folder, { recursive: true });
    const rows = (async function* (): AsyncGenerator<readonly Row[]> {
      yield [rowOf('nbac_schedule', { game_date: '2025-01-15' })];
    })();
    const loading = warehouse.loadRows('nbac_schedule', rows);
    await expect(loading.finally(() => warehouse.close())).rejects.toMatchObject({ name: 'WarehouseError' });
  });
});

/** Every statement of the transactions that `work` makes. */
async function statementsOf(warehouse: DuckDbWarehouse, work: () => Promise<unknown>): Promise<string[]> {
  const { database } = warehouse as unknown as { database: DuckDbDatabase };
  const seen: string[] = [];
  const transaction = database.transaction.bind(database);
  const spy = jest.spyOn(database, 'transaction').mockImplementation((inside, touched, written) =>
    transaction(
      (session) =>
        inside({
          query: (statement, parameters) => {
            seen.push(statement);
            return session.query(statement, parameters);
          },
          execute: (statement, parameters) => {
            seen.push(statement);
            return session.execute(statement, parameters);
          },
          insert: (statement, json, count) => {
            seen.push(statement);
            session.insert(statement, json, count);
          },
        }),
      touched,
      written,
    ),
  );
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return seen;
}
