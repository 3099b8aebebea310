/** A real Temporal server of a test file's own, with the settings of the embedded one; in memory unless it is given a file. */
import { spawn } from 'node:child_process';
import { localTemporal } from '../../src/config/temporal-connection';
import { freePort } from '../../src/stack/processes';
import {
  prepareNamespace,
  saysThatItListens,
  serverArguments,
  waitForServer,
} from '../../src/stack/temporal-server';

export interface TestServer {
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts the server; `extra` are further arguments of `temporal server start-dev`. What is in `file` outlives it. */
export async function startTestServer(
  extra: readonly string[] = [],
  file: string | null = null,
): Promise<TestServer> {
  const command = process.env['PHASE3_TEST_TEMPORAL'];
  if (!command) throw new Error('the global setup of jest has not run');
  for (let attempt = 1; ; attempt += 1) {
    // Between choosing a port and listening on it another test file may have taken it: then others are tried.
    const port = await freePort();
    const uiPort = await freePort();
    const child = spawn(
      command,
      [...serverArguments({ port, ui: { ip: '127.0.0.1', port: uiPort }, file }), '--headless', ...extra],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const isOurs = (): Promise<boolean> => Promise.resolve(!gone && saysThatItListens(said, port));
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    let gone = false;
    void exited.then(() => (gone = true));
    const address = `127.0.0.1:${port}`;
    const stop = async (): Promise<void> => {
      child.kill('SIGTERM');
      await exited;
    };
    if (await waitForServer(localTemporal(address), 30_000, () => gone, isOurs)) {
      await prepareNamespace(localTemporal(address));
      return { address, stop };
    }
    await stop();
    if (attempt === 3) throw new Error(`the Temporal server did not come up on ${address}`);
  }
}
