/** Where the gateway listens, and whose tokens it takes. A part of the configuration's reader, which calls it. */
import { BlockList, isIP } from 'node:net';
import { defaultOf, numbers, readNumber } from './variables';

/** What a caller may do. None implies another: who may override may not read, unless named there as well. */
export const rights = ['read', 'trigger', 'override'] as const;
export type Right = (typeof rights)[number];

/** Whose tokens are taken, and what their subjects may do. */
export interface OidcSettings {
  /** As the tokens have it in `iss`, to the letter. */
  readonly issuer: string;
  /** What the tokens must be made for (`aud`): one of these. */
  readonly audiences: readonly string[];
  /** Where the issuer's keys are; null to ask its discovery document. */
  readonly jwksUri: string | null;
  /** For each right the verified e-mail addresses and `sub` claims that have it, compared to the letter. */
  readonly allowed: Readonly<Record<Right, readonly string[]>>;
}

export interface GatewaySettings {
  /** The port that was asked for; null means any free one. */
  readonly port: number | null;
  /** An IP address, or `localhost`. */
  readonly host: string;
  /** How long a request is held open for its run to come to something. */
  readonly waitMs: number;
  /** For each principal. */
  readonly maxRequestsPerSecond: number;
  /** Null when no tokens are asked for, which only loopback may do. */
  readonly auth: OidcSettings | null;
}

const defaultHost = defaultOf('PHASE3_GATEWAY_HOST');
const defaultIssuer = defaultOf('PHASE3_OIDC_ISSUER');
const listVariables: Readonly<Record<Right, string>> = {
  read: 'PHASE3_OIDC_READERS',
  trigger: 'PHASE3_OIDC_TRIGGERERS',
  override: 'PHASE3_OIDC_OVERRIDERS',
};
const oidcVariables = [
  'PHASE3_OIDC_AUDIENCE',
  'PHASE3_OIDC_ISSUER',
  'PHASE3_OIDC_JWKS_URI',
  ...Object.values(listVariables),
];
const anyList = 'PHASE3_OIDC_READERS, PHASE3_OIDC_TRIGGERERS and PHASE3_OIDC_OVERRIDERS';

/** Reads the settings; what is not valid adds a sentence to `faults`. */
export function readGatewaySettings(env: Readonly<NodeJS.ProcessEnv>, faults: string[]): GatewaySettings {
  const given = (name: string): string => env[name]?.trim() ?? '';
  const number = (name: keyof typeof numbers): number => readNumber(numbers[name], env, faults);
  return {
    port: number('gatewayPort') || null,
    waitMs: Math.round(1000 * number('gatewayWaitSeconds')),
    maxRequestsPerSecond: number('gatewayMaxPerSecond'),
    host: readHost(given, faults),
    auth: readOidc(given, faults),
  };
}

/** True of what nobody between can read or change: https, or http that does not leave this machine. */
export function isSafeAddress(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

type Given = (name: string) => string;

function readHost(given: Given, faults: string[]): string {
  const host = given('PHASE3_GATEWAY_HOST') || defaultHost;
  if (host !== 'localhost' && isIP(host) === 0) {
    faults.push(
      `PHASE3_GATEWAY_HOST is "${host}", expected an IP address such as 127.0.0.1 or 0.0.0.0, or localhost.`,
    );
    return defaultHost;
  }
  const asksForTokens = oidcVariables.some((name) => given(name) !== '');
  if (!isLoopback(host) && !asksForTokens)
    faults.push(
      `PHASE3_GATEWAY_HOST is "${host}", and the gateway refuses to start there: without tokens it serves loopback only. Set PHASE3_OIDC_AUDIENCE and at least one of ${anyList}, or set PHASE3_GATEWAY_HOST to 127.0.0.1.`,
    );
  return host;
}

function readOidc(given: Given, faults: string[]): OidcSettings | null {
  const set = oidcVariables.filter((name) => given(name) !== '');
  if (set.length === 0) return null;
  const [audiences, issuer, jwksUri] = [
    listed(given('PHASE3_OIDC_AUDIENCE')),
    given('PHASE3_OIDC_ISSUER') || defaultIssuer,
    given('PHASE3_OIDC_JWKS_URI') || null,
  ];
  if (audiences.length === 0)
    faults.push(
      `PHASE3_OIDC_AUDIENCE is not set, but ${set.join(', ')} is; expected the accepted audience of tokens, such as the gateway's address https://phase3.example.`,
    );
  // Discovery appends a path to it.
  if (!isSafeAddress(issuer) || /[?#]/.test(issuer))
    faults.push(
      `PHASE3_OIDC_ISSUER is ${shown(issuer)}, expected an https address without ? and # such as ${defaultIssuer} (http only on loopback).`,
    );
  if (jwksUri !== null && !isSafeAddress(jwksUri))
    faults.push(
      `PHASE3_OIDC_JWKS_URI is ${shown(jwksUri)}, expected an https address such as https://www.googleapis.com/oauth2/v3/certs (http only on loopback).`,
    );
  const subjectsOf = (right: Right): string[] => readSubjects(listVariables[right], given, faults);
  const allowed = {
    read: subjectsOf('read'),
    trigger: subjectsOf('trigger'),
    override: subjectsOf('override'),
  };
  if (rights.every((right) => allowed[right].length === 0))
    faults.push(
      `${anyList} are empty, so nobody has a right; expected an e-mail address or a sub in at least one of them.`,
    );
  return audiences.length === 0 ? null : { issuer, audiences, jwksUri, allowed };
}

/** What stands between commas. */
function listed(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A blank means a forgotten comma and a star a pattern, and neither would ever be anybody's subject. */
function readSubjects(name: string, given: Given, faults: string[]): string[] {
  const subjects = listed(given(name));
  for (const subject of subjects.filter((one) => /[\s*]/.test(one)))
    faults.push(
      `${name} holds "${subject}", expected e-mail addresses or subs, separated by commas; there are no patterns.`,
    );
  return subjects;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** In quotes, but for a password. */
function shown(text: string): string {
  return text.includes('@') ? 'not shown, since it may hold a password' : `"${text}"`;
}
