/** The teams of the league by their ids, and the code that each is known by. Pure. */

/** The first season (by the year it starts in) in which every team has had its present code. */
const presentCodesSince = 2014;

/** From `stats.nba.com`; the same in the schedules of 2016-17 and 2024-25. */
const codes: ReadonlyMap<number, string> = new Map([
  [1610612737, 'ATL'],
  [1610612738, 'BOS'],
  [1610612739, 'CLE'],
  [1610612740, 'NOP'],
  [1610612741, 'CHI'],
  [1610612742, 'DAL'],
  [1610612743, 'DEN'],
  [1610612744, 'GSW'],
  [1610612745, 'HOU'],
  [1610612746, 'LAC'],
  [1610612747, 'LAL'],
  [1610612748, 'MIA'],
  [1610612749, 'MIL'],
  [1610612750, 'MIN'],
  [1610612751, 'BKN'],
  [1610612752, 'NYK'],
  [1610612753, 'ORL'],
  [1610612754, 'IND'],
  [1610612755, 'PHI'],
  [1610612756, 'PHX'],
  [1610612757, 'POR'],
  [1610612758, 'SAC'],
  [1610612759, 'SAS'],
  [1610612760, 'OKC'],
  [1610612761, 'TOR'],
  [1610612762, 'UTA'],
  [1610612763, 'MEM'],
  [1610612764, 'WAS'],
  [1610612765, 'DET'],
  [1610612766, 'CHA'],
]);

/** The code that a team has in a season; null for an id that is not known, and for seasons in which it may have had another. */
export function codeOfTeam(teamId: number, season: number): string | null {
  return season >= presentCodesSince ? (codes.get(teamId) ?? null) : null;
}
