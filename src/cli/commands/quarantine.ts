/** `phase3 quarantine list|show|release|discard|estimate`: what is kept back or unknown, and what people decide about it. */
import type { Command } from 'commander';
import { addDays } from '../../contracts/game-date';
import { describeDecision, holdsUntil, type GameDecisionKind } from '../../contracts/game-decisions';
import { newYorkDate } from '../../contracts/new-york';
import { isAnalyticsTableName } from '../../tables/catalogue';
import type { HeldGame, QuarantinedDate, QuarantinedTable } from '../../control/protocol';
import { actsOnPins, discardTableAct, gameActs } from '../../explain/explain-date';
import { readDecidedAbout, whyPinned } from '../../requests/game-decision';
import {
  InvalidRequestError,
  requireGameDate,
  requireHoldMs,
  requireRange,
  requireUntil,
} from '../../requests/validate-request';
import { jsonHelp, withWait, type AddCommand, type JsonOption, type WaitOptions } from '../command-types';
import { badInput, CommandError, controlOf, overridesOf, type Context, type ExitCode } from '../context';
import { showForeseen } from '../foreseen';
import { printJson } from '../json';
import {
  byHelp,
  dryRunHelp,
  reasonHelp,
  requireDecision,
  requireWorker,
  type DecisionOptions,
} from './control';
import { restoreDate } from './restore';
import { sendAndShow } from './run';

export const addQuarantine: AddCommand = (root, context, end) => {
  const group = root
    .command('quarantine')
    .description(
      'games that break a rule and rows that failed a check: what they are, and what to do with them',
    );
  addList(group, context);
  addShow(group, context);
  addDecision(group, context, end, 'release');
  addDecision(group, context, end, 'discard');
  addDecision(group, context, end, 'estimate');
};

/** Dates that are listed where none are named. */
const daysListed = 14;

function addList(group: Command, context: Context): void {
  group
    .command('list')
    .argument(
      '[DATE|FROM..TO]',
      `a game date, or several, both included (default: the last ${daysListed} days)`,
    )
    .description('list what is kept back, date by date')
    .option('--json', jsonHelp)
    .action(async (range: string | undefined, { json }: JsonOption) => {
      const today = newYorkDate(context.now());
      const newest = { from: addDays(today, -daysListed), to: today };
      const ends = range === undefined ? newest : requireRange('DATE', range, today);
      const dates = await (await controlOf(context)).quarantinedDates(ends.from, ends.to);
      if (json) printJson(context.print, { ...ends, dates });
      else if (dates.length === 0) context.say(`Nothing is kept back from ${ends.from} to ${ends.to}.`);
      else for (const line of dates.flatMap(renderDate)) context.print(line);
    });
}

function addShow(group: Command, context: Context): void {
  group
    .command('show')
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .argument('[WHAT]', 'a game or a table (default: all that is kept back)')
    .description('show what contradicts what, and what can be decided')
    .option('--json', jsonHelp)
    .action(async (date: string, what: string | undefined, { json }: JsonOption) => {
      const gameDate = requireGameDate('DATE', date, newYorkDate(context.now()));
      const found = await (await controlOf(context)).quarantined(gameDate);
      const games = found.games.filter(({ gameId }) => what === undefined || gameId === what);
      const tables = found.tables.filter(({ table }) => what === undefined || table === what);
      if (what !== undefined && games.length + tables.length === 0) throw notKeptBack(found, what);
      if (json) printJson(context.print, { gameDate, games, tables });
      else if (games.length + tables.length === 0) context.say(`Nothing of ${gameDate} is kept back.`);
      else
        for (const line of [
          ...games.flatMap((game) => showGame(gameDate, game, found.pinned)),
          ...tables.flatMap((table) => showTable(gameDate, table)),
        ])
          context.print(line);
    });
}

interface GameDecisionOptions extends JsonOption, DecisionOptions, WaitOptions {
  readonly rules?: string;
  readonly until?: string;
  readonly for?: string;
  readonly dryRun?: boolean;
}

const gameHelp: Readonly<Record<GameDecisionKind, string>> = {
  release: 'a game that is held or disputed, such as 20170415_IND_CLE',
  discard: 'a game that is held or disputed, such as 20170415_IND_CLE, or a table that is quarantined',
  estimate: 'a game that is reconstructed, such as 20170415_IND_CLE',
};

const decisionHelp: Readonly<Record<GameDecisionKind, string>> = {
  release: 'publish a game although it breaks rules, until an instant; recorded in the audit',
  discard:
    'leave a game as it is until its evidence is another, or keep what is live of a quarantined table; recorded in the audit',
  estimate:
    'accept an estimate of what the players of a game cannot give, until its team row comes or an instant; recorded in the audit',
};

function addDecision(
  group: Command,
  context: Context,
  end: (code: ExitCode) => void,
  kind: GameDecisionKind,
): void {
  const command = group
    .command(kind)
    .argument('<DATE>', 'a game date, YYYY-MM-DD')
    .argument(kind === 'discard' ? '<GAME|TABLE>' : '<GAME>', gameHelp[kind])
    .description(decisionHelp[kind])
    .requiredOption('--reason <TEXT>', reasonHelp);
  if (kind === 'release')
    command.requiredOption(
      '--rules <R,R>',
      'the rules that it may break, by name or number, or all that it breaks now',
    );
  if (holdsUntil(kind))
    command
      .option('--until <INSTANT>', `when the ${kind} ends, such as 2025-01-20T08:00:00Z`)
      .option('--for <DURATION>', `how long the ${kind} holds, such as 12h or 7d`);
  withWait(command)
    .option('--by <WHO>', byHelp)
    .option('--dry-run', dryRunHelp)
    .option('--json', jsonHelp)
    .action(async (date: string, game: string, options: GameDecisionOptions) => {
      const decision = requireDecision(context, date, options);
      const until = holdsUntil(kind) ? { until: untilOf(context, kind, options) } : {};
      await requireWorker(context, decision.gameDate);
      const control = await controlOf(context);
      const { gameDate, by, reason } = decision;
      const rules = options.rules === undefined || options.rules === 'all' ? 'all' : options.rules.split(',');
      if (kind === 'discard' && isAnalyticsTableName(game)) {
        end(await discardTable(context, decision, game, options));
        return;
      }
      const asked = { kind, gameDate, game, rules } as const;
      const found = await readDecidedAbout(control, asked, { game: 'GAME', rules: '--rules' });
      if (!found.ok) throw new InvalidRequestError(found.faults);
      const { value: about } = found;
      const pinned = whyPinned((await control.dateRecord(gameDate)).partition_manifest, gameDate, kind);
      if (pinned !== null) throw new CommandError(pinned);
      const overrides = overridesOf(context.config);
      if (options.dryRun) {
        const tables = await control.foresee({
          game_date: gameDate,
          decision: { ...{ kind, game, by, reason }, ...about, ...until },
          ...{ overrides, past_deadline: false },
        });
        showForeseen(context, gameDate, tables, options);
        return;
      }
      const request = { ...{ gameDate, by, reason, kind, game, overrides }, ...about, ...until };
      end(await sendAndShow(context, (client) => client.decideGame(request), options));
    });
}

/**
 * What a check has refused is not asked for any more: what is live is kept, pinned like what was restored, and its pin is
 * questioned once the inputs are others.
 */
async function discardTable(
  context: Context,
  { gameDate, by, reason }: ReturnType<typeof requireDecision>,
  table: string,
  options: GameDecisionOptions,
): Promise<ExitCode> {
  const control = await controlOf(context);
  const found = await control.quarantined(gameDate);
  const refused = found.tables.find((one) => one.table === table);
  if (!refused) throw notKeptBack(found, table);
  const { processor, liveVersion: version } = refused;
  if (version === null)
    throw new CommandError(
      `Nothing of ${table} is live for ${gameDate}, so there is nothing to keep in place of the refused rows. \`phase3 cancel ${gameDate} --reason "WHY"\` ends its run.`,
    );
  const decision = { from: gameDate, to: gameDate, by, reason, wanted: { processor, version } };
  const { code, json } = await restoreDate(context, gameDate, decision, options);
  if (options.json) printJson(context.print, json);
  return code;
}

/** Until when, from one of two options. */
function untilOf(
  { now }: Context,
  kind: GameDecisionKind,
  options: Pick<GameDecisionOptions, 'until' | 'for'>,
): string {
  if ((options.until === undefined) === (options.for === undefined))
    throw badInput(
      `--until or --for: name one of them. ${kind === 'estimate' ? 'An estimate' : 'A release'} says how long it holds.`,
    );
  if (options.until !== undefined) return requireUntil(options.until, '--until', now());
  return new Date(now().getTime() + requireHoldMs(options.for ?? '')).toISOString();
}

function notKeptBack({ gameDate, games, tables }: QuarantinedDate, what: string): Error {
  const known = [...games.map(({ gameId }) => gameId), ...tables.map(({ table }) => table)];
  const kept = known.length > 0 ? `Kept back are ${known.join(', ')}.` : 'Nothing of the date is kept back.';
  return badInput(`${what} of ${gameDate} is not kept back. ${kept}`);
}

function renderDate({ gameDate, games, tables, pinned }: QuarantinedDate): string[] {
  const kept = pinned.length > 0 ? `; ${pinned.join(', ')} pinned, whatever its rows are now` : '';
  return [
    ...games.map((game) => {
      const rules = game.broken.map(({ rule }) => rule).join(', ');
      const decided = game.decision ? `, ${describeDecision(game.decision)}` : '';
      return `${gameDate}  ${game.status.padEnd(11)} ${game.gameId}  ${rules}, since ${game.since ?? 'now'}${decided}${kept}`;
    }),
    ...tables.map(
      ({ table, checks, quarantinedAt }) =>
        `${gameDate}  quarantined ${table}  ${checks.map(({ name }) => name).join(', ')}, since ${quarantinedAt}`,
    ),
  ];
}

function showGame(gameDate: string, game: HeldGame, pinned: readonly string[]): string[] {
  const { gameId, status, broken, decision, liveIn, since } = game;
  const live = liveIn.length > 0 ? `; its rows are live in ${liveIn.join(', ')}` : '';
  return [
    `${gameId} is ${status} since ${since ?? 'now'}${live}`,
    ...(decision ? [`  ${describeDecision(decision)}`] : []),
    ...broken.flatMap(({ rule, detail, figures }) => [
      `  ${rule}: ${detail}`,
      ...figures.map(({ table, row, field, value }) => `    ${table}, ${row}: ${field} ${value ?? 'empty'}`),
    ]),
    ...(pinned.length > 0 ? [`  ${pinned.join(', ')}: pinned, so this changes nothing of what is live`] : []),
    ...actsOn(gameDate, game, pinned).map((act) => `  → ${act}`),
    `  → When corrected rows have arrived, \`phase3 run ${gameDate} --wait\` builds what they change.`,
  ];
}

function actsOn(gameDate: string, game: HeldGame, pinned: readonly string[]): string[] {
  if (pinned.length > 0) return actsOnPins(gameDate);
  const decision = game.decision ?? undefined;
  const { decision: _, ...own } = game;
  return gameActs(gameDate, [{ ...own, ...(decision ? { decision } : {}), isLive: game.liveIn.length > 0 }]);
}

function showTable(gameDate: string, table: QuarantinedTable): string[] {
  const { rows, keptRows, stageId, checks, quarantinedAt, liveVersion } = table;
  const live = liveVersion === null ? 'nothing is live' : `version ${liveVersion} stays live`;
  return [
    `${table.table} is quarantined since ${quarantinedAt}: ${rows} rows, ${live}`,
    `  ${keptRows} rows are kept under stage ${stageId}`,
    ...checks.flatMap(({ name, detail, samples }) => [
      `  ${name}: ${detail}`,
      ...samples.map((sample) => `    ${Object.values(sample).join(' ')}`),
    ]),
    ...(liveVersion === null ? [] : [`  → ${discardTableAct(gameDate, table.table, liveVersion)}`]),
    `  → When the rows that failed the check have been corrected, \`phase3 rerun ${gameDate} --reason "WHY"\` runs the date again.`,
  ];
}
