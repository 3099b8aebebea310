/** The warehouse port on an embedded DuckDB file: the default of a local stack. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Row, TableDefinition } from '../../tables/define-table';
import {
  analyticsTables,
  orchestrationTables,
  qualifiedName,
  rawTables,
  tables,
  type OrchestrationTableName,
  type RawTableName,
  type TableName,
  type TableRow,
} from '../../tables/catalogue';
import type { DateFenceRow, ManifestRow } from '../../tables/orchestration';
import { decodeRow } from '../decode-row';
import { WarehouseError } from '../errors';
import type {
  FenceToken,
  LoadReport,
  PublishRequest,
  PublishResult,
  StageRequest,
  Warehouse,
} from '../warehouse';
import { DuckDbDatabase, type Session } from './duckdb-database';
import { toWarehouseError } from './duckdb-errors';
import {
  columnList,
  createStatements,
  insertFromJson,
  orderByKey,
  readJsonColumns,
  versionsTable,
} from './duckdb-sql';

const manifests = qualifiedName(tables.partition_manifest);
const fences = qualifiedName(tables.date_fence);

export class DuckDbWarehouse implements Warehouse {
  readonly kind = 'duckdb';

  private constructor(
    private readonly database: DuckDbDatabase,
    private readonly scratch: string,
  ) {}

  /** Opens the file at `path` (`:memory:` for none). `scratchParent` is where loads are spooled. */
  static async open(path: string, scratchParent = tmpdir()): Promise<DuckDbWarehouse> {
    const scratch = await mkdtemp(join(scratchParent, 'phase3-load-'));
    try {
      return new DuckDbWarehouse(await DuckDbDatabase.open(path), scratch);
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      throw error;
    }
  }

  async ensureTables(): Promise<void> {
    await this.database.transaction(async (session) => {
      for (const statement of createStatements()) await session.query(statement);
    });
  }

  async loadRows(table: RawTableName, rows: AsyncIterable<readonly Row[]>): Promise<LoadReport> {
    const definition = rawTables[table];
    const spool = join(this.scratch, `${table}-${Date.now()}-${Math.random().toString(36).slice(2)}.ndjson`);
    try {
      await spoolTo(spool, rows);
      return await this.database.transaction((session) => replacePartitions(session, definition, spool));
    } finally {
      await rm(spool, { force: true });
    }
  }

  async readDate<T extends TableName>(
    gameDate: string,
    names: readonly T[],
  ): Promise<{ [K in T]: readonly TableRow<K>[] }> {
    // One statement for all tables: a snapshot, and DuckDB's cost is by the statement.
    const sql = names
      .map(
        (name) =>
          `SELECT '${name}' AS t, to_json(s)::VARCHAR AS j FROM ${qualifiedName(tables[name])} s WHERE game_date = $1`,
      )
      .join(' UNION ALL ');
    const found = new Map<string, Row[]>(names.map((name) => [name, []]));
    for (const { t, j } of await this.database.read(sql, [gameDate])) {
      const name = String(t) as T;
      found.get(name)?.push(decodeStored(tables[name], JSON.parse(String(j))));
    }
    // Decoded above, table by table: the one place where rows get their static type.
    return Object.fromEntries(found) as unknown as { [K in T]: readonly TableRow<K>[] };
  }

  async countRows(table: TableName, from: string, to: string): Promise<number> {
    const [row] = await this.database.read(
      `SELECT count(*)::INTEGER AS n FROM ${qualifiedName(tables[table])} WHERE game_date BETWEEN $1 AND $2`,
      [from, to],
    );
    return Number(row?.['n'] ?? 0);
  }

  async dateRange(table: TableName): Promise<{ from: string; to: string } | null> {
    const [row] = await this.database.read(
      `SELECT min(game_date)::VARCHAR AS lo, max(game_date)::VARCHAR AS hi FROM ${qualifiedName(tables[table])}`,
    );
    return typeof row?.['lo'] === 'string' && typeof row['hi'] === 'string'
      ? { from: row['lo'], to: row['hi'] }
      : null;
  }

  async stage(request: StageRequest): Promise<readonly Row[]> {
    const table = analyticsTables[request.table];
    const versions = versionsTable(table);
    return this.database.transaction(async (session) => {
      await session.query(`DELETE FROM ${versions} WHERE stage_id = $1`, [request.stageId]);
      await session.query(insertFromJson(versions, table, { stage_id: '$2' }), [
        JSON.stringify(request.rows),
        request.stageId,
      ]);
      const stored = await session.query(
        `SELECT to_json(s)::VARCHAR AS j FROM (SELECT ${columnList(table)} FROM ${versions} WHERE stage_id = $1) s`,
        [request.stageId],
      );
      return stored.map(({ j }) => JSON.parse(String(j)) as Row).map((row) => normalise(table, row));
    });
  }

  async publish(request: PublishRequest): Promise<PublishResult> {
    const { manifest, fence } = request;
    const table = analyticsTables[request.table];
    return this.database.transaction(async (session) => {
      const refusal = await whyRefused(session, request);
      if (refusal) return refusal;
      await session.query(`DELETE FROM ${qualifiedName(table)} WHERE game_date = $1`, [fence.gameDate]);
      const inserted = await session.query(
        `INSERT INTO ${qualifiedName(table)} (${columnList(table)})
         SELECT ${columnList(table)} FROM ${versionsTable(table)} WHERE stage_id = $1 AND game_date = $2 ORDER BY ${orderByKey(table)}
         RETURNING 1 AS one`,
        [manifest.stage_id, fence.gameDate],
      );
      if (inserted.length !== manifest.row_count)
        throw new WarehouseError(
          'contract_broken',
          `Stage ${manifest.stage_id} holds ${inserted.length} rows of ${fence.gameDate} where ${manifest.row_count} were checked`,
        );
      await session.query(insertFromJson(manifests, tables.partition_manifest), [JSON.stringify([manifest])]);
      // What attempts before this one staged and nobody will ask for again.
      await session.query(
        `DELETE FROM ${versionsTable(table)} WHERE game_date = $1 AND stage_id NOT IN (
           SELECT stage_id FROM ${manifests} WHERE game_date = $1
           UNION ALL SELECT stage_id FROM ${qualifiedName(tables.quarantine)} WHERE game_date = $1)`,
        [fence.gameDate],
      );
      return { kind: 'published' };
    });
  }

  async claimDate(token: FenceToken, at: string): Promise<void> {
    await this.database.transaction(async (session) => {
      const held = await readFence(session, token.gameDate);
      // A late attempt of a pass that is over must not take the date back.
      const isOver =
        held?.run_id === token.runId &&
        (held.pass > token.pass || (held.pass === token.pass && held.state === 'closed'));
      if (!isOver) await writeFence(session, token, 'open', at);
    });
  }

  async releaseDate(token: FenceToken, at: string): Promise<void> {
    await this.database.transaction(async (session) => {
      const fence = await readFence(session, token.gameDate);
      if (fence?.run_id === token.runId && fence.pass === token.pass)
        await writeFence(session, token, 'closed', at);
    });
  }

  async append(name: OrchestrationTableName, rows: readonly Row[]): Promise<void> {
    const table = orchestrationTables[name];
    const same = table.key.map((column) => `x.${column} = r.${column}`).join(' AND ');
    await this.database.transaction(async (session) => {
      await session.query(
        `${insertFromJson(qualifiedName(table), table)}
         WHERE NOT EXISTS (SELECT 1 FROM ${qualifiedName(table)} x WHERE ${same})
         QUALIFY row_number() OVER (PARTITION BY ${table.key.map((column) => `r.${column}`).join(', ')}) = 1`,
        [JSON.stringify(rows)],
      );
    });
  }

  async *exportRows(name: TableName, from: string, to: string): AsyncGenerator<readonly Row[]> {
    const table = tables[name];
    const batches = this.database.stream(
      `SELECT to_json(s)::VARCHAR AS j FROM ${qualifiedName(table)} s
       WHERE game_date BETWEEN $1 AND $2 ORDER BY ${orderByKey(table)}`,
      [from, to],
    );
    for await (const rows of batches) yield rows.map(({ j }) => decodeStored(table, JSON.parse(String(j))));
  }

  async close(): Promise<void> {
    await this.database.close();
    await rm(this.scratch, { recursive: true, force: true });
  }
}

/** Writes rows to a file. What the giver throws goes through as it is; a failing disk is ours. */
async function spoolTo(path: string, rows: AsyncIterable<readonly Row[]>): Promise<void> {
  const file = createWriteStream(path);
  let diskError: unknown = null;
  file.once('error', (error) => {
    diskError ??= error;
  });
  try {
    await pipeline(toNdjson(rows), file);
  } catch (error) {
    if (error === diskError) throw toWarehouseError(error, `spooling to ${path}`);
    throw error;
  }
}

async function* toNdjson(batches: AsyncIterable<readonly Row[]>): AsyncGenerator<string> {
  for await (const rows of batches)
    if (rows.length > 0) yield `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
}

async function replacePartitions(
  session: Session,
  table: TableDefinition,
  spool: string,
): Promise<LoadReport> {
  const name = qualifiedName(table);
  await session.query(
    `CREATE OR REPLACE TEMP TABLE incoming AS SELECT ${columnList(table)}
     FROM read_json($1, format = 'newline_delimited', columns = ${readJsonColumns(table)})`,
    [spool],
  );
  const dates = await session.query(
    'SELECT game_date::VARCHAR AS d, count(*)::INTEGER AS n FROM incoming GROUP BY ALL ORDER BY 1',
  );
  await session.query(`DELETE FROM ${name} WHERE game_date IN (SELECT DISTINCT game_date FROM incoming)`);
  await session.query(
    `INSERT INTO ${name} (${columnList(table)}) SELECT ${columnList(table)} FROM incoming ORDER BY game_date`,
  );
  await session.query('DROP TABLE incoming');
  return {
    rows: dates.reduce((sum, row) => sum + Number(row['n']), 0),
    dates: dates.map((row) => String(row['d'])),
  };
}

/** Why a publish must not happen now; null when it may. Read inside the publishing transaction. */
async function whyRefused(session: Session, request: PublishRequest): Promise<PublishResult | null> {
  const { fence, expectedVersion, upstreamVersions } = request;
  const held = await readFence(session, fence.gameDate);
  if (held?.run_id !== fence.runId || held.pass !== fence.pass || held.state !== 'open')
    return {
      kind: 'fenced',
      holder: held ? `run ${held.run_id}, pass ${held.pass} (${held.state})` : 'nobody',
    };
  const rows = await session.query(
    `SELECT to_json(m)::VARCHAR AS j FROM ${manifests} m WHERE game_date = $1
     QUALIFY row_number() OVER (PARTITION BY table_name ORDER BY version DESC) = 1`,
    [fence.gameDate],
  );
  const live = rows.map(
    ({ j }) => decodeStored(tables.partition_manifest, JSON.parse(String(j))) as ManifestRow,
  );
  const versionOf = (name: string): number => live.find((row) => row.table_name === name)?.version ?? 0;
  if (versionOf(request.table) !== expectedVersion)
    return { kind: 'version_moved', live: live.find((row) => row.table_name === request.table) ?? null };
  const moved = upstreamVersions.find(({ tableName, version }) => versionOf(tableName) !== version);
  return moved
    ? { kind: 'upstream_moved', tableName: moved.tableName, version: versionOf(moved.tableName) }
    : null;
}

async function readFence(session: Session, gameDate: string): Promise<DateFenceRow | null> {
  const [row] = await session.query(`SELECT to_json(f)::VARCHAR AS j FROM ${fences} f WHERE game_date = $1`, [
    gameDate,
  ]);
  return row ? (decodeStored(tables.date_fence, JSON.parse(String(row['j']))) as DateFenceRow) : null;
}

async function writeFence(
  session: Session,
  token: FenceToken,
  state: 'open' | 'closed',
  at: string,
): Promise<void> {
  await session.query(`DELETE FROM ${fences} WHERE game_date = $1`, [token.gameDate]);
  await session.query(
    `INSERT INTO ${fences} (game_date, run_id, pass, state, changed_at) VALUES ($1, $2, $3, $4, $5)`,
    [token.gameDate, token.runId, token.pass, state, at],
  );
}

/** A stored row; one that no longer fits its declaration means that somebody altered the table. */
function decodeStored(table: TableDefinition, value: unknown): Row {
  const decoded = decodeRow(table, value);
  if (decoded.ok) return decoded.row;
  const [fault] = decoded.faults;
  throw new WarehouseError(
    'contract_broken',
    `${qualifiedName(table)} holds a row that does not fit its declaration: ${fault?.field} ${fault?.problem}`,
  );
}

/** Staged rows may hold nulls that a check will refuse: decode them leniently. */
function normalise(table: TableDefinition, row: Row): Row {
  const lenient: TableDefinition = {
    ...table,
    columns: Object.fromEntries(
      Object.entries(table.columns).map(([name, column]) => [name, { type: column.type }]),
    ),
  };
  return decodeStored(lenient, row);
}
