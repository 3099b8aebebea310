/** Where the gateway listens, and whose tokens it accepts. A part of the configuration's reader, which calls it. */
import { isLoopback } from './addresses';
import { variables, type Variables } from './variables';

/** What a caller may do. None implies another: who may override may not read, unless named there as well. */
export const rights = ['read', 'trigger', 'override'] as const;
export type Right = (typeof rights)[number];

/** Whose tokens are accepted, and what their subjects may do. */
export interface OidcSettings {
  /** As the tokens have it in `iss`, to the letter. */
  readonly issuer: string;
  /** The accepted audiences (`aud`): a token names one of these. */
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
  /** How long a request is held open for the outcome of its run. */
  readonly waitMs: number;
  /** For each principal. */
  readonly maxRequestsPerSecond: number;
  /** Null when no tokens are required, which is allowed on loopback only. */
  readonly auth: OidcSettings | null;
}

const { audience, issuer, jwksUri, readers, triggerers, overriders } = variables;
const oidcVariables = [audience, issuer, jwksUri, readers, triggerers, overriders];
const anyList = `${readers.name}, ${triggerers.name} and ${overriders.name}`;

export function readGatewaySettings(env: Variables): GatewaySettings {
  return {
    port: env.port(variables.gatewayPort),
    waitMs: Math.round(1000 * env.number(variables.gatewayWaitSeconds)),
    maxRequestsPerSecond: env.number(variables.gatewayMaxPerSecond),
    host: readHost(env),
    auth: readOidc(env),
  };
}

function readHost(env: Variables): string {
  const host = env.text(variables.gatewayHost);
  const hasTokens = oidcVariables.some((variable) => env.given(variable) !== '');
  if (!isLoopback(host) && !hasTokens)
    env.faults.push({
      code: 'not_allowed',
      field: variables.gatewayHost.name,
      problem: `is "${host}", and the gateway refuses to start there: without tokens it serves loopback only. Set ${audience.name} and at least one of ${anyList}, or set ${variables.gatewayHost.name} to ${variables.gatewayHost.default}`,
    });
  return host;
}

function readOidc(env: Variables): OidcSettings | null {
  const set = oidcVariables.filter((variable) => env.given(variable) !== '');
  if (set.length === 0) return null;
  const audiences = env.list(audience);
  if (audiences.length === 0)
    env.faults.push({
      code: 'missing',
      field: audience.name,
      problem: `is not set, but ${set.map(({ name }) => name).join(', ')} is; expected the accepted audience of tokens, such as the gateway's address https://phase3.example`,
    });
  const settings: OidcSettings = {
    issuer: env.text(issuer),
    audiences,
    jwksUri: env.text(jwksUri),
    allowed: { read: env.list(readers), trigger: env.list(triggerers), override: env.list(overriders) },
  };
  // Of a list that is not valid something else is said.
  const areBlank = [readers, triggerers, overriders].every((list) => /^[\s,]*$/.test(env.given(list)));
  if (areBlank)
    env.faults.push({
      code: 'missing',
      field: anyList,
      problem:
        'are empty, so nobody has a right; expected an e-mail address or a sub in at least one of them',
    });
  return audiences.length === 0 ? null : settings;
}
