/** What a backup says of itself: the first file in it. */
import * as v from 'valibot';
import { closed, read, sentenceOf } from '../../contracts/schema';

/** Raised when an older version could not restore what is written. */
export const backupFormat = 1;
export const manifestName = 'manifest.json';
/** What the paths of a home's files begin with. */
export const homeFolder = 'home/';

/** A backup that cannot be made, or a file that is none or was damaged. The sentence says which. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/**
 * What is of this machine and this moment: logs, what is on its way, which processes run and with what token. `home.json`
 * says what the home has had, and is made anew of what is put back. SQLite makes a `-shm` anew whenever it opens a database.
 */
const ofTheMoment =
  /^(logs|tmp|rehearsals|canaries|builds|up\.lock.*|(stack|worker|home)\.json(\.\d+)?|replaced-.*|.*\.lost|temporal\.db-shm)$/;

/** Whether a name at the top of a home is kept with it. */
export function isKept(name: string): boolean {
  return !ofTheMoment.test(name);
}

/** No way out of the folder that it is put into, and nothing that no backup has: what runs comes from no archive. */
const isPathBelow = (path: string): boolean =>
  path.split('/').every((name) => name !== '' && name !== '.' && name !== '..') &&
  !/[\\\0]/.test(path) &&
  isKept(path.split('/')[0] ?? '');

const file = closed({
  path: v.pipe(
    v.string(),
    v.check(isPathBelow),
    v.description('a path below the home, of what a backup keeps'),
  ),
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0), v.description('a number of bytes')),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/), v.description('a SHA-256 in hex')),
});

const manifest = closed({
  format: v.pipe(v.literal(backupFormat), v.description(`${backupFormat}: it was made by a newer phase3`)),
  /** ISO 8601. */
  madeAt: v.pipe(v.string(), v.description('an instant')),
  /** Of phase3. */
  version: v.pipe(v.string(), v.description('a version')),
  commit: v.pipe(v.nullable(v.string()), v.description('a commit, or null')),
  /** The folder that it was made of. */
  home: v.pipe(v.string(), v.description('a folder')),
  files: v.pipe(v.array(file), v.description('a list of files')),
  /** Rows of each table of the warehouse; null where the home has no warehouse. */
  tables: v.pipe(
    v.nullable(v.record(v.string(), v.number())),
    v.description('the rows of each table, or null'),
  ),
});

export type BackupManifest = v.InferOutput<typeof manifest>;

/** Throws a {@link BackupError} that names the file and its fault. */
export function readManifest(archive: string, text: string): BackupManifest {
  const found = read(manifest, parsed(archive, text), { what: 'Its manifest' });
  if (found.ok) return found.value;
  throw new BackupError(`${archive} cannot be restored: ${found.faults.map(sentenceOf).join(' ')}`);
}

function parsed(archive: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BackupError(`${archive} is damaged: its manifest is no JSON.`, { cause: error });
  }
}
