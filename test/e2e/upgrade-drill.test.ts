/**
 * The upgrade drill: homes that earlier versions have left, kept as their backups in `test/upgrade`, are read by this version and
 * gone on with. `PHASE3_KEEP_HOME=VERSION npm test -- test/e2e/upgrade-drill` keeps one that this version leaves.
 */
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { auditKinds } from '../../src/contracts/decisions';
import { Cli } from '../support/cli';
import { loadNights } from '../support/load-nights';
import { demoNight, movedTo } from '../support/nights';

jest.setTimeout(180_000);

const kept = join(__dirname, '..', 'upgrade');
const version = process.env['PHASE3_KEEP_HOME'];
const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'];
const settings = {
  PHASE3_GATE_FIRST_WAIT_SECONDS: '600',
  PHASE3_GATE_DEADLINE_SECONDS: '3600',
  USER: 'ana',
  // Whoever comes long after a night waits for nothing.
  PHASE3_NOW: '2017-05-04T12:00:00Z',
};
const players = 'PlayerGameSummaryProcessor';
const because = ['--reason', 'for the drill'];

/** Dates of a kept home, and what was done to each. */
const dates = {
  published: '2017-04-16',
  /** Built again, and put back to its first version, which is pinned. */
  restored: '2017-04-15',
  /** Published without the team rows of a game, which somebody has let pass, and again with them. */
  bypassed: '2017-05-03',
  /** Waited for team rows until somebody ended it. */
  cancelled: '2017-05-02',
  /** A game of it breaks a rule. */
  held: '2017-05-01',
};
const [first, last] = ['2017-04-15', '2017-05-03'];

/** Does to a home what its owners do in a week, and keeps its backup. */
async function keepHome(archive: string): Promise<void> {
  const cli = await Cli.create(settings);
  try {
    await cli.ok('up');
    const [whole, next] = [demoNight(dates.restored), demoNight(dates.published)];
    const late = movedTo(next, dates.bypassed);
    const [missing] = late.nbac_team_boxscore;
    const wrong = movedTo(whole, dates.held);
    const [row] = wrong.nbac_team_boxscore;
    await loadNights(cli, [
      ...[whole, next, { ...movedTo(whole, dates.cancelled), nbac_team_boxscore: [] }],
      {
        ...late,
        nbac_team_boxscore: late.nbac_team_boxscore.filter((row) => row['game_id'] !== missing?.['game_id']),
      },
      {
        ...wrong,
        nbac_team_boxscore: wrong.nbac_team_boxscore.map((one) =>
          one === row ? { ...one, points: Number(one['points']) + 57 } : one,
        ),
      },
    ]);
    await cli.ok('backfill', dates.restored, dates.published, '--wait');
    await cli.ok('rerun', dates.restored, '--processors', players, '--force', ...because, '--wait');
    await cli.ok('restore', dates.restored, '--processor', players, '--to', '1', ...because, '--wait');
    for (const date of [dates.bypassed, dates.cancelled, dates.held]) await cli.ok('run', date);
    const wait = (date: string, state: string): Promise<string> =>
      cli.ok('wait', date, '--for', state, '--timeout', '30s');
    await wait(dates.bypassed, 'waiting');
    await cli.ok('bypass', dates.bypassed, '--missing', 'nbac_team_boxscore', ...because);
    await wait(dates.bypassed, 'partial');
    await loadNights(cli, [{ nbac_team_boxscore: late.nbac_team_boxscore }]);
    await cli.ok('rerun', dates.bypassed, ...because, '--wait');
    await wait(dates.cancelled, 'waiting');
    await cli.ok('cancel', dates.cancelled, ...because);
    await wait(dates.held, 'partial');
    // A run that is open goes on with the build that it began on, and no build is in a backup.
    for (const date of Object.values(dates))
      expect(await cli.json('status', date)).toMatchObject({ is_open: false });
    await cli.ok('down');
    await rm(archive, { force: true });
    await cli.ok('backup', archive);
  } finally {
    await cli.dispose();
  }
}

if (version !== undefined)
  beforeAll(async () => {
    await keepHome(join(kept, `${version}.tar.gz`));
  });

const versions =
  version === undefined
    ? readdirSync(kept).flatMap((name) =>
        name.endsWith('.tar.gz') ? [name.slice(0, -'.tar.gz'.length)] : [],
      )
    : [version];

describe.each(versions)('a home of %s', (of) => {
  let cli: Cli;

  beforeAll(async () => {
    cli = await Cli.create(settings);
    await cli.ok('restore-home', join(kept, `${of}.tar.gz`));
    await cli.ok('up');
  });
  afterAll(() => cli.dispose());

  test('is as it was published, and its audit is whole', async () => {
    expect(await cli.ok('verify', `${first}..${last}`)).toContain('all as published');
    expect(await cli.ok('audit', 'verify')).toContain('The audit log was not altered');
    for (const table of tables)
      for (const date of [dates.published, dates.restored])
        expect(
          (await cli.ok('export', table, '--from', date, '--to', date)).trim().split('\n').length,
        ).toBeGreaterThan(7);
  });

  test('says of each date how it stands and what was decided about it', async () => {
    const states = await Promise.all(
      Object.entries(dates).map(async ([name, date]) => [name, (await cli.json('status', date))['state']]),
    );
    expect(Object.fromEntries(states)).toEqual({
      ...{
        published: 'published',
        restored: 'published',
        bypassed: 'published',
        cancelled: 'cancelled',
        held: 'partial',
      },
    });
    for (const date of Object.values(dates)) expect(await cli.ok('why', date)).toContain(date);
    const kinds = Object.values(dates).map(async (date) => {
      const { entries } = (await cli.json('audit', date)) as { entries: { kind: string }[] };
      return entries.map(({ kind }) => kind);
    });
    const all = (await Promise.all(kinds)).flat();
    expect(all).toEqual(expect.arrayContaining(['rerun', 'restore', 'bypass', 'bypass_used', 'cancelled']));
    expect(auditKinds).toEqual(expect.arrayContaining(all));
  });

  test('is gone on with: a date again, a pin lifted, what was late, what was mended', async () => {
    expect(await cli.ok('rerun', dates.published, ...because, '--wait')).toContain('unchanged');
    await cli.ok('unpin', dates.restored, '--processor', players, ...because, '--wait');
    const whole = demoNight(dates.restored);
    const mended = [dates.cancelled, dates.held];
    await loadNights(cli, [movedTo(whole, dates.cancelled), movedTo(whole, dates.held)]);
    for (const date of mended) await cli.ok('rerun', date, ...because, '--wait');
    for (const date of Object.values(dates))
      expect((await cli.json('status', date))['state']).toMatch(/^(published|unchanged)$/);
    expect(await cli.ok('verify', `${first}..${last}`)).toContain('all as published');
    expect(await cli.ok('audit', 'verify')).toContain('The audit log was not altered');
  });
});
