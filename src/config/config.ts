/** The one reader of the environment: names all faults at once, and refuses. */
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { isGameDate } from '../contracts/game-date';
import { defaultPolicySettings, type PolicySettings } from '../contracts/policy';

export interface Config {
  /** Where local state lives (`PHASE3_HOME`). */
  readonly home: string;
  /** Where downloaded tools are kept, shared by all homes. */
  readonly toolCache: string;
  readonly policy: PolicySettings;
  /** Ports that were asked for; null means any free one. */
  readonly temporalPort: number | null;
  readonly temporalUiPort: number | null;
  /** Activities that one worker runs at once. */
  readonly maxActivities: number;
  /** Workflows whose isolates one worker keeps in memory. */
  readonly maxCachedWorkflows: number;
  readonly user: string;
  /** The folders in which commands are looked for. */
  readonly path: string;
  /** What child processes inherit. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
}

/** Thrown with every fault of the environment; `faults` are sentences that name the variable and what would be right. */
export class InvalidConfigError extends Error {
  override readonly name = 'InvalidConfigError';
  constructor(readonly faults: readonly string[]) {
    super(`The environment is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/** Reads the configuration. Throws {@link InvalidConfigError}. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const faults: string[] = [];
  const number = (name: string, fallback: number, low: number, high: number): number => {
    const text = env[name]?.trim() ?? '';
    if (text === '') return fallback;
    const value = Number(text);
    if (Number.isFinite(value) && value >= low && value <= high) return value;
    faults.push(`${name} is "${text}", expected a number from ${low} to ${high}.`);
    return fallback;
  };
  const whole = (name: string, fallback: number, low: number, high: number): number => {
    const value = number(name, fallback, low, high);
    if (Number.isInteger(value)) return value;
    faults.push(`${name} is "${env[name] ?? ''}", expected a whole number from ${low} to ${high}.`);
    return fallback;
  };
  const port = (name: string): number | null => whole(name, 0, 1, 65_535) || null;
  const now = readNow(env['PHASE3_NOW'], faults);
  const dataHome = env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  const cacheHome = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const config: Config = {
    home: resolve(env['PHASE3_HOME'] || join(dataHome, 'phase3')),
    toolCache: join(cacheHome, 'phase3'),
    policy: {
      ...defaultPolicySettings,
      now,
      readyShare: number('PHASE3_READY_SHARE', 0.8, 0, 1),
      firstWaitMs: 1000 * number('PHASE3_GATE_FIRST_WAIT_SECONDS', 60, 0.1, 3600),
      longestWaitMs: 1000 * number('PHASE3_GATE_LONGEST_WAIT_SECONDS', 300, 0.1, 3600),
      deadlineMs: 1000 * number('PHASE3_GATE_DEADLINE_SECONDS', 1800, 0, 86_400),
    },
    temporalPort: port('PHASE3_TEMPORAL_PORT'),
    temporalUiPort: port('PHASE3_TEMPORAL_UI_PORT'),
    maxActivities: whole('PHASE3_MAX_ACTIVITIES', 16, 1, 200),
    maxCachedWorkflows: whole('PHASE3_MAX_CACHED_WORKFLOWS', 200, 64, 10_000),
    user: env['USER'] || env['LOGNAME'] || userInfo().username,
    path: env['PATH'] ?? '',
    environment: env,
  };
  if (faults.length > 0) throw new InvalidConfigError(faults);
  return Object.freeze(config);
}

/** An ISO instant, or a date, which means its noon in New York. */
function readNow(given: string | undefined, faults: string[]): string | null {
  const text = given?.trim() ?? '';
  if (text === '') return null;
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2}))?$/.exec(text);
  const [, day = '', time = '17:00', zone = 'Z'] = match ?? [];
  const at = new Date(`${day}T${time}${zone}`);
  if (isGameDate(day) && time < '24' && !Number.isNaN(at.getTime())) return at.toISOString();
  faults.push(`PHASE3_NOW is "${text}", expected an instant such as 2025-01-16T08:00:00Z.`);
  return null;
}
