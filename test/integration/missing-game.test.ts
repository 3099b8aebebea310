/** One of eight games is late, zeroed or one-sided: it alone is missing, and the date converges when it comes. */
import type { Row } from '../../src/tables/define-table';
import { describeWithSeason, movedTo, seasonNight } from '../support/nights';
import { Rig } from '../support/rig';

/** Eight games on one night. */
const eightGames = '2024-11-12';
/** Within two days of every date used, so that the 80 % rule holds. */
const policy = { now: '2024-11-13T17:00:00Z' };

describeWithSeason('one of eight games', () => {
  const night = (): ReturnType<typeof seasonNight> => seasonNight(eightGames);
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.open();
    await rig.startWorker({ policy });
  });
  afterAll(() => rig.close());

  test('the night of the fixture has eight games', () => {
    expect(night().nbac_schedule).toHaveLength(8);
  });

  const isLate = (row: Row): boolean => String(row['game_id']).endsWith('_NYK_PHI');
  const damage: Record<string, (rows: Row[]) => Row[]> = {
    missing: (rows) => rows.filter((row) => !isLate(row)),
    placeholder: (rows) =>
      rows.map((row) =>
        isLate(row) ? { ...row, points: 0, fg_attempted: 0, turnovers: 0, minutes: null } : row,
      ),
    partial: (rows) => rows.filter((row) => !isLate(row) || row['team_abbr'] !== 'NYK'),
  };

  test.each(
    Object.entries(damage).map(([status, apply], index) => ({
      status,
      apply,
      gameDate: `2024-11-1${2 + index}`,
    })),
  )(
    'team rows that are $status: seven games are published, that one is listed, and it converges',
    async ({ status, apply, gameDate }) => {
      const whole = movedTo(night(), gameDate);
      await rig.loadNight({ ...whole, nbac_team_boxscore: apply(whole.nbac_team_boxscore) });
      const first = await rig.run({ gameDate });
      expect(first.answer.state).toBe('partial');
      const gameId = `${gameDate.replaceAll('-', '')}_NYK_PHI`;
      for (const result of Object.values(first.state.results)) {
        expect(result.outcome).toBe('published');
        expect(result.missingGames.map((game) => game.gameId)).toEqual([gameId]);
      }
      expect(first.state.results.TeamOffenseGameSummaryProcessor?.missingGames[0]).toMatchObject({
        status,
        table: 'nbac_team_boxscore',
      });
      expect(first.state.results.PlayerGameSummaryProcessor?.missingGames[0]).toMatchObject({
        status: 'missing',
        table: 'team_offense_game_summary',
      });
      const seven = await rig.publishedNight(gameDate);
      expect(seven.team_offense_game_summary).toHaveLength(14);
      expect(seven.player_game_summary.some((row) => row['game_id'] === gameId)).toBe(false);

      // It arrives, and the trigger of its own table follows: the players come along as a published downstream.
      await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
      const second = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
      expect(second.answer.state).toBe('published');
      const converged = await rig.publishedNight(gameDate);

      const other = '2024-11-16';
      await rig.loadNight(movedTo(night(), other));
      await rig.run({ gameDate: other });
      const atOnce = await rig.publishedNight(other);
      expect(JSON.stringify(withoutDate(converged))).toBe(JSON.stringify(withoutDate(atOnce)));
    },
  );

  test('rows of the other games are the same bytes before and after the late game came', async () => {
    const gameDate = '2024-11-17';
    const whole = movedTo(night(), gameDate);
    await rig.loadNight({
      ...whole,
      nbac_team_boxscore: damage['missing']?.(whole.nbac_team_boxscore) ?? [],
    });
    await rig.run({ gameDate });
    const before = await rig.published('player_game_summary', gameDate);
    await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
    await rig.run({ gameDate });
    const after = await rig.published('player_game_summary', gameDate);
    expect(after.filter((row) => row['game_id'] !== '20241117_NYK_PHI')).toEqual(before);
    expect(after.length).toBeGreaterThan(before.length);
  });
});

/** A moved night differs in its date, and so in its ids and hashes. */
function withoutDate(tables: Record<string, Row[]>): unknown {
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [
      table,
      rows.map(({ game_date: _, game_id: __, data_hash: ___, ...rest }) => rest),
    ]),
  );
}
