import { processorOf } from '../../src/plan/registry';
import type { Waiver } from '../../src/contracts/overrides';
import type { GateVerdict, InputTableName, ProcessorName } from '../../src/contracts/phase3';
import { judgeProcessor } from '../../src/gate/judge-processor';
import type { DateSnapshot } from '../../src/gate/snapshot';
import {
  add,
  change,
  defense,
  drop,
  gameIdOf,
  goodNight,
  offense,
  ofGame,
  player,
  policyAfter,
  published,
  reversed,
  withRows,
} from '../support/fixtures';

function judge(name: ProcessorName, snapshot: DateSnapshot, days = 1): GateVerdict {
  return judgeProcessor(processorOf(name), snapshot, policyAfter(days));
}

/** Whether a row is of one of the first `count` games. */
function ofFirst(count: number): (row: { readonly game_id: string }) => boolean {
  return (row) => Array.from({ length: count }, (_, game) => gameIdOf(game)).includes(row.game_id);
}

/** A night on which only the first `ready` of `games` games have team rows. */
function withTeamRows(ready: number, games: number): DateSnapshot {
  const night = goodNight(games);
  return withRows(night, 'nbac_team_boxscore', night.rows.nbac_team_boxscore.filter(ofFirst(ready)));
}

describe('on a good night', () => {
  it.each([offense, defense] as const)('%s can run, with the evidence for it', (name) => {
    expect(judge(name, goodNight(5))).toEqual({
      processor: name,
      canRun: true,
      skip: null,
      missing: [],
      details: {
        nbac_schedule: { found: 5, expectedMin: 4, status: 'ready' },
        nbac_team_boxscore: { found: 10, expectedMin: 8, status: 'ready' },
      },
      missingGames: [],
      readyGames: 5,
      finalGames: 5,
      policyBypass: null,
      staleUpstreams: [],
      checkFailed: null,
    });
  });

  it('PlayerGameSummaryProcessor can run once the offence is published, with the evidence for it', () => {
    expect(judge(player, published(goodNight(5), offense))).toEqual({
      processor: player,
      canRun: true,
      skip: null,
      missing: [],
      details: {
        nbac_schedule: { found: 5, expectedMin: 4, status: 'ready' },
        nbac_gamebook_player_stats: { found: 80, expectedMin: 40, status: 'ready' },
        team_offense_game_summary: { found: 10, expectedMin: 8, status: 'ready' },
      },
      missingGames: [],
      readyGames: 5,
      finalGames: 5,
      policyBypass: null,
      staleUpstreams: [],
      checkFailed: null,
    });
  });

  it('the verdict is the same in whatever order the rows come', () => {
    const night = published(goodNight(5), offense);
    for (const name of [offense, defense, player] as const)
      expect(judge(name, reversed(night))).toEqual(judge(name, night));
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

describe('while it cannot run', () => {
  it('names the table with the rows found and expected', () => {
    const verdict = judge(offense, withTeamRows(3, 5));
    expect(verdict).toMatchObject({
      canRun: false,
      missing: ['nbac_team_boxscore'],
      details: {
        nbac_schedule: { found: 5, expectedMin: 4, status: 'ready' },
        nbac_team_boxscore: { found: 6, expectedMin: 8, status: 'insufficient_data' },
      },
    });
  });

  it('does not count placeholders as found', () => {
    const night = change(goodNight(5), 'nbac_team_boxscore', (row) => ofGame(0)(row) || ofGame(1)(row), {
      points: 0,
      fg_attempted: 0,
      minutes: null,
    });
    const verdict = judge(offense, night);
    expect(verdict.details.nbac_team_boxscore).toEqual({
      found: 6,
      expectedMin: 8,
      status: 'insufficient_data',
    });
    expect(verdict.missingGames.map((game) => game.status)).toEqual(['placeholder', 'placeholder']);
  });

  it('says insufficient even where there are rows enough, for they are at fault', () => {
    const night = change(goodNight(1), 'nbac_team_boxscore', ofGame(0), { turnovers: null });
    expect(judge(offense, night)).toMatchObject({
      canRun: false,
      missing: ['nbac_team_boxscore'],
      details: { nbac_team_boxscore: { found: 2, expectedMin: 2, status: 'insufficient_data' } },
    });
  });

  it('names the schedule while no game is final', () => {
    const night = change(goodNight(2), 'nbac_schedule', () => true, { game_status: 1 });
    expect(judge(offense, night)).toMatchObject({
      canRun: false,
      missing: ['nbac_schedule'],
      details: { nbac_schedule: { found: 0, expectedMin: 1, status: 'insufficient_data' } },
      finalGames: 0,
    });
  });

  it('names the gamebook where players are missing', () => {
    const night = drop(
      published(goodNight(2), offense),
      'nbac_gamebook_player_stats',
      (row) => ofGame(0)(row) && row.team_abbr === 'ATL',
    );
    expect(judge(player, night)).toMatchObject({
      canRun: false,
      missing: ['nbac_gamebook_player_stats'],
      details: {
        nbac_gamebook_player_stats: { found: 24, expectedMin: 20, status: 'insufficient_data' },
      },
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

  it('does not waive the offence: that only a person may', () => {
    const verdict = judge(player, goodNight(5), 30);
    expect(verdict).toMatchObject({
      canRun: false,
      missing: ['team_offense_game_summary'],
      policyBypass: null,
    });
  });

  it('does not waive a stale offence either', () => {
    const night = change(published(goodNight(5), offense), 'nbac_team_boxscore', ofGame(0), {
      turnovers: 20,
    });
    expect(judge(player, night, 30)).toMatchObject({ canRun: false, missing: ['team_offense_game_summary'] });
  });
});

describe('without a game in the schedule', () => {
  const empty = drop(goodNight(1), 'nbac_schedule');
  const bare = { ...goodNight(0), isCalendarKnown: true };

  it.each([offense, defense, player] as const)(
    '%s is skipped when the schedule of that part of the year is loaded',
    (name) => {
      expect(judge(name, bare)).toMatchObject({ canRun: false, skip: 'no_games', missing: [] });
    },
  );

  it.each([offense, defense, player] as const)(
    '%s is not ready, and the schedule named, when no schedule is loaded',
    (name) => {
      expect(judge(name, { ...bare, isCalendarKnown: false })).toMatchObject({
        canRun: false,
        skip: null,
        missing: ['nbac_schedule'],
        details: { nbac_schedule: { found: 0, expectedMin: 1, status: 'insufficient_data' } },
      });
    },
  );

  it.each([
    ['team rows', drop(empty, 'nbac_gamebook_player_stats')],
    ['player rows', drop(empty, 'nbac_team_boxscore')],
  ])('%s alone say that a game was played: not ready, and the schedule named', (_which, snapshot) => {
    for (const name of [offense, defense, player] as const)
      expect(judge(name, snapshot)).toMatchObject({ canRun: false, skip: null, missing: ['nbac_schedule'] });
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

  it.each<[what: string, snapshot: DateSnapshot, reason: string]>([
    [
      'its raw rows were corrected',
      change(night, 'nbac_team_boxscore', ofGame(0), { turnovers: 12 }),
      'its inputs changed since version 1 was published',
    ],
    [
      'a late game arrived',
      add(
        published(drop(goodNight(5), 'nbac_team_boxscore', ofGame(4)), offense),
        'nbac_team_boxscore',
        ...goodNight(5).rows.nbac_team_boxscore.filter(ofGame(4)),
      ),
      'its inputs changed since version 1 was published',
    ],
    [
      'its raw rows are gone',
      drop(night, 'nbac_team_boxscore', ofGame(0)),
      'its inputs changed since version 1 was published',
    ],
    [
      'the score of the schedule was corrected',
      change(night, 'nbac_schedule', ofGame(0), { home_team_score: 99 }),
      'its inputs changed since version 1 was published',
    ],
    [
      'a stored figure was changed by hand',
      change(night, 'team_offense_game_summary', ofGame(0), { possessions: 1 }),
      'its stored rows were changed after version 1 was published',
    ],
    [
      'a stored row was deleted',
      drop(night, 'team_offense_game_summary', (row) => row.team_abbr === 'ATL'),
      '9 rows are stored where version 1 published 10',
    ],
    [
      'every stored row was deleted',
      drop(night, 'team_offense_game_summary'),
      '0 rows are stored where version 1 published 10',
    ],
    [
      'a row was added by hand',
      add(night, 'team_offense_game_summary', {
        ...night.rows.team_offense_game_summary[0]!,
        team_abbr: 'XXX',
      }),
      '11 rows are stored where version 1 published 10',
    ],
  ])('do not run on a stale offence: %s', (_what, snapshot, reason) => {
    const verdict = judge(player, snapshot);
    expect(verdict.canRun).toBe(false);
    expect(verdict.missing).toContain('team_offense_game_summary');
    expect(verdict.staleUpstreams).toEqual([{ processor: offense, reason }]);
    expect(verdict.details.team_offense_game_summary?.status).toBe('insufficient_data');
  });

  it('do not run on an offence that another version of its processor built', () => {
    const verdict = judgeProcessor(processorOf(player), night, policyAfter(1), {
      versions: { [offense]: '1.1.0' },
    });
    expect(verdict.canRun).toBe(false);
    expect(verdict.staleUpstreams).toEqual([
      { processor: offense, reason: 'the processor changed from version 1.0.0 to 1.1.0' },
    ]);
  });

  it('run on an offence that was rebuilt after its inputs moved', () => {
    const moved = change(night, 'nbac_team_boxscore', ofGame(0), { turnovers: 12 });
    expect(judge(player, published(moved, offense)).canRun).toBe(true);
  });

  it('run though the raw rows were sent again unchanged', () => {
    const again = change(night, 'nbac_team_boxscore', () => true, {
      processed_at: '2025-01-16T12:00:00.000Z',
    });
    expect(judge(player, again).canRun).toBe(true);
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

// With one schedule row of two gone, the other game's rows are read by nobody and named by nothing: the date is
// published as if it had one game. Raw rows without schedule rows should name nbac_schedule here as they do on a date
// without any schedule row.
it('names the schedule when it lacks a game whose rows are there', () => {
  const verdict = judge(offense, drop(goodNight(2), 'nbac_schedule', ofGame(1)));
  expect([...verdict.missing, ...verdict.missingGames.map((game) => game.table)]).toContain('nbac_schedule');
});

describe('a waiver', () => {
  const waiver = (tables: InputTableName[]): Waiver => ({
    ...{ bypassId: 'b-1', by: 'ana@example.org', reason: 'players are needed', tables },
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
