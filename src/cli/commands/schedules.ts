/** `phase3 schedules`: what the code wants against what the server has, and what people do with it. */
import type { Command } from 'commander';
import { identityOf } from '../../contracts/identity';
import { requireNote, requireSchedule, requireWho } from '../../requests/validate-request';
import type { FieldDrift } from '../../schedules/compare-schedules';
import {
  ScheduleKeeper,
  type AppliedSchedule,
  type KeptSchedule,
  type NotedSchedule,
  type UnknownSchedule,
} from '../../schedules/schedule-keeper';
import { wantedSchedules } from '../../schedules/wanted-schedules';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { CommandError, exitCodes, withClient, type Context } from '../context';
import { printJson } from '../json';
import { byHelp } from './control';

interface DecisionOptions extends JsonOption {
  readonly reason: string;
  readonly by?: string;
}

/** So many of the next times are shown. */
const shownTimes = 3;

export const addSchedules: AddCommand = (root, context, end) => {
  const schedules = root
    .command('schedules')
    .description(
      'manage the schedules: the previous night at 06:30 New York time, again at 10:30 and 14:00 if it is not complete; and the sentinel, which verifies the newest dates',
    );
  const add = (name: string, description: string): Command =>
    schedules.command(name).exitOverride().description(description).option('--json', jsonHelp);

  add('apply', 'create missing schedules and correct those that differ from the code; deletes none')
    .argument('[NAME]', 'a schedule, as `schedules list` names it; all schedules if none is named')
    .action(async (name: string | undefined, { json }: JsonOption) => {
      const report = await withKeeper(context, (keeper) => keeper.apply(namesOf(context, name)));
      if (json)
        printJson(context.print, {
          schedules: report.schedules.map(({ drift, ...rest }) => ({ ...rest, differences: drift })),
          unknown: report.unknown,
        });
      else for (const line of report.schedules.flatMap(renderApplied)) context.print(line);
      // Where the document goes to a script, a person still wants to be told.
      for (const line of report.unknown.map(renderUnknown)) (json ? context.say : context.print)(line);
    });

  add('list', 'list the next times, pauses, and differences between server and code').action(
    async ({ json }: JsonOption) => {
      const { schedules: kept, unknown } = await withKeeper(context, (keeper) => keeper.list());
      if (json) printJson(context.print, { schedules: kept.map(keptJson), unknown });
      else
        for (const line of [...kept.flatMap(renderKept), ...unknown.map(renderUnknown)]) context.print(line);
    },
  );

  for (const verb of ['pause', 'resume'] as const)
    add(
      verb,
      verb === 'pause'
        ? 'pause a schedule, or all schedules if none is named'
        : 'resume a schedule, or all schedules if none is named',
    )
      .argument('[NAME]', 'a schedule, as `schedules list` names it')
      .requiredOption('--reason <TEXT>', 'why; recorded on the schedule')
      .option('--by <WHO>', byHelp)
      .action(async (name: string | undefined, options: DecisionOptions) => {
        const names = namesOf(context, name);
        const [by, reason] = [requireWho(options.by ?? context.config.user), requireNote(options.reason)];
        const decided = await withKeeper(context, (keeper) => keeper[verb](names, by, reason));
        if (options.json) printJson(context.print, { schedules: decided });
        else for (const line of decided.flatMap(renderDecided)) context.print(line);
        end(decided.some(({ missing }) => missing) ? exitCodes.failed : exitCodes.done);
      });

  add('trigger', 'run a schedule once now, paused or not; a nightly one for yesterday in New York')
    .argument('<NAME>', 'a schedule, as `schedules list` names it')
    .action(async (text: string, { json }: JsonOption) => {
      const name = requireSchedule(text, knownNames(context));
      const { missing, workflowId } = await withKeeper(context, (keeper) => keeper.trigger(name));
      if (missing) throw new CommandError(`${name} ${notThere}`);
      if (json) printJson(context.print, { name, workflowId });
      else if (workflowId) context.print(`${name}: started as ${workflowId}`);
      else context.print(`${name}: accepted; the server has not started it yet`);
    });
};

const notThere = 'is not on the server. `phase3 schedules apply` creates it.';

/** Runs `work` on the schedules of this home's deployment. */
function withKeeper<T>(context: Context, work: (keeper: ScheduleKeeper) => Promise<T>): Promise<T> {
  return withClient(context, (_client, raw) =>
    work(new ScheduleKeeper(raw.schedule, identityOf(context.config.datasetPrefix), context.config.sentinel)),
  );
}

function knownNames({ config }: Context): string[] {
  const wanted = wantedSchedules(identityOf(config.datasetPrefix), config.sentinel);
  return wanted.map(({ scheduleId }) => scheduleId);
}

/** The one that is named, or all. */
function namesOf(context: Context, name: string | undefined): string[] {
  return name === undefined ? knownNames(context) : [requireSchedule(name, knownNames(context))];
}

const newYorkClock = new Intl.DateTimeFormat('en-CA', {
  ...{ timeZone: 'America/New_York', hourCycle: 'h23', timeZoneName: 'short' },
  ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
});

/** `2026-01-15 06:30 EST`. */
function inNewYork(at: Date): string {
  const parts = Object.fromEntries(newYorkClock.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts['year']}-${parts['month']}-${parts['day']} ${parts['hour']}:${parts['minute']} ${parts['timeZoneName']}`;
}

function keptJson({ name, missing, next, paused, note, drift }: KeptSchedule): unknown {
  return {
    ...{ name, missing, paused, note },
    next: next.slice(0, shownTimes).map((at) => ({ newYork: inNewYork(at), utc: at.toISOString() })),
    drift: drift.length > 0,
    differences: drift,
  };
}

function renderKept({ name, missing, next, paused, note, drift }: KeptSchedule): string[] {
  if (missing) return [`${name}: missing. \`phase3 schedules apply\` creates it.`];
  return [
    `${name}: ${paused ? `paused${note ? ` (${note})` : ''}` : 'on'}, differs from the code: ${drift.length > 0 ? 'yes' : 'no'}`,
    ...(note && !paused ? [`  note     ${note}`] : []),
    ...next
      .slice(0, shownTimes)
      .map((at) => `  ${paused ? 'would be' : 'next    '} ${inNewYork(at)} (${at.toISOString()})`),
    ...drift.map((field) => `  differs  ${inOneLine(field)}`),
    ...(drift.length > 0 ? ['  `phase3 schedules apply` corrects it.'] : []),
  ];
}

function renderApplied({ name, outcome, drift, paused, note }: AppliedSchedule): string[] {
  const fields = drift.map(({ field }) => field).join(', ');
  const stays = paused ? `; still paused${note ? ` (${note})` : ''}` : '';
  return [
    `${name}: ${outcome}${fields ? ` (${fields})` : ''}${stays}`,
    ...drift.map((field) => `  ${inOneLine(field)}`),
  ];
}

function renderDecided({ name, missing, paused, note, before }: NotedSchedule): string[] {
  if (missing) return [`${name} ${notThere}`];
  const earlier = before?.note ? [`  before: ${before.note}`] : [];
  return [`${name}: ${paused ? 'paused' : 'on'} (${note ?? 'without a note'})`, ...earlier];
}

function renderUnknown({ name, workflowType, paused }: UnknownSchedule): string {
  return `${name}: not a schedule of this configuration (it starts ${workflowType}${paused ? ', paused' : ''}); left alone. \`temporal schedule delete\` removes it.`;
}

function inOneLine({ field, wanted, found }: FieldDrift): string {
  return `${field}: wanted ${wanted}, found ${found}`;
}
