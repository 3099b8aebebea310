/**
 * Sends the requests of one BigQuery project. What comes back is looked at before Google's client reads it, no request is
 * waited for longer than its limit, and a token that is refused is fetched once more.
 */
import { createReadStream } from 'node:fs';
import { BigQuery, type BigQueryOptions, type JobLoadMetadata, type Table } from '@google-cloud/bigquery';
import { PassThroughClient, type AuthClient, type GoogleAuth } from 'google-auth-library';
import { WarehouseError } from '../errors';
import { isUnauthorized } from './bigquery-errors';

export interface BigQuerySettings {
  readonly projectId: string;
  /** Of datasets and jobs: `US`, `europe-west1` … */
  readonly location: string;
  /** An emulator's address, `http://127.0.0.1:9050`. With one, no credential is ever looked for. Null: Google's own. */
  readonly endpoint: string | null;
  /** How long one HTTP request may take, in ms. */
  readonly requestTimeoutMs?: number;
  /** How long a job may take, pending or running, in ms; then it is cancelled. */
  readonly jobTimeoutMs?: number;
  /** For tests with an endpoint: makes the client that fetches tokens. */
  readonly auth?: () => AuthClient | GoogleAuth;
}

export class BigQueryClient {
  readonly requestTimeoutMs: number;
  private client: BigQuery;

  constructor(private readonly settings: BigQuerySettings) {
    this.requestTimeoutMs = settings.requestTimeoutMs ?? 60_000;
    this.client = clientOf(settings);
  }

  /**
   * Sends a request and waits `limitMs` for its answer, at the most as long as any request may take. A 401 is sent again
   * with a token that is fetched for it. Throws what the client throws, or a {@link WarehouseError} when time is up.
   */
  async send<T>(
    request: (client: BigQuery) => Promise<T>,
    limitMs: number = this.requestTimeoutMs,
  ): Promise<T> {
    const ms = Math.min(limitMs, this.requestTimeoutMs);
    const { client } = this;
    try {
      return await this.within(ms, request, client);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      this.renew(client);
      return this.within(ms, request, this.client);
    }
  }

  /** The client sets no limit to a request, and a connection can hang for ever. */
  private async within<T>(
    ms: number,
    request: (client: BigQuery) => Promise<T>,
    client: BigQuery,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // It may hang where the token is fetched, and others would wait for the same token.
        if (ms === this.requestTimeoutMs) this.renew(client);
        reject(new WarehouseError('unavailable', `BigQuery did not answer within ${ms} ms`));
      }, ms);
    });
    try {
      return await Promise.race([request(client), limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A new client knows no token, and fetches one. Whoever used an older one finds that it is renewed already. */
  private renew(used: BigQuery): void {
    if (this.client === used) this.client = clientOf(this.settings);
  }
}

/** Starts a load job with the rows of a file. Resolves when BigQuery has taken it. */
export async function upload(table: Table, file: string, metadata: JobLoadMetadata): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    createReadStream(file)
      .once('error', reject)
      .pipe(table.createWriteStream_(metadata))
      .once('error', reject)
      .once('job', (job: unknown) =>
        // The client reads what came back without looking: null where it was no job.
        job ? resolve() : reject(new Error('the answer to an upload was no job')),
      );
  });
}

function clientOf({ projectId, location, endpoint, auth }: BigQuerySettings): BigQuery {
  return new CheckedBigQuery({
    projectId,
    location,
    // What is tried again, and how often, is decided by us and by Temporal, not three times over.
    autoRetry: false,
    ...(endpoint === null ? {} : { apiEndpoint: endpoint }),
    // Without an auth client the library would look for real credentials even in front of an emulator.
    ...(endpoint !== null && !auth ? { authClient: new PassThroughClient() } : {}),
    ...(auth
      ? {
          // Its types know fewer clients than it takes.
          authClient: auth() as NonNullable<BigQueryOptions['authClient']>,
          useAuthWithCustomEndpoint: true,
        }
      : {}),
  });
}

type Request = Parameters<BigQuery['request']>;

/**
 * Google's client takes what came back with a 200 for what it asked for: an empty object ends the process where a job is
 * created, and is a query without rows where an answer is fetched.
 */
class CheckedBigQuery extends BigQuery {
  override request(options: Request[0], callback: Request[1]): void {
    super.request(options, (error, body: unknown, response) => {
      const problem = error ?? problemOf(options.method ?? 'GET', options.uri, body);
      callback(problem, body, response);
    });
  }
}

function problemOf(method: string, uri: string, body: unknown): Error | null {
  if (method === 'DELETE') return null;
  const answer = (typeof body === 'object' ? body : null) as Readonly<Record<string, unknown>> | null;
  const isWhole =
    method === 'POST' && uri === '/jobs'
      ? isObject(answer?.['status']) && isObject(answer?.['jobReference'])
      : uri.startsWith('/queries/')
        ? typeof answer?.['jobComplete'] === 'boolean'
        : answer !== null && Object.keys(answer).length > 0;
  return isWhole ? null : new Error(`the answer to ${method} ${uri} was none`);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
