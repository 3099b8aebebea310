/** What people's decisions, the audit and what people are told make of a date's state. */
import type { DateState } from '../contracts/date-state';
import { furtherHead, type Decided } from '../contracts/decisions';
import { systemEntry } from './audit-entries';
import { bypassOf } from './bypasses';
import type { EventOf, Handlers } from './date-events';
import { withLines, type Line } from './level-log';
import { withAnswers } from './run-state';

/** Decisions kept, to recognise one that is sent again. */
const mostDecisions = 100;

export const onDecisions = {
  recordRead: (state, event) => ({
    ...state,
    bypasses: [
      ...state.bypasses,
      // What this run has seen of a processor is newer than the record.
      ...event.standing.filter(({ processor }) => !state.results[processor] && !bypassOf(state, processor)),
    ],
    auditHead: furtherHead(state.auditHead, event.auditHead),
    trouble: state.trouble ?? (event.troubleSince ? { since: event.troubleSince, remindedAt: null } : null),
  }),
  bypassAsked: (state, event) => ({
    ...state,
    // What a version stands on already goes when another is built, not before.
    bypasses: [...state.bypasses, event.bypass],
  }),
  bypassDropped: (state, event) =>
    withLines(
      { ...state, bypasses: state.bypasses.filter(({ bypassId }) => bypassId !== event.bypassId) },
      event.at,
      ['ERROR', `Bypass ${event.bypassId} could not be recorded, so it has no effect: ${event.why}`],
    ),
  bypassGranted: (state, event) => {
    const bypass = state.bypasses.find(({ bypassId }) => bypassId === event.bypassId);
    const lines: Line[] = bypass
      ? [
          [
            'WARNING',
            `${bypass.processor} may run without ${bypass.tables.join(', ')}, by ${bypass.by}: ${bypass.reason} (bypass ${bypass.bypassId})`,
          ],
        ]
      : [];
    return withLines(
      {
        ...decidedIn(state, event.bypassId, event.decided),
        bypasses: state.bypasses.map((other) =>
          other.bypassId === event.bypassId ? { ...other, status: 'open' } : other,
        ),
      },
      event.at,
      ...lines,
    );
  },
  goesOnStanding: (state, event) =>
    withLines(state, event.at, [
      'INFO',
      `${event.bypass.processor} keeps bypass ${event.bypass.bypassId}; still missing: ${event.missing}`,
    ]),
  notTaken,
  notRestored: (state, event) => {
    const { request, why, at } = event;
    const { requestId } = request;
    const { gameDate } = state;
    const summary = `${gameDate} failed: no version was restored: ${why}`;
    const refused = notTaken(state, { id: requestId, why, at });
    const pending = refused.pending.filter((other) => other.requestId !== requestId);
    const answer = { requestId, gameDate, state: 'failed' as const, summary, outcomes: {} };
    return withLines(withAnswers({ ...refused, pending }, [answer]), at, [
      'ERROR',
      `No version was restored: ${why}`,
    ]);
  },
  decided: (state, event) =>
    withLines(decidedIn(state, event.id, event.decided), event.at, ['WARNING', event.decided.summary]),
  extended: (state, event) =>
    withLines({ ...decidedIn(state, event.extendId, event.decided), deadline: event.deadline }, event.at, [
      'WARNING',
      event.decided.summary,
    ]),
  cancelDecided: (state, event) =>
    withLines(decidedIn(state, event.cancelId, event.decided), event.at, [
      'WARNING',
      `${state.gameDate} was cancelled by ${event.by}: ${event.reason}`,
    ]),
  rechecked: (state, event) =>
    withLines(state, event.at, ['INFO', `Recheck requested by ${event.by}: ${event.effect}`]),
  audited: (state, event) => ({
    ...state,
    auditDue: state.auditDue.filter(({ entryId }) => !event.entryIds.includes(entryId)),
    auditHead: event.heads.reduce(furtherHead, state.auditHead),
  }),
  told: (state, event) => ({ ...state, trouble: troubleAfter(state.trouble, event) }),
} satisfies Partial<Handlers>;

function notTaken(state: DateState, { id, why, at }: Omit<EventOf<'notTaken'>, 'type'>): DateState {
  const reason = `${id} may be recorded, but was not accepted: ${why}`;
  return {
    ...state,
    notTaken: [...state.notTaken, id].slice(-mostDecisions),
    auditDue: [...state.auditDue, systemEntry(`${id}/not-taken`, 'not_taken', reason, at)],
  };
}

function decidedIn(state: DateState, id: string, decided: Decided): DateState {
  const { auditHead, decisions } = state;
  return {
    ...state,
    auditHead: furtherHead(auditHead, decided.entry),
    decisions: [...decisions, { id, decided }].slice(-mostDecisions),
  };
}

function troubleAfter(trouble: DateState['trouble'], { kind, at }: EventOf<'told'>): DateState['trouble'] {
  switch (kind) {
    case 'trouble':
      return { since: at, remindedAt: null };
    case 'still_in_trouble':
      return trouble && { ...trouble, remindedAt: at };
    case 'recovered':
    case 'backfill_in_trouble':
      return null;
  }
}
