/** What the commands that decide about builds share: the deployment, its record, and how a decision is carried out. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { Phase3Client } from '../client';
import { moveTo, settleOn, type MoveParts } from '../builds/move';
import { decisionsOf, type BuildDecision } from '../builds/record';
import { short } from '../builds/take-over';
import {
  CrossedError,
  DeploymentVersions,
  NoWorkerError,
  type Deployed,
  type OpenRun,
  type Poller,
} from '../builds/versions';
import { readBuildInfo } from '../config/build-info';
import { identityOf } from '../contracts/identity';
import { requireReason, requireWho } from '../requests/validate-request';
import type { ManifestRow } from '../tables/orchestration';
import { jsonHelp, type JsonOption } from './command-types';
import { byHelp, reasonHelp } from './commands/control';
import {
  badInput,
  CommandError,
  controlOf,
  exitCodes,
  withClient,
  type Context,
  type ExitCode,
} from './context';
import { printJson } from './json';

/** How long a command waits for runs to go on; they do so later as well, and the command may be repeated. */
const settleMs = 20_000;

export interface DecisionOptions extends JsonOption {
  readonly reason: string;
  readonly by?: string;
  readonly dryRun?: boolean;
}

/** Who decides, and why. Throws `InvalidRequestError` for what is not to be recorded. */
export function whoDecides(
  { config }: Pick<Context, 'config'>,
  options: Pick<DecisionOptions, 'by' | 'reason'>,
) {
  return { by: requireWho(options.by ?? config.user), reason: requireReason(options.reason) };
}

/** Adds a command to the group `deploy`. */
export type AddToDeploy = (group: Command, context: Context, end: (code: ExitCode) => void) => void;

/** Gives a command the options that each decision has. */
export function decided(command: Command): Command {
  return command
    .requiredOption('--reason <TEXT>', reasonHelp)
    .option('--by <WHO>', byHelp)
    .option('--dry-run', 'change nothing, and show what would be done')
    .option('--json', jsonHelp);
}

/** What the commands work with. */
export interface Deployment {
  readonly context: Context;
  readonly client: Phase3Client;
  readonly versions: DeploymentVersions;
}

export function withDeployment<T>(
  context: Context,
  work: (deployment: Deployment) => Promise<T>,
): Promise<T> {
  return withClient(context, (client, raw: Client) => {
    const versions = new DeploymentVersions(raw, identityOf(context.config.datasetPrefix));
    return work({ context, client, versions });
  });
}

/** Carries a decision out; what is in its way becomes a sentence. Returns the runs that are not yet on the build. */
export async function move(
  deployment: Deployment,
  decision: BuildDecision,
  seen: Deployed,
): Promise<OpenRun[]> {
  const { context, versions } = deployment;
  try {
    return await context.stack.changeBuilds(async (processes) => {
      const parts: MoveParts = {
        ...{ versions, processes },
        // The worker that serves the record may be another by then.
        putOnRecord: async (entries) => (await controlOf(context)).recordBuilds(entries),
      };
      await moveTo(parts, decision, seen);
      return settleOn(versions, decision.build, settleMs, pause);
    });
  } catch (error) {
    if (error instanceof CrossedError) throw new CommandError(error.message, exitCodes.failed, 'crossed');
    if (error instanceof NoWorkerError) throw await noWorker(versions, decision.build, error);
    throw error;
  }
}

/** What would be right where no worker of a build polls. */
async function noWorker(
  versions: DeploymentVersions,
  build: string,
  { message }: NoWorkerError,
): Promise<CommandError> {
  const polled = [...new Set((await versions.pollers()).flatMap((poller) => poller.build ?? []))];
  return new CommandError(
    `Build ${build} cannot become current: ${message}, so that new runs and open ones would wait for nobody. Start a worker of ` +
      `it (an image with its tag, or its commit checked out and built) and use the same command again, or take a build that is ` +
      `polled now: ${polled.map(short).join(', ') || 'none is'} (docs/how-to/release-a-version.md).`,
    exitCodes.failed,
    'no_worker',
  );
}

/** A build by its id or how that begins, if it is the only one. */
export async function requireBuild(given: string | null, versions: DeploymentVersions): Promise<string> {
  if (given === null) throw badInput('This command was not built, so --build must name a build.');
  const own = readBuildInfo().id;
  const known = (await versions.look()).versions.map(({ build }) => build);
  const all = [...new Set([...known, ...(own === null ? [] : [own])])];
  if (all.includes(given)) return given;
  const found = all.filter((build) => build.startsWith(given));
  const [one] = found;
  if (found.length === 1 && one !== undefined) return one;
  throw badInput(
    `The build is "${given}", expected ${found.length > 1 ? `one of ${found.join(', ')}` : `one that is known here: ${all.join(', ')}`}.`,
  );
}

/** The runs that are left on other builds, once those that are open were woken. */
export async function wakeAndSettle(versions: DeploymentVersions, build: string): Promise<OpenRun[]> {
  await versions.wakeOthers(build);
  return settleOn(versions, build, settleMs, pause);
}

export async function manifestsOf(context: Context): Promise<ManifestRow[]> {
  return (await controlOf(context)).manifests();
}

export async function decisionsOfDeployment(
  context: Context,
  current: string | null,
): Promise<BuildDecision[]> {
  return decisionsOf(await (await controlOf(context)).builds(), current);
}

export function openJson(left: readonly OpenRun[]): object {
  return { stillOnOthers: left.map(({ workflowId, build }) => ({ workflowId, build })) };
}

export function leftLines(left: readonly OpenRun[]): string[] {
  if (left.length === 0) return ['  every open run is on it'];
  return left.map(
    ({ workflowId, build }) =>
      `  ${workflowId} is still on ${short(build ?? 'no build')}; it goes on when nothing of it is under way`,
  );
}

export function show(
  context: Context,
  { json }: JsonOption,
  document: object,
  lines: readonly string[],
): void {
  if (json) printJson(context.print, document);
  else for (const line of lines) context.print(line);
}

/** The workers that ask for a build's workflow tasks, wherever they run. */
export function workersOf(pollers: readonly Poller[], build: string): string[] {
  return pollers.flatMap((poller) => (poller.build === build ? [poller.identity] : []));
}

/** The same, as people read them. */
export function pollersOf(workers: readonly string[]): string {
  return workers.length === 0 ? 'no worker polls' : `polled by ${workers.join(', ')}`;
}
