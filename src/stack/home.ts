/** The files of a `PHASE3_HOME`. Nothing local is kept anywhere else. */
import { mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { clauseOf, read, type Schema } from '../contracts/schema';
import type { WorkerFile } from '../control/protocol';
import {
  homeRecord,
  stackFile,
  workerFile,
  type HomeRecord,
  type StackFile,
  type StartedProcess,
} from './home-files';

export type { StackFile, StartedProcess } from './home-files';

/** Every process that a home has started. */
export function partsOf({
  temporal,
  worker,
  olderWorkers = {},
  gateway = null,
}: StackFile): (StartedProcess | null)[] {
  return [temporal, worker, gateway, ...Object.values(olderWorkers)];
}

/** A home that cannot be used as it is, in a sentence, and the status of a process that ends for it. */
export class HomeError extends Error {
  override readonly name = 'HomeError';
  constructor(
    message: string,
    /** 2 where the folder has to be another or others' rights; 1 where trying again may help. */
    readonly status: 1 | 2,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Does `work` on files of the home at `home`. Throws a {@link HomeError} for what the system says against it. */
export async function inHome<T>(home: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new HomeError(`PHASE3_HOME is ${home}, whose disk is full (${message}). Make room.`, 1, {
        cause: error,
      });
    throw new HomeError(
      `PHASE3_HOME is ${home}, in which ${path ?? 'a file'} cannot be used (${message}). Expected a folder that you may read and write.`,
      2,
      { cause: error },
    );
  }
}

/** What this process and its children write from now on is for its owner only: rows, histories, logs and tokens. */
export function keepFilesPrivate(): void {
  process.umask(0o077);
}

export class Home {
  readonly warehouseFile: string;
  readonly temporalFile: string;
  readonly logs: string;
  readonly scratch: string;
  readonly lockFile: string;
  private readonly stackFile: string;
  private readonly workerFile: string;
  private readonly recordFile: string;

  constructor(readonly path: string) {
    this.warehouseFile = join(path, 'warehouse.duckdb');
    this.temporalFile = join(path, 'temporal.db');
    this.logs = join(path, 'logs');
    this.scratch = join(path, 'tmp');
    this.lockFile = join(path, 'up.lock');
    this.stackFile = join(path, 'stack.json');
    this.workerFile = join(path, 'worker.json');
    this.recordFile = join(path, 'home.json');
  }

  /** What must not be lost, and must not be copied while somebody writes it. */
  get databaseFiles(): readonly string[] {
    return [this.warehouseFile, this.temporalFile];
  }

  /** Makes its folders where they are missing. Throws {@link HomeError} where they cannot be made. */
  async create(): Promise<void> {
    await inHome(this.path, async () => {
      for (const folder of [this.path, this.logs, this.scratch])
        await mkdir(folder, { recursive: true, mode: 0o700 });
    });
  }

  /** Bytes that this user may still write to the home's disk. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path);
    return bavail * bsize;
  }

  /** Nothing was started where there is no file. Throws {@link HomeError} where there is one that cannot be read. */
  async readStack(): Promise<StackFile> {
    return (await readJson(this.stackFile, stackFile)) ?? { temporal: null, worker: null, gateway: null };
  }

  async writeStack(stack: StackFile): Promise<void> {
    await this.write(this.stackFile, stack);
  }

  /** Needs no room, as writing that nothing was started would. */
  async forgetStack(): Promise<void> {
    await rm(this.stackFile, { force: true });
  }

  /** Null where there is no worker. Throws {@link HomeError} where its file cannot be read. */
  async readWorker(): Promise<WorkerFile | null> {
    return readJson(this.workerFile, workerFile);
  }

  async writeWorker(worker: WorkerFile): Promise<void> {
    await this.write(this.workerFile, worker);
  }

  async forgetWorker(): Promise<void> {
    await rm(this.workerFile, { force: true });
  }

  /** Empty in a home that is new. Throws {@link HomeError} where it cannot be read. */
  async readRecord(): Promise<HomeRecord> {
    return (await readJson(this.recordFile, homeRecord)) ?? { databases: {} };
  }

  async writeRecord(record: HomeRecord): Promise<void> {
    await this.write(this.recordFile, record);
  }

  /** Readers see the old file or the new one, never half of one; only the owner may read it. */
  private async write(path: string, value: unknown): Promise<void> {
    const draft = `${path}.${process.pid}`;
    await inHome(this.path, async () => {
      try {
        await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    });
  }
}

/** A JSON file of our own, or null when it is not there. */
async function readJson<T>(path: string, schema: Schema<T>): Promise<T | null> {
  try {
    const found = read(schema, JSON.parse(await readFile(path, 'utf8')), { what: 'The file' });
    if (found.ok) return found.value;
    throw new Error(found.faults.map(clauseOf).join('; '));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new HomeError(
      `${path} cannot be read (${message}), so it is not known what ${tells(path)}. Make it readable; or end what was ` +
        'started here by hand, remove it, and use `phase3 up`.',
      1,
      { cause: error },
    );
  }
}

/** What a file of ours tells. */
function tells(path: string): string {
  return basename(path) === 'home.json' ? 'was here' : 'runs here';
}
