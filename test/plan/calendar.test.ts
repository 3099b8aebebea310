/** A date's games as lists have them: the same as the gate's, from the same rows. */
import { nbacSchedule } from '../../src/sources/nbac-schedule';
import { gamesOf as gamesOfGate } from '../../src/games/evidence';
import { gamesOf } from '../../src/plan/calendar';
import type { Row } from '../../src/tables/define-table';
import { goodNight } from '../support/fixtures';

const [first, second] = goodNight(2).rows.nbac_schedule as unknown as [Row, Row];
const at = (row: Row, processedAt: string, fields: Row = {}): Row => ({
  ...row,
  processed_at: processedAt,
  ...fields,
});
const postponed = { game_status: 1, game_status_text: 'PPD' };

test('of two rows for one game the newer counts, in whatever order they are read', () => {
  const rows = [
    at(first, '2025-01-16T08:00:00.000Z'),
    at(first, '2025-01-14T08:00:00.000Z', postponed),
    at(second, '2025-01-16T08:00:00.000Z'),
  ];
  const gameDate = String(first['game_date']);
  for (const read of [rows, [...rows].reverse()]) {
    const listed = gamesOf(read);
    expect(listed.map(({ isFinal, leftOut }) => [isFinal, leftOut])).toEqual([
      [true, null],
      [true, null],
    ]);
    expect(listed.map(({ gameId }) => gameId)).toEqual(
      gamesOfGate(gameDate, { [nbacSchedule.table.name]: read }).map(({ game }) => game.gameId),
    );
  }
});

test('a game that was moved is on both dates, and played on one of them', () => {
  const moved = { game_date: '2025-03-03' };
  const listed = gamesOf([
    at(first, '2025-03-04T08:00:00.000Z', moved),
    at(first, '2025-01-16T08:00:00.000Z', postponed),
  ]);
  expect(listed.map(({ gameDate, leftOut }) => [gameDate, leftOut !== null])).toEqual([
    [first['game_date'], true],
    ['2025-03-03', false],
  ]);
});
