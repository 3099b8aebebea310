/** What a test holds until it has seen what it wanted to see. */
import type { Activities } from '../../src/contracts/activities';

/** A door that a test opens. */
export interface Latch {
  readonly opened: Promise<void>;
  open(): void;
}

export function latch(): Latch {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Activities of which one waits before it runs: `reached` opens when it is called, and it goes on with `goOn`. */
export function holding<K extends keyof Activities>(
  name: K,
  when: (request: Parameters<Activities[K]>[0]) => boolean = () => true,
): { wrap: (activities: Activities) => Activities; reached: Latch; goOn: Latch } {
  const [reached, goOn] = [latch(), latch()];
  const wrap = (activities: Activities): Activities => {
    const run = activities[name] as (request: unknown) => Promise<unknown>;
    const held = async (request: Parameters<Activities[K]>[0]): Promise<unknown> => {
      if (when(request)) {
        reached.open();
        await goOn.opened;
      }
      return run(request);
    };
    return { ...activities, [name]: held };
  };
  return { wrap, reached, goOn };
}
