import { gameFromSchedule } from '../../../src/games/game';
import type { GamebookPlayerRow } from '../../../src/sources/nbac-gamebook-player-stats/table';
import { faultOfPlayerRows } from '../../../src/sources/nbac-gamebook-player-stats/whole-game';
import { goodNight, homeOf } from '../../support/fixtures';

const night = goodNight(1);
const game = gameFromSchedule(night.rows.nbac_schedule[0]!, 2024);
const rows = night.rows.nbac_gamebook_player_stats;
const home = homeOf(0);
const isActive = (row: GamebookPlayerRow): boolean =>
  row.team_abbr === home && row.player_status === 'active';
/** The home team's active players of these numbers. */
const numbered = (numbers: RegExp) => (row: GamebookPlayerRow) =>
  isActive(row) && numbers.test(row.player_lookup.slice(-1));

function changed(where: (row: GamebookPlayerRow) => boolean, changes: Partial<GamebookPlayerRow>) {
  return rows.map((row) => (where(row) ? { ...row, ...changes } : row));
}

/** Five of the home team who made all its points. */
function five(): GamebookPlayerRow[] {
  const lost = rows.filter(numbered(/[0-2]/)).reduce((sum, row) => sum + (row.points ?? 0), 0);
  return rows
    .filter((row) => !numbered(/[0-2]/)(row))
    .map((row) => (numbered(/7/)(row) ? { ...row, points: (row.points ?? 0) + lost } : row));
}

it.each<[string, readonly GamebookPlayerRow[]]>([
  ['of a whole game', rows],
  ['of five who made all the points', five()],
  ['with a player at 0:00 among those who played', changed(numbered(/0/), { minutes: '0:00' })],
])('the rows %s are whole', (_what, given) => {
  expect(faultOfPlayerRows(game, given)).toBeNull();
});

it.each<[status: string, detail: string, readonly GamebookPlayerRow[]]>([
  ['missing', 'no player row', []],
  ['placeholder', 'no active player has minutes', changed(() => true, { minutes: '0:00' })],
  ['partial', `${home} has 0 active players, at least 5 play`, rows.filter((row) => row.team_abbr !== home)],
  ['partial', `${home} has 4 active players, at least 5 play`, rows.filter((row) => !numbered(/[0-3]/)(row))],
])('a game is %s: %s', (status, detail, given) => {
  expect(faultOfPlayerRows(game, given)).toEqual({ status, table: 'nbac_gamebook_player_stats', detail });
});

it('minutes that are there and cannot be read are no placeholder, nor is a status that nobody knows', () => {
  expect(faultOfPlayerRows(game, changed(isActive, { minutes: '34m12s' }))).toBeNull();
  expect(faultOfPlayerRows(game, changed(isActive, { player_status: 'ACTIVE' }))).toBeNull();
});
