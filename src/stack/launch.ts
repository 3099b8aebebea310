/** Starts a part of the stack, and writes down that it runs. */
import { join } from 'node:path';
import type { Home, StackFile, StartedProcess } from './home';
import { sizeOf } from './log-files';
import { startDetached, stopProcess, type DetachedProcess } from './processes';

/** A part that was started, with its log and where its own words begin in it, in bytes. */
export type Launched = DetachedProcess & { readonly log: string; readonly logStart: number };

/** Thrown when a part of the stack does not come up; the message names the port, file or log to look at. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

/** One that nobody knew of would be started a second time: what cannot be written down is stopped. */
export async function launch(
  home: Home,
  name: string,
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  record: (started: StartedProcess, stack: StackFile) => Partial<StackFile>,
): Promise<Launched> {
  const log = join(home.logs, `${name}.log`);
  const logStart = await sizeOf(log);
  const child = await startDetached(command, args, log, env);
  try {
    const { pid, startedAt } = child;
    const stack = await home.readStack();
    await home.writeStack({ ...stack, ...record({ pid, startedAt }, stack) });
  } catch (error) {
    await stopProcess(child, 5_000);
    throw error;
  }
  return { ...child, log, logStart };
}
