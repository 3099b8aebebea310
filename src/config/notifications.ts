/** Where notifications go and what they link to. A part of the configuration's reader, which calls it. */
import { variables, type Variables } from './variables';

export interface NotificationSettings {
  /** An incoming webhook in Slack's format; null for the log alone. A secret: whoever knows it may post. */
  readonly webhookUrl: string | null;
  /** Address of the Temporal UI, without a slash at its end; null for no links to runs. */
  readonly temporalUi: string | null;
  /** Address of the runbook, or its path in the repository. */
  readonly runbook: string;
}

export function readNotificationSettings(env: Variables): NotificationSettings {
  const [webhook, ui] = [env.text(variables.webhookUrl), env.text(variables.temporalUi)];
  const runbook = env.text(variables.runbook);
  return {
    webhookUrl: webhook === null ? null : new URL(webhook).href,
    temporalUi: ui === null ? null : new URL(ui).href.replace(/\/+$/, ''),
    runbook: runbook === variables.runbook.default ? runbook : new URL(runbook).href,
  };
}
