/** Makes a backup of a home: everything that is kept of it, read back before it has its name. */
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { inHome, type Home } from '../home';
import { allDatabases, refuseLost } from '../kept-files';
import { readArchive, sha256Of, writeArchive } from './archive';
import { atRest, keptFiles } from './home-at-rest';
import { backupFormat, BackupError, manifestName, type BackupManifest } from './manifest';

/** A warehouse file that nobody can write to until it is released. */
export interface HeldWarehouse {
  /** Rows of each table. */
  readonly tables: Readonly<Record<string, number>>;
  release(): void;
}

export interface BackupTools {
  /** Holds a warehouse file against writers, and counts it. */
  readonly holdWarehouse: (path: string) => Promise<HeldWarehouse>;
  /** Of phase3. */
  readonly version: string;
  readonly commit: string | null;
}

export interface Backup {
  readonly archive: string;
  /** Of the archive. */
  readonly bytes: number;
  readonly sha256: string;
  readonly manifest: BackupManifest;
  /** What is no plain file, and is not in it. */
  readonly leftOut: readonly string[];
}

/**
 * Backs a home up into a new file. Throws a {@link BackupError} while somebody works in the home, where the file is there
 * already, and where what was written cannot be read back; then there is no such file.
 */
export async function makeBackup(home: Home, given: string, tools: BackupTools): Promise<Backup> {
  const archive = resolve(given);
  if (await stat(archive).catch(() => null))
    throw new BackupError(`${archive} is there already. Choose another name, or remove it.`);
  if (archive.startsWith(resolve(home.path) + sep))
    throw new BackupError(`${archive} would be in the home that it is to save. Choose a file elsewhere.`);
  if (!(await stat(dirname(archive)).catch(() => null))?.isDirectory())
    throw new BackupError(`There is no folder ${dirname(archive)}.`);
  if (!(await stat(home.path).catch(() => null))) throw nothingIn(home);
  return atRest(home, async () => {
    // A copy of what is left would pass for the home.
    await refuseLost(home, allDatabases);
    const { files, others } = await keptFiles(home);
    if (files.length === 0) throw nothingIn(home);
    // Nobody gets it before all is copied.
    const held = files.includes(warehouse) ? await tools.holdWarehouse(home.warehouseFile) : null;
    try {
      const manifest = await describe(home, files, held?.tables ?? null, tools);
      await write(home, archive, manifest);
      const { size } = await stat(archive);
      return { archive, bytes: size, sha256: await sha256Of(archive), manifest, leftOut: others };
    } finally {
      held?.release();
    }
  });
}

const warehouse = 'warehouse.duckdb';

function nothingIn(home: Home): BackupError {
  return new BackupError(`There is nothing in ${home.path} (PHASE3_HOME) that could be backed up.`);
}

async function describe(
  home: Home,
  files: readonly string[],
  tables: BackupManifest['tables'],
  { version, commit }: BackupTools,
): Promise<BackupManifest> {
  const described: BackupManifest['files'] = [];
  for (const path of files) {
    const file = join(home.path, path);
    described.push({ path, bytes: (await stat(file)).size, sha256: await sha256Of(file) });
  }
  const madeAt = new Date().toISOString();
  return { format: backupFormat, madeAt, version, commit, home: home.path, files: described, tables };
}

/** Under its name there is a whole backup, or none. */
async function write(home: Home, archive: string, manifest: BackupManifest): Promise<void> {
  const draft = `${archive}.${process.pid}.part`;
  const folder = await inHome(home.path, async () => {
    await home.create();
    return mkdtemp(join(home.scratch, 'backup-'));
  });
  try {
    const file = join(folder, manifestName);
    await inHome(home.path, () => writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`));
    await writeArchive(
      draft,
      home.path,
      file,
      manifest.files.map(({ path }) => path),
    );
    await readArchive(draft, null);
    await rename(draft, archive);
  } catch (error) {
    await rm(draft, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined
      ? error
      : new BackupError(`${archive} cannot be written (${message}).`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
