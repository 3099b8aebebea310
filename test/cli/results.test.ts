import { exitCodeOf, exitCodeOfDate } from '../../src/cli/results';
import { renderLine, renderResults, renderVerdict } from '../../src/cli/render';
import { uncheckedVerdict, type RunState } from '../../src/contracts/phase3';
import { stateOf } from '../../src/contracts/date-state';
import { newMemory } from '../../src/workflows/memory';
import { gameDate, gameIdOf, heldVerdict, missingGame, offense, player, resultOf } from '../support/fixtures';

describe('the exit code of a command that waited', () => {
  it.each<[readonly RunState[], number]>([
    [[], 0],
    [['published', 'skipped', 'unchanged'], 0],
    ...(['failed', 'upstream_failed', 'cancelled', 'abandoned'] as const).map(
      (state): [RunState[], number] => [['published', state], 1],
    ),
    ...(['blocked', 'waiting', 'quarantined', 'running'] as const).map((state): [RunState[], number] => [
      ['published', state],
      3,
    ]),
    [['blocked', 'failed'], 1],
    [['upstream_failed', 'blocked'], 3],
  ])('for %j is %d, a failure first', (states, code) => {
    expect(exitCodeOf(states)).toBe(code);
    expect(exitCodeOf([...states].reverse())).toBe(code);
  });

  it.each<[RunState, Parameters<typeof resultOf>[1], number]>([
    ['published', {}, 0],
    ['published', { missingGames: [missingGame(0)] }, 4],
    ['unchanged', { outcome: 'unchanged', missingGames: [missingGame(0)] }, 4],
    // What a processor lacks that built nothing is told by its own outcome.
    ['blocked', { outcome: 'blocked', missingGames: [missingGame(0)] }, 3],
    ['failed', { missingGames: [missingGame(0)] }, 1],
  ])('for a date that is %s with %j is %d', (state, changes, code) => {
    const date = { ...stateOf(newMemory(gameDate)), results: { [offense]: resultOf(offense, changes) } };
    expect(exitCodeOfDate(state, date)).toBe(code);
    expect(exitCodeOfDate(state, null)).toBe(code === 4 ? 0 : code);
  });
});

it('a line of the level log has its time in UTC and its level', () => {
  expect(renderLine({ at: '2025-01-16T08:05:03.000Z', level: 'INFO', message: 'Level 1' })).toBe(
    '08:05:03 INFO    Level 1',
  );
});

describe('a result', () => {
  it('has one line: processor, outcome, version, rows and reason', () => {
    expect(renderResults([resultOf(offense, { version: 2, rowCount: 30 })])).toEqual([
      `  ${offense}  published (version 2, 30 rows) - built because it was never published for this date`,
    ]);
  });

  it('names no version where none is live, and every game that it is without', () => {
    const blocked = resultOf(player, {
      outcome: 'blocked',
      version: null,
      rowCount: null,
      reason: 'nothing came',
      missingGames: [missingGame(0), missingGame(1)],
    });
    expect(renderResults([blocked])).toEqual([
      `  ${player.padEnd(32)} blocked - nothing came`,
      `    without ${gameIdOf(0)}: nbac_team_boxscore missing, no team row`,
      `    without ${gameIdOf(1)}: nbac_team_boxscore missing, no team row`,
    ]);
  });
});

describe('a verdict', () => {
  it('shows found and expected by table, then the games at fault', () => {
    expect(renderVerdict(heldVerdict(offense))).toEqual([
      `${offense}: cannot run`,
      '  nbac_team_boxscore             found 8, expected at least 10: insufficient_data',
      `    ${gameIdOf(0)} missing in nbac_team_boxscore: no team row`,
    ]);
  });

  it.each([
    ['can run', { canRun: true, missing: [] }, 'can run, 3 of 5 final games are ready'],
    ['has nothing to do', { skip: 'no_games' as const }, 'nothing to do (no_games)'],
  ])('says that it %s', (_what, changes, head) => {
    expect(renderVerdict(heldVerdict(offense, changes))[0]).toBe(`${offense}: ${head}`);
  });

  it('shows why an upstream is not up to date', () => {
    const lines = renderVerdict(
      heldVerdict(player, { staleUpstreams: [{ processor: offense, reason: 'its inputs changed' }] }),
    );
    expect(lines.at(-1)).toBe(`    ${offense} is published but not up to date: its inputs changed`);
  });

  it('shows the error of a check that failed', () => {
    expect(renderVerdict(uncheckedVerdict(offense, 'reset'))).toEqual([
      `${offense}: cannot run`,
      '  the check failed: reset',
    ]);
  });
});
