/** `quarantine discard DATE TABLE`: what a check has refused is not asked for any more, and what is live is kept until its inputs move. */
import { Command } from 'commander';
import { addQuarantine } from '../../src/cli/commands/quarantine';
import { readConfig } from '../../src/config/config';
import { localTemporal } from '../../src/config/temporal-connection';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { ControlClient } from '../../src/control/client';
import { startControlServer, type ControlServer } from '../../src/control/server';
import type { Context, ExitCode } from '../../src/cli/context';
import { offense } from '../support/fixtures';
import { demoNight, movedTo } from '../support/nights';
import { Rig } from '../support/rig';
import { losing } from '../support/wrap-warehouse';

const night = demoNight('2017-04-15');
const table = 'team_offense_game_summary';
const reason = 'the league will not correct these rows';
let rig: Rig;
let server: ControlServer;
let losesRows = false;

beforeAll(async () => {
  rig = await Rig.open();
  server = await startControlServer({
    ...{ warehouse: rig.warehouse, policy: defaultPolicySettings, workerState: () => 'RUNNING' },
  });
  await rig.startWorker({ wrapWarehouse: losing(table, () => losesRows) });
});
afterAll(async () => {
  await server.close();
  await rig.close();
});

/** Types the command; what it says and how it ends. */
async function type(...args: string[]): Promise<{ code: ExitCode; said: string }> {
  const control = new ControlClient(server);
  const lines: string[] = [];
  let code: ExitCode = 0;
  const say = (line: string): void => void lines.push(line);
  const context = {
    config: readConfig({ USER: 'ana' }),
    stack: {
      temporal: () => Promise.resolve(localTemporal(rig.address)),
      control: () => Promise.resolve(control),
      mismatch: () => null,
    },
    ...{ print: say, say, now: () => new Date() },
  } as unknown as Context;
  const root = new Command('phase3').exitOverride();
  addQuarantine(root, context, (given) => (code = given));
  await root.parseAsync(['quarantine', ...args], { from: 'user' });
  return { code, said: lines.join('\n') };
}

const whole = (gameDate: string) => movedTo(night, gameDate);
const corrected = (gameDate: string, more: number) =>
  whole(gameDate).nbac_team_boxscore.map((row) => ({ ...row, turnovers: Number(row['turnovers']) + more }));

test('what is live is kept, on record, and its pin is questioned once the inputs are others', async () => {
  const gameDate = rig.nextDate();
  await rig.loadNight(whole(gameDate));
  await rig.run({ gameDate });
  const good = await rig.published(table, gameDate);
  losesRows = true;
  await rig.load('nbac_team_boxscore', corrected(gameDate, 1));
  expect((await rig.run({ gameDate })).answer.state).toBe('quarantined');
  losesRows = false;

  expect((await type('show', gameDate)).said).toContain(
    `phase3 quarantine discard ${gameDate} ${table} --reason "WHY"\` keeps version 1 in place of the refused rows.`,
  );
  const dry = await type('discard', gameDate, table, '--reason', reason, '--dry-run');
  expect(dry.said).toContain(
    `${table}: version 1 is published again as version 2, in place of version 1, and pinned`,
  );
  expect(await rig.audit(gameDate)).toEqual([]);

  const { code, said } = await type('discard', gameDate, table, '--reason', reason, '--wait');
  expect(said).toContain('version 1 was restored by ana');
  expect(code).toBe(0);
  expect(await rig.audit(gameDate)).toMatchObject([{ kind: 'restore', decided_by: 'ana', reason }]);
  expect(await rig.published(table, gameDate)).toEqual(good);
  expect((await type('list', gameDate)).said).not.toContain(table);

  // The same rows are not asked for again; others question the pin.
  expect((await rig.run({ gameDate })).answer.outcomes[offense]).toBe('unchanged');
  await rig.load('nbac_team_boxscore', corrected(gameDate, 2));
  expect((await rig.run({ gameDate })).answer.state).toBe('questioned');
  expect(await rig.published(table, gameDate)).toEqual(good);
});

test('where nothing is live there is nothing to keep; what is not quarantined is named', async () => {
  const gameDate = rig.nextDate();
  losesRows = true;
  await rig.loadNight(whole(gameDate));
  await rig.run({ gameDate });
  losesRows = false;
  await expect(type('discard', gameDate, table, '--reason', reason)).rejects.toThrow(
    `Nothing of ${table} is live for ${gameDate}`,
  );
  await expect(type('discard', gameDate, 'team_defense_game_summary', '--reason', reason)).rejects.toThrow(
    `team_defense_game_summary of ${gameDate} is not kept back. Kept back are ${table}.`,
  );
});
