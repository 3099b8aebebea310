/** Which games of a date a processor can be run on. What makes the rows of a source whole is proved at the source. */
import type { GameVerdict, ProcessorName } from '../../src/contracts/phase3';
import { judgeGames, type Foreseen, type UpstreamUse } from '../../src/gate/judge-games';
import type { DateSnapshot } from '../../src/gate/snapshot';
import { processorOf } from '../../src/plan/registry';
import type { ScheduleRow } from '../../src/sources/nbac-schedule/table';
import {
  change,
  defense,
  drop,
  gameIdOf,
  goodNight,
  homeOf,
  offense,
  ofGame,
  ofTeam,
  player,
  published,
  reversed,
} from '../support/fixtures';

const raw = goodNight(2);
const night = published(raw, offense);
const home = homeOf(0);

function verdicts(
  name: ProcessorName,
  snapshot: DateSnapshot,
  foreseen?: Foreseen,
  use?: UpstreamUse,
): GameVerdict[] {
  return judgeGames(processorOf(name), snapshot, foreseen, use).map(({ verdict }) => verdict);
}

/** What the first game is judged as, its neighbour having to stay ready. */
function judge(...given: Parameters<typeof verdicts>): GameVerdict {
  const [first, second] = verdicts(...given);
  expect(second).toEqual(ready(1));
  return first!;
}

function ready(game: number): GameVerdict {
  return { gameId: gameIdOf(game), status: 'ready', table: null, detail: '' };
}

function faulty(status: GameVerdict['status'], table: string, detail: string): GameVerdict {
  return { gameId: gameIdOf(0), status, table, detail };
}

const noTeamRow = faulty('missing', 'nbac_team_boxscore', 'no team row');
const noPlayerRow = faulty('missing', 'nbac_gamebook_player_stats', 'no player row');
const noOffense = faulty('missing', 'team_offense_game_summary', '0 of 2 rows of the game are published');

describe.each([offense, defense, player] as const)('%s: a game', (name) => {
  it('is ready on a good night', () => {
    expect(judge(name, night)).toEqual(ready(0));
  });

  it.each<Partial<ScheduleRow>>([
    { game_status: 1, game_status_text: '7:30 pm ET' },
    { game_status: 2, game_status_text: 'Q4 0:12' },
    { game_status: 2, game_status_text: 'Final' },
  ])('with the schedule at %j is not final, and the schedule is named', (changes) => {
    expect(judge(name, change(night, 'nbac_schedule', ofGame(0), changes))).toEqual(
      faulty('not_final', 'nbac_schedule', 'the schedule does not say final (status 3)'),
    );
  });

  it('is judged alike in whatever order the rows come', () => {
    const broken = drop(
      drop(night, 'nbac_team_boxscore', ofTeam(home)),
      'nbac_gamebook_player_stats',
      ofTeam(home),
    );
    expect(verdicts(name, reversed(broken))).toEqual(verdicts(name, broken));
  });
});

it.each<[ProcessorName, DateSnapshot, GameVerdict]>([
  [offense, drop(night, 'nbac_team_boxscore', ofGame(0)), noTeamRow],
  [defense, drop(night, 'nbac_team_boxscore', ofGame(0)), noTeamRow],
  [player, drop(night, 'nbac_team_boxscore', ofGame(0)), ready(0)],
  [offense, drop(night, 'nbac_gamebook_player_stats', ofGame(0)), ready(0)],
  [player, drop(night, 'nbac_gamebook_player_stats', ofGame(0)), noPlayerRow],
])('%s is judged by the sources that it reads, and no others', (name, snapshot, verdict) => {
  expect(judge(name, snapshot)).toEqual(verdict);
});

describe('a game of which an upstream has published nothing', () => {
  const without = drop(night, 'team_offense_game_summary', ofGame(0));

  it('is missing there', () => {
    expect(judge(player, without)).toEqual(noOffense);
  });

  it('is faulty in its own sources first', () => {
    expect(judge(player, drop(without, 'nbac_gamebook_player_stats', ofGame(0)))).toEqual(noPlayerRow);
  });

  it.each(['where_published', 'ignored'] as const)(
    'is ready where a bypass waives that: %s',
    (offenseUse) => {
      expect(judge(player, without, new Set(), { offense: offenseUse })).toEqual(ready(0));
    },
  );

  it('is judged by what the upstream will have built where a run builds it first', () => {
    expect(judge(player, without, new Set([offense]))).toEqual(ready(0));
    const late = drop(without, 'nbac_team_boxscore', ofGame(0));
    expect(judge(player, late, new Set([offense]))).toEqual(noTeamRow);
  });
});

it('an upstream that is ignored gives no rows, one that is waived those that are there', () => {
  const rows = (use: UpstreamUse): (number | undefined)[] =>
    judgeGames(processorOf(player), drop(night, 'team_offense_game_summary', ofGame(0)), new Set(), use).map(
      ({ inputs }) => inputs['offense']?.length,
    );
  expect(rows({})).toEqual([0, 2]);
  expect(rows({ offense: 'where_published' })).toEqual([0, 2]);
  expect(rows({ offense: 'ignored' })).toEqual([0, 0]);
});
