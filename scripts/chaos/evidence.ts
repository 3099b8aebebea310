/** What the stack has left behind of its dates: rows, manifests, audit and records, and the histories of its runs. */
import { defaultPayloadConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { phase3WorkflowType } from '../../src/contracts/identity';
import type { ControlClient } from '../../src/control/client';
import { analyticsTables, type TableName } from '../../src/tables/catalogue';
import type { Row } from '../bench/season';
import { rawNames, type Night } from './feed';

export type LiveRows = Readonly<Record<string, readonly Row[]>>;

export interface DateEvidence {
  readonly gameDate: string;
  readonly raw: Night;
  readonly live: LiveRows;
  readonly manifests: readonly Row[];
  readonly audit: readonly Row[];
  readonly passes: readonly Row[];
  /** Ids of the requests that the server has taken for it, from the histories of its runs. */
  readonly signalled: readonly string[];
  /** Whether a run of it is open. */
  readonly isOpen: boolean;
}

const orchestration = ['partition_manifest', 'bypass_audit', 'run_history'] as const;
const tables: readonly TableName[] = [...rawNames, ...Object.keys(analyticsTables), ...orchestration];
const atOnce = 8;

/** Reads everything of these dates, which lie within `from` and `to`. */
export async function readEvidence(
  control: ControlClient,
  client: Client,
  dates: readonly string[],
): Promise<DateEvidence[]> {
  const [from = '', to = ''] = [dates[0], dates.at(-1)];
  const byTable = new Map<string, Map<string, Row[]>>();
  for (const table of tables) byTable.set(table, await rowsByDate(control, table, from, to));
  const { signalled, open } = await readRuns(client);
  const rows = (table: string, gameDate: string): readonly Row[] => byTable.get(table)?.get(gameDate) ?? [];
  return dates.map((gameDate) => ({
    gameDate,
    raw: Object.fromEntries(rawNames.map((table) => [table, rows(table, gameDate)])) as Night,
    live: Object.fromEntries(Object.keys(analyticsTables).map((table) => [table, rows(table, gameDate)])),
    manifests: rows('partition_manifest', gameDate),
    audit: rows('bypass_audit', gameDate),
    passes: rows('run_history', gameDate),
    signalled: signalled.get(gameDate) ?? [],
    isOpen: open.has(gameDate),
  }));
}

async function rowsByDate(
  control: ControlClient,
  table: TableName,
  from: string,
  to: string,
): Promise<Map<string, Row[]>> {
  const found = new Map<string, Row[]>();
  for await (const row of control.export(table, from, to)) {
    const date = String(row['game_date']);
    found.set(date, [...(found.get(date) ?? []), row]);
  }
  return found;
}

/** The dates whose run is open. */
export async function openDates(client: Pick<Client, 'workflow'>): Promise<Set<string>> {
  const open = new Set<string>();
  const query = `WorkflowType = '${phase3WorkflowType}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) open.add(dateOf(workflowId));
  return open;
}

async function readRuns(
  client: Client,
): Promise<{ signalled: ReadonlyMap<string, string[]>; open: ReadonlySet<string> }> {
  const runs: { workflowId: string; runId: string }[] = [];
  for await (const { workflowId, runId } of client.workflow.list({
    query: `WorkflowType = '${phase3WorkflowType}'`,
  }))
    runs.push({ workflowId, runId });
  const signalled = new Map<string, string[]>();
  const readNext = async (): Promise<void> => {
    for (let next = runs.pop(); next; next = runs.pop()) {
      const { events } = await client.workflow.getHandle(next.workflowId, next.runId).fetchHistory();
      const date = dateOf(next.workflowId);
      const ids = (events ?? []).flatMap((event) =>
        requestsIn(event.workflowExecutionSignaledEventAttributes),
      );
      signalled.set(date, [...(signalled.get(date) ?? []), ...ids]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, readNext));
  return { signalled, open: await openDates(client) };
}

interface Signaled {
  readonly signalName?: string | null;
  readonly input?: { readonly payloads?: readonly object[] | null } | null;
}

/** Ids of the requests that a signal has brought; rechecks ask for no answer. */
function requestsIn(signal: Signaled | null | undefined): string[] {
  if (signal?.signalName !== 'trigger') return [];
  return (signal.input?.payloads ?? []).flatMap((payload) => {
    const message = defaultPayloadConverter.fromPayload<{ requestId?: unknown }>(payload);
    return typeof message.requestId === 'string' ? [message.requestId] : [];
  });
}

function dateOf(workflowId: string): string {
  return workflowId.slice(-'2018-01-01'.length);
}
