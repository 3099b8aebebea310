/**
 * A BigQuery that runs here: `local-bigquery` from PyPI, in a virtual environment of its own with a HOME of its own, so
 * that nothing else on the machine is touched. It wants Python 3.13.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The version with the fewest differences from Google's; DuckDB 1.5.5 is what its extensions on PyPI are made for. */
const version = '0.3.2';
const packages = [
  `local-bigquery==${version}`,
  'duckdb==1.5.5',
  ...['ducklake', 'icu', 'spatial'].map((name) => `duckdb-extension-${name}==1.5.5`),
];

/** Puts the extensions where DuckDB looks for them, and tries the one that the server cannot start without. */
const placeExtensions = `
import duckdb, importlib, os
for name in ("icu", "ducklake", "spatial"):
    package = importlib.import_module("duckdb_extension_" + name)
    path = os.path.join(os.path.dirname(package.__file__), "extensions", "v" + duckdb.__version__, name + ".duckdb_extension")
    duckdb.connect().execute(f"INSTALL '{path}'")
duckdb.connect(config={"TimeZone": "UTC"}).execute("LOAD ducklake")
`;

export interface InstalledEmulator {
  readonly python: string;
  readonly home: string;
}

/** A Python 3.13: on the PATH, or one of pyenv's. Null when there is none. */
export function findPython313(): string | null {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => [join(folder, 'python3.13'), join(folder, 'python3')]);
  const pyenv = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const versions = existsSync(pyenv) ? readdirSync(pyenv).filter((name) => name.startsWith('3.13')) : [];
  const candidates = [...onPath, ...versions.map((name) => join(pyenv, name, 'bin', 'python'))];
  return candidates.find((path) => existsSync(path) && is313(path)) ?? null;
}

/** pyenv leaves commands on the PATH that only say that they are not chosen. */
function is313(python: string): boolean {
  try {
    const code = 'import sys; print("%d.%d" % sys.version_info[:2])';
    return (
      execFileSync(python, ['-c', code], { stdio: ['ignore', 'pipe', 'ignore'] })
        .toString()
        .trim() === '3.13'
    );
  } catch {
    return false;
  }
}

/** Installs what is missing. Two at once do not mix: each makes its own and the first to be ready is kept. */
export async function installEmulator(python: string): Promise<InstalledEmulator> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'phase3');
  const folder = join(cache, `local-bigquery-${version}`);
  const installed = { python: join(folder, 'bin', 'python'), home: join(folder, 'home') };
  if (existsSync(installed.home)) return installed;
  process.stderr.write(`Installing local-bigquery ${version} from PyPI into ${folder}\n`);
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'installing-'));
  try {
    const inDraft = join(draft, 'bin', 'python');
    await run(python, ['-m', 'venv', draft]);
    await run(inDraft, ['-m', 'pip', '--quiet', '--disable-pip-version-check', 'install', ...packages], {
      maxBuffer: 1 << 24,
    });
    await mkdir(join(draft, 'home'));
    await run(inDraft, ['-c', placeExtensions], { env: { HOME: join(draft, 'home') } });
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(installed.home)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return installed;
}
