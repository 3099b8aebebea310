/** What the stack has left behind of its dates: rows, manifests, audit and records, and the histories of its runs. */
import { defaultPayloadConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import type { DatesInput } from '../../src/contracts/activities';
import { backfillQuery, type BackfillProgress } from '../../src/contracts/backfill';
import { backfillWorkflowType, datesWorkflowType, phase3WorkflowType } from '../../src/contracts/identity';
import type { ControlClient } from '../../src/control/client';
import { analyticsTables, type TableName } from '../../src/tables/catalogue';
import type { Row } from '../bench/season';
import { rawNames, type Night } from './feed';
import type { BackfillEvidence } from './judge-backfills';

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

const ofDates = `WorkflowType IN ('${phase3WorkflowType}', '${datesWorkflowType}')`;

/** The dates of which a run is open, be it one that they share. */
export async function openDates(client: Pick<Client, 'workflow'>): Promise<Set<string>> {
  const open = new Set<string>();
  const query = `${ofDates} AND ExecutionStatus = 'Running'`;
  for await (const { type, workflowId, memo } of client.workflow.list({ query })) {
    const dates = type === datesWorkflowType ? Object.keys(memo ?? {}) : [dateOf(workflowId)];
    for (const date of dates) open.add(date);
  }
  return open;
}

/** The backfills that go on, by their ids. */
export async function openBackfills(client: Pick<Client, 'workflow'>): Promise<Set<string>> {
  const open = new Set<string>();
  const query = `WorkflowType = '${backfillWorkflowType}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) open.add(workflowId);
  return open;
}

/** Every backfill that the server knows, as it stands now, whoever has started it. */
export async function readBackfills(client: Client): Promise<BackfillEvidence[]> {
  const found: BackfillEvidence[] = [];
  const query = `WorkflowType = '${backfillWorkflowType}' AND ExecutionStatus != 'ContinuedAsNew'`;
  for await (const { workflowId, status } of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle<() => Promise<BackfillProgress>>(workflowId);
    const says: Readonly<Record<string, () => Promise<BackfillProgress>>> = {
      COMPLETED: () => handle.result(),
      RUNNING: () => handle.query(backfillQuery),
    };
    const progress = (await says[status.name]?.().catch(() => null)) ?? null;
    const [from = '', to = ''] = workflowId.split('/').slice(-3);
    found.push({ workflowId, from, to, status: status.name, progress });
  }
  return found;
}

async function readRuns(
  client: Client,
): Promise<{ signalled: ReadonlyMap<string, string[]>; open: ReadonlySet<string> }> {
  const runs: { workflowId: string; runId: string }[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: ofDates }))
    runs.push({ workflowId, runId });
  const signalled = new Map<string, string[]>();
  const readNext = async (): Promise<void> => {
    for (let next = runs.pop(); next; next = runs.pop()) {
      const { events } = await client.workflow.getHandle(next.workflowId, next.runId).fetchHistory();
      const date = dateOf(next.workflowId);
      const asked = (events ?? []).flatMap((event) => [
        ...requestsIn(event.workflowExecutionSignaledEventAttributes).map((id) => [date, id] as const),
        ...askedTogether(event.workflowExecutionStartedEventAttributes),
      ]);
      for (const [gameDate, id] of asked) signalled.set(gameDate, [...(signalled.get(gameDate) ?? []), id]);
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

interface Started {
  readonly workflowType?: { readonly name?: string | null } | null;
  readonly input?: { readonly payloads?: readonly object[] | null } | null;
}

/** Dates that share a run, each with the id of what it was asked. */
function askedTogether(started: Started | null | undefined): (readonly [string, string])[] {
  const [payload] = started?.input?.payloads ?? [];
  if (started?.workflowType?.name !== datesWorkflowType || !payload) return [];
  const { dates } = defaultPayloadConverter.fromPayload<DatesInput>(payload);
  return dates.map(({ gameDate, message }) => [gameDate, message.requestId] as const);
}

function dateOf(workflowId: string): string {
  return workflowId.slice(-'2018-01-01'.length);
}
