/** The moved night is a whole night to the gate, and its placeholders are what the gate calls placeholders. */
import { processorOf } from '../../src/plan/registry';
import { judgeGames } from '../../src/gate/judge-games';
import type { DateSnapshot } from '../../src/gate/snapshot';
import { incidentDate, movedNight, placeholdersOf, writtenAt } from '../../src/rehearsal/incident-data';
import { tableOf } from '../../src/tables/catalogue';
import { decodeRow } from '../../src/warehouse/decode-row';
import type { RawNight } from '../../src/rehearsal/incident-data';
import { rehearsalNight } from './night';

const given = rehearsalNight();
const night = movedNight(given, incidentDate);
const games = ['20260203_ATL_WAS', '20260203_CHI_BOS', '20260203_OKC_HOU', '20260203_POR_GSW'];

function snapshot(teamRows: RawNight['nbac_team_boxscore']): DateSnapshot {
  return {
    gameDate: incidentDate,
    isCalendarKnown: true,
    rows: { ...night, nbac_team_boxscore: teamRows },
    partition_manifest: [],
  };
}

const judged = (teamRows: RawNight['nbac_team_boxscore']): string[] =>
  judgeGames(processorOf('TeamOffenseGameSummaryProcessor'), snapshot(teamRows)).map(
    ({ verdict }) => `${verdict.gameId} ${verdict.status}`,
  );

test('every game of the moved night is ready', () => {
  expect(judged(night.nbac_team_boxscore)).toEqual(games.map((game) => `${game} ready`));
  const foreseen = new Set(['TeamOffenseGameSummaryProcessor']);
  expect(
    judgeGames(processorOf('PlayerGameSummaryProcessor'), snapshot(night.nbac_team_boxscore), foreseen).map(
      ({ verdict }) => verdict.status,
    ),
  ).toEqual(games.map(() => 'ready'));
});

test('without team rows every game is missing, with placeholders every game is a placeholder', () => {
  expect(judged([])).toEqual(games.map((game) => `${game} missing`));
  expect(judged(placeholdersOf(night.nbac_team_boxscore))).toEqual(
    games.map((game) => `${game} placeholder`),
  );
});

test('date, season and ids are moved, and no figure is', () => {
  const text = JSON.stringify(night);
  expect(text).not.toMatch(/2017-?04-?16"|20170416|2016-17/);
  expect(new Set(night.nbac_gamebook_player_stats.map((row) => row.game_id))).toEqual(new Set(games));
  expect(night.nbac_schedule.map((row) => [row.season_year, row.season, row.game_code?.slice(0, 9)])).toEqual(
    games.map(() => [2025, '2025-26', '20260203/']),
  );
  const moved = ['game_id', 'nba_game_id', 'game_code', 'game_date', 'season_year', 'data_hash'];
  const figures = (rows: readonly object[]): unknown[] =>
    rows.map((row) => Object.entries(row).filter(([column]) => !moved.includes(column)));
  for (const table of ['nbac_team_boxscore', 'nbac_gamebook_player_stats'] as const)
    expect(figures(night[table])).toEqual(figures(given[table]));
});

test('placeholders are rows that can be loaded, with the instant at which they are written', () => {
  const at = '2026-02-04T04:15:00.000Z';
  for (const row of writtenAt(placeholdersOf(night.nbac_team_boxscore), at))
    expect(decodeRow(tableOf('nbac_team_boxscore'), row)).toMatchObject({
      ok: true,
      row: { processed_at: at },
    });
});
