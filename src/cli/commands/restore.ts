/** `phase3 restore` and `unpin`: brings back what was live before, keeps it, and lets it be built again. */
import type { Phase3Client } from '../../client';
import { describeStandsOn } from '../../contracts/bypass-mark';
import type { RestoreWanted } from '../../contracts/messages';
import type { ProcessorName } from '../../contracts/phase3';
import { describePin } from '../../contracts/pin';
import { addDays } from '../../contracts/game-date';
import { newYorkDate } from '../../contracts/new-york';
import type { PreviewedTable, RestorePreview } from '../../control/protocol';
import { readRestore, readUnpin } from '../../requests/restore';
import {
  InvalidRequestError,
  requireInstant,
  requireKept,
  requireProcessor,
  requireRange,
  requireReason,
  requireVersion,
  requireWho,
} from '../../requests/validate-request';
import { jsonHelp, withWait, type AddCommand, type JsonOption, type WaitOptions } from '../command-types';
import { badInput, controlOf, exitCodes, overridesOf, type Context, type ExitCode } from '../context';
import { printJson } from '../json';
import {
  byHelp,
  dryRunHelp,
  reasonHelp,
  requireDecision,
  requireWorker,
  type Asker,
  type Decision,
  type DecisionOptions,
} from './control';
import { showForeseen } from '../foreseen';
import { renderDifference } from './diff';
import { outcomeJson, sendAndShow, sendOne, showOutcome, type RunOutcome } from './run';

export interface RestoreOptions extends DecisionOptions {
  readonly processor?: string;
  /** Number of the kept version. */
  readonly to?: string;
  readonly before?: string;
}

export interface RestoreDecision {
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly reason: string;
  readonly wanted: RestoreWanted;
}

/** The dates, what is restored, who decides and why; throws for what is wrong. */
export function requireRestore(asker: Asker, dates: string, options: RestoreOptions): RestoreDecision {
  const range = requireRange('DATE', dates, newYorkDate(asker.now()));
  const { processor, to: version, before } = options;
  const found = readRestore(
    {
      ...(processor === undefined ? {} : { processor: requireProcessor(processor, '--processor') }),
      ...(version === undefined ? {} : { version: requireVersion(version) }),
      ...(before === undefined ? {} : { before: requireInstant(before, '--before', new Date()) }),
    },
    { processor: '--processor', version: '--to', before: '--before' },
  );
  if (!found.ok) throw new InvalidRequestError(found.faults);
  if (range.from !== range.to && !('before' in found.value))
    throw badInput(
      `--to is the number of a version of one date, and ${dates} are several: --before restores a range.`,
    );
  const by = requireWho(options.by ?? asker.config.user);
  return { ...range, by, reason: requireReason(options.reason), wanted: found.value };
}

interface ShownOptions extends JsonOption, WaitOptions {
  readonly dryRun?: boolean;
}

/** What came of one date, and how the command would end if it were the only one. */
interface RestoredDate {
  readonly code: ExitCode;
  readonly json: object;
}

export const addRestore: AddCommand = (root, context, end) => {
  withWait(
    root
      .command('restore')
      .argument('<DATE|FROM..TO>', 'a game date, YYYY-MM-DD, or several, both ends included')
      .description('bring back what was live before, with what stands on it, and keep it until `unpin`')
      .option('--processor <P>', 'the processor whose table is restored')
      .option('--to <VERSION>', 'number of its version to restore')
      .option('--before <INSTANT>', 'restore of every table what was live just before this instant')
      .requiredOption('--reason <TEXT>', reasonHelp)
      .option('--by <WHO>', byHelp)
      .option('--dry-run', dryRunHelp),
  )
    .option('--json', jsonHelp)
    .action(async (dates: string, options: RestoreOptions & ShownOptions) => {
      const decision = requireRestore(context, dates, options);
      if (!options.dryRun) await requireWorker(context, decision.from);
      const found: RestoredDate[] = [];
      for (let gameDate = decision.from; gameDate <= decision.to; gameDate = addDays(gameDate, 1))
        found.push(await restoreDate(context, gameDate, decision, options));
      if (options.json)
        printJson(
          context.print,
          found.length === 1 ? found[0]?.json : { dates: found.map(({ json }) => json) },
        );
      end(worstOf(found.map(({ code }) => code)));
    });
};

/** Restores one date, or shows what that would do. What is not possible, or needless, is said before anything is sent. */
export async function restoreDate(
  context: Context,
  gameDate: string,
  { wanted, by, reason }: RestoreDecision,
  options: ShownOptions,
): Promise<RestoredDate> {
  const control = await controlOf(context);
  const print = options.json ? context.say : context.print;
  if ('version' in wanted)
    requireKept((await control.dateRecord(gameDate)).partition_manifest, { gameDate, ...wanted });
  const preview = await control.previewRestore({ game_date: gameDate, ...wanted });
  if (options.dryRun || preview.kind !== 'planned') {
    if (!options.json) for (const line of renderPreview(preview)) print(line);
    return { code: preview.kind === 'refused' ? exitCodes.failed : exitCodes.done, json: preview };
  }
  const ask = (client: Phase3Client) => client.restore({ gameDate, by, reason, ...wanted });
  const outcome: RunOutcome = await sendOne(context, ask, options);
  const code = showOutcome({ ...context, print }, outcome, { wait: options.wait });
  return { code, json: outcomeJson(outcome) };
}

/** The one that most needs a person: a failure first, then what is not ready, then what is partial. */
function worstOf(codes: readonly ExitCode[]): ExitCode {
  const order = [exitCodes.badInput, exitCodes.failed, exitCodes.notReady, exitCodes.partial];
  return order.find((code) => codes.includes(code)) ?? exitCodes.done;
}

/** What a restore would do, for people. */
function renderPreview(preview: RestorePreview): string[] {
  const { gameDate } = preview;
  if (preview.kind !== 'planned') {
    const what = preview.kind === 'nothing' ? 'nothing to restore' : 'cannot be restored';
    return [`${gameDate}: ${what}: ${preview.why}.`];
  }
  return [`${gameDate}: nothing is changed; a restore would do this`, ...preview.tables.flatMap(renderTable)];
}

function renderTable(previewed: PreviewedTable): string[] {
  const { table, live, restores, becomes, difference, pin, bypassIds, restoredBypassIds, decisions } =
    previewed;
  const readers = previewed.standsOnIt.map((one) => `${one.table} version ${one.version}`);
  return [
    restores === null
      ? `${table}: version ${live} is built again, because no kept version stands on what is restored`
      : `${table}: version ${restores} is published again as version ${becomes ?? 0}, in place of version ${live}, and pinned`,
    ...(readers.length > 0 ? [`  stands on it: ${readers.join(', ')}`] : []),
    ...(pin ? [`  its pin is replaced: ${describePin(pin)}`] : []),
    ...(bypassIds.length > 0 ? [`  live now with ${describeStandsOn(bypassIds, decisions)}`] : []),
    ...(restoredBypassIds.length > 0
      ? [`  restored with ${describeStandsOn(restoredBypassIds, decisions)}`]
      : []),
    ...(difference ? renderDifference(difference).map((line) => `  ${line}`) : []),
  ];
}

interface UnpinOptions extends DecisionOptions, ShownOptions {
  readonly processor?: string;
}

export const addUnpin: AddCommand = (root, context, end) => {
  withWait(
    root
      .command('unpin')
      .argument('<DATE>', 'a game date, YYYY-MM-DD')
      .description(
        'build what a restore has pinned from its present inputs; until that is published, the pin holds',
      )
      .option('--processor <P>', 'only this processor (default: every one that is pinned)')
      .requiredOption('--reason <TEXT>', reasonHelp)
      .option('--by <WHO>', byHelp)
      .option('--dry-run', dryRunHelp),
  )
    .option('--json', jsonHelp)
    .action(async (date: string, options: UnpinOptions) => {
      const decision = requireDecision(context, date, options);
      const processor =
        options.processor === undefined ? undefined : requireProcessor(options.processor, '--processor');
      await requireWorker(context, decision.gameDate);
      const record = await (await controlOf(context)).dateRecord(decision.gameDate);
      const named = { gameDate: decision.gameDate, processor };
      const found = readUnpin(record.partition_manifest, named, { date: 'DATE', processor: '--processor' });
      if (!found.ok) throw new InvalidRequestError(found.faults);
      if (options.dryRun) return foreseeUnpin(context, decision, found.value, options);
      const request = { ...decision, processors: found.value, overrides: overridesOf(context.config) };
      end(await sendAndShow(context, (client) => client.unpin(request), options));
    });
};

/** What would be built of what is pinned, if it were not. */
async function foreseeUnpin(
  context: Context,
  { gameDate, by, reason }: Decision,
  processors: readonly ProcessorName[],
  options: JsonOption,
): Promise<void> {
  const tables = await (
    await controlOf(context)
  ).foresee({
    game_date: gameDate,
    unpin: { processors: [...processors], by, reason },
    ...{ overrides: overridesOf(context.config), past_deadline: false },
  });
  showForeseen(context, gameDate, tables, options);
}
