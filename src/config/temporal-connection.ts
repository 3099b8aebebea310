/** Where Temporal is, by its own conventions: `TEMPORAL_*` or a profile in `temporal.toml`. */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { InvalidConfigError } from './config';

/** What both kinds of connection (client's and worker's) take. */
export interface TemporalTarget {
  readonly connection: ReturnType<typeof loadClientConnectConfig>['connectionOptions'] & {
    readonly address: string;
  };
  readonly namespace: string;
}

/** The server that the environment or a profile names; null when none does, and the local stack starts its own. */
export function configuredTemporal(): TemporalTarget | null {
  const { connectionOptions, namespace } = readProfile();
  const { address } = connectionOptions;
  return address
    ? { connection: { ...connectionOptions, address }, namespace: namespace ?? 'default' }
    : null;
}

/** The same, for a process that starts none. `who` begins no sentence but the fault's. Throws {@link InvalidConfigError}. */
export function requiredTemporal(who: string): TemporalTarget {
  const target = configuredTemporal();
  if (target) return target;
  throw new InvalidConfigError([
    {
      code: 'missing',
      field: 'TEMPORAL_ADDRESS',
      problem: `is not set. ${who} needs it or a profile in temporal.toml; \`phase3 up\` sets it`,
    },
  ]);
}

function readProfile(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    const why = whyUnreadable(error);
    throw new InvalidConfigError([
      {
        code: 'wrong_value',
        field: 'TEMPORAL_* or temporal.toml (TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE)',
        problem: `cannot be read: ${why}. Expected a section [profile.default]`,
      },
    ]);
  }
}

/** A server on this machine, without TLS or key. */
export function localTemporal(address: string): TemporalTarget {
  return { connection: { address }, namespace: 'default' };
}

/**
 * The library throws whatever comes of a file that it did not expect. Below the first line some of that shows the lines around
 * the fault, and an API key may stand in one of them.
 */
function whyUnreadable(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [sentence = ''] = error.message.split('\n');
  const { line } = error as { readonly line?: unknown };
  return typeof line === 'number' ? `${sentence}, in line ${line}` : sentence;
}
