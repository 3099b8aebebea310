/** What passes is tried again; bugs of pure code, and what needs a person, end at once with a sentence. */
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { ServiceError } from '@temporalio/client';
import { withFailures } from '../../src/activities/failures';
import { runProcessor } from '../../src/activities/run-processor';
import { unbuilt } from '../../src/contracts/code-identity';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { checkDependencies } from '../../src/gate/check-dependencies';
import { processorOf } from '../../src/plan/registry';
import { FencedError } from '../../src/publishing/fenced-error';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import { WarehouseError } from '../../src/warehouse/errors';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { offense } from '../support/fixtures';
import { demoNight } from '../support/nights';

const processor = processorOf(offense);
const gameDate = '2017-04-15';

const thrownBy = async (work: () => Promise<unknown>): Promise<unknown> =>
  work().then(
    () => null,
    (error: unknown) => error,
  );

describe('an effect says what it is', () => {
  const noSpace = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    ...{ code: 'ENOSPC', syscall: 'write' },
  });

  it.each<readonly [string, unknown, string, boolean]>([
    ['unavailable', new WarehouseError('unavailable', 'x'), 'WarehouseUnavailable', false],
    ['contract_broken', new WarehouseError('contract_broken', 'x'), 'WarehouseContractBroken', true],
    ['bad_rows', new WarehouseError('bad_rows', 'x'), 'WarehouseContractBroken', true],
    ['needs_person', new WarehouseError('needs_person', 'x'), 'WarehouseRefused', true],
    ['a fence', new FencedError({ gameDate, runId: 'r', pass: 1 }, 'nobody'), 'PassFenced', true],
  ])('%s', async (_, thrown, type, nonRetryable) => {
    const error = await thrownBy(() => withFailures(() => Promise.reject(thrown as Error)));
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({ type, nonRetryable, message: (thrown as Error).message });
  });

  it.each<readonly [string, Error]>([
    ['of the Temporal client', new ServiceError('Failed to signalWithStart Workflow')],
    ['of the operating system', noSpace],
    ['that is a failure already', ApplicationFailure.retryable('x', 'WebhookFailed')],
    ['of a cancellation', new CancelledFailure('x')],
  ])('an error %s goes through as it is, to be tried again', async (_, thrown) => {
    expect(await thrownBy(() => withFailures(() => Promise.reject(thrown)))).toBe(thrown);
  });
});

describe('a bug of pure code is final at once, with processor, table and date', () => {
  let warehouse: Warehouse;
  const policy = policyNow(defaultPolicySettings, {}, () => new Date('2017-04-16T08:00:00Z'));

  beforeAll(async () => {
    warehouse = await DuckDbWarehouse.open(':memory:');
    await warehouse.ensureTables();
    await warehouse.claimDate({ gameDate, runId: 'run', pass: 1 }, '2017-04-16T08:00:00.000Z');
    for (const [name, rows] of Object.entries(demoNight(gameDate)))
      await warehouse.loadRows(
        name,
        (async function* () {
          yield rows;
        })(),
      );
  });
  afterAll(() => warehouse.close());
  afterEach(() => jest.restoreAllMocks());

  const runOffense = (): Promise<unknown> =>
    runProcessor(
      { gameDate, runId: 'run', pass: 1, processor: offense, policy, liveVersion: 0 },
      {
        ...{ warehouse, versions: {}, build: unbuilt, attempt: 1 },
        clock: () => new Date(),
        isGivenUp: () => false,
      },
    );

  const breaking = (step: 'judge' | 'build' | 'rules', thrown: unknown): void => {
    const fail = (): never => {
      throw thrown as Error;
    };
    if (step === 'rules') jest.replaceProperty(processor, 'rules', [{ ...processor.rules[0]!, find: fail }]);
    else jest.spyOn(processor, step).mockImplementation(fail);
  };

  it.each<readonly ['judge' | 'build' | 'rules', unknown, string]>([
    [
      'judge',
      new TypeError("Cannot read properties of undefined (reading 'pace')"),
      'TypeError: Cannot read',
    ],
    ['build', new TypeError('x is not a function'), 'TypeError: x is not a function (test/activities/'],
    ['build', new RangeError('Invalid array length'), 'RangeError: Invalid array length'],
    ['build', 'a text', 'a text'],
    ['rules', new Error('a game without teams'), 'Error: a game without teams'],
  ])('in %s: %s', async (step, thrown, said) => {
    breaking(step, thrown);
    const error = await thrownBy(runOffense);
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({ type: 'CodeFault', nonRetryable: true });
    const whose = `The code of ${offense} failed for team_offense_game_summary of ${gameDate}: `;
    expect((error as Error).message).toContain(`${whose}${said}`);
  });

  it('also at the dependency check', async () => {
    breaking('judge', new TypeError('x is not a function'));
    const error = await thrownBy(() =>
      withFailures(() => checkDependencies(warehouse, gameDate, [processor], policy)),
    );
    expect(error).toMatchObject({
      ...{ type: 'CodeFault', nonRetryable: true },
      message: expect.stringContaining(
        `${offense} failed for team_offense_game_summary of ${gameDate}`,
      ) as string,
    });
  });
});
