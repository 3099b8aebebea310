/** A raw row is corrected: whoever asks what moved is told the row, the column and both values, through the real stack. */
import { renderChange } from '../../src/cli/commands/changed';
import { renderDifference } from '../../src/cli/commands/diff';
import { renderVerified } from '../../src/cli/commands/verify';
import { renderFigure } from '../../src/cli/render-figure';
import { ControlClient } from '../../src/control/client';
import type { FigureExplanation, VerifiedDate } from '../../src/control/protocol';
import { startControlServer, type ControlServer } from '../../src/control/server';
import { defaultPolicySettings } from '../../src/contracts/policy';
import type { Row } from '../../src/tables/define-table';
import { offense } from '../support/fixtures';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const table = 'team_offense_game_summary';
const boxscore = 'nbac_team_boxscore';
let rig: Rig;
let server: ControlServer;
let control: ControlClient;
let gameDate: string;
let turnovers: number;

beforeAll(async () => {
  rig = await Rig.open();
  server = await startControlServer({
    ...{ warehouse: rig.warehouse, policy: defaultPolicySettings, workerState: () => 'RUNNING' },
  });
  control = new ControlClient(server);
  gameDate = rig.nextDate();
  await rig.startWorker({ keepVersions: 2 });
  await rig.loadNight(movedTo(night, gameDate));
  await rig.run({ gameDate });
  turnovers = Number(night[boxscore].find(({ team_abbr: team }) => team === 'CLE')?.['turnovers']);
});
afterAll(async () => {
  await server.close();
  await rig.close();
});

/** Cleveland's box score with `more` turnovers of the team itself, of which no other source knows. */
const correct = (more: number): Promise<void> =>
  rig.load(
    boxscore,
    movedTo(night, gameDate)[boxscore].map((row) =>
      row['team_abbr'] === 'CLE' ? { ...row, turnovers: turnovers + more } : row,
    ),
  );

const verified = async (): Promise<VerifiedDate> => {
  const dates: VerifiedDate[] = [];
  for await (const date of control.verify({ from: gameDate, to: gameDate })) dates.push(date);
  expect(dates).toHaveLength(1);
  return dates[0]!;
};

const moved = (before: number, after: number, add = ''): string =>
  `${boxscore}, ${String(cle()['game_id'])} CLE: turnovers ${before} → ${after}${add}`;
const cle = (): Row => movedTo(night, gameDate)[boxscore].find(({ team_abbr: team }) => team === 'CLE')!;

test('verify and explain name the raw figure that moved before anything is built on it', async () => {
  const since = new Date().toISOString();
  await correct(3);
  const lines = renderVerified(await verified());
  // Offence and defence were built from it.
  expect(lines.filter((line) => line.trim() === moved(turnovers, turnovers + 3))).toHaveLength(2);

  const explained = (await control.explainFigure({
    ...{ table, game_date: gameDate, subject: 'CLE', column: 'turnovers' },
  })) as FigureExplanation;
  expect(explained.agreement).toMatchObject({
    because: 'inputs_moved',
    moved: [
      {
        ...{ table, version: 1, rawTable: boxscore },
        rows: {
          changed: [{ columns: [{ column: 'turnovers', before: turnovers, after: turnovers + 3 }] }],
        },
      },
    ],
  });
  expect(renderFigure(explained).join('\n')).toContain(
    `note: ${boxscore} moved since version 1 of ${table}: ${moved(turnovers, turnovers + 3).slice(boxscore.length + 2)}`,
  );
  // A player's usage rate stands on his team's row.
  const players = (await control.explainFigure({
    ...{ table: 'player_game_summary', game_date: gameDate, subject: 'lebronjames', column: 'usage_rate' },
  })) as FigureExplanation;
  expect(players.agreement.moved).toMatchObject([{ table, rawTable: boxscore }]);

  await rig.run({ gameDate });
  expect((await verified()).tables.flatMap(({ findings }) => findings)).toEqual([]);
  const difference = await control.versionsDifference(table, gameDate, 1, 2);
  expect(renderDifference(difference)).toContain(`  raw row of ${moved(turnovers, turnovers + 3)}`);
  const changes: string[] = [];
  for await (const change of control.changes(since)) changes.push(renderChange(change));
  expect(changes.find((line) => line.includes(`  ${table}  `))).toContain(
    `${boxscore} changed, of ${String(cle()['game_id'])}; ${moved(turnovers, turnovers + 3)}`,
  );
});

test('a row that came and a row that is gone are named as such', async () => {
  const rows = movedTo(night, gameDate)[boxscore].filter(({ team_abbr: team }) => team !== 'CLE');
  await rig.load(boxscore, rows);
  const found = await verified();
  const offence = found.tables.find((one) => one.table === table);
  expect(offence?.moved).toMatchObject([
    { gameId: cle()['game_id'], rows: { changed: [], added: [], removed: [{ team_abbr: 'CLE' }] } },
  ]);
  await correct(3);
});

test('of three versions two are kept: the first is said to be pruned, and nobody restores it', async () => {
  await correct(5);
  await rig.run({ gameDate });
  const versions = (await control.versions(gameDate)).filter((one) => one.table === table);
  expect(versions.map(({ version, rows }) => `${version} ${rows}`)).toEqual(['3 kept', '2 kept', '1 pruned']);
  expect(versions[2]?.pruned).toEqual({ at: expect.any(String), keepVersions: 2 });
  const difference = await control.versionsDifference(table, gameDate, 2, 3);
  expect(renderDifference(difference)).toContain(`  raw row of ${moved(turnovers + 3, turnovers + 5)}`);
  await expect(control.versionsDifference(table, gameDate, 1, 3)).rejects.toThrow(
    /were pruned at .+PHASE3_KEEP_VERSIONS was 2/,
  );
  const wanted = { processor: offense, version: 1 };
  const accepted = await rig.client.restore({
    gameDate,
    ...wanted,
    by: 'ana@example.org',
    reason: 'it was right',
  });
  const answer = await rig.answerTo(accepted);
  expect(JSON.stringify(answer)).toMatch(/the rows of version 1 of team_offense_game_summary were pruned at/);
  await rig.end(accepted);
  expect((await verified()).tables.flatMap(({ findings }) => findings)).toEqual([]);
});

test('what questions a pin is named from where it was when the pin was decided, though nothing was built from it', async () => {
  await correct(6);
  const wanted = { processor: offense, version: 2 };
  const accepted = await rig.client.restore({
    ...{ gameDate, ...wanted, by: 'ana@example.org', reason: 'the feed of this morning was wrong' },
  });
  await rig.answerTo(accepted);
  await rig.end(accepted);
  await correct(8);
  const found = await verified();
  const pinned = found.tables.find((one) => one.table === table);
  expect(pinned).toMatchObject({ version: 4, findings: ['questioned'] });
  expect(pinned?.moved[0]?.rows?.changed[0]?.columns).toEqual([
    { column: 'turnovers', before: turnovers + 6, after: turnovers + 8 },
  ]);
});
