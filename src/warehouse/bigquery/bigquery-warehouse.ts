/** The warehouse port on BigQuery: production. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { pipeline } from 'node:stream/promises';
import type { Arrival } from '../../contracts/arrival';
import { shadowPrefix } from '../../contracts/shadow-prefix';
import {
  analyticsTables,
  isAnalyticsTableName,
  orchestrationTables,
  qualifiedName,
  tableOf,
  tables,
  type OrchestrationTableName,
  type TableName,
  type TableRow,
} from '../../tables/catalogue';
import type { Row, TableDefinition } from '../../tables/define-table';
import type { DateFenceRow, ManifestRow, QuarantineRow, RunHistoryRow } from '../../tables/orchestration';
import { arrivalWindow } from '../arrival-window';
import { datasetOf, storedName, versionsName, type DatasetPrefix } from '../datasets';
import { WarehouseError } from '../errors';
import { versionsTable } from '../our-tables';
import { stagesByTable } from '../prune';
import { refusalOf } from '../refusal';
import { refuseShadowLoad } from '../shadow';
import { withSpool } from '../spool';
import {
  decodeRead,
  decodeStaged,
  decodeStored,
  lenient,
  requireRow,
  rowsByTable,
  tableWithColumns,
} from '../stored-row';
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
import type { BigQuerySettings } from './bigquery-client';
import { BigQueryJobs, type DatasetMetadata } from './bigquery-jobs';
import { datesParameter, parameters, rowsParameter, textsParameter, together } from './bigquery-parameters';
import { BigQuerySql } from './bigquery-sql';
import { Turns } from './turns';
import {
  columnsOf,
  datasetFaults,
  extendedSchema,
  schemaFaults,
  schemaOf,
  tableMetadata,
} from './bigquery-tables';

/** Staged sets are kept by nobody: their tables go by themselves. Longer than any pass lasts. */
const stageLifeMs = 3 * 24 * 60 * 60 * 1000;

const rowsPerPage = 1_000;

export interface BigQueryWarehouseSettings extends BigQuerySettings {
  /** How long a write keeps the others waiting, in ms: far longer than one takes, far shorter than one that hangs. */
  readonly longestTurnMs?: number;
  /**
   * How long BigQuery may answer nothing while the tables are made sure of, before its first answer and after it. Left out:
   * as long as each request may.
   */
  readonly startPatience?: { readonly firstMs: number; readonly furtherMs: number };
}

interface EnsuredTable {
  readonly faults: readonly string[];
  /** Left out where no column is to be added. */
  readonly addColumns?: () => Promise<void>;
}

export class BigQueryWarehouse implements Warehouse {
  readonly kind = 'bigquery';
  readonly location: string;
  private readonly sql: BigQuerySql;
  private readonly jobs: BigQueryJobs;
  private readonly turns: Turns;

  private constructor(
    private readonly settings: BigQueryWarehouseSettings,
    readonly prefix: DatasetPrefix,
    private readonly scratch: string,
  ) {
    this.turns = new Turns(settings.longestTurnMs ?? 20_000);
    this.location = `${settings.projectId} (${settings.location})`;
    this.sql = new BigQuerySql(settings.projectId, prefix);
    this.jobs = new BigQueryJobs(settings);
  }

  /** Opens a project. Nothing is asked of it yet. `scratch`: the folder in which files are spooled before they are loaded. */
  static open(
    settings: BigQueryWarehouseSettings,
    prefix: DatasetPrefix = null,
    scratch = tmpdir(),
  ): BigQueryWarehouse {
    return new BigQueryWarehouse(settings, prefix, scratch);
  }

  async ensureTables(): Promise<void> {
    const { startPatience } = this.settings;
    await (startPatience === undefined
      ? this.ensureAll()
      : this.jobs.whileAnswered(startPatience, () => this.ensureAll()));
  }

  private async ensureAll(): Promise<void> {
    const written = Object.values(tables).filter(
      (table) => this.prefix === null || table.dataset !== 'nba_raw',
    );
    const datasets = new Set(written.map((table) => datasetOf(table.dataset, this.prefix)));
    refuse(
      await Promise.all([
        ...[...datasets].map((dataset) => this.ensureDataset(dataset)),
        ...(this.prefix === null ? [] : [this.faultsOfRaw()]),
      ]),
    );
    const ensured = await Promise.all([
      ...Object.values(tables).map((table) => this.ensureTable(storedName(table, this.prefix), table)),
      ...Object.values(analyticsTables).map((table) =>
        this.ensureTable(versionsName(table, this.prefix), versionsTable(table)),
      ),
    ]);
    // Where the start is refused no table is altered.
    refuse(ensured.map((one) => one.faults));
    await Promise.all(ensured.map(async ({ addColumns }) => addColumns?.()));
  }

  async loadRows(name: TableName, rows: AsyncIterable<readonly Row[]>): Promise<LoadReport> {
    refuseShadowLoad(this.prefix);
    const table = tableOf(name);
    const request = createHash('sha256').update(`${name} ${Date.now()} ${Math.random()}`).digest('hex');
    return this.staging(table, `load_${request.slice(0, 32)}`, async (stage, dataset, id) => {
      const count = await withSpool(this.scratch, async (file) => {
        const spooled = await spoolTo(file, table, rows);
        const load = { operation: 'load', dataset, table: id, file, schema: schemaOf(table) } as const;
        if (spooled > 0) await this.jobs.load(load);
        return spooled;
      });
      if (count === 0) return { rows: 0, replaced: 0, dates: [] };
      const found = await this.jobs.run({
        operation: 'load',
        sql: this.sql.stagedDates(stage),
        parameters: parameters({}),
      });
      const dates = found.map((row) => String(row['d']));
      const those = parameters(
        { first: ['DATE', dates[0] ?? null], last: ['DATE', dates.at(-1) ?? null] },
        datesParameter('dates', dates),
      );
      const replaced = await this.turns.take(async () => {
        const job = { operation: 'load', parameters: those, labels: { table: name } } as const;
        const [before] = await this.jobs.run({ ...job, sql: this.sql.rowsOnDates(table) });
        await this.jobs.run({ ...job, sql: this.sql.replacePartitions(table, stage) });
        return Number(before?.['n'] ?? 0);
      });
      return { replaced, rows: found.reduce((sum, row) => sum + Number(row['n']), 0), dates };
    });
  }

  async readDate<T extends TableName>(
    gameDate: string,
    names: readonly T[],
  ): Promise<{ [K in T]: readonly TableRow<K>[] }> {
    const answer = await this.jobs.run({
      operation: 'read',
      sql: this.sql.readDate(names),
      parameters: parameters({ game_date: ['DATE', gameDate] }),
      labels: { game_date: gameDate },
    });
    return rowsByTable(names, answer);
  }

  async countRows(name: TableName, from: string, to: string): Promise<number> {
    const [row] = await this.jobs.run({
      operation: 'count',
      sql: this.sql.countRows(tableOf(name)),
      parameters: parameters({ first: ['DATE', from], last: ['DATE', to] }),
    });
    return Number(row?.['n'] ?? 0);
  }

  async bytesToRead(names: readonly TableName[], from: string, to: string): Promise<number> {
    const bytes = names.map((name) =>
      this.jobs.dryRun({
        operation: 'estimate',
        sql: this.sql.exportRows(tableOf(name)),
        parameters: parameters({ first: ['DATE', from], last: ['DATE', to] }),
        labels: { table: name },
      }),
    );
    return (await Promise.all(bytes)).reduce((sum, one) => sum + one, 0);
  }

  async dateRange(name: TableName): Promise<{ from: string; to: string } | null> {
    const [row] = await this.jobs.run({
      operation: 'range',
      sql: this.sql.dateRange(tableOf(name)),
      parameters: parameters({}),
    });
    return typeof row?.['lo'] === 'string' && typeof row['hi'] === 'string'
      ? { from: row['lo'], to: row['hi'] }
      : null;
  }

  async arrivals(name: TableName, before: string, limit: number): Promise<readonly Arrival[]> {
    const { first, last } = arrivalWindow(before);
    const answer = await this.jobs.run({
      operation: 'arrivals',
      sql: this.sql.arrivals(tableOf(name)),
      parameters: parameters({ first: ['DATE', first], last: ['DATE', last], most: ['INT64', limit] }),
      labels: { table: name },
    });
    return answer.map(({ d, newest }) => ({
      gameDate: String(d),
      arrivedAt: new Date(Number(newest)).toISOString(),
    }));
  }

  async stage(request: StageRequest): Promise<readonly Row[]> {
    const table = tableOf(request.table);
    const id = stageTable(request.table, request.stageId);
    const dataset = datasetOf('nba_orchestration', this.prefix);
    const lines = request.rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    // An empty file says nothing of the rows that an earlier set of this id left.
    if (request.rows.length === 0) await this.jobs.deleteTable(dataset, id);
    await this.createStage(lenient(table), dataset, id);
    if (request.rows.length === 0) return [];
    await withSpool(this.scratch, async (file) => {
      await writeFile(file, lines);
      const schema = schemaOf(lenient(table));
      await this.jobs.load({ operation: 'stage', dataset, table: id, file, schema });
    });
    const stored = await this.jobs.run({
      operation: 'stage',
      sql: this.sql.readStaged(table, `${dataset}.${id}`),
      parameters: parameters({}),
      labels: { table: request.table, game_date: request.gameDate },
    });
    return stored.map(({ j }) => decodeStaged(table, j));
  }

  async publish(request: PublishRequest): Promise<PublishResult> {
    const stage = this.stageName(request.table, request.manifest.stage_id);
    return this.putOnRecord(
      'publish',
      this.sql.publish(tableOf(request.table), stage, request.raw !== undefined),
      request,
    );
  }

  async adopt(request: PublishRequest): Promise<PublishResult> {
    return this.putOnRecord('adopt', this.sql.adopt(tableOf(request.table)), request);
  }

  async readKept(name: TableName, gameDate: string, stageId: string): Promise<readonly Row[]> {
    const table = tableOf(name);
    const rows = await this.jobs.run({
      operation: 'kept',
      sql: this.sql.readKept(table),
      parameters: parameters({ game_date: ['DATE', gameDate], stage_id: ['STRING', stageId] }),
      labels: { table: name, game_date: gameDate },
    });
    return rows.map(({ j }) => decodeRead(table, j));
  }

  async quarantine(row: QuarantineRow): Promise<void> {
    const name = requireAnalytics(row.table_name);
    const checked = requireRow(orchestrationTables.quarantine, row);
    await this.turns.take(() =>
      this.jobs.run({
        operation: 'quarantine',
        requestKey: JSON.stringify([this.prefix, row]),
        labels: { table: name, game_date: row.game_date },
        sql: this.sql.quarantine(tableOf(name), this.stageName(name, row.stage_id)),
        parameters: parameters(
          {
            game_date: ['DATE', row.game_date],
            stage_id: ['STRING', row.stage_id],
            first: ['DATE', row.game_date],
            last: ['DATE', row.game_date],
          },
          rowsParameter('rows', orchestrationTables.quarantine, [checked]),
        ),
      }),
    );
  }

  async claimDate<T extends TableName = never>(
    token: FenceToken,
    at: string,
    tables: readonly T[] = [],
    unlessHeld = false,
  ): Promise<DateRecord & { [K in T]: readonly TableRow<K>[] }> {
    const names = [...new Set<TableName>(['partition_manifest', 'run_history', ...tables])];
    const answer = await this.turns.take(() =>
      this.jobs.run({
        operation: 'claim',
        sql: this.sql.claimDate(names, unlessHeld),
        parameters: parameters(fenceParameters(token, at)),
        labels: { game_date: token.gameDate },
      }),
    );
    return rowsByTable(names, answer) as unknown as DateRecord & { [K in T]: readonly TableRow<K>[] };
  }

  async closePass(token: FenceToken, at: string, row: RunHistoryRow): Promise<void> {
    const checked = requireRow(orchestrationTables.run_history, row);
    await this.turns.take(() =>
      this.jobs.run({
        operation: 'close',
        sql: this.sql.closePass(),
        parameters: parameters(
          {
            ...fenceParameters(token, at),
            first: ['DATE', row.game_date],
            last: ['DATE', row.game_date],
          },
          rowsParameter('rows', orchestrationTables.run_history, [checked]),
        ),
        labels: { game_date: token.gameDate },
      }),
    );
  }

  async prune({ fence, versions, raw }: PruneRequest): Promise<'pruned' | 'fenced'> {
    const stages = [...stagesByTable(versions)];
    const [answer] = await this.turns.take(() =>
      this.jobs.run({
        operation: 'prune',
        sql: this.sql.prune(stages.map(([name]) => requireAnalytics(name))),
        parameters: parameters(
          {
            game_date: ['DATE', fence.gameDate],
            run_id: ['STRING', fence.runId],
            pass: ['INT64', fence.pass],
          },
          together(
            rowsParameter('rows', orchestrationTables.pruned_version, versions),
            textsParameter(
              'stages',
              stages.flatMap(([name, ids]) => ids.map((id) => `${name} ${id}`)),
            ),
            textsParameter(
              'raw',
              raw.map(({ table_name: table, input_hash: hash }) => `${table} ${hash}`),
            ),
          ),
        ),
        labels: { game_date: fence.gameDate },
      }),
    );
    return answer?.['outcome'] === 'pruned' ? 'pruned' : 'fenced';
  }

  async append(name: OrchestrationTableName, rows: readonly Row[]): Promise<void> {
    const table = tableOf(name);
    const decoded = onePerKey(
      table,
      rows.map((row) => requireRow(table, row)),
    );
    const dates = decoded.map((row) => String(row['game_date'])).sort();
    if (dates.length === 0) return;
    await this.turns.take(() =>
      this.jobs.run({
        operation: 'append',
        // By the keys, so that whoever appends another row under one of them has to wait; and then looks for himself.
        requestKey: JSON.stringify([
          this.prefix,
          name,
          decoded.map((row) => table.key.map((column) => row[column])),
        ]),
        stillHolds: () => false,
        sql: this.sql.append(table),
        parameters: parameters(
          { first: ['DATE', dates[0] ?? null], last: ['DATE', dates.at(-1) ?? null] },
          rowsParameter('rows', table, decoded),
        ),
        labels: { table: name },
      }),
    );
  }

  async *exportRows(name: TableName, from: string, to: string): AsyncGenerator<readonly Row[]> {
    const table = tableOf(name);
    for await (const rows of this.pages(this.sql.exportRows(table), name, from, to))
      yield rows.map(({ j }) => decodeRead(table, j));
  }

  async *exportLive(name: TableName, from: string, to: string): AsyncGenerator<readonly Row[]> {
    const table = tableOf(name);
    const found = await this.jobs.tableMetadata(table.dataset, table.name);
    const known = tableWithColumns(table, found ? columnsOf(found) : new Set(), this.location);
    const columns = Object.keys(known.columns);
    const sql = this.sql.exportRows(table, this.sql.quoted(qualifiedName(table)), columns);
    for await (const rows of this.pages(sql, name, from, to))
      yield rows.map(({ j }) => decodeStored(known, j));
  }

  async removeShadow(token: string): Promise<void> {
    const prefix = shadowPrefix(this.prefix, token);
    for (const dataset of ['nba_analytics', 'nba_orchestration'] as const)
      await this.jobs.deleteDataset(datasetOf(dataset, prefix));
  }

  async close(): Promise<void> {
    await this.turns.take(async () => this.jobs.close());
  }

  private async putOnRecord(
    operation: 'publish' | 'adopt',
    sql: string,
    request: PublishRequest,
  ): Promise<PublishResult> {
    const { fence, manifest } = request;
    const rows = rowsParameter('rows', orchestrationTables.partition_manifest, [manifest]);
    const upstreams = request.upstreamVersions.map(({ tableName, version }) => ({
      table_name: tableName,
      version: String(version),
    }));
    const answer = await this.turns.take(() =>
      this.jobs.run({
        operation,
        sql,
        requestKey: JSON.stringify([this.prefix, request]),
        // A refusal says how things stood then; only what went through stays so.
        stillHolds: ([row]) => row?.['refusal'] === null,
        labels: { table: request.table, game_date: fence.gameDate },
        parameters: parameters(
          {
            game_date: ['DATE', fence.gameDate],
            run_id: ['STRING', fence.runId],
            pass: ['INT64', fence.pass],
            table_name: ['STRING', request.table],
            expected_version: ['INT64', request.expectedVersion],
            row_count: ['INT64', manifest.row_count],
            stage_id: ['STRING', manifest.stage_id],
          },
          together(
            rows,
            { values: { upstreams }, types: { upstreams: [{ table_name: 'STRING', version: 'INT64' }] } },
            ...(request.raw ? [rowsParameter('raw', orchestrationTables.raw_kept, request.raw)] : []),
          ),
        ),
      }),
    );
    return readPublishAnswer(request, answer);
  }

  /** Creates a dataset that is missing. Of one that is there: what is wrong with it, as sentences. */
  private async ensureDataset(name: string): Promise<string[]> {
    const found = await this.jobs.datasetMetadata(name);
    if (found) return this.faultsOfDataset(name, found, name !== 'nba_raw');
    await this.jobs.createDataset(name);
    return [];
  }

  /** A shadow run only reads raw data; whether it may look at the dataset itself is not certain. */
  private async faultsOfRaw(): Promise<string[]> {
    const found = await this.jobs.datasetMetadata('nba_raw').catch((error: unknown) => {
      if (error instanceof WarehouseError && error.kind === 'needs_person') return null;
      throw error;
    });
    return found ? this.faultsOfDataset('nba_raw', found, false) : [];
  }

  private faultsOfDataset(name: string, found: DatasetMetadata, isOurs: boolean): string[] {
    return datasetFaults(found, this.settings.location, isOurs).map((fault) => `dataset ${name} ${fault}`);
  }

  /**
   * Creates a table that is missing. Of one that is there: what is wrong with it, as sentences, and what gives it the
   * columns it lacks.
   */
  private async ensureTable(name: string, table: TableDefinition): Promise<EnsuredTable> {
    const [dataset = '', id = ''] = name.split('.');
    const found = await this.jobs.tableMetadata(dataset, id);
    if (!found) {
      if (this.prefix !== null && table.dataset === 'nba_raw')
        return { faults: [`there is no table ${name} to read from`] };
      await this.jobs.createTable(dataset, id, tableMetadata(table));
      return { faults: [] };
    }
    const schema = extendedSchema(table, found);
    return {
      faults: schemaFaults(table, found).map((fault) => `${name} ${fault}`),
      ...(schema && { addColumns: () => this.jobs.extendTable(dataset, id, schema) }),
    };
  }

  private async createStage(table: TableDefinition, dataset: string, id: string): Promise<void> {
    const expirationTime = String(Date.now() + stageLifeMs);
    await this.jobs.createTable(dataset, id, tableMetadata(table, { expirationTime }));
  }

  /** Works with a staging table of its own, which is gone afterwards. */
  private async staging<T>(
    table: TableDefinition,
    id: string,
    work: (stage: string, dataset: string, id: string) => Promise<T>,
  ): Promise<T> {
    const dataset = datasetOf('nba_orchestration', this.prefix);
    await this.createStage(table, dataset, id);
    try {
      return await work(`${dataset}.${id}`, dataset, id);
    } finally {
      // It expires by itself if this fails.
      await this.jobs.deleteTable(dataset, id).catch(() => undefined);
    }
  }

  private stageName(table: TableName, stageId: string): string {
    return `${datasetOf('nba_orchestration', this.prefix)}.${stageTable(table, stageId)}`;
  }

  private pages(sql: string, name: TableName, from: string, to: string): AsyncGenerator<Row[]> {
    const given = parameters({ first: ['DATE', from], last: ['DATE', to] });
    return this.jobs.pages(
      { operation: 'export', sql, parameters: given, labels: { table: name } },
      rowsPerPage,
    );
  }
}

function refuse(faults: readonly (readonly string[])[]): void {
  const all = faults.flat();
  if (all.length > 0)
    throw new WarehouseError(
      'contract_broken',
      `The warehouse does not match the declared tables: ${all.join('; ')}.`,
    );
}

function readPublishAnswer(request: PublishRequest, [answer]: readonly Row[]): PublishResult {
  if (answer?.['refusal'] === null) return { kind: 'published' };
  const { manifest } = request;
  const refusal = refusalOf(
    request,
    onlyOne(decodeAll<DateFenceRow>(orchestrationTables.date_fence, answer?.['fences'])),
    decodeAll<ManifestRow>(orchestrationTables.partition_manifest, answer?.['manifests']),
  );
  if (refusal) return refusal;
  throw new WarehouseError(
    'contract_broken',
    answer?.['refusal'] === 'stage_kept'
      ? `Stage ${manifest.stage_id} was kept before, as another version of ${request.table}`
      : `Stage ${manifest.stage_id} does not hold the ${manifest.row_count} rows of ${manifest.game_date} that were checked`,
  );
}

/** Two holders are none: claims collided, and the next pass claims the date anew. */
function onlyOne<T>(rows: readonly T[]): T | null {
  return rows.length === 1 ? (rows[0] ?? null) : null;
}

function decodeAll<R>(table: TableDefinition, texts: unknown): R[] {
  return (Array.isArray(texts) ? texts : []).map(
    // Decoded by its declaration, from which R follows.
    (text) => decodeStored(table, text) as unknown as R,
  );
}

function fenceParameters(token: FenceToken, at: string): Parameters<typeof parameters>[0] {
  return {
    game_date: ['DATE', token.gameDate],
    run_id: ['STRING', token.runId],
    pass: ['INT64', token.pass],
    at: ['TIMESTAMP', at],
  };
}

/** A staged set has a table of its own: load jobs into one table are rationed by the day. */
function stageTable(table: TableName, stageId: string): string {
  return `stage_${table}_${createHash('sha256').update(stageId).digest('hex').slice(0, 32)}`;
}

function requireAnalytics(name: string): TableName {
  if (isAnalyticsTableName(name)) return name;
  throw new WarehouseError(
    'bad_rows',
    `nba_orchestration.quarantine: table_name is "${name}", expected an analytics table`,
  );
}

function onePerKey(table: TableDefinition, rows: readonly Row[]): Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const key = JSON.stringify(table.key.map((column) => row[column]));
    if (!byKey.has(key)) byKey.set(key, row);
  }
  return [...byKey.values()];
}

/** Writes rows to a file and returns their number. What the giver throws goes through as it is. */
async function spoolTo(
  path: string,
  table: TableDefinition,
  batches: AsyncIterable<readonly Row[]>,
): Promise<number> {
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const rows of batches) {
      count += rows.length;
      if (rows.length > 0) yield `${rows.map((row) => JSON.stringify(requireRow(table, row))).join('\n')}\n`;
    }
  }
  await pipeline(lines(), createWriteStream(path));
  return count;
}
