import { printJson, stateJson, verdictJson } from '../../src/cli/json';
import { stateOf, type DateState } from '../../src/contracts/date-state';
import { uncheckedVerdict } from '../../src/contracts/phase3';
import { newMemory } from '../../src/workflows/memory';
import { gameDate, gameIdOf, heldVerdict, missingGame, offense, player, resultOf } from '../support/fixtures';

/** What `--json` prints, read back. */
function printed(value: unknown): unknown {
  const lines: string[] = [];
  printJson((line) => lines.push(line), value);
  return JSON.parse(lines.join('\n'));
}

describe('a document', () => {
  it('has keys in snake_case, at every depth', () => {
    expect(printed({ gameDate, isOpen: true, list: [{ expectedMin: 1 }] })).toEqual({
      game_date: gameDate,
      is_open: true,
      list: [{ expected_min: 1 }],
    });
  });

  it('keeps the names of processors, tables and dates as they are', () => {
    const names = { [offense]: 1, nbac_team_boxscore: 2, '2025-01-15': 3, NYK: 4 };
    expect(printed(names)).toEqual(names);
  });

  it('says null for what is undefined, and keeps 0, false and the empty text', () => {
    expect(printed({ a: undefined, b: null, c: 0, d: false, e: '' })).toEqual({
      a: null,
      b: null,
      c: 0,
      d: false,
      e: '',
    });
  });

  it('keeps figures as they are stored, unrounded', () => {
    expect(printed({ usage: 45.699999999999996 })).toEqual({ usage: 45.699999999999996 });
  });

  it('keeps a text as it is, though it looks like a key', () => {
    expect(printed({ reason: 'gameDate', source: 'nbacTeam' })).toEqual({
      reason: 'gameDate',
      source: 'nbacTeam',
    });
  });
});

it('a verdict has the can_run, missing and details of the plan, each table with its games', () => {
  const other = missingGame(1, { table: 'nbac_schedule', status: 'not_final', detail: 'not yet' });
  const verdict = heldVerdict(offense, {
    details: {
      nbac_schedule: { found: 4, expectedMin: 4, status: 'ready' },
      nbac_team_boxscore: { found: 8, expectedMin: 10, status: 'insufficient_data' },
    },
    missingGames: [missingGame(0), other],
  });
  expect(printed(verdictJson(verdict))).toEqual({
    can_run: false,
    missing: ['nbac_team_boxscore'],
    details: {
      nbac_schedule: {
        found: 4,
        expected_min: 4,
        status: 'ready',
        games: [{ game_id: gameIdOf(1), status: 'not_final', table: 'nbac_schedule', detail: 'not yet' }],
      },
      nbac_team_boxscore: {
        found: 8,
        expected_min: 10,
        status: 'insufficient_data',
        games: [
          { game_id: gameIdOf(0), status: 'missing', table: 'nbac_team_boxscore', detail: 'no team row' },
        ],
      },
    },
    skipped: null,
    ready_games: 3,
    final_games: 5,
    stale_upstreams: [],
    policy_bypass: null,
    pin: null,
  });
});

it('a verdict of a check that failed is check_failed, with the error', () => {
  expect(printed(verdictJson(uncheckedVerdict(player, 'WarehouseUnavailable: reset')))).toMatchObject({
    can_run: false,
    details: { error: 'WarehouseUnavailable: reset', status: 'check_failed' },
  });
});

it("a date's state names its processors in the registry's order, and what is missing once", () => {
  const state: DateState = {
    ...stateOf(newMemory(gameDate)),
    runState: 'blocked',
    pass: 1,
    results: {
      [player]: resultOf(player, { outcome: 'blocked', missing: ['nbac_team_boxscore'] }),
      [offense]: resultOf(offense, { outcome: 'blocked', missing: ['nbac_team_boxscore'] }),
    },
    askedLive: true,
    journal: [{ at: '2025-01-16T08:00:00.000Z', level: 'INFO', message: 'Level 1' }],
  };
  const json = printed(stateJson(state, true)) as { processors: Record<string, unknown> };
  expect(json).toMatchObject({
    game_date: gameDate,
    state: 'blocked',
    is_open: true,
    missing: ['nbac_team_boxscore'],
    gate: null,
    deadline: null,
    log: [{ at: '2025-01-16T08:00:00.000Z', level: 'INFO', message: 'Level 1' }],
  });
  expect(Object.keys(json.processors)).toEqual([offense, player]);
  expect(json.processors[offense]).toMatchObject({ outcome: 'blocked', row_count: 10, policy_bypass: null });
  expect(json.processors[offense]).not.toHaveProperty('processor');
});
