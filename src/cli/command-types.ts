/** What a command's registration gets and gives. */
import type { Command } from 'commander';
import type { Context, ExitCode } from './context';

/** Adds a command to the root. `end` sets the exit code; not called, it is 0. */
export type AddCommand = (root: Command, context: Context, end: (code: ExitCode) => void) => void;

export interface JsonOption {
  readonly json?: boolean;
}

/** The words of `--json` everywhere. */
export const jsonHelp = 'print one JSON document on stdout; everything else goes to stderr';
