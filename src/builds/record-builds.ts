/** Keeps decisions about builds in the warehouse. */
import { appendAudit } from '../audit/append-audit';
import type { AuditEntry } from '../contracts/decisions';
import type { AuditRow } from '../tables/orchestration';
import type { Warehouse } from '../warehouse/warehouse';
import { deploymentDate } from './record';

/** Writes the entries, each once. Throws where another decision has an entry's id: then nothing may be done by it. */
export async function recordBuilds(warehouse: Warehouse, entries: readonly AuditEntry[]): Promise<void> {
  const origin = { gameDate: deploymentDate, runId: 'deployment', pass: 0 };
  const { refused } = await appendAudit(warehouse, origin, entries, null, 'deployment_audit');
  if (refused.length > 0) throw new Error(refused.map(({ why }) => why).join('; '));
}

/** The deployment's audit, in the order of its chain. */
export async function readBuilds(warehouse: Pick<Warehouse, 'readDate'>): Promise<AuditRow[]> {
  const { deployment_audit: rows } = await warehouse.readDate(deploymentDate, ['deployment_audit']);
  return [...rows].sort((a, b) => a.seq - b.seq);
}
