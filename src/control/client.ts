/** Asks a worker's control endpoint. Every failure becomes a {@link ControlError} with a sentence. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { RawTableName, TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import type { LoadReport } from '../warehouse/warehouse';
import {
  ndjson,
  type CheckRequest,
  type CheckResponse,
  type DateRecord,
  type Health,
  type WorkerFile,
} from './protocol';

export class ControlError extends Error {
  override readonly name = 'ControlError';
}

export class ControlClient {
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

  /** Replaces the partitions that the NDJSON stream brings. */
  async load(table: RawTableName, lines: Readable): Promise<LoadReport> {
    const response = await this.ask(`/raw/${table}`, {
      method: 'PUT',
      headers: { 'content-type': ndjson },
      body: Readable.toWeb(lines) as unknown as NonNullable<RequestInit['body']>,
      duplex: 'half',
    });
    return (await response.json()) as LoadReport;
  }

  /** Rows between two dates, ordered by key. */
  async *export(table: TableName, from: string, to: string): AsyncGenerator<Row> {
    const response = await this.ask(`/tables/${table}?from=${from}&to=${to}`);
    if (!response.body) return;
    const input = Readable.fromWeb(response.body);
    try {
      for await (const line of createInterface({ input, crlfDelay: Infinity }))
        if (line) yield JSON.parse(line) as Row;
    } catch (error) {
      throw new ControlError(`The export of ${table} broke off: the worker stopped sending.`, {
        cause: error,
      });
    }
  }

  async dateRange(table: TableName): Promise<{ from: string; to: string } | null> {
    const response = await this.ask(`/ranges/${table}`);
    return ((await response.json()) as { range: { from: string; to: string } | null }).range;
  }

  async check(request: CheckRequest): Promise<CheckResponse> {
    const response = await this.ask('/check', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    return (await response.json()) as CheckResponse;
  }

  async dateRecord(gameDate: string): Promise<DateRecord> {
    return (await (await this.ask(`/dates/${gameDate}`)).json()) as DateRecord;
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
        'The worker does not answer. `phase3 status` says what is up, `phase3 up` starts the rest.',
        {
          cause: error,
        },
      );
    }
    if (response.ok) return response;
    const body = (await response.json().catch(() => ({}))) as { error?: string };
    throw new ControlError(body.error ?? `The worker answered ${response.status}.`);
  }
}
