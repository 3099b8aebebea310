/** What `phase3 deploy check` looks at: the source by what its scripts have found, and the deployment by what `doctor` looks at. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readBuildInfo } from '../config/build-info';
import { codeOf, type BuildInfo } from '../contracts/code-identity';
import type { Health } from '../control/protocol';
import { readCanaryReport } from '../deploy/canary-report';
import { readResult, whyStale, type Result, type ResultName } from '../deploy/results';
import { processors } from '../plan/registry';
import type { Context } from './context';
import { examine, type Finding } from './doctor';

type Found = Omit<Finding, 'name'>;

const ok = (detail: string): Found => ({ status: 'ok', detail, act: null });
const fail = (detail: string, act: string): Found => ({ status: 'fail', detail, act });

/** Whatever is asked of a result, with what it is called. */
interface SourceCheck {
  readonly name: string;
  readonly result: ResultName;
  readonly command: string;
  readonly judge: (result: Result) => Found;
}

const replayed = 'test/replay/replay.test.ts';

const sourceChecks: readonly SourceCheck[] = [
  { name: 'types', result: 'check', command: 'npm run check', judge: byScripts('typecheck') },
  {
    name: 'lint',
    result: 'check',
    command: 'npm run check',
    judge: byScripts('lint', 'lint:deps', 'lint:names', 'lint:unused', 'format:check', 'docs:check'),
  },
  { name: 'lock', result: 'check', command: 'npm run check', judge: byScripts('lint:lock') },
  {
    name: 'tests',
    result: 'tests',
    command: 'npm test',
    judge: ({ figures: { passed, failed, skipped, filesNotRun } }) =>
      failed === 0 && filesNotRun === 0
        ? ok(`${passed} passed, ${skipped} skipped`)
        : fail(`${failed} failed, ${filesNotRun} files were not run`, '`npm test`'),
  },
  {
    name: 'replay',
    result: 'tests',
    command: `npm test -- ${replayed}`,
    judge: ({ files }) => {
      const replay = files?.[replayed];
      if (!replay) return fail('recorded histories were not replayed', `\`npm test -- ${replayed}\``);
      return replay.failed === 0 && replay.passed > 0
        ? ok(`${replay.passed} tests: every recorded history replays`)
        : fail(
            `${replay.failed} do not replay, so open runs would not go on`,
            `\`npm test -- ${replayed}\` names them`,
          );
    },
  },
];

/** Which of the scripts of `npm run check` have failed. */
function byScripts(...names: readonly string[]) {
  return ({ figures }: Result): Found => {
    const bad = names.filter((name) => figures[name] !== true);
    return bad.length === 0
      ? ok(names.join(', '))
      : fail(`${bad.join(', ')} failed`, bad.map((name) => `\`npm run ${name}\``).join(' and '));
  };
}

/** Everything, the source first. `root`: the package. */
export async function checkDeployment(context: Context, root: string, now: Date): Promise<Finding[]> {
  const build = readBuildInfo();
  const health = (await (await context.stack.control())?.health()) ?? null;
  return [
    stamped(build),
    ...sourceChecks.map((check) => sourceFinding(check, root, build.commit, now)),
    { name: 'configuration', ...ok(describeConfiguration(context)) },
    ...(await examine(context)),
    { name: 'registry', ...registryFound(build, health) },
    { name: 'schema', ...(await schemaFound(context, build, health)) },
  ];
}

function stamped({ commit }: BuildInfo): Finding {
  return {
    name: 'build',
    ...(commit === null
      ? fail('it does not say which commit it is of', 'build it where git is, or with PHASE3_COMMIT')
      : ok(commit)),
  };
}

function sourceFinding(check: SourceCheck, root: string, build: string | null, now: Date): Finding {
  const { name, result: of, command, judge } = check;
  const result = readResult(root, of);
  const stale = whyStale(result, build, now);
  if (result && stale === null) {
    const found = judge(result);
    return { name, ...found, detail: `${found.detail} (${result.at})` };
  }
  // An installed package may carry the results of the tree that it was made of.
  const isSource = existsSync(join(root, 'scripts', 'check.mjs')) && existsSync(join(root, 'test'));
  if (!isSource)
    return {
      name,
      ...fail(
        `not checked here: there is no source tree, and ${stale ?? ''}`,
        `ship ${join('results', `${of}.json`)} with the build, or run this where it was built`,
      ),
    };
  return { name, ...fail(stale ?? '', `\`${command}\`, and build before it if the tree has changed`) };
}

/** That this command runs at all says that the environment is valid: every fault of it is named together, at the start. */
function describeConfiguration({ config }: Context): string {
  const { warehouse, datasetPrefix, home } = config;
  const where = warehouse.kind === 'bigquery' ? `bigquery, ${warehouse.projectId}` : 'duckdb';
  return `${where}${datasetPrefix === null ? '' : `, prefix ${datasetPrefix}`}, home ${home}`;
}

/** What becomes of published dates: the versions of the processors beside those that run. */
function registryFound(build: BuildInfo, health: Health | null): Found {
  if (!health) return fail('no worker answers, so nobody knows what is live', '`phase3 up` starts it');
  const theirs = health.build.processors;
  const moved = processors.flatMap((processor) => {
    const [before, after] = [theirs[processor.name], codeOf(processor, build)];
    if (!before) return [`${processor.name} is new`];
    if (before.version !== after.version)
      return [
        `${processor.name} goes from ${before.version} to ${after.version}: published dates are built again`,
      ];
    return before.source_hash === after.sourceHash
      ? []
      : [`${processor.name} was rewritten under ${after.version}: its rows must be the same`];
  });
  const gone = Object.keys(theirs).filter((name) => !processors.some((one) => one.name === name));
  const said = [...moved, ...gone.map((name) => `${name} is gone`)];
  if (said.length === 0) return ok('every processor is as it is live');
  return { status: 'warn', detail: said.join('; '), act: '`phase3 deploy canary` shows what that changes' };
}

/** Whether the warehouse is as this code declares it. What runs is looked at by `doctor`; another build by its canary, on a copy. */
async function schemaFound({ config }: Context, build: BuildInfo, health: Health | null): Promise<Found> {
  if (!health || build.id === null) return fail('nothing to compare with', '`phase3 up` starts the worker');
  if (health.build.id === build.id) return ok('this build runs; see `warehouse`');
  const report = await readCanaryReport(config.home, build.id);
  if (!report)
    return fail(
      'this build has not been tried on the warehouse',
      '`phase3 deploy canary` starts it on a copy',
    );
  // A shadow there has tables of its own.
  if (config.warehouse.kind === 'bigquery')
    return {
      status: 'warn',
      detail:
        'not checked here: the live tables in BigQuery are looked at when a worker of this build starts',
      act: 'the worker names what is not as declared, and ends',
    };
  const errors = report.criteria.find(({ name }) => name === 'errors');
  return errors?.figure === 0
    ? ok(`the canary of ${report.at} has started on a copy, and made what was missing`)
    : fail(`the canary of ${report.at} had errors: ${errors?.detail ?? 'unknown'}`, '`phase3 deploy canary`');
}
