/**
 * What happens to a date, and what it makes of what the run remembers: `(memory, event) → memory`. The level log is part of
 * it, in the plan's words, so that whoever reads the state reads what happened. No clock, no I/O.
 */
import type { AppendAuditResult, Look, Want } from '../contracts/activities';
import type { DateMemory, GateState } from '../contracts/date-state';
import {
  furtherHead,
  type AuditEntry,
  type Bypass,
  type Decided,
  type RecheckMessage,
} from '../contracts/decisions';
import { isPatient, type DateReply, type TriggerMessage } from '../contracts/messages';
import type { NotificationKind } from '../contracts/notifications';
import type { ProcessorName, ProcessorResult } from '../contracts/phase3';
import type { PlannedLevel } from '../contracts/plan';
import { describeMissing } from '../explain/describe-missing';
import { heldNow } from '../explain/held';
import { clearedEntry, decisionEntries, systemEntry } from './audit-entries';
import { afterBypass, bypassOf } from './bypasses';
import { decisionLines, levelDoneLine, linesOfResult, messageLines, withLines, type Line } from './level-log';
import { namesOf, openLevel, stateOfDate, unfinished, wantKey } from './memory';

export type DateEvent =
  | {
      type: 'took';
      /** New requests, or ones that are tried again. */
      fresh: TriggerMessage[];
      /** Ids of requests that came again. */
      again: string[];
      triedAgain: string[];
      refused: { requestId: string | null; why: string }[];
      rechecks: RecheckMessage[];
      /** Messages that there was no room for. */
      leftOut: number;
      /** Answers that a sender has not received. */
      replies: { replyTo: string; answer: DateReply }[];
      at: string;
    }
  | { type: 'began'; at: string }
  | { type: 'asking'; waitedMs: number }
  | { type: 'opened'; opened: NonNullable<Look['opened']>; runId: string }
  | { type: 'looked'; look: Look; clock: number; askedAt: string; at: string }
  | { type: 'foundUnchanged'; level: number; processors: readonly ProcessorName[]; at: string }
  | {
      type: 'started';
      level: PlannedLevel;
      processors: readonly ProcessorName[];
      isAhead: boolean;
      at: string;
    }
  // `standing`: the bypass that a restored version stands on.
  | { type: 'settled'; result: ProcessorResult; standing?: Bypass | null; at: string }
  | { type: 'keptBypass'; bypass: Bypass; missing: string; at: string }
  | { type: 'moved'; processor: ProcessorName; detail: string; at: string }
  | { type: 'waits'; nextProbeAt: string; deadline: string; at: string }
  | { type: 'levelDone'; level: PlannedLevel; isLast: boolean; at: string }
  | { type: 'notOpened'; why: string; at: string }
  | { type: 'notRecorded'; request: TriggerMessage; why: string; at: string }
  | { type: 'answered'; answers: readonly DateReply[] }
  // `overtaken`: late attempts of the pass have published them after it had looked at them last.
  | { type: 'closed'; overtaken: readonly ProcessorName[]; at: string }
  // `byNobody`: no decision of it is on record.
  | { type: 'ending'; as: 'abandoned' | 'cancelled'; why: string; byNobody: boolean; at: string }
  | { type: 'ended'; as: 'abandoned' | 'cancelled'; at: string }
  | { type: 'wentOn'; requests: number; at: string }
  | ({ type: 'audited'; entryIds: readonly string[]; at: string } & AppendAuditResult)
  | { type: 'told'; kind: NotificationKind; at: string }
  | { type: 'bypassAsked'; bypass: Bypass }
  | { type: 'bypassDropped'; bypassId: string; why: string; at: string }
  | {
      type: 'decided';
      id: string;
      /** What was decided: under one id there is one decision. */
      about: string;
      decided: Decided;
      line: string;
      deadline?: string;
      at: string;
    }
  | { type: 'notTaken'; id: string; why: string; at: string }
  | { type: 'notRestored'; request: TriggerMessage; why: string; at: string };

/** The events of one type. */
export type EventOf<T extends DateEvent['type']> = Extract<DateEvent, { type: T }>;

/** What an event of each type makes of a memory. Complete by its type: an event without a handler does not compile. */
type Handlers = { readonly [T in DateEvent['type']]: (memory: DateMemory, event: EventOf<T>) => DateMemory };

export function reduce(memory: DateMemory, event: DateEvent): DateMemory {
  // The handler is that of the event's own type, which the compiler does not see through the index.
  const handle = handlers[event.type] as (memory: DateMemory, event: DateEvent) => DateMemory;
  return handle(memory, event);
}

/** Decisions kept, to recognise one that is sent again. */
const mostDecisions = 100;
/** Characters of the ids of answered requests that are kept: enough to recognise a redelivery. */
const mostAnswered = 300_000;

const handlers: Handlers = {
  took,

  began: (memory, { at }) => {
    const owed = unfinished(memory);
    return {
      ...memory,
      // What is owed is tried with whatever else is wanted.
      wants: owed.length > 0 ? withWant(memory.wants, ownWant('owed', owed, memory.clock)) : memory.wants,
      ...{ pass: memory.pass + 1, passStartedAt: at, runState: 'running', gate: null, settled: {} },
      ...{ starts: {}, levels: [], levelsDone: [], probes: 0, waitedMs: 0, claimedBy: null },
    };
  },

  asking: (memory, { waitedMs }) => ({
    ...memory,
    ...{ clock: memory.clock + 1, waitedMs: memory.waitedMs + waitedMs },
  }),

  opened: (memory, { opened, runId }) => ({
    ...memory,
    ...{ plan: opened.plan, claimedBy: runId },
    owed: opened.owed,
    bypasses: [
      ...memory.bypasses,
      // What this run has seen of a processor is newer than the record.
      ...opened.standing.filter(
        ({ processor }) => !memory.results[processor] && !bypassOf(memory, processor),
      ),
    ],
    auditHead: furtherHead(memory.auditHead, opened.auditHead),
    trouble:
      memory.trouble ?? (opened.troubleSince ? { since: opened.troubleSince, remindedAt: null } : null),
  }),

  looked: (memory, { look, clock, askedAt, at }) => {
    const { names, levels, open, policy, rebuilds, refused } = look;
    const after = {
      ...memory,
      names,
      levels,
      open,
      policy,
      lookedAt: clock,
      probes: memory.probes + 1,
    };
    const level = openLevel(after);
    const same = memory.gate?.level === level ? memory.gate : null;
    const gate: GateState | null =
      level === null
        ? memory.gate
        : {
            ...{ level, askedAt, probes: (same?.probes ?? 0) + 1, nextProbeAt: null },
            waitingSince: same?.waitingSince ?? null,
            verdicts: look.verdicts.filter((verdict) => verdict.level === level),
          };
    const isOpenAgain = (done: number): boolean =>
      levels.some((one) => one.level === done && one.processors.some((name) => open.includes(name)));
    const lines = rebuilds.map((one): Line => [
      'WARNING',
      `${one.processor} is published but not up to date (${one.reason}) - rebuilding it before ${one.before}`,
    ]);
    const levelsDone = memory.levelsDone.filter((done) => !isOpenAgain(done));
    const forced = forcedByName(memory);
    return withRefusals(
      withLines(afterWait({ ...after, gate, levelsDone, forced }), at, ...lines),
      refused,
      at,
    );
  },

  foundUnchanged: (memory, { level, processors, at }) =>
    withLines({ ...memory, runState: 'running' }, at, [
      'INFO',
      `Level ${level}: nothing to build for ${processors.join(', ')}`,
    ]),

  started: (memory, { level, processors, isAhead, at }) =>
    withLines(
      {
        ...memory,
        runState: 'running',
        running: [...memory.running, ...processors],
        startedAt: { ...memory.startedAt, ...forEach(processors, () => memory.lookedAt) },
        starts: { ...memory.starts, ...forEach(processors, (name) => (memory.starts[name] ?? 0) + 1) },
      },
      at,
      [
        'INFO',
        `Level ${level.level}: Running ${processors.length} processors - ${isAhead ? 'without waiting for the bypassed input' : level.description}`,
      ],
    ),

  settled: (memory, { result, standing, at }) => {
    const { processor, outcome } = result;
    const before = memory.results[processor];
    const known = memory.settled[processor];
    // Looked at again and found as this pass has built it: that it was published is what came of it.
    const stays = outcome === 'unchanged' && known?.outcome === 'published' && before ? before : result;
    // What runs has seen what its own look saw, though another look may have been made beside it.
    const settledAt = memory.running.includes(processor) ? memory.startedAt[processor] : memory.lookedAt;
    const settled = { outcome: stays.outcome, at: settledAt ?? memory.lookedAt };
    const isWantedAgain = memory.wants.some(
      ({ key, at: wantedAt }) => wantedAt > settled.at && memory.names[key]?.includes(processor),
    );
    const others = isWantedAgain ? memory.open : without(memory.open, processor);
    const after = afterBypass(memory, result, at);
    return withLines(
      afterWait({
        ...after,
        bypasses: standing && !bypassOf(after, processor) ? [...after.bypasses, standing] : after.bypasses,
        results: { ...memory.results, [processor]: stays },
        settled: { ...memory.settled, [processor]: settled },
        open: [...others, ...builtBefore(memory, stays)],
        running: without(memory.running, processor),
        owed: without(memory.owed, processor),
        forced: stillForced(memory, result),
      }),
      at,
      ...linesOfResult(result),
    );
  },

  keptBypass: (memory, { bypass, missing, at }) => {
    const { processor, bypassId } = bypass;
    return withLines(
      {
        ...memory,
        open: without(memory.open, processor),
        settled: { ...memory.settled, [processor]: { outcome: 'unchanged', at: memory.lookedAt } },
      },
      at,
      ['INFO', `${processor} keeps bypass ${bypassId}; still missing: ${missing}`],
    );
  },

  moved: (memory, { processor, detail, at }) =>
    withLines({ ...memory, running: without(memory.running, processor) }, at, [
      'WARNING',
      `${processor} stopped before publishing: ${detail} - checking again`,
    ]),

  waits: (memory, { nextProbeAt, deadline, at }) => {
    const { gate } = memory;
    if (!gate) return memory;
    const seconds = Math.round((Date.parse(nextProbeAt) - Date.parse(at)) / 1000);
    return withLines(
      {
        ...{ ...memory, runState: 'waiting', deadline },
        gate: { ...gate, waitingSince: gate.waitingSince ?? at, nextProbeAt },
      },
      at,
      [
        'WARNING',
        `⏳ Level ${gate.level} waits: ${describeMissing(heldNow(memory))} - next check in ${seconds} s, deadline ${deadline}`,
      ],
    );
  },

  levelDone: (memory, { level, isLast, at }) =>
    withLines(
      { ...memory, levelsDone: [...memory.levelsDone, level.level] },
      at,
      levelDoneLine(memory, level, isLast),
    ),

  notOpened: (memory, { why, at }) =>
    withLines({ ...memory, open: memory.running, lookedAt: memory.clock, wants: [] }, at, [
      'ERROR',
      `Nothing was started: ${why}`,
    ]),

  notRecorded: (memory, { request, why, at }) =>
    withLines(withoutRequest(memory, request), at, [
      'ERROR',
      `Nothing was done of ${request.requestId}, because it could not be recorded: ${why}`,
    ]),

  answered: (memory, { answers }) => withAnswers(memory, answers),

  closed: (memory, { overtaken, at }) => {
    const isNew = ({ at: cameAt }: { at: number }): boolean => cameAt > memory.lookedAt;
    const clock = memory.clock + 1;
    const again = overtaken.length > 0 ? [ownWant('overtaken', [...overtaken], clock)] : [];
    const closed: DateMemory = {
      ...{ ...memory, clock },
      ...{ gate: null, deadline: null, passStartedAt: null, settled: {}, starts: {}, names: {} },
      // What is said from now on belongs to the next pass.
      passStartsAtLine: memory.journalDropped + memory.journal.length,
      runState: Object.keys(memory.results).length > 0 ? stateOfDate(memory) : 'failed',
      wants: [...memory.wants.filter(isNew), ...again],
      pending: memory.pending.filter((request) => isNew(request) && !request.isAnswered),
    };
    return withLines(
      closed,
      at,
      ...overtaken.map((name): Line => [
        'WARNING',
        `${name} was published by an attempt that had been given up on - checking again`,
      ]),
    );
  },

  ending: (memory, { as, why, byNobody, at }) => {
    // What was granted and not used lapses with the run; what a version stands on is in its manifest.
    const lapsed = memory.bypasses.filter(({ status }) => status !== 'standing');
    const lapses = lapsed.map((bypass) => clearedEntry(bypass, `the run was ${as} before it was used`, at));
    const own: AuditEntry[] = byNobody ? [systemEntry(`${as}/${memory.gameDate}/${at}`, as, why, at)] : [];
    return {
      ...memory,
      endedBecause: why,
      // Where no pass is open, its record has a number of its own.
      pass: memory.passStartedAt === null ? memory.pass + 1 : memory.pass,
      passStartedAt: memory.passStartedAt ?? at,
      bypasses: memory.bypasses.filter(({ status }) => status === 'standing'),
      auditDue: [...memory.auditDue, ...lapses, ...own],
    };
  },

  ended: (memory, { as, at }) =>
    withLines(
      {
        ...memory,
        ...{ runState: as, gate: null, passStartedAt: null, open: [], running: [], wants: [], pending: [] },
      },
      at,
      [
        'WARNING',
        as === 'abandoned'
          ? `${memory.gameDate} is abandoned: nobody acted in time`
          : `${memory.gameDate} was cancelled`,
      ],
    ),

  wentOn: (memory, { requests, at }) =>
    withLines(memory, at, ['INFO', `Requests after the cancellation continue in the next run: ${requests}`]),

  // What is refused is owed no more: it could never be written, and would keep all others out.
  audited: (memory, { entryIds, heads, refused, at }) =>
    withLines(
      {
        ...memory,
        auditDue: memory.auditDue.filter(({ entryId }) => !entryIds.includes(entryId)),
        auditHead: heads.reduce(furtherHead, memory.auditHead),
      },
      at,
      ...refused.map(({ why }): Line => ['ERROR', `Not written to the audit: ${why}`]),
    ),

  told: (memory, event) => ({ ...memory, trouble: troubleAfter(memory.trouble, event) }),

  bypassAsked: (memory, { bypass }) => ({
    ...memory,
    // What a version stands on already goes when another is built, not before.
    bypasses: [...memory.bypasses, bypass],
  }),

  bypassDropped: (memory, { bypassId, why, at }) =>
    withLines({ ...memory, bypasses: memory.bypasses.filter((other) => other.bypassId !== bypassId) }, at, [
      'ERROR',
      `Bypass ${bypassId} could not be recorded, so it has no effect: ${why}`,
    ]),

  decided: (memory, { id, about, decided, line, deadline, at }) =>
    withLines(
      {
        ...memory,
        auditHead: furtherHead(memory.auditHead, decided.entry),
        decisions: [...memory.decisions, { id, about, decided }].slice(-mostDecisions),
        bypasses: memory.bypasses.map((bypass) =>
          bypass.bypassId === id ? { ...bypass, status: 'open' } : bypass,
        ),
        ...(deadline === undefined ? {} : { deadline }),
      },
      at,
      ['WARNING', line],
    ),

  notTaken,

  notRestored: (memory, { request: { requestId }, why, at }) => {
    const { gameDate } = memory;
    const summary = `${gameDate} failed: no version was restored: ${why}`;
    const answer = { requestId, gameDate, state: 'failed' as const, summary, outcomes: {} };
    return withLines(withAnswers(notTaken(memory, { id: requestId, why, at }), [answer]), at, [
      'ERROR',
      `No version was restored: ${why}`,
    ]);
  },
};

function took(memory: DateMemory, event: EventOf<'took'>): DateMemory {
  const { fresh, again, triedAgain, refused, rechecks, at } = event;
  const clock = memory.clock + 1;
  const [recheck] = rechecks;
  const owed = recheck && memory.runState !== 'cancelled' ? recheckOf(memory, recheck) : null;
  const messages = owed ? [...fresh, owed] : fresh;
  const repeated = new Set(again);
  const isAgain = ({ message }: DateMemory['pending'][number]): boolean => repeated.has(message.requestId);
  const wanted = [...memory.pending.filter(isAgain).map(({ message }) => message), ...messages].filter(
    ({ kind }) => kind !== 'restore',
  );
  const taken: DateMemory = {
    ...memory,
    clock,
    wokenAt: recheck || again.length > 0 ? clock : memory.wokenAt,
    starts: messages.length > 0 ? {} : memory.starts,
    askedLive: memory.askedLive || messages.some(({ kind }) => isPatient(kind)),
    pending: [
      ...memory.pending.map((request) => (isAgain(request) ? { ...request, at: clock } : request)),
      ...messages.map((message) => ({ message, at: clock, isAnswered: false })),
    ],
    answered: withoutIds(memory.answered, new Set(triedAgain)),
    wants: wanted.reduce(
      (wants, message) => withWant(wants, wantOf(message, owed === message ? memory : null, clock)),
      memory.wants,
    ),
    forced: messages.reduce((forced, message) => ({ ...forced, ...forcedBy(message) }), memory.forced),
    auditDue: [...memory.auditDue, ...messages.flatMap((message) => decisionEntries(message, at))],
    // Who asks again while the deadline has passed gets another.
    deadline: messages.length > 0 && (memory.deadline ?? at) < at ? null : memory.deadline,
  };
  const answers = refused.flatMap(({ requestId, why }) =>
    requestId === null ? [] : [refusal(memory.gameDate, requestId, why)],
  );
  const effect = effectOf(memory, owed);
  return withLines(
    withAnswers(taken, answers),
    at,
    ...messageLines(event, effect),
    ...messages.flatMap(decisionLines),
  );
}

/** What comes of a recheck, in words. */
function effectOf(memory: DateMemory, owed: TriggerMessage | null): string {
  if (owed) return `${owed.processors?.join(', ') ?? ''} checked once`;
  if (memory.runState === 'cancelled') return 'the run is ending, so nothing is checked';
  if (memory.runState === 'waiting') return 'the dependencies are checked again';
  return memory.passStartedAt === null ? 'nothing is waiting' : 'the date is running';
}

/** What a recheck wants: what the date owes, and what stands on a bypass. Null where there is neither. */
function recheckOf(memory: DateMemory, { requestId, by }: RecheckMessage): TriggerMessage | null {
  const standing = memory.bypasses.filter(({ status }) => status === 'standing').map((one) => one.processor);
  const names = [...new Set([...unfinished(memory), ...standing])].filter(
    (name) => !memory.open.includes(name),
  );
  return names.length > 0 ? { requestId, kind: 'recheck', source: 'recheck', processors: names, by } : null;
}

/** What a request wants. Of a recheck, what `memory` does not owe is looked at only to be rid of a bypass. */
function wantOf(message: TriggerMessage, memory: DateMemory | null, at: number): Want {
  const { source, processors = null, kind } = message;
  const owed = memory ? unfinished(memory) : [];
  return {
    ...{ key: wantKey(message), source, processors, withDownstream: kind === 'rerun', at },
    onlyToClear:
      kind === 'recheck' ? (processors ?? []).filter((name) => memory && !owed.includes(name)) : [],
  };
}

function ownWant(key: string, processors: ProcessorName[], at: number): Want {
  return { key, source: key, processors, withDownstream: false, onlyToClear: [], at };
}

function withWant(wants: readonly Want[], want: Want): Want[] {
  return [...wants.filter(({ key }) => key !== want.key), want];
}

/** Requests for what there is not are answered, and want nothing. */
function withRefusals(memory: DateMemory, refused: Look['refused'], at: string): DateMemory {
  const keys = new Set(Object.keys(refused));
  if (keys.size === 0) return memory;
  const answers = memory.pending.flatMap(({ message, isAnswered }) => {
    const why = refused[wantKey(message)];
    return why === undefined || isAnswered || message.kind === 'restore'
      ? []
      : [refusal(memory.gameDate, message.requestId, `${why}.`)];
  });
  const wants = memory.wants.filter(({ key }) => !keys.has(key));
  const lines = Object.values(refused).map((why): Line => ['WARNING', `A message was refused: ${why}.`]);
  return withLines(withAnswers({ ...memory, wants }, answers), at, ...lines);
}

function refusal(gameDate: string, requestId: string, why: string): DateReply {
  return { requestId, gameDate, state: 'failed', summary: `${gameDate} failed: ${why}`, outcomes: {} };
}

/** Adds answers, those that are alike together; the oldest ones go where there are too many. */
function withAnswers(memory: DateMemory, answers: readonly DateReply[]): DateMemory {
  if (answers.length === 0) return memory;
  const ids = new Set(answers.map(({ requestId }) => requestId));
  const groups = new Map<string, DateMemory['answered'][number]>();
  for (const { requestId, ...reply } of answers) {
    const key = JSON.stringify(reply);
    const group = groups.get(key) ?? { requestIds: [], reply };
    group.requestIds.push(requestId);
    groups.set(key, group);
  }
  const answered = [...withoutIds(memory.answered, ids), ...groups.values()];
  let size = answered.reduce((all, group) => all + sizeOf(group), 0);
  let first = 0;
  for (; size > mostAnswered && first < answered.length - 1; first += 1) size -= sizeOf(answered[first]);
  return {
    ...memory,
    answered: answered.slice(first),
    pending: memory.pending.map((request) =>
      ids.has(request.message.requestId) ? { ...request, isAnswered: true } : request,
    ),
  };
}

function sizeOf(group: DateMemory['answered'][number] | undefined): number {
  if (!group) return 0;
  const { requestIds, reply } = group;
  return JSON.stringify(reply).length + requestIds.reduce((all, id) => all + id.length + 3, 0);
}

function withoutIds(answered: DateMemory['answered'], ids: ReadonlySet<string>): DateMemory['answered'] {
  if (ids.size === 0) return answered;
  return answered.flatMap(({ requestIds, reply }) => {
    const left = requestIds.filter((id) => !ids.has(id));
    return left.length > 0 ? [{ requestIds: left, reply }] : [];
  });
}

function notTaken(memory: DateMemory, { id, why, at }: Omit<EventOf<'notTaken'>, 'type'>): DateMemory {
  const reason = `${id} may be recorded, but was not accepted: ${why}`;
  return {
    ...memory,
    notTaken: [...memory.notTaken, id].slice(-mostDecisions),
    auditDue: [...memory.auditDue, systemEntry(`${id}/not-taken`, 'not_taken', reason, at)],
  };
}

/** The level has stopped waiting once nothing holds it up. */
function afterWait(memory: DateMemory): DateMemory {
  const { gate } = memory;
  if (!gate?.waitingSince || heldNow(memory).length > 0) return memory;
  return { ...memory, gate: { ...gate, waitingSince: null, nextProbeAt: null } };
}

/** What this pass has settled on an older version of what is published now. */
function builtBefore(
  { plan, open, settled }: DateMemory,
  { processor, outcome }: ProcessorResult,
): ProcessorName[] {
  if (outcome !== 'published') return [];
  return (plan?.processors ?? []).flatMap(({ name, upstreams }) =>
    Object.hasOwn(settled, name) &&
    !open.includes(name) &&
    upstreams.some((one) => one.processor === processor)
      ? [name]
      : [],
  );
}

/** Without what a request wants: nothing of it is done, now or later, and nothing of it is owed to the audit. */
function withoutRequest(memory: DateMemory, request: TriggerMessage): DateMemory {
  const { requestId } = request;
  const key = wantKey(request);
  const reasons = Object.values(forcedBy(request));
  const isShared = memory.pending.some(
    ({ message, isAnswered }) =>
      !isAnswered &&
      message.requestId !== requestId &&
      message.kind !== 'restore' &&
      wantKey(message) === key,
  );
  return {
    ...memory,
    wants:
      request.kind === 'restore' || isShared ? memory.wants : memory.wants.filter((want) => want.key !== key),
    auditDue: memory.auditDue.filter(({ entryId }) => entryId !== requestId),
    forced: Object.fromEntries(
      Object.entries(memory.forced).filter(([, reason]) => !reasons.includes(reason)),
    ),
  };
}

/** What a request wants rebuilt even if nothing has changed. */
function forcedBy(message: TriggerMessage): DateMemory['forced'] {
  const { force, by, reason } = message;
  if (!force) return {};
  const sentence = `forced by ${by ?? 'somebody'}: ${reason ?? ''}`;
  return Object.fromEntries((message.processors ?? [message.source]).map((name) => [name, sentence]));
}

/** Of what a source sets off, each by its name, now that the plan says so. */
function forcedByName({ forced, plan }: DateMemory): DateMemory['forced'] {
  return Object.fromEntries(
    Object.entries(forced).flatMap(([name, why]) => {
      const setOff = (plan?.processors ?? []).filter(({ triggers }) => triggers.includes(name));
      return setOff.length > 0 ? setOff.map((one) => [one.name, why]) : [[name, why]];
    }),
  );
}

/** Who is forced stays so until it is built, or there is nothing to build. */
function stillForced({ forced }: DateMemory, { processor, outcome }: ProcessorResult): DateMemory['forced'] {
  if (outcome !== 'published' && outcome !== 'skipped') return forced;
  return Object.fromEntries(Object.entries(forced).filter(([name]) => name !== processor));
}

function troubleAfter(trouble: DateMemory['trouble'], { kind, at }: EventOf<'told'>): DateMemory['trouble'] {
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

function forEach(
  names: readonly ProcessorName[],
  of: (name: ProcessorName) => number,
): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

function without<T>(list: readonly T[], one: T): T[] {
  return list.filter((other) => other !== one);
}

/** Answers for all of these requests, from what came of what they are about. */
export function answersTo(
  memory: DateMemory,
  requests: readonly TriggerMessage[],
  summaryOf: (outcomes: DateReply['outcomes']) => Pick<DateReply, 'state' | 'summary'>,
): DateReply[] {
  const { gameDate } = memory;
  return requests.map((message) => {
    const outcomes = Object.fromEntries(
      namesOf(memory, message).flatMap((name) => {
        const result = memory.results[name];
        return result ? [[name, result.outcome]] : [];
      }),
    );
    return { requestId: message.requestId, gameDate, outcomes, ...summaryOf(outcomes) };
  });
}
