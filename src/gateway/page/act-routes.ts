/** The routes of a decision: what is chosen, what it would come to, and that it is taken if nothing has changed meanwhile. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InvalidRequestError } from '../../requests/validate-request';
import type { Answer } from '../answers';
import { chooseBody, faultsOf, foreseenBody, seenTag, type StepOptions } from './act-page';
import type { Act, ActContext, Chosen, Form } from './acts/act';
import { html, type Html } from './html';
import type { PageParts } from './parts';
import { requireCsrf } from './session';
import { show, visitorIn } from './show';

/** What is decided about: a date, or a backfill. */
export interface Place<V, N extends string> {
  /** Its address, as a route. */
  readonly url: string;
  /** What it is and how it stands now. */
  about(request: FastifyRequest): Promise<{ view: V } & StepOptions<V, N>['subject']>;
  /** Throws `InvalidRequestError` for what would be refused whatever is so. */
  check(chosen: Chosen<N>, needsReason: boolean): void;
  /** `body` has the reason. */
  decide(context: ActContext<V>, name: N, body: Readonly<Record<string, unknown>>): Promise<Answer>;
}

export function addAct<V, N extends string>(
  app: FastifyInstance,
  parts: PageParts,
  place: Place<V, N>,
  act: Act<V, N>,
): void {
  const url = `${place.url}/${act.name}`;
  const stepOf = async (request: FastifyRequest, form: Form): Promise<StepOptions<V, N>> => {
    const { view, title, path } = await place.about(request);
    const { principal, csrf } = visitorIn(request);
    const context = { parts, view, by: principal.name };
    return { act, form, csrf, alerts: [], subject: { title, path }, context };
  };
  const showStep = (request: FastifyRequest, reply: FastifyReply, body: Html): FastifyReply =>
    show(parts, request, reply, { title: act.title, topic: null, body });

  app.get(url, {
    config: { pageRight: 'override', routeName: 'page' },
    handler: async (request, reply) =>
      showStep(request, reply, await chooseBody(await stepOf(request, new Map()))),
  });

  app.post(url, {
    config: { pageRight: 'override', routeName: 'page_act' },
    handler: async (request, reply) => {
      const form = request.body instanceof Map ? (request.body as Form) : new Map<string, string[]>();
      requireCsrf(visitorIn(request), form.get('csrf')?.[0]);
      const step = await stepOf(request, form);
      try {
        const { httpStatus, body } = await takeStep(place, step, request);
        return body === null
          ? await reply.redirect(`${step.subject.path}?done=${act.name}`, 303)
          : await showStep(request, reply.code(httpStatus), body);
      } catch (error) {
        if (!(error instanceof InvalidRequestError)) throw error;
        return showStep(
          request,
          reply.code(400),
          await chooseBody({ ...step, alerts: faultsOf(error.faults) }),
        );
      }
    },
  });
}

/** The page that a form leads to; none where the decision is taken. */
async function takeStep<V, N extends string>(
  place: Place<V, N>,
  step: StepOptions<V, N>,
  request: FastifyRequest,
): Promise<{ httpStatus: number; body: Html | null }> {
  const { act, context, form } = step;
  const chosen = await act.chosen(context, form);
  place.check(chosen, act.needsReason);
  const foreseen = await act.foresee(context, chosen);
  const again = (httpStatus: number, ...alerts: string[]): { httpStatus: number; body: Html } => ({
    httpStatus,
    body: foreseenBody({ ...step, alerts }, chosen, foreseen),
  });
  if (form.get('step')?.[0] !== 'do' || foreseen.refusal !== null) return again(200);
  if (form.get('seen')?.[0] !== seenTag(chosen, foreseen))
    return again(
      409,
      'Something has changed since the dry run that you saw. This is what it would come to now.',
    );
  const reason = form.get('reason')?.[0]?.trim() ?? '';
  const body = act.needsReason ? { ...chosen.body, reason } : chosen.body;
  const answer = await place.decide(context, chosen.name, body);
  request.answerStatus = answer.body.status;
  if (answer.httpStatus < 300) return { httpStatus: 303, body: null };
  return again(answer.httpStatus, String(answer.body['message']));
}

/** That what the query names was decided a moment ago; null where it names nothing. */
export function doneNotice(acts: readonly Act<never, string>[], done: unknown, where: string): Html | null {
  const act = acts.find(({ name }) => name === done);
  return act
    ? html`<p class="notice good" role="status">
        ${act.title}: sent.${act.needsReason ? ` ${where} has it as soon as it is on record.` : ''}
      </p>`
    : null;
}
