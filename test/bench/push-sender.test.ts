/** The bench's subscription before a server that answers as it is told. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PlannedPush } from '../../scripts/bench/push-plan';
import { PushSender } from '../../scripts/bench/push-sender';

interface Received {
  readonly messageId: string;
  readonly attempt: number;
  readonly data: unknown;
}

const backOff = { firstMs: 20, longestMs: 40 };
let received: Received[] = [];
let answer: (response: ServerResponse, push: Received) => void;
let server: Server;
let sender: PushSender;

beforeEach(async () => {
  received = [];
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const { message, deliveryAttempt } = JSON.parse(text) as {
        message: { messageId: string; data: string };
        deliveryAttempt: number;
      };
      const data: unknown = JSON.parse(Buffer.from(message.data, 'base64').toString());
      const push = { messageId: message.messageId, attempt: deliveryAttempt, data };
      received.push(push);
      answer(response, push);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  sender = new PushSender(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, backOff);
});
afterEach(async () => {
  sender.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function push(messageId: string, at = 0): PlannedPush {
  return { at, messageId, gameDate: '2025-01-15', source: 'nbac_team_boxscore' };
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

test('a push is what Pub/Sub sends of the message', async () => {
  answer = (response) => reply(response, 200, { status: 'completed' });
  await sender.send([push('1')]);
  await sender.drain();
  expect(received).toEqual([
    {
      messageId: '1',
      attempt: 1,
      data: { output_table: 'nba_raw.nbac_team_boxscore', game_date: '2025-01-15', status: 'success' },
    },
  ]);
  expect(sender.answers).toMatchObject([
    { messageId: '1', attempt: 1, httpStatus: 200, status: 'completed' },
  ]);
});

test('whether anybody has answered changes nothing about when the next is sent', async () => {
  const held: ServerResponse[] = [];
  let tell: () => void;
  const allThere = new Promise<void>((resolve) => (tell = resolve));
  answer = (response) => {
    held.push(response);
    if (held.length === 20) tell();
  };
  await sender.send(Array.from({ length: 20 }, (_, index) => push(String(index), index)));
  await allThere;
  expect(sender.most).toBe(20);
  expect(sender.answers).toEqual([]);
  for (const response of held) reply(response, 200, { status: 'unchanged' });
  await sender.drain();
  expect(sender.answers).toHaveLength(20);
});

test('what is refused comes again until it is acknowledged, with what it was refused for', async () => {
  answer = (response, { attempt }) =>
    attempt < 3
      ? reply(response, 500, {
          status: 'dependency_not_ready',
          message: 'not yet',
          missing_dependencies: ['nbac_team_boxscore'],
          also_waiting: [{ missing_dependencies: ['team_offense_game_summary'] }],
        })
      : reply(response, 202, { status: 'running' });
  await sender.send([push('1')]);
  await sender.drain();
  expect(received.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  const [first, second, third] = sender.answers;
  expect(first).toMatchObject({
    httpStatus: 500,
    missing: ['nbac_team_boxscore', 'team_offense_game_summary'],
    message: 'not yet',
  });
  expect(second!.sentAt - first!.answeredAt).toBeGreaterThanOrEqual(backOff.firstMs - 1);
  expect(third).toMatchObject({ httpStatus: 202, missing: [] });
});

test('of two deliveries of a message that are both refused one comes again', async () => {
  answer = (response, { attempt }) => reply(response, attempt === 1 ? 500 : 200, { status: 'x' });
  await sender.send([push('1'), push('1')]);
  await sender.drain();
  expect(received.map(({ attempt }) => attempt)).toEqual([1, 1, 2]);
});

test('a message that another delivery has settled does not come again', async () => {
  const held: ServerResponse[] = [];
  answer = (response) => {
    held.push(response);
    if (held.length < 2) return;
    // The one that is refused is answered first, so that it is about to come again.
    reply(held[0]!, 500, { status: 'dependency_not_ready' });
    reply(held[1]!, 200, { status: 'completed' });
  };
  await sender.send([push('1'), push('1')]);
  await sender.drain();
  // Longer than the back-off: another message sent after it is answered after what would have come again.
  answer = (response) => reply(response, 200, { status: 'completed' });
  await sender.send([push('2', 2 * backOff.longestMs)]);
  await sender.drain();
  expect(received.map(({ messageId }) => messageId)).toEqual(['1', '1', '2']);
});

test('a connection that breaks is no answer, and the message comes again', async () => {
  answer = (response, { attempt }) => {
    if (attempt === 1) response.destroy();
    else reply(response, 200, { status: 'completed' });
  };
  await sender.send([push('1')]);
  await sender.drain();
  expect(sender.answers.map(({ httpStatus }) => httpStatus)).toEqual([null, 200]);
});

test('what is no JSON is told as that', async () => {
  answer = (response) => response.writeHead(200).end('<html>');
  await sender.send([push('1')]);
  await sender.drain();
  expect(sender.answers).toMatchObject([{ httpStatus: 200, status: 'no JSON' }]);
});
