/** Nights before a flood and during it are compared, so that people must look at a date beside both. */
import { setTimeout as pause } from 'node:timers/promises';
import type { System } from '../../scripts/bench/system';
import { Bystanders } from '../../scripts/flood/bystanders';

const nightMs = 20;

/** Nights of 20 ms, each while it may go on; `until` is called before each with how many have run. */
function nightsOf(until: (done: number) => void): Parameters<typeof Bystanders.start>[3] {
  return {
    run: async (_system, mayGoOn) => {
      const ms: number[] = [];
      for (; mayGoOn(ms.length); ms.push(nightMs)) {
        until(ms.length);
        await pause(nightMs);
      }
      return { ms, faults: [] };
    },
  };
}

/** A stack of which commands are counted, by their names. */
function stack(): { system: System; commands: string[] } {
  const commands: string[] = [];
  const system = {
    home: 'nowhere',
    command: async (name: string) => void commands.push(name),
    temporal: {
      connection: { withDeadline: (_: number, ask: () => Promise<unknown>) => ask() },
      workflow: { getHandle: () => ({ query: async () => ({}) }) },
    },
  };
  return { system: system as unknown as System, commands };
}

it('people look for as long as nights run, before a flood too', async () => {
  const { system, commands } = stack();
  let lookedBefore = 0;
  const nights = nightsOf((done) => {
    if (done === 40) lookedBefore = commands.filter((name) => name === 'why').length;
  });
  const beside = Bystanders.start(system, '2017-04-15', 'a date', nights, 1);
  // As before a flood: it is over at once, and so many nights are to run.
  expect(await beside.stop(50)).toHaveLength(50);
  expect(lookedBefore).toBeGreaterThan(1);
  expect(beside.faults()).toEqual([]);
});
