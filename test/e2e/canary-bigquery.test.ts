/** `phase3 deploy canary` where the warehouse is BigQuery: the shadow is a deployment with a prefix, on the live raw tables. */
import type { CanaryReport } from '../../src/deploy/canary-report';
import { Cli } from '../support/cli';
import {
  describeWithEmulator,
  emulatorProject,
  emulatorStartMs,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { loadNights } from '../support/load-nights';
import { demoNight } from '../support/nights';

const date = '2017-04-15';

describeWithEmulator('a canary in BigQuery', () => {
  let emulator: Emulator;
  let cli: Cli;

  beforeAll(async () => {
    emulator = await startEmulator();
    cli = await Cli.create({
      PHASE3_WAREHOUSE: 'bigquery',
      PHASE3_BIGQUERY_PROJECT: emulatorProject,
      PHASE3_BIGQUERY_LOCATION: 'US',
      PHASE3_BIGQUERY_ENDPOINT: emulator.endpoint,
    });
    await cli.ok('up');
    await loadNights(cli, [demoNight(date)]);
    await cli.ok('run', date, '--wait');
  }, emulatorStartMs);

  afterAll(async () => {
    await cli.dispose();
    await emulator.stop();
  }, 60_000);

  test('this build differs in nothing, and what is live stays as it is', async () => {
    const live = (): Promise<string> => cli.ok('export', 'partition_manifest', '--from', date, '--to', date);
    const before = await live();
    const { report } = (await cli.json('deploy', 'canary')) as unknown as { report: CanaryReport };
    expect(report).toMatchObject({ dates: [date], differences: 0 });
    expect(report.gates.slice(0, 2)).toMatchObject([
      { name: 'errors', figure: 0 },
      { name: 'rules', figure: 0 },
    ]);
    expect(await live()).toBe(before);
  }, 300_000);
});
