/** Whether a processor can run on a date: the verdict of the gate, with its evidence. */
import { processorOf } from '../../src/plan/registry';
import type { Waiver } from '../../src/contracts/decisions';
import type { GameDecision } from '../../src/contracts/game-decisions';
import type { GateVerdict, InputTableName, ProcessorName } from '../../src/contracts/phase3';
import { judgeProcessor } from '../../src/gate/judge-processor';
import type { DateSnapshot } from '../../src/gate/snapshot';
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
  policyAfter,
  published,
  reversed,
  withRows,
  type Night,
} from '../support/fixtures';

function judge(name: ProcessorName, snapshot: DateSnapshot, days = 1): GateVerdict {
  return judgeProcessor(processorOf(name), snapshot, policyAfter(days));
}

/** Whether a row is of one of the first `count` games. */
function ofFirst(count: number): (row: { readonly game_id: string }) => boolean {
  return (row) => Array.from({ length: count }, (_, game) => gameIdOf(game)).includes(row.game_id);
}

/** Whether a row is of one of these games, counted from 0. */
function ofGames(...games: readonly number[]): (row: { readonly game_id: string }) => boolean {
  return (row) => games.some((game) => ofGame(game)(row));
}

/** The night with more turnovers of these games' home teams than anybody believes: what breaks a rule. */
function contradicted(night: Night, ...games: readonly number[]): Night {
  return games.reduce(
    (given, game) => change(given, 'nbac_team_boxscore', ofTeam(homeOf(game)), { turnovers: 40 }),
    night,
  );
}

/** A night on which only the first `ready` of `games` games have team rows. */
function withTeamRows(ready: number, games: number): DateSnapshot {
  const night = goodNight(games);
  return withRows(night, 'nbac_team_boxscore', night.rows.nbac_team_boxscore.filter(ofFirst(ready)));
}

describe('on a good night', () => {
  const teams = { nbac_team_boxscore: { found: 10, expectedMin: 8, status: 'ready' } };
  const players = {
    nbac_gamebook_player_stats: { found: 80, expectedMin: 40, status: 'ready' },
    team_offense_game_summary: { found: 10, expectedMin: 8, status: 'ready' },
  };

  it.each([
    [offense, teams],
    [defense, teams],
    [player, players],
  ])('%s can run, with the evidence for it, in whatever order the rows come', (name, own) => {
    const night = published(goodNight(5), offense);
    const verdict = judge(name, night);
    expect(verdict).toEqual({
      ...{ processor: name, canRun: true, skip: null, missing: [], missingGames: [] },
      details: { nbac_schedule: { found: 5, expectedMin: 4, status: 'ready' }, ...own },
      ...{ readyGames: 5, finalGames: 5, policyBypass: null, staleUpstreams: [], checkFailed: null },
    });
    expect(judge(name, reversed(night))).toEqual(verdict);
  });
});

describe('eighty percent of the final games', () => {
  it.each([
    [1, 1, true],
    [0, 1, false],
    [1, 2, false],
    [2, 2, true],
    [3, 4, false],
    [4, 4, true],
    [3, 5, false],
    [4, 5, true],
    [6, 8, false],
    [7, 8, true],
    [7, 10, false],
    [8, 10, true],
    [11, 15, false],
    [12, 15, true],
  ])('%d ready of %d: %s', (ready, games, canRun) => {
    const verdict = judge(offense, withTeamRows(ready, games));
    expect(verdict).toMatchObject({ canRun, readyGames: ready, finalGames: games, policyBypass: null });
    expect(verdict.missing).toEqual(canRun ? [] : ['nbac_team_boxscore']);
  });

  it('lists the games that are not ready, though it can run without them', () => {
    const verdict = judge(offense, withTeamRows(4, 5));
    expect(verdict.missingGames).toEqual([
      { gameId: gameIdOf(4), status: 'missing', table: 'nbac_team_boxscore', detail: 'no team row' },
    ]);
    expect(verdict.details.nbac_team_boxscore).toEqual({ found: 8, expectedMin: 8, status: 'ready' });
  });

  it('are counted over final games only: a game that is still on holds nobody up, but is listed', () => {
    const night = change(goodNight(5), 'nbac_schedule', ofGame(4), { game_status: 2 });
    const verdict = judge(offense, night);
    expect(verdict).toMatchObject({ canRun: true, readyGames: 4, finalGames: 4 });
    expect(verdict.missingGames.map((game) => [game.gameId, game.status])).toEqual([
      [gameIdOf(4), 'not_final'],
    ]);
  });

  it('follow the share that the policy says', () => {
    const night = withTeamRows(3, 5);
    const at = (readyShare: number) =>
      judgeProcessor(processorOf(offense), night, { ...policyAfter(1), readyShare }).canRun;
    expect([0, 0.6, 0.61, 1].map(at)).toEqual([true, true, false, false]);
    expect(
      judgeProcessor(processorOf(offense), withTeamRows(0, 5), { ...policyAfter(1), readyShare: 0 }).canRun,
    ).toBe(false);
  });
});

describe('while it cannot run it names the table, with the usable rows found and expected', () => {
  const night = goodNight(2);
  const isAtlantaFirst = (row: { game_id: string; team_abbr: string }) =>
    ofGame(0)(row) && row.team_abbr === 'ATL';
  const zeroed = { points: 0, fg_attempted: 0, minutes: null };

  it.each<
    readonly [what: string, ProcessorName, DateSnapshot, table: InputTableName, found: number, min: number]
  >([
    ['missing rows', offense, withTeamRows(3, 5), 'nbac_team_boxscore', 6, 8],
    [
      'placeholders, which do not count',
      offense,
      change(night, 'nbac_team_boxscore', ofGame(0), zeroed),
      ...(['nbac_team_boxscore', 2, 4] as const),
    ],
    [
      'rows enough, but at fault',
      offense,
      change(goodNight(1), 'nbac_team_boxscore', ofGame(0), { fg_made: null }),
      ...(['nbac_team_boxscore', 2, 2] as const),
    ],
    [
      'no game that is final',
      offense,
      change(night, 'nbac_schedule', () => true, { game_status: 1 }),
      ...(['nbac_schedule', 0, 1] as const),
    ],
    [
      'missing players',
      player,
      drop(published(night, offense), 'nbac_gamebook_player_stats', isAtlantaFirst),
      ...(['nbac_gamebook_player_stats', 24, 20] as const),
    ],
  ])('%s', (_what, name, snapshot, table, found, expectedMin) => {
    expect(judge(name, snapshot)).toMatchObject({
      ...{ canRun: false, missing: [table] },
      details: { [table]: { found, expectedMin, status: 'insufficient_data' } },
    });
  });
});

describe('a date two or more days old', () => {
  it.each([
    [0, false],
    [1, false],
    [2, true],
    [3, true],
    [400, true],
  ])('%d days later it can run with one game of five ready: %s', (days, canRun) => {
    expect(judge(offense, withTeamRows(1, 5), days).canRun).toBe(canRun);
  });

  it('has the bypass by policy on the record, with the games', () => {
    const verdict = judge(offense, withTeamRows(3, 5), 2);
    expect(verdict).toMatchObject({
      canRun: true,
      missing: [],
      policyBypass: { kind: 'policy', rule: 'older_than_two_days', readyGames: 3, finalGames: 5 },
    });
    expect(verdict.missingGames).toHaveLength(2);
  });

  it('needs no bypass where eighty percent are ready anyway', () => {
    expect(judge(offense, withTeamRows(4, 5), 2)).toMatchObject({ canRun: true, policyBypass: null });
  });

  it.each([2, 30, 3000])('never passes with nothing ready, not even %d days later', (days) => {
    expect(judge(offense, withTeamRows(0, 5), days)).toMatchObject({
      canRun: false,
      readyGames: 0,
      missing: ['nbac_team_boxscore'],
      policyBypass: null,
    });
  });

  it('is old by the today that the policy says, and by nothing else', () => {
    const night = withTeamRows(3, 5);
    const at = (today: string) =>
      judgeProcessor(processorOf(offense), night, { ...policyAfter(1), today }).canRun;
    expect(at('2025-01-16')).toBe(false);
    expect(at('2025-01-17')).toBe(true);
  });

  it('waives neither a missing offence nor a stale one: that only a person may', () => {
    const stale = change(published(goodNight(5), offense), 'nbac_team_boxscore', ofGame(0), {
      turnovers: 20,
    });
    for (const night of [goodNight(5), stale])
      expect(judge(player, night, 30)).toMatchObject({
        ...{ canRun: false, missing: ['team_offense_game_summary'], policyBypass: null },
      });
  });
});

describe('without a game in the schedule', () => {
  const empty = drop(goodNight(1), 'nbac_schedule');
  const bare = { ...goodNight(0), isCalendarKnown: true };

  const noSchedule = { canRun: false, skip: null, missing: ['nbac_schedule'] };

  describe.each([offense, defense, player])('%s', (name) => {
    it('is skipped when the schedule of that part of the year is loaded, and else not ready', () => {
      expect(judge(name, bare)).toMatchObject({ canRun: false, skip: 'no_games', missing: [] });
      expect(judge(name, { ...bare, isCalendarKnown: false })).toMatchObject({
        ...noSchedule,
        details: { nbac_schedule: { found: 0, expectedMin: 1, status: 'insufficient_data' } },
      });
      expect(judge(name, { ...bare, isCalendarKnown: false })).not.toHaveProperty('contrary');
    });

    it('is not ready where somebody says that rows came, and the verdict says who', () => {
      const heard = { nbac_team_boxscore: 'request r-1 by ana', nbac_player_boxscores: 'request r-2' };
      expect(judgeProcessor(processorOf(name), bare, policyAfter(1), { heard })).toMatchObject({
        ...noSchedule,
        details: { nbac_schedule: { found: 0, expectedMin: 1, status: 'insufficient_data' } },
        contrary:
          'it has no game on 2025-01-15, but request r-1 by ana says that nbac_team_boxscore came and request r-2 says that nbac_player_boxscores came',
      });
    });

    it('is not ready where team rows or player rows alone say that a game was played', () => {
      for (const table of ['nbac_gamebook_player_stats', 'nbac_team_boxscore'] as const)
        expect(judge(name, drop(empty, table))).toMatchObject({
          ...noSchedule,
          contrary: expect.stringMatching(
            /^it has no game on 2025-01-15, but nbac_\w+ has \d+ rows$/,
          ) as string,
        });
    });
  });

  it('is not ready where a single row says so, or what was published and somebody deleted', () => {
    const single = drop(empty, 'nbac_gamebook_player_stats');
    const [row] = single.rows.nbac_team_boxscore;
    expect(judge(offense, withRows(single, 'nbac_team_boxscore', [row!])).contrary).toMatch(
      /nbac_team_boxscore has 1 row$/,
    );
    const name = 'team_offense_game_summary';
    const deleted = { ...bare, asPublished: { [name]: published(goodNight(1), offense).rows[name] } };
    expect(judge(offense, deleted).contrary).toMatch(/team_offense_game_summary has 2 rows$/);
  });

  it('age opens nothing', () => {
    expect(judge(offense, empty, 30)).toMatchObject({ canRun: false, missing: ['nbac_schedule'] });
  });
});

describe('the players', () => {
  const night = published(goodNight(5), offense);

  it('wait for an offence that was never published, though every raw row is there', () => {
    const verdict = judge(player, goodNight(5));
    expect(verdict).toMatchObject({
      canRun: false,
      missing: ['team_offense_game_summary'],
      staleUpstreams: [],
      details: {
        nbac_gamebook_player_stats: { found: 80, expectedMin: 40, status: 'ready' },
        team_offense_game_summary: { found: 0, expectedMin: 8, status: 'insufficient_data' },
      },
    });
    expect(verdict.missingGames).toHaveLength(5);
  });

  it('do not run on offence rows that no manifest vouches for', () => {
    expect(judge(player, { ...night, partition_manifest: [] })).toMatchObject({
      canRun: false,
      missing: ['team_offense_game_summary'],
    });
  });

  it('do not care whether the defence is published', () => {
    expect(judge(player, published(night, defense)).canRun).toBe(true);
  });

  it('run without a game that the offence does not have yet, and list it', () => {
    const late = drop(goodNight(5), 'nbac_team_boxscore', ofGame(2));
    const verdict = judge(player, published(late, offense));
    expect(verdict).toMatchObject({ canRun: true, readyGames: 4, finalGames: 5 });
    expect(verdict.missingGames).toMatchObject([
      { gameId: gameIdOf(2), status: 'missing', table: 'team_offense_game_summary' },
    ]);
  });

  it('wait while the offence lacks more games than the share allows', () => {
    const late = drop(goodNight(4), 'nbac_team_boxscore', ofGame(2));
    expect(judge(player, published(late, offense, defense), 1)).toMatchObject({
      canRun: false,
      readyGames: 3,
      missing: ['team_offense_game_summary'],
    });
  });

  // Everything else that makes a partition stale is in current.test.ts.
  it('do not run on a stale offence, and say why it is', () => {
    const moved = change(night, 'nbac_team_boxscore', ofGame(0), { turnovers: 12 });
    const verdict = judge(player, moved);
    expect(verdict).toMatchObject({
      ...{ canRun: false, missing: ['team_offense_game_summary'] },
      staleUpstreams: [{ processor: offense, reason: 'its inputs changed since version 1 was published' }],
      details: { team_offense_game_summary: { status: 'insufficient_data' } },
    });
    expect(judge(player, published(moved, offense)).canRun).toBe(true);
  });

  it('do not run on an offence that another version of its processor built', () => {
    const verdict = judgeProcessor(processorOf(player), night, policyAfter(1), {
      versions: { [offense]: '9.1.0' },
    });
    expect(verdict.canRun).toBe(false);
    expect(verdict.staleUpstreams).toEqual([
      {
        processor: offense,
        reason: `the processor changed from version ${processorOf(offense).version} to 9.1.0`,
      },
    ]);
  });

  it('run though a placeholder of a game that was left out has moved', () => {
    const left = change(goodNight(5), 'nbac_team_boxscore', ofGame(4), { points: 0, turnovers: 0 });
    const moved = change(published(left, offense), 'nbac_team_boxscore', ofGame(4), { turnovers: 1 });
    expect(judge(player, moved)).toMatchObject({ canRun: true, staleUpstreams: [] });
  });

  it('are not stale themselves because their own version is tried', () => {
    expect(
      judgeProcessor(processorOf(player), night, policyAfter(1), { versions: { [player]: '9.9.9' } }).canRun,
    ).toBe(true);
  });
});

describe('a game that the schedule lacks', () => {
  const missing = { status: 'missing', table: 'nbac_schedule' };
  const stray = {
    ...missing,
    detail: 'rows arrived for this game, but the schedule of the date does not list it',
  };
  const gone = {
    ...{ ...missing, isLive: true },
    detail: 'it is live, and the schedule of the date does not list it any more; its live rows are kept',
  };

  // Else its rows would be read by nobody, and the date published as if it had one game less.
  it('is named where its rows are there, and whether it is live', () => {
    const whole = goodNight(3);
    const before = published(drop(whole, 'nbac_team_boxscore', ofGame(2)), offense);
    const came = withRows(before, 'nbac_team_boxscore', whole.rows.nbac_team_boxscore);
    expect(judge(offense, drop(came, 'nbac_schedule', ofGames(1, 2))).missingGames).toEqual([
      { gameId: gameIdOf(1), ...stray, isLive: true },
      { gameId: gameIdOf(2), ...stray },
    ]);
  });

  it('is named once, in the order of ids, whichever sources have its rows', () => {
    const { reads } = processorOf(player);
    const ofBoth = { ...processorOf(offense), reads: { ...processorOf(offense).reads, ...reads } };
    const without = drop(goodNight(3), 'nbac_schedule', ofGames(1, 2));
    const night = drop(without, 'nbac_team_boxscore', ofGame(1));
    expect(judgeProcessor(ofBoth, night, policyAfter(1)).missingGames).toEqual(
      [1, 2].map((game) => ({ gameId: gameIdOf(game), ...stray })),
    );
  });

  it('is named where it is live and nothing tells of it any more, in the order of ids', () => {
    const without = (games: (row: { readonly game_id: string }) => boolean) =>
      drop(
        drop(published(goodNight(4), offense), 'nbac_schedule', games),
        ...(['nbac_team_boxscore', games] as const),
      );
    const named = (night: Night) => judge(offense, reversed(night)).missingGames;
    expect(named(without(ofGames(1, 3)))).toEqual(
      [1, 3].map((game) => ({ gameId: gameIdOf(game), ...gone })),
    );
    expect(named(without(() => true))).toEqual(
      [0, 1, 2, 3].map((game) => ({ gameId: gameIdOf(game), ...gone })),
    );
  });
});

describe('a game that nobody waits for', () => {
  const ppd = { game_status: 1, game_status_text: 'PPD' };
  const postponed = (night: Night): Night =>
    drop(
      drop(change(night, 'nbac_schedule', ofGame(0), ppd), 'nbac_team_boxscore', ofGame(0)),
      ...(['nbac_gamebook_player_stats', ofGame(0)] as const),
    );

  it('is one that is postponed: the others are built, or waited for', () => {
    const night = postponed(goodNight(2));
    expect(judge(offense, night)).toMatchObject({ canRun: true, skip: null, readyGames: 1, finalGames: 1 });
    expect(judge(offense, drop(night, 'nbac_team_boxscore'))).toMatchObject({
      ...{ canRun: false, skip: null, missing: ['nbac_team_boxscore'] },
    });
  });

  it('is one that is held: the share is that of the others', () => {
    const night = drop(goodNight(6), 'nbac_team_boxscore', ofGame(1));
    expect(judge(offense, contradicted(night, 0))).toMatchObject({
      ...{ canRun: true, readyGames: 4, finalGames: 6 },
      details: { nbac_team_boxscore: { found: 10, expectedMin: 8, status: 'ready' } },
    });
    expect(judge(offense, drop(night, 'nbac_team_boxscore', ofGame(0))).canRun).toBe(false);
  });

  it('is one that is discarded; while it is live it is kept, and a run says so', () => {
    const broken = contradicted(goodNight(1), 0);
    const rules = judge(offense, broken).missingGames[0]!.broken!;
    const discard: GameDecision = {
      ...{ decisionId: 'd-1', kind: 'discard', gameId: gameIdOf(0), rules, by: 'ana', reason: 'why' },
      ...{ until: null, over: null, isOverOnRecord: false },
    };
    const seenTo = judge(offense, { ...broken, decisions: [discard] });
    expect(seenTo).toMatchObject({ skip: 'no_games', missingGames: [{ status: 'discarded' }] });
    const live = contradicted(published(goodNight(1), offense), 0);
    expect(judge(offense, { ...live, decisions: [discard] })).toMatchObject({
      ...{ skip: null, canRun: true, missingGames: [{ status: 'discarded', isLive: true }] },
    });
  });
});

describe('a night of which every game is live and contradicted', () => {
  const live = published(goodNight(2), offense);

  it('is kept by a run, with nothing ready', () => {
    expect(judge(offense, contradicted(live, 0, 1))).toMatchObject({
      ...{ canRun: true, readyGames: 0, missing: [], policyBypass: null },
    });
  });

  it('waits where only one of them is, and the rows of the other are gone', () => {
    const night = drop(contradicted(live, 0), 'nbac_team_boxscore', ofGame(1));
    expect(judge(offense, night)).toMatchObject({ canRun: false, readyGames: 0 });
  });

  it('waits where it was adopted: that is not ours to keep', () => {
    const [manifest] = live.partition_manifest;
    const adopted = [{ ...manifest!, processor_version: 'adopted' }];
    const night = { ...contradicted(live, 0, 1), partition_manifest: adopted };
    expect(judge(offense, night)).toMatchObject({ canRun: false, readyGames: 0 });
  });
});

describe('what is named as missing', () => {
  it('is not the table of a game that is made from its players', () => {
    const without = drop(goodNight(5), 'nbac_team_boxscore', ofTeam(homeOf(0)));
    const night = published({ ...without, reconstructs: 'all' }, offense);
    expect(judge(player, drop(night, 'nbac_gamebook_player_stats', ofGames(2, 3)))).toMatchObject({
      ...{ canRun: false, readyGames: 3, missing: ['nbac_gamebook_player_stats'] },
    });
  });

  it('is not a table that lacks rows only of games that lack others, and its details say that it does', () => {
    const night = published(drop(goodNight(5), 'nbac_team_boxscore', ofGames(2, 3, 4)), offense);
    const verdict = judge(player, drop(night, 'nbac_gamebook_player_stats'));
    expect(verdict.missing).toEqual(['nbac_gamebook_player_stats']);
    expect(verdict.details['team_offense_game_summary']).toEqual({
      ...{ found: 4, expectedMin: 8, status: 'insufficient_data' },
    });
  });

  it('is nothing of an upstream that a run will have built: its rows of now say nothing', () => {
    const options = { foreseen: new Set([offense]) };
    const verdict = judgeProcessor(processorOf(player), goodNight(5), policyAfter(1), options);
    expect(verdict).toMatchObject({ canRun: true, missing: [] });
    expect(Object.keys(verdict.details).sort()).toEqual(['nbac_gamebook_player_stats', 'nbac_schedule']);
  });

  it('is that upstream which is not current, and not another', () => {
    const upstreams = { offense: processorOf(offense), defense: processorOf(defense) };
    const ofBoth = { ...processorOf(player), upstreams };
    const night = published(goodNight(2), offense, defense);
    const altered = change(night, 'team_offense_game_summary', ofGame(0), { pace: 1 });
    expect(judgeProcessor(ofBoth, altered, policyAfter(1)).missing).toEqual(['team_offense_game_summary']);
  });
});

describe('in a chain of three', () => {
  const upstreams = { players: processorOf(player) };
  const third = { ...processorOf(player), name: 'ThirdProcessor', upstreams };
  const night = published(goodNight(2), offense, player);
  const moved = change(night, 'nbac_team_boxscore', ofGame(0), { turnovers: 12 });
  const staleOf = (given: DateSnapshot) => judgeProcessor(third, given, policyAfter(1)).staleUpstreams;

  it('the last does not run on players whose offence is stale, and says what they stand on', () => {
    expect(staleOf(night)).toEqual([]);
    expect(staleOf(moved)).toEqual([
      {
        processor: player,
        reason:
          'it stands on team_offense_game_summary, which is not up to date: its inputs changed since version 1 was published',
      },
    ]);
  });
});

describe('a waiver', () => {
  const waiver = (tables: InputTableName[]): Waiver => ({
    ...{ bypassId: 'b-1', by: 'ana@example.org', reason: 'players are needed', tables },
    until: '2099-01-01T00:00:00.000Z',
  });
  const waived = (snapshot: DateSnapshot, tables: InputTableName[], days = 1): GateVerdict =>
    judgeProcessor(processorOf(player), snapshot, policyAfter(days), { waiver: waiver(tables) });
  const gamebookOf = (ready: number): DateSnapshot => {
    const night = goodNight(5);
    const rows = night.rows.nbac_gamebook_player_stats.filter(ofFirst(ready));
    return withRows(night, 'nbac_gamebook_player_stats', rows);
  };

  it('of the offence lets players run without it, and says what was missing', () => {
    expect(waived(goodNight(5), ['team_offense_game_summary'])).toMatchObject({
      canRun: true,
      missing: [],
      bypass: { bypassId: 'b-1', tables: ['team_offense_game_summary'] },
    });
  });

  it('opens nothing for tables that nobody has waived, and the 80 % rule stays in force for them', () => {
    const verdict = waived(gamebookOf(1), ['team_offense_game_summary']);
    expect(verdict.canRun).toBe(false);
    expect(verdict.bypass ?? null).toBeNull();
    expect(verdict.missing).toContain('nbac_gamebook_player_stats');
    expect(waived(gamebookOf(4), ['team_offense_game_summary'])).toMatchObject({
      canRun: true,
      bypass: { tables: ['team_offense_game_summary'] },
    });
  });

  it('of everything lets it run with one game, but never with none', () => {
    const all: InputTableName[] = ['team_offense_game_summary', 'nbac_gamebook_player_stats'];
    expect(waived(gamebookOf(1), all)).toMatchObject({
      canRun: true,
      bypass: { tables: expect.arrayContaining(all) as unknown },
    });
    expect(waived(gamebookOf(0), all).canRun).toBe(false);
  });

  it('of one table does not make up for games that lack another', () => {
    const before = published(drop(goodNight(5), 'nbac_team_boxscore', ofGame(4)), offense);
    const night = drop(before, 'nbac_gamebook_player_stats', ofGame(3));
    expect(waived(night, ['nbac_gamebook_player_stats'])).toMatchObject({ canRun: false, readyGames: 3 });
    const both: InputTableName[] = ['nbac_gamebook_player_stats', 'team_offense_game_summary'];
    expect(waived(night, both)).toMatchObject({ canRun: true, bypass: { tables: both } });
  });

  it('on an old date leaves the rule on record that lets the rest pass', () => {
    expect(waived(gamebookOf(1), ['team_offense_game_summary'], 3)).toMatchObject({
      canRun: true,
      bypass: { tables: ['team_offense_game_summary'] },
      policyBypass: { rule: 'older_than_two_days', readyGames: 1 },
    });
  });

  it('counts for nothing where nothing is missing', () => {
    const verdict = waived(published(goodNight(5), offense), ['team_offense_game_summary']);
    expect(verdict).toEqual(judge(player, published(goodNight(5), offense)));
  });
});
