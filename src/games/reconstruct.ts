/**
 * A team's row rebuilt from its players, where the row never came or is a placeholder. What players cannot give stays unknown:
 * turnovers of the team itself are in no player's line, so its turnovers are null, and what needs them, unless a person has
 * accepted an estimate of them. Pure.
 */
import type { TeamEstimate } from '../contracts/game-decisions';
import { parseMinutes } from '../sources/parse-minutes';
import { isActivePlayer, faultOfPlayerRows } from '../sources/nbac-gamebook-player-stats/whole-game';
import type { GamebookPlayerRow } from '../sources/nbac-gamebook-player-stats/table';
import type { TeamBoxscoreRow } from '../sources/nbac-team-boxscore/table';
import { isPlayedTeamRow, rebuiltSource } from '../sources/nbac-team-boxscore/whole-game';
import { opponentOf, type Game } from './game';

/** Seconds that the players' minutes may be off a whole number of periods. */
const secondsApart = 10;

/**
 * The team rows of a game, those that are missing or placeholders rebuilt where its gamebook is whole: enough players, who
 * scored what the schedule says, in the minutes of a game. The rows as they came otherwise.
 */
export function withReconstructed(
  game: Game,
  teams: readonly TeamBoxscoreRow[],
  players: readonly GamebookPlayerRow[],
  estimate: TeamEstimate | null = null,
): readonly TeamBoxscoreRow[] {
  const lacking = [game.away, game.home].filter(
    (team) => !teams.some((row) => row.team_abbr === team && isPlayedTeamRow(row)),
  );
  if (!game.isFinal || lacking.length === 0 || faultOfPlayerRows(game, players) !== null) return teams;
  const made = lacking.map((team) => rebuildTeamRow(game, team, players, teams, estimate));
  if (made.some((row) => row === null)) return teams;
  return [
    ...teams.filter((row) => !lacking.includes(row.team_abbr)),
    ...made.filter((row) => row !== null),
  ].sort((a, b) => (a.team_abbr < b.team_abbr ? -1 : 1));
}

function rebuildTeamRow(
  game: Game,
  team: string,
  players: readonly GamebookPlayerRow[],
  teams: readonly TeamBoxscoreRow[],
  estimate: TeamEstimate | null,
): TeamBoxscoreRow | null {
  const own = players.filter((row) => row.team_abbr === team && isActivePlayer(row));
  const score = team === game.home ? game.homeScore : game.awayScore;
  const other = opponentOf(game, team) === game.home ? game.homeScore : game.awayScore;
  const minutes = wholeMinutes(own);
  const sum = (column: NumbersOf): number | null => {
    const known = own.flatMap((row) => row[column] ?? []);
    return known.length < own.length ? null : known.reduce((total, value) => total + value, 0);
  };
  const points = sum('points');
  if (score === null || other === null || points !== score || minutes === null) return null;
  const [first] = own;
  const came = teams.find((row) => row.team_abbr === team);
  return {
    game_id: game.gameId,
    nba_game_id: game.nbaGameId,
    game_date: game.gameDate,
    season_year: game.seasonYear,
    team_id: came?.team_id ?? null,
    team_abbr: team,
    team_name: came?.team_name ?? null,
    team_city: came?.team_city ?? null,
    is_home: team === game.home,
    minutes: `${minutes}:00`,
    fg_made: sum('field_goals_made'),
    fg_attempted: sum('field_goals_attempted'),
    fg_percentage: null,
    three_pt_made: sum('three_pointers_made'),
    three_pt_attempted: sum('three_pointers_attempted'),
    three_pt_percentage: null,
    ft_made: sum('free_throws_made'),
    ft_attempted: sum('free_throws_attempted'),
    ft_percentage: null,
    offensive_rebounds: sum('offensive_rebounds'),
    defensive_rebounds: sum('defensive_rebounds'),
    total_rebounds: sum('total_rebounds'),
    assists: sum('assists'),
    steals: sum('steals'),
    blocks: sum('blocks'),
    turnovers: estimate?.teams.includes(team) ? estimatedTurnovers(sum('turnovers'), estimate) : null,
    personal_fouls: sum('personal_fouls'),
    points,
    plus_minus: score - other,
    data_source: rebuiltSource,
    data_hash: null,
    processed_at: first?.processed_at ?? null,
  };
}

/**
 * A team's turnovers, estimated: those of its players, and for those of the team itself (a shot clock that ran out, five seconds,
 * eight seconds) their mean over games before, to a whole number, as a count is one. Null where the players' are not known.
 *
 * Source: the official scorer charges some turnovers to the team and to no player (NBA rulebook, rule 10 on violations, and the
 * box score's "team turnovers"); over 2,462 team rows of 2024-25 their mean is 0.80, and none has more than 7.
 */
export function estimatedTurnovers(
  ofPlayers: number | null,
  { mean }: Pick<TeamEstimate, 'mean'>,
): number | null {
  return ofPlayers === null ? null : ofPlayers + Math.round(mean);
}

type NumbersOf = {
  [K in keyof GamebookPlayerRow]: GamebookPlayerRow[K] extends number | null ? K : never;
}[keyof GamebookPlayerRow];

/** The minutes that a team's players make, to a whole number of periods; null where they make none. */
function wholeMinutes(players: readonly GamebookPlayerRow[]): number | null {
  const total = players.reduce((sum, row) => sum + (parseMinutes(row.minutes) ?? 0), 0);
  const periods = Math.max(0, Math.round((total - 240) / 25));
  return Math.abs(total - 240 - 25 * periods) <= secondsApart / 60 ? 240 + 25 * periods : null;
}
