/**
 * The warehouse port in memory, with the semantics of the DuckDB adapter: fence, expected version, upstream versions, stages,
 * quarantine, append-if-absent, closing a pass. Every operation waits for its turn, which the simulation gives.
 */
import { contentHash } from '../../src/publishing/fingerprint';
import { orchestrationTables, tableOf, type TableName, type TableRow } from '../../src/tables/catalogue';
import type { Row, TableDefinition } from '../../src/tables/define-table';
import type { DateFenceRow, ManifestRow, QuarantineRow, RunHistoryRow } from '../../src/tables/orchestration';
import { WarehouseError } from '../../src/warehouse/errors';
import { isHeldBy } from '../../src/warehouse/prune';
import { refusalOf } from '../../src/warehouse/refusal';
import type {
  DateRecord,
  FenceToken,
  PruneRequest,
  PublishRequest,
  PublishResult,
  StageRequest,
  Warehouse,
} from '../../src/warehouse/warehouse';

/** Lets an operation wait; `effect` is what it does at its turn. */
export type Turn = <T>(name: string, effect: () => T) => Promise<T>;

/** What is told of effects, at the instant at which they happen. */
export interface Effects {
  claimed(token: FenceToken): void;
  /** `isSpoiled`: its rows are not stored as they were given. */
  published(request: PublishRequest, isSpoiled: boolean): void;
  appended(table: TableName, rows: readonly Row[]): void;
  closed(token: FenceToken, row: RunHistoryRow): void;
}

/** Holds one date. */
export class MemoryWarehouse implements Warehouse {
  readonly kind = 'duckdb';
  readonly location = 'memory';
  readonly prefix = null;
  /** Whether the next publication of rows loses one of them. */
  spoilsNext = false;
  private readonly rows = new Map<TableName, readonly Row[]>();
  private readonly staged = new Map<string, readonly Row[]>();
  private readonly kept = new Map<string, readonly Row[]>();

  constructor(
    private readonly turn: Turn,
    private readonly effects: Effects,
  ) {}

  /** The rows as they are now, without waiting. */
  peek<T extends TableName>(table: T): readonly TableRow<T>[] {
    return (this.rows.get(table) ?? []) as readonly TableRow<T>[];
  }

  /** The rows of a version, by its stage id. */
  peekKept(table: TableName, stageId: string): readonly Row[] {
    return this.kept.get(stageKey(table, stageId)) ?? [];
  }

  /** What another system does: the rows of a raw table are these from now on. */
  replace(table: TableName, rows: readonly Row[]): void {
    this.rows.set(table, rows);
  }

  ensureTables(): Promise<void> {
    return Promise.resolve();
  }

  readDate<T extends TableName>(
    _: string,
    tables: readonly T[],
  ): Promise<{ [K in T]: readonly TableRow<K>[] }> {
    return this.turn(
      'read',
      () =>
        Object.fromEntries(tables.map((table) => [table, this.peek(table)])) as unknown as {
          [K in T]: readonly TableRow<K>[];
        },
    );
  }

  /** Asked of the calendar only: it is loaded around the date, whatever it says of it. */
  countRows(): Promise<number> {
    return Promise.resolve(1);
  }

  bytesToRead(): Promise<null> {
    return Promise.resolve(null);
  }

  /** Nothing is known of earlier dates; it only informs, and nobody waits for a turn. */
  arrivals(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  stage({ table, stageId, rows }: StageRequest): Promise<readonly Row[]> {
    return this.turn('stage', () => {
      this.staged.set(stageKey(table, stageId), rows);
      return rows;
    });
  }

  publish(request: PublishRequest): Promise<PublishResult> {
    const { manifest, table } = request;
    return this.turn('publish', () => {
      const refusal = refusalOf(
        request,
        (this.peek('date_fence')[0] as DateFenceRow | undefined) ?? null,
        this.peek('partition_manifest'),
      );
      if (refusal) return refusal;
      const rows = this.keep(table, manifest.stage_id);
      // As the adapters count what they have put in.
      if (rows.length !== manifest.row_count)
        throw new WarehouseError(
          'contract_broken',
          `Stage ${manifest.stage_id} holds ${rows.length} rows where ${manifest.row_count} were checked`,
        );
      this.kept.set(stageKey(table, manifest.stage_id), rows);
      const isSpoiled = this.spoilsNext && rows.length > 0;
      this.rows.set(table, isSpoiled ? rows.slice(1) : rows);
      if (isSpoiled) this.spoilsNext = false;
      this.add(orchestrationTables.partition_manifest, [manifest]);
      this.add(orchestrationTables.raw_kept, request.raw ?? []);
      this.effects.published(request, isSpoiled);
      return { kind: 'published' };
    });
  }

  readKept(table: TableName, _: string, stageId: string): Promise<readonly Row[]> {
    return this.turn('readKept', () => this.peekKept(table, stageId));
  }

  quarantine(row: QuarantineRow): Promise<void> {
    return this.turn('quarantine', () => {
      const { table_name: table, stage_id: stageId } = row;
      if (this.add(orchestrationTables.quarantine, [row]).length > 0)
        this.kept.set(stageKey(table, stageId), this.keep(table, stageId));
    });
  }

  claimDate<T extends TableName = never>(
    token: FenceToken,
    at: string,
    tables: readonly T[] = [],
  ): Promise<DateRecord & { [K in T]: readonly TableRow<K>[] }> {
    return this.turn('claim', () => {
      const [held] = this.peek('date_fence') as readonly DateFenceRow[];
      const isOver =
        held?.run_id === token.runId &&
        (held.pass > token.pass || (held.pass === token.pass && held.state === 'closed'));
      if (!isOver) {
        this.rows.set('date_fence', [fenceRow(token, 'open', at)]);
        this.effects.claimed(token);
      }
      const names = new Set<TableName>(['partition_manifest', 'run_history', ...tables]);
      return Object.fromEntries(
        [...names].map((name) => [name, this.peek(name)]),
      ) as unknown as DateRecord & {
        [K in T]: readonly TableRow<K>[];
      };
    });
  }

  closePass(token: FenceToken, at: string, row: RunHistoryRow): Promise<void> {
    return this.turn('close', () => {
      const [held] = this.peek('date_fence') as readonly DateFenceRow[];
      if (held?.run_id === token.runId && held.pass === token.pass)
        this.rows.set('date_fence', [fenceRow(token, 'closed', at)]);
      this.add(orchestrationTables.run_history, [row]);
      this.effects.closed(token, row);
    });
  }

  prune({ fence, versions, raw }: PruneRequest): Promise<'pruned' | 'fenced'> {
    return this.turn('prune', () => {
      if (!isHeldBy(this.peek('date_fence')[0], fence)) return 'fenced';
      for (const { table_name: table, stage_id: stageId } of versions)
        this.kept.delete(stageKey(table, stageId));
      const named = new Set(raw.map(({ table_name: table, input_hash: hash }) => `${table} ${hash}`));
      this.rows.set(
        'raw_kept',
        this.peek('raw_kept').filter(({ table_name: t, input_hash: hash }) => named.has(`${t} ${hash}`)),
      );
      this.add(orchestrationTables.pruned_version, versions);
      return 'pruned';
    });
  }

  append(name: TableName, rows: readonly Row[]): Promise<void> {
    return this.turn('append', () => {
      const added = this.add(tableOf(name), rows);
      if (added.length > 0) this.effects.appended(name, added);
    });
  }

  loadRows = never;
  dateRange = never;
  adopt = never;
  exportRows = never;
  exportLive = never;

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Adds rows whose key is not there yet, and returns them. */
  private add(table: TableDefinition, rows: readonly Row[]): readonly Row[] {
    const keyOf = (row: Row): string => table.key.map((column) => String(row[column])).join('/');
    const known = this.rows.get(table.name) ?? [];
    const keys = new Set(known.map(keyOf));
    const added = rows.filter((row) => !keys.has(keyOf(row)));
    if (added.length > 0) this.rows.set(table.name, [...known, ...added]);
    return added;
  }

  /** What is kept under a stage id once a staged set is put there: twice the same id is twice the rows. */
  private keep(table: TableName, stageId: string): readonly Row[] {
    const staged = this.staged.get(stageKey(table, stageId));
    if (!staged)
      throw new WarehouseError('contract_broken', `Nothing is staged for ${table} under ${stageId}`);
    const known = this.peekKept(table, stageId);
    return known.length > 0 ? [...known, ...staged] : staged;
  }
}

/** Whether the live rows of a table are those of its newest manifest. */
export function isOfManifest(warehouse: MemoryWarehouse, manifest: ManifestRow): boolean {
  const { table_name: table, content_hash: hash } = manifest;
  return contentHash(tableOf(table), warehouse.peek(table)) === hash;
}

function fenceRow({ gameDate, runId, pass }: FenceToken, state: string, at: string): DateFenceRow {
  return { game_date: gameDate, run_id: runId, pass, state, changed_at: at };
}

function stageKey(table: TableName, stageId: string): string {
  return `${table} ${stageId}`;
}

/** Operations that no date's run asks for. */
function never(): never {
  throw new Error('no run of a date does this');
}
