/** Where metrics are served. A part of the configuration's reader, which calls it. */
import { isIPv4, isIPv6 } from 'node:net';

export interface MetricsSettings {
  /** `host:port` with an IP address as its host; null for a free port of 127.0.0.1, which the worker's file names. */
  readonly address: string | null;
  /** Where the gateway serves its own without a token, in the same form; null for `GET /metrics` alone, which asks for one. */
  readonly gatewayAddress: string | null;
}

/** Reads the settings; what is not valid adds a sentence to `faults`. */
export function readMetricsSettings(env: Readonly<NodeJS.ProcessEnv>, faults: string[]): MetricsSettings {
  const read = (name: string): string | null => {
    const text = env[name]?.trim() ?? '';
    if (text === '') return null;
    const address = socketAddress(text);
    if (address === null)
      faults.push(
        `${name} is "${text}", expected an IP address and a port from 1 to 65535 such as 127.0.0.1:9464, 0.0.0.0:9464 or [::1]:9464.`,
      );
    return address;
  };
  return {
    address: read('PHASE3_METRICS_ADDRESS'),
    gatewayAddress: read('PHASE3_GATEWAY_METRICS_ADDRESS'),
  };
}

/** The address as the SDK takes it, which looks up no names: `localhost` becomes what it means. Null for anything else. */
function socketAddress(text: string): string | null {
  const [, bracketed, plain = '', digits] = /^(?:\[([\d:a-f.]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) return null;
  if (bracketed !== undefined) return isIPv6(bracketed) ? `[${bracketed}]:${port}` : null;
  const host = plain === 'localhost' ? '127.0.0.1' : plain;
  return isIPv4(host) ? `${host}:${port}` : null;
}
