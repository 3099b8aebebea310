/** Builds replace each other on BigQuery as they do on the embedded warehouse. */
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';
import {
  describeWithEmulator,
  emulatorProject,
  emulatorStartMs,
  startEmulator,
  type Emulator,
} from '../support/bigquery-emulator';
import { promotesAndRollsBack } from '../support/build-moves';
import { Rig } from '../support/rig';

describeWithEmulator('builds on BigQuery', () => {
  let emulator: Emulator;
  let rig: Rig;

  jest.setTimeout(emulatorStartMs);

  beforeAll(async () => {
    emulator = await startEmulator();
    rig = await Rig.open([], (folder) =>
      BigQueryWarehouse.open(
        { projectId: emulatorProject, location: 'US', endpoint: emulator.endpoint },
        null,
        folder,
      ),
    );
  });

  afterAll(async () => {
    await rig.close();
    await emulator.stop();
  });

  test('a promotion and its rollback lose nothing of a date that waits and of one in mid-publish', async () => {
    await promotesAndRollsBack(rig);
  });
});
