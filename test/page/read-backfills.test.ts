/** What the list of backfills remembers between two looks. */
import type { BackfillView, ListedBackfill } from '../../src/client';
import { BackfillsTopic } from '../../src/gateway/page/read-backfills';
import type { GatewayParts } from '../../src/gateway/parts';

const progress = { replies: {}, asked: {}, total: 0, decisions: [] };

function ended(name: string): ListedBackfill {
  return {
    ...{ workflowId: `backfill/${name}`, from: '2017-04-15', to: '2017-04-16', name, by: null },
    ...{ status: 'COMPLETED', startedAt: '2017-04-17T00:00:00.000Z', endedAt: '2017-04-17T01:00:00.000Z' },
  };
}

test('one that has ended is asked once, for as long as it is listed, and forgotten when it is not', async () => {
  let listed: ListedBackfill[] = [];
  const asked: string[] = [];
  const client = {
    listBackfills: () => Promise.resolve(listed),
    lookAtBackfill: (one: ListedBackfill) => {
      asked.push(one.name);
      return Promise.resolve({ ...one, progress } as unknown as BackfillView);
    },
  };
  const server = { within: (_ms: number, work: () => unknown) => work() };
  const topic = new BackfillsTopic({ client, server } as unknown as GatewayParts);

  listed = [ended('a')];
  await topic.look();
  expect((await topic.look()).map(({ name }) => name)).toEqual(['a']);
  expect(asked).toEqual(['a']);
  listed = [ended('b')];
  await topic.look();
  listed = [ended('a'), ended('b')];
  await topic.look();
  expect(asked).toEqual(['a', 'b', 'a']);
});
