/** Which live versions of a date are not what a run would build now. Pure. */
import type { StaleUpstream } from '../contracts/phase3';
import { describeQuestion } from '../contracts/pin';
import type { Processor } from '../processors/define-processor';
import { judgePinned } from './judge-pinned';
import { judgeCurrent } from './judge-processor';
import type { DateSnapshot } from './snapshot';

/**
 * Live versions whose inputs moved since, or whose stored rows are not those that were published, each with the sentence; of
 * those that are pinned, whether their pin is questioned. What
 * was never published, or was adopted from another maker and is as it was then, is not stale: nobody knows what it was built
 * from.
 */
export function staleTables(snapshot: DateSnapshot, processors: readonly Processor[]): StaleUpstream[] {
  return processors.flatMap((processor) => {
    const pinned = judgePinned(processor, snapshot);
    if (pinned?.pin.questioned)
      return [
        {
          ...{ processor: processor.name, isQuestioned: true },
          reason: describeQuestion(pinned.pin, pinned.pin.questioned),
        },
      ];
    const found = judgeCurrent(processor, snapshot);
    if (!found || found.kind === 'unpublished' || found.kind === 'adopted') return [];
    return [{ processor: processor.name, reason: found.reason }];
  });
}
