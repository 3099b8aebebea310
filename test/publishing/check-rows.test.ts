/** What holds of every published table, and how what a rule finds is told. */
import type { ProcessorName } from '../../src/contracts/phase3';
import { processorOf } from '../../src/plan/registry';
import type { Rule } from '../../src/processors/define-rule';
import { checkRows, type CheckResult } from '../../src/publishing/check-rows';
import type { Row } from '../../src/tables/define-table';
import { defense, gameDate, offense, player } from '../support/fixtures';
import { away, check, failures, goodRows } from '../processors/rules';

const lookup = `${away.toLowerCase()}player0`;

/** The good rows with the one of this index changed. */
function withRow(name: ProcessorName, index: number, changes: Row): readonly Row[] {
  return goodRows(name).map((row, at) => (at === index ? { ...row, ...changes } : row));
}

describe.each([
  [offense, `${gameDate}/${away}`, 'opponent_team_abbr'],
  [defense, `${gameDate}/${away}`, 'game_id'],
  [player, `${gameDate}/${lookup}`, 'data_hash'],
] as const)('the table of %s', (name, key, column) => {
  const index = goodRows(name).findIndex((row) =>
    [row['player_lookup'] ?? row['team_abbr'] ?? row['defending_team_abbr']].includes(key.split('/')[1]),
  );

  it('may hold a key once', () => {
    expect(failures(name, [...goodRows(name), goodRows(name)[index]!])['keys_are_unique']).toMatchObject({
      blocking: true,
      detail: `${key} occurs more than once`,
    });
  });

  it('must hold what is required, and a row without it says nothing to other rules', () => {
    const failed = failures(name, withRow(name, index, { [column]: null }));
    expect(failed['required_columns_are_filled']).toMatchObject({
      blocking: true,
      detail: `${column} is empty`,
    });
  });
});

describe('what a rule finds', () => {
  const seen: Row[][] = [];
  const everyRow: Rule = {
    ...{ name: 'no_row_is_there', blocking: false },
    find: (rows) => {
      seen.push([...rows]);
      return rows.map((row) => ({ row, detail: `${String(row['team_abbr'])} is there` }));
    },
  };
  const found = (rows: readonly Row[], rule: Rule = everyRow): CheckResult | undefined =>
    checkRows({ ...processorOf(offense), rules: [rule] }, rows, {
      ...{ games: [], published: {}, waived: new Set() },
    }).find(({ name }) => name === rule.name);

  it('is told in three sentences at the most, with the keys of three rows', () => {
    const result = found(goodRows(offense));
    expect(result).toMatchObject({ blocking: false, passed: false });
    expect(result?.detail).toMatch(/^(\w+ is there; ){3}and 3 more$/);
    expect(result?.samples).toEqual(
      goodRows(offense)
        .slice(0, 3)
        .map((row) => ({ game_date: gameDate, team_abbr: row['team_abbr'] })),
    );
  });

  it('has no sample where it is of no row in particular', () => {
    const whole: Rule = { ...everyRow, find: () => [{ row: null, detail: 'it is too late' }] };
    expect(found([], whole)).toMatchObject({ passed: false, detail: 'it is too late', samples: [] });
  });

  it('is nothing of rows that lack what they must have', () => {
    found(withRow(offense, 0, { game_id: null }));
    expect(seen.at(-1)).toEqual(goodRows(offense).slice(1));
  });

  it('is nothing of games whose rows are carried over: they were judged when they were built', () => {
    const rows = goodRows(offense);
    const gameId = rows[0]?.['game_id'];
    const others = rows.filter((row) => row['game_id'] !== gameId);
    expect(others).toHaveLength(rows.length - 2);
    const context = { games: [], published: {}, waived: new Set<string>() };
    const kept = new Set<unknown>([gameId]);
    checkRows({ ...processorOf(offense), rules: [everyRow] }, rows, context, kept);
    expect(seen.at(-1)).toEqual(others);
    // No key may be there twice, all the same.
    const [unique] = checkRows(processorOf(offense), [...rows, rows[0]!], context, kept);
    expect(unique).toMatchObject({ name: 'keys_are_unique', passed: false });
  });

  it('is in the order of the rules, those of every table first', () => {
    expect(check(player).map(({ name }) => name)).toEqual([
      'keys_are_unique',
      'required_columns_are_filled',
      ...processorOf(player).rules.map(({ name }) => name),
    ]);
  });
});
