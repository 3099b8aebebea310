/** What every command works with, and how it ends. */
import { Client, Connection } from '@temporalio/client';
import { Phase3Client } from '../client';
import type { Config } from '../config/config';
import type { ControlClient } from '../control/client';
import { identityOf } from '../contracts/identity';
import type { PolicyOverrides } from '../contracts/phase3';
import { accessFault } from '../observability/connection-fault';
import type { BackupTools } from '../stack/backup/make-backup';
import type { Stack } from '../stack/stack';

/** Exit codes, as scripts rely on them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  badInput: 2,
  notReady: 3,
  partial: 4,
  notAsPublished: 5,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Thrown by commands to end with a sentence on stderr and an exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    message: string,
    readonly exitCode: ExitCode = exitCodes.failed,
    /** What `--json` calls it; by default what the exit code says. */
    readonly code?: string,
  ) {
    super(message);
  }
}

/** Invalid arguments or files: exit code 2. */
export function badInput(message: string): CommandError {
  return new CommandError(message, exitCodes.badInput);
}

export interface Context {
  readonly config: Config;
  readonly stack: Stack;
  /** Data and results, on stdout. One line: what is not seen in it is made visible, and a line break becomes a space. */
  readonly print: (line: string) => void;
  /** Progress and explanations, on stderr; a line as well. */
  readonly say: (line: string) => void;
  /** Folder of the shipped demo nights. */
  readonly demoData: string;
  /** What a backup of the home is made with. */
  readonly backupTools: BackupTools;
  /** Runs a statement on a warehouse file that no worker has open; returns how many rows it has changed. */
  readonly changeByHand: (path: string, statement: string) => Promise<number>;
  /** "Now" for what judges age and the future. */
  readonly now: () => Date;
}

/** Prints a text of our own that has several lines. What of others is in it must be one line each. */
export function printLines(print: Context['print'], text: string): void {
  for (const line of text.split('\n')) print(line);
}

/** Explicit overrides that this command's environment asks for. */
export function overridesOf(config: Config): PolicyOverrides {
  return config.policy.now === null ? {} : { now: config.policy.now };
}

/** Runs `work` with a client of this home's Temporal server. */
export async function withClient<T>(
  context: Context,
  work: (client: Phase3Client, raw: Client) => Promise<T>,
): Promise<T> {
  const target = await context.stack.temporal();
  if (!target) throw notUp(context);
  await requireMatch(context);
  const connection = await Connection.connect(target.connection).catch(async (error: unknown) => {
    const why =
      (await accessFault(target.connection)) ?? (error instanceof Error ? error.message : String(error));
    throw new CommandError(`Temporal does not answer on ${target.connection.address}: ${why}.`);
  });
  try {
    const client = new Client({ connection, namespace: target.namespace });
    const identity = identityOf(context.config.datasetPrefix);
    return await work(new Phase3Client(client, context.now, context.say, identity), client);
  } finally {
    await connection.close();
  }
}

/** The control endpoint of the worker that owns the warehouse. */
export async function controlOf(context: Context): Promise<ControlClient> {
  const control = await context.stack.control();
  if (!control) throw notUp(context);
  await requireMatch(context);
  return control;
}

/** Refuses to speak to a worker that works on another warehouse than this command is meant for. */
async function requireMatch({ stack }: Context): Promise<void> {
  const health = await (await stack.control())?.health();
  const mismatch = health ? stack.mismatch(health) : null;
  if (mismatch) throw badInput(mismatch);
}

function notUp({ stack }: Context): CommandError {
  return new CommandError(
    `The local stack of ${stack.home.path} is not up. \`phase3 up\` starts it; PHASE3_HOME names another.`,
    exitCodes.failed,
    'not_up',
  );
}
