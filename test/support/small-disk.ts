/** Tests on a disk that is small enough to fill. */
import { canMount } from '../../scripts/chaos/small-disk';

export { SmallDisk } from '../../scripts/chaos/small-disk';

/** `describe` where a disk can be mounted. Elsewhere skipped, with the reason in the name. */
export function describeWithSmallDisk(name: string, tests: () => void): void {
  if (canMount()) describe(name, tests);
  else describe.skip(`${name} (skipped: mounting a disk takes root here)`, tests);
}
