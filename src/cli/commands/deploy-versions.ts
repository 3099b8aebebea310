/** `phase3 deploy promote`, `rollback` and `status`: which build is current, and what becomes of what another has published. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { Phase3Client } from '../../client';
import { readBuildInfo } from '../../config/build-info';
import { identityOf } from '../../contracts/identity';
import { isSatisfied } from '../../contracts/phase3';
import { accept, readCanaryReport, writeCanaryReport } from '../../deploy/canary-report';
import { whyNotPromote } from '../../deploy/judge-promotion';
import { moveTo, settleOn, type MoveParts } from '../../builds/move';
import { pinnedByRollback, publishedBy, type PublishedDate } from '../../builds/published-by';
import { decisionsOf, lastGood, type BuildDecision } from '../../builds/record';
import { liftPins, takeBack, type TakenBack } from '../../builds/take-back';
import { short } from '../../builds/take-over';
import {
  CrossedError,
  DeploymentVersions,
  UnknownBuildError,
  type Deployed,
  type OpenRun,
} from '../../builds/versions';
import { requireReason, requireWho } from '../../requests/validate-request';
import type { ManifestRow } from '../../tables/orchestration';
import { jsonHelp, type JsonOption } from '../command-types';
import {
  badInput,
  CommandError,
  controlOf,
  exitCodes,
  withClient,
  type Context,
  type ExitCode,
} from '../context';
import { printJson } from '../json';
import { rowsOf } from './audit';
import { byHelp, reasonHelp } from './control';

/** How long a command waits for runs to go on; they do so later as well, and the command may be repeated. */
const settleMs = 20_000;

interface DecisionOptions extends JsonOption {
  readonly reason: string;
  readonly by?: string;
  readonly dryRun?: boolean;
}

interface PromoteOptions extends DecisionOptions {
  readonly build?: string;
  readonly acceptDiff?: boolean;
  readonly withoutCanary?: boolean;
}

interface RollbackOptions extends DecisionOptions {
  readonly to?: string;
  readonly restore?: boolean;
}

/** Adds a command to the group `deploy`. */
export type AddToDeploy = (group: Command, context: Context, end: (code: ExitCode) => void) => void;

const addPromote: AddToDeploy = (group, context, end) => {
  decided(group.command('promote').description('make a build current; open runs go on with it'))
    .option('--build <ID>', 'the build (default: the one of this command)')
    .option('--accept-diff', 'accept the differences that its canary has found')
    .option('--without-canary', 'promote it without a canary report')
    .action(async (options: PromoteOptions) => {
      end(await withDeployment(context, (parts) => promote(parts, options)));
    });
};

const addRollback: AddToDeploy = (group, context, end) => {
  decided(group.command('rollback').description('make the last good build current again'))
    .option('--to <ID>', 'the build to go back to (default: the last good one)')
    .option('--restore', 'take back what the build has published: restore what was live before, and pin it')
    .action(async (options: RollbackOptions) => {
      end(await withDeployment(context, (parts) => rollback(parts, options)));
    });
};

const addStatus: AddToDeploy = (group, context) => {
  group
    .command('status')
    .description('show which build is current, which still have runs, and the last decisions')
    .option('--json', jsonHelp)
    .action(async ({ json }: JsonOption) => {
      await withDeployment(context, async (parts) => {
        const found = await statusOf(parts);
        if (json) printJson(context.print, found);
        else for (const line of renderStatus(found)) context.print(line);
      });
    });
};

/** The subcommands of `deploy` that this file has. */
export const deployVersionCommands: readonly AddToDeploy[] = [addPromote, addRollback, addStatus];

function decided(command: Command): Command {
  return command
    .requiredOption('--reason <TEXT>', reasonHelp)
    .option('--by <WHO>', byHelp)
    .option('--dry-run', 'change nothing, and show what would be done')
    .option('--json', jsonHelp);
}

/** What the subcommands work with. */
interface Deployment {
  readonly context: Context;
  readonly client: Phase3Client;
  readonly versions: DeploymentVersions;
}

function withDeployment<T>(context: Context, work: (deployment: Deployment) => Promise<T>): Promise<T> {
  return withClient(context, (client, raw: Client) => {
    const versions = new DeploymentVersions(raw, identityOf(context.config.datasetPrefix));
    return work({ context, client, versions });
  });
}

async function promote(deployment: Deployment, options: PromoteOptions): Promise<ExitCode> {
  const { context, versions } = deployment;
  const who = { by: requireWho(options.by ?? context.config.user), reason: requireReason(options.reason) };
  const build = await requireBuild(options.build ?? readBuildInfo().id, versions);
  const seen = await versions.look();
  if (seen.current === build) return promotedAlready(deployment, build, who, options);
  const { home } = context.config;
  const found = await readCanaryReport(home, build);
  const at = new Date().toISOString();
  const report = options.acceptDiff && found ? accept(found, { ...who, at }) : found;
  const asked = { build, current: seen.current, withoutCanary: options.withoutCanary === true };
  const faults = whyNotPromote(asked, report);
  if (faults.length > 0) throw new CommandError(faults.join(' '), exitCodes.failed, 'not_ready_to_promote');
  const pinned = pinnedByRollback(await manifestsOf(context));
  if (options.dryRun) {
    show(context, options, { would: 'promote', build, before: seen.current, unpins: pinned }, [
      `Nothing is changed; build ${short(build)} would become current in place of ${short(seen.current ?? 'none')}`,
      ...pinned.map(({ gameDate, processors }) => `  unpinned: ${gameDate} ${processors.join(', ')}`),
    ]);
    return exitCodes.done;
  }
  if (report && report !== found) await writeCanaryReport(home, report);
  const decision: BuildDecision = {
    ...{ id: `promoted/${build}/${randomUUID()}`, kind: 'build_promoted', ...who },
    ...{ at, build, before: seen.current },
    canary: options.withoutCanary ? 'none' : report,
  };
  const left = await move(deployment, decision, seen);
  await versions.mark(build, null);
  const lifted = await liftPins(deployment.client, pinned, decision.id, who);
  show(context, options, { build, before: seen.current, ...openJson(left), unpinned: lifted }, [
    `Build ${short(build)} is current; it was ${short(seen.current ?? 'none')}`,
    ...leftLines(left),
    ...lifted.map(({ summary }) => `  unpinned: ${summary}`),
  ]);
  return exitCodes.done;
}

/** A promotion that is repeated does what the first may not have come to. */
async function promotedAlready(
  deployment: Deployment,
  build: string,
  who: { by: string; reason: string },
  options: DecisionOptions,
): Promise<ExitCode> {
  const { context, versions, client } = deployment;
  const pinned = pinnedByRollback(await manifestsOf(context));
  const last = (await decisionsOfDeployment(context, build)).at(-1);
  // After a rollback to it, its pins are what was wanted.
  const unpins = last?.kind === 'build_rolled_back' ? [] : pinned;
  if (!options.dryRun) await versions.wakeOthers(build);
  const lifted = options.dryRun ? [] : await liftPins(client, unpins, last?.id ?? `promoted/${build}`, who);
  show(context, options, { build, before: build, unpinned: lifted }, [
    `Build ${short(build)} is current already`,
    ...lifted.map(({ summary }) => `  unpinned: ${summary}`),
  ]);
  return exitCodes.done;
}

async function rollback(deployment: Deployment, options: RollbackOptions): Promise<ExitCode> {
  const { context, versions } = deployment;
  const who = { by: requireWho(options.by ?? context.config.user), reason: requireReason(options.reason) };
  const seen = await versions.look();
  const { current } = seen;
  if (current === null) throw new CommandError('No build is current yet.');
  const decisions = await decisionsOfDeployment(context, current);
  const last = decisions.at(-1);
  const to = options.to === undefined ? null : await requireBuild(options.to, versions);
  // One that is repeated ends what the first may not have come to, and does not go a step further.
  const isRepeated =
    last?.kind === 'build_rolled_back' && last.build === current && (to ?? current) === current;
  if (to === current && !isRepeated) throw badInput(`--to is ${to}, which is current.`);
  const build = isRepeated ? current : (to ?? lastGood(decisions, current));
  if (build === null)
    throw new CommandError(
      'There is no build to go back to: none was current before this one.',
      exitCodes.failed,
    );
  const bad = isRepeated ? (last.before ?? current) : current;
  const dates = options.restore ? publishedBy(await manifestsOf(context), bad) : [];
  if (options.dryRun) {
    show(context, options, { would: 'roll_back', build, before: bad, isRepeated, restores: dates }, [
      `Nothing is changed; build ${short(build)} ${isRepeated ? 'is' : 'would become'} current in place of ${short(bad)}`,
      ...dates.map(renderDate),
    ]);
    return exitCodes.done;
  }
  const decision: BuildDecision = {
    ...{ id: `rolled-back/${bad}/${randomUUID()}`, kind: 'build_rolled_back', ...who },
    ...{ at: new Date().toISOString(), build, before: current, restores: options.restore === true },
  };
  const left = isRepeated ? await wake(versions, build) : await move(deployment, decision, seen);
  await versions.mark(bad, { ...who, at: decision.at });
  const id = isRepeated ? last.id : decision.id;
  const taken = await takeBack(deployment.client, dates, id, who);
  show(context, options, { build, before: bad, isRepeated, ...openJson(left), restored: taken }, [
    `Build ${short(build)} is current${isRepeated ? ' already' : ''}; ${short(bad)} was rolled back`,
    ...leftLines(left),
    ...taken.map(renderTaken),
  ]);
  return taken.every(isBack) ? exitCodes.done : exitCodes.failed;
}

/** Carries a decision out; what is in its way becomes a sentence. Returns the runs that are not yet on the build. */
async function move(deployment: Deployment, decision: BuildDecision, seen: Deployed): Promise<OpenRun[]> {
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
    if (error instanceof UnknownBuildError)
      throw new CommandError(
        `Build ${decision.build} cannot become current: ${error.message}. Start a worker of it first (docs/how-to/release-a-version.md).`,
        exitCodes.failed,
        'no_worker',
      );
    throw error;
  }
}

async function wake(versions: DeploymentVersions, build: string): Promise<OpenRun[]> {
  await versions.wakeOthers(build);
  return settleOn(versions, build, settleMs, pause);
}

/** A build by its id or how that begins, if it is the only one. */
async function requireBuild(given: string | null, versions: DeploymentVersions): Promise<string> {
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

const ever = { from: '1900-01-01', to: '9999-12-31' };

async function manifestsOf(context: Context): Promise<ManifestRow[]> {
  const rows: ManifestRow[] = [];
  // What is published meanwhile counts as well, so the range does not end at what was there a moment ago.
  for await (const row of rowsOf(await controlOf(context), 'partition_manifest', ever)) rows.push(row);
  return rows;
}

async function decisionsOfDeployment(context: Context, current: string | null): Promise<BuildDecision[]> {
  return decisionsOf(await (await controlOf(context)).builds(), current);
}

/** Whether a date is as it was before the build. */
function isBack({ reply, without }: TakenBack): boolean {
  const isDone =
    reply !== null && Object.values(reply.outcomes).every(isSatisfied) && reply.state !== 'failed';
  // What stands on what was restored is built again with it.
  return isDone && without.length === 0;
}

function renderDate({ gameDate, tables, before }: PublishedDate): string {
  return before === null
    ? `  ${gameDate}: nothing was live before it: ${tables.join(', ')}`
    : `  ${gameDate}: what was live before ${before}: ${tables.join(', ')}`;
}

function renderTaken({ gameDate, tables, without, reply }: TakenBack): string {
  const stays =
    without.length > 0
      ? `; nothing was live before ${without.join(', ')}: \`phase3 rerun ${gameDate}\` builds it again`
      : '';
  return reply
    ? `  restored: ${reply.summary}${stays}`
    : `  ${gameDate}: nothing was live before ${tables.join(', ')}; \`phase3 rerun ${gameDate}\` builds it again`;
}

function openJson(left: readonly OpenRun[]): object {
  return { stillOnOthers: left.map(({ workflowId, build }) => ({ workflowId, build })) };
}

function leftLines(left: readonly OpenRun[]): string[] {
  if (left.length === 0) return ['  every open run is on it'];
  return left.map(
    ({ workflowId, build }) =>
      `  ${workflowId} is still on ${short(build ?? 'no build')}; it goes on when nothing of it is under way`,
  );
}

function show(context: Context, { json }: JsonOption, document: object, lines: readonly string[]): void {
  if (json) printJson(context.print, document);
  else for (const line of lines) context.print(line);
}

async function statusOf({ context, versions }: Deployment) {
  const deployed = await versions.look();
  const runs = await versions.openRuns();
  return {
    current: deployed.current,
    versions: deployed.versions.map((version) => ({
      ...version,
      openRuns: runs.filter(({ build }) => build === version.build).length,
    })),
    decisions: (await decisionsOfDeployment(context, deployed.current)).slice(-10),
    pinnedByRollback: pinnedByRollback(await manifestsOf(context)),
  };
}

function renderStatus({
  current,
  versions,
  decisions,
  pinnedByRollback: pinned,
}: Awaited<ReturnType<typeof statusOf>>): string[] {
  return [
    `current    ${current ?? 'none'}`,
    ...versions.map(
      ({ build, status, openRuns, currentSince, rolledBack }) =>
        `  ${build}  ${status}, open runs ${openRuns}${currentSince ? `, current from ${currentSince}` : ''}${rolledBack ? `, rolled back by ${rolledBack.by}: ${rolledBack.reason}` : ''}`,
    ),
    `decisions  ${decisions.length === 0 ? 'none' : ''}`,
    ...decisions.map(
      ({ at, kind, build, by, reason }) => `  ${at}  ${kind} ${short(build)} by ${by}: ${reason}`,
    ),
    `pinned     ${pinned.length === 0 ? 'nothing by a rollback' : ''}`,
    ...pinned.map(({ gameDate, processors }) => `  ${gameDate}  ${processors.join(', ')}`),
  ];
}
