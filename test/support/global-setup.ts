/** Once per test run: finds a real Temporal server and bundles the workflows as they are in src. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowModules } from '../../scripts/workflow-modules';
import { findTemporal } from '../../src/stack/temporal-binary';

export default async function globalSetup(): Promise<void> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'phase3');
  process.env['PHASE3_TEST_TEMPORAL'] = await findTemporal(
    cache,
    process.env['PATH'] ?? '',
    (line) => process.stderr.write(`${line}\n`),
    process.env,
  );
  const { code } = await bundleWorkflowCode({
    ...workflowModules(join(__dirname, '..', '..', 'src'), 'ts'),
    logger: new DefaultLogger('WARN'),
  });
  const folder = await mkdtemp(join(tmpdir(), 'phase3-test-'));
  process.env['PHASE3_TEST_BUNDLE'] = join(folder, 'workflow-bundle.js');
  process.env['PHASE3_TEST_FOLDER'] = folder;
  await writeFile(process.env['PHASE3_TEST_BUNDLE'], code);
}
