/** Where notifications go and what they link to. A part of the configuration's reader, which calls it. */
import { defaultOf } from './variables';

export interface NotificationSettings {
  /** An incoming webhook in Slack's format; null for the log alone. A secret: whoever knows it may post. */
  readonly webhookUrl: string | null;
  /** Address of the Temporal UI, without a slash at its end; null for no links to runs. */
  readonly temporalUi: string | null;
  /** Address of the runbook, or its path in the repository. */
  readonly runbook: string;
}

/** Where the runbook is in the repository. Not a link, but true everywhere. */
const runbookPath = defaultOf('PHASE3_RUNBOOK_URL');

/** Reads the settings; what is not valid adds a sentence to `faults`. */
export function readNotificationSettings(
  env: Readonly<NodeJS.ProcessEnv>,
  faults: string[],
): NotificationSettings {
  const given = (name: string): string => env[name]?.trim() ?? '';
  const [webhook, ui, runbook] = [
    given('PHASE3_WEBHOOK_URL'),
    given('PHASE3_TEMPORAL_UI'),
    given('PHASE3_RUNBOOK_URL'),
  ];
  const webhookUrl = webAddress(webhook);
  if (webhook !== '' && !webhookUrl)
    faults.push(
      'PHASE3_WEBHOOK_URL is not shown here, since it is a secret; expected an http or https address without user and password, such as https://hooks.slack.com/services/….',
    );
  const temporalUi = webAddress(ui);
  // What is appended to the address must become part of its path.
  if (ui !== '' && (!temporalUi || /[?#]/.test(ui)))
    faults.push(
      `PHASE3_TEMPORAL_UI is ${shown(ui)}, expected the address of the Temporal UI such as http://127.0.0.1:8233.`,
    );
  const runbookUrl = webAddress(runbook);
  if (runbook !== '' && (!runbookUrl || runbook.includes('#')))
    faults.push(
      `PHASE3_RUNBOOK_URL is ${shown(runbook)}, expected an http or https address without #, because the anchor of a paragraph is added.`,
    );
  return {
    webhookUrl: webhookUrl?.href ?? null,
    temporalUi: temporalUi?.href.replace(/\/+$/, '') ?? null,
    runbook: runbookUrl?.href ?? runbookPath,
  };
}

/** An http or https address that may be shown or called; null for anything else. `fetch` refuses a user in it. */
function webAddress(text: string): URL | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.username === '' && url.password === '' ? url : null;
}

/** In quotes, but for a password. */
function shown(text: string): string {
  return text.includes('@') ? 'not shown, since it may hold a password' : `"${text}"`;
}
