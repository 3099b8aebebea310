/**
 * The state of a date as a pure reducer: `(state, event) → state`. The level log is part of it, in the plan's words, so
 * that whoever reads the state reads what happened. No clock, no I/O.
 */
import type { DateState } from '../contracts/date-state';
import type { DateEvent, Handlers } from './date-events';
import { onDecisions } from './on-decisions';
import { onPass } from './on-pass';
import { onRequests } from './on-requests';

/** Complete by its type: an event without a handler does not compile. */
const handlers: Handlers = { ...onRequests, ...onDecisions, ...onPass };

export function reduce(state: DateState, event: DateEvent): DateState {
  // The handler is that of the event's own type, which the compiler does not see through the index.
  const handle = handlers[event.type] as (state: DateState, event: DateEvent) => DateState;
  return handle(state, event);
}
