/** Forms of addresses and instants that the environment may hold. Pure. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { isGameDate } from '../contracts/game-date';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** An http or https address without a user or a password, which `fetch` refuses and messages would show. */
export function isWebAddress(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/** True for an address that nobody between can read or change: https, or http that does not leave this machine. */
export function isSafeAddress(text: string): boolean {
  if (!isWebAddress(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

/**
 * `host:port` as Temporal's SDK takes it, which looks up no names: `localhost` becomes its address. Null for anything else.
 */
export function socketAddress(text: string): string | null {
  const [, bracketed, plain = '', digits] = /^(?:\[([\d:a-f.]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) return null;
  if (bracketed !== undefined) return isIPv6(bracketed) ? `[${bracketed}]:${port}` : null;
  const host = plain === 'localhost' ? '127.0.0.1' : plain;
  return isIPv4(host) ? `${host}:${port}` : null;
}

/** An ISO instant, or a date, which means its noon in New York; null for anything else. */
export function toInstant(text: string): string | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2}))?$/.exec(text);
  const [, day = '', time = '17:00', zone = 'Z'] = match ?? [];
  const at = new Date(`${day}T${time}${zone}`);
  return isGameDate(day) && time < '24' && !Number.isNaN(at.getTime()) ? at.toISOString() : null;
}
