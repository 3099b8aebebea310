/** The codes of the league's teams, by their ids. */
import { codeOfTeam } from '../../src/games/teams';

/** In the order of their ids, of which the first is 1610612737. */
const codes =
  'ATL BOS CLE NOP CHI DAL DEN GSW HOU LAC LAL MIA MIL MIN BKN NYK ORL IND PHI PHX POR SAC SAS OKC TOR UTA MEM WAS DET CHA';
const first = 1610612737;

it('every id of the league has its code, from the season on in which all have had it', () => {
  const known = codes.split(' ').map((_, index) => codeOfTeam(first + index, 2014));
  expect(known.join(' ')).toBe(codes);
});

it.each([
  ['a season before', first, 2013],
  ['an id before the first', first - 1, 2024],
  ['an id after the last', first + 30, 2024],
])('of %s nothing is said', (_, teamId, season) => {
  expect(codeOfTeam(teamId, season)).toBeNull();
});
