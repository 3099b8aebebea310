/** Starts a TypeScript file of the tests as a process of its own. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export type TypeScriptProcess = ChildProcessByStdio<Writable, Readable, null>;

/** Its standard error is this process's. `env` is all of its environment. */
export function startTypeScript(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): TypeScriptProcess {
  return spawn(
    process.execPath,
    ['--require', require.resolve('../../scripts/run-typescript.cjs'), script, ...args],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env,
    },
  );
}

/** Resolves when the process has ended, with its exit code; null when a signal ended it. */
export function exitOf(child: TypeScriptProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}
