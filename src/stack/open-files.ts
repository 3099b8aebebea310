/** Which processes have a file open: what a home does not know of may be at work in it all the same. */
import { execFile } from 'node:child_process';
import { readdir, readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface FileUser {
  readonly pid: number;
  readonly file: string;
}

/** Other processes of this user that have one of the files open, once for each file. */
export async function usersOf(files: readonly string[]): Promise<FileUser[]> {
  const real = await Promise.all(files.map(async (file) => realpath(file).catch(() => file)));
  const found = process.platform === 'linux' ? await usersFromProc(real) : await usersFromLsof(real);
  return found.filter(({ pid }) => pid !== process.pid);
}

async function usersFromProc(files: readonly string[]): Promise<FileUser[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const users = await Promise.all(
    pids.map(async (pid) => {
      const open = await openFilesOf(pid);
      return files.filter((file) => open.has(file)).map((file) => ({ pid, file }));
    }),
  );
  return users.flat();
}

/** What a process has open, by the path, also where that was removed since; nothing of one that has ended or is another user's. */
async function openFilesOf(pid: number): Promise<Set<string>> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch((): string[] => []);
  const paths = await Promise.all(
    descriptors.map((descriptor) => readlink(`${folder}/${descriptor}`).catch(() => '')),
  );
  return new Set(paths.map((path) => path.replace(/ \(deleted\)$/, '')));
}

async function usersFromLsof(files: readonly string[]): Promise<FileUser[]> {
  const users = await Promise.all(
    files.map(async (file) => {
      // It ends with 1 where nobody has the file open.
      const { stdout } = await run('lsof', ['-t', '--', file]).catch(() => ({ stdout: '' }));
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((pid) => ({ pid: Number(pid), file }));
    }),
  );
  return users.flat();
}

/** A sentence about processes that are at work in a home that has not started them; null where there is none. */
export function describeUsers(users: readonly FileUser[]): string | null {
  const [first] = users;
  if (!first) return null;
  const of = users.map(({ pid, file }) => `process ${pid} has ${file} open`).join(', ');
  return (
    `${of[0]?.toUpperCase() ?? ''}${of.slice(1)}, and stack.json of this home does not name it. ` +
    `End it (\`kill ${first.pid}\`), and try again.`
  );
}
