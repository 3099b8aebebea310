/**
 * What happens to a date, and what it makes of what the run remembers: `(memory, what, at) → memory`. The level log is part of
 * it, in the plan's words, so that whoever reads the state reads what happened. No clock, no I/O.
 */
import type { AppendAuditResult, Look, Want } from '../contracts/activities';
import type { DateMemory } from '../contracts/date-state';
import { furtherHead, type Bypass, type Decided, type RecheckMessage } from '../contracts/decisions';
import { isPatient, type TriggerMessage } from '../contracts/messages';
import type { NotificationKind } from '../contracts/notifications';
import type { Outcome, ProcessorName, ProcessorResult } from '../contracts/phase3';
import { idleResult } from '../explain/blocked-result';
import { describeMissing } from '../explain/describe-missing';
import { heldNow } from '../explain/held';
import { answer, answerSettled, failure, withAnswers, withoutIds } from './answers';
import { clearedEntry, decisionEntries, systemEntry } from './audit-entries';
import { afterBypass, bypassOf } from './bypasses';
import { decisionLines, levelDoneLine, linesOfResult, messageLines, withLines, type Line } from './level-log';
import { namesOf, openLevel, restoresOf, stateOfDate, unanswered, unfinished, wantKey } from './memory';
import type { Taken } from './take-in';

type GivenUp = 'abandoned' | 'cancelled';

/** Decisions kept, to recognise one that is sent again. */
const mostDecisions = 100;

export const changes = {
  took,

  began: (memory: DateMemory, _: object, at: string): DateMemory => {
    const owed = unfinished(memory);
    return {
      ...memory,
      // What is owed is tried with whatever else is wanted.
      wants: owed.length > 0 ? withWant(memory.wants, ownWant('owed', owed, memory.clock)) : memory.wants,
      ...{ pass: memory.pass + 1, passStartedAt: at, runState: 'running', gate: null, settled: {} },
      ...{ starts: {}, levels: [], levelsDone: [], probes: 0, waitedMs: 0, claimedBy: null },
    };
  },

  asking: (memory: DateMemory, { waitedMs }: { waitedMs: number }): DateMemory => ({
    ...memory,
    ...{ clock: memory.clock + 1, waitedMs: memory.waitedMs + waitedMs },
  }),

  opened: (
    memory: DateMemory,
    { opened, runId }: { opened: NonNullable<Look['opened']>; runId: string },
  ): DateMemory => ({
    ...memory,
    ...{ plan: opened.plan, claimedBy: runId, owed: opened.owed },
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

  looked,

  started: (
    memory: DateMemory,
    { processors, level, why }: { processors: readonly ProcessorName[]; level: number; why: string },
    at: string,
  ): DateMemory =>
    withLines(
      {
        ...{ ...memory, runState: 'running', running: [...memory.running, ...processors] },
        startedAt: { ...memory.startedAt, ...forEach(processors, () => memory.lookedAt) },
        starts: { ...memory.starts, ...forEach(processors, (name) => (memory.starts[name] ?? 0) + 1) },
      },
      at,
      ['INFO', `Level ${level}: Running ${processors.length} processors - ${why}`],
    ),

  settled,

  failed: (memory: DateMemory, { processor, why }: { processor: ProcessorName; why: string }, at: string) =>
    settled(memory, { result: notBuilt(memory, processor, 'failed', why) }, at),

  moved: (
    memory: DateMemory,
    { processor, detail }: { processor: ProcessorName; detail: string },
    at: string,
  ): DateMemory =>
    withLines({ ...memory, running: without(memory.running, processor) }, at, [
      'WARNING',
      `${processor} stopped before publishing: ${detail} - checking again`,
    ]),

  /** `unopened`: why the pass could not be opened so far. */
  waits: (
    memory: DateMemory,
    { nextProbeAt, deadline, unopened }: { nextProbeAt: string; deadline: string; unopened?: string },
    at: string,
  ): DateMemory => {
    const none = { level: 1, probes: 0, waitingSince: null, nextProbeAt: null, verdicts: [], askedAt: at };
    const gate = { ...(memory.gate ?? none), ...(unopened === undefined ? {} : { checkFailed: unopened }) };
    const seconds = Math.round((Date.parse(nextProbeAt) - Date.parse(at)) / 1000);
    const what =
      unopened === undefined
        ? describeMissing(heldNow(memory))
        : `the dependency check cannot be made (${unopened})`;
    return withLines(
      {
        ...{ ...memory, runState: 'waiting', deadline },
        gate: { ...gate, waitingSince: gate.waitingSince ?? at, nextProbeAt },
      },
      at,
      ['WARNING', `⏳ Level ${gate.level} waits: ${what} - next check in ${seconds} s, deadline ${deadline}`],
    );
  },

  /** Nothing could be started: everything that is wanted has failed, and says why. */
  notOpened: (memory: DateMemory, { why }: { why: string }, at: string): DateMemory => {
    const wanted = unanswered(memory);
    const named = [...memory.open, ...unfinished(memory), ...wanted.flatMap((one) => namesOf(memory, one))];
    // Before a plan is known, nobody knows whether there is what a message names.
    const names = (memory.plan?.processors ?? []).flatMap(({ name }) =>
      named.includes(name) && !memory.running.includes(name) ? [name] : [],
    );
    const over = restoresOf(memory).reduce((now, request) => notRestored(now, { request, why }, at), memory);
    const closed = withLines({ ...over, open: memory.running, lookedAt: memory.clock, wants: [] }, at, [
      'ERROR',
      `Nothing was started: ${why}`,
    ]);
    const failed = names.reduce(
      (now, name) => settle(now, notBuilt(now, name, 'failed', `not started: ${why}`), at),
      closed,
    );
    return answer(failed, unanswered(failed), { ...failure(memory, why), wasNotOpened: true });
  },

  /** `isLost`: nobody knows whether it is on record. */
  notRecorded: (
    memory: DateMemory,
    { request, why, isLost }: { request: TriggerMessage; why: string; isLost: boolean },
    at: string,
  ): DateMemory => {
    const left = withLines(withoutRequest(memory, request), at, [
      'ERROR',
      `Nothing was done of ${request.requestId}, because it could not be recorded: ${why}`,
    ]);
    if (request.kind === 'restore' && isLost) return notRestored(left, { request, why }, at);
    return answer(left, [request], { ...failure(memory, why), outcomes: {}, wasNotOpened: true });
  },

  answeredSettled: (memory: DateMemory, _: object): DateMemory => answerSettled(memory),

  /** `overtaken`: late attempts of the pass have published them after it had looked at them last. */
  closed: (
    before: DateMemory,
    { overtaken }: { overtaken: readonly ProcessorName[] },
    at: string,
  ): DateMemory => {
    const memory = answerSettled(before);
    const isNew = ({ at: cameAt }: { at: number }): boolean => cameAt > memory.lookedAt;
    const clock = memory.clock + 1;
    const again = overtaken.length > 0 ? [ownWant('overtaken', [...overtaken], clock)] : [];
    return withLines(
      {
        ...{ ...memory, clock },
        ...{ gate: null, deadline: null, passStartedAt: null, settled: {}, starts: {}, names: {} },
        // What is said from now on belongs to the next pass.
        passStartsAtLine: memory.journalDropped + memory.journal.length,
        runState: Object.keys(memory.results).length > 0 ? stateOfDate(memory) : 'failed',
        wants: [...memory.wants.filter(isNew), ...again],
        pending: memory.pending.filter((request) => isNew(request) && !request.isAnswered),
      },
      at,
      ...overtaken.map((name): Line => [
        'WARNING',
        `${name} was published by an attempt that had been given up on - checking again`,
      ]),
    );
  },

  /** `byNobody`: no decision of it is on record. */
  ending: (
    memory: DateMemory,
    { as, why, byNobody }: { as: GivenUp; why: string; byNobody: boolean },
    at: string,
  ): DateMemory => {
    const settledAs = memory.open.reduce(
      (now, name) => settle(now, notBuilt(now, name, 'waiting', `the run was ${as}`), at),
      memory,
    );
    // What was granted and not used lapses with the run; what a version stands on is in its manifest.
    const lapsed = memory.bypasses.filter(({ status }) => status !== 'standing');
    return {
      ...{ ...settledAs, endedBecause: why },
      // Where no pass is open, its record has a number of its own.
      pass: memory.passStartedAt === null ? memory.pass + 1 : memory.pass,
      passStartedAt: memory.passStartedAt ?? at,
      bypasses: memory.bypasses.filter(({ status }) => status === 'standing'),
      auditDue: [
        ...settledAs.auditDue,
        ...lapsed.map((bypass) => clearedEntry(bypass, `the run was ${as} before it was used`, at)),
        ...(byNobody ? [systemEntry(`${as}/${memory.gameDate}/${at}`, as, why, at)] : []),
      ],
    };
  },

  ended: (memory: DateMemory, { as }: { as: GivenUp }, at: string): DateMemory =>
    withLines(
      {
        ...answer(memory, unanswered(memory), { state: as }),
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

  wentOn: (memory: DateMemory, _: object, at: string): DateMemory =>
    withLines(memory, at, [
      'INFO',
      `Requests after the cancellation continue in the next run: ${memory.pending.length}`,
    ]),

  // What is refused is owed no more: it could never be written, and would keep all others out.
  audited: (
    memory: DateMemory,
    { entryIds, heads, refused }: { entryIds: readonly string[] } & AppendAuditResult,
    at: string,
  ): DateMemory =>
    withLines(
      {
        ...memory,
        auditDue: memory.auditDue.filter(({ entryId }) => !entryIds.includes(entryId)),
        auditHead: heads.reduce(furtherHead, memory.auditHead),
      },
      at,
      ...refused.map(({ why }): Line => ['ERROR', `Not written to the audit: ${why}`]),
    ),

  told: (memory: DateMemory, { kind }: { kind: NotificationKind }, at: string): DateMemory => {
    const reminded = memory.trouble && { ...memory.trouble, remindedAt: at };
    const begun = kind === 'trouble' ? { since: at, remindedAt: null } : null;
    return { ...memory, trouble: kind === 'still_in_trouble' ? reminded : begun };
  },

  // What a version stands on already goes when another is built, not before.
  bypassAsked: (memory: DateMemory, { bypass }: { bypass: Bypass }): DateMemory => ({
    ...memory,
    bypasses: [...memory.bypasses, bypass],
  }),

  /** `about`: what was decided, since under one id there is one decision. */
  decided: (
    memory: DateMemory,
    what: { id: string; about: string; decided: Decided; line: string; deadline?: string },
    at: string,
  ): DateMemory => {
    const { id, about, decided, line, deadline = memory.deadline } = what;
    return withLines(
      {
        ...{ ...memory, deadline },
        auditHead: furtherHead(memory.auditHead, decided.entry),
        decisions: [...memory.decisions, { id, about, decided }].slice(-mostDecisions),
        bypasses: memory.bypasses.map((bypass) =>
          bypass.bypassId === id ? { ...bypass, status: 'open' } : bypass,
        ),
      },
      at,
      ['WARNING', line],
    );
  },

  /** A decision is not carried out. `isLost`: nobody knows whether it is on record. */
  notDecided: (
    memory: DateMemory,
    { id, why, isLost }: { id: string; why: string; isLost: boolean },
    at: string,
  ): DateMemory => {
    const left = isLost ? notTaken(memory, id, why, at) : memory;
    const bypasses = memory.bypasses.filter(({ bypassId }) => bypassId !== id);
    if (bypasses.length === memory.bypasses.length) return left;
    return withLines({ ...left, bypasses }, at, [
      'ERROR',
      `Bypass ${id} could not be recorded, so it has no effect: ${why}`,
    ]);
  },

  notRestored,

  restored: (
    memory: DateMemory,
    what: { request: TriggerMessage; result: ProcessorResult; standing: Bypass | null },
    at: string,
  ): DateMemory => answer(settled(memory, what, at), [what.request]),
};

export type Changes = typeof changes;

function took(memory: DateMemory, taken: Taken, at: string): DateMemory {
  const { fresh, again, triedAgain, refused, rechecks } = taken;
  const clock = memory.clock + 1;
  const [recheck] = rechecks;
  const owed = recheck && memory.runState !== 'cancelled' ? recheckOf(memory, recheck) : null;
  const messages = owed ? [...fresh, owed] : fresh;
  const repeated = new Set(again);
  const isAgain = ({ message }: DateMemory['pending'][number]): boolean => repeated.has(message.requestId);
  const wanted = [...memory.pending.filter(isAgain).map(({ message }) => message), ...messages].filter(
    ({ kind }) => kind !== 'restore',
  );
  const next: DateMemory = {
    ...{ ...memory, clock },
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
  const refusals = refused.flatMap(({ requestId, why }) =>
    requestId === null
      ? []
      : [{ requestId, gameDate: memory.gameDate, outcomes: {}, ...failure(memory, why) }],
  );
  return withLines(
    withAnswers(next, refusals),
    at,
    ...messageLines(taken, effectOf(memory, owed)),
    ...messages.flatMap(decisionLines),
  );
}

/** `clock`: the date's clock when the look was begun; `askedAt`: the instant. */
function looked(
  memory: DateMemory,
  { look, clock, askedAt }: { look: Look; clock: number; askedAt: string },
  at: string,
): DateMemory {
  const { names, levels, policy, kept } = look;
  const seen: DateMemory = {
    ...{ ...memory, names, levels, policy, lookedAt: clock, probes: memory.probes + 1 },
    open: [...look.open, ...look.settled.map(({ processor }) => processor), ...Object.keys(kept)],
    levelsDone: memory.levelsDone.filter((done) =>
      levels.every((one) => one.level !== done || !one.processors.some((name) => look.open.includes(name))),
    ),
    forced: forcedByName(memory),
  };
  const rebuilds = look.rebuilds.map((one): Line => [
    'WARNING',
    `${one.processor} is published but not up to date (${one.reason}) - rebuilding it before ${one.before}`,
  ]);
  const begun = withRefusals(withLines(seen, at, ...rebuilds), look.refused, at);
  const after = levels.reduce((now, { level, processors }) => {
    const own = look.settled.filter(({ processor }) => processors.includes(processor));
    const unchanged = own.flatMap(({ processor, outcome }) => (outcome === 'unchanged' ? [processor] : []));
    const line: Line = ['INFO', `Level ${level}: nothing to build for ${unchanged.join(', ')}`];
    const said = unchanged.length > 0 ? withLines({ ...now, runState: 'running' }, at, line) : now;
    const came = own.reduce((next, result) => settle(next, result, at), said);
    const keeps = processors.filter((name) => Object.hasOwn(kept, name));
    return withLevelsDone(
      keeps.reduce((next, name) => keptBypass(next, name, kept[name] ?? '', at), came),
      at,
    );
  }, begun);
  const level = openLevel(after);
  if (level === null) return afterWait(after);
  const same = memory.gate?.level === level ? memory.gate : null;
  const gate = {
    ...{ level, askedAt, probes: (same?.probes ?? 0) + 1, nextProbeAt: null },
    waitingSince: same?.waitingSince ?? null,
    verdicts: look.verdicts.filter((verdict) => verdict.level === level),
  };
  return afterWait({ ...after, gate });
}

/** `standing`: the bypass that a restored version stands on. */
function settled(
  memory: DateMemory,
  { result, standing }: { result: ProcessorResult; standing?: Bypass | null },
  at: string,
): DateMemory {
  const after = settle(memory, result, at);
  const isNew = standing && !bypassOf(after, result.processor);
  return withLevelsDone(isNew ? { ...after, bypasses: [...after.bypasses, standing] } : after, at);
}

function settle(memory: DateMemory, result: ProcessorResult, at: string): DateMemory {
  const { processor, outcome } = result;
  const before = memory.results[processor];
  const known = memory.settled[processor];
  // Looked at again and found as this pass has built it: that it was published is what came of it.
  const stays = outcome === 'unchanged' && known?.outcome === 'published' && before ? before : result;
  const after = withSettled(afterBypass(memory, result, at), processor, stays);
  return withLines(
    afterWait({
      ...after,
      results: { ...memory.results, [processor]: stays },
      open: [...after.open, ...builtBefore(memory, stays)],
      running: without(memory.running, processor),
      owed: without(memory.owed, processor),
      forced: stillForced(memory, result),
    }),
    at,
    ...linesOfResult(result),
  );
}

/** A processor has come to something, as far as its look has seen: what is wanted since stays open. */
function withSettled(
  memory: DateMemory,
  processor: ProcessorName,
  { outcome, reason, missing }: Pick<ProcessorResult, 'outcome' | 'reason' | 'missing'>,
): DateMemory {
  // What runs has seen what its own look saw, though another look may have been made beside it.
  const own = memory.running.includes(processor) ? memory.startedAt[processor] : undefined;
  const at = own ?? memory.lookedAt;
  const isWantedAgain = memory.wants.some(
    (want) => want.at > at && memory.names[want.key]?.includes(processor),
  );
  return {
    ...memory,
    open: isWantedAgain ? memory.open : without(memory.open, processor),
    settled: { ...memory.settled, [processor]: { outcome, at, reason, missing } },
  };
}

function keptBypass(memory: DateMemory, processor: ProcessorName, missing: string, at: string): DateMemory {
  const { bypassId = '' } = bypassOf(memory, processor, 'standing') ?? {};
  const kept = { outcome: 'unchanged' as const, reason: '', missing: [] };
  return withLines(withSettled(memory, processor, kept), at, [
    'INFO',
    `${processor} keeps bypass ${bypassId}; still missing: ${missing}`,
  ]);
}

/** What comes of a processor that this run did not build, keeping what is known of its live version. */
function notBuilt(
  { results }: DateMemory,
  name: ProcessorName,
  outcome: Outcome,
  why: string,
): ProcessorResult {
  const { version = null, rowCount = null } = results[name] ?? {};
  return { ...idleResult(name, outcome, why), version, rowCount };
}

/** Says of each level once that it has ended, and without whom; not before the levels below it. */
function withLevelsDone(memory: DateMemory, at: string): DateMemory {
  const { levels, open, levelsDone } = memory;
  const first = levels.findIndex(({ processors }) => processors.some((name) => open.includes(name)));
  const ended = first < 0 ? levels : levels.slice(0, first);
  const news = ended.filter(({ level }) => !levelsDone.includes(level));
  return withLines(
    { ...memory, levelsDone: [...levelsDone, ...news.map(({ level }) => level)] },
    at,
    ...news.map((level) => levelDoneLine(memory, level, level === levels.at(-1))),
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
  return Object.entries(refused).reduce((now, [key, why]) => {
    const own = unanswered(now).filter((one) => wantKey(one) === key && one.kind !== 'restore');
    const wants = now.wants.filter((want) => want.key !== key);
    return withLines(answer({ ...now, wants }, own, { ...failure(memory, `${why}.`), outcomes: {} }), at, [
      'WARNING',
      `A message was refused: ${why}.`,
    ]);
  }, memory);
}

function notTaken(memory: DateMemory, id: string, why: string, at: string): DateMemory {
  const reason = `${id} may be recorded, but was not accepted: ${why}`;
  return {
    ...memory,
    notTaken: [...memory.notTaken, id].slice(-mostDecisions),
    auditDue: [...memory.auditDue, systemEntry(`${id}/not-taken`, 'not_taken', reason, at)],
  };
}

function notRestored(
  memory: DateMemory,
  { request, why }: { request: TriggerMessage; why: string },
  at: string,
): DateMemory {
  const reply = { ...failure(memory, `no version was restored: ${why}`), outcomes: {} };
  return withLines(answer(notTaken(memory, request.requestId, why, at), [request], reply), at, [
    'ERROR',
    `No version was restored: ${why}`,
  ]);
}

/** The level has stopped waiting once nothing holds it up. */
function afterWait(memory: DateMemory): DateMemory {
  const { gate } = memory;
  if (!gate?.waitingSince || heldNow(memory).length > 0) return memory;
  return { ...memory, gate: { ...gate, waitingSince: null, nextProbeAt: null } };
}

/** What this pass has settled on an older version of what is published now. */
function builtBefore(
  { plan, open, settled: known }: DateMemory,
  { processor, outcome }: ProcessorResult,
): ProcessorName[] {
  if (outcome !== 'published') return [];
  return (plan?.processors ?? []).flatMap(({ name, upstreams }) =>
    Object.hasOwn(known, name) && !open.includes(name) && upstreams.some((one) => one.processor === processor)
      ? [name]
      : [],
  );
}

/** Without what a request wants: nothing of it is done, now or later, and nothing of it is owed to the audit. */
function withoutRequest(memory: DateMemory, request: TriggerMessage): DateMemory {
  const { requestId } = request;
  const key = wantKey(request);
  const reasons = Object.values(forcedBy(request));
  const isShared = unanswered(memory).some(
    (other) => other.requestId !== requestId && other.kind !== 'restore' && wantKey(other) === key,
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

function forEach(
  names: readonly ProcessorName[],
  of: (name: ProcessorName) => number,
): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

function without<T>(list: readonly T[], one: T): T[] {
  return list.filter((other) => other !== one);
}
