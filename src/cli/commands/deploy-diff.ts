/** `phase3 deploy diff`: what a canary has found to differ from what is live; `--accept` says that it is meant so. */
import {
  accept,
  canaryReports,
  readDifferences,
  writeCanaryReport,
  type CanaryReport,
  type RowDifference,
  type RowDifferences,
} from '../../deploy/canary-report';
import { requireReason, requireWho } from '../../requests/validate-request';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { badInput, CommandError, type Context } from '../context';
import { printJson } from '../json';
import { tableOf as frameOf } from './diff-live';

interface DiffOptions extends JsonOption {
  readonly accept?: boolean;
  readonly reason?: string;
  readonly by?: string;
}

/** Differences that are shown. */
const mostShown = 40;

export const addDeployDiff: AddCommand = (group, context) => {
  group
    .command('diff')
    .argument('[BUILD]', 'a build that had a canary, by its id or how that begins (default: the last one)')
    .description('show the rows and columns in which a build differs from what is live, or accept them')
    .option('--accept', 'the differences are meant so: with --reason, the build may become live')
    .option('--reason <TEXT>', 'with --accept: why; goes into the audit when the build becomes live')
    .option('--by <WHO>', 'with --accept: who accepts them (by default you)')
    .option('--json', `${jsonHelp}; all that was kept is in it`)
    .action(async (build: string | undefined, options: DiffOptions) => {
      const decided = requireDecided(context, options);
      const report = await reportOf(context, build);
      const known = decided ? await record(context, report, decided) : report;
      const differences = await keptOf(context, report.build);
      if (options.json) printJson(context.print, { report: known, ...differences });
      else for (const line of render(known, differences)) context.print(line);
    });
};

type Acceptance = NonNullable<CanaryReport['accepted']>;

/** Who accepts, and why; null where nobody does. */
function requireDecided({ config }: Context, options: DiffOptions): Acceptance | null {
  if (!options.accept) {
    if ((options.reason ?? options.by) !== undefined)
      throw badInput('--reason and --by belong to --accept, which is not given.');
    return null;
  }
  return {
    by: requireWho(options.by ?? config.user),
    reason: requireReason(options.reason ?? ''),
    at: new Date().toISOString(),
  };
}

async function reportOf({ config }: Context, begins: string | undefined): Promise<CanaryReport> {
  const fitting = await canaryReports(config.home, begins);
  const [report] = fitting.slice(-1);
  if (!report)
    throw badInput(
      begins === undefined
        ? 'No build has had a canary. `phase3 deploy canary` runs one.'
        : `BUILD is "${begins}", which has had no canary. \`phase3 deploy canary --build BUILD\` runs one.`,
    );
  const builds = fitting.map(({ build }) => build);
  // A tree that was changed has the commit's id with a hash behind it: the whole id names one.
  if (begins === undefined || builds.length === 1) return report;
  const exact = fitting.find(({ build }) => build === begins);
  if (exact) return exact;
  throw badInput(`BUILD is "${begins}", with which ${builds.join(' and ')} begin. Name one.`);
}

async function record({ config }: Context, report: CanaryReport, by: Acceptance): Promise<CanaryReport> {
  if (report.differences === 0)
    throw badInput(`Build ${report.build} differs in nothing; there is nothing to accept.`);
  const accepted = accept(report, by);
  await writeCanaryReport(config.home, accepted);
  return accepted;
}

async function keptOf({ config }: Context, build: string): Promise<RowDifferences> {
  const kept = await readDifferences(config.home, build);
  if (kept) return kept;
  throw new CommandError(
    `The differences of build ${build} are not there. \`phase3 deploy canary\` finds them again.`,
  );
}

function render(report: CanaryReport, { differences, left_out: leftOut }: RowDifferences): string[] {
  const { build, base, accepted, dates } = report;
  const against = `Build ${build} against ${base ?? 'what is live'}, on ${dates.join(', ')}`;
  const note = accepted ? [`Accepted by ${accepted.by} at ${accepted.at}: ${accepted.reason}`] : [];
  if (report.differences === 0) return [`${against}: no difference`, ...note];
  const more = differences.length + leftOut - Math.min(differences.length, mostShown);
  return [
    `${against}: ${report.differences} differences`,
    ...note,
    ...columnCounts(differences),
    ...frameOf(['table', 'date', 'row', 'column', 'old', 'new'], differences.slice(0, mostShown).map(lineOf)),
    ...(more > 0
      ? [`  ${more} more; --json has ${leftOut > 0 ? `${differences.length} of them` : 'them all'}`]
      : []),
  ];
}

/** How often each column differs, which says more of a formula than any row. */
function columnCounts(differences: readonly RowDifference[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind, table, column } of differences) {
    const what = `${table}, ${column ?? (kind === 'only_live' ? 'rows that are only live' : 'rows that are only new')}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([what, count]) => `  ${what}: ${count}`);
}

function lineOf({ kind, table, game_date: date, key, column, old, new: now }: RowDifference): string[] {
  const row = Object.entries(key).flatMap(([name, value]) => (name === 'game_date' ? [] : [String(value)]));
  const whole = {
    changed: null,
    column: ['not live', 'new column'],
    only_live: ['there', '-'],
    only_new: ['-', 'there'],
  }[kind];
  return [table, date, row.join(' '), column ?? '', ...(whole ?? [textOf(old), textOf(now)])];
}

function textOf(cell: unknown): string {
  return cell === null ? 'empty' : typeof cell === 'string' ? cell : JSON.stringify(cell);
}
