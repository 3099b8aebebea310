/** A BigQuery emulator of a test file's own. */
import { join } from 'node:path';
import { emulatorProject, startEmulator as start, type Emulator } from '../../scripts/emulator/emulator';
import { findPython313 } from '../../scripts/emulator/install-emulator';
import { BigQueryWarehouse } from '../../src/warehouse/bigquery/bigquery-warehouse';

export { emulatorProject, emulatorVariables, type Emulator } from '../../scripts/emulator/emulator';

/** The mutation runs each test some hundred times, and does without what takes seconds to start. */
const isWanted = process.env['PHASE3_TEST_WITHOUT'] !== 'emulator';
const python = isWanted ? findPython313() : null;

/**
 * `describe` where the emulator can run and is wanted. Elsewhere skipped, with the reason in the name; with `CI=true` it must
 * run, so its tests fail at the first step.
 */
export function describeWithEmulator(name: string, tests: () => void): void {
  if (isWanted && (python !== null || process.env['CI'] === 'true')) describe(name, tests);
  else
    describe.skip(
      `${name} (skipped: ${isWanted ? 'the BigQuery emulator needs Python 3.13, and there is none here' : 'it was not wanted'})`,
      tests,
    );
}

/** The warehouse in it, for a rig to open. */
export function onEmulator({ endpoint }: Emulator): (home: string) => BigQueryWarehouse {
  return (home) =>
    BigQueryWarehouse.open({ projectId: emulatorProject, location: 'US', endpoint }, null, home);
}

/** Installing takes a minute and starting some seconds; on a busy machine more. */
export const emulatorStartMs = 600_000;

export const startEmulator = (): Promise<Emulator> => start(join(__dirname, '..', '..'));
