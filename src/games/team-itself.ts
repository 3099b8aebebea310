/** Turnovers of teams themselves: what a team row has, and no player's line. Pure. */
import { nbacGamebookPlayerStats } from '../sources/nbac-gamebook-player-stats';
import { isActivePlayer } from '../sources/nbac-gamebook-player-stats/whole-game';
import { nbacTeamBoxscore } from '../sources/nbac-team-boxscore';
import type { TeamBoxscoreRow } from '../sources/nbac-team-boxscore/table';
import { isReconstructed } from '../sources/nbac-team-boxscore/whole-game';
import type { GameEvidence } from './evidence';
import { mostOwnTurnovers } from './rules/sums';

/** The teams of a game whose rows were made from their players, each with the turnovers of those; null where one is not known. */
export function madeTeams(
  evidence: Pick<GameEvidence, 'rowsOf'>,
): readonly { readonly team: string; readonly ofPlayers: number | null }[] {
  return teamRows(evidence)
    .filter(isReconstructed)
    .map(({ team_abbr: team }) => ({ team, ofPlayers: turnoversOfPlayers(evidence, team) }));
}

/**
 * The turnovers of each team itself in a game whose rows came. What rule S4 holds a game for says nothing of them, nor does a
 * row that is not whole.
 */
export function countsOfTeams(evidence: Pick<GameEvidence, 'rowsOf' | 'teamsCome'>): number[] {
  return teamRows(evidence)
    .filter(({ team_abbr: team }) => evidence.teamsCome.includes(team))
    .flatMap(({ team_abbr: team, turnovers }) => {
      const ofPlayers = turnoversOfPlayers(evidence, team);
      if (turnovers === null || ofPlayers === null) return [];
      const own = turnovers - ofPlayers;
      return own >= 0 && own <= mostOwnTurnovers ? [own] : [];
    });
}

function teamRows(evidence: Pick<GameEvidence, 'rowsOf'>): readonly TeamBoxscoreRow[] {
  return evidence.rowsOf(nbacTeamBoxscore);
}

/** Null where nobody is listed, or one of those who are has no count. */
function turnoversOfPlayers({ rowsOf }: Pick<GameEvidence, 'rowsOf'>, team: string): number | null {
  const players = rowsOf(nbacGamebookPlayerStats).filter(
    (row) => row.team_abbr === team && isActivePlayer(row),
  );
  const counts = players.map(({ turnovers }) => turnovers);
  if (players.length === 0 || counts.includes(null)) return null;
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}
