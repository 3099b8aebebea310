/** Builds replace each other on BigQuery as they do on the embedded warehouse, and are tried in a shadow on the live raw tables. */
import type { CanaryReport } from '../../src/deploy/canary-report';
import {
  describeWithEmulator,
  emulatorProject,
  emulatorStartMs,
  emulatorVariables,
  onEmulator,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { promotesAndRollsBack } from '../support/build-moves';
import { Cli } from '../support/cli';
import { demoNight } from '../support/nights';
import { plantedBuild } from '../support/planted-build';
import { Rig } from '../support/rig';

describeWithEmulator('builds on BigQuery', () => {
  let emulator: Emulator;
  let rig: Rig;

  jest.setTimeout(emulatorStartMs);

  beforeAll(async () => {
    emulator = await startEmulator();
    rig = await Rig.open([], onEmulator(emulator));
  });

  afterAll(async () => {
    await rig.close();
    await emulator.stop();
  });

  test('a promotion and its rollback lose nothing of a date that waits and of one in mid-publish', async () => {
    await promotesAndRollsBack(rig);
  });

  test('a canary of this build differs in nothing, a what-if of another in its formula, and what is live stays as it is', async () => {
    const gameDate = '2017-04-15';
    const cli = await Cli.create({
      ...emulatorVariables(emulator),
      // What the other test publishes is not what is compared with.
      PHASE3_DATASET_PREFIX: 'live',
    });
    try {
      await cli.ok('up');
      // With a prefix it reads the raw tables, and writes none.
      await rig.loadNight(demoNight(gameDate));
      await cli.ok('run', gameDate, '--wait');
      const live = (): Promise<string> =>
        cli.ok('export', 'partition_manifest', '--from', gameDate, '--to', gameDate);
      const before = await live();
      const { code, stdout, stderr } = await cli.run(['deploy', 'canary', '--json']);
      const { report } = JSON.parse(stdout) as { report: CanaryReport };
      // One night of each, on a machine that does other things: its time says nothing here.
      const stops = report.criteria.filter(({ name, verdict }) => name !== 'p95' && verdict === 'stop');
      expect({ stops, stderr }).toMatchObject({ stops: [] });
      expect(code).toBe(report.verdict === 'stop' ? 1 : 0);
      expect(report).toMatchObject({ dates: [gameDate], differences: 0 });
      expect(report.criteria).toMatchObject([
        ...[{ name: 'errors', figure: 0 }, { name: 'rules', figure: 0 }, { name: 'p95' }],
        ...[{ name: 'differences', figure: 0 }, { name: 'cohort' }],
      ]);
      expect(await live()).toBe(before);

      const other = await plantedBuild(
        'formula',
        'processors/formulas/shooting.js',
        'points / (2 * attempts)',
        'points / (2.02 * attempts)',
      );
      const { dates } = await cli.json('plan', gameDate, '--what-if', other.folder).finally(other.remove);
      const moved = (dates as { tables: { version: number; difference: { columns: object } }[] }[])
        .flatMap(({ tables }) => tables)
        .map(({ version, difference }) => [version, Object.keys(difference.columns)]);
      expect(moved).toEqual([
        [2, ['ts_pct']],
        [2, ['opponent_ts_pct']],
        [2, ['ts_pct']],
      ]);
      expect(await live()).toBe(before);
      // Neither the canary nor the comparison has left anything.
      const left = await fetch(`${emulator.endpoint}/bigquery/v2/projects/${emulatorProject}/datasets`);
      expect(await left.text()).not.toContain('canary');
    } finally {
      await cli.dispose();
    }
  });
});
