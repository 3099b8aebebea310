/** Signals of one date go a few together; those of another do not wait for them. */
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { Phase3Client } from '../../src/client';

const together = 8;

/** A client whose signals are taken when `take` says so. */
function signalling(): { client: Phase3Client; underWay: string[]; take: (error?: Error) => Promise<void> } {
  const underWay: string[] = [];
  const open: ((error?: Error) => void)[] = [];
  const signal = (workflowId: string): Promise<void> => {
    underWay.push(workflowId);
    return new Promise((resolve, reject) => open.push((error) => (error ? reject(error) : resolve())));
  };
  const take = async (error?: Error): Promise<void> => {
    open.shift()?.(error);
    await turn();
  };
  const workflow = {
    getHandle: (workflowId: string) => ({
      signal: () => signal(workflowId),
      describe: () => Promise.resolve({ priority: {} }),
    }),
    signalWithStart: async (_: unknown, { workflowId }: { workflowId: string }) => {
      await signal(workflowId);
      return { signaledRunId: `the run of ${workflowId}` };
    },
  };
  return { client: new Phase3Client({ workflow } as never), underWay, take };
}

const rechecks = (client: Phase3Client, gameDate: string, count: number): Promise<unknown>[] =>
  Array.from({ length: count }, () =>
    client.recheck({ gameDate, by: 'ana' }).catch((error: unknown) => error),
  );

/** After the rest of the date, which depends on the machine. */
async function untilUnderWay(underWay: readonly string[], count: number): Promise<void> {
  while (underWay.length < count) await pause(1);
  expect(underWay).toHaveLength(count);
}

it('of one date so many go together, and the others when all of these are there', async () => {
  const { client, underWay, take } = signalling();
  const sent = rechecks(client, '2017-04-15', 1 + together);
  sent.push(client.run({ gameDate: '2017-04-15' }));
  await turn();
  expect(underWay).toHaveLength(1);
  await take();
  await untilUnderWay(underWay, 1 + together);
  // One that is refused gives its turn back too.
  await take(new Error('refused'));
  for (let left = 2; left < together; left += 1) await take();
  expect(underWay).toHaveLength(1 + together);
  await take();
  await untilUnderWay(underWay, sent.length);
  await take();
  const answers = await Promise.all(sent);
  expect(answers.filter((answer) => answer instanceof Error)).toEqual([new Error('refused')]);
});

it('another date is signalled meanwhile, and the first again when it has been quiet', async () => {
  const { client, underWay, take } = signalling();
  const sent = rechecks(client, '2017-04-15', 2);
  sent.push(...rechecks(client, '2017-04-16', 1));
  await turn();
  expect(underWay.filter((id) => id.endsWith('2017-04-16'))).toHaveLength(1);
  await take();
  await take();
  await untilUnderWay(underWay, 3);
  await take();
  await Promise.all(sent);
  const again = rechecks(client, '2017-04-15', 1);
  await turn();
  expect(underWay).toHaveLength(4);
  await take();
  await Promise.all(again);
});
