/** `phase3 why DATE`, `list`, `watch DATE`: where dates are, and why. */
import { Option } from 'commander';
import { newYorkDate } from '../../contracts/new-york';
import type { DateState } from '../../contracts/date-state';
import { describeStandsOn } from '../../contracts/bypass-mark';
import { isTrouble } from '../../contracts/phase3';
import { explainState, type Explanation } from '../../explain/explain-date';
import { linesOf } from '../../explain/explanation-lines';
import { explainRecorded } from '../../explain/explain-record';
import { mergeStandings, type ListedDate } from '../../explain/listed-dates';
import { requireGameDate, requireTimeoutMs } from '../../requests/validate-request';
import type { OpenDate } from '../../client';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { controlOf, exitCodes, withClient, type Context } from '../context';
import { printJson } from '../json';
import { rangeOptionHelp, requireEnds } from '../ranges';
import { renderLine } from '../render';
import { exitCodeOf, exitCodeOfDate } from '../results';
import { within } from '../within';
import { notInTime } from './run';

/** Why a date is where it is: live from its open run, else from the record, which outlives Temporal's. */
async function explain(context: Context, dateText: string): Promise<Explanation> {
  const gameDate = requireGameDate('DATE', dateText, newYorkDate(context.now()));
  return withClient(context, async (client) => {
    const known = await client.state(gameDate);
    const record = await (await controlOf(context)).dateRecord(gameDate);
    if (known?.isOpen) return explainState(known.state, true, record.stale);
    return explainRecorded(gameDate, record);
  });
}

export const addWhy: AddCommand = (root, context) => {
  root
    .command('why')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .description('explain the state of a date: what it needs, what was found, what you can do')
    .option('--json', jsonHelp)
    .action(async (date: string, { json }: JsonOption) => {
      const why = await explain(context, date);
      if (json) printJson(context.print, why);
      else for (const line of renderExplanation(why)) context.print(line);
    });
};

/** The sentence, what can be done, then levels and processors with what they need. */
export function renderExplanation(why: Explanation): string[] {
  return linesOf(why).map(({ depth, text, isAct }) => `${'  '.repeat(depth)}${isAct ? `→ ${text}` : text}`);
}

interface ListOptions {
  readonly blocked?: boolean;
  readonly waiting?: boolean;
  readonly bypassed?: boolean;
  readonly failed?: boolean;
  readonly quarantined?: boolean;
  readonly partial?: boolean;
  readonly pinned?: boolean;
  readonly from?: string;
  readonly to?: string;
}

/** Whether any of the wanted states is the date's; all of them when none is wanted. */
export function isWanted(date: ListedDate, options: ListOptions): boolean {
  const { blocked, waiting, bypassed, failed, quarantined, partial, pinned } = options;
  if (!(blocked || waiting || bypassed || failed || quarantined || partial || pinned)) return true;
  const { state } = date;
  if (blocked && state === 'blocked') return true;
  if (waiting && state === 'waiting') return true;
  if (bypassed && date.bypassed) return true;
  if (pinned && date.pinned.length > 0) return true;
  if (quarantined && state === 'quarantined') return true;
  if (partial && (state === 'partial' || state === 'disputed')) return true;
  // Everything that needs a person and is not merely blocked.
  return failed === true && state !== 'unknown' && state !== 'blocked' && isTrouble(state);
}

export async function listDates(
  context: Context,
  range: string | undefined,
  options: ListOptions,
): Promise<ListedDate[]> {
  const today = newYorkDate(context.now());
  const { from, to } = requireEnds(range, options, today);
  return withClient(context, async (client) => {
    const control = await controlOf(context);
    const recorded = await control.standings(from ?? '1946-11-01', to ?? '9999-12-31');
    const isInside = ({ gameDate }: OpenDate): boolean =>
      gameDate >= (from ?? '') && gameDate <= (to ?? '9999-12-31');
    const open = (await client.open()).filter(isInside);
    return mergeStandings(open, recorded).filter((date) => isWanted(date, options));
  });
}

export const addList: AddCommand = (root, context) => {
  root
    .command('list')
    .argument('[FROM..TO]', rangeOptionHelp)
    .description('list dates with their state; with flags, only dates in one of these states')
    .option('--blocked', 'inputs were still missing at the deadline')
    .option('--waiting', 'waiting for missing inputs')
    .option('--bypassed', 'published with a bypass, a release or an estimate that is not cleared')
    .option('--failed', 'failed, upstream_failed, quarantined, disputed, questioned or abandoned')
    .addOption(new Option('--quarantined', 'rows failed a check'))
    .option('--partial', 'published without some games, or with games that later rows contradict')
    .option('--pinned', 'restored, and kept as it is until `unpin`')
    .option('--from <D>', 'the first date')
    .option('--to <D>', 'the last date')
    .option('--json', jsonHelp)
    .action(async (range: string | undefined, options: JsonOption & ListOptions) => {
      const dates = await listDates(context, range, options);
      if (options.json) printJson(context.print, { dates });
      else if (dates.length === 0) context.say('No dates.');
      else for (const date of dates) context.print(renderListed(date));
    });
};

export function renderListed({
  gameDate,
  state,
  isOpen,
  missing,
  bypassed,
  bypassIds,
  decisions,
  reasons,
  without,
  pinned,
  isStale,
}: ListedDate): string {
  const parts = [
    missing.length > 0 ? `missing ${missing.join(', ')}` : '',
    bypassed ? `on ${describeStandsOn(bypassIds, decisions) || 'a bypass'}` : '',
    without.length > 0 ? `without ${without.join(', ')}` : '',
    pinned.length > 0 ? `pinned ${pinned.join(', ')}` : '',
    isStale ? 'stale, not current any more' : '',
    missing.length === 0 ? (reasons[0] ?? '') : '',
  ].filter(Boolean);
  return `${gameDate}  ${`${state}${isOpen ? ' (open)' : ''}`.padEnd(24)} ${parts.join(' · ')}`.trimEnd();
}

export const addWatch: AddCommand = (root, context, end) => {
  root
    .command('watch')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .description(
      'follow the level log of a date until it ends or is blocked; exit code 3 if it was never run',
    )
    .option('--timeout <DURATION>', 'how long at most, such as 30s or 2h; then exit code 3')
    .option('--json', jsonHelp)
    .action(async (dateText: string, { json, timeout }: JsonOption & { readonly timeout?: string }) => {
      const gameDate = requireGameDate('DATE', dateText, newYorkDate(context.now()));
      const limitMs = timeout === undefined ? null : requireTimeoutMs(timeout);
      const late = (): Error => notInTime(gameDate, timeout === undefined ? {} : { timeout });
      const show = json ? context.say : context.print;
      const last = await withClient(context, async (client) => {
        let shown = 0;
        let state: DateState | null = null;
        for await (const now of within(client.watch(gameDate), limitMs, late)) {
          const { journal, journalDropped } = now;
          for (const line of journal.slice(Math.max(0, shown - journalDropped))) show(renderLine(line));
          shown = journalDropped + journal.length;
          state = now;
        }
        return state;
      });
      const why = await explain(context, gameDate);
      if (json) printJson(context.print, why);
      else for (const line of [why.headline, ...why.acts.map((act) => `  → ${act}`)]) context.print(line);
      if (last) end(exitCodeOfDate(last.runState, last));
      // Temporal has forgotten its run, or never knew one.
      else end(why.state === 'unknown' ? exitCodes.notReady : exitCodeOf([why.state]));
    });
};
