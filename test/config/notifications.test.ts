import { readNotificationSettings, type NotificationSettings } from '../../src/config/notifications';

function read(env: NodeJS.ProcessEnv): NotificationSettings & { faults: string[] } {
  const faults: string[] = [];
  return { ...readNotificationSettings(env, faults), faults };
}

const nothing = { webhookUrl: null, temporalUi: null, runbook: 'docs/runbook.md', faults: [] };

it('without anything set there is the log, and the runbook of the repository', () => {
  expect(read({})).toEqual(nothing);
});

it.each(['', '  '])('%j is not set', (blank) => {
  expect(read({ PHASE3_WEBHOOK_URL: blank, PHASE3_TEMPORAL_UI: blank, PHASE3_RUNBOOK_URL: blank })).toEqual(
    nothing,
  );
});

it('takes what is set, without the blanks around it', () => {
  expect(
    read({
      PHASE3_WEBHOOK_URL: ' https://hooks.slack.com/services/T0/B0/x?y=1 ',
      PHASE3_TEMPORAL_UI: ' https://temporal.example ',
      PHASE3_RUNBOOK_URL: ' https://git.example/phase3/docs/runbook.md?plain=0 ',
    }),
  ).toEqual({
    webhookUrl: 'https://hooks.slack.com/services/T0/B0/x?y=1',
    temporalUi: 'https://temporal.example',
    runbook: 'https://git.example/phase3/docs/runbook.md?plain=0',
    faults: [],
  });
});

it.each([
  ['http://127.0.0.1:8233', 'http://127.0.0.1:8233'],
  ['http://127.0.0.1:8233/', 'http://127.0.0.1:8233'],
  ['https://ui.example/temporal//', 'https://ui.example/temporal'],
])('the Temporal UI at %s is linked to as %s', (given, kept) => {
  expect(read({ PHASE3_TEMPORAL_UI: given }).temporalUi).toBe(kept);
});

it.each([
  'hooks.slack.com/services/T0SECRET',
  'https:/hooks.slack.com/T0SECRET',
  'ftp://hooks.slack.com/T0SECRET',
  'javascript:T0SECRET',
  'https://user:T0SECRET@hooks.slack.com/services',
  'https://T0SECRET@hooks.slack.com/services',
  'https://hooks slack/T0SECRET',
  'https://',
  'T0SECRET',
])('refuses the webhook %s without printing it', (address) => {
  const { faults, webhookUrl } = read({ PHASE3_WEBHOOK_URL: address });
  expect(webhookUrl).toBeNull();
  expect(faults).toEqual([
    'PHASE3_WEBHOOK_URL is not shown here, since it is a secret; expected an http or https address without user and password, such as https://hooks.slack.com/services/….',
  ]);
});

it.each([
  '127.0.0.1:8233',
  'ftp://ui.example',
  'http://ui.example/?namespace=x',
  'http://ui.example/#a',
  'yes',
])('refuses the Temporal UI %s', (address) => {
  expect(read({ PHASE3_TEMPORAL_UI: address }).faults).toEqual([
    `PHASE3_TEMPORAL_UI is "${address}", expected the address of the Temporal UI such as http://127.0.0.1:8233.`,
  ]);
});

it.each([
  'runbook.md',
  '/docs/runbook.md',
  'file:///docs/runbook.md',
  'https://git.example/runbook.md#blocked',
])('refuses the runbook %s', (address) => {
  expect(read({ PHASE3_RUNBOOK_URL: address }).faults).toEqual([
    `PHASE3_RUNBOOK_URL is "${address}", expected an http or https address without #, because the anchor of a paragraph is added.`,
  ]);
});

// They would be in every message that is sent.
it.each(['PHASE3_TEMPORAL_UI', 'PHASE3_RUNBOOK_URL'])(
  '%s may hold no password, and none is printed',
  (name) => {
    const { faults } = read({ [name]: 'https://maria:T0SECRET@ui.example' });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} is not shown, since it may hold a password, expected `));
    expect(faults[0]).not.toContain('T0SECRET');
  },
);

it('names all faults at once, after those that are there', () => {
  const faults = ['PHASE3_NOW is "x", expected an instant.'];
  readNotificationSettings(
    { PHASE3_WEBHOOK_URL: 'x', PHASE3_TEMPORAL_UI: 'x', PHASE3_RUNBOOK_URL: 'x' },
    faults,
  );
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
    'PHASE3_NOW',
    'PHASE3_WEBHOOK_URL',
    'PHASE3_TEMPORAL_UI',
    'PHASE3_RUNBOOK_URL',
  ]);
});
