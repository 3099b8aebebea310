/** Asks a worker's control endpoint. Every failure becomes a {@link ControlError} with a sentence. */
import { Readable } from 'node:stream';
import type { AuditEntry } from '../contracts/decisions';
import type { ListedGame } from '../plan/calendar';
import type { TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import type { AuditRow, DeadLetterRow, ManifestRow } from '../tables/orchestration';
import type { PlanDocument, PlanEstimate, PlannedDate } from '../contracts/date-plan';
import { sealed } from '../dates/plan-document';
import { linesOf } from './lines';
import {
  ndjson,
  type AdoptedPartition,
  type AdoptRequest,
  type CheckRequest,
  type CheckResponse,
  type DateRecord,
  type DeadLetterResponse,
  type ErrorResponse,
  type FigureExplanation,
  type FigureQuery,
  type FoundEstimate,
  type ForeseeRequest,
  type ForeseenTable,
  type RestorePreview,
  type RestorePreviewRequest,
  type Health,
  type Loaded,
  type MissingReport,
  type MissingRequest,
  type PartitionChange,
  type PlanLine,
  type PlanRequest,
  type PublishedVersion,
  type QuarantinedDate,
  type Questions,
  type RecordedStanding,
  type RowsDifference,
  type VersionsDifference,
  type UnknownFigure,
  type VerifiedDate,
  type VerifyRequest,
  type WarehouseCheck,
  type WhatIfDate,
  type WorkerFile,
} from './protocol';

export class ControlError extends Error {
  override readonly name = 'ControlError';
  /** The worker's HTTP status where it refused what was asked; null where it could not answer. */
  readonly statusCode: number | null;

  constructor(
    message: string,
    { status = null, ...options }: ErrorOptions & { status?: number | null } = {},
  ) {
    super(message, options);
    this.statusCode = status;
  }
}

export class ControlClient implements Questions {
  constructor(private readonly worker: Pick<WorkerFile, 'url' | 'token'>) {}

  /** The worker's health; null when it does not answer. */
  async health(): Promise<Health | null> {
    try {
      const response = await this.ask('/health', { signal: AbortSignal.timeout(3_000) });
      return (await response.json()) as Health;
    } catch {
      return null;
    }
  }

  /** Puts entries on the deployment's audit, each once. */
  async recordBuilds(entries: readonly AuditEntry[]): Promise<void> {
    for (const { entryId, kind, by, reason, evidence, at } of entries)
      await this.post('/builds/decisions', { entry_id: entryId, kind, by, reason, evidence, at });
  }

  /** The deployment's audit, in the order of its chain. */
  async builds(): Promise<readonly AuditRow[]> {
    return ((await (await this.ask('/builds/decisions')).json()) as { rows: AuditRow[] }).rows;
  }

  /** Replaces the partitions that the NDJSON stream brings. */
  async load(table: TableName, lines: Readable): Promise<Loaded> {
    const response = await this.ask(`/raw/${table}`, {
      method: 'PUT',
      headers: { 'content-type': ndjson },
      body: Readable.toWeb(lines) as unknown as NonNullable<RequestInit['body']>,
      duplex: 'half',
    });
    return (await response.json()) as Loaded;
  }

  /** Rows between two dates, ordered by key. */
  async *export(table: TableName, from: string, to: string): AsyncGenerator<Row> {
    const response = await this.ask(`/tables/${table}?from=${from}&to=${to}`);
    yield* readLines<Row>(response, `The export of ${table}`);
  }

  /** Every manifest. What is published meanwhile counts as well, so the range does not end at what was there a moment ago. */
  async manifests(): Promise<ManifestRow[]> {
    const rows: Row[] = [];
    for await (const row of this.export('partition_manifest', '1900-01-01', '9999-12-31')) rows.push(row);
    // Decoded by the table's declaration, from which the row type follows.
    return rows as unknown as ManifestRow[];
  }

  /** Adopts what is there between two dates; yields each partition as it is settled. */
  async *adopt(request: AdoptRequest): AsyncGenerator<AdoptedPartition> {
    const response = await this.post('/adoptions', request);
    for await (const line of readLines<AdoptedPartition | ErrorResponse>(response, 'The adoption')) {
      if ('error' in line) throw new ControlError(line.error);
      yield line;
    }
  }

  /** Compares what is live with what was published, without running anything; yields each date as it is verified. */
  async *verify(request: VerifyRequest): AsyncGenerator<VerifiedDate> {
    const response = await this.post('/verifications', request);
    for await (const line of readLines<VerifiedDate | ErrorResponse>(response, 'The verification')) {
      if ('error' in line) throw new ControlError(line.error);
      yield line;
    }
  }

  /** What a backfill of a range would do; `onDate` hears of each date as it is judged. */
  async plan(
    request: PlanRequest,
    onDate: (date: PlannedDate) => void = () => undefined,
  ): Promise<PlanDocument> {
    const { from, to, processors: asked } = request;
    const response = await this.post('/plans', request);
    const dates: PlannedDate[] = [];
    let head: Extract<PlanLine, { head: unknown }>['head'] | null = null;
    let estimate: PlanEstimate | null = null;
    for await (const line of readLines<PlanLine | ErrorResponse>(response, 'The plan')) {
      if ('error' in line) throw new ControlError(line.error);
      if ('head' in line) head = line.head;
      else if ('estimate' in line) estimate = line.estimate;
      else {
        dates.push(line.date);
        onDate(line.date);
      }
    }
    if (!head || !estimate) throw new ControlError('The plan broke off: the worker stopped sending.');
    return sealed({ from, to, processors: asked ? [...asked] : null, ...head, dates, estimate });
  }

  /** What the present code makes of the dates of a range, against what is live; yields each date as it is built. */
  async *whatIf(request: PlanRequest): AsyncGenerator<WhatIfDate> {
    const response = await this.post('/what-ifs', request);
    for await (const line of readLines<WhatIfDate | ErrorResponse>(response, 'The comparison')) {
      if ('error' in line) throw new ControlError(line.error);
      yield line;
    }
  }

  /** What is missing of the dates of a range, by the game calendar. */
  async missing(request: MissingRequest): Promise<MissingReport> {
    return (await (await this.post('/missing', request)).json()) as MissingReport;
  }

  /** How this deployment's rows differ from those of the live table without its prefix. */
  async diffLive(table: TableName, from: string, to: string, tolerance: number): Promise<RowsDifference> {
    const within = encodeURIComponent(String(tolerance));
    const response = await this.ask(`/differences/${table}?from=${from}&to=${to}&tolerance=${within}`);
    return (await response.json()) as RowsDifference;
  }

  /** Every version of a date's tables, by table, newest first. */
  async versions(gameDate: string): Promise<readonly PublishedVersion[]> {
    const response = await this.ask(`/versions/${gameDate}`);
    return ((await response.json()) as { versions: PublishedVersion[] }).versions;
  }

  /** Rows of a version as they were published, ordered by key. */
  async *rowsOfVersion(table: TableName, gameDate: string, version: number): AsyncGenerator<Row> {
    const response = await this.ask(`/versions/${gameDate}/${table}/${version}`);
    yield* readLines<Row>(response, `The export of ${table}`);
  }

  /** What is different in version `after` of a partition. */
  async versionsDifference(
    table: TableName,
    gameDate: string,
    before: number,
    after: number,
  ): Promise<VersionsDifference> {
    const path = `/versions/${gameDate}/${table}/difference?before=${before}&after=${after}`;
    return (await (await this.ask(path)).json()) as VersionsDifference;
  }

  /** What a restore would do now. */
  async previewRestore(request: RestorePreviewRequest): Promise<RestorePreview> {
    return (await (await this.post('/restores/preview', request)).json()) as RestorePreview;
  }

  /** Partitions of which another version is live than at `since`, each as soon as its rows are counted. */
  async *changes(since: string): AsyncGenerator<PartitionChange> {
    const response = await this.ask(`/changes?since=${encodeURIComponent(since)}`);
    yield* readLines<PartitionChange>(response, 'The list of changes');
  }

  async dateRange(table: TableName): Promise<{ from: string; to: string } | null> {
    const response = await this.ask(`/ranges/${table}`);
    return ((await response.json()) as { range: { from: string; to: string } | null }).range;
  }

  /** How the dates of a range stand by the record. */
  async standings(from: string, to: string): Promise<readonly RecordedStanding[]> {
    const response = await this.ask(`/standings?from=${from}&to=${to}`);
    return ((await response.json()) as { standings: RecordedStanding[] }).standings;
  }

  /** The games of the dates of a range, by the calendar. */
  async games(from: string, to: string): Promise<readonly ListedGame[]> {
    const response = await this.ask(`/games?from=${from}&to=${to}`);
    return ((await response.json()) as { games: ListedGame[] }).games;
  }

  /** Whether the warehouse has the tables as they are declared, and may be written; throws where not. */
  async checkWarehouse(): Promise<WarehouseCheck> {
    return (await (await this.post('/warehouse/checks', {})).json()) as WarehouseCheck;
  }

  /** Writes all that is in an embedded warehouse, as of one instant, into a new file. */
  async copyWarehouse(path: string): Promise<void> {
    await this.post('/warehouse/copies', { path });
  }

  /** Removes what a shadow has in a warehouse that it shares with this deployment. */
  async removeShadow(token: string): Promise<void> {
    await this.ask(`/warehouse/shadows/${token}`, { method: 'DELETE' });
  }

  async check(request: CheckRequest): Promise<CheckResponse> {
    return (await (await this.post('/check', request)).json()) as CheckResponse;
  }

  /** Dates of a range that have something kept back, with what it is now. */
  async quarantinedDates(from: string, to: string): Promise<readonly QuarantinedDate[]> {
    const response = await this.ask(`/quarantine?from=${from}&to=${to}`);
    return ((await response.json()) as { dates: QuarantinedDate[] }).dates;
  }

  /** What of a date is kept back now. */
  async quarantined(gameDate: string): Promise<QuarantinedDate> {
    return (await (await this.ask(`/quarantine/${gameDate}`)).json()) as QuarantinedDate;
  }

  /** What could stand for what the players of a game cannot give. */
  async findEstimate(gameDate: string, gameId: string): Promise<FoundEstimate> {
    const path = `/estimates/${gameDate}/${encodeURIComponent(gameId)}`;
    return (await (await this.ask(path)).json()) as FoundEstimate;
  }

  /** What a run would come to if this were decided; nothing is written. */
  async foresee(request: ForeseeRequest): Promise<readonly ForeseenTable[]> {
    const response = await this.post('/foreseen', request);
    return ((await response.json()) as { tables: ForeseenTable[] }).tables;
  }

  /** Where a published figure comes from; what there is instead, where there is no such row. */
  async explainFigure(query: FigureQuery): Promise<FigureExplanation | UnknownFigure> {
    return (await (await this.post('/figures', query)).json()) as FigureExplanation | UnknownFigure;
  }

  async dateRecord(gameDate: string): Promise<DateRecord> {
    return (await (await this.ask(`/dates/${gameDate}`)).json()) as DateRecord;
  }

  /** Puts a message where those are that can never succeed; false when it was there already. */
  async addDeadLetter(row: DeadLetterRow): Promise<boolean> {
    return ((await (await this.post('/dead-letters', row)).json()) as DeadLetterResponse).added;
  }

  private post(path: string, body: unknown): Promise<Response> {
    return this.ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  private async ask(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${this.worker.url}${path}`, {
        ...init,
        headers: {
          ...(init.headers as Record<string, string>),
          authorization: `Bearer ${this.worker.token}`,
        },
      });
    } catch (error) {
      throw new ControlError(
        'The worker does not answer. `phase3 status` shows what runs; `phase3 up` starts the rest.',
        {
          cause: error,
        },
      );
    }
    if (response.ok) return response;
    const body = (await response.json().catch(() => ({}))) as { error?: string };
    const { status } = response;
    throw new ControlError(body.error ?? `The worker answered ${status}.`, {
      status: status >= 400 && status < 500 ? status : null,
    });
  }
}

/** The lines of a stream, as they come. `what` begins the sentence when it breaks off. */
async function* readLines<T>(response: Response, what: string): AsyncGenerator<T> {
  if (!response.body) return;
  const text = Readable.fromWeb(response.body);
  try {
    for await (const line of linesOf(text)) if (line) yield JSON.parse(line) as T;
  } catch (error) {
    throw new ControlError(`${what} broke off: the worker stopped sending.`, { cause: error });
  }
}
