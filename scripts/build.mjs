/** Builds what is run: TypeScript into dist/, then the workflow bundle that workers load. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

rmSync(join(root, 'dist'), { recursive: true, force: true });
/** Runs a script of Node's; ends the build where that fails. */
function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run(require.resolve('typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'));
// What browsers are sent is sent as it is written.
const assets = ['src', 'gateway', 'page', 'assets'];
cpSync(join(root, ...assets), join(root, 'dist', ...assets), { recursive: true });
run(join(root, 'dist', 'scripts', 'stamp-build.js'));

const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
const { workflowModules } = require(join(root, 'dist', 'scripts', 'workflow-modules.js'));
const { code } = await bundleWorkflowCode({
  ...workflowModules(join(root, 'dist', 'src'), 'js'),
  logger: new DefaultLogger('WARN'),
});
mkdirSync(join(root, 'dist'), { recursive: true });
writeFileSync(join(root, 'dist', 'workflow-bundle.js'), code);
