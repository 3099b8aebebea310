/** What messages say has come for a date, whether or not there are rows of it. Pure. */
import { isRerun, type TriggerMessage } from './messages';
import { sentinelName } from './sentinel';

/** By source, who says so, as a clause: "request r-1 by ana". */
export type News = Readonly<Record<string, string>>;

/** Sources that are remembered, the newest; a sender may name what is none. */
const mostSources = 20;

/**
 * What was heard, once these messages have come. Only a trigger says that rows came: whoever runs a date asks. A person's
 * decision to run it ends it, since who decides has looked; the sentinel has not.
 */
export function newsAfter(heard: News, messages: readonly TriggerMessage[]): News {
  return messages.reduce<News>((known, { kind, source, requestId, by }) => {
    if (isRerun(kind) && by !== sentinelName) return {};
    if (kind !== 'trigger') return known;
    const { [source]: _, ...others } = known;
    const kept = Object.entries(others).slice(1 - mostSources);
    return { ...Object.fromEntries(kept), [source]: `request ${requestId}${by ? ` by ${by}` : ''}` };
  }, heard);
}
