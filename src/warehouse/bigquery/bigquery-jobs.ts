/**
 * Jobs of one BigQuery project. Nothing else sends requests.
 *
 * A job has an id that we choose, so that asking again after an answer was lost joins the job instead of repeating it. An
 * id is used up when its job has failed; the next attempt takes the next one of the same series.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { BigQuery, type Job, type JobLoadMetadata, type TableMetadata } from '@google-cloud/bigquery';
import { PassThroughClient } from 'google-auth-library';
import type { Row } from '../../tables/define-table';
import { WarehouseError } from '../errors';
import { isDuplicate, isJobFailure, isNotFound, toWarehouseError } from './bigquery-errors';
import type { NamedParameters } from './bigquery-parameters';

export interface BigQuerySettings {
  readonly projectId: string;
  /** Of datasets and jobs: `US`, `europe-west1` … */
  readonly location: string;
  /** An emulator's address, `http://127.0.0.1:9050`. With one, no credential is ever looked for. Null: Google's own. */
  readonly endpoint: string | null;
  /** How long one HTTP request may take, in ms. */
  readonly requestTimeoutMs?: number;
  /** How long a job may take, pending or running, in ms. */
  readonly jobTimeoutMs?: number;
}

/** One query or script. */
export interface Statement {
  /** What it is for, in a word: part of the job's id and its label. */
  readonly operation: string;
  readonly sql: string;
  readonly parameters: NamedParameters;
  /** Labels beside `app` and `operation`, so that the bill can be split. */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * What tells this request from every other. The same request again, from this process or another, joins the job that
   * has it. Left out for what must be done anew each time.
   */
  readonly requestKey?: string;
  /** Whether the answer of a job that was joined, and so may be old, still holds. All do unless said. */
  readonly stillHolds?: (rows: readonly Row[]) => boolean;
}

export interface LoadRequest {
  readonly operation: string;
  readonly dataset: string;
  readonly table: string;
  /** A local file of newline-delimited JSON. */
  readonly file: string;
  /** Of the table: a load that replaces its rows may replace its schema by what it takes the file to hold. */
  readonly schema: NonNullable<JobLoadMetadata['schema']>;
  readonly requestKey?: string;
}

const mostAttempts = 6;
const firstPauseMs = 200;
const longestPauseMs = 5_000;

export class BigQueryJobs {
  private readonly client: BigQuery;
  private readonly requestTimeoutMs: number;
  private readonly jobTimeoutMs: number;
  private isClosed = false;

  constructor(private readonly settings: BigQuerySettings) {
    this.requestTimeoutMs = settings.requestTimeoutMs ?? 60_000;
    this.jobTimeoutMs = settings.jobTimeoutMs ?? 240_000;
    this.client = new BigQuery({
      projectId: settings.projectId,
      location: settings.location,
      // What is tried again, and how often, is decided below and by Temporal, not three times over.
      autoRetry: false,
      // Without an auth client the library would look for real credentials even in front of an emulator.
      ...(settings.endpoint === null
        ? {}
        : { apiEndpoint: settings.endpoint, authClient: new PassThroughClient() }),
    });
  }

  /** Runs a query or script to its end and returns the rows of its last SELECT. */
  async run(statement: Statement): Promise<Row[]> {
    return this.complete(
      statement,
      (jobId) => this.createQuery(statement, jobId),
      async (job, until) => {
        const rows: Row[] = [];
        let page: Page = { rows: [], pageToken: null };
        do {
          page = await this.resultsOf(job, until, page.pageToken);
          rows.push(...page.rows);
        } while (page.pageToken !== null);
        return rows;
      },
      statement.stillHolds,
    );
  }

  /** Runs a query and gives its rows page by page. */
  async *pages(statement: Statement, rowsPerPage: number): AsyncGenerator<Row[]> {
    const { job, ...first } = await this.complete(
      statement,
      (jobId) => this.createQuery(statement, jobId),
      async (job, until) => ({ job, ...(await this.resultsOf(job, until, null, rowsPerPage)) }),
    );
    yield first.rows;
    for (let { pageToken } = first; pageToken !== null;) {
      const token = pageToken;
      const page = await this.patiently(statement.operation, async () => {
        const until = Date.now() + this.jobTimeoutMs;
        return this.resultsOf(job, until, token, rowsPerPage).catch(throwUnlessLost);
      });
      yield page.rows;
      pageToken = page.pageToken;
    }
  }

  /** Replaces the rows of a table with those of a file, by a load job. */
  async load(request: LoadRequest): Promise<void> {
    const { location } = this.settings;
    // The client takes a file's location from the table, and not from the options beside the format.
    const table = this.client.dataset(request.dataset, { location }).table(request.table, { location });
    await this.complete(
      request,
      async (jobId) =>
        (
          await table.createLoadJob(request.file, {
            jobId,
            schema: request.schema,
            sourceFormat: 'NEWLINE_DELIMITED_JSON',
            createDisposition: 'CREATE_NEVER',
            writeDisposition: 'WRITE_TRUNCATE',
          })
        )[0],
      async (job, until) => {
        for (;;) {
          const { state, errorResult } = await this.statusOf(job);
          if (errorResult) throw jobFailure(errorResult);
          if (state === 'DONE') return;
          this.refuseAfter(until);
          await pause(firstPauseMs);
        }
      },
    );
  }

  /** Creates a dataset unless it is there. */
  async createDataset(name: string): Promise<void> {
    await this.patiently(`creating dataset ${name}`, async () => {
      if (await this.exists(this.client.dataset(name).getMetadata())) return;
      await this.client
        .createDataset(name, { location: this.settings.location, labels: { app: 'phase3' } })
        .catch(unlessDuplicate);
    });
  }

  /** Creates a table unless it is there. */
  async createTable(dataset: string, name: string, metadata: TableMetadata): Promise<void> {
    await this.patiently(`creating ${dataset}.${name}`, async () => {
      await this.client.dataset(dataset).createTable(name, metadata).catch(unlessDuplicate);
    });
  }

  /**
   * Gives a table a schema that has more columns than its own. Sent again, it changes nothing: so that is what is done
   * where another worker has added one of them meanwhile.
   */
  async extendTable(
    dataset: string,
    name: string,
    schema: NonNullable<TableMetadata['schema']>,
  ): Promise<void> {
    await this.patiently(`adding columns to ${dataset}.${name}`, async () => {
      try {
        await this.client.dataset(dataset).table(name).setMetadata({ schema });
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        throw new WarehouseError('unavailable', `BigQuery: ${dataset}.${name} is being extended by another`, {
          cause: error,
        });
      }
    });
  }

  async deleteTable(dataset: string, name: string): Promise<void> {
    await this.patiently(`deleting ${dataset}.${name}`, () =>
      this.client.dataset(dataset).table(name).delete({ ignoreNotFound: true }),
    );
  }

  /** What is known of a table; null when there is none. */
  async tableMetadata(dataset: string, name: string): Promise<TableMetadata | null> {
    return this.patiently(`looking at ${dataset}.${name}`, async () => {
      try {
        return (await this.client.dataset(dataset).table(name).getMetadata())[0] as TableMetadata;
      } catch (error) {
        if (isNotFound(error)) return null;
        throw error;
      }
    });
  }

  /** From now on everything is refused. */
  close(): void {
    this.isClosed = true;
  }

  private async createQuery(statement: Statement, jobId: string): Promise<Job> {
    const [job] = await this.client.createQueryJob({
      query: statement.sql,
      params: { ...statement.parameters.values },
      types: statement.parameters.types,
      labels: { ...statement.labels, app: 'phase3', operation: statement.operation },
      jobTimeoutMs: this.jobTimeoutMs,
      jobId,
    });
    return job;
  }

  /**
   * Creates a job, or joins the one that has its id, and reads its answer; tries again what passes, for as long as a job may
   * take. Throws a {@link WarehouseError}.
   */
  private async complete<T>(
    { operation, requestKey }: Pick<Statement, 'operation' | 'requestKey'>,
    create: (jobId: string) => Promise<Job>,
    read: (job: Job, until: number) => Promise<T>,
    stillHolds: (answer: T) => boolean = () => true,
  ): Promise<T> {
    const series = `phase3_${operation}_${requestKey === undefined ? randomUUID() : hash(requestKey)}`;
    const until = Date.now() + this.jobTimeoutMs;
    let serial = 1;
    for (let attempt = 1; ;) {
      this.refuseIfClosed(operation);
      const jobId = `${series}_${serial}`;
      const { job, isJoined, error: notCreated } = await this.createOrJoin(jobId, create);
      try {
        if (!job) throw notCreated;
        const answer = await read(job, until);
        if (!isJoined || stillHolds(answer)) return answer;
        serial += 1;
      } catch (error) {
        const failure = isJobFailure(error) && !isJoined ? error : await this.failureOf(jobId);
        // A job that was started and has not failed is not found for a moment only, whatever the answer says.
        const lost = failure === null && job !== null && isNotFound(error) ? lostJob(error) : null;
        const problem = toWarehouseError(failure ?? lost ?? error, operation);
        if (failure !== null) serial += 1;
        // What failed in an attempt before this one says nothing about now.
        if (isJoined && failure !== null) continue;
        if (problem.kind !== 'unavailable' || attempt >= mostAttempts || Date.now() >= until) throw problem;
        await pause(pauseBefore(attempt));
        attempt += 1;
      }
    }
  }

  /** Creates a job; one that has its id already was created by an attempt whose answer was lost, and is joined. */
  private async createOrJoin(
    jobId: string,
    create: (jobId: string) => Promise<Job>,
  ): Promise<{ job: Job | null; isJoined: boolean; error: unknown }> {
    try {
      return { job: await this.within(create(jobId)), isJoined: false, error: null };
    } catch (error) {
      if (!isDuplicate(error)) return { job: null, isJoined: false, error };
      return { job: this.jobOf(jobId), isJoined: true, error: null };
    }
  }

  /** The error in which a job has ended; null when it has not, or when nobody can say. */
  private async failureOf(jobId: string): Promise<unknown> {
    try {
      const { errorResult } = await this.statusOf(this.jobOf(jobId));
      return errorResult ? jobFailure(errorResult) : null;
    } catch {
      return null;
    }
  }

  private jobOf(jobId: string): Job {
    return this.client.job(jobId, { location: this.settings.location });
  }

  private async statusOf(job: Job): Promise<JobStatus> {
    // The client types what it answers as anything.
    const [metadata] = (await this.within(job.getMetadata())) as unknown as [{ readonly status: JobStatus }];
    return metadata.status;
  }

  /** A page of the rows of a query's job. One request waits at the server for some seconds, then another, until `until`. */
  private async resultsOf(
    job: Job,
    until: number,
    pageToken: string | null,
    maxResults?: number,
  ): Promise<Page> {
    const options = {
      autoPaginate: false,
      ...(pageToken === null ? {} : { pageToken }),
      ...(maxResults === undefined ? {} : { maxResults }),
    };
    for (;;) {
      const [rows, next, answer] = await this.within(job.getQueryResults(options));
      if (answer?.jobComplete !== false) return { rows: rows as Row[], pageToken: next?.pageToken ?? null };
      this.refuseAfter(until);
      await pause(firstPauseMs);
    }
  }

  /** Writes stand in a queue, which a job that never ends would hold for ever. */
  private refuseAfter(until: number): void {
    if (Date.now() >= until)
      throw new WarehouseError(
        'unavailable',
        `BigQuery: the job has not ended within ${this.jobTimeoutMs / 1000} s`,
      );
  }

  /** Tries a request that may be repeated until it is through or its error does not pass. */
  private async patiently<T>(doing: string, request: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      this.refuseIfClosed(doing);
      try {
        return await this.within(request());
      } catch (error) {
        const problem = toWarehouseError(error, doing);
        if (problem.kind !== 'unavailable' || attempt >= mostAttempts) throw problem;
        await pause(pauseBefore(attempt));
      }
    }
  }

  private async exists(looking: Promise<unknown>): Promise<boolean> {
    try {
      await looking;
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** The client sets no limit to a request, and a connection can hang for ever. */
  private async within<T>(request: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new WarehouseError('unavailable', `BigQuery did not answer within ${this.requestTimeoutMs} ms`),
        );
      }, this.requestTimeoutMs);
    });
    try {
      return await Promise.race([request, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  private refuseIfClosed(doing: string): void {
    if (this.isClosed) throw new WarehouseError('unavailable', `BigQuery, ${doing}: the warehouse is closed`);
  }
}

interface Page {
  readonly rows: Row[];
  /** Of the next page; null when there is none. */
  readonly pageToken: string | null;
}

interface JobStatus {
  readonly state?: string;
  readonly errorResult?: { readonly message?: string; readonly reason?: string };
}

/** A job's error in the form in which the client throws those of requests. */
function jobFailure(errorResult: NonNullable<JobStatus['errorResult']>): Error {
  return Object.assign(new Error(errorResult.message), { errors: [errorResult] });
}

/** Of a job that was started. */
function lostJob(error: unknown): WarehouseError {
  return new WarehouseError('unavailable', 'BigQuery does not find a job that it has taken', {
    cause: error,
  });
}

function throwUnlessLost(error: unknown): never {
  throw isNotFound(error) ? lostJob(error) : error;
}

function unlessDuplicate(error: unknown): void {
  if (!isDuplicate(error)) throw error;
}

/** Doubling, with chance in it so that two that collided do not collide again. */
function pauseBefore(attempt: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
