/** A date that takes no more: whoever asks is told to ask again, by the gateway and by the command line's client. */
import { BusyError, reasonOf } from '../../src/client';
import { Deployment } from '../../src/client/deployment';
import { Follower } from '../../src/client/follow';
import { Looks } from '../../src/client/looks';
import { identityOf } from '../../src/contracts/identity';
import type { TriggerMessage } from '../../src/contracts/messages';
import { RunWatch } from '../../src/gateway/run-watch';
import { mostPending } from '../../src/workflows/take-in';
import { startGateway } from '../support/gateway';
import { Rig } from '../support/rig';

const source = 'nbac_gamebook_player_stats';
const mostSignals = 14;
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open(['--dynamic-config-value', `history.maximumSignalsPerExecution=${mostSignals}`]);
});
afterAll(() => rig.close());

function news(gameDate: string): object {
  return { source_table: source, game_date: gameDate };
}

describe('a run that may get no more signals', () => {
  const gameDate = '2017-06-01';
  const sentence =
    /^The run of 2017-06-01 has received as many messages as Temporal lets a run have\..* send this one again/;

  beforeAll(async () => {
    // No worker is there to continue it as a new one.
    for (let signal = 0; signal < mostSignals; signal += 1) await rig.client.run({ gameDate });
  });

  it('is said to be so to whoever sends one more, in a sentence', async () => {
    for (const sent of [
      () => rig.client.run({ gameDate }),
      () => rig.client.rerun({ gameDate, by: 'ana', reason: 'the rows were corrected' }),
      () => rig.client.recheck({ gameDate, by: 'ana' }),
    ]) {
      const error: unknown = await sent().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(BusyError);
      expect((error as Error).message).toMatch(sentence);
      // For who wants the server's own words.
      expect(reasonOf(error as Error)).toBe('exceeded workflow execution limit for signal events');
    }
  });

  it('is a 503 of the gateway that says when to try again', async () => {
    const gateway = await startGateway(rig);
    for (const [path, body] of [
      ['/process', news(gameDate)],
      [`/dates/${gameDate}/recheck`, {}],
      [`/dates/${gameDate}/rerun`, { reason: 'the rows were corrected' }],
    ] as const) {
      const answer = await gateway.post(path, body);
      expect(answer).toMatchObject({
        status: 503,
        body: { status: 'unavailable', message: expect.stringMatching(sentence) as string },
      });
      expect(answer.headers.get('retry-after')).toBe('10');
    }
    await gateway.close();
  });
});

describe('a date that holds as many requests as it can', () => {
  const gameDate = '2017-06-02';

  beforeAll(async () => {
    await rig.startWorker();
    // The date has no rows, so that all of these wait.
    const filler = (index: number): TriggerMessage => ({
      ...{ requestId: `${index}-`.padEnd(200, 'r'), kind: 'trigger', source },
      ...{ by: 'b'.repeat(200), correlationId: 'c'.repeat(100) },
    });
    const size = JSON.stringify(filler(0)).length;
    const send = ([first, ...others]: TriggerMessage[]): Promise<unknown> =>
      rig.client.sendTogether(gameDate, [first!, ...others]);
    const fillers = Array.from({ length: Math.ceil(mostPending / size) }, (_, index) => filler(index));
    for (let from = 0; from < fillers.length; from += 100) await send(fillers.slice(from, from + 100));
    const { pendingCount } = await rig.until(gameDate, (state) => state.pendingCount >= fillers.length - 1);
    // The last one had no room; these take what is left.
    await send(
      Array.from({ length: 10 }, (_, index) => ({ requestId: `s${index}`, kind: 'trigger', source })),
    );
    await rig.until(gameDate, (state) => state.pendingCount > pendingCount && state.runState === 'waiting');
  });

  it('is a 503 of the gateway that says when to try again, long before its wait is over', async () => {
    const watch = new RunWatch(rig.client, { notTakenMs: 500 });
    const gateway = await startGateway(rig, { parts: { watch } });
    const answer = await gateway.post('/process', news(gameDate));
    expect(answer).toMatchObject({
      status: 503,
      body: {
        status: 'unavailable',
        message: `${gameDate} has more requests than it can hold and did not take this one; send it again.`,
      },
    });
    expect(answer.headers.get('retry-after')).toBe('10');
    await gateway.close();
  });

  it('is told to whoever follows the request, in a sentence', async () => {
    const at = new Deployment(
      rig.raw,
      identityOf(null),
      () => new Date(),
      () => undefined,
    );
    const follower = new Follower(at, new Looks(at), 500);
    const accepted = await rig.client.run({ gameDate });
    const followed = async (): Promise<void> => {
      for await (const { answer } of follower.follow(accepted)) expect(answer).toBeNull();
    };
    await expect(followed()).rejects.toThrow(
      new BusyError(
        `${gameDate} has more requests than it can hold and did not take this one. Send it again in a minute.`,
      ),
    );
  });
});
