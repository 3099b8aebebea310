/** `phase3 audit`: what people and policy decided about dates, and whether all of it is still there as it was written. */
import type { Command } from 'commander';
import { parseHead, spellHead, verifyChain, verifyChains, type Witness } from '../../audit/chain';
import { deploymentDate } from '../../builds/record';
import { identityOf, phase3WorkflowType } from '../../contracts/identity';
import { newYorkDate } from '../../contracts/new-york';
import type { AuditHead } from '../../contracts/decisions';
import type { ControlClient } from '../../control/client';
import { nearest } from '../../requests/nearest';
import { requireFormat, requireRange } from '../../requests/validate-request';
import { compareText } from '../../tables/compare';
import type { TableName, TableRow } from '../../tables/catalogue';
import type { AuditRow } from '../../tables/orchestration';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { badInput, controlOf, exitCodes, withClient, type Context } from '../context';
import { printJson } from '../json';
import { renderAudit, renderVerification, type Verification } from '../render';
import { rangeOptionHelp, requireEnds } from '../ranges';
import { formatHelp, writeRows } from './export';

interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
}

interface Range {
  readonly from: string;
  readonly to: string;
}

export const addAudit: AddCommand = (root, context, end) => {
  const audit = root
    .command('audit')
    .argument('[DATE|FROM..TO]', 'a game date, YYYY-MM-DD, or several; all dates when left out')
    .description('show the decisions about a date: who, when and why')
    .option('--json', jsonHelp)
    .action(async (date: string | undefined, { json }: JsonOption) => {
      const range = date === undefined ? {} : requireDateRange(context, date, audit);
      const entries = await entriesOf(await controlOf(context), range);
      if (json) printJson(context.print, { entries: entries.map(entryJson) });
      else for (const line of renderAudit(date ?? null, entries)) context.print(line);
    });
  ranged(audit, 'verify', 'verify that the audit log was not altered')
    .option('--json', jsonHelp)
    .action(async (dates: string | undefined, options: RangeOptions, command: Command) => {
      const range = requireEnds(dates, options);
      const found = await verify(context, range);
      // `--json` before the word `verify` is the parent's.
      const { json } = command.optsWithGlobals<JsonOption>();
      if (json) printJson(context.print, verificationJson(found));
      else for (const line of renderVerification(found)) context.print(line);
      end(found.faults.length > 0 ? exitCodes.failed : exitCodes.done);
    });
  ranged(audit, 'export', 'write the entries to stdout as rows, ordered by date and number')
    .option('--format <FORMAT>', formatHelp, 'ndjson')
    .option('--json', jsonHelp)
    .action(
      async (
        dates: string | undefined,
        options: RangeOptions & { readonly format: string },
        command: Command,
      ) => {
        const range = requireEnds(dates, options);
        const { json } = command.optsWithGlobals<JsonOption>();
        const wanted = json ? 'json' : requireFormat(options.format);
        await writeRows('bypass_audit', rowsOf(await controlOf(context), 'bypass_audit', range), wanted);
      },
    );
};

function ranged(audit: Command, name: string, description: string): Command {
  return audit
    .command(name)
    .description(description)
    .argument('[FROM..TO]', rangeOptionHelp)
    .option('--from <DATE>', 'first game date (default: the first on record)')
    .option('--to <DATE>', 'last game date (default: the last on record)');
}

/** Where a date belongs a word may stand that was meant for a command. */
function requireDateRange(context: Context, text: string, { commands }: Command): Range {
  const meant = nearest(
    text,
    commands.map((command) => command.name()),
  );
  if (meant !== '') throw badInput(`There is no command "audit ${text}". ${meant}`);
  return requireRange('DATE', text, newYorkDate(context.now()));
}

/** Rows of a table, ordered by key; where a range is left open, as far as the table goes. */
export async function* rowsOf<T extends TableName>(
  control: ControlClient,
  table: T,
  range: RangeOptions,
): AsyncGenerator<TableRow<T>> {
  const { from = '', to = '' } = { ...(await control.dateRange(table)), ...range };
  if (from === '' || to === '' || from > to) return;
  for await (const row of control.export(table, from, to)) yield row as TableRow<T>;
}

/** Entries, newest last: of one date by their numbers, of several by their instants. */
async function entriesOf(control: ControlClient, range: RangeOptions): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  for await (const row of rowsOf(control, 'bypass_audit', range)) rows.push(row);
  return range.from !== undefined && range.from === range.to
    ? rows
    : rows.sort((a, b) => compareText(a.decided_at, b.decided_at));
}

async function verify(context: Context, range: RangeOptions): Promise<Verification> {
  const control = await controlOf(context);
  const witnesses = new Map<string, Witness>();
  const hear = (gameDate: string, head: AuditHead | null, where: string): void => {
    const key = `${gameDate} ${spellHead(head) ?? ''}`;
    if (head && !witnesses.has(key)) witnesses.set(key, { gameDate, head, where });
  };
  // The audit is read last: what is written meanwhile can then be known to it and to no witness, but not the other way.
  const openRunsAsked = await hearOpenRuns(context, range, hear);
  for await (const row of rowsOf(control, 'partition_manifest', range))
    hear(row.game_date, parseHead(row.audit_head), `version ${row.version} of ${row.table_name}`);
  for await (const row of rowsOf(control, 'run_history', range))
    hear(row.game_date, parseHead(row.audit_head), `pass ${row.pass} of run ${row.run_id}`);
  const rows: AuditRow[] = [];
  for await (const row of rowsOf(control, 'bypass_audit', range)) rows.push(row);
  // The chain of decisions about builds is of no date.
  const faultOfBuilds = verifyChain(deploymentDate, await control.builds(), []);
  const all = [...witnesses.values()];
  return {
    dates: new Set([...rows.map((row) => row.game_date), ...all.map(({ gameDate }) => gameDate)]).size,
    entries: rows.length,
    witnesses: all.length,
    openRunsAsked,
    faults: [...verifyChains(rows, all), ...(faultOfBuilds ? [faultOfBuilds] : [])],
  };
}

/** Runs that are asked at once: each answer may make the worker replay a history. */
const askedAtOnce = 8;

/** The heads that open runs remember. False when nobody was there to say which are open, or one of them did not answer. */
async function hearOpenRuns(
  context: Context,
  { from = '', to = '9999-12-31' }: RangeOptions,
  hear: (gameDate: string, head: AuditHead | null, where: string) => void,
): Promise<boolean> {
  const idPrefix = identityOf(context.config.datasetPrefix).dateWorkflowId('');
  try {
    await withClient(context, async (client, raw) => {
      const query = `WorkflowType = '${phase3WorkflowType}' AND ExecutionStatus = 'Running'`;
      const dates: string[] = [];
      for await (const { workflowId } of raw.workflow.list({ query })) {
        const gameDate = workflowId.slice(idPrefix.length);
        if (workflowId.startsWith(idPrefix) && from <= gameDate && gameDate <= to) dates.push(gameDate);
      }
      const ask = async (gameDate: string): Promise<void> => {
        const known = await client.state(gameDate);
        hear(gameDate, known?.state.auditHead ?? null, 'its open run');
      };
      for (let next = 0; next < dates.length; next += askedAtOnce)
        await Promise.all(dates.slice(next, next + askedAtOnce).map(ask));
    });
    return true;
  } catch (error) {
    context.say(`Open runs could not be read: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

function entryJson({ waived, evidence, ...row }: AuditRow): unknown {
  return { ...row, waived: parsed(waived), evidence: parsed(evidence) };
}

/** What was written as JSON; as it stands, if somebody has altered it so that it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function verificationJson({ faults, ...counts }: Verification): unknown {
  return {
    whole: faults.length === 0,
    ...counts,
    datesAtFault: faults.length,
    first: faults[0] ?? null,
    faults,
  };
}
