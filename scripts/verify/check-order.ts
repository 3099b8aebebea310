/** Fetches the history of every date's run from a Temporal server and has each judged. */
import type { Client } from '@temporalio/client';
import { datesWorkflowType, phase3WorkflowType } from '../../src/contracts/identity';
import { orderEventsByDate } from './history-events';
import { countPlayerActivities, judgeHistory, type Violation } from './judge-history';

export interface RunViolation extends Violation {
  readonly workflowId: string;
  readonly runId: string;
  /** Several dates may share a run. */
  readonly gameDate: string;
}

export interface OrderReport {
  readonly runs: number;
  /** Game dates of which a run has an activity. */
  readonly dates: number;
  readonly playerActivities: number;
  readonly violations: readonly RunViolation[];
}

/** Histories that are fetched and judged side by side. */
const atOnce = 8;

/**
 * Judges every run there is, open or closed. A continued run is listed like any other, so its chain is judged link by
 * link. Throws when a history cannot be had: what was not read was not proved.
 */
export async function checkOrder(client: Pick<Client, 'workflow'>): Promise<OrderReport> {
  // A run that moves between pages while the list is read may come twice.
  const runs = new Map<string, string>();
  for await (const { runId, workflowId } of client.workflow.list({
    query: `WorkflowType IN ('${phase3WorkflowType}', '${datesWorkflowType}')`,
  }))
    runs.set(runId, workflowId);

  const todo = [...runs];
  const violations: RunViolation[] = [];
  const dates = new Set<string>();
  let playerActivities = 0;
  const judgeNext = async (): Promise<void> => {
    for (let next = todo.pop(); next; next = todo.pop()) {
      const [runId, workflowId] = next;
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      for (const [gameDate, events] of orderEventsByDate(history)) {
        dates.add(gameDate);
        playerActivities += countPlayerActivities(events);
      }
      violations.push(...judgeHistory(history).map((violation) => ({ workflowId, runId, ...violation })));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, judgeNext));
  return { runs: runs.size, dates: dates.size, playerActivities, violations: violations.sort(byRun) };
}

/** The report as lines for a person, the sum last. */
export function orderLines({ runs, dates, playerActivities, violations }: OrderReport): string[] {
  return [
    ...violations.map(
      ({ workflowId, runId, gameDate, rule, sentence }) =>
        `${workflowId} run ${runId}, ${gameDate}, ${rule}: ${sentence}`,
    ),
    `${runs} runs of ${dates} dates, ${playerActivities} player activities, ${violations.length} violations`,
  ];
}

function byRun(a: RunViolation, b: RunViolation): number {
  return a.workflowId.localeCompare(b.workflowId) || a.runId.localeCompare(b.runId) || a.eventId - b.eventId;
}
