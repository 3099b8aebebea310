/** What a command's registration gets and gives. */
import type { Command } from 'commander';
import type { Context, ExitCode } from './context';

/** Adds a command to the root. `end` sets the exit code; not called, it is 0. */
export type AddCommand = (root: Command, context: Context, end: (code: ExitCode) => void) => void;

export interface JsonOption {
  readonly json?: boolean;
}

/** Help of `--wait` where one date is waited for. */
export const waitHelp =
  'wait and show the level log; exit code 0 done, 1 failed, 3 not ready, 4 published without some games';

/** Help of `--json` everywhere. */
export const jsonHelp = 'print one JSON document on stdout; everything else goes to stderr';
