/** Who waits for the end of a run asks the server for as long as somebody waits, in requests that each have an end. */
import { ServiceError, WorkflowContinuedAsNewError, WorkflowFailedError } from '@temporalio/client';
import { setImmediate as turn } from 'node:timers/promises';
import { Phase3Client } from '../../src/client';

const run = { workflowId: 'phase3/2017-04-15', runId: 'r-1' };

function fault(code: number): ServiceError {
  const cause = Object.assign(new Error('of the server'), { code, details: '', metadata: {} });
  return new ServiceError('Failed to get Workflow execution history', { cause });
}
const late = fault(4);

/** A server that answers as it is told, one request after another. */
function asking(): {
  wait: (stop?: AbortController) => Promise<unknown>;
  answer: (error: Error | null) => Promise<void>;
  asked: number[];
} {
  const asked: number[] = [];
  let settle: (error: Error | null) => void = () => undefined;
  const result = (): Promise<void> =>
    new Promise((resolve, reject) => (settle = (error) => (error ? reject(error) : resolve())));
  const client = {
    connection: {
      withAbortSignal: (_: AbortSignal, ask: () => Promise<unknown>) => ask(),
      withDeadline: (deadline: number, ask: () => Promise<unknown>) => {
        asked.push(deadline - Date.now());
        return ask();
      },
    },
    workflow: { getHandle: () => ({ result }) },
  };
  const wait = (stop = new AbortController()): Promise<unknown> =>
    new Phase3Client(client as never).untilEnd(run, stop.signal).then(
      () => 'ended',
      (error: unknown) => error,
    );
  const answer = async (error: Error | null): Promise<void> => {
    settle(error);
    await turn();
  };
  return { wait, answer, asked };
}

it.each([
  ['is done', null],
  ['has failed', new WorkflowFailedError('failed', undefined, 'NON_RETRYABLE_FAILURE')],
  ['went on as another', new WorkflowContinuedAsNewError('continued', 'r-2')],
])('a run that %s has ended', async (_, error) => {
  const { wait, answer, asked } = asking();
  const waited = wait();
  await answer(error);
  expect(await waited).toBe('ended');
  expect(asked).toHaveLength(1);
});

it('a request whose time is up is made anew, and none waits for over a minute', async () => {
  const { wait, answer, asked } = asking();
  const waited = wait();
  for (let times = 0; times < 3; times += 1) await answer(late);
  await answer(null);
  expect(await waited).toBe('ended');
  expect(asked).toHaveLength(4);
  for (const ms of asked) expect(ms).toBeLessThanOrEqual(60_000);
});

it('a server that cannot say is no end', async () => {
  const { wait, answer } = asking();
  const waited = wait();
  const unavailable = fault(14);
  await answer(unavailable);
  expect(await waited).toBe(unavailable);
});

it('who stops hears so at once, and asks no more when the request that is under way comes back', async () => {
  const { wait, answer, asked } = asking();
  const stop = new AbortController();
  const waited = wait(stop);
  stop.abort(new Error('nobody waits'));
  expect(await waited).toEqual(new Error('nobody waits'));
  await answer(late);
  expect(asked).toHaveLength(1);
});

it('who has stopped before asks nothing', async () => {
  const { wait, asked } = asking();
  const stop = new AbortController();
  stop.abort(new Error('nobody waits'));
  expect(await wait(stop)).toEqual(new Error('nobody waits'));
  expect(asked).toEqual([]);
});
