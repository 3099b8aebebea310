/** What a command's registration gets and gives. */
import type { Command } from 'commander';
import { requireTimeoutMs } from '../requests/validate-request';
import { badInput, type Context, type ExitCode } from './context';

/** Adds a command to the root. `end` sets the exit code; not called, it is 0. */
export type AddCommand = (root: Command, context: Context, end: (code: ExitCode) => void) => void;

export interface JsonOption {
  readonly json?: boolean;
}

/** Help of `--wait` where one date is waited for. */
const waitHelp =
  'wait and show the level log; exit code 0 done, 1 failed, 3 not ready, 4 published without some games';

export interface WaitOptions {
  readonly wait: boolean;
  readonly timeout?: string;
}

/** `--wait` and `--timeout` of a command that may wait. */
export function withWait(command: Command, help = waitHelp): Command {
  return command
    .option('--wait', help, false)
    .option(
      '--timeout <DURATION>',
      'with --wait: how long at most, such as 30s or 2h; then exit code 3, and what was begun goes on',
    );
}

/** How long to wait at most, in ms; null: no limit. */
export function requireWaitMs({ wait, timeout }: WaitOptions): number | null {
  if (timeout === undefined) return null;
  if (!wait) throw badInput('--timeout is given without --wait, and nothing is waited for.');
  return requireTimeoutMs(timeout);
}

/** Help of `--json` everywhere. */
export const jsonHelp = 'print one JSON document on stdout; everything else goes to stderr';
