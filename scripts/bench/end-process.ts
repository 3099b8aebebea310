/** Ends a process that the bench has started. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Asks it to end and waits; what it has not done within `graceMs` nobody needs. */
export async function endProcess(child: ChildProcess, graceMs = 10_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(deadline);
}
