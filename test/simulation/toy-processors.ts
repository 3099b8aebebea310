/**
 * Four small processors in three levels, over the real sources: `First` and `Second` at level 1, `Third` upon `First`, which a
 * bypass may waive, `Fourth` upon `Third`, which none may. What each builds is a figure that says what it was built from.
 */
import { columnWords, type Columns, type Formula } from '../../src/processors/define-columns';
import { defineProcessor } from '../../src/processors/define-processor';
import { eachRow } from '../../src/processors/define-rule';
import type { Game } from '../../src/games/game';
import { nbacGamebookPlayerStats } from '../../src/sources/nbac-gamebook-player-stats';
import { nbacSchedule } from '../../src/sources/nbac-schedule';
import { nbacTeamBoxscore } from '../../src/sources/nbac-team-boxscore';
import { date, defineTable, integer, required, string, type RowOf } from '../../src/tables/define-table';
import { provenance, type FiguresOf } from '../../src/tables/provenance';
import { badFigure } from './toy-night';

function toyTable<const N extends string>(name: N) {
  return defineTable({
    ...{ dataset: 'nba_analytics', name, description: name, key: ['game_date', 'game_id'] },
    columns: {
      game_date: required(date),
      game_id: required(string),
      /** What the sources said. */
      figure: required(integer),
      /** The figure of the upstream; null without one. */
      base: integer,
      ...provenance,
    },
  });
}

const firstTable = toyTable('first_figures');
type ToyFigures = FiguresOf<typeof firstTable>;

/** What a toy row is made from. */
interface ToyParts {
  readonly game: Game;
  readonly said: { readonly points: number | null } | null;
  readonly base: { readonly figure: number } | null;
}

const { from, computed } = columnWords<ToyParts, ToyFigures>();
const orZero: Formula<{ points: number | null }, number> = {
  words: 'the points, or 0',
  compute: ({ points }) => points ?? 0,
};
const columns: Columns<ToyFigures, ToyParts> = {
  game_date: from('game', 'gameDate'),
  game_id: from('game', 'gameId'),
  figure: computed(orZero, { points: from('said', 'points') }),
  base: from('base', 'figure'),
};

const minute = 60_000;

export const first = defineProcessor({
  name: 'FirstProcessor',
  version: '1.0.0',
  description: 'First figures',
  table: firstTable,
  reads: { schedule: nbacSchedule, teams: nbacTeamBoxscore },
  triggers: [nbacTeamBoxscore],
  timeoutMs: 20 * minute,
  judge: (_, { teams }) =>
    teams.length > 0 ? null : { status: 'missing', table: 'nbac_team_boxscore', detail: 'no team row' },
  expected: { teams: { perGame: 1 } },
  parts: (game, { teams: [said = null] }): ToyParts[] => [{ game, said, base: null }],
  madeFrom: { said: 'teams', base: 'teams' },
  columns,
  rules: [
    eachRow('figure_is_possible', true, (row: RowOf<typeof firstTable>) =>
      row.figure === badFigure ? `${row.figure} is no figure` : null,
    ),
  ],
});

export const second = defineProcessor({
  name: 'SecondProcessor',
  version: '1.0.0',
  description: 'Second figures',
  table: toyTable('second_figures'),
  reads: { schedule: nbacSchedule, teams: nbacTeamBoxscore },
  triggers: [nbacTeamBoxscore, nbacGamebookPlayerStats],
  timeoutMs: 20 * minute,
  judge: (_, { teams }) =>
    teams.length > 0 ? null : { status: 'missing', table: 'nbac_team_boxscore', detail: 'no team row' },
  expected: { teams: { perGame: 1 } },
  parts: (game, { teams: [said = null] }): ToyParts[] => [{ game, said, base: null }],
  madeFrom: { said: 'teams', base: 'teams' },
  columns,
  // What stops the first does not stop this one.
  rules: [],
});

export const third = defineProcessor({
  name: 'ThirdProcessor',
  version: '1.0.0',
  description: 'Third figures',
  table: toyTable('third_figures'),
  reads: { schedule: nbacSchedule, players: nbacGamebookPlayerStats },
  upstreams: { first },
  triggers: [nbacGamebookPlayerStats],
  timeoutMs: 20 * minute,
  judge: (_, { players }) =>
    players.length > 0
      ? null
      : { status: 'missing', table: 'nbac_gamebook_player_stats', detail: 'no player row' },
  expected: { players: { perGame: 1 }, first: { perGame: 1 } },
  parts: (game, { players: [said = null], first: [base = null] }): ToyParts[] => [{ game, said, base }],
  madeFrom: { said: 'players', base: 'first' },
  columns,
  rules: [],
  waivable: { first: 'base is null' },
});

export const fourth = defineProcessor({
  name: 'FourthProcessor',
  version: '1.0.0',
  description: 'Fourth figures',
  table: toyTable('fourth_figures'),
  reads: { schedule: nbacSchedule },
  upstreams: { third },
  triggers: [nbacGamebookPlayerStats],
  timeoutMs: 20 * minute,
  judge: () => null,
  expected: { third: { perGame: 1 } },
  parts: (game, { third: [base = null] }): ToyParts[] => [{ game, said: null, base }],
  madeFrom: { said: 'schedule', base: 'third' },
  columns,
  rules: [],
});
