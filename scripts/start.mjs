/** `npm start [-- --exit]`: installs what is missing, then runs the demo. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, root } from './ensure-installed.mjs';

await ensureInstalled();
const child = spawn(process.execPath, [join(root, 'bin', 'phase3.js'), 'demo', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// Passed on, since whoever signals this process alone means the stack too. The child takes it down once, however often
// it is asked.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
