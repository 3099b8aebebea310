/** Judges each game of a date for one processor: ready, or what is wrong with it. Pure. */
import type { GameVerdict, InputTableName, ProcessorName } from '../contracts/phase3';
import type { Game } from '../stats/game';
import { parseMinutes } from '../stats/minutes';
import type { GamebookPlayerRow, TeamBoxscoreRow } from '../tables/raw';
import { gamebookRowsOf, gamesOf, offenseRowsOf, teamRowsOf, type DateSnapshot } from './snapshot';

/** A side with fewer players than a team has on court cannot be a whole game. */
const fewestActivePlayers = 5;

export interface JudgedGame {
  readonly game: Game;
  readonly verdict: GameVerdict;
}

/** Upstreams that are taken as built from the present raw rows: what a run will have done by the time it needs them. */
export type Foreseen = ReadonlySet<ProcessorName>;

/**
 * What a game needs of the published offence. `required`: rows of both teams · `where_published`: a bypass waives what is
 * not there · `ignored`: a bypass waives it, and what is there is not current, so nothing is divided by it.
 */
export type OffenseUse = 'required' | 'where_published' | 'ignored';

/** Every game of the date's schedule, ordered by id, as the processor's inputs show it. */
export function judgeGames(
  processor: ProcessorName,
  snapshot: DateSnapshot,
  foreseen: Foreseen = new Set(),
  offense: OffenseUse = 'required',
): JudgedGame[] {
  return gamesOf(snapshot).map(({ game }) => ({
    game,
    verdict: judgeGame(processor, snapshot, game, foreseen, offense),
  }));
}

function judgeGame(
  processor: ProcessorName,
  snapshot: DateSnapshot,
  game: Game,
  foreseen: Foreseen,
  offense: OffenseUse,
): GameVerdict {
  if (!game.isFinal)
    return fault(game, 'not_final', 'nbac_schedule', 'the schedule does not say final (status 3) yet');
  switch (processor) {
    case 'TeamOffenseGameSummaryProcessor':
    case 'TeamDefenseGameSummaryProcessor':
      return judgeTeamRows(game, teamRowsOf(snapshot, game));
    case 'PlayerGameSummaryProcessor': {
      const gamebook = judgeGamebook(game, gamebookRowsOf(snapshot, game));
      if (gamebook.status !== 'ready' || offense !== 'required') return gamebook;
      return foreseen.has('TeamOffenseGameSummaryProcessor')
        ? judgeTeamRows(game, teamRowsOf(snapshot, game))
        : judgeOffense(snapshot, game);
    }
  }
}

function judgeTeamRows(game: Game, rows: readonly TeamBoxscoreRow[]): GameVerdict {
  const table = 'nbac_team_boxscore';
  if (rows.length === 0) return fault(game, 'missing', table, 'no team row');
  const sides = [game.away, game.home];
  for (const row of rows) {
    const faults = placeholderFaults(row);
    if (faults.length > 0)
      return fault(game, 'placeholder', table, `${row.team_abbr} has ${faults.join(', ')}`);
  }
  const absent = sides.filter((team) => !rows.some((row) => row.team_abbr === team));
  if (absent.length > 0) return fault(game, 'partial', table, `no row for ${absent.join(', ')}`);
  for (const row of rows) {
    const empty = neededFigures.filter((column) => row[column] === null);
    if (empty.length > 0) return fault(game, 'partial', table, `${row.team_abbr} has no ${empty.join(', ')}`);
    const score = row.team_abbr === game.home ? game.homeScore : game.awayScore;
    // A row from before the end of the game looks whole but for this.
    if (score !== null && row.points !== score)
      return fault(
        game,
        'partial',
        table,
        `${row.team_abbr} has ${row.points ?? 0} points, the score is ${score}`,
      );
  }
  return ready(game);
}

/** Figures without which possessions and ratings cannot be computed. */
const neededFigures = [
  'fg_made',
  'ft_attempted',
  'offensive_rebounds',
  'defensive_rebounds',
  'turnovers',
] as const satisfies readonly (keyof TeamBoxscoreRow)[];

function placeholderFaults(row: TeamBoxscoreRow): string[] {
  const faults: string[] = [];
  if ((row.points ?? 0) === 0) faults.push('0 points');
  if ((row.fg_attempted ?? 0) === 0) faults.push('0 field goal attempts');
  if ((parseMinutes(row.minutes) ?? 0) === 0) faults.push('no minutes');
  return faults;
}

function judgeGamebook(game: Game, rows: readonly GamebookPlayerRow[]): GameVerdict {
  const table = 'nbac_gamebook_player_stats';
  if (rows.length === 0) return fault(game, 'missing', table, 'no player row');
  const active = rows.filter((row) => row.player_status === 'active');
  const played = active.filter((row) => (parseMinutes(row.minutes) ?? 0) > 0);
  if (active.length > 0 && played.length === 0)
    return fault(game, 'placeholder', table, 'no active player has minutes');
  for (const team of [game.away, game.home]) {
    const side = active.filter((row) => row.team_abbr === team);
    if (side.length < fewestActivePlayers)
      return fault(game, 'partial', table, `${team} has ${side.length} active players, at least 5 play`);
    const points = side.reduce((sum, row) => sum + (row.points ?? 0), 0);
    const score = team === game.home ? game.homeScore : game.awayScore;
    if (score !== null && points !== score)
      return fault(game, 'partial', table, `${team}'s players scored ${points}, the score is ${score}`);
  }
  return ready(game);
}

function judgeOffense(snapshot: DateSnapshot, game: Game): GameVerdict {
  const rows = offenseRowsOf(snapshot, game);
  const absent = [game.away, game.home].filter((team) => !rows.some((row) => row.team_abbr === team));
  return absent.length === 0
    ? ready(game)
    : fault(game, 'missing', 'team_offense_game_summary', `no published offence for ${absent.join(', ')}`);
}

function ready(game: Game): GameVerdict {
  return { gameId: game.gameId, status: 'ready', table: null, detail: '' };
}

function fault(
  game: Game,
  status: Exclude<GameVerdict['status'], 'ready'>,
  table: InputTableName,
  detail: string,
): GameVerdict {
  return { gameId: game.gameId, status, table, detail };
}
