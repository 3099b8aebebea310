/**
 * What is asked before a decision is taken: what it would be about, and what it would come to. One set of answers for whoever has
 * the warehouse open: the worker's endpoint, and a gateway before BigQuery. Nothing is written.
 */
import type { BuildInfo } from '../contracts/code-identity';
import type { Policy } from '../contracts/phase3';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { findEstimate } from '../gate/find-estimate';
import { readSnapshot } from '../gate/read-snapshot';
import { processors } from '../plan/registry';
import { previewRestore } from '../versions/preview-restore';
import type { Warehouse } from '../warehouse/warehouse';
import { foreseeDate } from './foresee';
import type { Questions } from './protocol';
import { quarantinedDate } from './quarantine';

/** The answers, from a warehouse that this process has open. */
export function questionsOf(warehouse: Warehouse, settings: PolicySettings, build?: BuildInfo): Questions {
  const now = (): Policy => policyNow(settings, {}, () => new Date());
  return {
    quarantined: (gameDate) => quarantinedDate(warehouse, gameDate, now()),
    findEstimate: async (gameDate, gameId) =>
      findEstimate(warehouse, await readSnapshot(warehouse, gameDate, processors, now()), gameId),
    foresee: (request) => foreseeDate(warehouse, request, settings, build),
    previewRestore: ({ game_date: gameDate, ...wanted }) =>
      previewRestore(warehouse, gameDate, wanted, now()),
  };
}
