/** What the command line asks before a decision is taken: what would be published, and which figures would change. */
import { unbuilt, type BuildInfo } from '../contracts/code-identity';
import type { Waiver } from '../contracts/decisions';
import type { ProcessorName } from '../contracts/phase3';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { readSnapshot } from '../gate/read-snapshot';
import type { DateSnapshot } from '../gate/snapshot';
import { processors } from '../plan/registry';
import { foresee, withDecision, type ForeseeOptions } from '../publishing/foresee';
import type { Warehouse } from '../warehouse/warehouse';
import { foreseenTables } from './foreseen-table';
import type { ForeseeRequest, ForeseenTable } from './protocol';

/** The id of a decision that nobody has taken. */
const dryRun = 'dry-run';

/** What a run of the date would come to if this were decided. Reads one snapshot, and writes nothing. */
export async function foreseeDate(
  warehouse: Warehouse,
  request: ForeseeRequest,
  settings: PolicySettings,
  build: BuildInfo = unbuilt,
): Promise<ForeseenTable[]> {
  const { game_date: gameDate, decision, bypass, unpin, overrides } = request;
  const now = policyNow(settings, overrides, () => new Date());
  const policy = request.past_deadline ? { ...now, isPastDeadline: true } : now;
  const read = await readSnapshot(warehouse, gameDate, processors, policy);
  const snapshot = decision
    ? withDecision(read, {
        ...{ decisionId: dryRun, kind: decision.kind, gameId: decision.game, rules: decision.rules ?? [] },
        ...(decision.estimate ? { estimate: decision.estimate } : {}),
        ...{ by: decision.by, reason: decision.reason, until: decision.until ?? null },
        ...{ over: null, isOverOnRecord: false },
      })
    : read;
  const until = new Date(Date.parse(policy.now) + policy.bypassForMs).toISOString();
  const waivers: Record<ProcessorName, Waiver> = {};
  for (const { processor, tables, by, reason } of bypass ?? [])
    waivers[processor] = { bypassId: dryRun, by, reason, tables, until };
  const forced: Record<ProcessorName, string> = {};
  for (const name of unpin?.processors ?? []) forced[name] = `unpinned by ${unpin?.by}: ${unpin?.reason}`;
  return foreseeSnapshot(snapshot, { policy, build, waivers, forced });
}

/** The same of a snapshot that was read. */
export function foreseeSnapshot(snapshot: DateSnapshot, options: ForeseeOptions): ForeseenTable[] {
  return foreseenTables(foresee(processors, snapshot, options));
}
