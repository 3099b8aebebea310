/** The files of a `PHASE3_HOME`. Nothing local is kept anywhere else. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerFile } from '../control/protocol';

/** A process that `up` started: the start time tells it from another that got its id later. */
export interface StartedProcess {
  readonly pid: number;
  readonly startedAt: string;
}

/** What `up` has started. */
export interface StackFile {
  readonly temporal: (StartedProcess & { readonly address: string; readonly ui: string }) | null;
  readonly worker: StartedProcess | null;
  /** Absent in files from before there was one. */
  readonly gateway?: (StartedProcess & { readonly url: string }) | null;
}

export class Home {
  readonly warehouseFile: string;
  readonly temporalFile: string;
  readonly logs: string;
  readonly scratch: string;
  readonly lockFile: string;
  private readonly stackFile: string;
  private readonly workerFile: string;

  constructor(readonly path: string) {
    this.warehouseFile = join(path, 'warehouse.duckdb');
    this.temporalFile = join(path, 'temporal.db');
    this.logs = join(path, 'logs');
    this.scratch = join(path, 'tmp');
    this.lockFile = join(path, 'up.lock');
    this.stackFile = join(path, 'stack.json');
    this.workerFile = join(path, 'worker.json');
  }

  async create(): Promise<void> {
    for (const folder of [this.path, this.logs, this.scratch]) await mkdir(folder, { recursive: true });
  }

  async readStack(): Promise<StackFile> {
    return (await readJson<StackFile>(this.stackFile)) ?? { temporal: null, worker: null, gateway: null };
  }

  async writeStack(stack: StackFile): Promise<void> {
    await writeWhole(this.stackFile, stack);
  }

  async readWorker(): Promise<WorkerFile | null> {
    return readJson<WorkerFile>(this.workerFile);
  }

  async writeWorker(worker: WorkerFile): Promise<void> {
    await writeWhole(this.workerFile, worker);
  }

  async forgetWorker(): Promise<void> {
    await rm(this.workerFile, { force: true });
  }
}

/** A JSON file of our own, or null when it is not there. */
async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return null;
  }
}

/** Readers see the old file or the new one, never half of one; only the owner may read it. */
async function writeWhole(path: string, value: unknown): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}
