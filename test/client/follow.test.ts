/** Who follows a request hears of its answer as its run ends, and not at the next question to it. */
import { Follower } from '../../src/client/follow';

const accepted = { gameDate: '2017-04-15', requestId: 'q-1', workflowId: 'phase3/2017-04-15', runId: 'r-1' };
const reply = { requestId: 'q-1', summary: 'published' };

function stateWith(answers: readonly object[]): object {
  return { journal: [], journalDropped: 0, runState: 'running', answers, pending: [{ requestId: 'q-1' }] };
}

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] }));
afterEach(() => jest.useRealTimers());

interface Following {
  /** Runs that are over, and what each came to. */
  readonly over: Map<string, string>;
  readonly ends: { readonly runId: string; readonly end: () => void; readonly signal: AbortSignal }[];
  /** What was seen, once the request is answered. */
  readonly seen: Promise<unknown[]>;
}

/** Follows a request that the run `answering` answers as it ends. */
function following(answering: string): Following {
  const over = new Map<string, string>();
  const ends: Following['ends'] = [];
  const wentOn = { workflowExecutionContinuedAsNewEventAttributes: { newExecutionRunId: 'r-2' } };
  const client = {
    options: { namespace: 'default' },
    workflowService: {
      getWorkflowExecutionHistoryReverse: () => Promise.resolve({ history: { events: [wentOn] } }),
    },
    workflow: {
      getHandle: (_: string, runId: string) => ({
        runId,
        describe: () => Promise.resolve({ runId, status: { name: over.get(runId) ?? 'RUNNING' } }),
      }),
    },
  };
  const query = ({ runId }: { runId: string }): Promise<object> =>
    Promise.resolve(stateWith(runId === answering && over.has(runId) ? [reply] : []));
  const untilEnd = ({ runId }: { runId: string }, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => ends.push({ runId, end: resolve, signal }));
  const follower = new Follower({ client, query } as never, { untilEnd } as never);
  const seen = (async () => {
    const answers: unknown[] = [];
    for await (const { answer } of follower.follow(accepted)) answers.push(answer);
    return answers;
  })();
  return { over, ends, seen };
}

/** Until it pauses between two questions to the run that it waits for. */
async function untilPaused(ends: Following['ends'], runId: string): Promise<void> {
  while (ends.at(-1)?.runId !== runId || jest.getTimerCount() === 0) await new Promise(setImmediate);
}

it('the end of its run is heard, whatever the pause between two questions', async () => {
  const { over, ends, seen } = following('r-1');
  await untilPaused(ends, 'r-1');
  over.set('r-1', 'COMPLETED');
  ends[0]?.end();
  expect(await seen).toEqual([null, reply]);
  expect(ends.map(({ signal }) => signal.aborted)).toEqual([true]);
});

it('a run that went on as another is followed to the end of that one', async () => {
  const { over, ends, seen } = following('r-2');
  await untilPaused(ends, 'r-1');
  over.set('r-1', 'CONTINUED_AS_NEW');
  ends[0]?.end();
  await untilPaused(ends, 'r-2');
  expect(ends.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  over.set('r-2', 'COMPLETED');
  ends[1]?.end();
  expect(await seen).toEqual([null, reply]);
  expect(ends.map(({ runId, signal }) => [runId, signal.aborted])).toEqual([
    ['r-1', true],
    ['r-2', true],
  ]);
});
