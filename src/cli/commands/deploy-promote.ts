/** `phase3 deploy promote`: makes a build current, and lets go of what a rollback has pinned. */
import { randomUUID } from 'node:crypto';
import { takenBackBy } from '../../builds/judge-rollback';
import { pinnedByRollback } from '../../builds/published-by';
import type { BuildDecision } from '../../builds/record';
import { liftPins } from '../../builds/take-back';
import { short } from '../../builds/take-over';
import { readBuildInfo } from '../../config/build-info';
import { accept, readCanaryReport, writeCanaryReport } from '../../deploy/canary-report';
import { whyNotPromote } from '../../deploy/judge-promotion';
import { CommandError, exitCodes, type ExitCode } from '../context';
import {
  decided,
  decisionsOfDeployment,
  leftLines,
  manifestsOf,
  move,
  openJson,
  requireBuild,
  show,
  whoDecides,
  withDeployment,
  type AddToDeploy,
  type DecisionOptions,
  type Deployment,
} from '../deployment';

interface PromoteOptions extends DecisionOptions {
  readonly build?: string;
  readonly acceptDiff?: boolean;
  readonly withoutCanary?: boolean;
  readonly althoughRolledBack?: boolean;
}

export const addDeployPromote: AddToDeploy = (group, context, end) => {
  decided(group.command('promote').description('make a build current; open runs go on with it'))
    .option('--build <ID>', 'the build (default: the one of this command)')
    .option('--accept-diff', 'accept the differences that its canary has found')
    .option('--without-canary', 'promote it without a canary report')
    .option('--although-rolled-back', 'promote it although it was rolled back before')
    .action(async (options: PromoteOptions) => {
      end(await withDeployment(context, (parts) => promote(parts, options)));
    });
};

async function promote(deployment: Deployment, options: PromoteOptions): Promise<ExitCode> {
  const { context, versions } = deployment;
  const who = whoDecides(context, options);
  const build = await requireBuild(options.build ?? readBuildInfo().id, versions);
  const seen = await versions.look();
  if (seen.current === build) return promotedAlready(deployment, build, who, options);
  const { home } = context.config;
  const found = await readCanaryReport(home, build);
  const at = new Date().toISOString();
  const report = options.acceptDiff && found ? accept(found, { ...who, at }) : found;
  const back = takenBackBy(await decisionsOfDeployment(context, seen.current), build);
  if (back && !options.althoughRolledBack)
    throw new CommandError(
      `Build ${short(build)} was rolled back by ${back.by} at ${back.at}: ${back.reason}. Promote it \`--although-rolled-back\`, with what has changed as the reason.`,
      exitCodes.failed,
      'rolled_back',
    );
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
  if (options.dryRun) {
    show(context, options, { would: 'promote', build, before: build, unpins }, [
      `Nothing is changed; build ${short(build)} is current already`,
      ...unpins.map(({ gameDate, processors }) => `  unpinned: ${gameDate} ${processors.join(', ')}`),
    ]);
    return exitCodes.done;
  }
  await versions.wakeOthers(build);
  // What is current was not taken back: the mark is of a decision before the one that made it so.
  await versions.mark(build, null);
  const lifted = await liftPins(client, unpins, last?.id ?? `promoted/${build}`, who);
  show(context, options, { build, before: build, unpinned: lifted }, [
    `Build ${short(build)} is current already`,
    ...lifted.map(({ summary }) => `  unpinned: ${summary}`),
  ]);
  return exitCodes.done;
}
