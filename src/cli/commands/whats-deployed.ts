/** `phase3 whats-deployed`: the build of each process of this home, how far it is from main, and what does not fit. */
import { spawnSync } from 'node:child_process';
import { readBuildInfo } from '../../config/build-info';
import { identityOf } from '../../contracts/identity';
import { driftOf, type RunningProcess } from '../../builds/drift';
import { DeploymentVersions } from '../../builds/versions';
import { isAlive } from '../../stack/processes';
import { servingAt } from '../../stack/status';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { exitCodes, withClient, type Context } from '../context';
import { pollersOf, workersOf } from '../deployment';
import { printJson } from '../json';

export const addWhatsDeployed: AddCommand = (root, context, end) => {
  root
    .command('whats-deployed')
    .description('show the build of each process and what does not fit; exit code 1 where something does not')
    .option('--json', jsonHelp)
    .action(async ({ json }: JsonOption) => {
      const found = await lookAround(context);
      if (json) printJson(context.print, found);
      else for (const line of render(found)) context.print(line);
      if (found.drift.length > 0) end(exitCodes.failed);
    });
};

function lookAround(context: Context) {
  return withClient(context, async (_, raw) => {
    const versions = new DeploymentVersions(raw, identityOf(context.config.datasetPrefix));
    const deployed = await versions.look();
    const runs = (await versions.openRuns()).flatMap(({ build }) => build ?? []);
    const pollers = await versions.pollers();
    const polled = pollers.flatMap(({ build }) => build ?? []);
    const processes = await processesOf(context);
    return {
      current: deployed.current,
      processes,
      versions: deployed.versions.map(({ build, status, ramp }) => ({
        ...{ build, status, ramp },
        openRuns: runs.filter((one) => one === build).length,
        workers: workersOf(pollers, build),
      })),
      drift: driftOf({ processes, current: deployed.current, open: runs, polled }),
    };
  });
}

async function processesOf({ stack }: Context): Promise<RunningProcess[]> {
  const own = readBuildInfo();
  const health = await (await stack.control())?.health();
  const { olderWorkers = {}, gateway } = await stack.home.readStack();
  const serving = gateway ? await servingAt(gateway.url) : null;
  const older: RunningProcess[] = [];
  for (const [build, started] of Object.entries(olderWorkers))
    if (await isAlive(started)) older.push({ ...of('workflow-worker', build), ...unknown });
  const theirs = Object.entries(health?.build.processors ?? {});
  return [
    { ...of('cli', own.id), sources: own.sources, schema: own.schema, lock: own.lock },
    ...(health
      ? [
          {
            ...of('worker', health.build.id),
            sources: Object.fromEntries(theirs.map(([name, { source_hash: hash }]) => [name, hash])),
            schema: health.build.schema,
            lock: health.build.lock,
          },
        ]
      : []),
    ...(serving ? [{ ...of('gateway', serving.build), ...unknown }] : []),
    ...older,
  ];
}

/** What a process that builds nothing does not say. */
const unknown = { sources: null, schema: null, lock: null };

function of(name: string, build: string | null): Pick<RunningProcess, 'name' | 'build' | 'behindMain'> {
  return { name, build, behindMain: build === null ? null : behindMain(build) };
}

/** Commits on main that the build's commit has not. */
function behindMain(build: string): number | null {
  const [commit = ''] = build.split('+');
  const { status, stdout } = spawnSync(
    'git',
    ['-C', __dirname, 'rev-list', '--count', `${commit}..main`, '--'],
    {
      encoding: 'utf8',
    },
  );
  return status === 0 ? Number(stdout.trim()) : null;
}

function render({ current, processes, versions, drift }: Awaited<ReturnType<typeof lookAround>>): string[] {
  return [
    `current    ${current ?? 'none'}`,
    ...processes.map(
      ({ name, build, behindMain: behind }) =>
        `${name.padEnd(16)} ${build ?? 'not built'}${behind === null ? '' : `, main is ${behind} commits ahead`}`,
    ),
    ...versions.map(
      ({ build, status, ramp, openRuns, workers }) =>
        `  ${build}  ${status}${ramp > 0 ? `, ramp ${ramp} %` : ''}, open runs ${openRuns}, ${pollersOf(workers)}`,
    ),
    ...(drift.length === 0 ? ['All fit together.'] : drift),
  ];
}
