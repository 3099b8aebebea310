/**
 * Jobs of one BigQuery project. Nothing else sends requests.
 *
 * A job has an id that we choose, so that asking again after an answer was lost joins the job instead of repeating it. An
 * id is used up when its job has failed; the next attempt takes the next one of the same series. A job that has not ended
 * within its limit is cancelled, and what became of it is found out before anybody is answered.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { BigQuery, Job, JobLoadMetadata, TableMetadata } from '@google-cloud/bigquery';
import type { Row } from '../../tables/define-table';
import { WarehouseError } from '../errors';
import { BigQueryClient, upload, type BigQuerySettings } from './bigquery-client';
import { isDuplicate, isJobFailure, isNotFound, toWarehouseError } from './bigquery-errors';
import type { NamedParameters } from './bigquery-parameters';
import { traced } from '../../observability/traced';

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

/** How long it may take to find out what became of a job that was cancelled, in ms; less where a job may take less. */
const longestSettleMs = 10_000;

export class BigQueryJobs {
  private readonly client: BigQueryClient;
  private readonly jobTimeoutMs: number;
  private isClosed = false;
  /** When a request that may be repeated was last answered, in ms since the epoch, and what the last one met that was not. */
  private answeredAt: number | null = null;
  private trouble = 'nothing has come';

  constructor(private readonly settings: BigQuerySettings) {
    this.jobTimeoutMs = settings.jobTimeoutMs ?? 240_000;
    this.client = new BigQueryClient(settings);
  }

  /** Runs a query or script to its end and returns the rows of its last SELECT. */
  async run(statement: Statement): Promise<Row[]> {
    return this.complete(
      statement,
      (jobId, until) => this.createQuery(statement, jobId, until),
      async (jobId, until) => {
        const rows: Row[] = [];
        let page: Page = { rows: [], pageToken: null };
        do {
          page = await this.resultsOf(jobId, until, page.pageToken);
          rows.push(...page.rows);
        } while (page.pageToken !== null);
        return rows;
      },
      statement.stillHolds,
    );
  }

  /** Runs a query and gives its rows page by page. */
  async *pages(statement: Statement, rowsPerPage: number): AsyncGenerator<Row[]> {
    const { jobId, ...first } = await this.complete(
      statement,
      (id, until) => this.createQuery(statement, id, until),
      async (id, until) => ({ jobId: id, ...(await this.resultsOf(id, until, null, rowsPerPage)) }),
    );
    yield first.rows;
    for (let { pageToken } = first; pageToken !== null;) {
      const token = pageToken;
      const page = await this.patiently(statement.operation, (until) =>
        this.resultsOf(jobId, until, token, rowsPerPage).catch(throwUnlessLost),
      );
      yield page.rows;
      pageToken = page.pageToken;
    }
  }

  /** Bytes that a query would process, as BigQuery says without running it: nothing is billed, and there is no job afterwards. */
  async dryRun({ operation, sql, parameters, labels }: Statement): Promise<number> {
    return this.patiently(operation, async (until) => {
      const [job] = await this.send(until, (client) =>
        client.createQueryJob({
          ...{ query: sql, params: { ...parameters.values }, types: parameters.types, dryRun: true },
          labels: { ...labels, app: 'phase3', operation },
        }),
      );
      // The client types what it answers as anything.
      const { statistics } = job.metadata as { statistics?: { totalBytesProcessed?: string } };
      return Number(statistics?.totalBytesProcessed ?? NaN);
    });
  }

  /** Replaces the rows of a table with those of a file, by a load job. */
  async load(request: LoadRequest): Promise<void> {
    const { location } = this.settings;
    await this.complete(
      request,
      (jobId, until) =>
        this.send(until, (client) =>
          upload(
            // The client takes a file's location from the table, and not from the options beside the format.
            client.dataset(request.dataset, { location }).table(request.table, { location }),
            request.file,
            {
              jobId,
              schema: request.schema,
              sourceFormat: 'NEWLINE_DELIMITED_JSON',
              createDisposition: 'CREATE_NEVER',
              writeDisposition: 'WRITE_TRUNCATE',
            },
          ),
        ),
      async (jobId, until) => {
        for (;;) {
          const { state, errorResult } = await this.statusOf(jobId, until);
          if (errorResult) throw jobFailure(errorResult);
          if (state === 'DONE') return;
          await pause(firstPauseMs);
        }
      },
    );
  }

  /** What is known of a dataset; null when there is none. */
  async datasetMetadata(name: string): Promise<DatasetMetadata | null> {
    return this.patiently(`looking at dataset ${name}`, async (until) => {
      // The client types what it answers as anything.
      const [found] = (await this.send(until, (client) => client.dataset(name).getMetadata())) as unknown[];
      return found as DatasetMetadata;
    }).catch(nullIfNotFound);
  }

  /** Creates a dataset; nothing when another was faster. */
  async createDataset(name: string): Promise<void> {
    const { location } = this.settings;
    await this.patiently(`creating dataset ${name}`, async (until) => {
      await wasThere(
        this.send(until, (client) => client.createDataset(name, { location, labels: { app: 'phase3' } })),
      );
    });
  }

  /** Removes a dataset with its tables; nothing where there is none. */
  async deleteDataset(name: string): Promise<void> {
    await this.patiently(`deleting dataset ${name}`, (until) =>
      this.send(until, (client) => client.dataset(name).delete({ force: true })),
    ).catch(nullIfNotFound);
  }

  /** Creates a table unless it is there. */
  async createTable(dataset: string, name: string, metadata: TableMetadata): Promise<void> {
    await this.patiently(`creating ${dataset}.${name}`, async (until) => {
      await wasThere(this.send(until, (client) => client.dataset(dataset).createTable(name, metadata)));
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
    await this.patiently(`adding columns to ${dataset}.${name}`, async (until) => {
      try {
        await this.send(until, (client) => client.dataset(dataset).table(name).setMetadata({ schema }));
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        throw new WarehouseError('unavailable', `BigQuery: ${dataset}.${name} is being extended by another`, {
          cause: error,
        });
      }
    });
  }

  async deleteTable(dataset: string, name: string): Promise<void> {
    await this.patiently(`deleting ${dataset}.${name}`, (until) =>
      this.send(until, (client) => client.dataset(dataset).table(name).delete({ ignoreNotFound: true })),
    );
  }

  /** What is known of a table; null when there is none. */
  async tableMetadata(dataset: string, name: string): Promise<TableMetadata | null> {
    return this.patiently(`looking at ${dataset}.${name}`, async (until) => {
      const answer = await this.send(until, (client) => client.dataset(dataset).table(name).getMetadata());
      return answer[0] as TableMetadata;
    }).catch(nullIfNotFound);
  }

  /**
   * The outcome of `work`, if one of the requests that may be repeated is answered within `firstMs`, and then one every
   * `furtherMs`: what is made takes longer than what is looked at. Throws a {@link WarehouseError} with the last trouble
   * otherwise.
   */
  async whileAnswered<T>(
    { firstMs, furtherMs }: { readonly firstMs: number; readonly furtherMs: number },
    work: () => Promise<T>,
  ): Promise<T> {
    const begunAt = Date.now();
    this.answeredAt = null;
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        const limit = this.answeredAt === null ? firstMs : furtherMs;
        if (Date.now() - (this.answeredAt ?? begunAt) < limit) return;
        reject(
          new WarehouseError(
            'unavailable',
            `BigQuery has answered nothing of use for ${limit / 1000} s: ${this.trouble}`,
          ),
        );
      }, 100);
    });
    try {
      return await Promise.race([work(), silence]);
    } finally {
      clearInterval(timer);
    }
  }

  /** From now on everything is refused. */
  close(): void {
    this.isClosed = true;
  }

  private async createQuery(statement: Statement, jobId: string, until: number): Promise<void> {
    await this.send(until, (client) =>
      client.createQueryJob({
        query: statement.sql,
        params: { ...statement.parameters.values },
        types: statement.parameters.types,
        labels: { ...statement.labels, app: 'phase3', operation: statement.operation },
        // BigQuery ends it as well, in case that nobody can tell it to.
        jobTimeoutMs: Math.max(1, until - Date.now()),
        jobId,
      }),
    );
  }

  /**
   * Creates a job, or joins the one that has its id, and reads its answer; tries again what passes, for as long as a job may
   * take. Throws a {@link WarehouseError}.
   */
  private async complete<T>(
    statement: Pick<Statement, 'operation' | 'requestKey'>,
    create: (jobId: string, until: number) => Promise<void>,
    read: (jobId: string, until: number) => Promise<T>,
    stillHolds: (answer: T) => boolean = () => true,
  ): Promise<T> {
    const attributes = { 'db.system.name': 'bigquery' };
    return traced(statement.operation, attributes, () => this.settle(statement, create, read, stillHolds));
  }

  private async settle<T>(
    { operation, requestKey }: Pick<Statement, 'operation' | 'requestKey'>,
    create: (jobId: string, until: number) => Promise<void>,
    read: (jobId: string, until: number) => Promise<T>,
    stillHolds: (answer: T) => boolean,
  ): Promise<T> {
    const series = `phase3_${operation}_${requestKey === undefined ? randomUUID() : hash(requestKey)}`;
    const until = Date.now() + this.jobTimeoutMs;
    let serial = 1;
    for (let attempt = 1; ;) {
      this.refuseIfClosed(operation);
      const jobId = `${series}_${serial}`;
      let isCreated = false;
      let isJoined = false;
      try {
        isJoined = await wasThere(create(jobId, until));
        isCreated = true;
        const answer = await read(jobId, until);
        if (!isJoined || stillHolds(answer)) return answer;
        serial += 1;
      } catch (error) {
        if (isOver(until) && !isJobFailure(error)) return this.giveUp(operation, jobId, read, error);
        const failure = isJobFailure(error) && !isJoined ? error : await this.failureOf(jobId, until);
        // A job that was started and has not failed is not found for a moment only, whatever the answer says.
        const lost = failure === null && isCreated && isNotFound(error) ? lostJob(error) : null;
        const problem = toWarehouseError(failure ?? lost ?? error, operation);
        if (failure !== null) serial += 1;
        // What failed in an attempt before this one says nothing about now.
        if (isJoined && failure !== null) continue;
        if (!passesSoon(problem) || attempt >= mostAttempts) throw problem;
        await pause(Math.min(pauseBefore(attempt), Math.max(0, until - Date.now())));
        attempt += 1;
      }
    }
  }

  /**
   * Cancels a job that has used up its time and finds out what became of it: its answer where it had ended after all, else
   * an error that says what is known. `error` is what it was last met with.
   */
  private async giveUp<T>(
    operation: string,
    jobId: string,
    read: (jobId: string, until: number) => Promise<T>,
    error: unknown,
  ): Promise<T> {
    const until = Date.now() + Math.min(longestSettleMs, this.jobTimeoutMs);
    await this.send(until, (client) => this.jobOf(client, jobId).cancel()).catch(() => undefined);
    const end = await this.endOf(jobId, until);
    if (end === 'done')
      return read(jobId, until).catch((late: unknown) => Promise.reject(toWarehouseError(late, operation)));
    const known =
      end === 'failed' ? 'and was cancelled' : `and whether it has been done is not known (job ${jobId})`;
    throw new WarehouseError(
      'unavailable',
      `BigQuery, ${operation}: the job has not ended within ${this.jobTimeoutMs / 1000} s, ${known}`,
      { cause: error },
    );
  }

  /** How a job has ended; null when nobody can say until then. */
  private async endOf(jobId: string, until: number): Promise<'done' | 'failed' | null> {
    while (Date.now() < until) {
      const status = await this.statusOf(jobId, until).catch((error: unknown) =>
        isNotFound(error) ? null : undefined,
      );
      if (status === null) return null;
      if (status?.state === 'DONE') return status.errorResult ? 'failed' : 'done';
      await pause(firstPauseMs);
    }
    return null;
  }

  /** The error in which a job has ended; null when it has not, or when nobody can say. */
  private async failureOf(jobId: string, until: number): Promise<unknown> {
    try {
      const { errorResult } = await this.statusOf(jobId, until);
      return errorResult ? jobFailure(errorResult) : null;
    } catch {
      return null;
    }
  }

  private jobOf(client: BigQuery, jobId: string): Job {
    return client.job(jobId, { location: this.settings.location });
  }

  private async statusOf(jobId: string, until: number): Promise<JobStatus> {
    // The client types what it answers as anything.
    const [metadata] = (await this.send(until, (client) =>
      this.jobOf(client, jobId).getMetadata(),
    )) as unknown as [{ readonly status: JobStatus }];
    return metadata.status;
  }

  /**
   * A page of the rows of a query's job. One request waits at the server for ten seconds (said
   * otherwise, the client would make an error of it), then another, until `until`.
   */
  private async resultsOf(
    jobId: string,
    until: number,
    pageToken: string | null,
    maxResults?: number,
  ): Promise<Page> {
    for (;;) {
      const [rows, next, answer] = await this.send(until, (client) =>
        this.jobOf(client, jobId).getQueryResults({
          autoPaginate: false,
          ...(pageToken === null ? {} : { pageToken }),
          ...(maxResults === undefined ? {} : { maxResults }),
        }),
      );
      if (answer?.jobComplete !== false) return { rows: rows as Row[], pageToken: next?.pageToken ?? null };
      await pause(firstPauseMs);
    }
  }

  /** Sends a request that must be answered until then; refused where that is over. */
  private async send<T>(until: number, request: (client: BigQuery) => Promise<T>): Promise<T> {
    const leftMs = until - Date.now();
    if (leftMs <= 0) throw new WarehouseError('unavailable', 'BigQuery: the time for it is over');
    return this.client.send(request, leftMs);
  }

  /** Tries a request that may be repeated until it is through, its error does not pass, or its time is over. */
  private async patiently<T>(doing: string, request: (until: number) => Promise<T>): Promise<T> {
    const until = Date.now() + this.jobTimeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      this.refuseIfClosed(doing);
      try {
        const answer = await request(until);
        this.answeredAt = Date.now();
        return answer;
      } catch (error) {
        const problem = toWarehouseError(error, doing);
        this.trouble = problem.message;
        if (!passesSoon(problem) || attempt >= mostAttempts || isOver(until)) throw problem;
        await pause(pauseBefore(attempt));
      }
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

/** What matters of a dataset. */
export interface DatasetMetadata {
  readonly location?: string;
  /** In ms, as text; absent or 0 when tables do not expire. */
  readonly defaultTableExpirationMs?: string;
  readonly defaultPartitionExpirationMs?: string;
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

/** Whether what was to be created was there already: a job that has this id was created by an attempt whose answer was lost. */
async function wasThere(creating: Promise<unknown>): Promise<boolean> {
  try {
    await creating;
    return false;
  } catch (error) {
    if (isDuplicate(error)) return true;
    throw error;
  }
}

/** A timer may be a millisecond early. */
function isOver(until: number): boolean {
  return Date.now() >= until - 2;
}

/** Whether it is worth the wait of some seconds. */
function passesSoon({ kind, retryAfterMs }: WarehouseError): boolean {
  return kind === 'unavailable' && retryAfterMs === null;
}

function nullIfNotFound(error: unknown): null {
  if (error instanceof WarehouseError && isNotFound(error.cause)) return null;
  throw error;
}

/** Doubling, with chance in it so that two that collided do not collide again. */
function pauseBefore(attempt: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
