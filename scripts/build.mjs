/** Builds what is run: TypeScript into dist/, then the workflow bundle that workers load. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

rmSync(join(root, 'dist'), { recursive: true, force: true });
const tsc = spawnSync(
  process.execPath,
  [require.resolve('typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
const { code } = await bundleWorkflowCode({
  workflowsPath: join(root, 'dist', 'src', 'workflows', 'index.js'),
  logger: new DefaultLogger('WARN'),
});
mkdirSync(join(root, 'dist'), { recursive: true });
writeFileSync(join(root, 'dist', 'workflow-bundle.js'), code);
