/** Which live versions of a date are not what a run would build now. Pure. */
import { adoptedVersion, type StaleUpstream } from '../contracts/phase3';
import type { Processor } from '../processors/define-processor';
import { whyNotCurrent } from './judge-processor';
import { currentManifest, type DateSnapshot } from './snapshot';

/**
 * Live versions whose inputs moved since, or whose stored rows are not those that were published, each with the sentence. What
 * was never published, or was adopted from another maker, is not stale: nobody knows what it was built from.
 */
export function staleTables(snapshot: DateSnapshot, processors: readonly Processor[]): StaleUpstream[] {
  return processors.flatMap((processor) => {
    const live = currentManifest(snapshot, processor.table);
    if (!live || live.processor_version === adoptedVersion) return [];
    const reason = whyNotCurrent(processor, snapshot);
    return reason === null ? [] : [{ processor: processor.name, reason }];
  });
}
