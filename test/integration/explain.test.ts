/** A published figure is explained as a person asks for it, over the control endpoint: what agrees, what does not and why. */
import { ControlClient } from '../../src/control/client';
import type { FigureExplanation, UnknownFigure } from '../../src/control/protocol';
import { startControlServer, type ControlServer } from '../../src/control/server';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { renderFigure } from '../../src/cli/render-figure';
import type { Row } from '../../src/tables/define-table';
import { sql } from '../support/by-hand';
import { offense, player } from '../support/fixtures';
import { demoNight, movedTo, type Night } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const by = 'ana@example.org';
const reason = 'the corrected feed of this morning was wrong';
const players = 'player_game_summary';
let rig: Rig;
let server: ControlServer;
let control: ControlClient;

beforeAll(async () => {
  rig = await Rig.open();
  server = await startControlServer({
    warehouse: rig.warehouse,
    policy: defaultPolicySettings,
    workerState: () => 'RUNNING',
  });
  control = new ControlClient(server);
});
afterAll(async () => {
  await server.close();
  await rig.close();
});

function ask(gameDate: string, column: string, subject = 'lebronjames', table = players) {
  return control.explainFigure({ table, game_date: gameDate, subject, column });
}

async function explained(...asked: Parameters<typeof ask>): Promise<FigureExplanation> {
  const answer = await ask(...asked);
  if ('unknown' in answer) throw new Error(`${JSON.stringify(asked)}: ${JSON.stringify(answer)}`);
  return answer;
}

async function published(change: (whole: Night) => Partial<Night> = (whole) => whole) {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.startWorker();
  await rig.loadNight({ ...whole, ...change(whole) });
  const { accepted, answer } = await rig.run({ gameDate });
  return { gameDate, whole, accepted, answer };
}

/** The rows with one cell of one of them set. */
function set(rows: readonly Row[], who: Row, cell: Row): Row[] {
  const isMeant = (row: Row): boolean =>
    Object.entries(who).every(([column, value]) => row[column] === value);
  return rows.map((row) => (isMeant(row) ? { ...row, ...cell } : row));
}

test('a figure that agrees: its value, formula, raw rows, upstream, run, rules', async () => {
  const { gameDate, accepted } = await published();
  const found = await explained(gameDate, 'usage_rate');
  const [row] = (await rig.published(players, gameDate)).filter(
    (own) => own['player_lookup'] === 'lebronjames',
  );
  expect(found.figure).toMatchObject({ value: row?.['usage_rate'], kind: 'formula', version: 1 });
  expect(found.figure.formula?.filledIn).toBe(
    `min(100, 100 · (20 + 0.44·9 + 3) · (240 / 5) / (42.733333333333334 · (78 + 0.44·27 + 11))) = ${String(row?.['usage_rate'])}`,
  );
  expect(found.agreement).toMatchObject({ agrees: true, because: null, notes: [] });
  expect(found.figure.inputs.find(({ name }) => name === 'Tm FGA')).toMatchObject({
    ...{ table: 'team_offense_game_summary', of: 'CLE', version: 1, value: 78, stored: 78 },
    inputs: [{ kind: 'raw', table: 'nbac_team_boxscore', column: 'fg_attempted', rawRow: 2 }],
  });
  expect(found.rawRows).toMatchObject([
    {
      table: 'nbac_gamebook_player_stats',
      key: { player_lookup: 'lebronjames' },
      dataHash: 'de8ee54bad3a6b7b',
    },
    { table: 'nbac_team_boxscore', key: { team_abbr: 'CLE' }, arrivedAt: expect.stringContaining('T08:00') },
  ]);
  expect(found.version).toMatchObject({
    ...{ runId: accepted.runId, pass: 1, processor: player, run: { workflowId: accepted.workflowId } },
    upstreams: [{ table: 'team_offense_game_summary', version: 1, liveVersion: 1 }],
  });
  expect(found.rules.length).toBeGreaterThan(20);
  expect(found.rules.every(({ status }) => status === 'passed')).toBe(true);
  expect(found.decisions).toEqual([]);
  const text = renderFigure(found).join('\n');
  expect(text).toContain('source: Basketball-Reference glossary, "Usg%"');
  expect(text).toMatch(
    /Tm FGA = 78 {2}fg_attempts of team_offense_game_summary for CLE, version 1, from fg_attempted of raw row \[2\]/,
  );
});

test('every column of every table agrees, those that the publication adds as well; a name may be written as people do', async () => {
  const { gameDate } = await published();
  for (const [table, subject] of [
    ['team_offense_game_summary', 'cle'],
    ['team_defense_game_summary', 'CLE'],
    [players, 'LeBron James'],
  ] as const)
    for (const column of Object.keys((await rig.warehouse.readDate(gameDate, [table]))[table][0] ?? {})) {
      const { agreement } = await explained(gameDate, column, subject, table);
      expect([table, column, agreement.agrees, agreement.notes]).toEqual([table, column, true, []]);
    }
});

test('a null says why', async () => {
  const { gameDate } = await published((whole) => ({
    nbac_team_boxscore: whole.nbac_team_boxscore.map((row) => ({ ...row, turnovers: null })),
  }));
  const { figure, agreement } = await explained(gameDate, 'usage_rate');
  expect(agreement).toMatchObject({ agrees: true, stored: null });
  expect(figure.nullBecause).toEqual(['nbac_team_boxscore has no turnovers for CLE']);
  expect((await explained(gameDate, 'points_line')).figure.nullBecause).toEqual(['no source has it']);
});

test('inputs that moved: the figure does not agree, and what moved is named', async () => {
  const { gameDate, whole } = await published();
  const later = '2099-01-01T00:00:00.000Z';
  const rows = set(whole.nbac_team_boxscore, { team_abbr: 'CLE' }, { turnovers: 12, processed_at: later });
  const game = rows.find(({ team_abbr: team }) => team === 'CLE')?.['game_id'];
  await rig.load('nbac_team_boxscore', rows);
  const pace = await explained(gameDate, 'pace', 'CLE', 'team_offense_game_summary');
  expect(pace.agreement).toMatchObject({ agrees: false, because: 'inputs_moved' });
  expect(pace.agreement.detail).toMatch(
    /^its inputs moved since version 1 was published at .*: raw row \[1\] arrived at 2099/,
  );
  // The players' row is what the published offence gives; that one is not what its own rows give.
  const usage = await explained(gameDate, 'usage_rate');
  expect(usage.agreement).toMatchObject({
    ...{ agrees: false, because: 'upstream_disagrees' },
    detail: 'turnovers of team_offense_game_summary for CLE is stored as 11, and its own rows give 12',
  });
  expect(renderFigure(usage).join('\n')).toMatch(/Tm TOV = 12 .* raw row \[2\]: BUT 11 IS PUBLISHED/);
  // A figure that does not need what moved agrees, and says that its version is stale.
  const points = await explained(gameDate, 'points_scored', 'CLE', 'team_offense_game_summary');
  expect(points.agreement).toMatchObject({
    agrees: true,
    notes: [
      'version 1 is stale: a run would build it again',
      `nbac_team_boxscore moved since version 1 of team_offense_game_summary: ${String(game)} CLE: turnovers 11 → 12`,
    ],
  });
});

test('a stored row that was altered, and one that was deleted: what was published is known', async () => {
  const { gameDate } = await published();
  const alter = (statement: string) =>
    sql(rig.warehouse, `${statement} game_date = '${gameDate}' AND player_lookup = 'lebronjames'`);
  await alter(`UPDATE nba_analytics.${players} SET points = 99 WHERE`);
  expect((await explained(gameDate, 'points')).agreement).toMatchObject({
    ...{ agrees: false, because: 'altered', stored: 99, recomputed: 32, published: 32 },
    detail: 'the stored row was altered: version 1 was published with 32',
  });
  expect((await explained(gameDate, 'assists')).agreement).toMatchObject({
    ...{ agrees: true, notes: ['other columns of the stored row were altered: points'] },
  });
  await alter(`DELETE FROM nba_analytics.${players} WHERE`);
  expect((await explained(gameDate, 'points')).agreement).toMatchObject({
    ...{ agrees: false, because: 'altered', stored: null, published: 32 },
    detail: 'the row was published with version 1, and its stored row is gone',
  });
  // An upstream's row that was altered is named, and does not make what its rows give another figure.
  await sql(
    rig.warehouse,
    `UPDATE nba_analytics.team_offense_game_summary SET fg_attempts = 1 WHERE game_date = '${gameDate}' AND team_abbr = 'IND'`,
  );
  expect((await explained(gameDate, 'usage_rate', 'paulgeorge')).agreement).toMatchObject({
    agrees: true,
    notes: expect.arrayContaining([
      'fg_attempts of team_offense_game_summary for IND is stored as 1, and its own rows give 81',
    ]),
  });
});

test('a version on a bypass names the decision, and the upstream that it did without', async () => {
  const gameDate = rig.nextDate();
  await rig.startWorker();
  await rig.waiting({ gameDate }, { ...movedTo(night, gameDate), nbac_team_boxscore: [] });
  await rig.client.bypass({ gameDate, processor: player, reason, by, bypassId: 'b-1' });
  await rig.until(
    gameDate,
    (state) => state.bypasses[0]?.status === 'standing' && state.auditDue.length === 0,
  );
  const found = await explained(gameDate, 'usage_rate');
  expect(found.agreement).toMatchObject({ agrees: true, stored: null });
  expect(found.figure.nullBecause).toEqual([
    'no row of team_offense_game_summary was there for lebronjames: the version was built without one',
  ]);
  expect(found.decisions).toMatchObject([
    { kind: 'bypass', by, reason, table: players },
    { kind: 'bypass_used', by: 'system' },
  ]);
  expect((await explained(gameDate, 'bypass_id')).agreement).toMatchObject({ agrees: true, stored: 'b-1' });
});

test('a restored version names who restored it, for what is built on it too', async () => {
  const { gameDate, whole } = await published();
  await rig.load(
    'nbac_team_boxscore',
    set(whole.nbac_team_boxscore, { team_abbr: 'CLE' }, { turnovers: 12 }),
  );
  await rig.run({ gameDate });
  const accepted = await rig.client.restore({ gameDate, processor: offense, version: 1, by, reason });
  await rig.answerTo(accepted);
  const found = await explained(gameDate, 'turnovers', 'CLE', 'team_offense_game_summary');
  expect(found.decisions).toMatchObject([{ kind: 'restore', by, reason }]);
  expect(found.agreement).toMatchObject({
    agrees: false,
    because: 'inputs_moved',
    stored: 11,
    recomputed: 12,
  });
  // The players were restored with it, by the one decision, and stand on it.
  const usage = await explained(gameDate, 'usage_rate');
  expect(usage.decisions).toMatchObject([{ kind: 'restore', by, reason, table: players }]);
  expect(usage.version.upstreams).toMatchObject([
    { table: 'team_offense_game_summary', version: 3, liveVersion: 3 },
  ]);
  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  expect((await explained(gameDate, 'usage_rate')).agreement).toMatchObject({ agrees: true });
});

test('what is not there: dates, names and games that are', async () => {
  const { gameDate } = await published();
  const none: UnknownFigure = { unknown: 'date', candidates: expect.arrayContaining([gameDate]) as string[] };
  expect(await ask(rig.nextDate(), 'points')).toEqual(none);
  expect(await ask(gameDate, 'points', 'michaeljordan')).toMatchObject({
    ...{ unknown: 'subject', candidates: expect.arrayContaining(['lebronjames']) },
  });
  const days = gameDate.replaceAll('-', '');
  const query = { table: players, game_date: gameDate, subject: 'lebronjames', column: 'points' };
  expect(await control.explainFigure({ ...query, game: 'no-such-game' })).toEqual({
    ...{ unknown: 'game', candidates: [`${days}_IND_CLE`] },
  });
  // Two games of one pair on a date: each has its row, and the game tells them apart.
  const copy = `INSERT INTO nba_analytics.${players} SELECT * REPLACE ('second' AS game_id) FROM nba_analytics.${players}`;
  await sql(rig.warehouse, `${copy} WHERE game_date = '${gameDate}' AND player_lookup = 'lebronjames'`);
  expect(await control.explainFigure(query)).toEqual({
    unknown: 'game',
    candidates: [`${days}_IND_CLE`, 'second'],
  });
  expect(await control.explainFigure({ ...query, game: `${days}_IND_CLE` })).toMatchObject({
    gameId: `${days}_IND_CLE`,
    agreement: { agrees: true },
  });
  await expect(ask(gameDate, 'no_such_column')).rejects.toThrow(
    'no analytics table with a column no_such_column',
  );
});
