/** The archive of a backup: a gzipped tar of the manifest and the home's files, which any `tar` can list. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BackupError, homeFolder, manifestName, readManifest, type BackupManifest } from './manifest';

/** A manifest lists some files and tables; more is none of ours. */
const longestManifest = 16 * 1024 * 1024;

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Writes the archive and waits until the disk has it. `manifestFile` is below `home`, and becomes the first file. */
export async function writeArchive(
  archive: string,
  home: string,
  manifestFile: string,
  files: readonly string[],
): Promise<void> {
  const { create } = await import('tar');
  const manifestPath = relative(home, manifestFile);
  const packed = create(
    {
      gzip: true,
      cwd: home,
      portable: true,
      strict: true,
      onWriteEntry: (entry) => {
        const path = entry.path.replace(/^\.\//, '');
        entry.path = path === manifestPath ? manifestName : `${homeFolder}${path}`;
      },
    },
    [manifestPath, ...files].map((path) => `./${path}`),
  );
  await pipeline(packed, createWriteStream(archive, { flags: 'wx', mode: 0o600 }));
  const written = await open(archive);
  try {
    await written.sync();
  } finally {
    await written.close();
  }
}

/** An entry of an archive, as it is read. */
interface Entry {
  readonly path: string;
  readonly type: string;
  readonly content: AsyncIterable<Buffer>;
}

/**
 * Reads the archive to its end, holds each file against the manifest and, where a folder is given, writes it there. Throws a
 * {@link BackupError} for an archive that is not whole.
 */
export async function readArchive(archive: string, into: string | null): Promise<BackupManifest> {
  if (!(await stat(archive).catch(() => null))?.isFile())
    throw new BackupError(`There is no file ${archive}.`);
  const reader = new Reader(archive, into);
  try {
    const { list } = await import('tar');
    // The next entry may come before the one before has been taken whole.
    let taken = Promise.resolve();
    await list({
      file: archive,
      strict: true,
      onReadEntry: (entry) => {
        const { path, type } = entry;
        // Piped at once: the library lets what nobody has taken by now run away.
        const content = entry.pipe(new PassThrough());
        taken = taken.then(() => reader.take({ path, type, content }));
        // An entry that nobody reads would hold up those after it.
        taken.catch(() => content.resume());
      },
    });
    await taken;
  } catch (error) {
    if (error instanceof BackupError || isOfTheDisk(error)) throw error;
    throw new BackupError(`${archive} is damaged, or no backup of phase3 (${messageOf(error)}).`, {
      cause: error,
    });
  }
  return reader.end();
}

/** What the disk says against what is written to it, which is no fault of the archive. */
function isOfTheDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

class Reader {
  private manifest: BackupManifest | null = null;
  private readonly seen = new Set<string>();

  constructor(
    private readonly archive: string,
    private readonly into: string | null,
  ) {}

  async take(entry: Entry): Promise<void> {
    if (entry.type !== 'File') throw this.damaged(`it holds ${entry.path}, which is no plain file`);
    if (this.manifest === null) this.manifest = await this.readFirst(entry);
    else await this.readFile(entry, this.manifest);
  }

  /** The manifest, once every file of it has come. */
  end(): BackupManifest {
    if (this.manifest === null) throw this.damaged('it is empty');
    const missing = this.manifest.files.find(({ path }) => !this.seen.has(path));
    if (missing) throw this.damaged(`it has no ${missing.path}`);
    return this.manifest;
  }

  private async readFirst(entry: Entry): Promise<BackupManifest> {
    if (entry.path !== manifestName)
      throw new BackupError(
        `${this.archive} is no backup of phase3: it does not begin with ${manifestName}.`,
      );
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of entry.content) {
      bytes += chunk.length;
      if (bytes > longestManifest) throw this.damaged('its manifest is too long');
      chunks.push(chunk);
    }
    return readManifest(this.archive, Buffer.concat(chunks).toString('utf8'));
  }

  private async readFile(entry: Entry, manifest: BackupManifest): Promise<void> {
    const path = entry.path.startsWith(homeFolder) ? entry.path.slice(homeFolder.length) : '';
    const promised = manifest.files.find((file) => file.path === path);
    if (!promised || this.seen.has(path))
      throw this.damaged(`it holds ${entry.path}, which its manifest does not name`);
    this.seen.add(path);
    const { bytes, sha256 } = await this.copy(entry, path);
    if (bytes !== promised.bytes || sha256 !== promised.sha256)
      throw this.damaged(
        `${path} is not what its manifest says (${bytes} of ${promised.bytes} bytes, another SHA-256)`,
      );
  }

  /** Reads an entry, and writes it where there is a folder for it. */
  private async copy(entry: Entry, path: string): Promise<{ bytes: number; sha256: string }> {
    const hash = createHash('sha256');
    let bytes = 0;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of entry.content) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    if (this.into === null) for await (const _ of counted());
    else await writeTo(join(this.into, path), counted());
    return { bytes, sha256: hash.digest('hex') };
  }

  private damaged(why: string): BackupError {
    return new BackupError(`${this.archive} is damaged: ${why}.`);
  }
}

async function writeTo(path: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await pipeline(chunks, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}
