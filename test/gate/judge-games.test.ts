/** Which games of a date a processor can be run on. What makes the rows of a source whole is proved at the source. */
import { isLacking, type GameVerdict, type ProcessorName } from '../../src/contracts/phase3';
import { judgeGames, type Foreseen, type UpstreamUse } from '../../src/gate/judge-games';
import type { GameDecision } from '../../src/contracts/game-decisions';
import { decisionsOver } from '../../src/gate/decisions-over';
import { selectInputs } from '../../src/gate/select-inputs';
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
  withRows,
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
    const detail = 'the schedule does not say final (status 3)';
    const before = withRows(night, 'team_offense_game_summary', []);
    expect(judge(name, change(before, 'nbac_schedule', ofGame(0), changes), new Set([offense]))).toEqual(
      faulty('not_final', 'nbac_schedule', detail),
    );
    const live = change(published(night, name), 'nbac_schedule', ofGame(0), changes);
    expect(judge(name, live)).toEqual({
      ...faulty('not_final', 'nbac_schedule', `${detail}; its live rows are kept`),
      isLive: true,
    });
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
  [offense, drop(raw, 'nbac_team_boxscore', ofGame(0)), noTeamRow],
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
    // What a run builds of another says nothing of it.
    expect(judge(player, without, new Set([defense]))).toEqual(noOffense);
  });

  it('is missing there too where what it has of another upstream is whole', () => {
    const upstreams = { defense: processorOf(defense), offense: processorOf(offense) };
    const ofBoth = { ...processorOf(player), upstreams };
    const [first] = judgeGames(ofBoth, published(without, defense));
    expect(first?.verdict).toEqual(noOffense);
  });

  it('needs one row where nobody says how many', () => {
    const { offense: _, ...expected } = processorOf(player).expected;
    const plain = { ...processorOf(player), expected };
    const single = drop(night, 'team_offense_game_summary', (row) => row.team_abbr === home);
    expect(judgeGames(plain, single).map(({ verdict }) => verdict)).toEqual([ready(0), ready(1)]);
    expect(judgeGames(plain, without)[0]?.verdict.detail).toBe('0 of 1 rows of the game are published');
  });
});

it('an upstream that is ignored gives no rows, one that is waived those that are there', () => {
  const without = drop(night, 'team_offense_game_summary', ofGame(0));
  const rows = (use: UpstreamUse): (number | undefined)[] =>
    judgeGames(processorOf(player), without, new Set(), use).map(({ inputs }) => inputs['offense']?.length);
  expect(rows({})).toEqual([0, 2]);
  expect(rows({ offense: 'where_published' })).toEqual([0, 2]);
  expect(rows({ offense: 'ignored' })).toEqual([0, 0]);
});

it('a game is not live because another one is', () => {
  const late = drop(raw, 'nbac_team_boxscore', ofGame(0));
  expect(judge(offense, published(late, offense))).toEqual(noTeamRow);
});

describe('a game whose evidence breaks a rule', () => {
  const broken = change(raw, 'nbac_gamebook_player_stats', (row) => row.player_lookup === 'atlplayer0', {
    assists: 9,
  });
  const detail = "plays_add_up: the assists of ATL's players add up to 30, its team row has 24";
  const figures = [
    { table: 'nbac_team_boxscore', row: 'ATL', field: 'assists', value: 24 },
    { table: 'nbac_gamebook_player_stats', row: 'ATL, all active players', field: 'assists', value: 30 },
  ];

  it.each([offense, defense, player])(
    'is held for %s, with the figures that contradict each other',
    (name) => {
      expect(judge(name, broken, new Set([offense]))).toEqual({
        ...faulty('held', 'nbac_team_boxscore', detail),
        broken: [
          {
            ...{ rule: 'plays_add_up', detail: detail.replace('plays_add_up: ', ''), figures },
            evidence: expect.stringMatching(/^[0-9a-f]{16}$/),
          },
        ],
      });
    },
  );

  it.each([offense, defense, player])(
    'is disputed for %s where it is live, and its rows are kept',
    (name) => {
      const live = published(raw, offense, name);
      const { nbac_gamebook_player_stats: rows } = broken.rows;
      expect(judge(name, withRows(live, 'nbac_gamebook_player_stats', rows))).toMatchObject({
        ...{ status: 'disputed', detail: `${detail}; its live rows are kept`, isLive: true },
      });
    },
  );

  it('is not held before the source has come that contradicts it', () => {
    expect(judge(offense, drop(broken, 'nbac_gamebook_player_stats', ofGame(0)))).toEqual(ready(0));
  });
});

it.each(['0012400001', '0032400001', '12400001'])('a game of id %s is left out, and is not lacking', (id) => {
  const listed = change(raw, 'nbac_schedule', ofGame(0), { game_id: id });
  const [first] = verdicts(offense, change(listed, 'nbac_team_boxscore', ofGame(0), { nba_game_id: id }));
  expect(first).toMatchObject({ status: 'left_out', detail: expect.stringContaining('by its id') });
  expect(isLacking(first!)).toBe(false);
  // Its rows say that it is one of the season.
  const [other] = verdicts(offense, listed);
  expect(other).toMatchObject({ status: 'held', detail: expect.stringContaining('tell of it as played') });
  expect(isLacking(other!)).toBe(true);
});

it('a postponed game is left out, by the text of its status', () => {
  const ppd = { game_status: 1, game_status_text: 'PPD' };
  const listed = change(raw, 'nbac_schedule', ofGame(0), ppd);
  const without = drop(
    drop(listed, 'nbac_team_boxscore', ofGame(0)),
    'nbac_gamebook_player_stats',
    ofGame(0),
  );
  const [first, second] = verdicts(offense, without);
  expect(first).toMatchObject({ status: 'left_out', detail: 'the schedule says "PPD"' });
  expect(second).toEqual(ready(1));
});

it.each(['nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const)(
  'a game that is said to be postponed and has rows of %s is held',
  (table) => {
    const ppd = { game_status: 1, game_status_text: 'PPD' };
    const [first] = verdicts(offense, drop(change(raw, 'nbac_schedule', ofGame(0), ppd), table, ofGame(0)));
    expect(first).toMatchObject({ status: 'held', detail: expect.stringContaining('tell of it as played') });
  },
);

it('a live game that the schedule leaves out later is disputed, and its rows are kept', () => {
  const live = published(raw, offense);
  const ppd = { game_status: 1, game_status_text: 'PPD' };
  const gone = drop(change(live, 'nbac_schedule', ofGame(0), ppd), 'nbac_team_boxscore', ofGame(0));
  const [first] = verdicts(offense, drop(gone, 'nbac_gamebook_player_stats', ofGame(0)));
  expect(first).toMatchObject({ status: 'disputed', isLive: true });
});

describe('a game that breaks a rule and is decided about', () => {
  const broken = change(raw, 'nbac_team_boxscore', ofTeam(home), { turnovers: 40 });
  const held = judge(offense, broken);
  const rules = (held.broken ?? []).map(({ rule, evidence }) => ({ rule, evidence }));
  const decided: GameDecision = {
    ...{ decisionId: 'd-1', kind: 'release', gameId: gameIdOf(0), rules, by: 'ana', reason: 'why' },
    ...{ until: '2099-01-01T00:00:00Z', over: null, isOverOnRecord: false },
  };
  const other = rules.map(({ rule }) => ({ rule, evidence: 'another' }));
  const applied = { decisionId: 'd-1', by: 'ana', reason: 'why', until: '2099-01-01T00:00:00Z' };
  const of = (given: Partial<GameDecision>, snapshot = broken) => ({
    ...snapshot,
    decisions: [{ ...decided, ...given }],
  });

  it('is held until then', () => {
    expect(held).toMatchObject({ status: 'held', table: 'nbac_team_boxscore' });
    expect(rules).toHaveLength(1);
  });

  it.each<[string, Partial<GameDecision>, object]>([
    ['released', {}, { status: 'released', decision: { ...applied, kind: 'release' } }],
    ['discarded', { kind: 'discard' }, { status: 'discarded', decision: { ...applied, kind: 'discard' } }],
    ['held, since the evidence is another now', { rules: other }, { status: 'held' }],
    ['held, since that has expired', { over: 'expired' }, { status: 'held' }],
    ['held, since that is of another game', { gameId: gameIdOf(1) }, { status: 'held' }],
  ])('is %s', (_what, given, expected) => {
    const found = judge(offense, of(given));
    expect(found).toMatchObject({ ...expected, broken: held.broken, table: held.table });
    expect(found.detail).toContain(held.detail);
    expect('decision' in found).toBe('decision' in expected);
  });

  it('is built by that decision, and no other: what it is built from says so', () => {
    const released = (given: Partial<GameDecision>, snapshot = broken) =>
      selectInputs(processorOf(offense), of(given, snapshot)).released;
    expect(released({})).toEqual([`${gameIdOf(0)}/d-1`]);
    expect([released({ kind: 'discard' }), released({}, raw)]).toEqual([undefined, undefined]);
  });

  it('is over once the rule passes, or its time has', () => {
    const over = (...given: Parameters<typeof of>) => decisionsOver(of(...given)).map(({ how }) => how);
    expect([over({}), over({}, raw), over({ over: 'expired' })]).toEqual([[], ['cleared'], ['expired']]);
    const until = decided.until!;
    expect(decisionsOver(of({ over: 'expired' }))).toMatchObject([
      { reason: `the release of ${gameIdOf(0)} held until ${until}` },
    ]);
    for (const said of [{ isOverOnRecord: true }, { over: 'replaced' as const }])
      expect(decisionsOver(of(said, raw))).toEqual([]);
    // Of a game that is gone, or a source that is, nobody can say.
    expect(over({ gameId: 'another' }, raw)).toEqual([]);
    expect(over({}, drop(broken, 'nbac_gamebook_player_stats'))).toEqual([]);
    expect(over({ rules: [...rules, { rule: 'no such rule', evidence: '' }] }, raw)).toEqual([]);
  });
});
