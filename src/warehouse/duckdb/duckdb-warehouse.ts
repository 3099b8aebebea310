/** The warehouse port on an embedded DuckDB file: the default of a local stack. */
import { createWriteStream, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pipeline } from 'node:stream/promises';
import type { Arrival } from '../../contracts/arrival';
import type { Row, TableDefinition } from '../../tables/define-table';
import {
  orchestrationTables,
  qualifiedName,
  tableOf,
  type OrchestrationTableName,
  type TableName,
  type TableRow,
} from '../../tables/catalogue';
import type {
  DateFenceRow,
  ManifestRow,
  QuarantineRow,
  RawKeptRow,
  RunHistoryRow,
} from '../../tables/orchestration';
import { addDays } from '../../contracts/game-date';
import { arrivalWindow } from '../arrival-window';
import { storedName, versionsName, type DatasetPrefix } from '../datasets';
import { WarehouseError } from '../errors';
import { isHeldBy, stagesByTable } from '../prune';
import { refusalOf } from '../refusal';
import { refuseShadowLoad } from '../shadow';
import { withSpool } from '../spool';
import { decodeRead, decodeStaged, decodeStored, rowsByTable, tableWithColumns } from '../stored-row';
import type {
  DateRecord,
  FenceToken,
  LoadReport,
  PruneRequest,
  PublishRequest,
  PublishResult,
  StageRequest,
  Warehouse,
} from '../warehouse';
import { DuckDbDatabase, type Session, type Transaction } from './duckdb-database';
import { toWarehouseError } from './duckdb-errors';
import {
  addStatements,
  columnList,
  createStatements,
  echoFromJson,
  existingColumns,
  insertFromJson,
  insertVersionsFromJson,
  isListed,
  misspeltNames,
  orderByKey,
  readJsonColumns,
} from './duckdb-sql';

/** A staged set that nobody published within this time belongs to an attempt that is over: no pass lasts as long. */
const stageLifeMs = 60 * 60 * 1000;

/** Dates of which it is remembered what raw rows are kept: the ones under way. */
const mostRemembered = 32;

/** Publications that are remembered until they have been read back: as many as share a transaction. */
const mostPublished = 16;

const daysOfYear = 366;

interface StagedSet {
  readonly json: string;
  /** What DuckDB makes of it. */
  readonly rows: readonly Row[];
  /** The same rows by what DuckDB spells them as. */
  readonly byText: ReadonlyMap<string, Row>;
  /** In ms since the epoch. */
  readonly since: number;
}

export class DuckDbWarehouse implements Warehouse {
  readonly kind = 'duckdb';
  /** In the order in which they came. */
  private readonly staged = new Map<string, StagedSet>();
  /** Rows of publications by their text, by table and date, oldest first: they are about to be read back. */
  private readonly published = new Map<string, StagedSet['byText']>();
  /**
   * Raw rows that this process has kept, by date: those of one processor are mostly those of the next. `isAll`: it has kept all
   * that there are of the date.
   */
  private readonly rawKnown = new Map<string, { readonly keys: Set<string>; readonly isAll: boolean }>();
  private readonly manifests: string;
  private readonly fences: string;

  private constructor(
    private readonly database: DuckDbDatabase,
    readonly location: string,
    readonly prefix: DatasetPrefix,
    private readonly scratch: string,
  ) {
    this.manifests = this.nameOf(orchestrationTables.partition_manifest);
    this.fences = this.nameOf(orchestrationTables.date_fence);
  }

  /** Opens the file at `path` (`:memory:` for none). `scratch`: the folder in which loads are spooled. */
  static async open(
    path: string,
    scratch = tmpdir(),
    prefix: DatasetPrefix = null,
  ): Promise<DuckDbWarehouse> {
    return new DuckDbWarehouse(await DuckDbDatabase.open(path), path, prefix, scratch);
  }

  async ensureTables(): Promise<void> {
    await this.database.transaction(async (session) => {
      for (const statement of createStatements(this.prefix)) await session.execute(statement);
      const found = await session.query(existingColumns);
      const misspelt = misspeltNames(this.prefix, found);
      if (misspelt.length > 0)
        throw new WarehouseError(
          'contract_broken',
          `The warehouse does not match the declared tables: ${misspelt.join('; ')}.`,
        );
      for (const statement of addStatements(this.prefix, found)) await session.execute(statement);
    });
  }

  async loadRows(table: TableName, rows: AsyncIterable<readonly Row[]>): Promise<LoadReport> {
    refuseShadowLoad(this.prefix);
    const definition = tableOf(table);
    return withSpool(this.scratch, async (spool) => {
      await spoolTo(spool, rows);
      return this.database.transaction((session) => replacePartitions(session, definition, spool), {
        tables: [table],
        gameDate: null,
      });
    });
  }

  async readDate<T extends TableName>(
    gameDate: string,
    names: readonly T[],
    isVerified = false,
  ): Promise<{ [K in T]: readonly TableRow<K>[] }> {
    // What a run would read afterwards is what was found, too.
    if (isVerified) this.database.partitions.forget({ tables: names, gameDate });
    return this.partitionsOf(gameDate, names, (sql, given) => this.database.read(sql, given));
  }

  async countRows(table: TableName, from: string, to: string): Promise<number> {
    const [row] = await this.database.read(
      `SELECT count(*)::INTEGER AS n FROM ${this.nameOf(tableOf(table))} WHERE game_date BETWEEN $1 AND $2`,
      [from, to],
    );
    return Number(row?.['n'] ?? 0);
  }

  async dateRange(table: TableName): Promise<{ from: string; to: string } | null> {
    return this.extentOf(this.nameOf(tableOf(table)));
  }

  /** A file that is here: what is read of it costs nobody anything. */
  bytesToRead(): Promise<null> {
    return Promise.resolve(null);
  }

  async arrivals(table: TableName, before: string, limit: number): Promise<readonly Arrival[]> {
    const { first, last } = arrivalWindow(before);
    const rows = await this.database.read(
      `SELECT game_date::VARCHAR AS d, epoch_ms(max(processed_at)) AS newest FROM ${this.nameOf(tableOf(table))}
       WHERE game_date BETWEEN $1 AND $2 AND processed_at IS NOT NULL
       GROUP BY game_date ORDER BY game_date DESC LIMIT $3`,
      [first, last, limit],
    );
    return rows.map(({ d, newest }) => ({
      gameDate: String(d),
      arrivedAt: new Date(Number(newest)).toISOString(),
    }));
  }

  async stage(request: StageRequest): Promise<readonly Row[]> {
    const table = tableOf(request.table);
    this.forgetLostStages();
    // Kept as it came and read back through DuckDB's types: what is published is made of the same text. So nothing is
    // written before it is known to be good, and staging does not stand in the queue of the writers.
    const json = JSON.stringify(request.rows);
    const echo = await this.database.read(echoFromJson(table), [json]);
    const byText = new Map<string, Row>();
    const rows = echo.map(({ j }) => {
      const row = decodeStaged(table, j);
      byText.set(String(j), row);
      return row;
    });
    const key = stageKey(request.table, request.stageId);
    // Set anew, so that the order stays that of coming.
    this.staged.delete(key);
    this.staged.set(key, { json, rows, byText, since: Date.now() });
    return rows;
  }

  async publish(request: PublishRequest): Promise<PublishResult> {
    const { manifest, fence } = request;
    const table = tableOf(request.table);
    const live = this.nameOf(table);
    const publishing = this.putOnRecord(request, async (session, manifests) => {
      if (this.database.partitions.known(fence.gameDate, request.table)?.length !== 0)
        await session.execute(`DELETE FROM ${live} WHERE game_date = $1`, [fence.gameDate]);
      const { json, rows } = this.keepStaged(session, request.table, manifest.stage_id);
      // Asked here: a condition within the statement costs more than all of it.
      const ofDate = rows.filter((row) => row['game_date'] === fence.gameDate).length;
      requireCount(request, `Stage ${manifest.stage_id}`, ofDate);
      requireCount(request, `Stage ${manifest.stage_id}`, rows.length);
      session.insert(insertFromJson(live, table), json, rows.length);
      await this.keepRaw(session, request, manifests);
    });
    const result = await publishing.catch((error: unknown) => {
      // Nobody knows what became of it.
      this.rawKnown.delete(fence.gameDate);
      throw error;
    });
    if (result.kind === 'published') this.rememberRaw(request);
    const key = stageKey(request.table, manifest.stage_id);
    const byText = this.staged.get(key)?.byText;
    if (result.kind === 'published' && byText) this.rememberPublished(request, byText);
    if (result.kind === 'published') this.staged.delete(key);
    return result;
  }

  async adopt(request: PublishRequest): Promise<PublishResult> {
    const { manifest, fence } = request;
    const table = tableOf(request.table);
    return this.putOnRecord(request, async (session) => {
      const kept = await session.execute(
        `INSERT INTO ${versionsName(table, this.prefix)} (stage_id, ${columnList(table)})
         SELECT $1, ${columnList(table)} FROM ${this.nameOf(table)} WHERE game_date = $2`,
        [manifest.stage_id, fence.gameDate],
      );
      requireCount(request, this.nameOf(table), kept);
    });
  }

  async readKept(name: TableName, gameDate: string, stageId: string): Promise<readonly Row[]> {
    const table = tableOf(name);
    const rows = await this.database.read(
      `SELECT to_json(s)::VARCHAR AS j FROM (
         SELECT ${columnList(table)} FROM ${versionsName(table, this.prefix)}
         WHERE game_date = $1 AND stage_id = $2
       ) s ORDER BY ${orderByKey(table)}`,
      [gameDate, stageId],
    );
    return rows.map(({ j }) => decodeRead(table, j));
  }

  async quarantine(row: QuarantineRow): Promise<void> {
    const name = row.table_name;
    await this.database.transaction(
      async (session) => {
        const [known] = await session.query(
          `SELECT 1 AS one FROM ${this.nameOf(orchestrationTables.quarantine)} WHERE game_date = $1 AND table_name = $2 AND stage_id = $3`,
          [row.game_date, name, row.stage_id],
        );
        if (known) return;
        this.keepStaged(session, name, row.stage_id);
        await this.insertIfAbsent(session, orchestrationTables.quarantine, [row]);
      },
      { tables: ['quarantine'], gameDate: row.game_date },
    );
    this.staged.delete(stageKey(name, row.stage_id));
  }

  async claimDate<T extends TableName = never>(
    token: FenceToken,
    at: string,
    tables: readonly T[] = [],
    unlessHeld = false,
  ): Promise<DateRecord & { [K in T]: readonly TableRow<K>[] }> {
    const { gameDate, runId, pass } = token;
    const fenceOf = orchestrationTables.date_fence;
    const mine = { game_date: gameDate, run_id: runId, pass, state: 'open', changed_at: at };
    const names = [...new Set<TableName>(['date_fence', 'partition_manifest', 'run_history', ...tables])];
    const { found, fence: left } = await this.database.transaction(
      async (session) => {
        const { date_fence: fences = [], ...found } = await this.partitionsInTurn(session, gameDate, names);
        // Decoded by its declaration, from which its type follows.
        const [held] = fences as DateFenceRow[];
        // A late attempt of a pass that is over must not take the date back.
        const isOver =
          held?.run_id === runId && (held.pass > pass || (held.pass === pass && held.state === 'closed'));
        const isOfAnother = unlessHeld && held?.state === 'open' && held.run_id !== runId;
        if (held && (isOver || isOfAnother)) return { found, fence: held };
        if (held)
          await session.execute(
            `UPDATE ${this.fences} SET run_id = $2, pass = $3, state = 'open', changed_at = $4 WHERE game_date = $1`,
            [gameDate, runId, pass, at],
          );
        else session.insert(insertFromJson(this.fences, fenceOf), JSON.stringify([mine]), 1);
        return { found, fence: decodeStored(fenceOf, JSON.stringify(mine)) };
      },
      { tables: ['date_fence'], gameDate },
      ({ fence }) => new Map([['date_fence', [fence]]]),
    );
    // Whoever asks for it wants it as the claim has left it.
    const claimed = tables.some((name) => name === 'date_fence') ? { date_fence: [left] } : {};
    return { ...found, ...claimed } as unknown as DateRecord & { [K in T]: readonly TableRow<K>[] };
  }

  async closePass(token: FenceToken, at: string, row: RunHistoryRow): Promise<void> {
    const { gameDate, runId, pass } = token;
    const { run_history: history, partition_manifest: manifestOf } = orchestrationTables;
    await this.database.transaction(
      async (session) => {
        // In turn, so that it is what is stored.
        const manifests = this.database.partitions.known(gameDate, manifestOf.name);
        await session.execute(
          `UPDATE ${this.fences} SET state = 'closed', changed_at = $4 WHERE game_date = $1 AND run_id = $2 AND pass = $3`,
          [gameDate, runId, pass, at],
        );
        const known = this.database.partitions.known(gameDate, history.name);
        const isNew = known?.every((other) => !isOfKey(history, row)(other)) && row.game_date === gameDate;
        if (isNew) session.insert(insertFromJson(this.nameOf(history), history), JSON.stringify([row]), 1);
        else await this.insertIfAbsent(session, history, [row]);
        return manifests;
      },
      // The pass is over, and with it the reason to remember what it read; who ends it asks once more what it has published.
      { tables: 'all', gameDate },
      (manifests) => new Map(manifests ? [[manifestOf.name, manifests]] : []),
    );
  }

  async prune({ fence, versions, raw }: PruneRequest): Promise<'pruned' | 'fenced'> {
    const { gameDate } = fence;
    const { raw_kept: kept, pruned_version: pruned } = orchestrationTables;
    return this.database.transaction<'pruned' | 'fenced'>(
      async (session) => {
        const { date_fence: fences } = await this.partitionsInTurn(session, gameDate, ['date_fence']);
        if (!isHeldBy(fences[0], fence)) return 'fenced';
        for (const [name, stages] of stagesByTable(versions))
          await session.execute(
            `DELETE FROM ${versionsName(tableOf(name), this.prefix)} WHERE game_date = $1 AND ${isListed('stage_id', '$2')}`,
            [gameDate, JSON.stringify(stages)],
          );
        await session.execute(
          `DELETE FROM ${this.nameOf(kept)} WHERE game_date = $1 AND NOT ${isListed("table_name || ' ' || input_hash", '$2')}`,
          [gameDate, JSON.stringify(raw.map(rawKey))],
        );
        await this.insertIfAbsent(session, pruned, versions);
        this.rawKnown.delete(gameDate);
        return 'pruned';
      },
      { tables: [kept.name, pruned.name], gameDate },
    );
  }

  async append(name: OrchestrationTableName, rows: readonly Row[]): Promise<void> {
    await this.database.transaction((session) => this.insertIfAbsent(session, tableOf(name), rows), {
      tables: [name],
      gameDate: null,
    });
  }

  async *exportRows(name: TableName, from: string, to: string): AsyncGenerator<readonly Row[]> {
    const table = tableOf(name);
    const batches = this.database.stream(
      exportSql(this.nameOf(table), '*', table),
      await this.yearsOf(this.nameOf(table), from, to),
    );
    for await (const rows of batches) yield rows.map(({ j }) => decodeRead(table, j));
  }

  async *exportLive(name: TableName, from: string, to: string): AsyncGenerator<readonly Row[]> {
    const table = tableOf(name);
    const found = await this.database.read(
      `SELECT column_name AS name FROM duckdb_columns()
       WHERE NOT internal AND schema_name = $1 AND table_name = $2`,
      [table.dataset, table.name],
    );
    const known = tableWithColumns(
      table,
      new Set(found.map((column) => String(column['name']))),
      this.location,
    );
    const batches = this.database.stream(
      exportSql(qualifiedName(table), columnList(known), table),
      await this.yearsOf(qualifiedName(table), from, to),
    );
    for await (const rows of batches) yield rows.map(({ j }) => decodeStored(known, j));
  }

  /**
   * The range in pieces of a year: what a piece is sorted in stands in memory for as long as its reader takes, and several readers may
   * be slow.
   */
  private async yearsOf(stored: string, from: string, to: string): Promise<[string, string][]> {
    if (addDays(from, daysOfYear) > to) return [[from, to]];
    const extent = await this.extentOf(stored);
    if (!extent) return [];
    const pieces: [string, string][] = [];
    const last = extent.to < to ? extent.to : to;
    let begin = extent.from > from ? extent.from : from;
    while (begin <= last) {
      const end = addDays(begin, daysOfYear - 1);
      pieces.push([begin, end < last ? end : last]);
      begin = addDays(begin, daysOfYear);
    }
    return pieces;
  }

  /** The first and the last date that a stored table has rows of; null where it has none. */
  private async extentOf(stored: string): Promise<{ from: string; to: string } | null> {
    const [row] = await this.database.read(
      `SELECT min(game_date)::VARCHAR AS lo, max(game_date)::VARCHAR AS hi FROM ${stored}`,
    );
    return typeof row?.['lo'] === 'string' && typeof row['hi'] === 'string'
      ? { from: row['lo'], to: row['hi'] }
      : null;
  }

  async copyTo(path: string): Promise<void> {
    if (existsSync(path))
      throw new WarehouseError(
        'bad_rows',
        `${path} is there already; a copy of the warehouse needs a new file.`,
      );
    await this.database.copyTo(path);
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  private nameOf(table: TableDefinition): string {
    return storedName(table, this.prefix);
  }

  /** Partitions that are known, and one statement for all others: a snapshot, and DuckDB's cost is by the statement. */
  private async partitionsOf<T extends TableName>(
    gameDate: string,
    names: readonly T[],
    read: (sql: string, parameters: string[]) => Promise<Row[]>,
  ): Promise<{ [K in T]: readonly TableRow<K>[] }> {
    const found = await this.database.partitions.read(gameDate, names, async (missing) => {
      const answer = await read(this.readSql(missing), [gameDate]);
      const rows = rowsByTable(missing, answer, (table, text) =>
        this.published.get(publishedKey(table, gameDate))?.get(text),
      );
      return new Map(missing.map((name) => [name, rows[name] ?? []]));
    });
    // Each table's rows are of its own type, which a map does not tell.
    return Object.fromEntries(found) as unknown as { [K in T]: readonly TableRow<K>[] };
  }

  /**
   * The same to whose turn it is to write, before he has written anything: nobody else writes meanwhile, so what is known is
   * what is stored.
   */
  private async partitionsInTurn<T extends TableName>(
    session: Session,
    gameDate: string,
    names: readonly T[],
  ): Promise<{ [K in T]: readonly TableRow<K>[] }> {
    return this.partitionsOf(gameDate, names, (sql, given) => session.query(sql, given));
  }

  private readSql(names: readonly TableName[]): string {
    return names
      .map(
        (name) =>
          `SELECT '${name}' AS t, to_json(s)::VARCHAR AS j FROM ${this.nameOf(tableOf(name))} s WHERE game_date = $1`,
      )
      .join(' UNION ALL ');
  }

  /**
   * Unless it is refused: does `work` and writes the manifest, in one transaction. Nothing of it is remembered: whoever reads it
   * back reads what is stored.
   */
  private async putOnRecord(
    request: PublishRequest,
    work: (session: Transaction, manifests: readonly ManifestRow[]) => Promise<void>,
  ): Promise<PublishResult> {
    const { gameDate } = request.fence;
    const { partition_manifest: manifestOf } = orchestrationTables;
    return this.database.transaction<PublishResult>(
      async (session) => {
        const { date_fence: fences, partition_manifest: known } = await this.partitionsInTurn(
          session,
          gameDate,
          ['date_fence', 'partition_manifest'],
        );
        const refusal = refusalOf(request, fences[0] ?? null, known);
        if (refusal) return refusal;
        const { manifest } = request;
        // Its rows would be those of two versions.
        if (known.some((other) => other.table_name === request.table && other.stage_id === manifest.stage_id))
          throw new WarehouseError(
            'contract_broken',
            `Stage ${manifest.stage_id} of ${request.table} was kept before, as another version.`,
          );
        await work(session, known);
        session.insert(insertFromJson(this.manifests, manifestOf), JSON.stringify([manifest]), 1);
        return { kind: 'published' };
      },
      { tables: [request.table, manifestOf.name, orchestrationTables.raw_kept.name], gameDate },
    );
  }

  /** Writes a staged set to where versions are kept, under its stage id. */
  private keepStaged(session: Transaction, name: TableName, stageId: string): StagedSet {
    const table = tableOf(name);
    const staged = this.staged.get(stageKey(name, stageId));
    if (!staged)
      throw new WarehouseError('contract_broken', `Nothing is staged for ${name} under ${stageId}`);
    const version = `[{"stage":${JSON.stringify(stageId)},"rows":${staged.json}}]`;
    session.insert(
      insertVersionsFromJson(versionsName(table, this.prefix), table),
      version,
      staged.rows.length,
    );
    return staged;
  }

  /** Keeps the raw rows of a publication that are not there yet. `manifests`: all of the date, before it. */
  private async keepRaw(
    session: Transaction,
    { fence, raw = [] }: PublishRequest,
    manifests: readonly ManifestRow[],
  ): Promise<void> {
    const { gameDate } = fence;
    // Raw rows come with manifests only.
    if (manifests.length === 0) this.rawKnown.set(gameDate, { keys: new Set(), isAll: true });
    const known = this.rawKnown.get(gameDate);
    const missing = raw.filter((row) => !known?.keys.has(rawKey(row)));
    const { raw_kept: kept } = orchestrationTables;
    if (missing.length === 0) return;
    // Asking for each whether it is there costs twice as much as writing it.
    if (known?.isAll)
      session.insert(insertFromJson(this.nameOf(kept), kept), JSON.stringify(missing), missing.length);
    else await this.insertIfAbsent(session, kept, missing);
  }

  private rememberPublished({ table, fence }: PublishRequest, byText: StagedSet['byText']): void {
    const key = publishedKey(table, fence.gameDate);
    this.published.delete(key);
    this.published.set(key, byText);
    for (const oldest of this.published.keys()) {
      if (this.published.size <= mostPublished) return;
      this.published.delete(oldest);
    }
  }

  private rememberRaw({ fence: { gameDate }, raw = [] }: PublishRequest): void {
    const known = this.rawKnown.get(gameDate) ?? { keys: new Set<string>(), isAll: false };
    for (const row of raw) known.keys.add(rawKey(row));
    this.rawKnown.delete(gameDate);
    this.rawKnown.set(gameDate, known);
    for (const oldest of this.rawKnown.keys()) {
      if (this.rawKnown.size <= mostRemembered) return;
      this.rawKnown.delete(oldest);
    }
  }

  /** Attempts that were lost between staging and publishing leave their sets behind. */
  private forgetLostStages(): void {
    for (const [key, { since }] of this.staged) {
      // In the order in which they came.
      if (Date.now() - since < stageLifeMs) return;
      this.staged.delete(key);
    }
  }

  private async insertIfAbsent(
    session: Session,
    table: TableDefinition,
    rows: readonly Row[],
  ): Promise<void> {
    const same = table.key.map((column) => `x.${column} = r.${column}`).join(' AND ');
    await session.execute(
      `${insertFromJson(this.nameOf(table), table)}
       WHERE NOT EXISTS (SELECT 1 FROM ${this.nameOf(table)} x WHERE ${same})
       QUALIFY row_number() OVER (PARTITION BY ${table.key.map((column) => `r.${column}`).join(', ')}) = 1`,
      [JSON.stringify(rows)],
    );
  }
}

/** Sorted before it is encoded: as JSON a row takes several times its room. */
function exportSql(stored: string, columns: string, table: TableDefinition): string {
  return `SELECT to_json(s)::VARCHAR AS j FROM (
    SELECT ${columns} FROM ${stored} WHERE game_date BETWEEN $1 AND $2 ORDER BY ${orderByKey(table)}
  ) s`;
}

function requireCount({ manifest }: PublishRequest, where: string, found: number): void {
  if (found !== manifest.row_count)
    throw new WarehouseError(
      'contract_broken',
      `${where} holds ${found} rows of ${manifest.game_date} where ${manifest.row_count} were checked`,
    );
}

function rawKey({
  table_name: table,
  input_hash: hash,
}: Pick<RawKeptRow, 'table_name' | 'input_hash'>): string {
  return `${table} ${hash}`;
}

/** Whether a row is another of the same key. */
function isOfKey({ key }: TableDefinition, row: Row): (other: Row) => boolean {
  return (other) => key.every((column) => other[column] === row[column]);
}

function publishedKey(table: TableName, gameDate: string): string {
  return `${table} ${gameDate}`;
}

function stageKey(table: TableName, stageId: string): string {
  return `${table} ${stageId}`;
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
  await session.execute(
    `CREATE OR REPLACE TEMP TABLE incoming AS SELECT ${columnList(table)}
     FROM read_json($1, format = 'newline_delimited', columns = ${readJsonColumns(table)})`,
    [spool],
  );
  const dates = await session.query(
    'SELECT game_date::VARCHAR AS d, count(*)::INTEGER AS n FROM incoming GROUP BY ALL ORDER BY 1',
  );
  const those = `FROM ${name} WHERE game_date IN (SELECT DISTINCT game_date FROM incoming)`;
  const [before] = await session.query(`SELECT count(*)::INTEGER AS n ${those}`);
  await session.execute(`DELETE ${those}`);
  await session.execute(
    `INSERT INTO ${name} (${columnList(table)}) SELECT ${columnList(table)} FROM incoming ORDER BY game_date`,
  );
  await session.execute('DROP TABLE incoming');
  return {
    rows: dates.reduce((sum, row) => sum + Number(row['n']), 0),
    replaced: Number(before?.['n'] ?? 0),
    dates: dates.map((row) => String(row['d'])),
  };
}
