/** The steps of a decision: what is chosen, what it would come to, and why. Each is a page, and works without a script. */
import { sentenceOf, type Fault } from '../../contracts/schema';
import type { Act, ActContext, Chosen, Foreseen, Form } from './acts/act';
import { html, type Html } from './html';
import { may } from './layout';
import { tagOf } from './live';
import type { Visitor } from './session';

/** Fields of the steps themselves. */
const ownFields = ['csrf', 'step', 'reason', 'seen'];

export interface StepOptions<V, N extends string> {
  readonly act: Act<V, N>;
  readonly context: ActContext<V>;
  /** What is decided about: what people call it, and its address. */
  readonly subject: { readonly title: string; readonly path: string };
  readonly form: Form;
  readonly csrf: string;
  /** What was wrong with what was sent, or with the world; none at first. */
  readonly alerts: readonly string[];
}

/** What can be decided, by those who may; `path` is of what it is decided about. */
export function actList(
  offered: readonly Pick<Act<never, string>, 'name' | 'title' | 'about'>[],
  path: string,
  visitor: Visitor,
): Html {
  if (!may(visitor, 'override'))
    return html`<p>You may read this page and decide nothing: that needs the right “override”.</p>`;
  return html`<ul class="acts">
    ${offered.map(
      ({ name, title, about }) =>
        html`<li>
          <a class="button" href="${path}/${name}">${title}</a>
          <span>${about}</span>
        </li>`,
    )}
  </ul>`;
}

/** The first step: what is to be chosen. */
export async function chooseBody<V, N extends string>({
  act,
  context,
  subject: { title, path },
  form,
  csrf,
  alerts,
}: StepOptions<V, N>): Promise<Html> {
  return html`${head(act.title, title)} ${alertsOf(alerts)}
    <p>${act.about}</p>
    <form method="post" action="${path}/${act.name}">
      <input type="hidden" name="csrf" value="${csrf}" />
      <input type="hidden" name="step" value="foresee" />
      ${await act.fields(context, form)}
      <p class="buttons"><button>Show what it would do</button> <a href="${path}">Back</a></p>
    </form>`;
}

/** The second step: what it would come to, and the reason. */
export function foreseenBody<V, N extends string>(
  { act, context, subject: { title, path }, form, csrf, alerts }: StepOptions<V, N>,
  chosen: Chosen<N>,
  foreseen: Foreseen,
): Html {
  const carried = [...form].filter(([name]) => !ownFields.includes(name));
  return html`${head(act.title, title)} ${alertsOf(alerts)}
    <h2>Dry run: nothing was done yet</h2>
    ${
      foreseen.refusal === null
        ? html`<div class="foreseen">${foreseen.shown}</div>
            <form method="post" action="${path}/${act.name}">
              <input type="hidden" name="csrf" value="${csrf}" />
              <input type="hidden" name="step" value="do" />
              <input type="hidden" name="seen" value="${seenTag(chosen, foreseen)}" />
              ${carried.map(([name, values]) =>
                values.map((value) => html`<input type="hidden" name="${name}" value="${value}" />`),
              )}
              ${act.needsReason ? reasonField(form, context.by) : null}
              <p class="buttons">
                <button class="act">${act.verb?.(chosen) ?? act.title}</button>
                <a href="${path}/${act.name}">Choose again</a>
                <a href="${path}">Back</a>
              </p>
            </form>`
        : html`${alertsOf([foreseen.refusal])}
            <p class="buttons">
              <a class="button" href="${path}/${act.name}">Choose again</a>
              <a href="${path}">Back</a>
            </p>`
    }`;
}

/** What the form carries along of what was chosen and seen: with another nothing is done. */
export function seenTag(chosen: Chosen<string>, foreseen: Foreseen): string {
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
    <small id="reason-hint">At least 10 characters; recorded, with your name: ${by}.</small>
  </p>`;
}

function head(act: string, subject: string): Html {
  return html`<h1>${act}: ${subject}</h1>`;
}

function alertsOf(alerts: readonly string[]): Html | null {
  if (alerts.length === 0) return null;
  return html`<div class="notice bad" role="alert">${alerts.map((alert) => html`<p>${alert}</p>`)}</div>`;
}

export function faultsOf(faults: readonly Fault[]): string[] {
  return faults.map(sentenceOf);
}
