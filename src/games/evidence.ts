/**
 * One game's evidence: what every source says of it, side by side. Whoever judges a game has all of it at hand, so that one
 * source can be held against another before anything is published. Pure.
 */
import type { TeamEstimate } from '../contracts/game-decisions';
import type { GameVerdict } from '../contracts/phase3';
import type { Source } from '../sources/define-source';
import { nbacGamebookPlayerStats } from '../sources/nbac-gamebook-player-stats';
import type { GamebookPlayerRow } from '../sources/nbac-gamebook-player-stats/table';
import { isActivePlayer } from '../sources/nbac-gamebook-player-stats/whole-game';
import { nbacSchedule } from '../sources/nbac-schedule';
import type { ScheduleRow } from '../sources/nbac-schedule/table';
import { nbacTeamBoxscore } from '../sources/nbac-team-boxscore';
import type { TeamBoxscoreRow } from '../sources/nbac-team-boxscore/table';
import { isPlayedTeamRow, isReconstructed } from '../sources/nbac-team-boxscore/whole-game';
import { compareText } from '../tables/compare';
import type { Row, RowOf, TableDefinition } from '../tables/define-table';
import { gameFromSchedule, isPostponed, type Game } from './game';
import { withReconstructed } from './reconstruct';
import type { Contradiction, Side } from './rules/define-rule';
import { runRules, sourcesCome, type RuleResult } from './rules/judge-game';
import { plusMinusApartIn } from './rules/warnings';
import { seasonOf } from './season';

/** The source that says which games a date has. */
export const calendar = nbacSchedule;

/** Rows of a date by the name of their table. */
export type RowsByTable = Readonly<Record<string, readonly Row[]>>;

/** The rows of a table; none where it was not read. */
export function rowsOfTable<T extends TableDefinition>(rows: RowsByTable, table: T): readonly RowOf<T>[] {
  // Decoded by the table's declaration, from which the row type follows.
  return (rows[table.name] ?? []) as readonly RowOf<T>[];
}

export interface GameEvidence {
  readonly game: Game;
  /** The calendar's row of the game. */
  readonly scheduled: ScheduleRow;
  /**
   * What a source says of the game: the newest row of each identity, ordered by identity. Team rows that never came may be
   * rebuilt from the players, and a plus-minus that does not add up is left out.
   */
  rowsOf<T extends TableDefinition>(source: Source<T>): readonly RowOf<T>[];
  /** In which table rows are reconstructed, and a sentence; null when none is. */
  readonly reconstructed: Pick<GameVerdict, 'table' | 'detail'> | null;
  /** The teams whose rows are there, played and as they came. */
  readonly teamsCome: readonly string[];
  /** How a figure of a row was estimated, by a person's decision, as a clause; null where it was not. */
  estimated(row: object, column: string): string | null;
  /** Whether a figure of the game is. */
  readonly isEstimated: boolean;
  /** The rows of another source that a reconstructed row is made from; none of a row that came. */
  madeFrom(row: object): readonly (readonly [Source, Row])[];
  /** What the rules of the game make of it. */
  readonly rules: readonly RuleResult[];
}

/**
 * Which team rows that are missing, or placeholders, are rebuilt from a gamebook that is whole. `all`: past the deadline ·
 * `stragglers`: of an old date, where the source has sent rows of other games · `none` otherwise: they may still come.
 */
export type Reconstructs = 'all' | 'stragglers' | 'none';

/** What may be made of rows that never came. */
export interface EvidenceOptions {
  readonly reconstructs?: Reconstructs;
  /** What people let stand for what the players of a game cannot give, by the game's id. */
  readonly estimates?: Estimates;
}

export type Estimates = ReadonlyMap<string, { readonly estimate: TeamEstimate }>;

/** The date's games, ordered by id, each with its evidence. Of two calendar rows for one game the newer counts. */
export function gamesOf(
  gameDate: string,
  rows: RowsByTable,
  options: EvidenceOptions = {},
): readonly GameEvidence[] {
  const made: Made = { reconstructs: 'none', estimates: new Map(), ...options };
  const known = gamesOfRows.get(rows) ?? new Map<string, readonly GameEvidence[]>();
  gamesOfRows.set(rows, known);
  const games = known.get(spellMade(made)) ?? readGames(gameDate, rows, made);
  known.set(spellMade(made), games);
  return games;
}

type Made = Required<EvidenceOptions>;

function spellMade({ reconstructs, estimates }: Made): string {
  const spelled = [...estimates].map(([gameId, { estimate }]) => `${gameId} ${JSON.stringify(estimate)}`);
  return [reconstructs, ...spelled.sort(compareText)].join();
}

/** Rows are never changed once they are read, and the gate, the build and the fingerprint look at the same ones. */
// eslint-disable-next-line no-restricted-syntax -- what it holds follows from the rows it is keyed by, and goes with them
const gamesOfRows = new WeakMap<RowsByTable, Map<string, readonly GameEvidence[]>>();

/** One game before the rules: its rows by source. */
interface ReadGame {
  readonly game: Game;
  readonly scheduled: ScheduleRow;
  readonly teams: readonly TeamBoxscoreRow[];
  readonly players: readonly GamebookPlayerRow[];
  readonly sides: readonly [Side, Side];
  /** What a person lets stand for what is not known of it. */
  readonly estimate: TeamEstimate | null;
}

/** The games of a date as read, and what the rules make of each. */
interface ReadNight {
  readonly games: readonly ReadGame[];
  /** A game's results, made when they are first asked for. */
  rulesOf(this: void, game: ReadGame): readonly RuleResult[];
}

function readGames(gameDate: string, rows: RowsByTable, made: Made): readonly GameEvidence[] {
  const night = nightOf(gameDate, rows, made);
  return night.games.map((game) => evidenceOf(game, rows, night));
}

/** What games are read from and judged by. */
const judged = [calendar, nbacTeamBoxscore, nbacGamebookPlayerStats] as const;

/** The night as it was read before from the same rows, or read now. */
function nightOf(gameDate: string, rows: RowsByTable, made: Made): ReadNight {
  const live = liveTeams(rows);
  const [scheduled, ...others] = judged.map(({ table }) => rows[table.name]);
  if (!scheduled) return readNight(gameDate, rows, made, live);
  let known = nightsOfRows.get(scheduled);
  if (!known?.others.every((own, index) => own === others[index])) known = { others, nights: new Map() };
  nightsOfRows.set(scheduled, known);
  const asked = [spellMade(made), ...live.rebuilt, 'kept', ...live.kept].join();
  const night = known.nights.get(asked) ?? readNight(gameDate, rows, made, live);
  known.nights.set(asked, night);
  return night;
}

/**
 * By the rows of the calendar: a warehouse that remembers a partition gives the same rows to every look and every processor
 * of a night, and judging its games costs more than anything else that is made of them.
 */
// eslint-disable-next-line no-restricted-syntax -- what it holds follows from the rows it is keyed by, and goes with them
const nightsOfRows = new WeakMap<
  readonly Row[],
  { readonly others: readonly (readonly Row[] | undefined)[]; readonly nights: Map<string, ReadNight> }
>();

function readNight(
  gameDate: string,
  rows: RowsByTable,
  { reconstructs, estimates }: Made,
  live: LiveTeams,
): ReadNight {
  const scheduled = newestBy(rowsOfTable(rows, calendar.table), calendar.identity);
  const isLate =
    reconstructs === 'all' ||
    (reconstructs === 'stragglers' && hasWholeGame(rowsOfTable(rows, nbacTeamBoxscore.table)));
  const games = scheduled
    .map((row) => {
      const game = gameFromSchedule(row, seasonOf(gameDate));
      const isRebuilt = live.rebuilt.has(game.gameId) || (isLate && !live.kept.has(game.gameId));
      return readGame(game, row, rows, isRebuilt, estimates.get(game.gameId)?.estimate ?? null);
    })
    .sort((a, b) => compareText(idOf(a), idOf(b)));
  const players = activePlayers(games);
  const results = new Map<ReadGame, readonly RuleResult[]>();
  return {
    games,
    rulesOf: (game) => {
      const found = results.get(game) ?? judge(game, rows, games, players);
      results.set(game, found);
      return found;
    },
  };
}

/** Whether the source has sent both team rows of a game: one alone may be of a file that is still being written. */
function hasWholeGame(rows: readonly TeamBoxscoreRow[]): boolean {
  const played = rows.filter(isPlayedTeamRow).map((row) => row.nba_game_id ?? row.game_id);
  return new Set(played).size < played.length;
}

function idOf({ game }: ReadGame): string {
  return `${game.gameId}/${game.nbaGameId}`;
}

function readGame(
  game: Game,
  scheduled: ScheduleRow,
  rows: RowsByTable,
  isRebuilt: boolean,
  estimate: TeamEstimate | null,
): ReadGame {
  const players = rowsOfGame(rows, nbacGamebookPlayerStats, game);
  const came = rowsOfGame(rows, nbacTeamBoxscore, game).map(asItCame);
  const teams = isRebuilt ? withReconstructed(game, came, players, estimate) : came;
  const sides = sidesOf(game, teams, players);
  const [distrust] = plusMinusApartIn({ sides });
  if (!distrust) return { game, scheduled, teams, players, sides, estimate };
  const without = players.map((row) => (row.plus_minus === null ? row : { ...row, plus_minus: null }));
  return {
    ...{ scheduled, teams, sides, estimate, players: without },
    game: { ...game, distrusted: { plus_minus: distrust.detail } },
  };
}

/** A row that came is no rebuilt one, whatever it says of itself: only what is rebuilt here may go without rules. */
function asItCame(row: TeamBoxscoreRow): TeamBoxscoreRow {
  return isReconstructed(row) ? { ...row, data_source: null } : row;
}

function rowsOfGame<T extends TableDefinition>(
  rows: RowsByTable,
  source: Source<T>,
  game: Game,
): readonly RowOf<T>[] {
  return newestBy(
    rowsOfTable(rows, source.table).filter((row) => source.isOf(row, game)),
    source.identity,
  );
}

/** What live rows say of how team rows that are not there are to be had: games by their ids, sorted. */
interface LiveTeams {
  /** They stand on a team row that was rebuilt: it stays so until the real one comes. */
  readonly rebuilt: ReadonlySet<string>;
  /** They stand on real team rows that are gone from the source: no reason to make do with less. */
  readonly kept: ReadonlySet<string>;
}

function liveTeams(rows: RowsByTable): LiveTeams {
  const live = Object.values(rows).flatMap((own) =>
    own.flatMap((row) =>
      typeof row['reconstructed'] === 'boolean'
        ? [{ gameId: String(row['game_id']), isRebuilt: row['reconstructed'] }]
        : [],
    ),
  );
  const played = new Set(rowsOfTable(rows, nbacTeamBoxscore.table).filter(isPlayedTeamRow).map(teamOf));
  const isGone = (gameId: string): boolean =>
    gameId
      .split('_')
      .slice(1)
      .some((team) => !played.has(team));
  const idsOf = (found: typeof live): Set<string> =>
    new Set(found.map(({ gameId }) => gameId).sort(compareText));
  const rebuilt = idsOf(live.filter(({ isRebuilt }) => isRebuilt));
  return { rebuilt, kept: idsOf(live.filter(({ gameId }) => !rebuilt.has(gameId) && isGone(gameId))) };
}

function teamOf({ team_abbr }: TeamBoxscoreRow): string {
  return team_abbr;
}

function sidesOf(
  game: Game,
  teams: readonly TeamBoxscoreRow[],
  players: readonly GamebookPlayerRow[],
): [Side, Side] {
  const sideOf = (team: string, isHome: boolean): Side => {
    const listed = players.filter((row) => row.team_abbr === team);
    // A placeholder says nothing that a rule could hold against anything.
    const row = teams.find((own) => own.team_abbr === team && isPlayedTeamRow(own)) ?? null;
    const score = isHome ? game.homeScore : game.awayScore;
    return { team, isHome, score, row, listed, active: listed.filter(isActivePlayer) };
  };
  return [sideOf(game.away, false), sideOf(game.home, true)];
}

interface ActivePlayer {
  readonly row: GamebookPlayerRow;
  readonly game: Game;
}

function activePlayers(read: readonly ReadGame[]): ReadonlyMap<string, readonly ActivePlayer[]> {
  const byLookup = new Map<string, ActivePlayer[]>();
  for (const { game, sides } of read)
    for (const row of sides.flatMap(({ active }) => active)) {
      const known = byLookup.get(row.player_lookup);
      if (known) known.push({ row, game });
      else byLookup.set(row.player_lookup, [{ row, game }]);
    }
  return byLookup;
}

function evidenceOf(read: ReadGame, rows: RowsByTable, night: ReadNight): GameEvidence {
  const { game, scheduled, teams, players, estimate } = read;
  const bySource = new Map<string, readonly Row[]>([
    [nbacTeamBoxscore.name, teams],
    [nbacGamebookPlayerStats.name, players],
  ]);
  const made = teams.filter(isReconstructed);
  const estimated = (row: object, column: string): string | null =>
    estimate && column === 'turnovers' && made.some((own) => own === row && own.turnovers !== null)
      ? describeEstimate(estimate)
      : null;
  return {
    ...{ game, scheduled, estimated },
    isEstimated: made.some((row) => estimated(row, 'turnovers') !== null),
    teamsCome: teams.filter((row) => isPlayedTeamRow(row) && !isReconstructed(row)).map(teamOf),
    reconstructed:
      made.length > 0
        ? { table: nbacTeamBoxscore.table.name, detail: describeReconstructed(made, estimate) }
        : null,
    madeFrom: (row) => {
      const own = teams.find((team) => team === row && isReconstructed(team));
      return players
        .filter((player) => player.team_abbr === own?.team_abbr && isActivePlayer(player))
        .map((player) => [nbacGamebookPlayerStats, player]);
    },
    rowsOf: <T extends TableDefinition>(source: Source<T>): readonly RowOf<T>[] => {
      const found = bySource.get(source.name) ?? rowsOfGame(rows, source, game);
      bySource.set(source.name, found);
      return found as readonly RowOf<T>[];
    },
    get rules(): readonly RuleResult[] {
      return night.rulesOf(read);
    },
  };
}

/** What is made of the players, and what of it they cannot give. */
function describeReconstructed(made: readonly TeamBoxscoreRow[], estimate: TeamEstimate | null): string {
  const isMany = made.length > 1;
  const rows = `the team ${isMany ? 'rows' : 'row'} of ${made.map(teamOf).join(' and ')} never came and ${isMany ? 'are' : 'is'} made from the players`;
  const unknown = made.filter(({ turnovers }) => turnovers === null);
  const known = made.flatMap((row) =>
    row.turnovers === null ? [] : [`the turnovers of ${teamOf(row)} are estimated as ${row.turnovers}`],
  );
  if (!estimate || known.length === 0) return `${rows}, so team turnovers, and what needs them, are unknown`;
  const rest = unknown.length > 0 ? `; those of ${unknown.map(teamOf).join(' and ')} are unknown` : '';
  return `${rows}; ${known.join(', ')}: ${describeEstimate(estimate)}${rest}`;
}

/** How turnovers are estimated, as a clause. */
function describeEstimate({ mean, games, from, to }: Omit<TeamEstimate, 'teams'>): string {
  return `those of its players, and ${Math.round(mean)} of the team itself (the mean is ${mean} over ${games} team games from ${from} to ${to}, to a whole number)`;
}

function judge(
  { game, scheduled, teams, players, sides }: ReadGame,
  rows: RowsByTable,
  night: readonly ReadGame[],
  active: ReadonlyMap<string, readonly ActivePlayer[]>,
): readonly RuleResult[] {
  return runRules({
    ...{ game, scheduled, sides, come: sourcesCome(game, teams, players) },
    conflicts: conflictsOf(rows, game),
    listedAs: [
      ...new Set(
        rowsOfTable(rows, calendar.table)
          .filter((row) => calendar.isOf(row, game))
          .map((row) => row.game_id),
      ),
    ].sort(),
    sameTeams: night.flatMap(({ game: other, scheduled: row }) =>
      other.nbaGameId !== game.nbaGameId && !isPostponed(row) && sharesTeam(game, other) ? [other] : [],
    ),
    elsewhere: sides.flatMap((side) =>
      side.active.flatMap((row) =>
        (active.get(row.player_lookup) ?? [])
          .filter(({ game: other }) => other.nbaGameId !== game.nbaGameId && !sharesTeam(game, other))
          .map(({ game: other }) => ({ row, gameId: other.gameId })),
      ),
    ),
  });
}

function sharesTeam(game: Game, other: Game): boolean {
  return [other.away, other.home].some((team) => team === game.away || team === game.home);
}

/** Rows of one identity, the newest, that arrived at one instant and differ: nobody can say which of them counts. */
function conflictsOf(rows: RowsByTable, game: Game): Contradiction[] {
  return judged.flatMap((source: Source) => {
    const newest = new Map<string, Row[]>();
    for (const row of rowsOfTable(rows, source.table)) {
      if (!source.isOf(row, game)) continue;
      const identity = source.identity(row);
      const [other] = newest.get(identity) ?? [];
      const order = other ? compareText(arrivalOf(row), arrivalOf(other)) : 1;
      if (order > 0) newest.set(identity, [row]);
      else if (order === 0) newest.get(identity)?.push(row);
    }
    return [...newest].flatMap(([identity, same]) => {
      const [first, ...others] = same;
      const other = others.find((row) => first && differing(first, row).length > 0);
      if (!first || !other) return [];
      const fields = differing(first, other);
      const [field = ''] = fields;
      return [
        {
          detail: `${source.table.name} has ${identity} twice, arrived at one instant, with other ${fields.slice(0, 3).join(', ')}: ${field} ${String(first[field])} and ${String(other[field])}`,
          figures: [first, other].map((row) => ({
            ...{ table: source.table.name, row: identity, field, value: row[field] ?? null },
          })),
        },
      ];
    });
  });
}

/** Columns in which two rows of one identity may differ: the order of teams in an id, and what senders add. */
const ofTheSender = new Set(['game_id', 'game_code', 'data_hash', 'processed_at', 'data_source']);

function differing(row: Row, other: Row): string[] {
  return Object.keys({ ...row, ...other }).filter(
    (field) => !ofTheSender.has(field) && (row[field] ?? null) !== (other[field] ?? null),
  );
}

/** Games that a source sent rows for, but that the calendar of the date does not list; by the ids that the rows give. */
export function strayGames(gameDate: string, rows: RowsByTable, source: Source): string[] {
  const games = gamesOf(gameDate, rows);
  const strays = rowsOfTable(rows, source.table).filter(
    (row) => !games.some(({ game }) => source.isOf(row, game)),
  );
  return [...new Set(strays.map((row) => source.gameIdOf(row)))].sort();
}

/** One row an identity, the newest by `processed_at`; ordered by identity. Equal instants are decided by content. */
function newestBy<R extends object>(rows: readonly R[], identityOf: (row: R) => string): R[] {
  const newest = new Map<string, R>();
  for (const row of rows) {
    const identity = identityOf(row);
    const other = newest.get(identity);
    if (!other || isNewer(row, other)) newest.set(identity, row);
  }
  return [...newest.entries()].sort(([a], [b]) => compareText(a, b)).map(([, row]) => row);
}

function isNewer(row: object, other: object): boolean {
  const byTime = compareText(arrivalOf(row), arrivalOf(other));
  return byTime !== 0 ? byTime > 0 : JSON.stringify(row) > JSON.stringify(other);
}

function arrivalOf(row: object): string {
  return 'processed_at' in row && typeof row.processed_at === 'string' ? row.processed_at : '';
}
