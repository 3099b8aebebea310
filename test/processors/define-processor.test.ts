/**
 * A processor of a source that nobody else knows goes the whole way, from its rows to checked rows; and a declaration that
 * names what is not there does not compile. What is marked `@ts-expect-error` fails `npm run typecheck` once it compiles.
 */
import { judgeProcessor } from '../../src/gate/judge-processor';
import { selectInputs, selectNight } from '../../src/gate/select-inputs';
import type { GameFault } from '../../src/contracts/phase3';
import { columnWords, type Columns, type Formula } from '../../src/processors/define-columns';
import { defineProcessor } from '../../src/processors/define-processor';
import { eachRow, type Rule } from '../../src/processors/define-rule';
import { teamOffenseGameSummary } from '../../src/processors/team-offense-game-summary';
import type { TeamOffenseRow } from '../../src/processors/team-offense-game-summary/table';
import { buildRows } from '../../src/publishing/build-rows';
import { checkRows } from '../../src/publishing/check-rows';
import { defineSource } from '../../src/sources/define-source';
import { nbacSchedule } from '../../src/sources/nbac-schedule';
import {
  date,
  defineTable,
  integer,
  required,
  string,
  timestamp,
  type RowOf,
} from '../../src/tables/define-table';
import type { Game } from '../../src/games/game';
import { provenance, type FiguresOf } from '../../src/tables/provenance';
import {
  gameDate,
  gameIdOf,
  goodNight,
  offense,
  policyAfter,
  processedAt,
  published,
} from '../support/fixtures';

const referees = defineSource({
  table: defineTable({
    ...{ dataset: 'nba_raw', name: 'nbac_referees', description: 'One row a referee and game.' },
    key: ['game_date', 'game_id', 'referee'],
    columns: {
      ...{ game_date: required(date), game_id: required(string), referee: required(string) },
      ...{ fouls: integer, processed_at: timestamp },
    },
  }),
  identity: (row) => row.referee,
  isOf: (row, game) => row.game_id === game.gameId,
  gameIdOf: (row) => row.game_id,
});

const table = defineTable({
  ...{ dataset: 'nba_analytics', name: 'referee_summary', description: 'One row a referee and date.' },
  key: ['game_date', 'referee'],
  columns: {
    ...{ game_date: required(date), game_id: required(string), referee: required(string) },
    ...{ fouls: integer, possessions: integer },
    ...provenance,
  },
});
type RefereeRow = RowOf<typeof table>;
type RefereeFigures = FiguresOf<typeof table>;

interface RefereeParts {
  readonly game: Game;
  readonly referee: RowOf<(typeof referees)['table']>;
  readonly team: TeamOffenseRow | null;
}
const { from, computed } = columnWords<RefereeParts, RefereeFigures>();
const rounded: Formula<{ possessions: number | null }, number> = {
  words: 'the possessions, rounded',
  compute: ({ possessions }) => Math.round(possessions ?? 0),
};
const columns: Columns<RefereeFigures, RefereeParts> = {
  game_date: from('game', 'gameDate'),
  game_id: from('game', 'gameId'),
  referee: from('referee', 'referee'),
  fouls: from('referee', 'fouls'),
  possessions: computed(rounded, { possessions: from('team', 'possessions') }),
};

const frame = {
  name: 'RefereeSummaryProcessor',
  version: '1.0.0',
  description: 'Referees',
  table,
  reads: { schedule: nbacSchedule, referees },
  upstreams: { offense: teamOffenseGameSummary },
  triggers: [referees],
  timeoutMs: 60_000,
  madeFrom: { referee: 'referees', team: 'offense' },
  columns,
} as const;

const fewFouls = eachRow('few_fouls', true, (row: RefereeRow) =>
  (row.fouls ?? 0) > 40 ? `${row.referee} called ${row.fouls} fouls` : null,
);
const knowsOffense: Rule<RefereeRow, { readonly offense: readonly TeamOffenseRow[] }> = {
  ...{ name: 'offense_is_there', blocking: false },
  find: (_rows, { published: { offense: teams } }) =>
    teams.length > 0 ? [] : [{ row: null, detail: 'no team' }],
};

const summary = defineProcessor({
  ...frame,
  judge: (_game, { referees: rows }): GameFault<'nbac_referees'> | null =>
    rows.length >= 3
      ? null
      : { status: 'partial', table: 'nbac_referees', detail: `${rows.length} referees` },
  expected: { referees: { perGame: 3, usable: (row) => row.fouls !== null }, offense: { perGame: 2 } },
  parts: (game, { referees: rows, offense: [team = null] }) =>
    rows.map((referee) => ({ game, referee, team })),
  rules: [fewFouls, knowsOffense],
  waivable: { offense: 'possessions are 0' },
});

describe('a processor of its own source', () => {
  const called = (referee: string, fouls: number) => ({
    ...{ game_date: gameDate, game_id: gameIdOf(0), referee, fouls, processed_at: processedAt },
  });
  const base = published(goodNight(1), offense);
  const snapshot = (...fouls: readonly number[]) => ({
    ...base,
    rows: { ...base.rows, nbac_referees: fouls.map((count, index) => called(`ref${index}`, count)) },
  });

  it('is judged by its own rule, and its rows are counted', () => {
    expect(judgeProcessor(summary, snapshot(1, 2), policyAfter(1))).toMatchObject({
      canRun: false,
      missing: ['nbac_referees'],
      details: { nbac_referees: { found: 2, expectedMin: 3 }, team_offense_game_summary: { found: 2 } },
      missingGames: [{ gameId: gameIdOf(0), status: 'partial', detail: '2 referees' }],
    });
    expect(judgeProcessor(summary, snapshot(1, 2, 3), policyAfter(1)).canRun).toBe(true);
  });

  it('is fingerprinted by what it reads', () => {
    const { rows, upstreamVersions } = selectInputs(summary, snapshot(1, 2, 3));
    expect(Object.keys(rows)).toEqual(['nbac_schedule', 'nbac_referees']);
    expect(rows['nbac_referees']).toHaveLength(3);
    expect(upstreamVersions).toMatchObject([{ tableName: 'team_offense_game_summary', version: 1 }]);
  });

  it('is built and checked', () => {
    const night = selectNight(summary, snapshot(1, 2, 50));
    const { rows } = buildRows(summary, night, { processedAt, bypassId: null });
    expect(rows).toMatchObject([
      { referee: 'ref0', fouls: 1, possessions: 92, bypass_id: null },
      { referee: 'ref1', fouls: 2 },
      { referee: 'ref2', fouls: 50 },
    ]);
    const failed = checkRows(summary, rows, { games: [], published: { offense: [] }, waived: new Set() });
    expect(failed.filter(({ passed }) => !passed)).toMatchObject([
      { name: 'few_fouls', blocking: true, detail: 'ref2 called 50 fouls' },
      { name: 'offense_is_there', blocking: false, detail: 'no team' },
    ]);
  });

  it('needs to say nothing of upstreams that it does not have', () => {
    const { upstreams: _, ...alone } = frame;
    const single = defineProcessor({
      ...{ ...alone, expected: {}, rules: [] },
      judge: () => null,
      ...{ parts: () => [], madeFrom: { referee: 'referees', team: 'referees' } },
    });
    expect(single).toMatchObject({ upstreams: {}, waivable: {} });
  });
});

it('what a declaration names must be there', () => {
  const body = { judge: () => null, expected: {}, parts: () => [], rules: [] };
  const { fouls, ...others } = columns;
  const processorsAsSources = { schedule: nbacSchedule, referees: teamOffenseGameSummary };
  // Each compiles but for the one line that is marked.
  const declarations = [
    defineProcessor({ ...frame, ...body, columns: { ...others, fouls } }),
    // @ts-expect-error A column does not say where it comes from.
    defineProcessor({ ...frame, ...body, columns: others }),
    // @ts-expect-error A column is of another type.
    defineProcessor({ ...frame, ...body, columns: { ...columns, fouls: from('referee', 'referee') } }),
    // @ts-expect-error The source has no such column.
    defineProcessor({ ...frame, ...body, columns: { ...columns, fouls: from('referee', 'whistles') } }),
    // @ts-expect-error The formula needs an input that it is not given.
    defineProcessor({ ...frame, ...body, columns: { ...columns, possessions: computed(rounded, {}) } }),
    // @ts-expect-error A part is of rows that are not read.
    defineProcessor({ ...frame, ...body, madeFrom: { referee: 'umpires', team: 'offense' } }),
    defineProcessor({
      ...{ ...frame, ...body },
      // @ts-expect-error No source or upstream is read under this name.
      parts: (_game, { umpires }) => (umpires === null ? [] : []),
    }),
    defineProcessor({
      ...{ ...frame, ...body },
      // @ts-expect-error A part of the row is missing.
      parts: (game, { referees: rows }) => rows.map((referee) => ({ game, referee })),
    }),
    defineProcessor({
      ...{ ...frame, ...body },
      // @ts-expect-error The upstream has no such column.
      judge: (_game, { offense: teams }) => (teams[0]?.fouls === 1 ? null : null),
    }),
    // @ts-expect-error Rows are expected of what is not read.
    defineProcessor({ ...frame, ...body, expected: { umpires: { perGame: 3 } } }),
    // @ts-expect-error A source is no upstream, so nobody can waive it.
    defineProcessor({ ...frame, ...body, waivable: { referees: 'nobody whistles' } }),
    // @ts-expect-error An upstream is a processor, not a source.
    defineProcessor({ ...frame, ...body, upstreams: { offense: referees } }),
    // @ts-expect-error A source is no processor.
    defineProcessor({ ...frame, ...body, reads: processorsAsSources }),
    // @ts-expect-error A trigger is a source or news of one, not its name.
    defineProcessor({ ...frame, ...body, triggers: ['nbac_referees'] }),
    // @ts-expect-error A processor is no trigger.
    defineProcessor({ ...frame, ...body, triggers: [teamOffenseGameSummary] }),
    defineProcessor({
      ...{ ...frame, ...body },
      // @ts-expect-error A game is held up by a table that is read.
      judge: () => ({ status: 'missing', table: 'no_such_table', detail: 'no row' }),
    }),
    defineProcessor({
      ...{ ...frame, ...body },
      rules: [
        {
          ...{ name: 'a_rule', blocking: true },
          // @ts-expect-error Only an upstream can be waived.
          find: (_rows, { waived }) => (waived.has('umpires') ? [] : []),
        },
      ],
    }),
    // @ts-expect-error A name ends in Processor.
    defineProcessor({ ...frame, ...body, name: 'RefereeSummary' }),
    defineProcessor({
      ...{ ...frame, ...body },
      // @ts-expect-error The rule is of rows of another table.
      rules: [eachRow('a_rule', true, (row: TeamOffenseRow) => row.team_abbr)],
    }),
    defineProcessor({
      ...{ ...frame, ...body, upstreams: {} },
      // @ts-expect-error The rule looks at an upstream that is not read.
      rules: [knowsOffense],
    }),
  ];
  expect(declarations).toHaveLength(20);
});
