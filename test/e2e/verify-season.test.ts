/** `npm run verify:season` on the first week of a season: what the README says of a whole one. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDays } from '../../src/contracts/game-date';
import { describeWithSeason, season, seasonNight, type RawTable } from '../support/nights';

const script = join(__dirname, '..', '..', 'dist', 'scripts', 'verify-season.js');
const week = Array.from({ length: 7 }, (_, day) => addDays('2024-10-22', day));
jest.setTimeout(180_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phase3-verify-season-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the week as a season of its own; `change` alters the printed lines of players. */
function writeWeek(change: (lines: string[]) => string[] = (lines) => lines): string {
  const own = mkdtempSync(join(folder, 'season-'));
  for (const name of ['nba_raw', 'published']) mkdirSync(join(own, name));
  const nights = week.map(seasonNight);
  const tables: RawTable[] = ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'];
  for (const table of tables) {
    const rows = nights.flatMap((night) => night[table].map((row) => `${JSON.stringify(row)}\n`));
    writeFileSync(join(own, 'nba_raw', `${table}.ndjson`), rows.join(''));
  }
  for (const name of ['player_advanced.csv', 'team_advanced.csv']) {
    const [head = '', ...lines] = readFileSync(join(season, 'published', name), 'utf8').split('\n');
    const ofWeek = lines.filter((line) => week.some((date) => line.startsWith(`${date},`)));
    const kept = name.startsWith('player') ? change(ofWeek) : ofWeek;
    writeFileSync(join(own, 'published', name), `${[head, ...kept].join('\n')}\n`);
  }
  return own;
}

function verify(own: string): Promise<{ code: number; lines: string[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, own], { env: { ...process.env, TMPDIR: folder } }, (error, stdout) =>
      resolve({ code: Number(error?.code ?? 0), lines: stdout.trim().split('\n') }),
    );
  });
}

describeWithSeason('the first week of a season', () => {
  test('is as it was printed, and the history of each of its dates is judged', async () => {
    const { code, lines } = await verify(writeWeek());
    const counted = new RegExp(
      `^\\d+ runs of ${week.length} dates, ${week.length} player activities, 0 violations`,
    );
    expect(lines).toContainEqual(expect.stringMatching(counted));
    expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: 'Verified.' });
  });

  test('is not verified where a single row is printed that nobody has published', async () => {
    const more = (lines: string[]): string[] => {
      const [date, game, team, , ...figures] = lines[0]!.split(',');
      return [...lines, [date, game, team, 'nobody', ...figures].join(',')];
    };
    const { code, lines } = await verify(writeWeek(more));
    expect(lines.join('\n')).toContain('nobody');
    expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: 'NOT verified.' });
  });
});
