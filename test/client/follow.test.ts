/** Who follows a request hears of its answer as its run ends, and not at the next question to it. */
import { Follower } from '../../src/client/follow';

const accepted = { gameDate: '2017-04-15', requestId: 'q-1', workflowId: 'phase3/2017-04-15', runId: 'r-1' };
const reply = { requestId: 'q-1', summary: 'published' };

function stateWith(answers: readonly object[]): object {
  return { journal: [], journalDropped: 0, runState: 'running', answers, pending: [{ requestId: 'q-1' }] };
}

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] }));
afterEach(() => jest.useRealTimers());

it.each([
  ['is done', { 'r-1': 'COMPLETED' }],
  ['went on as another, which answers', { 'r-1': 'CONTINUED_AS_NEW', 'r-2': 'COMPLETED' }],
])(
  'the end of a run that %s is heard, whatever the pause between two questions',
  async (_, runs: Record<string, string>) => {
    let isOver = false;
    const ends: Array<() => void> = [];
    const client = {
      options: { namespace: 'default' },
      workflowService: {
        getWorkflowExecutionHistoryReverse: () =>
          Promise.resolve({
            history: {
              events: [{ workflowExecutionContinuedAsNewEventAttributes: { newExecutionRunId: 'r-2' } }],
            },
          }),
      },
      workflow: {
        getHandle: (_workflowId: string, runId: string) => ({
          describe: () =>
            Promise.resolve({ runId, status: { name: isOver ? (runs[runId] ?? '') : 'RUNNING' } }),
        }),
      },
    };
    const at = { client, query: () => Promise.resolve(stateWith(isOver ? [reply] : [])) };
    const stopped: AbortSignal[] = [];
    const untilEnd = (_run: object, signal: AbortSignal): Promise<void> => {
      stopped.push(signal);
      return new Promise((resolve) => ends.push(resolve));
    };
    const follower = new Follower(at as never, { untilEnd } as never);
    const seen: unknown[] = [];
    const followed = (async () => {
      for await (const { answer } of follower.follow(accepted)) seen.push(answer);
    })();
    while (jest.getTimerCount() === 0) await new Promise(setImmediate);
    isOver = true;
    ends[0]?.();
    await followed;
    expect(seen).toEqual([null, reply]);
    expect(stopped.every(({ aborted }) => aborted)).toBe(true);
  },
);
