/** `phase3 deploy status`: which build is current, which still have runs and workers, and the last decisions. */
import { pinnedByRollback } from '../../builds/published-by';
import { short } from '../../builds/take-over';
import { jsonHelp, type JsonOption } from '../command-types';
import {
  decisionsOfDeployment,
  manifestsOf,
  pollersOf,
  withDeployment,
  workersOf,
  type AddToDeploy,
  type Deployment,
} from '../deployment';
import { printJson } from '../json';

export const addDeployStatus: AddToDeploy = (group, context) => {
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

async function statusOf({ context, versions }: Deployment) {
  const deployed = await versions.look();
  const runs = await versions.openRuns();
  const pollers = await versions.pollers();
  return {
    current: deployed.current,
    versions: deployed.versions.map((version) => ({
      ...version,
      openRuns: runs.filter(({ build }) => build === version.build).length,
      workers: workersOf(pollers, version.build),
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
      ({ build, status, openRuns, workers, currentSince, rolledBack }) =>
        `  ${build}  ${status}, open runs ${openRuns}, ${pollersOf(workers)}${currentSince ? `, current from ${currentSince}` : ''}${rolledBack ? `, rolled back by ${rolledBack.by}: ${rolledBack.reason}` : ''}`,
    ),
    `decisions  ${decisions.length === 0 ? 'none' : ''}`,
    ...decisions.map(
      ({ at, kind, build, by, reason }) => `  ${at}  ${kind} ${short(build)} by ${by}: ${reason}`,
    ),
    `pinned     ${pinned.length === 0 ? 'nothing by a rollback' : ''}`,
    ...pinned.map(({ gameDate, processors }) => `  ${gameDate}  ${processors.join(', ')}`),
  ];
}
