/** Signals of one date are under way a few at a time; those of another do not wait for them. */
import { setImmediate as turn } from 'node:timers/promises';
import { Phase3Client } from '../../src/client';

const atOnce = 4;

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

it('of one date so many are under way at once, and each that ends lets the next in', async () => {
  const { client, underWay, take } = signalling();
  const sent = rechecks(client, '2017-04-15', atOnce + 2);
  sent.push(client.run({ gameDate: '2017-04-15' }));
  await turn();
  expect(underWay).toHaveLength(atOnce);
  await take();
  expect(underWay).toHaveLength(atOnce + 1);
  // One that is refused gives its turn back too.
  await take(new Error('refused'));
  expect(underWay).toHaveLength(atOnce + 2);
  while (underWay.length < sent.length) await take();
  for (let left = 0; left < atOnce; left += 1) await take();
  const answers = await Promise.all(sent);
  expect(answers.filter((answer) => answer instanceof Error)).toEqual([new Error('refused')]);
});

it('another date is signalled meanwhile, and the first again when it has been quiet', async () => {
  const { client, underWay, take } = signalling();
  const sent = rechecks(client, '2017-04-15', atOnce + 1);
  sent.push(...rechecks(client, '2017-04-16', 1));
  await turn();
  expect(underWay.filter((id) => id.endsWith('2017-04-16'))).toHaveLength(1);
  for (const _ of sent) await take();
  await Promise.all(sent);
  const again = rechecks(client, '2017-04-15', atOnce + 1);
  await turn();
  expect(underWay).toHaveLength(sent.length + atOnce);
  for (const _ of again) await take();
  await Promise.all(again);
});
