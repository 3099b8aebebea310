/** `phase3 deploy rollback`: makes a former build current again, and takes back what the bad one has published. */
import { randomUUID } from 'node:crypto';
import { judgeRollback } from '../../builds/judge-rollback';
import { publishedBy, type PublishedDate } from '../../builds/published-by';
import type { BuildDecision } from '../../builds/record';
import { takeBack, type TakenBack } from '../../builds/take-back';
import { short } from '../../builds/take-over';
import { isSatisfied } from '../../contracts/phase3';
import { badInput, CommandError, exitCodes, type ExitCode } from '../context';
import {
  decided,
  decisionsOfDeployment,
  leftLines,
  manifestsOf,
  move,
  openJson,
  requireBuild,
  show,
  wakeAndSettle,
  whoDecides,
  withDeployment,
  type AddToDeploy,
  type DecisionOptions,
  type Deployment,
} from '../deployment';

interface RollbackOptions extends DecisionOptions {
  readonly to?: string;
  readonly restore?: boolean;
}

export const addDeployRollback: AddToDeploy = (group, context, end) => {
  decided(group.command('rollback').description('make the last good build current again'))
    .option('--to <ID>', 'the build to go back to (default: the last good one)')
    .option('--restore', 'take back what the build has published: restore what was live before, and pin it')
    .action(async (options: RollbackOptions) => {
      end(await withDeployment(context, (parts) => rollback(parts, options)));
    });
};

/** Goes back. A rollback that is repeated ends what the first did not. */
async function rollback(deployment: Deployment, options: RollbackOptions): Promise<ExitCode> {
  const { context, versions } = deployment;
  const who = whoDecides(context, options);
  const seen = await versions.look();
  const to = options.to === undefined ? null : await requireBuild(options.to, versions);
  const decisions = await decisionsOfDeployment(context, seen.current);
  const verdict = judgeRollback({ current: seen.current, to }, decisions);
  if (verdict.kind === 'refused')
    throw verdict.isBadInput ? badInput(verdict.why) : new CommandError(verdict.why);
  const { build, bad, repeats } = verdict;
  const isRepeated = repeats !== null;
  const publishedDates = async (): Promise<PublishedDate[]> =>
    options.restore ? publishedBy(await manifestsOf(context), bad) : [];
  if (options.dryRun) {
    const dates = await publishedDates();
    show(context, options, { would: 'roll_back', build, before: bad, isRepeated, restores: dates }, [
      `Nothing is changed; build ${short(build)} ${isRepeated ? 'is' : 'would become'} current in place of ${short(bad)}`,
      ...dates.map(renderDate),
    ]);
    return exitCodes.done;
  }
  const decision: BuildDecision = {
    ...{ id: `rolled-back/${bad}/${randomUUID()}`, kind: 'build_rolled_back', ...who },
    ...{ at: new Date().toISOString(), build, before: seen.current, restores: options.restore === true },
  };
  const left = isRepeated ? await wakeAndSettle(versions, build) : await move(deployment, decision, seen);
  // Repeated, it keeps who took it back first, and why.
  if (!isRepeated) await versions.mark(bad, { ...who, at: decision.at });
  // A build that is gone back to is a good one again.
  await versions.mark(build, null);
  // Only now: during a night the bad build publishes until its worker has ended.
  const dates = await publishedDates();
  const taken = await takeBack(deployment.client, dates, repeats?.id ?? decision.id, who);
  show(context, options, { build, before: bad, isRepeated, ...openJson(left), restored: taken }, [
    `Build ${short(build)} is current${isRepeated ? ' already' : ''}; ${short(bad)} was rolled back`,
    ...leftLines(left),
    ...taken.map(renderTaken),
  ]);
  return taken.every(isBack) ? exitCodes.done : exitCodes.failed;
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
