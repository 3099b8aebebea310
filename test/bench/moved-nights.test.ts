/** Nights on other dates are the same nights. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { datesFrom, movedNight, smallNights, writeMovedNights } from '../../scripts/bench/moved-nights';

test('dates follow each other over a leap day', () => {
  expect(datesFrom('2012-02-28', 3)).toEqual(['2012-02-28', '2012-02-29', '2012-03-01']);
});

test('date, ids and instants move, and nothing else', () => {
  const row = {
    game_id: '20241022_NYK_BOS',
    nba_game_id: '0022400061',
    game_code: '20241022/NYKBOS',
    game_date: '2024-10-22',
    points: 132,
    minutes: '240:00',
    dnp_reason: null,
    processed_at: '2024-10-23T08:00:00Z',
  };
  expect(movedNight([row], '2010-01-31')).toEqual([
    {
      ...row,
      game_id: '20100131_NYK_BOS',
      game_code: '20100131/NYKBOS',
      game_date: '2010-01-31',
      processed_at: '2010-02-01T08:00:00Z',
    },
  ]);
});

test('small nights are taken, and all where none is small', () => {
  const schedule = new Map([
    ['2025-01-02', [{}, {}, {}]],
    ['2025-01-01', [{}]],
  ]);
  expect(smallNights(schedule, 2)).toEqual(['2025-01-01']);
  expect(smallNights(schedule, 0)).toEqual(['2025-01-01', '2025-01-02']);
});

test('the team rows of every date are kept apart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'phase3-moved-'));
  try {
    // More than there are small nights in the demo.
    const dates = datesFrom('2010-01-01', 33);
    const demo = join(__dirname, '..', '..', 'data', 'demo');
    const { first, missing } = await writeMovedNights(demo, folder, dates);
    const datesOf = async (parent: string, table: string): Promise<Set<string>> => {
      const lines = (await readFile(join(parent, 'nba_raw', `${table}.ndjson`), 'utf8')).trim().split('\n');
      return new Set(lines.map((line) => (JSON.parse(line) as { game_date: string }).game_date));
    };
    expect(await datesOf(first, 'nbac_schedule')).toEqual(new Set(dates));
    expect(await datesOf(first, 'nbac_gamebook_player_stats')).toEqual(new Set(dates));
    expect(await datesOf(missing, 'nbac_team_boxscore')).toEqual(new Set(dates));
    await expect(datesOf(first, 'nbac_team_boxscore')).rejects.toThrow('ENOENT');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
