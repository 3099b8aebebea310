/** How an error ends a command: a sentence, whose fault it is, and for `--json` a code and what to do. */
import { ServiceError } from '@temporalio/client';
import { CommanderError } from 'commander';
import { BusyError, FailedError, NotOpenError, NoWorkerError, reasonOf, RefusedError } from '../client';
import { InvalidConfigError } from '../config/config';
import { visibleText } from '../contracts/visible-text';
import { ControlError } from '../control/client';
import { InvalidRequestError } from '../requests/validate-request';
import { ReportError } from '../deploy/report-files';
import { BackupError } from '../stack/backup/manifest';
import { HomeError } from '../stack/home';
import { StackError } from '../stack/stack';
import { NoTemporalError } from '../stack/temporal-binary';
import { CommandError, exitCodes, type ExitCode } from './context';

export interface DescribedError {
  /** Stable, for scripts. */
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
}

type ErrorClass = new (...given: never[]) => Error;

/** Errors that we foresee, by class. */
const known: readonly (readonly [ErrorClass, string, ExitCode])[] = [
  [InvalidRequestError, 'invalid_arguments', exitCodes.badInput],
  [InvalidConfigError, 'invalid_configuration', exitCodes.badInput],
  [RefusedError, 'refused', exitCodes.badInput],
  [NotOpenError, 'not_open', exitCodes.badInput],
  [NoWorkerError, 'no_worker', exitCodes.failed],
  [BusyError, 'busy', exitCodes.failed],
  [FailedError, 'failed', exitCodes.failed],
  [StackError, 'stack', exitCodes.failed],
  [BackupError, 'backup', exitCodes.failed],
  [ReportError, 'report', exitCodes.failed],
  [NoTemporalError, 'no_temporal', exitCodes.failed],
  [ControlError, 'worker', exitCodes.failed],
];

/** The sentence for an error, and whose fault it is. Only what nobody foresaw is shown with its stack. */
export function describeError(error: unknown): DescribedError {
  // Commander has printed its sentence already.
  if (error instanceof CommanderError)
    return {
      code: 'invalid_arguments',
      message: error.message.replace(/^error: /, ''),
      exitCode: exitCodes.badInput,
    };
  if (error instanceof CommandError)
    return {
      code: error.code ?? (error.exitCode === exitCodes.badInput ? 'invalid_arguments' : 'failed'),
      message: error.message,
      exitCode: error.exitCode,
    };
  for (const [type, code, exitCode] of known)
    if (error instanceof type) return { code, message: error.message, exitCode };
  if (error instanceof HomeError) return { code: 'home', message: error.message, exitCode: error.status };
  if (error instanceof ServiceError)
    return {
      code: 'temporal',
      message: `Temporal does not do what it is asked (${reasonOf(error)}). \`phase3 status\` says what is wrong.`,
      exitCode: exitCodes.failed,
    };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'bug', message, exitCode: exitCodes.failed };
}

/** The document that `--json` promises where a command fails. `hint`: the command that the sentence names; null without one. */
export function errorJson({ code, message }: DescribedError): string {
  const hint = /`(phase3 [^`]+)`/.exec(message)?.[1] ?? null;
  return JSON.stringify({ error: { code, message: visibleText(message), hint } }, null, 2);
}
