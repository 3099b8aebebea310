import {
  analyticsTables,
  bareTableName,
  isRawTableName,
  isTableName,
  orchestrationTables,
  qualifiedName,
  rawTables,
  tableOf,
  tables,
} from '../../src/tables/catalogue';
import { compareByKey, compareText } from '../../src/tables/compare';
import type { Row, TableDefinition } from '../../src/tables/define-table';

describe.each(Object.entries<TableDefinition>(tables))('the table %s', (name, table) => {
  it('is declared under its own name', () => {
    expect(table.name).toBe(name);
  });

  it('has a key that begins with the game date, of columns that are never null', () => {
    expect(table.key[0]).toBe('game_date');
    for (const column of table.key) expect(table.columns[column]).toHaveProperty('required', true);
  });
});

it('keeps raw, published and own tables in their datasets', () => {
  const datasetsOf = (some: typeof tables): Set<string> =>
    new Set(Object.values(some).map((table) => table.dataset));
  expect([...datasetsOf(rawTables)]).toEqual(['nba_raw']);
  expect([...datasetsOf(analyticsTables)]).toEqual(['nba_analytics']);
  expect(Object.keys(tables)).toHaveLength(
    Object.keys(rawTables).length +
      Object.keys(analyticsTables).length +
      Object.keys(orchestrationTables).length,
  );
});

it("keeps the original's keys for those who read the tables today", () => {
  expect(tableOf('player_game_summary').key).toEqual(['game_date', 'player_lookup']);
  expect(tableOf('team_offense_game_summary').key).toEqual(['game_date', 'team_abbr']);
  expect(tableOf('team_defense_game_summary').key).toEqual(['game_date', 'defending_team_abbr']);
});

describe('a name that a person typed', () => {
  it.each([
    ['nbac_schedule', 'nbac_schedule'],
    ['nba_raw.nbac_schedule', 'nbac_schedule'],
    ['nba_analytics.player_game_summary', 'player_game_summary'],
    ['nba_orchestration.run_history', 'run_history'],
  ])('%s is the table %s', (typed, bare) => {
    expect(bareTableName(typed)).toBe(bare);
    expect(isTableName(bareTableName(typed))).toBe(true);
  });

  it.each([
    ['nba_raw.player_game_summary'],
    ['project.nba_raw.nbac_schedule'],
    ['other.nbac_schedule'],
    ['.nbac_schedule'],
    ['nbac_schedule.'],
    ['nbac_referees'],
    ['toString'],
    [''],
  ])('%s is no table', (typed) => {
    expect(isTableName(bareTableName(typed))).toBe(false);
  });

  it('is raw only if phase 2 fills it', () => {
    expect(isRawTableName('nbac_schedule')).toBe(true);
    expect(isRawTableName('player_game_summary')).toBe(false);
    expect(isRawTableName('constructor')).toBe(false);
  });

  it('is printed with its dataset', () => {
    expect(qualifiedName(tableOf('nbac_schedule'))).toBe('nba_raw.nbac_schedule');
  });
});

describe('order', () => {
  it('of texts is by code unit, the same on every machine', () => {
    expect(['ä', 'b', 'Z', 'a', '10', '9', ''].sort(compareText)).toEqual([
      '',
      '10',
      '9',
      'Z',
      'a',
      'b',
      'ä',
    ]);
    expect(compareText('a', 'a')).toBe(0);
  });

  it('of rows is by the whole key, column by column', () => {
    const rows: Row[] = [
      { game_date: '2025-01-16', team_abbr: 'ATL' },
      { game_date: '2025-01-15', team_abbr: 'BOS' },
      { game_date: '2025-01-15', team_abbr: 'ATL' },
    ];
    expect([...rows].sort(compareByKey(tableOf('team_offense_game_summary')))).toEqual([
      rows[2],
      rows[1],
      rows[0],
    ]);
  });
});
