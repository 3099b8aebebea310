/** A home that is backed up, put back elsewhere and goes on there; and one whose files are lost, which says so. */
import { createHash } from 'node:crypto';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Home } from '../../src/stack/home';
import { freePort } from '../../src/stack/processes';
import { DuckDbDatabase } from '../../src/warehouse/duckdb/duckdb-database';
import { startBuilt } from '../support/built-process';
import { Cli, type Ended } from '../support/cli';
import { demoNight, movedTo } from '../support/nights';
import { startTestServer } from '../support/temporal';

jest.setTimeout(180_000);

const night = '2017-04-15';
/** A date that waits for its team rows. */
const open = '2017-06-20';
const table = 'player_game_summary';

let folder: string;
let archive: string;
let cli: Cli;
let home: Home;

const settings = { PHASE3_GATE_FIRST_WAIT_SECONDS: '600', PHASE3_GATE_DEADLINE_SECONDS: '3600' };

async function loadNights(): Promise<void> {
  const rows = join(folder, 'rows', 'nba_raw');
  await mkdir(rows, { recursive: true });
  const late = movedTo(demoNight(night), open);
  const write = (name: string, lines: readonly object[]): Promise<void> =>
    writeFile(join(rows, `${name}.ndjson`), lines.map((line) => JSON.stringify(line)).join('\n'));
  for (const name of ['nbac_schedule', 'nbac_gamebook_player_stats'] as const)
    await write(name, [...demoNight(night)[name], ...late[name]]);
  await write('nbac_team_boxscore', demoNight(night).nbac_team_boxscore);
  await cli.ok('load', join(folder, 'rows'));
}

/** What is in a home but for what is of the moment, by path: the hash of each file. */
async function contentsOf(path: string): Promise<Record<string, string>> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const ofTheMoment = ['logs', 'builds'].map((name) => join(path, name));
  const hashes = entries
    .filter((entry) => entry.isFile() && !ofTheMoment.some((folder) => entry.parentPath.startsWith(folder)))
    .map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      return [
        file,
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      ] as const;
    });
  return Object.fromEntries(await Promise.all(hashes));
}

const rowsOf = (from: Cli): Promise<string> => from.ok('export', table, '--from', night, '--to', night);

const refusal = (sentence: string, code = 1): Ended => ({
  ...{ code, stdout: '' },
  stderr: expect.stringContaining(sentence) as string,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-backup-'));
  archive = join(folder, 'home.tar.gz');
  cli = await Cli.create(settings);
  home = new Home(cli.home);
  await cli.ok('up');
  await loadNights();
  await cli.ok('run', night, '--wait');
  await cli.ok('run', open);
});
afterAll(async () => {
  await cli.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('a home that is up is not backed up, for its two databases would be of two moments', async () => {
  expect(await cli.run(['backup', archive])).toEqual(refusal(`The stack of ${cli.home} is up.`));
  expect(await readdir(folder)).toEqual(['rows']);
});

describe('a home at rest', () => {
  let published: string;
  let before: Record<string, string>;

  beforeAll(async () => {
    published = await rowsOf(cli);
    // As it is after a crash: what was written last is in the log alone.
    process.kill((await home.readWorker())!.pid, 'SIGKILL');
    await cli.ok('down');
    before = await contentsOf(cli.home);
    expect(Object.keys(before)).toContain(`${home.warehouseFile}.wal`);
    await cli.ok('backup', archive);
  });

  test('is as it was, and the backup says what is in it', async () => {
    expect(await contentsOf(cli.home)).toEqual(before);
    expect((await stat(archive)).mode & 0o777).toBe(0o600);
    const other = join(folder, 'again.tar.gz');
    const said = await cli.json('backup', other);
    expect(said).toMatchObject({
      ...{
        archive: other,
        home: cli.home,
        version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
        left_out: [],
      },
      tables: { [`nba_analytics.${table}`]: 89, 'nba_raw.nbac_team_boxscore': 8 },
    });
    expect(said['sha256']).toBe(
      createHash('sha256')
        .update(await readFile(other))
        .digest('hex'),
    );
    await rm(other);
  });

  test.each([
    ['a file that is there', () => archive, () => `${archive} is there already.`],
    ['a file in the home', () => join(cli.home, 'b.tar.gz'), () => 'would be in the home that it is to save'],
    [
      'a folder that is not there',
      () => join(folder, 'no', 'b.tar.gz'),
      () => `There is no folder ${join(folder, 'no')}`,
    ],
  ])('is not written to %s', async (_, file, sentence) => {
    expect(await cli.run(['backup', file()])).toEqual(refusal(sentence()));
    expect(await contentsOf(cli.home)).toEqual(before);
  });

  test('is not copied while another process writes its warehouse, which is named', async () => {
    const copy = join(folder, 'held');
    await mkdir(copy);
    await copyFile(home.warehouseFile, join(copy, 'warehouse.duckdb'));
    const database = await DuckDbDatabase.open(join(copy, 'warehouse.duckdb'));
    try {
      const ended = await cli.run(['backup', join(folder, 'held.tar.gz')], { PHASE3_HOME: copy });
      expect(ended).toEqual(refusal(`rocess ${process.pid} has ${join(copy, 'warehouse.duckdb')} open`));
      expect(await cli.run(['down'], { PHASE3_HOME: copy })).toEqual(refusal(`rocess ${process.pid} has`));
    } finally {
      await database.close();
    }
  });

  test('is not replaced unless that is said', async () => {
    expect(await cli.run(['restore-home', archive])).toEqual(
      refusal(`${cli.home} (PHASE3_HOME) is not empty: it holds temporal.db, `),
    );
    expect(await contentsOf(cli.home)).toEqual(before);
  });

  describe('a damaged backup changes nothing:', () => {
    const whole = (): Promise<Buffer> => readFile(archive);
    /** The archive with a text of its first file replaced by another of the same length. */
    const withManifest = async (old: string | RegExp, text: string): Promise<Buffer> => {
      const tar = gunzipSync(await whole());
      const end = tar.indexOf('\n}\n');
      const manifest = tar.subarray(0, end).toString('latin1');
      const planted = manifest.replace(old, text);
      expect(planted).not.toBe(manifest);
      expect(planted).toHaveLength(manifest.length);
      return gzipSync(Buffer.concat([Buffer.from(planted, 'latin1'), tar.subarray(end)]));
    };

    test.each<[string, () => Promise<Buffer>, string]>([
      ['cut off', async () => (await whole()).subarray(0, 60_000), 'is damaged, or no backup of phase3'],
      ['empty', async () => Buffer.alloc(0), 'is damaged'],
      [
        'something else',
        async () => Buffer.from('this is no archive '.repeat(1_000)),
        'is damaged, or no backup',
      ],
      [
        'one byte of its warehouse',
        async () => {
          const tar = gunzipSync(await whole());
          // Behind the manifest, Temporal's database and a header: in the pages.
          const at = tar.length - 200_000;
          tar[at] = (tar[at] ?? 0) ^ 1;
          return gzipSync(tar);
        },
        'is not what its manifest says',
      ],
      [
        'a way out of the home',
        () => withManifest(/"path": "temporal\.db"/, '"path": "../poral.db"'),
        'a path below the home',
      ],
      [
        'of a newer format',
        () => withManifest('"format": 1', '"format": 9'),
        'it was made by a newer phase3',
      ],
      [
        'other rows than it promises',
        () => withManifest(`${table}": 89`, `${table}": 88`),
        `has 89 rows in nba_analytics.${table}`,
      ],
    ])('%s', async (_, content, sentence) => {
      const damaged = join(folder, 'damaged.tar.gz');
      await writeFile(damaged, await content());
      const ended = await cli.run(['restore-home', damaged, '--replace']);
      expect(ended).toEqual(refusal(sentence));
      expect(ended.stderr).toContain(`Nothing in ${cli.home} was changed.`);
      expect(await contentsOf(cli.home)).toEqual(before);
    });
  });

  test('is put back in another place, and goes on there: rows, decisions and the run that waits', async () => {
    const elsewhere = await Cli.create(settings);
    try {
      const said = await elsewhere.ok('restore-home', archive);
      expect(said).toContain(`${elsewhere.home} is as ${cli.home} was on `);
      expect(said).toMatch(/\d+ rows in \d+ tables/);
      await elsewhere.ok('up');
      expect(await rowsOf(elsewhere)).toBe(published);
      expect(await elsewhere.ok('verify')).toContain('all as published');
      expect(await elsewhere.json('status', open)).toMatchObject({ state: 'waiting', is_open: true });
      await elsewhere.ok('cancel', open, '--reason', 'the league sends nothing');
      expect(await elsewhere.json('status', open)).toMatchObject({ state: 'cancelled' });
    } finally {
      await elsewhere.dispose();
    }
  });

  test('is replaced where that is said; what was there is kept', async () => {
    const said = await cli.json('restore-home', archive, '--replace');
    const aside = await contentsOf(String(said['replaced']));
    const { [join(cli.home, 'home.json')]: _, ...kept } = before;
    expect(Object.values(aside).sort()).toEqual(Object.values(kept).sort());
    for (const [path, hash] of Object.entries(kept)) expect((await contentsOf(cli.home))[path]).toBe(hash);
    await rm(String(said['replaced']), { recursive: true });
  });

  test('that was being replaced when the power went is refused, and replaced again', async () => {
    await home.writeRecord({ ...(await home.readRecord()), restoring: archive });
    await rename(home.warehouseFile, join(cli.home, 'gone'));
    for (const command of [['up'], ['backup', join(folder, 'half.tar.gz')]])
      expect(await cli.run(command)).toMatchObject({
        ...{ code: 2, stderr: expect.stringContaining(`putting back ${archive} was cut off`) as string },
      });
    await cli.ok('restore-home', archive, '--replace');
    await cli.ok('up');
    expect(await rowsOf(cli)).toBe(published);
    await cli.ok('down');
  });
});

describe.each(['warehouse.duckdb', 'temporal.db'] as const)('%s that is gone', (name) => {
  const aside = (): string => join(folder, name);
  const path = (): string => join(cli.home, name);
  const sentence = (): string => `${path()} is gone, and was there on `;

  beforeAll(async () => {
    await cli.run(['down']);
    await cli.run(['restore-home', archive, '--replace']);
    await cli.ok('up');
    await cli.ok('down');
    await rename(path(), aside());
  });

  test('is said by up and backup, which make no new one', async () => {
    for (const command of [['up'], ['backup', join(folder, 'less.tar.gz')]]) {
      const ended = await cli.run(command);
      expect(ended).toEqual(refusal(sentence(), 2));
      expect(ended.stderr).toContain('`phase3 restore-home FILE --replace`');
      expect(ended.stderr).toContain('`phase3 up --start-empty`');
    }
    expect(await readdir(cli.home)).not.toContain(name);
    expect((await cli.json('status'))['problems']).toEqual(
      expect.arrayContaining([expect.stringContaining(sentence()) as string]),
    );
  });

  test('counts as gone when it is empty, as a full disk leaves it', async () => {
    await copyFile(aside(), path());
    await truncate(path());
    expect(await cli.run(['up'])).toEqual(refusal(`${path()} is empty, and was there on `, 2));
    await rm(path());
  });

  test('is begun anew where that is said, once, and is then a database as any other', async () => {
    const { code, stderr } = await cli.run(['up', '--start-empty']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`Starting with an empty ${name}`) as string,
    });
    expect(await cli.json('status')).toMatchObject({ healthy: true, problems: [] });
    // A process writes to it all the same, until it ends.
    await rename(path(), `${path()}.away`);
    expect(await cli.json('status')).toMatchObject({
      healthy: false,
      problems: [expect.stringContaining(sentence()) as string],
    });
    expect(await cli.run(['up', '--start-empty'])).toEqual(refusal('`phase3 down` first'));
    await rename(`${path()}.away`, path());
    expect(await cli.json('status')).toMatchObject({ healthy: true, problems: [] });
    await cli.ok('down');
  });
});

describe('the log of a database', () => {
  beforeAll(async () => {
    await cli.run(['down']);
    await cli.ok('restore-home', archive, '--replace');
    await cli.ok('up');
    await cli.ok('run', '2017-04-16');
    process.kill((await home.readWorker())!.pid, 'SIGKILL');
    await cli.ok('down');
  });

  test.each(['warehouse.duckdb.wal', 'temporal.db-wal'])('%s that is gone is said', async (log) => {
    const path = join(cli.home, log);
    await rename(path, join(folder, log));
    expect(await cli.run(['up'])).toEqual(refusal(`${path} is gone, with the newest part of `, 2));
    await rename(join(folder, log), path);
  });

  test('is no loss where somebody has opened the database since', async () => {
    await (await DuckDbDatabase.open(home.warehouseFile)).close();
    expect(await readdir(cli.home)).not.toContain('warehouse.duckdb.wal');
    await cli.ok('up');
  });
});

test('a worker that is started by hand makes no new warehouse either', async () => {
  await cli.run(['down']);
  await rename(home.warehouseFile, join(folder, 'w'));
  const server = await startTestServer();
  const worker = startBuilt('worker', { PHASE3_HOME: cli.home, TEMPORAL_ADDRESS: server.address });
  const { code, stderr } = await worker.ended;
  await server.stop();
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining(`${home.warehouseFile} is gone`) as string,
  });
  expect(await readdir(cli.home)).not.toContain('warehouse.duckdb');
});

test('a home without anything has nothing to back up', async () => {
  const bare = join(folder, `bare-${await freePort()}`);
  expect(await cli.run(['backup', join(folder, 'bare.tar.gz')], { PHASE3_HOME: bare })).toEqual(
    refusal(`There is nothing in ${bare} (PHASE3_HOME)`),
  );
});
