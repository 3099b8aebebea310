/** `phase3 bypass`, `rerun`, `recheck`, `extend` and `cancel`: what people decide about a date. Each says who and why. */
import type { Command } from 'commander';
import type { Phase3Client } from '../../client';
import { newYorkDate } from '../../contracts/new-york';
import type { Decided } from '../../contracts/decisions';
import type { InputTableName, ProcessorName } from '../../contracts/phase3';
import {
  requireExtensionMs,
  requireGameDate,
  requireHoldMs,
  requireInputTable,
  requireProcessor,
  requireReason,
  requireWho,
  validateRun,
} from '../../requests/validate-request';
import { jsonHelp, withWait, type AddCommand, type JsonOption, type WaitOptions } from '../command-types';
import { tryBypass } from '../../explain/decision-rules';
import { showForeseen } from '../foreseen';
import { badInput, CommandError, controlOf, overridesOf, withClient, type Context } from '../context';
import { printJson } from '../json';
import { renderDecided } from '../render';
import { sendAndShow } from './run';

/** What is read of the context before anything is connected to. */
export type Asker = Pick<Context, 'config' | 'now'>;

export interface Decision {
  readonly gameDate: string;
  readonly by: string;
  readonly reason: string;
}

export interface DecisionOptions {
  readonly reason: string;
  readonly by?: string;
}

/** The date, who decides and why; throws for the first fault. */
export function requireDecision(asker: Asker, date: string, options: DecisionOptions): Decision {
  return {
    gameDate: requireDate(asker, date),
    by: requireWho(options.by ?? asker.config.user),
    reason: requireReason(options.reason),
  };
}

function requireDate({ now }: Asker, date: string): string {
  return requireGameDate('DATE', date, newYorkDate(now()));
}

export interface BypassOptions extends DecisionOptions {
  readonly processor?: string;
  readonly missing?: string;
  /** How long it holds, as a person writes it: `7d`. */
  readonly for?: string;
}

export interface BypassDecision extends Decision {
  readonly processor?: ProcessorName;
  readonly missing?: InputTableName[];
  readonly forMs?: number;
}

export function requireBypass(asker: Asker, date: string, options: BypassOptions): BypassDecision {
  const decision = requireDecision(asker, date, options);
  if (options.processor === undefined && options.missing === undefined)
    throw badInput('--processor and --missing are both left out. One of them says what the bypass is about.');
  const tables = options.missing?.split(',').map((table) => requireInputTable(table));
  return {
    ...decision,
    ...(options.processor === undefined
      ? {}
      : { processor: requireProcessor(options.processor, '--processor') }),
    ...(tables ? { missing: [...new Set(tables)] } : {}),
    ...(options.for === undefined ? {} : { forMs: requireHoldMs(options.for) }),
  };
}

export interface ExtendOptions {
  /** By how much, as a person writes it: `30m`. */
  readonly for: string;
  readonly by?: string;
  readonly reason?: string;
}

export function requireExtension(
  asker: Asker,
  date: string,
  options: ExtendOptions,
): Decision & { readonly byMs: number } {
  const decision = requireDecision(asker, date, { reason: 'no reason was given', ...options });
  return { ...decision, byMs: requireExtensionMs(options.for) };
}

export interface RerunOptions extends DecisionOptions {
  readonly force?: boolean;
  readonly processors?: string;
}

export interface RerunDecision extends Decision {
  readonly force?: true;
  readonly processors?: ProcessorName[];
}

export function requireRerun(asker: Asker, date: string, options: RerunOptions): RerunDecision {
  const decision = {
    ...requireDecision(asker, date, options),
    ...(options.force ? { force: true as const } : {}),
  };
  if (options.processors === undefined) return decision;
  const request = { gameDate: date, processors: options.processors.split(',') };
  const { processors = [] } = validateRun(request, newYorkDate(asker.now()));
  return { ...decision, processors: [...new Set(processors)] };
}

export const byHelp = 'the person who decides (default: you)';
export const reasonHelp = 'why, in at least 10 characters; recorded in the audit';
export const dryRunHelp =
  'show what would be published and which figures would change; decide nothing, record nothing';

/** A command about one date, with what all of these have. */
function dateCommand(root: Command, name: string, description: string): Command {
  return root
    .command(name)
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .description(description)
    .option('--json', jsonHelp);
}

export const addBypass: AddCommand = (root, context) => {
  dateCommand(root, 'bypass', 'run a processor once without inputs that are missing; recorded in the audit')
    .requiredOption('--reason <TEXT>', reasonHelp)
    .option(
      '--missing <T,T>',
      'the missing tables to do without (default, with --processor: all that are missing for it)',
    )
    .option('--processor <P>', 'the processor to run (default, with --missing: every one that lacks them)')
    .option('--for <DURATION>', 'how long it holds, such as 12h or 7d (default: PHASE3_BYPASS_FOR_SECONDS)')
    .option('--dry-run', dryRunHelp)
    .option('--by <WHO>', byHelp)
    .action(async (date: string, options: JsonOption & BypassOptions & { readonly dryRun?: boolean }) => {
      const request = requireBypass(context, date, options);
      if (options.dryRun) return foreseeBypass(context, request, options);
      await decide(context, request.gameDate, options, (client) => client.bypass(request));
    });
};

export const addRerun: AddCommand = (root, context, end) => {
  withWait(
    dateCommand(root, 'rerun', 'run a date again; a named processor also rebuilds everything downstream')
      .requiredOption('--reason <TEXT>', reasonHelp)
      .option('--processors <P,P>', 'rerun only these processors, and everything downstream')
      .option('--force', 'build what is named even if nothing has changed, or a restore has pinned it')
      .option('--by <WHO>', byHelp),
  ).action(async (date: string, options: JsonOption & RerunOptions & WaitOptions) => {
    const request = { ...requireRerun(context, date, options), overrides: overridesOf(context.config) };
    end(await sendAndShow(context, (client) => client.rerun(request), options));
  });
};

export const addRecheck: AddCommand = (root, context) => {
  dateCommand(root, 'recheck', 'check the dependencies of an open date now')
    .option('--by <WHO>', byHelp)
    .action(async (date: string, { by, json }: JsonOption & { readonly by?: string }) => {
      const gameDate = requireDate(context, date);
      const request = { gameDate, by: requireWho(by ?? context.config.user) };
      await withClient(context, (client) => client.recheck(request));
      const control = await context.stack.control();
      if (control && !(await control.health()))
        context.say('No worker answers. The check runs when one does; `phase3 up` starts one.');
      const summary = `${gameDate} is checked now. \`phase3 why ${gameDate}\` shows the result.`;
      if (json) printJson(context.print, { gameDate, state: 'accepted', summary });
      else context.print(summary);
    });
};

export const addExtend: AddCommand = (root, context) => {
  dateCommand(root, 'extend', 'move the deadline of a waiting date')
    .requiredOption('--for <DURATION>', 'how long to wait beyond the present deadline, such as 30m or 2h')
    .option('--reason <TEXT>', reasonHelp)
    .option('--by <WHO>', byHelp)
    .action(async (date: string, options: JsonOption & ExtendOptions) => {
      const request = requireExtension(context, date, options);
      await decide(context, request.gameDate, options, (client) => client.extend(request));
    });
};

export const addCancel: AddCommand = (root, context) => {
  dateCommand(root, 'cancel', 'end the open run of a date; published tables stay')
    .requiredOption('--reason <TEXT>', reasonHelp)
    .option('--by <WHO>', byHelp)
    .action(async (date: string, options: JsonOption & DecisionOptions) => {
      const request = requireDecision(context, date, options);
      await decide(context, request.gameDate, options, (client) => client.cancel(request));
    });
};

/** What a bypass would come to; refused for what the bypass itself would be. */
async function foreseeBypass(context: Context, request: BypassDecision, options: JsonOption): Promise<void> {
  const { gameDate, by, reason } = request;
  await requireWorker(context, gameDate);
  const known = await withClient(context, (client) => client.state(gameDate));
  if (!known?.isOpen)
    throw new CommandError(
      `No run of ${gameDate} is open, so nothing is bypassed. \`phase3 run ${gameDate}\` opens one.`,
    );
  const { state } = known;
  const found = tryBypass(state, request, context.config.policy, Date.now());
  if (!found.ok) throw new CommandError(`${gameDate}: the bypass would be refused: ${found.why}.`);
  const tables = await (
    await controlOf(context)
  ).foresee({
    ...{ game_date: gameDate, bypass: found.passed.map((one) => ({ ...one, by, reason })) },
    ...{ overrides: overridesOf(context.config), past_deadline: found.isPastDeadline },
  });
  showForeseen(context, gameDate, tables, options);
}

/** Sends a decision and shows its place in the audit. */
async function decide(
  context: Context,
  gameDate: string,
  { json }: JsonOption,
  send: (client: Phase3Client) => Promise<Decided & { readonly bypassId?: string }>,
): Promise<void> {
  const decided = await withClient(context, async (client) => {
    await requireWorker(context, gameDate);
    return send(client);
  });
  if (json) printJson(context.print, { gameDate, state: 'accepted', ...decided });
  else for (const line of renderDecided(gameDate, decided)) context.print(line);
}

/** A decision without a worker would be waited for in silence. One that is not this home's cannot be asked beforehand. */
export async function requireWorker({ stack }: Context, gameDate: string): Promise<void> {
  const control = await stack.control();
  if (control && !(await control.health()))
    throw new CommandError(
      `No worker answers, so a decision cannot be recorded for ${gameDate}. \`phase3 up\` starts one.`,
    );
}
