/** What is pinged, by healthchecks.io's convention, and what is said of an address that is a secret. */
import { withHeartbeat, type HeartbeatOptions } from '../../src/activities/heartbeat';
import { ping } from '../../src/notifications/heartbeat';
import { WebhookError } from '../../src/notifications/webhook';
import { everythingOf, secrets, startReceiver, type Receiver } from './receiver';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

it.each([
  ['start', '/services/T0SECRET/B0SECRET/xsecretx/start?token=ysecrety'],
  ['success', '/services/T0SECRET/B0SECRET/xsecretx?token=ysecrety'],
  ['fail', '/services/T0SECRET/B0SECRET/xsecretx/fail?token=ysecrety'],
] as const)('%s is posted to %s, with a text', async (kind, path) => {
  await ping(receiver.address, kind, 'a text');
  expect(receiver.received).toEqual([
    { method: 'POST', path, contentType: 'text/plain; charset=utf-8', body: 'a text' },
  ]);
});

it('an address that ends with a slash is the same address', async () => {
  await ping(`http://${receiver.host}/x/`, 'fail', '');
  await ping(`http://${receiver.host}/x/`, 'success', '');
  expect(receiver.received.map(({ path }) => path)).toEqual(['/x/fail', '/x']);
});

it('of an address that does not answer only the host is named', async () => {
  receiver.answer = (response) => response.writeHead(404).end();
  const error: unknown = await ping(receiver.address, 'success', '').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WebhookError);
  for (const secret of secrets) expect(everythingOf(error as Error)).not.toContain(secret);
});

describe('around a sweep', () => {
  const found = (lateBecause: string | null) => ({ result: {} as never, lateBecause });

  async function around(lateBecause: string | null, options: Partial<HeartbeatOptions> = {}) {
    const pinged: string[] = [];
    await withHeartbeat(async () => found(lateBecause), {
      ping: async (kind, text) => void pinged.push(kind === 'fail' ? `${kind} ${text}` : kind),
      ...{ isGivenUp: () => false, warn: () => undefined, ...options },
    });
    return pinged;
  }

  it('says that all is well only of what is known to be', async () => {
    expect(await around('')).toEqual(['start', 'success']);
    expect(await around('2026-02-03: it is blocked')).toEqual(['start', 'fail 2026-02-03: it is blocked']);
    expect(await around(null)).toEqual(['start']);
    expect(await around('', { isGivenUp: () => true })).toEqual(['start']);
  });

  it('a sweep that fails says nothing more: it is tried again, and silence is the alarm', async () => {
    const pinged: string[] = [];
    const sweeping = withHeartbeat(() => Promise.reject(new Error('no answer')), {
      ping: async (kind) => void pinged.push(kind),
      ...{ isGivenUp: () => false, warn: () => undefined },
    });
    await expect(sweeping).rejects.toThrow('no answer');
    expect(pinged).toEqual(['start']);
  });

  it('a receiver that does not answer fails no sweep, and a fault of ours is not taken for one', async () => {
    const warned: unknown[] = [];
    const warn = (_: string, fields: object): void => void warned.push(fields);
    const away = (): Promise<void> =>
      Promise.reject(new WebhookError('The webhook at h answered 500.', true));
    await around('', { ping: away, warn });
    expect(warned).toMatchObject([
      { kind: 'start' },
      { kind: 'success', why: 'The webhook at h answered 500.' },
    ]);
    await expect(around('', { ping: () => Promise.reject(new TypeError('x')) })).rejects.toThrow(TypeError);
  });
});
