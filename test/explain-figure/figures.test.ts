/**
 * What an explanation says of a figure is what the figure is: every column of every row of real nights is traced to its raw
 * rows, and its formula, as it is printed with its numbers, is computed by a calculator that knows nothing of ours.
 */
import { runInNewContext } from 'node:vm';
import { builtTable, type BuiltTable } from '../../src/explain-figure/built-rows';
import type { Figure } from '../../src/explain-figure/figure';
import { Tracer } from '../../src/explain-figure/trace';
import { gameFields, gameFromSchedule } from '../../src/games/game';
import type { DateSnapshot } from '../../src/gate/snapshot';
import { processors } from '../../src/plan/registry';
import { defineProcessor, type Processor } from '../../src/processors/define-processor';
import { columns } from '../../src/processors/team-offense-game-summary/build';
import { teamOffenseGameSummary } from '../../src/processors/team-offense-game-summary';
import type { Row } from '../../src/tables/define-table';
import { provenance } from '../../src/tables/provenance';
import { goodNight } from '../support/fixtures';
import { demoNight, describeWithSeason, seasonNight, type Night } from '../support/nights';

/** Every table of a night as its rows give it, upstreams first. */
function built(night: Night, reconstructs: DateSnapshot['reconstructs'] = 'none') {
  const gameDate = String(night.nbac_schedule[0]?.['game_date']);
  let rows: Record<string, readonly Row[]> = night;
  const tables = new Map<Processor, BuiltTable>();
  const snapshot = (): DateSnapshot => ({
    ...{ gameDate, rows, partition_manifest: [], isCalendarKnown: true },
    ...(reconstructs ? { reconstructs } : {}),
  });
  for (const processor of processors) {
    const table = builtTable(processor, snapshot());
    tables.set(processor, table);
    rows = { ...rows, [processor.table.name]: table.rows.map(({ row }) => row) };
  }
  return { tables, snapshot: snapshot() };
}

/** The traced figures of every column of every row, with all that is below them. */
function figures(night: Night, reconstructs?: DateSnapshot['reconstructs']): Figure[] {
  const { tables, snapshot } = built(night, reconstructs);
  const tracer = new Tracer(snapshot, tables);
  return [...tables.values()].flatMap((table) => {
    expect(table.rows.length).toBeGreaterThan(0);
    return table.rows.flatMap((row) =>
      Object.keys(row.row).flatMap((column) => {
        const figure = tracer.column(table, row, column);
        expect(figure).toMatchObject({ column, value: row.row[column] });
        return all(figure);
      }),
    );
  });
}

function all(figure: Figure): Figure[] {
  return [figure, ...figure.inputs.flatMap(all)];
}

/** A printed formula by a calculator. */
function calculate(filledIn: string): unknown {
  const arithmetic = filledIn
    .replace(/ = .*$/, '')
    .replaceAll('·', '*')
    .replaceAll('−', '-')
    .replace(/\b(min|max|round)\(/g, 'Math.$1(');
  return runInNewContext(arithmetic);
}

/** What of a night's explanation is not so, by column. */
function faultsOf(found: readonly Figure[]): string[] {
  const faults = found.flatMap(({ table, column, kind, value, formula, inputs, nullBecause, rawRow }) => {
    const name = `${table}.${column ?? 'intermediate'}`;
    const isKnown = value !== null;
    const isComputed = formula?.filledIn != null && isKnown;
    return [
      ...(isKnown === nullBecause.length > 0 ? [`${name}: ${String(value)} and ${nullBecause.join()}`] : []),
      ...(isComputed && !isClose(calculate(formula.filledIn ?? ''), value)
        ? [`${name}: ${formula.filledIn}`]
        : []),
      ...(kind === 'copied' && value !== inputs[0]?.value ? [`${name} is no copy`] : []),
      ...((kind === 'raw') === (rawRow === null) && !nullBecause[0]?.startsWith('no row')
        ? [`${name} has no row`]
        : []),
    ];
  });
  return [...new Set(faults)];
}

function isClose(calculated: unknown, value: unknown): boolean {
  return (
    typeof calculated === 'number' &&
    typeof value === 'number' &&
    Math.abs(calculated - value) <= 1e-12 * Math.max(1, Math.abs(value))
  );
}

const demo = demoNight('2017-04-15');

test.each<[string, Night, DateSnapshot['reconstructs']]>([
  ['a night of the playoffs', demo, 'none'],
  ['a second one', demoNight('2017-06-12'), 'none'],
  ['a night of an era without threes', withoutColumns(demo, /^three_p/), 'none'],
  [
    'a night of an era without turnovers and rebounds by kind',
    withoutColumns(demo, /turnovers|(offen|defen)sive_rebounds/),
    'none',
  ],
  ['a night whose team rows are made from the players', { ...demo, nbac_team_boxscore: [] }, 'all'],
])('%s: every column of every row is explained as it is computed', (_what, night, reconstructs) => {
  const found = figures(night, reconstructs);
  expect(faultsOf(found)).toEqual([]);
  for (const { table } of processors) {
    const explained = new Set(
      found.filter((figure) => figure.table === table.name).map(({ column }) => column),
    );
    expect([...explained].filter(Boolean).sort()).toEqual(
      Object.keys(table.columns)
        .filter((column) => !Object.hasOwn(provenance, column))
        .sort(),
    );
  }
});

test('a team row that never came is listed with the rows of the players that it is made from', () => {
  const { tables, snapshot } = built({ ...demo, nbac_team_boxscore: [] }, 'all');
  const tracer = new Tracer(snapshot, tables);
  const [table] = [...tables.values()];
  const row = table!.rows.find((one) => one.row['team_abbr'] === 'CLE')!;
  const points = all(tracer.column(table!, row, 'points_scored')).find(({ rawRow }) => rawRow !== null)!;
  const made = tracer.rawRows.find(({ number }) => number === points.rawRow)!;
  const behind = tracer.rawRows.filter(({ number }) => made.madeFrom?.includes(number));
  const players = demo.nbac_gamebook_player_stats.filter(
    (one) => one['team_abbr'] === 'CLE' && one['player_status'] === 'active',
  );
  expect(behind.map(({ key }) => key['player_lookup']).sort()).toEqual(
    players.map((one) => one['player_lookup']).sort(),
  );
  // They came as they are, and are enough to check the sum by hand.
  expect(behind.every(({ notes, madeFrom }) => notes.length === 0 && madeFrom === undefined)).toBe(true);
  expect(players.reduce((sum, one) => sum + Number(one['points']), 0)).toBe(points.value);
});

test('a row that came is made from no other', () => {
  const { tables, snapshot } = built(demo);
  const tracer = new Tracer(snapshot, tables);
  const [table] = [...tables.values()];
  tracer.column(table!, table!.rows[0]!, 'points_scored');
  expect(tracer.rawRows.map(({ madeFrom }) => madeFrom)).toEqual([undefined]);
});

describeWithSeason('nights of 2024-25', () => {
  it.each(['2024-10-22', '2025-01-15', '2025-04-13'])('%s: the same', (gameDate) => {
    expect(faultsOf(figures(seasonNight(gameDate)))).toEqual([]);
  });
});

function withoutColumns(night: Night, unknown: RegExp): Night {
  const bare = (row: Row): Row =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, unknown.test(name) ? null : value]));
  return {
    ...night,
    nbac_team_boxscore: night.nbac_team_boxscore.map(bare),
    nbac_gamebook_player_stats: night.nbac_gamebook_player_stats.map(bare),
  };
}

test('a null figure names the input that made it null, through tables that it comes from', () => {
  const found = figures(withoutColumns(demo, /^turnovers$/));
  const usage = found.find(({ column, of }) => column === 'usage_rate' && of === 'lebronjames');
  expect(usage?.nullBecause).toEqual([
    'nbac_gamebook_player_stats has no turnovers for CLE/lebronjames',
    'nbac_team_boxscore has no turnovers for CLE',
  ]);
});

test('a plus-minus that is not used is null for that reason, and its raw row is the one that came', () => {
  const players = demo.nbac_gamebook_player_stats.map((row) =>
    row['player_lookup'] === 'lebronjames' ? { ...row, plus_minus: 60 } : row,
  );
  const { tables, snapshot } = built({ ...demo, nbac_gamebook_player_stats: players });
  const table = [...tables.values()].find(({ processor }) => 'plus_minus' in processor.columns)!;
  const tracer = new Tracer(snapshot, tables);
  const row = table.rows.find((own) => own.row['player_lookup'] === 'lebronjames')!;
  const figure = tracer.column(table, row, 'plus_minus');
  expect(figure).toMatchObject({
    value: null,
    nullBecause: [expect.stringMatching(/is not used: the plus-minus of CLE/)],
  });
  expect(tracer.rawRows).toMatchObject([{ key: { player_lookup: 'lebronjames' }, notes: [] }]);
});

test.each(Object.entries(gameFields))(
  '%s of a game follows from the columns that it names, and no others',
  (field, { columns: named }) => {
    const [schedule] = goodNight(1).rows.nbac_schedule;
    const valueWith = (changed: object): unknown =>
      gameFromSchedule({ ...schedule!, ...changed }, 1999)[field as 'gameId'];
    const other = {
      game_id: '0041900101',
      game_date: '2020-02-03',
      season_year: 2019,
      home_team_tricode: 'UTA',
      away_team_tricode: 'WAS',
    };
    const scores = {
      home_team_score: 3,
      away_team_score: 4,
      game_status: 1,
      game_status_text: 'PPD',
      winning_team_tricode: 'UTA',
    };
    const changes = Object.entries({ ...other, ...scores });
    const moves = changes.filter(([column, value]) => valueWith({ [column]: value }) !== valueWith({}));
    expect(moves.map(([column]) => column).sort()).toEqual([...named].sort());
  },
);

test('a column that needs one which is declared after it is refused when the table is', () => {
  const { pace, ...others } = columns;
  const declared = { ...teamOffenseGameSummary, columns: { pace, ...others } };
  expect(() => defineProcessor(declared as never)).toThrow(
    'team_offense_game_summary: pace needs possessions, which is not declared before it',
  );
});
