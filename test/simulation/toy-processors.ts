/**
 * Four small processors in three levels, over the real sources: `First` and `Second` at level 1, `Third` upon `First`, which a
 * bypass may waive, `Fourth` upon `Third`, which none may. What each builds is a figure that says what it was built from.
 */
import { defineProcessor } from '../../src/processors/define-processor';
import { eachRow } from '../../src/processors/define-rule';
import { nbacGamebookPlayerStats } from '../../src/sources/nbac-gamebook-player-stats';
import { nbacSchedule } from '../../src/sources/nbac-schedule';
import { nbacTeamBoxscore } from '../../src/sources/nbac-team-boxscore';
import { date, defineTable, integer, required, string, type RowOf } from '../../src/tables/define-table';
import { provenance } from '../../src/tables/provenance';
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
  build: ({ gameDate, gameId }, { teams: [row] }) => [
    { game_date: gameDate, game_id: gameId, figure: row?.points ?? 0, base: null },
  ],
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
  build: ({ gameDate, gameId }, { teams: [row] }) => [
    { game_date: gameDate, game_id: gameId, figure: row?.points ?? 0, base: null },
  ],
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
  build: ({ gameDate, gameId }, { players: [row], first: [base] }) => [
    { game_date: gameDate, game_id: gameId, figure: row?.points ?? 0, base: base?.figure ?? null },
  ],
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
  build: ({ gameDate, gameId }, { third: [base] }) => [
    { game_date: gameDate, game_id: gameId, figure: 0, base: base?.figure ?? null },
  ],
  rules: [],
});
