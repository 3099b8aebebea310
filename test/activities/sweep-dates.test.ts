/** What keeps a sweep from being whole: it is off, our own code fails for a date, the warehouse does not answer, it is given up. */
import { sweepDates, type SweepOptions } from '../../src/activities/sweep-dates';
import { defaultSentinelSettings } from '../../src/contracts/sentinel';
import { WarehouseError } from '../../src/warehouse/errors';
import { policyAfter } from '../support/fixtures';

const dates = ['2025-01-14', '2025-01-15', '2025-01-16'];

/** A warehouse with manifests of the dates and nothing else; `fail` is asked before a date is read. */
function sweep(fail: (gameDate: string) => void, changes: Partial<SweepOptions> = {}) {
  const read: string[] = [];
  const logged: string[] = [];
  const warehouse = {
    dateRange: (table: string) =>
      Promise.resolve(table === 'partition_manifest' ? { from: dates[0], to: dates.at(-1) } : null),
    async *exportRows(table: string) {
      yield table === 'partition_manifest' ? dates.map((date) => ({ game_date: date })) : [];
    },
    countRows: () => Promise.resolve(0),
    readDate: async (gameDate: string, tables: readonly string[]) => {
      fail(gameDate);
      read.push(gameDate);
      return Object.fromEntries(tables.map((table) => [table, []]));
    },
  } as unknown as SweepOptions['warehouse'];
  const log = (message: string): void => void logged.push(message);
  const swept = sweepDates(
    { suspected: {} },
    {
      ...{ warehouse, settings: defaultSentinelSettings, policy: policyAfter(1), clock: () => new Date() },
      neededBy: null,
      ...{ origin: { workflowId: 'w', runId: 'r' }, log: { info: log, warn: log, error: log } },
      ...{ isGivenUp: () => false, ...changes },
    },
  );
  return { swept: swept.then(({ result }) => result), read, logged };
}

it('a date that our own code fails for is named, and the others are verified', async () => {
  const { swept, logged } = sweep((gameDate) => {
    if (gameDate === dates[1]) throw new TypeError('x is not a function');
  });
  expect(await swept).toMatchObject({ verified: 2, unverified: [dates[1]], news: [] });
  expect(logged).toEqual([`${dates[1]} could not be verified`]);
});

it('a warehouse that does not answer fails the attempt: nothing is said of dates that were not read', async () => {
  const { swept } = sweep(() => {
    throw new WarehouseError('unavailable', 'no answer');
  });
  await expect(swept).rejects.toThrow('no answer');
});

it('off, or given up, it reads no date', async () => {
  const off = sweep(() => undefined, { settings: { ...defaultSentinelSettings, everyMs: 0 } });
  expect(await off.swept).toMatchObject({ verified: 0, news: [] });
  const givenUp = sweep(() => undefined, { isGivenUp: () => true });
  expect(await givenUp.swept).toMatchObject({ verified: 0 });
  expect([off.read, givenUp.read]).toEqual([[], []]);
});
