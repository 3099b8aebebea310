/** A build in a folder, driven by what its users have: its own command line. So versions of any inner make can be tried. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readBuildInfo } from '../config/build-info';

export interface CommandEnd {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that holds no build, in a sentence. */
export class NoBuildError extends Error {
  override readonly name = 'NoBuildError';
}

/** What a build needs to be run. */
const needed = ['bin/phase3.js', 'dist/workflow-bundle.js', 'dist/build.json'];

/** The id of the build in a folder. Throws {@link NoBuildError}. */
export function buildIdOf(folder: string): string {
  const missing = needed.filter((path) => !existsSync(join(folder, path)));
  if (missing.length > 0)
    throw new NoBuildError(
      `${resolve(folder)} holds no build: ${missing.join(', ')} not there. Expected the folder of a built package.`,
    );
  const { id } = readBuildInfo(join(folder, 'dist', 'build.json'));
  if (id === null) throw new NoBuildError(`The build in ${resolve(folder)} does not say which it is.`);
  return id;
}

export class OtherBuild {
  constructor(
    readonly folder: string,
    private readonly environment: Readonly<NodeJS.ProcessEnv>,
  ) {}

  /** Runs `phase3 …args` to its end, or kills it when `signal` is aborted. */
  run(
    args: readonly string[],
    { settings = {}, signal }: { readonly settings?: NodeJS.ProcessEnv; readonly signal?: AbortSignal } = {},
  ): Promise<CommandEnd> {
    const child = spawn(process.execPath, [join(this.folder, 'bin', 'phase3.js'), ...args], {
      // What a person's Ctrl-C ends is ended by us, in order.
      detached: process.platform !== 'win32',
      env: { ...this.environment, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const kill = (): void => void child.kill('SIGKILL');
    if (signal?.aborted) kill();
    signal?.addEventListener('abort', kill, { once: true });
    return new Promise<CommandEnd>((done, reject) => {
      child.once('error', reject);
      child.once('close', (code) => done({ code, stdout, stderr }));
    }).finally(() => signal?.removeEventListener('abort', kill));
  }
}

/** The end of what a process said, on one line. */
export function lastLines(text: string, most = 400): string {
  const said = text.trim().split('\n').slice(-3).join(' ');
  return said === '' ? 'it says nothing' : said.slice(-most);
}
