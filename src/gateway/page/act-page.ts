/** The steps of a decision: what is chosen, what it would come to, and why. Each is a page, and works without a script. */
import { sentenceOf, type Fault } from '../../contracts/schema';
import type { Act, ActContext, Chosen, Foreseen, Form } from './acts/act';
import { html, type Html } from './html';
import { dayName } from './layout';
import { tagOf } from './live';
import { datePath } from './season-page';

/** Fields of the steps themselves. */
const ownFields = ['csrf', 'step', 'reason', 'seen'];

export interface StepOptions {
  readonly act: Act;
  readonly context: ActContext;
  readonly form: Form;
  readonly csrf: string;
  /** What was wrong with what was sent, or with the world; none at first. */
  readonly alerts: readonly string[];
}

/** The first step: what is to be chosen. */
export async function chooseBody({ act, context, form, csrf, alerts }: StepOptions): Promise<Html> {
  const { gameDate } = context.view;
  return html`${head(act, gameDate)} ${alertsOf(alerts)}
    <p>${act.about}</p>
    <form method="post" action="${datePath(gameDate)}/${act.name}">
      <input type="hidden" name="csrf" value="${csrf}" />
      <input type="hidden" name="step" value="foresee" />
      ${await act.fields(context, form)}
      <p class="buttons"><button>Show what it would do</button> <a href="${datePath(gameDate)}">Back</a></p>
    </form>`;
}

/** The second step: what it would come to, and the reason. */
export function foreseenBody(
  { act, context, form, csrf, alerts }: StepOptions,
  chosen: Chosen,
  foreseen: Foreseen,
): Html {
  const { gameDate } = context.view;
  const carried = [...form].filter(([name]) => !ownFields.includes(name));
  return html`${head(act, gameDate)} ${alertsOf(alerts)}
    <h2>Dry run: nothing was done yet</h2>
    ${
      foreseen.refusal === null
        ? html`<div class="foreseen">${foreseen.shown}</div>
            <form method="post" action="${datePath(gameDate)}/${act.name}">
              <input type="hidden" name="csrf" value="${csrf}" />
              <input type="hidden" name="step" value="do" />
              <input type="hidden" name="seen" value="${seenTag(chosen, foreseen)}" />
              ${carried.map(([name, values]) =>
                values.map((value) => html`<input type="hidden" name="${name}" value="${value}" />`),
              )}
              ${act.needsReason ? reasonField(form, context.by) : null}
              <p class="buttons">
                <button class="act">${act.verb?.(chosen) ?? act.title}</button>
                <a href="${datePath(gameDate)}/${act.name}">Choose again</a>
                <a href="${datePath(gameDate)}">Back</a>
              </p>
            </form>`
        : html`${alertsOf([foreseen.refusal])}
            <p class="buttons">
              <a class="button" href="${datePath(gameDate)}/${act.name}">Choose again</a>
              <a href="${datePath(gameDate)}">Back</a>
            </p>`
    }`;
}

/** What the form carries along of what was chosen and seen: with another nothing is done. */
export function seenTag(chosen: Chosen, foreseen: Foreseen): string {
  return tagOf([chosen, foreseen.refusal === null ? foreseen.basis : null]);
}

function reasonField(form: Form, by: string): Html {
  return html`<p class="field">
    <label for="reason">Why</label>
    <textarea
      id="reason"
      name="reason"
      rows="3"
      required
      minlength="10"
      maxlength="1000"
      aria-describedby="reason-hint"
    >
${form.get('reason')?.[0] ?? ''}</textarea>
    <small id="reason-hint">At least 10 characters; recorded in the audit, with your name: ${by}.</small>
  </p>`;
}

function head({ title }: Act, gameDate: string): Html {
  return html`<h1>${title}: ${dayName(gameDate)}</h1>`;
}

function alertsOf(alerts: readonly string[]): Html | null {
  if (alerts.length === 0) return null;
  return html`<div class="notice bad" role="alert">${alerts.map((alert) => html`<p>${alert}</p>`)}</div>`;
}

export function faultsOf(faults: readonly Fault[]): string[] {
  return faults.map(sentenceOf);
}
