/**
 * What a night may cost, as counts that are the same on every machine: how long something takes is measured by the bench, and
 * says nothing on a busy one. Tasks of workflows are not counted: how many there are depends on what comes at the same time.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';

export interface NightCosts {
  /** What the warehouse is asked: statements of DuckDB, jobs of BigQuery. */
  readonly statements: number;
  readonly activities: number;
  /** Of its history, without those of workflow tasks. */
  readonly events: number;
  /** Of the raw rows that are kept with its versions; the same on every warehouse. */
  readonly bytesKept?: number;
}

type Budget = Record<string, NightCosts>;

/** The file that is checked in, of one kind of warehouse. */
function fileOf(kind: 'duckdb' | 'bigquery'): string {
  return join(__dirname, '..', '..', 'scripts', 'bench', 'budget', `${kind}.json`);
}

/** What was found is what is allowed, no more and no less: what grew costs every night, and what shrank is to stay so. */
export function expectWithinBudget(kind: 'duckdb' | 'bigquery', found: Budget, test: string): void {
  const file = fileOf(kind);
  if (process.env['PHASE3_ACCEPT_BUDGET'] === '1') {
    writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
    return;
  }
  const budget = JSON.parse(readFileSync(file, 'utf8')) as Budget;
  const moved = Object.entries(found).flatMap(([night, costs]) =>
    (Object.keys(costs) as (keyof NightCosts)[]).flatMap((name) => {
      const [is, may] = [costs[name], budget[night]?.[name]];
      return is === may ? [] : [`${night}: ${name} ${may ?? 'nothing'} → ${is ?? 'nothing'}`];
    }),
  );
  if (moved.length === 0) return;
  throw new Error(
    `What a night costs has changed on ${kind}:\n${moved.join('\n')}\n` +
      `If that is meant, \`PHASE3_ACCEPT_BUDGET=1 npm test -- ${test}\` writes ${file}; say in the commit why.`,
  );
}

/** Activities and events of a run that has ended. */
export async function runCosts(
  client: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
): Promise<Pick<NightCosts, 'activities' | 'events'>> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const all = events ?? [];
  const isTask = (event: (typeof all)[number]): boolean =>
    Object.keys(event).some(
      (key) => key.startsWith('workflowTask') && event[key as keyof typeof event] != null,
    );
  return {
    activities: all.filter((event) => event.activityTaskScheduledEventAttributes).length,
    events: all.filter((event) => !isTask(event)).length,
  };
}
