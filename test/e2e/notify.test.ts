/** `phase3 notify test`, typed: who would be told of what, and what comes back of a message that is sent. */
import { notificationKinds } from '../../src/contracts/notifications';
import { secrets, startReceiver, type Receiver } from '../notifications/receiver';
import { Cli } from '../support/cli';

let cli: Cli;
let receiver: Receiver;
let channels: NodeJS.ProcessEnv;

beforeAll(async () => {
  receiver = await startReceiver();
  const [slack, json, heartbeat] = ['slack', 'json', 'heartbeat'].map((to) => `${receiver.address}&to=${to}`);
  channels = {
    ...{ PHASE3_WEBHOOK_URL: slack, PHASE3_JSON_WEBHOOK_URL: json, PHASE3_HEARTBEAT_URL: heartbeat },
    ...{ PHASE3_NEEDED_BY: '08:30', PHASE3_NOW: '2026-02-04T14:00:00Z', USER: 'ana' },
  };
  cli = await Cli.create();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = (response) => response.end('ok');
});
afterAll(async () => {
  await cli.dispose();
  await receiver.close();
});

test('shows each kind with whom it wakes and what to run next; nothing is sent, no secret shown', async () => {
  const { code, stdout, stderr } = await cli.run(['notify', 'test'], channels);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`receivers  the log, slack at ${receiver.host}, json at ${receiver.host}`);
  expect(stdout).toContain('needed by  08:30 New York time');
  expect(stdout).toContain('trouble (page if its rows will not be there by 08:30, otherwise notice)');
  expect(stdout).toContain('❌ 2026-02-03: blocked');
  expect(stdout).toContain('next: phase3 why 2026-02-03');
  for (const kind of notificationKinds) expect(stdout).toMatch(new RegExp(`^${kind} \\(`, 'm'));
  for (const secret of secrets) expect(stdout).not.toContain(secret);
  expect(receiver.received).toEqual([]);
});

test('without any channel the log is told, and nobody is paged', async () => {
  const { code, stdout } = await cli.run(['notify', 'test', '--send']);
  expect(code).toBe(0);
  expect(stdout).toContain('receivers  the log\n');
  expect(stdout).toMatch(/^trouble$/m);
  expect(stdout).toContain('Nothing was sent: no channel is configured');
});

test('--send sends one message to each channel, pings no heartbeat, and says what came back', async () => {
  receiver.answer = (response, { url }) =>
    url?.endsWith('slack') ? response.writeHead(404).end('no_service') : response.writeHead(202).end();
  const { code, stdout } = await cli.run(['notify', 'test', '--send', '--json'], channels);
  expect(code).toBe(1);
  const { sent, messages } = JSON.parse(stdout) as { sent: unknown; messages: readonly object[] };
  expect(sent).toEqual([
    {
      ...{ channel: 'slack', host: receiver.host, arrived: false },
      answer: `The webhook at ${receiver.host} answered 404 (no_service).`,
    },
    { channel: 'json', host: receiver.host, arrived: true, answer: `${receiver.host} answered 202.` },
  ]);
  expect(messages).toHaveLength(notificationKinds.length);
  expect(messages[0]).toMatchObject({
    ...{ kind: 'trouble', next_command: 'phase3 why 2026-02-03' },
    ...{ slack: { text: expect.stringContaining('🚨 ❌ 2026-02-03: blocked') as string } },
    json: { kind: 'trouble', severity: 'page' },
  });
  for (const secret of secrets) expect(stdout).not.toContain(secret);
  expect(receiver.received.map(({ path }) => path.split('to=')[1]).sort()).toEqual(['json', 'slack']);
  const [json] = receiver.received.filter(({ path }) => path.endsWith('json'));
  expect(json?.body).toMatchObject({
    ...{ kind: 'decided', transition: 'happened', severity: 'notice' },
    summary: 'A test message of `phase3 notify test --send` by ana. Nothing has happened.',
  });
});

test('a worker that was started with it pings the switch after a sweep', async () => {
  expect((await cli.run(['up'], channels)).code).toBe(0);
  expect((await cli.run(['schedules', 'apply', 'phase3-sentinel'], channels)).code).toBe(0);
  expect((await cli.run(['schedules', 'trigger', 'phase3-sentinel'], channels)).code).toBe(0);
  while (receiver.received.length < 2) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(receiver.received.slice(0, 2)).toMatchObject([
    { method: 'POST', path: expect.stringMatching(/\/xsecretx\/start\?.*to=heartbeat$/) as string },
    {
      ...{ method: 'POST', path: expect.stringMatching(/\/xsecretx\?.*to=heartbeat$/) as string },
      body: 'every date that is due is settled',
    },
  ]);
});
