/** What people decide on a page. Each decision is shown as a dry run first, and is taken with a reason. */
import type { DateState } from '../../../contracts/date-state';
import { withOrWithout } from '../../../contracts/phase3';
import type { ForeseenTable } from '../../../control/protocol';
import { InvalidRequestError, readRequest } from '../../../requests/validate-request';
import type { Answer } from '../../answers';
import { acceptMs } from '../../parts';
import { decide } from '../../routes/dates';
import { decisionSchemas, type DecisionName } from '../../schemas';
import type { PageParts } from '../parts';
import { differenceOf } from '../difference';
import { html, type Content, type Html } from '../html';
import { badge } from '../layout';
import type { DateView } from '../read-date';

/** The fields of a form by their names. One that is sent twice is a list. */
export type Form = ReadonlyMap<string, readonly string[]>;

/** `V`: what is decided about, as it is now. */
export interface ActContext<V = DateView> {
  readonly parts: PageParts;
  readonly view: V;
  /** Who decides, as the audit has it. */
  readonly by: string;
}

/** What the API is asked for; the reason, which comes last, is left out. */
export interface Chosen<N extends string = DecisionName> {
  readonly name: N;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a decision would come to, or why it would be refused or change nothing, as a sentence: then it cannot be taken. */
export type Foreseen =
  | { readonly refusal: string }
  | {
      readonly refusal: null;
      readonly shown: Content;
      /** What was seen: with another the decision is shown again before it is taken. JSON. */
      readonly basis: unknown;
    };

export interface Act<V = DateView, N extends string = DecisionName> {
  /** Its place in the address. */
  readonly name: string;
  readonly title: string;
  /** What it does, in a sentence. */
  readonly about: string;
  /** What the button says that does it; the title where it is left out. */
  verb?(chosen: Chosen<N>): string;
  /** False for what is no decision, and so goes on no record. */
  readonly needsReason: boolean;
  /** Whether it may be of use for what is where this is. */
  isOffered(view: V): boolean;
  /** What is to be chosen, filled in as it was sent. */
  fields(context: ActContext<V>, form: Form): Promise<Content>;
  /** What a form chooses. Throws `InvalidRequestError` for what cannot be. */
  chosen(context: ActContext<V>, form: Form): Promise<Chosen<N>> | Chosen<N>;
  /** Changes nothing. */
  foresee(context: ActContext<V>, chosen: Chosen<N>): Promise<Foreseen>;
}

/** The API's dry run: its refusals, and its answer. */
export async function dryRun(
  { parts, view, by }: ActContext,
  { name, body }: Chosen,
): Promise<{ readonly refusal: string } | { readonly refusal: null; readonly found: Answer['body'] }> {
  const asked = { ...body, reason: noReasonYet, dry_run: true };
  const { httpStatus, body: found } = await decide(parts, name, view.gameDate, asked, by);
  return httpStatus === 200 ? { refusal: null, found } : { refusal: String(found['message']) };
}

/** Refuses what the API would refuse, before anything is foreseen. */
export function requireChosen({ name, body }: Chosen, needsReason: boolean): void {
  const found = readRequest(decisionSchemas[name], needsReason ? { ...body, reason: noReasonYet } : body);
  if (!found.ok) throw new InvalidRequestError(found.faults);
}

/** The state of the date's open run, as decisions are judged by it; null where none is open. */
export async function openState({ parts, view }: ActContext): Promise<DateState | null> {
  const known = await parts.server.within(acceptMs, () => parts.client.state(view.gameDate));
  return known?.isOpen ? known.state : null;
}

export function notOpen(gameDate: string): { readonly refusal: string } {
  return { refusal: `No run of ${gameDate} is open any more, so there is nothing to decide about.` };
}

/** Stands for the reason while none was given: a dry run asks for none. */
export const noReasonYet = 'a dry run: nothing was decided';

/** A field that was filled in; null for none. */
export function field(form: Form, name: string): string | null {
  const text = form.get(name)?.[0]?.trim() ?? '';
  return text === '' ? null : text;
}

export function wrongField(name: string, problem: string): InvalidRequestError {
  return new InvalidRequestError([{ code: 'wrong_value', field: name, problem }]);
}

/** A line to type in. */
export function input(
  name: string,
  label: string,
  value: string | null,
  hint: string,
  isRequired = false,
): Html {
  return html`<p class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      value="${value ?? ''}"
      aria-describedby="${name}-hint"
      autocomplete="off"
      ${isRequired ? html`required` : null}
    />
    <small id="${name}-hint">${hint}</small>
  </p>`;
}

export interface Choice {
  readonly value: string;
  readonly label: Content;
}

/** One of several, or some of them; the first is chosen where nothing was, unless some may be none. */
export function choices(
  kind: 'radio' | 'checkbox',
  name: string,
  legend: string,
  all: readonly Choice[],
  chosen: readonly string[],
): Html {
  const first = kind === 'radio' && chosen.length === 0 ? all[0]?.value : undefined;
  return html`<fieldset>
    <legend>${legend}</legend>
    ${all.map(
      ({ value, label }, at) =>
        html`<p>
          <input
            type="${kind}"
            id="${name}-${at}"
            name="${name}"
            value="${value}"
            ${chosen.includes(value) || value === first ? html`checked` : null}
          />
          <label for="${name}-${at}">${label}</label>
        </p>`,
    )}
  </fieldset>`;
}

/** Table by table: what would be published, which figures would change, what stands on it. */
export function foreseenTables(tables: readonly ForeseenTable[]): Html {
  return html`${tables.map(
    ({
      table,
      outcome,
      reason,
      version,
      liveVersion,
      rows,
      difference,
      downstream,
      warnings,
      missingGames,
    }) =>
      html`<section>
        <h3>${table} ${badge(outcome)}</h3>
        ${
          version === null
            ? html`<p>
                ${reason}. ${liveVersion === null ? 'Nothing is live.' : `Version ${liveVersion} stays live.`}
              </p>`
            : html`<p>
                  Version ${version} with ${rows ?? 0} rows would be published, because ${reason}.
                  ${liveVersion === null ? 'Nothing is live now.' : `Version ${liveVersion} is live now.`}
                </p>
                ${warnings.map((warning) => html`<p>warning: ${warning}</p>`)}
                ${difference && liveVersion !== null ? differenceOf(difference) : null}
                ${
                  downstream.length > 0
                    ? html`<p>
                        Stands on it:
                        ${downstream
                          .map((below) =>
                            below.version === null
                              ? `${below.table} ${below.outcome}`
                              : `${below.table}, version ${below.version} would be published`,
                          )
                          .join('; ')}.
                      </p>`
                    : null
                }`
        }
        ${missingGames.map((game) => html`<p>${withOrWithout(game)} ${game.gameId}: ${game.status}, ${game.detail}</p>`)}
      </section>`,
  )}`;
}

/** What was seen of tables, without instants and sentences. */
export function basisOf(tables: readonly ForeseenTable[]): unknown {
  return tables.map(({ table, outcome, liveVersion, version, rows, difference }) => [
    ...[table, outcome, liveVersion, version, rows],
    difference && [difference.rows, difference.moved],
  ]);
}
