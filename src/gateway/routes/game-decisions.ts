/** What `POST /dates/{date}/release`, `discard` and `estimate` are about: looked up before anything goes on record. */
import { durationMs } from '../../contracts/fields';
import { holdsUntil, type GameDecisionKind, type SeenRule } from '../../contracts/game-decisions';
import type { Fault, Read } from '../../contracts/schema';
import { readDecidedAbout, whyPinned, type NamedRule } from '../../requests/game-decision';
import { requireUntil } from '../../requests/validate-request';
import type { Answer } from '../answers';
import type { GatewayParts } from '../parts';
import { badRequest, refused } from '../refusals';
import type { Decision, Named } from './decision';

/** The fields of the three, of which each has some. */
interface GameBody {
  readonly game: string;
  readonly reason: string;
  readonly rules?: readonly string[];
  readonly seen?: readonly SeenRule[];
  readonly until?: string;
  readonly for?: string;
}

/**
 * What a decision about a game is about, by what is so now; nothing for any other decision. An answer where there is nothing of
 * the sort, or where what is pinned would stay as it is. Throws `InvalidRequestError` for an instant that is over.
 */
export async function decidedAbout(
  { records, now }: GatewayParts,
  { name, body }: Decision,
  gameDate: string,
): Promise<Answer | Pick<Named, 'game'>> {
  if (!(name === 'release' || name === 'discard' || name === 'estimate')) return {};
  const asked: GameBody = body;
  const { game, reason } = asked;
  const rules = name === 'estimate' ? ({ ok: true, value: 'all' } as const) : rulesOf(name, asked);
  const until = holdsUntil(name) ? untilOf(asked, now()) : ({ ok: true, value: {} } as const);
  if (!rules.ok || !until.ok)
    return badRequest([...(rules.ok ? [] : rules.faults), ...(until.ok ? [] : until.faults)]);
  const found = await readDecidedAbout(
    records,
    { kind: name, gameDate, game, rules: rules.value },
    { game: 'game', rules: asked.seen ? 'seen' : 'rules' },
  );
  if (!found.ok) return badRequest(found.faults);
  const pinned = whyPinned((await records.dateRecord(gameDate)).partition_manifest, gameDate, name);
  return pinned === null ? { game: { game, reason, ...until.value, ...found.value } } : refused(pinned);
}

/** The rules that are named, or as they were seen; a discard is about all that the game breaks. */
function rulesOf(name: GameDecisionKind, { rules, seen }: GameBody): Read<readonly NamedRule[] | 'all'> {
  if (seen && rules) return fault('not_allowed', 'seen', 'is not allowed beside rules: name one of them');
  if (seen) return { ok: true, value: seen };
  if (name === 'discard' || rules?.includes('all')) return { ok: true, value: 'all' };
  return rules
    ? { ok: true, value: rules }
    : fault(
        'missing',
        'rules',
        'is missing; a release says which rules the game may break, in rules or seen',
      );
}

/** Until when it holds, from one of two fields. */
function untilOf({ until, for: holds }: GameBody, now: Date): Read<{ readonly until: string }> {
  if ((until === undefined) === (holds === undefined))
    return fault('missing', 'until', 'or for: name one of them, which says how long the decision holds');
  if (until !== undefined) return { ok: true, value: { until: requireUntil(until, 'until', now) } };
  return { ok: true, value: { until: new Date(now.getTime() + durationMs(holds ?? '')).toISOString() } };
}

function fault(code: Fault['code'], field: string, problem: string): { ok: false; faults: Fault[] } {
  return { ok: false, faults: [{ code, field, problem }] };
}
