/** What the server says to an update that nobody has looked at: it is sent again under its id. What was looked at is not. */
import { ServiceError, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { bypassUpdate } from '../../src/contracts/decisions';
import { identityOf } from '../../src/contracts/identity';
import { Deployment } from '../../src/client/deployment';

// Words of Temporal 1.32, where a run ends as the update comes: in a test that is a matter of luck (backfill-routes.test.ts).
const failedTask = new ServiceError('Workflow Update failed', {
  cause: Object.assign(
    new Error('Unable to perform workflow execution update due to unexpected workflow task failure.'),
    { details: '' },
  ),
});
const failed = (type: string): Error =>
  new WorkflowUpdateFailedError(
    'Workflow Update failed',
    ApplicationFailure.create({ type, message: 'why' }),
  );

/** A decision about a run of which the server answers so, one after another, and then takes it; with the ids it was sent under. */
async function decided(...answers: readonly Error[]): Promise<{ answer: unknown; ids: unknown[] }> {
  const ids: unknown[] = [];
  const left = [...answers];
  const handle = {
    executeUpdate: (_: unknown, { updateId }: { updateId: string }) => {
      ids.push(updateId);
      const error = left.shift();
      return error ? Promise.reject(error) : Promise.resolve('taken');
    },
  } as unknown as WorkflowHandle;
  const client = { connection: { withDeadline: (_: number, ask: () => Promise<unknown>) => ask() } };
  const deployment = new Deployment(
    client as never,
    identityOf(null),
    () => new Date(),
    () => undefined,
  );
  const named = { message: {} as never, updateId: 'b-1', shownBy: 'phase3 status' };
  const answer = await deployment.decide(handle, bypassUpdate, named).catch((error: unknown) => error);
  return { answer, ids };
}

it('it is sent again, under one id, until somebody has looked at it', async () => {
  const { answer, ids } = await decided(failedTask, failed('UnprocessedUpdate'), failedTask);
  expect(answer).toBe('taken');
  expect(ids).toEqual(['b-1', 'b-1', 'b-1', 'b-1']);
});

it.each([
  ['a refusal', failed('OverrideRefused'), 'RefusedError'],
  ['a failure', failed('AuditUnavailable'), 'FailedError'],
  ['a server that is gone', new ServiceError('gone', { cause: new Error('14 UNAVAILABLE') }), 'ServiceError'],
])('%s is not asked for again', async (_, error, name) => {
  const { answer, ids } = await decided(error);
  expect([(answer as Error).name, ids]).toEqual([name, ['b-1']]);
});
