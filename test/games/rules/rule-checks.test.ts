/** What the record of a version says of the rules of its games. */
import { gamesOf } from '../../../src/games/evidence';
import { brokenRules } from '../../../src/games/rules/judge-game';
import { gameRules } from '../../../src/games/rules/registry';
import { ruleChecks } from '../../../src/games/rules/rule-checks';
import { change, drop, gameDate, gameIdOf, goodNight, ofGame, type Night } from '../../support/fixtures';

const sources = ['nbac_schedule', 'nbac_team_boxscore', 'nbac_gamebook_player_stats'];
const player = 'nbac_gamebook_player_stats';

/** Eight players a team are few, and each of these nights is warned of it. */
const few = 'a_team_lists_its_players';

function checksOf(night: Night, of = sources): unknown[] {
  const checks = ruleChecks(gamesOf(gameDate, night.rows), of);
  // A game that breaks a rule which blocks is not built.
  expect(checks.filter(({ blocking }) => blocking)).toEqual([]);
  return checks.flatMap(({ name, passed, detail }) => (name === few ? [] : [[name, passed, detail]]));
}

const all = (games: number): unknown[] => [
  'rules_of_the_game',
  true,
  `${gameRules.length} rules, ${games} games`,
];

/** Every player's minutes are whole in the first so many games, which is warned of. */
function whole(games: number, night: Night): Night {
  return Array.from({ length: games }, (_, game) => game).reduce(
    (made, game) =>
      change(made, player, (row) => ofGame(game)(row) && row.player_status === 'active', { minutes: '30' }),
    night,
  );
}

/** Games of which the team rows have not come. */
function withoutTeams(games: number, night: Night): Night {
  return Array.from({ length: games }, (_, game) => game).reduce(
    (made, game) => drop(made, 'nbac_team_boxscore', ofGame(game)),
    night,
  );
}

const warning = 'minutes_have_seconds';
/** Rules that need team rows, as many as there are. */
const ofTeams = gameRules.filter(({ needs }) => needs.includes('nbac_team_boxscore')).map(({ name }) => name);

it('one line where nothing was found, and none of no game', () => {
  expect(checksOf(goodNight(2))).toEqual([all(2)]);
  expect(ruleChecks([], sources)).toEqual([]);
});

it('a warning is a line, with what is so of three games at the most', () => {
  const [sums, line, ...more] = checksOf(whole(4, goodNight(5))) as [string, boolean, string][];
  expect([sums, more]).toEqual([all(5), []]);
  expect(line?.slice(0, 2)).toEqual([warning, false]);
  const said = line?.[2].split('; ') ?? [];
  expect(said.map((one) => one.slice(0, one.indexOf(':')))).toEqual([0, 1, 2].map(gameIdOf));
});

it('what could not be run is a line, that has not failed', () => {
  const lines = checksOf(withoutTeams(1, goodNight(3)));
  expect(lines).toEqual([all(3), ...ofTeams.map((name) => [name, true, 'not run for 1 of 3 games'])]);
});

it('what was found in one game and could not be run in another says both', () => {
  const apart = change(goodNight(2), 'nbac_team_boxscore', ofGame(1), { turnovers: 20 });
  const lines = checksOf(withoutTeams(1, apart)) as [string, boolean, string][];
  const line = lines.find(([name]) => name === 'few_turnovers_are_of_the_team_itself');
  expect(line).toEqual([
    'few_turnovers_are_of_the_team_itself',
    false,
    expect.stringMatching(new RegExp(`^${gameIdOf(1)}: .*; not run for 1 of 2 games$`)),
  ]);
});

it('of sources that a table does not read nothing is said', () => {
  const night = withoutTeams(1, whole(2, goodNight(2)));
  expect(
    checksOf(night, ['nbac_schedule', 'nbac_team_boxscore']).map((line) => (line as string[])[0]),
  ).not.toContain(warning);
  expect(checksOf(night, ['nbac_schedule'])).toEqual([all(2)]);
});

it('a verdict names three contradictions of a rule, and four figures of each', () => {
  const [rule] = gameRules;
  const figures = (of: number) =>
    Array.from({ length: 6 }, (_, value) => ({ table: 't', row: `row ${of}`, field: 'f', value }));
  const contradictions = Array.from({ length: 5 }, (_, of) => ({ detail: `of ${of}`, figures: figures(of) }));
  const [broken] = brokenRules([{ rule: rule!, status: 'broken', contradictions }], rule!.blocking);
  expect(broken?.figures.map(({ row, value }) => `${row}: ${String(value)}`)).toEqual(
    [0, 1, 2].flatMap((of) => [0, 1, 2, 3].map((value) => `row ${of}: ${value}`)),
  );
});
