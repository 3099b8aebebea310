/** What the coming and going of requests makes of a date's state. */
import type { DateState } from '../contracts/date-state';
import { isPatient, type DateReply, type TriggerMessage } from '../contracts/messages';
import { processorsOf } from '../plan/registry';
import { decisionEntries } from './audit-entries';
import type { Handlers } from './date-events';
import { decisionLines, withLines } from './level-log';
import { withAnswers } from './run-state';

export const onRequests = {
  requested: (state, event) =>
    withLines(
      {
        ...state,
        askedLive: state.askedLive || isPatient(event.message.kind),
        pending: [...state.pending, event.message],
        forced: { ...state.forced, ...forcedBy(event.message) },
        cameAt: { ...state.cameAt, [event.message.requestId]: event.at },
        auditDue: [...state.auditDue, ...decisionEntries(event.message, event.at)],
      },
      event.at,
      ...decisionLines(event.message),
    ),
  joined: (state, event) =>
    withLines(
      {
        ...state,
        wokenAt: event.at,
        gate: state.gate && { ...state.gate, wokenAt: event.at },
        cameAt: state.pending.some(({ requestId }) => requestId === event.requestId)
          ? { ...state.cameAt, [event.requestId]: event.at }
          : state.cameAt,
        // Who comes again looks for its answer in a moment: it is as good as new.
        answers: newestLast(state.answers, event.requestId),
      },
      event.at,
      ['INFO', `Request ${event.requestId} is a repetition and joins the first one`],
    ),
  joinedPass: (state, event) =>
    withLines(state, event.at, ['INFO', `Requests that join the waiting pass: ${event.requests}`]),
  triedAgain: (state, event) => {
    const answers = state.answers.filter(({ requestId }) => requestId !== event.requestId);
    return withLines({ ...state, answers }, event.at, [
      'INFO',
      `Request ${event.requestId} failed before and is tried again`,
    ]);
  },
  refused: (state, event) => {
    const { requestId, why } = event;
    const { gameDate } = state;
    const answers: DateReply[] =
      requestId === null
        ? []
        : [{ requestId, gameDate, state: 'failed', summary: `${gameDate} failed: ${why}`, outcomes: {} }];
    return withLines(withAnswers(state, answers), event.at, ['WARNING', `A message was refused: ${why}`]);
  },
  wentOn: (state, event) =>
    withLines(state, event.at, [
      'INFO',
      `Requests after the cancellation continue in the next run: ${event.requests}`,
    ]),
} satisfies Partial<Handlers>;

function newestLast(answers: readonly DateReply[], requestId: string): DateReply[] {
  const isIt = (answer: DateReply): boolean => answer.requestId === requestId;
  return [...answers.filter((answer) => !isIt(answer)), ...answers.filter(isIt)];
}

/** What a request wants rebuilt even if nothing has changed. */
function forcedBy({ force, by, reason, processors, source }: TriggerMessage): DateState['forced'] {
  if (!force) return {};
  const sentence = `forced by ${by ?? 'somebody'}: ${reason ?? ''}`;
  return Object.fromEntries((processors ?? processorsOf(source)).map((name) => [name, sentence]));
}
