/** All signals, by their wire names, and what they carry. Renaming one breaks running workflows. */
import { defineSignal } from '@temporalio/workflow';
import * as v from 'valibot';
import {
  correlationId,
  gameDate,
  id,
  instant,
  nameText,
  processorName,
  reason,
  version,
  who,
} from './fields';
import { closed, open, readMessage, type Fault, type Read } from './schema';
import { holdsUntil, isGameDecision } from './game-decisions';
import { isSatisfied, type Outcome, type ProcessorName, type RunState } from './phase3';

/**
 * Who asks, which says how long a date may wait: a backfill asks once, and so do the two that the workflow gives itself,
 * after a `recheck` and after a bypass. A restore waits for nothing. Everyone else has patience, whoever unpins too.
 */
export type RequestKind =
  | 'trigger'
  | 'run'
  | 'rerun'
  | 'restore'
  | 'unpin'
  | 'release'
  | 'discard'
  | 'estimate'
  | 'backfill'
  | 'recheck'
  | 'bypass';

/** Kinds that a message may have. */
export const askedKinds = [
  'trigger',
  'run',
  'rerun',
  'restore',
  'unpin',
  'release',
  'discard',
  'estimate',
  'backfill',
] as const satisfies readonly RequestKind[];

/** Whether a request of this kind lets the date wait for what is missing. */
export function isPatient(kind: RequestKind): boolean {
  return kind === 'trigger' || kind === 'run' || isRerun(kind);
}

/** Whether a request of this kind runs the date again by a person's decision, and all downstream of what it names. */
export function isRerun(kind: RequestKind): boolean {
  return kind === 'rerun' || kind === 'unpin' || isGameDecision(kind);
}

/** Blocking rules that somebody has seen a game break. */
export const seenRules = v.pipe(
  v.array(
    v.pipe(
      closed({ rule: nameText(100, 'the name of a rule'), evidence: nameText(64, 'a hash') }),
      v.description('an object of a rule and the hash of its evidence'),
    ),
  ),
  v.minLength(1),
  v.maxLength(100),
  v.description('a list of rules, each with the hash of its evidence, with at least one'),
);

/** A trace as others are told of it. */
const traceparent = v.pipe(
  v.string(),
  v.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
  v.description('a traceparent of W3C trace context, version 00'),
);

/** What a person accepts in place of a count that no player's row has. */
export const teamEstimate = v.pipe(
  closed({
    teams: v.pipe(
      v.array(nameText(10, 'the letters of a team')),
      v.minLength(1),
      v.maxLength(2),
      v.description('a list of one team or two'),
    ),
    mean: v.pipe(v.number(), v.minValue(0), v.maxValue(20), v.description('a number from 0 to 20')),
    games: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.description('a whole number from 1')),
    from: gameDate,
    to: gameDate,
  }),
  v.description('an object of teams, mean, games, from and to'),
);

/** News that a source table changed for a date, as a signal carries it. */
export const triggerSchema = v.pipe(
  closed({
    /** Chosen by the sender; the same id again joins what is there and is answered once. */
    requestId: id,
    kind: v.pipe(v.picklist(askedKinds), v.description(`one of ${askedKinds.join(', ')}`)),
    /** Source table that has news. Whether it triggers anything is found when the date is looked at. */
    source: nameText(100, 'a source table that triggers a processor'),
    /** Restricts the request to these processors (and their published downstreams). */
    processors: v.exactOptional(
      v.pipe(
        v.array(processorName),
        v.minLength(1),
        v.maxLength(50),
        v.description('a list of processors, with at least one'),
      ),
    ),
    /** Workflow id to be told by `dateSettled`; never a run id, which changes on continue-as-new. */
    replyTo: v.exactOptional(id),
    overrides: v.exactOptional(
      v.pipe(
        closed({ now: v.exactOptional(instant) }),
        v.description('an object of policy, such as {"now": "2025-01-16T08:00:00Z"}'),
      ),
    ),
    /** Who asks, where that is known; a decision must say. */
    by: v.exactOptional(who),
    /** Why: of decisions, which have one. */
    reason: v.exactOptional(reason),
    /** What the sender calls the work that this is a part of; recorded, and never looked at. */
    correlationId: v.exactOptional(correlationId),
    /** The trace that it is a part of, by https://www.w3.org/TR/trace-context/. */
    traceparent: v.exactOptional(traceparent),
    /** Which kept version of its one processor's table a restore publishes. */
    version: v.exactOptional(version),
    /** Of each table the version that was live just before: what a restore of a whole date publishes. */
    before: v.exactOptional(instant),
    /** The game that a release, a discard or an estimate is about. */
    game: v.exactOptional(nameText(100, 'the id of a game, such as 20170415_IND_CLE')),
    /** The blocking rules that it breaks, each with the hash of the evidence that the person has seen. */
    rules: v.exactOptional(seenRules),
    /** Until when a release or an estimate holds. */
    until: v.exactOptional(instant),
    /** What is put in place of what is not known of a game. */
    estimate: v.exactOptional(teamEstimate),
    /** Of reruns: build what is named even if nothing has changed. */
    force: v.exactOptional(v.pipe(v.literal(true), v.description('true, or left out'))),
  }),
  v.description('an object of a trigger'),
);

/** A trigger as anybody may send it. */
export type AskedTrigger = v.InferOutput<typeof triggerSchema>;

/** The trigger that a signal brought, or what is wrong with it. */
export function readTrigger(given: unknown): Read<AskedTrigger> {
  const found = readMessage(triggerSchema, given);
  const faults = found.ok ? faultsOf(found.value) : found.faults;
  return found.ok && faults.length === 0 ? found : { ok: false, faults };
}

/** What the kind of a request says of its fields. Whether there is what it names, a look finds. */
function faultsOf(asked: AskedTrigger): Fault[] {
  const { kind, processors, version, before, by, reason, force, game, rules: seen, until, estimate } = asked;
  const faults: Fault[] = [];
  const isDecision = isDecided(kind);
  const isOfDate = kind === 'restore' && before !== undefined;
  const isOfTable = kind === 'restore' && !isOfDate;
  if (isOfTable && processors?.length !== 1)
    faults.push({
      code: processors ? 'wrong_value' : 'missing',
      field: 'processors',
      problem: 'is not a list of one processor, the one whose table is restored',
    });
  if (kind === 'unpin' && processors === undefined)
    faults.push({
      ...{ code: 'missing', field: 'processors' },
      problem: 'is missing; an unpin names what is pinned',
    });
  if (isOfDate && processors !== undefined)
    faults.push({
      ...{ code: 'not_allowed', field: 'processors' },
      problem: 'is not a field of a restore that has `before`: it restores every table',
    });
  const isOfGame = isGameDecision(kind);
  const isEstimate = kind === 'estimate';
  const isOfRules = isOfGame && !isEstimate;
  const rules = [
    { field: 'version', value: version, isWanted: isOfTable, isAllowed: isOfTable },
    { field: 'before', value: before, isWanted: false, isAllowed: kind === 'restore' },
    { field: 'force', value: force, isWanted: false, isAllowed: kind === 'rerun' },
    { field: 'game', value: game, isWanted: isOfGame, isAllowed: isOfGame },
    { field: 'rules', value: seen, isWanted: isOfRules, isAllowed: isOfRules },
    { field: 'until', value: until, isWanted: holdsUntil(kind), isAllowed: holdsUntil(kind) },
    { field: 'estimate', value: estimate, isWanted: isEstimate, isAllowed: isEstimate },
    { field: 'by', value: by, isWanted: isDecision, isAllowed: true },
    { field: 'reason', value: reason, isWanted: isDecision, isAllowed: isDecision },
  ];
  for (const { field, value, isWanted, isAllowed } of rules) {
    if (isWanted && value === undefined)
      faults.push({ code: 'missing', field, problem: `is missing; a ${kind} needs one` });
    if (!isAllowed && value !== undefined)
      faults.push({ code: 'not_allowed', field, problem: `is not a field of a ${kind}` });
  }
  return faults;
}

/** Whether a request of this kind is a person's decision, which goes on record before anything is done about it. */
export function isDecided(kind: RequestKind): boolean {
  return isRerun(kind) || kind === 'restore';
}

/** What a restore names: a version of one table, or of every table what was live just before an instant (ISO 8601, UTC). */
export type RestoreWanted =
  { readonly processor: ProcessorName; readonly version: number } | { readonly before: string };

/** What a request to restore names; null where it names nothing, which is refused where it comes in. */
export function restoreWanted({
  processors: [processor] = [],
  version,
  before,
}: TriggerMessage): RestoreWanted | null {
  if (before !== undefined) return { before };
  return processor !== undefined && version !== undefined ? { processor, version } : null;
}

/** What a person has decided by a request, as a sentence without its full stop; null where it is no decision. */
export function describeRequest({
  kind,
  by = '',
  reason = '',
  processors = [],
  version = 0,
  before,
  force,
  game = '',
  until = '',
}: TriggerMessage): string | null {
  const named = processors.join(', ');
  const restored = before === undefined ? `version ${version} of ${named}` : `what was live before ${before}`;
  const what: Partial<Record<RequestKind, string>> = {
    rerun: `Rerun of ${named || 'the date'}${force ? ', even if unchanged,' : ''}`,
    restore: `Restore of ${restored}`,
    unpin: `Unpin of ${named}`,
    release: `Release of ${game} until ${until}`,
    discard: `Discard of ${game}`,
    estimate: `Estimate for ${game} until ${until}`,
  };
  return what[kind] === undefined ? null : `${what[kind]} by ${by}: ${reason}`;
}

/** A trigger as a date keeps it: the workflow also gives itself some. */
export type TriggerMessage = Omit<AskedTrigger, 'kind'> & { kind: RequestKind };

/** What a backfill looks at of an answer before it believes it. */
export const replySchema = open({
  requestId: id,
  gameDate,
  state: v.pipe(v.string(), v.maxLength(40), v.description('the state of a date')),
  summary: v.pipe(v.string(), v.description('one sentence')),
});

/** The answer to one request. */
export interface DateReply {
  requestId: string;
  gameDate: string;
  state: RunState;
  /** One sentence: what came of it. */
  summary: string;
  /** What came of each processor that was run for it; none where nothing was. */
  outcomes: Record<ProcessorName, Outcome>;
  /** Nothing was tried for it, because the date could not be looked at. */
  wasNotOpened?: true;
}

/** Whether the same request, sent again, could mend what it was answered: something failed, and nothing waits. */
export function isWorthTryingAgain({ outcomes, wasNotOpened }: Omit<DateReply, 'requestId'>): boolean {
  if (wasNotOpened) return true;
  const all = Object.values(outcomes);
  if (all.includes('upstream_failed')) return true;
  return (
    all.includes('failed') && !all.some((one) => isSatisfied(one) || one === 'blocked' || one === 'waiting')
  );
}

/** Another build is current: a run that is on an older one goes on as a new run when nothing of it is under way. */
export const wakeSignal = defineSignal('wake');

/** One message, or several that come together. */
export const triggerSignal = defineSignal<[TriggerMessage, ...TriggerMessage[]]>('trigger');
export const dateSettledSignal = defineSignal<[DateReply, ...DateReply[]]>('dateSettled');
