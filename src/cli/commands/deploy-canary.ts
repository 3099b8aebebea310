/** `phase3 deploy canary`: a build on a cohort of recent dates, in a shadow, held against what is live. */
import {
  canaryReportPath,
  writeCanaryReport,
  writeDifferences,
  type CanaryReport,
  type CriterionResult,
} from '../../deploy/canary-report';
import { runCanary, type CanaryOutcome } from '../../deploy/canary';
import { watchNight } from '../../deploy/watch-night';
import { newYorkDate } from '../../contracts/new-york';
import { requireGameDate } from '../../requests/validate-request';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { badInput, CommandError, controlOf, exitCodes, type Context, type ExitCode } from '../context';
import { printJson } from '../json';
import { namedBuildHelp, requireBuildIn, requireNamedBuild } from '../named-build';
import { ownPackage } from '../own-package';
import { tryInShadow } from '../try-in-shadow';
import { tableOf as frameOf } from './diff-live';

interface CanaryOptions extends JsonOption {
  readonly dates?: string;
  readonly build?: string;
  readonly watch?: string;
}

export const addDeployCanary: AddCommand = (group, context, end) => {
  group
    .command('canary')
    .description(
      'run a build on a cohort of recent dates in a shadow, and compare rows, errors and times with what is live; exit code 1 when it must not become live',
    )
    .option('--dates <K>', 'so many dates, from 1 to 30 (by default a tenth of the 30 newest, at least 3)')
    .option(
      '--build <BUILD>',
      `the build to be tried: ${namedBuildHelp} (by default the one of this command)`,
    )
    .option(
      '--watch <DATE>',
      'try nothing: hold a live night of the build that runs against the criteria; exit code 3 before it has ended',
    )
    .option('--json', jsonHelp)
    .action(async (options: CanaryOptions) => {
      if (options.watch !== undefined) {
        end(await watch(context, options.watch, options));
        return;
      }
      const outcome = await canary(context, options);
      if (options.json) printJson(context.print, { report: outcome.report, cohort: outcome.cohort });
      else for (const line of renderReport(context, outcome.report)) context.print(line);
      if (outcome.report.verdict === 'stop') end(exitCodes.failed);
    });
};

/** Looks at one night that the build that is live has run. */
async function watch(
  context: Context,
  text: string,
  { dates, build, json }: CanaryOptions,
): Promise<ExitCode> {
  if ((dates ?? build) !== undefined)
    throw badInput('--watch looks at what is live; --dates and --build belong to a canary.');
  const gameDate = requireGameDate('--watch', text, newYorkDate(context.now()));
  const live = await controlOf(context);
  const running = (await live.health())?.build.id ?? null;
  if (running === null) throw new CommandError('The worker that is up does not say which build it is.');
  const night = await watchNight(live, gameDate, running);
  if (!night)
    throw new CommandError(`${gameDate} has not ended yet. Look again when it has.`, exitCodes.notReady);
  if (json) printJson(context.print, night);
  else
    for (const line of [
      `${gameDate}, by build ${running}: ${night.verdict}`,
      ...renderCriteria(night.criteria),
    ])
      context.print(line);
  return night.verdict === 'stop' ? exitCodes.failed : exitCodes.done;
}

/** Runs it and keeps what it has found in the home. */
async function canary(context: Context, options: CanaryOptions): Promise<CanaryOutcome> {
  const size = requireSize(options.dates);
  const { config, say } = context;
  const { id: build, folder } =
    options.build === undefined
      ? requireBuildIn(ownPackage)
      : await requireNamedBuild(config.home, '--build', options.build);
  const live = await controlOf(context);
  const now = (): Date => new Date();
  return tryInShadow(async (signal) => {
    const outcome = await runCanary({ config, live, folder, build, size, say, now, signal });
    signal.throwIfAborted();
    await writeDifferences(config.home, outcome.differences);
    await writeCanaryReport(config.home, outcome.report);
    return outcome;
  });
}

function requireSize(text: string | undefined): number | null {
  if (text === undefined) return null;
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < 1 || size > 30)
    throw badInput(`--dates is "${text}", expected a whole number from 1 to 30.`);
  return size;
}

/** The verdict, and what each criterion says. */
function renderReport({ config }: Context, report: CanaryReport): string[] {
  const { build, base, dates, verdict, criteria } = report;
  return [
    `Build ${build} against ${base ?? 'a build that does not say which it is'}, on ${dates.join(', ')}: ${verdict}`,
    ...renderCriteria(criteria),
    `Recorded in ${canaryReportPath(config.home, build)}; \`phase3 deploy diff\` shows the differences.`,
  ];
}

function renderCriteria(criteria: readonly CriterionResult[]): string[] {
  return [
    ...frameOf(
      ['criterion', 'says', 'figure', 'limit'],
      criteria.map(({ name, verdict: says, figure, limit }) => [
        name,
        says,
        String(figure ?? 'not measured'),
        String(limit),
      ]),
    ),
    ...criteria.map(({ name, detail }) => `${name}: ${detail}`),
  ];
}
