/** A disk that is small enough to fill: a tmpfs, which takes the right to mount one. */
import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** As root, or with a sudo that asks nobody. */
function system(command: string, ...args: readonly string[]): boolean {
  return [
    [command, ...args],
    ['sudo', '-n', command, ...args],
  ].some(([program = '', ...rest]) => spawnSync(program, rest, { stdio: 'ignore' }).status === 0);
}

function mount(folder: string, megabytes: number): boolean {
  return system('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0777`, 'tmpfs', folder);
}

/** Whether that right is there. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'phase3-disk-'));
  try {
    return process.platform === 'linux' && mount(folder, 1) && system('umount', folder);
  } finally {
    rmdirSync(folder);
  }
}

export class SmallDisk {
  private constructor(readonly path: string) {}

  static async mount(megabytes: number): Promise<SmallDisk> {
    const path = await mkdtemp(join(tmpdir(), 'phase3-disk-'));
    if (!mount(path, megabytes)) throw new Error(`nothing could be mounted on ${path}`);
    return new SmallDisk(path);
  }

  private get filling(): string {
    return join(this.path, 'filling');
  }

  /** Writes until there is not a byte left. */
  async fill(): Promise<void> {
    for (const size of [1 << 20, 1 << 12]) await this.append(Buffer.alloc(size));
  }

  /** Gives all of that back. */
  async free(): Promise<void> {
    await rm(this.filling);
  }

  async unmount(): Promise<void> {
    system('umount', '-l', this.path);
    await rm(this.path, { recursive: true, force: true });
  }

  private append(chunk: Buffer): Promise<void> {
    const file = createWriteStream(this.filling, { flags: 'a' });
    return new Promise((resolve, reject) => {
      file.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ENOSPC' ? resolve() : reject(error),
      );
      const write = (): void => void file.write(chunk, (error) => (error ? undefined : write()));
      write();
    });
  }
}
