import { readConfig } from '../../src/config/config';
import { readMetricsSettings } from '../../src/config/metrics';

function read(address?: string): { address: string | null; faults: string[] } {
  const faults: string[] = [];
  const env = address === undefined ? {} : { PHASE3_METRICS_ADDRESS: address };
  return { address: readMetricsSettings(env, faults).address, faults };
}

it.each([undefined, '', '  '])('%j leaves the worker to choose', (blank) => {
  expect(read(blank)).toEqual({ address: null, faults: [] });
});

it.each([
  ['127.0.0.1:9464', '127.0.0.1:9464'],
  ['0.0.0.0:9464', '0.0.0.0:9464'],
  [' 10.1.2.3:1 ', '10.1.2.3:1'],
  ['127.0.0.1:65535', '127.0.0.1:65535'],
  ['127.0.0.1:09464', '127.0.0.1:9464'],
  ['localhost:9464', '127.0.0.1:9464'],
  ['[::1]:9464', '[::1]:9464'],
  ['[::]:9464', '[::]:9464'],
  ['[::ffff:10.1.2.3]:9464', '[::ffff:10.1.2.3]:9464'],
])('%s is taken as %s', (given, kept) => {
  expect(read(given)).toEqual({ address: kept, faults: [] });
});

it.each([
  '9464',
  ':9464',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '127.0.0.1:999999',
  '127.0.0.1:-1',
  '127.0.0.1:94.64',
  '127.0.0.1:9464/metrics',
  'http://127.0.0.1:9464',
  '127.0.0.256:9464',
  '127.1:9464',
  '::1:9464',
  '[::1]',
  '[127.0.0.1]:9464',
  '[fe80::1%eth0]:9464',
  '[::1:9464',
  // The SDK looks up no names.
  'metrics.example:9464',
  'yes',
])('refuses %s', (given) => {
  expect(read(given)).toEqual({
    address: null,
    faults: [
      `PHASE3_METRICS_ADDRESS is "${given}", expected an IP address and a port from 1 to 65535 such as 127.0.0.1:9464, 0.0.0.0:9464 or [::1]:9464.`,
    ],
  });
});

it('is read with the rest of the configuration, whose faults it joins', () => {
  expect(readConfig({}).metrics).toEqual({ address: null, gatewayAddress: null });
  expect(readConfig({ PHASE3_METRICS_ADDRESS: '0.0.0.0:9464' }).metrics.address).toBe('0.0.0.0:9464');
  expect(() => readConfig({ PHASE3_METRICS_ADDRESS: 'x', PHASE3_READY_SHARE: '2' })).toThrow(
    /PHASE3_READY_SHARE is "2"[^]*PHASE3_METRICS_ADDRESS is "x"/,
  );
});

it('the gateway has an address of its own, judged in the same way', () => {
  const faults: string[] = [];
  const both = { PHASE3_METRICS_ADDRESS: '127.0.0.1:9464', PHASE3_GATEWAY_METRICS_ADDRESS: 'localhost:9465' };
  expect(readMetricsSettings(both, faults)).toEqual({
    address: '127.0.0.1:9464',
    gatewayAddress: '127.0.0.1:9465',
  });
  expect(readMetricsSettings({ PHASE3_METRICS_ADDRESS: '127.0.0.1:9464' }, faults).gatewayAddress).toBeNull();
  expect(faults).toEqual([]);
  readMetricsSettings({ PHASE3_GATEWAY_METRICS_ADDRESS: 'gateway:9465' }, faults);
  expect(faults).toEqual([expect.stringContaining('PHASE3_GATEWAY_METRICS_ADDRESS is "gateway:9465"')]);
});
