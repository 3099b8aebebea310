/** Runs the built command line as a child process, in a home of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { linesOf } from '../../src/control/lines';
import { ownEnvironment } from '../own-environment';

export interface CommandEnd {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

export class Phase3Command {
  private readonly environment: NodeJS.ProcessEnv;

  constructor(
    private readonly script: string,
    home: string,
  ) {
    // What is verified is this home and nothing around it: no server or warehouse that the user works on, no other clock.
    this.environment = ownEnvironment({
      PHASE3_HOME: home,
      TEMPORAL_CONFIG_FILE: join(home, 'no-temporal.toml'),
    });
  }

  /** Runs a command to its end. What it says on stderr, its progress bar too, goes to ours. */
  async run(args: readonly string[], signal?: AbortSignal): Promise<CommandEnd> {
    const lines: string[] = [];
    const exitCode = await this.each(args, (line) => lines.push(line), signal);
    return { exitCode, lines };
  }

  /** The same, line by line as they come, for more than one would keep. Resolves to the exit code. */
  async each(args: readonly string[], take: (line: string) => void, signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted();
    const child = spawn(process.execPath, [this.script, ...args], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
      ...(signal ? { signal } : {}),
    });
    const ended = once(child, 'close') as Promise<[number | null]>;
    // Awaited below; until then its failure must not count as unhandled.
    ended.catch(() => undefined);
    try {
      for await (const line of linesOf(child.stdout)) take(line);
    } catch (error) {
      // Nobody reads on, so it would wait for ever to be read.
      child.kill();
      throw error;
    }
    const [code] = await ended;
    return code ?? 1;
  }
}
