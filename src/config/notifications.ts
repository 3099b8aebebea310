/** Where notifications go and what they link to. A part of the configuration's reader, which calls it. */
import { variables, type ConfigVariable, type Variables } from './variables';

/** Where messages go besides the log. The addresses are secrets: whoever knows one may post. */
export interface NotificationChannel {
  /** `slack`: an incoming webhook in Slack's format · `json`: any receiver of JSON. */
  readonly name: 'slack' | 'json';
  readonly address: string;
}

export interface NotificationSettings {
  /** None for the log alone. */
  readonly channels: readonly NotificationChannel[];
  /** What is pinged for as long as every date that is due is settled; null for nothing. A secret. */
  readonly heartbeatUrl: string | null;
  /** When the rows of a date are needed: `HH:MM` of the morning after, New York time; null where nobody is paged. */
  readonly neededBy: string | null;
  /** How long no worker may ask for work before the gateway tells people, ms. */
  readonly workerGoneAfterMs: number;
  /** Address of the Temporal UI, without a slash at its end; null for no links to runs. */
  readonly temporalUi: string | null;
  /** Address of the runbook, or its path in the repository. */
  readonly runbook: string;
}

export function readNotificationSettings(env: Variables): NotificationSettings {
  const ui = env.text(variables.temporalUi);
  const runbook = env.text(variables.runbook);
  return {
    channels: [
      ...channel('slack', env, variables.webhookUrl),
      ...channel('json', env, variables.jsonWebhookUrl),
    ],
    heartbeatUrl: readHeartbeat(env),
    neededBy: env.text(variables.neededBy),
    workerGoneAfterMs: 1000 * env.number(variables.workerGoneAfterSeconds),
    temporalUi: ui === null ? null : new URL(ui).href.replace(/\/+$/, ''),
    runbook: runbook === variables.runbook.default ? runbook : new URL(runbook).href,
  };
}

function channel(
  name: NotificationChannel['name'],
  env: Variables,
  variable: ConfigVariable,
): NotificationChannel[] {
  const given = env.text(variable);
  return given === null ? [] : [{ name, address: new URL(given).href }];
}

/** Nobody would ping it without a sentinel, and its receiver would raise an alarm for ever. */
function readHeartbeat(env: Variables): string | null {
  const given = env.text(variables.heartbeatUrl);
  const { name } = variables.sentinelEverySeconds;
  if (given !== null && env.number(variables.sentinelEverySeconds) === 0)
    env.faults.push({
      code: 'not_allowed',
      field: variables.heartbeatUrl.name,
      problem: `is set, but the sentinel, which pings it, is off: set ${name} to more than 0, or unset ${variables.heartbeatUrl.name}`,
    });
  return given === null ? null : new URL(given).href;
}
