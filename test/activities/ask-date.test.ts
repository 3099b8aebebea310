/** A run that gives way is made live by who is the first to ask for its date; nobody after that asks the server about it again. */
import { askDate } from '../../src/activities/ask-date';
import type { RequestKind } from '../../src/contracts/messages';
import { identityOf } from '../../src/contracts/identity';
import { backfillKey, liveKey } from '../../src/contracts/urgency';

/** A server whose one run has this id and priority; what it is asked. */
function serverOf(runId: string, priorityKey: number, isDown = false): { asked: string[]; ask: Asking } {
  const asked: string[] = [];
  let key = priorityKey;
  const describe = (): Promise<unknown> => {
    asked.push('describe');
    return isDown
      ? Promise.reject(new Error('unavailable'))
      : Promise.resolve({ priority: { priorityKey: key } });
  };
  const workflow = {
    options: { namespace: 'default' },
    signalWithStart: () => Promise.resolve({ signaledRunId: runId }),
    getHandle: () => ({ describe }),
    workflowService: {
      updateWorkflowExecutionOptions: (given: {
        workflowExecutionOptions: { priority: { priorityKey: number } };
      }) => {
        key = given.workflowExecutionOptions.priority.priorityKey;
        asked.push(`priority ${key}`);
        return Promise.resolve({});
      },
    },
  };
  const ask: Asking = (kind, requestId) =>
    askDate({ workflow } as never, identityOf(null), {
      gameDate: '2017-04-15',
      message: { requestId, kind, source: 'nbac_gamebook_player_stats' },
    });
  return { asked, ask };
}

type Asking = (kind: RequestKind, requestId: string) => Promise<unknown>;

it('is raised once, however many ask', async () => {
  const { asked, ask } = serverOf('gives-way', backfillKey);
  await ask('backfill', 'b-1');
  expect(asked).toEqual([]);
  for (const id of ['t-1', 't-2', 't-3']) await ask('trigger', id);
  expect(asked).toEqual(['describe', `priority ${liveKey}`]);
});

it('is asked about once, where it gives way to nobody', async () => {
  const { asked, ask } = serverOf('live', liveKey);
  for (const id of ['t-1', 't-2', 't-3']) await ask('trigger', id);
  expect(asked).toEqual(['describe']);
});

it('is asked about again, where the server could not say', async () => {
  const { asked, ask } = serverOf('unknown', backfillKey, true);
  for (const id of ['t-1', 't-2']) await ask('trigger', id);
  expect(asked).toEqual(['describe', 'describe']);
});

it('is asked about again after a thousand others, not after fewer', async () => {
  const { asked, ask } = serverOf('remembered', liveKey);
  const others = async (from: number, to: number): Promise<void> => {
    for (let other = from; other < to; other += 1)
      await serverOf(`other-${other}`, liveKey).ask('trigger', 't');
  };
  await ask('trigger', 't-1');
  await others(0, 999);
  await ask('trigger', 't-2');
  expect(asked).toEqual(['describe']);
  await others(999, 1_000);
  await ask('trigger', 't-3');
  expect(asked).toEqual(['describe', 'describe']);
});
