import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CommandError, exitCodes } from '../../src/cli/context';
import { findRawFiles, readRawFile, type RawFile } from '../../src/cli/raw-files';
import type { Row } from '../../src/tables/define-table';
import { goodNight } from '../support/fixtures';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phase3-raw-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const teamRows: readonly Row[] = goodNight(2).rows.nbac_team_boxscore;

function linesOf(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** Writes `nba_raw/<name>`, zipped if the name says so. */
async function put(name: string, content: string | Buffer): Promise<RawFile> {
  const path = join(folder, 'nba_raw', name);
  await mkdir(join(folder, 'nba_raw'), { recursive: true });
  await writeFile(path, typeof content === 'string' && name.endsWith('.gz') ? gzipSync(content) : content);
  return { table: name.replace(/\.ndjson.*$/, ''), path };
}

/** Every row of the file, with the unknown fields that were told on the way. */
async function read(file: RawFile): Promise<{ rows: Row[]; unknown: string[] }> {
  const rows: Row[] = [];
  const unknown: string[] = [];
  for await (const row of readRawFile(file, (field) => unknown.push(field))) rows.push(row);
  return { rows, unknown };
}

/** The sentence of the bad input that the promise ends in. */
async function badInputOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CommandError);
  expect((error as CommandError).exitCode).toBe(exitCodes.badInput);
  return (error as CommandError).message;
}

describe('the raw files of a folder', () => {
  it('are found by their tables, plain or zipped, in a fixed order; other files are left alone', async () => {
    await put('nbac_team_boxscore.ndjson', '');
    await put('nbac_gamebook_player_stats.ndjson.gz', '');
    await put('README.md', 'hello');
    await put('nbac_schedule.ndjson.gz', '');
    expect(await findRawFiles(folder)).toEqual(
      ['nbac_gamebook_player_stats.ndjson.gz', 'nbac_schedule.ndjson.gz', 'nbac_team_boxscore.ndjson'].map(
        (name) => ({ table: name.replace(/\.ndjson.*$/, ''), path: join(folder, 'nba_raw', name) }),
      ),
    );
  });

  it('may be named with their dataset', async () => {
    await put('nba_raw.nbac_schedule.ndjson', '');
    expect((await findRawFiles(folder)).map((file) => file.table)).toEqual(['nbac_schedule']);
  });

  it.each([
    ['a folder that is not there', 'nowhere'],
    ['a folder without nba_raw', '.'],
  ])('are refused for %s, with the layout that is expected', async (_what, name) => {
    const message = await badInputOf(findRawFiles(join(folder, name)));
    expect(message).toBe(
      `${join(folder, name, 'nba_raw')} is not there. DIR is a folder that holds nba_raw/<table>.ndjson or .ndjson.gz.`,
    );
  });

  it('are refused where nba_raw is a file', async () => {
    await writeFile(join(folder, 'nba_raw'), '');
    expect(await badInputOf(findRawFiles(folder))).toContain('is not there');
  });

  it('are refused where there is none, with the names that are expected', async () => {
    await put('notes.txt', 'nothing');
    const message = await badInputOf(findRawFiles(folder));
    expect(message).toContain(`${join(folder, 'nba_raw')} has no file to load.`);
    expect(message).toContain('nbac_gamebook_player_stats.ndjson[.gz]');
  });

  it('are refused with a table that nobody knows, with the nearest name', async () => {
    await put('nbac_schedule.ndjson', '');
    await put('nbac_team_boxscores.ndjson.gz', '');
    const message = await badInputOf(findRawFiles(folder));
    expect(message).toContain(join(folder, 'nba_raw', 'nbac_team_boxscores.ndjson.gz'));
    expect(message).toContain(
      'there is no raw table "nbac_team_boxscores". Did you mean nbac_team_boxscore?',
    );
  });

  it.each(['player_game_summary.ndjson', 'nba_analytics.player_game_summary.ndjson', 'toString.ndjson'])(
    'are refused with %s, which is no raw table',
    async (name) => {
      await put(name, '');
      expect(await badInputOf(findRawFiles(folder))).toContain('there is no raw table');
    },
  );

  it('are refused with a table both plain and zipped: nobody knows which counts', async () => {
    const plain = await put('nbac_schedule.ndjson', '');
    const zipped = await put('nbac_schedule.ndjson.gz', '');
    expect(await badInputOf(findRawFiles(folder))).toBe(
      `nbac_schedule is there twice: ${plain.path} and ${zipped.path}. Keep one.`,
    );
  });
});

describe.each(['nbac_team_boxscore.ndjson', 'nbac_team_boxscore.ndjson.gz'])('the file %s', (name) => {
  it('is read row by row', async () => {
    expect(await read(await put(name, linesOf(teamRows)))).toEqual({ rows: teamRows, unknown: [] });
  });

  it('is read though it has blank lines, Windows line ends and none at the end', async () => {
    const text = `\n${teamRows.map((row) => JSON.stringify(row)).join('\r\n\r\n')}`;
    expect((await read(await put(name, text))).rows).toEqual(teamRows);
  });

  it('is read whole however long, names with accents included', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({
      ...teamRows[0]!,
      team_name: `Šibenik Dončić ${index}`,
    }));
    expect((await read(await put(name, linesOf(many)))).rows).toEqual(many);
  });

  it('is refused with every fault of the line at once: file, line, field and what is expected', async () => {
    const bad = { ...teamRows[0]!, points: 'many', game_date: 'today', fg_percentage: 'half' };
    const file = await put(name, `\n\n${linesOf([teamRows[1]!, bad])}`);
    const message = await badInputOf(read(file));
    expect(message).toContain(
      `${file.path}, line 4: game_date is "today", expected a date written YYYY-MM-DD; `,
    );
    expect(message).toContain('fg_percentage is "half", expected a number or null');
    expect(message).toContain('points is "many", expected a whole number or null');
    expect(message).toMatch(/ Nothing of it was loaded\.$/);
  });

  it.each([
    ['a list', '[1]', '(line) is [1], expected a JSON object'],
    ['a word', '"team"', '(line) is "team", expected a JSON object'],
    ['null', 'null', '(line) is empty, expected a JSON object'],
  ])('is refused with %s for a row', async (_what, line, expected) => {
    const file = await put(name, `${line}\n`);
    expect(await badInputOf(read(file))).toContain(`line 1: ${expected}`);
  });

  it.each([
    ['empty', ''],
    ['nothing but blank lines', '\n \n\n'],
  ])('is refused when it is %s', async (_what, content) => {
    const file = await put(name, content);
    expect(await badInputOf(read(file))).toBe(`${file.path} contains no rows. Nothing of it was loaded.`);
  });

  it('is refused when a line breaks off', async () => {
    const file = await put(name, linesOf(teamRows).slice(0, -40));
    const message = await badInputOf(read(file));
    expect(message).toContain(`${file.path}, line 4: is not a complete JSON object ({"game_id"`);
    expect(message).toContain('If it is the last line, the file was cut off. Nothing of it was loaded.');
    expect(message.length).toBeLessThan(400);
  });

  it('tells of an unknown field once, and leaves it out', async () => {
    const rows = teamRows.map((row) => ({ ...row, fantasy_points: 43.9, video: true }));
    expect(await read(await put(name, linesOf(rows)))).toEqual({
      rows: teamRows,
      unknown: ['fantasy_points', 'video'],
    });
  });
});

describe('formats of others', () => {
  const name = 'nbac_team_boxscore.ndjson';

  it("whole numbers as texts are read: BigQuery's own export has them so", async () => {
    const texts = teamRows.map((row) => ({ ...row, points: String(row['points']), plus_minus: '-3' }));
    const { rows } = await read(await put(name, linesOf(texts)));
    expect(rows).toEqual(teamRows.map((row) => ({ ...row, plus_minus: -3 })));
  });

  it.each(['98.5', '9e1', '98 ', '٩٨', '99999999999999999'])(
    'the text %j is no whole number',
    async (points) => {
      const message = await badInputOf(read(await put(name, linesOf([{ ...teamRows[0]!, points }]))));
      expect(message).toContain(`points is ${JSON.stringify(points)}, expected a whole number or null`);
    },
  );

  it.each(['NaN', 'Infinity', '-Infinity'])(
    '%s, which is no JSON, is refused with line and column',
    async (word) => {
      const text = linesOf(teamRows.slice(0, 2)).replace('"points":98', `"points":${word}`);
      const message = await badInputOf(read(await put(name, text)));
      expect(message).toMatch(new RegExp(`line \\d: points is ${word}, which is no figure\\.`));
    },
  );

  it('a field that a line has twice is refused: JSON would keep the last', async () => {
    const text = linesOf(teamRows.slice(0, 2)).replace('"points":98', '"points":98,"points":105');
    const message = await badInputOf(read(await put(name, text)));
    expect(message).toMatch(/line \d: points is there twice, expected once\./);
  });

  it('bytes that are not UTF-8 are refused with line and column', async () => {
    const text = linesOf([teamRows[0]!, { ...teamRows[1]!, team_name: 'Montréal' }]);
    const file = await put(name, Buffer.from(text, 'latin1'));
    const message = await badInputOf(read(file));
    expect(message).toContain(`${file.path}, line 2: team_name has bytes that are not UTF-8`);
  });

  it.each([
    [
      'nbac_gamebook_player_stats.ndjson',
      'player_status',
      'ACTIVE',
      'player_status is "ACTIVE", expected one of active, dnp, inactive',
    ],
    ['nbac_gamebook_player_stats.ndjson', 'minutes', '34m', 'minutes is "34m", expected MM:SS'],
    ['nbac_team_boxscore.ndjson', 'minutes', '4:00:00', 'minutes is "4:00:00", expected MM:SS'],
  ])('%s: an odd %s, %j, is read, and told with its line', async (file, field, value, sentence) => {
    const table = file.replace('.ndjson', '') as 'nbac_team_boxscore' | 'nbac_gamebook_player_stats';
    const [first, second] = goodNight(1).rows[table];
    const odd: string[] = [];
    const rows = readRawFile(
      await put(file, linesOf([first!, { ...second!, [field]: value }])),
      () => undefined,
      (one) => odd.push(one),
    );
    for await (const row of rows) expect(row).toBeDefined();
    expect(odd).toEqual([expect.stringContaining(`line 2: ${sentence}`)]);
  });
});

describe('a zipped file', () => {
  const name = 'nbac_team_boxscore.ndjson.gz';
  const many = Array.from({ length: 5000 }, (_, index) => ({ ...teamRows[index % 4]!, team_id: index }));
  const whole = gzipSync(linesOf(many));

  it('that was cut off in the middle is refused, and says so', async () => {
    const file = await put(name, whole.subarray(0, Math.floor(whole.length / 2)));
    const message = await badInputOf(read(file));
    expect(message).toContain(file.path);
    expect(message).toMatch(/cut off.*Nothing of it was loaded\.$/);
  });

  it('that lost only its last byte is refused, though every row can be read', async () => {
    const file = await put(name, whole.subarray(0, -1));
    const message = await badInputOf(read(file));
    expect(message).toContain('the compressed file ends in the middle; it was cut off');
  });

  it('that was damaged on the way is refused', async () => {
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 2000, 2100);
    const file = await put(name, damaged);
    expect(await badInputOf(read(file))).toContain(file.path);
  });

  it('that is not zipped is refused', async () => {
    const file = await put(name, Buffer.from(linesOf(teamRows)));
    expect(await badInputOf(read(file))).toMatch(
      /is not a complete gzip file \(.*\)\. Nothing of it was loaded\.$/,
    );
  });

  it('of no bytes at all is refused', async () => {
    const file = await put(name, Buffer.alloc(0));
    expect(await badInputOf(read(file))).toContain(file.path);
  });
});

describe('a file that cannot be read', () => {
  it('is refused when it is gone since it was found', async () => {
    const path = join(folder, 'nba_raw', 'nbac_schedule.ndjson');
    expect(await badInputOf(read({ table: 'nbac_schedule', path }))).toMatch(/cannot be read \(ENOENT/);
  });

  it('is refused when it is a folder', async () => {
    const path = join(folder, 'nba_raw', 'nbac_schedule.ndjson');
    await mkdir(path, { recursive: true });
    expect(await badInputOf(read({ table: 'nbac_schedule', path }))).toMatch(/cannot be read \(EISDIR/);
  });
});

it('stops reading when its reader has enough', async () => {
  const file = await put('nbac_team_boxscore.ndjson', linesOf(teamRows));
  const rows = readRawFile(file, () => undefined);
  expect((await rows.next()).value).toEqual(teamRows[0]);
  await rows.return(undefined);
  expect(await rows.next()).toEqual({ done: true, value: undefined });
});

it("lets its reader's own failure through as it is", async () => {
  const file = await put('nbac_team_boxscore.ndjson', linesOf(teamRows));
  const rows = readRawFile(file, () => undefined);
  await rows.next();
  await expect(rows.throw(new Error('the disk is full'))).rejects.toThrow('the disk is full');
});
