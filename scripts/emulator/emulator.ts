/** A BigQuery emulator of one's own, as long as it is wanted. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../src/stack/processes';
import { findPython313, installEmulator } from './install-emulator';

export const emulatorProject = 'phase3-test';

export interface Emulator {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** The variables of a process that works with it. */
export function emulatorVariables({ endpoint }: Pick<Emulator, 'endpoint'>): NodeJS.ProcessEnv {
  return {
    ...{ PHASE3_WAREHOUSE: 'bigquery', PHASE3_BIGQUERY_PROJECT: emulatorProject },
    ...{ PHASE3_BIGQUERY_LOCATION: 'US', PHASE3_BIGQUERY_ENDPOINT: endpoint },
  };
}

/** Starts one with its tables in a folder of its own. `root`: the checkout. Installs it where it is not yet. */
export async function startEmulator(root: string): Promise<Emulator> {
  const python = findPython313();
  if (python === null)
    throw new Error('The BigQuery emulator needs Python 3.13 (`python3.13` on the PATH, or one of pyenv).');
  const installed = await installEmulator(python);
  const data = await mkdtemp(join(tmpdir(), 'phase3-bigquery-'));
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const grpcPort = await freePort();
    const log: string[] = [];
    const child = spawn(
      installed.python,
      [
        join(root, 'scripts', 'emulator', 'emulator.py'),
        ...['serve', '--host', '127.0.0.1', '--port', String(port), '--grpc-port', String(grpcPort)],
        ...['--project', emulatorProject, '--data-dir', data],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { HOME: installed.home, PATH: process.env['PATH'] } },
    );
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => log.push(chunk.toString('utf8')));
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    let isGone = false;
    void exited.then(() => (isGone = true));
    const stop = async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
    };
    const endpoint = `http://127.0.0.1:${port}`;
    if (await answers(endpoint, 60_000, () => isGone))
      return {
        endpoint,
        stop: async () => {
          await stop();
          await rm(data, { recursive: true, force: true });
        },
      };
    await stop();
    if (attempt === 3)
      throw new Error(`the BigQuery emulator did not come up on ${endpoint}:\n${log.join('').slice(-2000)}`);
  }
}

/** The port opens before the emulator can work: only an answered request says that it does. */
async function answers(endpoint: string, withinMs: number, hasEnded: () => boolean): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (Date.now() < until && !hasEnded()) {
    const answer = await fetch(`${endpoint}/bigquery/v2/projects/${emulatorProject}/datasets`).catch(
      () => null,
    );
    if (answer?.status === 200) return true;
    await pause(100);
  }
  return false;
}
