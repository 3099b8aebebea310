/**
 * What happens to a date, and what it makes of what the run remembers. A change gets a copy of the memory, to which it assigns;
 * what was in it before is not touched. The level log is part of it, in the plan's words, so that whoever reads the state reads
 * what happened. No clock, no I/O.
 */
import type {
  AppendAuditResult,
  Look,
  OpenedPass,
  RestoreVersionResult,
  Want,
} from '../contracts/activities';
import { clearedEntry, decisionEntries, systemEntry } from '../contracts/audit-entries';
import { resultsOf, type DateMemory } from '../contracts/date-state';
import {
  furtherHead,
  type AuditEntry,
  type Bypass,
  type Decided,
  type RecheckMessage,
} from '../contracts/decisions';
import { isGameDecision, notTakenId } from '../contracts/game-decisions';
import { isPatient, isRerun, type TriggerMessage } from '../contracts/messages';
import { newsAfter } from '../contracts/news';
import type { NotificationKind } from '../contracts/notifications';
import {
  idleResult,
  stateOfResults,
  type Outcome,
  type Policy,
  type ProcessorName,
  type ProcessorResult,
} from '../contracts/phase3';
import { describeMissing, describeUnchecked } from '../explain/describe-missing';
import { heldNow } from '../explain/held';
import { addAnswers, answer, failure, settledRequests, withoutIds } from './answers';
import { applyToBypass, bypassesExpired, bypassOf } from './bypasses';
import { say, sayDecision, sayLevelDone, sayMessages, sayResult } from './level-log';
import { namesOf, openLevel, restoresOf, unanswered, unfinished, wantKey } from './memory';
import type { Taken } from './take-in';

type GivenUp = 'abandoned' | 'cancelled';
type Of<K extends string, T> = Record<K, T>;

/** Decisions kept, to recognise one that is sent again. */
const mostDecisions = 100;

export const changes = {
  took,

  began(memory: DateMemory, _: object): void {
    const owed = unfinished(memory);
    // What is owed is tried with whatever else is wanted.
    if (owed.length > 0) want(memory, 'owed', owed);
    Object.assign(memory, { pass: memory.pass + 1, passStartedAt: memory.at, runState: 'running' });
    Object.assign(memory, { gate: null, settled: {}, starts: {}, levels: [], levelsDone: [] });
    Object.assign(memory, { probes: 0, waitedMs: 0 });
  },

  opened(memory: DateMemory, { opened, policy }: { opened: OpenedPass; policy?: Policy }): void {
    const { plan, owed, standing, auditHead, troubleSince } = opened;
    Object.assign(memory, { plan, owed, policy: policy ?? memory.policy });
    // What this run has seen of a processor is newer than the record.
    const isUnknown = ({ processor }: Bypass): boolean =>
      !memory.results[processor] && !bypassOf(memory, processor);
    memory.bypasses = [...memory.bypasses, ...standing.filter(isUnknown)];
    memory.auditHead = furtherHead(memory.auditHead, auditHead);
    if (troubleSince) memory.trouble ??= { since: troubleSince, remindedAt: null };
  },

  looked,

  started(
    memory: DateMemory,
    what: { processors: readonly ProcessorName[]; level: number; why: string },
  ): void {
    const { processors, level, why } = what;
    memory.runState = 'running';
    memory.running = [...memory.running, ...processors];
    for (const name of processors) {
      memory.startedAt = { ...memory.startedAt, [name]: memory.lookedAt };
      memory.starts = { ...memory.starts, [name]: (memory.starts[name] ?? 0) + 1 };
    }
    say(memory, 'INFO', `Level ${level}: Running ${processors.length} processors - ${why}`);
  },

  settled,

  failed(memory: DateMemory, { processor, why }: Of<'processor' | 'why', string>): void {
    settled(memory, { result: notBuilt(memory, processor, 'failed', why) });
  },

  moved(memory: DateMemory, { processor, detail }: Of<'processor' | 'detail', string>): void {
    memory.running = without(memory.running, processor);
    say(memory, 'WARNING', `${processor} stopped before publishing: ${detail} - checking again`);
  },

  /** `unopened`: why the pass could not be opened so far. */
  waits(memory: DateMemory, what: { nextProbeAt: string; deadline: string; unopened?: string }): void {
    const { nextProbeAt, deadline, unopened } = what;
    const { at } = memory;
    const none = { level: 1, probes: 0, waitingSince: null, verdicts: [], askedAt: at };
    const gate = { ...(memory.gate ?? none), ...(unopened === undefined ? {} : { checkFailed: unopened }) };
    Object.assign(memory, { runState: 'waiting', deadline });
    memory.gate = { ...gate, waitingSince: gate.waitingSince ?? at, nextProbeAt };
    const seconds = Math.round((Date.parse(nextProbeAt) - Date.parse(at)) / 1000);
    const lacks = unopened === undefined ? describeMissing(heldNow(memory)) : describeUnchecked(unopened);
    const until = `next check in ${seconds} s, deadline ${deadline}`;
    say(memory, 'WARNING', `⏳ Level ${gate.level} waits: ${lacks} - ${until}`);
  },

  /** Nothing could be started: everything that was wanted at `seen`, the date's clock, has failed, and says why. */
  notOpened(memory: DateMemory, { why, seen }: { why: string; seen: number }): void {
    for (const request of restoresOf(memory)) notRestored(memory, { request, why });
    const wanted = unanswered(memory, seen);
    const named = [...memory.open, ...unfinished(memory), ...wanted.flatMap((one) => namesOf(memory, one))];
    const wants = memory.wants.filter(({ at }) => at > seen);
    Object.assign(memory, { open: memory.running, lookedAt: seen, wants });
    say(memory, 'ERROR', `Nothing was started: ${why}`);
    // Before a plan is known, nobody knows whether there is what a message names.
    for (const { name } of memory.plan?.processors ?? [])
      if (named.includes(name) && !memory.running.includes(name))
        settle(memory, notBuilt(memory, name, 'failed', `not started: ${why}`));
    answer(memory, wanted, { ...failure(memory, why), wasNotOpened: true });
  },

  /** `isLost`: nobody knows whether it is on record. */
  notRecorded(memory: DateMemory, what: { request: TriggerMessage; why: string; isLost: boolean }): void {
    const { request, why, isLost } = what;
    dropRequest(memory, request);
    const { requestId, kind } = request;
    say(memory, 'ERROR', `Nothing was done of ${requestId}, because it could not be recorded: ${why}`);
    // A rerun does no harm twice.
    const isForGood = isLost && (kind === 'restore' || isGameDecision(kind));
    if (isForGood) refuseForGood(memory, requestId, why);
    const again = isForGood ? {} : { wasNotOpened: true as const };
    answer(memory, [request], { ...failure(memory, why), outcomes: {}, ...again });
  },

  answeredSettled(memory: DateMemory, _: object): void {
    answer(memory, settledRequests(memory));
  },

  /** `overtaken`: late attempts of the pass have published them after it had looked at them last. */
  closed(memory: DateMemory, { overtaken }: { overtaken: readonly ProcessorName[] }): void {
    answer(memory, settledRequests(memory));
    const isNew = ({ at }: { at: number }): boolean => at > memory.lookedAt;
    Object.assign(memory, { clock: memory.clock + 1, gate: null, deadline: null, passStartedAt: null });
    Object.assign(memory, { settled: {}, starts: {}, names: {} });
    // What is said from now on belongs to the next pass.
    memory.passStartsAtLine = memory.journalDropped + memory.journal.length;
    const results = resultsOf(memory);
    memory.runState = results.length > 0 ? stateOfResults(results) : 'failed';
    memory.wants = memory.wants.filter(isNew);
    memory.pending = memory.pending.filter((request) => isNew(request) && !request.isAnswered);
    if (overtaken.length > 0) want(memory, 'overtaken', [...overtaken]);
    for (const name of overtaken)
      say(
        memory,
        'WARNING',
        `${name} was published by an attempt that had been given up on - checking again`,
      );
  },

  /** `byNobody`: no decision of it is on record. */
  ending(memory: DateMemory, { as, why, byNobody }: { as: GivenUp; why: string; byNobody: boolean }): void {
    const { at } = memory;
    for (const name of memory.open) settle(memory, notBuilt(memory, name, 'waiting', `the run was ${as}`));
    memory.endedBecause = why;
    // What is not on record yet is not carried out any more.
    for (const { requestId, kind } of unanswered(memory))
      if (isGameDecision(kind))
        memory.auditDue = memory.auditDue.filter(({ entryId }) => entryId !== requestId);
    // Where no pass is open, its record has a number of its own.
    if (memory.passStartedAt === null) memory.pass += 1;
    memory.passStartedAt ??= at;
    // What was granted and not used lapses with the run; what a version stands on is in its manifest.
    for (const bypass of memory.bypasses.filter(({ status }) => status !== 'standing'))
      owe(memory, clearedEntry(bypass, `the run was ${as} before it was used`, at));
    memory.bypasses = memory.bypasses.filter(({ status }) => status === 'standing');
    if (byNobody) owe(memory, systemEntry(`${as}/${memory.gameDate}/${at}`, as, why, at));
  },

  /** `seen`: the date's clock when it began to end. What came since does not end with it. */
  ended(memory: DateMemory, { as, seen }: { as: GivenUp; seen: number }): void {
    const isNew = ({ at }: { at: number }): boolean => at > seen;
    answer(memory, unanswered(memory, seen), { state: as });
    Object.assign(memory, { runState: as, gate: null, passStartedAt: null, open: [], running: [] });
    Object.assign(memory, { wants: memory.wants.filter(isNew), pending: memory.pending.filter(isNew) });
    memory.forced = {};
    memory.passStartsAtLine = memory.journalDropped + memory.journal.length;
    const what = as === 'abandoned' ? 'is abandoned: nobody acted in time' : 'was cancelled';
    say(memory, 'WARNING', `${memory.gameDate} ${what}`);
  },

  /** What has come since the run was cancelled is for the next one; what was cancelled is over. */
  wentOn(memory: DateMemory, _: object): void {
    const { pending } = memory;
    const askedLive = pending.some(({ message }) => isPatient(message.kind));
    Object.assign(memory, { results: {}, deadline: null, endedBecause: null, askedLive });
    say(memory, 'INFO', `Requests after the cancellation continue in the next run: ${pending.length}`);
  },

  // What is refused is owed no more: it could never be written, and would keep all others out.
  audited(memory: DateMemory, what: { entryIds: readonly string[] } & AppendAuditResult): void {
    memory.auditDue = memory.auditDue.filter(({ entryId }) => !what.entryIds.includes(entryId));
    memory.auditHead = what.heads.reduce(furtherHead, memory.auditHead);
    for (const { why } of what.refused) say(memory, 'ERROR', `Not written to the audit: ${why}`);
  },

  told(memory: DateMemory, { kind }: { kind: NotificationKind }): void {
    if (kind === 'decided' || kind === 'recalled') return;
    if (kind !== 'still_in_trouble')
      memory.trouble = kind === 'trouble' ? { since: memory.at, remindedAt: null } : null;
    else if (memory.trouble) memory.trouble = { ...memory.trouble, remindedAt: memory.at };
  },

  bypassesExpired,

  /**
   * `about`: what was decided, since under one id there is one decision. `bypasses` are open from now on; what a version stands on
   * already goes when another is built, not before. `late`: why it came to nothing.
   */
  decided(
    memory: DateMemory,
    what: Of<'id' | 'about' | 'line', string> & {
      decided: Decided;
      deadline?: string;
      bypasses?: readonly Bypass[];
      late?: string;
    },
  ): void {
    const { id, about, decided, line, deadline = memory.deadline, bypasses = [], late } = what;
    memory.deadline = deadline;
    memory.bypasses = [...memory.bypasses, ...bypasses];
    memory.clock += 1;
    const processors = bypasses.map(({ processor }) => processor);
    for (const { by, reason } of bypasses.slice(0, 1))
      ask(memory, [{ requestId: id, kind: 'bypass', source: 'bypass', processors, by, reason }]);
    memory.auditHead = furtherHead(memory.auditHead, decided.entry);
    memory.decisions = [...memory.decisions, { id, about, decided }].slice(-mostDecisions);
    say(memory, 'WARNING', line);
    if (late !== undefined) refuseForGood(memory, id, late);
  },

  /** A decision is not carried out. `isLost`: nobody knows whether it is on record. */
  notDecided(memory: DateMemory, { id, why, isLost }: { id: string; why: string; isLost: boolean }): void {
    if (isLost) refuseForGood(memory, id, why);
    say(memory, 'ERROR', `Decision ${id} could not be recorded, so it has no effect: ${why}`);
  },

  notRestored,

  /** `looksAt`: what was restored, and what stands on it; the request is answered once it has come to something. */
  restored(
    memory: DateMemory,
    what: Extract<RestoreVersionResult, { kind: 'restored' }> & { request: TriggerMessage },
  ): void {
    const { request, results, looksAt, due = [] } = what;
    for (const result of results) settled(memory, { result });
    owe(memory, ...due);
    memory.names = { ...memory.names, [wantKey(request)]: results.map(({ processor }) => processor) };
    if (looksAt.length === 0) {
      answer(memory, [request]);
      return;
    }
    memory.clock += 1;
    want(memory, wantKey(request), looksAt);
    memory.pending = memory.pending.map((one) =>
      one.message.requestId === request.requestId ? { ...one, at: memory.clock, isRestored: true } : one,
    );
  },
};

export type Changes = typeof changes;

function took(memory: DateMemory, taken: Taken): void {
  const { fresh, again, triedAgain, refused, rechecks } = taken;
  memory.clock += 1;
  const { clock } = memory;
  const [recheck] = rechecks;
  const owed = recheck && memory.runState !== 'cancelled' ? recheckOf(memory, recheck) : null;
  const messages = owed ? [...fresh, owed] : fresh;
  sayMessages(memory, taken, effectOf(memory, owed));
  const repeated = new Set(again);
  const isAgain = ({ message }: DateMemory['pending'][number]): boolean => repeated.has(message.requestId);
  for (const { message } of memory.pending.filter(isAgain)) wantOf(memory, message);
  memory.pending = memory.pending.map((request) => (isAgain(request) ? { ...request, at: clock } : request));
  memory.answered = withoutIds(memory.answered, new Set(triedAgain));
  ask(memory, messages);
  const { gameDate } = memory;
  const refusals = refused.flatMap(({ requestId, why }) =>
    requestId === null ? [] : [{ requestId, gameDate, outcomes: {}, ...failure(memory, why) }],
  );
  addAnswers(memory, refusals);
  for (const message of messages) sayDecision(memory, message);
}

/** What is asked for anew is wanted from now on. */
function ask(memory: DateMemory, messages: readonly TriggerMessage[]): void {
  const { at, clock } = memory;
  for (const message of messages) wantOf(memory, message);
  memory.askedLive ||= messages.some(({ kind }) => isPatient(kind));
  memory.pending = [
    ...memory.pending,
    ...messages.map((message) => ({ message, at: clock, isAnswered: false })),
  ];
  memory.forced = Object.assign({}, memory.forced, ...messages.map(forcedBy)) as DateMemory['forced'];
  memory.heard = newsAfter(memory.heard, messages);
  owe(memory, ...messages.flatMap((message) => decisionEntries(message, at)));
  if (messages.length > 0) memory.starts = {};
  // Who asks again while the deadline has passed gets another.
  if (messages.length > 0 && (memory.deadline ?? at) < at) memory.deadline = null;
}

/** `askedAt`: when the look was begun. `seen`: the date's clock then. */
function looked(memory: DateMemory, what: { look: Look; askedAt: string; seen: number }): void {
  const { look, askedAt, seen } = what;
  const { names, levels, policy, open, kept } = look;
  const before = memory.gate;
  Object.assign(memory, { names, levels, policy, lookedAt: seen, probes: memory.probes + 1 });
  memory.open = [...open, ...look.settled.map(({ processor }) => processor), ...Object.keys(kept)];
  memory.levelsDone = memory.levelsDone.filter(
    (done) => !levels.some((one) => one.level === done && one.processors.some((name) => open.includes(name))),
  );
  nameForced(memory);
  for (const { processor, reason, before: reader } of look.rebuilds)
    say(
      memory,
      'WARNING',
      `${processor} is published but not up to date (${reason}) - rebuilding it before ${reader}`,
    );
  for (const [key, why] of Object.entries(look.refused)) refuseWant(memory, key, why);
  for (const { level, processors } of levels) {
    const own = look.settled.filter(({ processor }) => processors.includes(processor));
    const unchanged = own.flatMap(({ processor, outcome }) => (outcome === 'unchanged' ? [processor] : []));
    if (unchanged.length > 0) memory.runState = 'running';
    if (unchanged.length > 0)
      say(memory, 'INFO', `Level ${level}: nothing to build for ${unchanged.join(', ')}`);
    for (const result of own) settle(memory, result);
    for (const name of processors.filter((one) => Object.hasOwn(kept, one)))
      keepBypass(memory, name, kept[name] ?? '');
    endLevels(memory);
  }
  const level = openLevel(memory)?.level ?? null;
  const same = before?.level === level ? before : null;
  // Something goes before the level that waits: what it waits for is to be built first.
  if (level !== null && !same) countWait(memory);
  if (level !== null)
    memory.gate = {
      ...{ level, askedAt, probes: (same?.probes ?? 0) + 1, nextProbeAt: null },
      waitingSince: same?.waitingSince ?? null,
      verdicts: look.verdicts.filter((verdict) => verdict.level === level),
    };
  endWait(memory);
}

/** `due`: what of it is owed to the audit. */
function settled(
  memory: DateMemory,
  { result, due = [] }: { result: ProcessorResult; due?: AuditEntry[] },
): void {
  settle(memory, result);
  owe(memory, ...due);
  endLevels(memory);
}

function settle(memory: DateMemory, result: ProcessorResult): void {
  const { processor, outcome } = result;
  const before = memory.results[processor];
  const known = memory.settled[processor];
  sayResult(memory, result);
  applyToBypass(memory, result);
  // Looked at again and found as this pass has built it: that it was published is what came of it.
  const stays = outcome === 'unchanged' && known?.outcome === 'published' && before ? before : result;
  const reopened = builtBefore(memory, stays);
  closeOne(memory, processor, stays);
  memory.open = [...memory.open, ...reopened];
  memory.results = { ...memory.results, [processor]: stays };
  memory.running = without(memory.running, processor);
  memory.owed = without(memory.owed, processor);
  // Who is forced stays so until it is built, or there is nothing to build.
  if (outcome === 'published' || outcome === 'skipped')
    memory.forced = Object.fromEntries(Object.entries(memory.forced).filter(([name]) => name !== processor));
  endWait(memory);
}

/** A processor has come to something, as far as its look has seen: what is wanted since stays open. */
function closeOne(
  memory: DateMemory,
  processor: ProcessorName,
  { outcome, reason, missing }: Pick<ProcessorResult, 'outcome' | 'reason' | 'missing'>,
): void {
  // What runs has seen what its own look saw, though another look may have been made beside it.
  const own = memory.running.includes(processor) ? memory.startedAt[processor] : undefined;
  const at = own ?? memory.lookedAt;
  memory.settled = { ...memory.settled, [processor]: { outcome, at, reason, missing } };
  if (!memory.wants.some((one) => one.at > at && memory.names[one.key]?.includes(processor)))
    memory.open = without(memory.open, processor);
}

function keepBypass(memory: DateMemory, processor: ProcessorName, missing: string): void {
  const { bypassId = '' } = bypassOf(memory, processor, 'standing') ?? {};
  closeOne(memory, processor, { outcome: 'unchanged', reason: '', missing: [] });
  say(memory, 'INFO', `${processor} keeps bypass ${bypassId}; still missing: ${missing}`);
}

/** What comes of a processor that this run did not build, keeping what is known of its live version. */
function notBuilt(memory: DateMemory, name: ProcessorName, outcome: Outcome, why: string): ProcessorResult {
  const { version = null, rowCount = null } = memory.results[name] ?? {};
  return { ...idleResult(name, outcome, why), version, rowCount };
}

/** Says of each level once that it has ended, and without whom; not before the levels below it. */
function endLevels(memory: DateMemory): void {
  for (const level of memory.levels) {
    if (level.processors.some((name) => memory.open.includes(name))) return;
    if (memory.levelsDone.includes(level.level)) continue;
    memory.levelsDone = [...memory.levelsDone, level.level];
    sayLevelDone(memory, level);
  }
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
  const all = [...new Set([...unfinished(memory), ...standing])];
  const processors = all.filter((name) => !memory.open.includes(name));
  return processors.length > 0 ? { requestId, kind: 'recheck', source: 'recheck', processors, by } : null;
}

/** A restore is carried out, and what it wants is known then. What a recheck is about and nobody is owed is only to be rid of a bypass. */
function wantOf(memory: DateMemory, message: TriggerMessage): void {
  const { source, processors = null, kind } = message;
  const owed = unfinished(memory);
  const onlyToClear = kind === 'recheck' ? (processors ?? []).filter((name) => !owed.includes(name)) : [];
  const more = { source, withDownstream: isRerun(kind), onlyToClear };
  if (kind !== 'restore') want(memory, wantKey(message), processors, more);
}

function want(
  memory: DateMemory,
  key: string,
  processors: Want['processors'],
  more: Partial<Want> = {},
): void {
  const wanted = { ...{ key, source: key, processors, withDownstream: false, onlyToClear: [] }, ...more };
  memory.wants = [...memory.wants.filter((one) => one.key !== key), { ...wanted, at: memory.clock }];
}

/** Requests for what there is not are answered, and want nothing. */
function refuseWant(memory: DateMemory, key: string, why: string): void {
  const own = unanswered(memory).filter((one) => wantKey(one) === key && one.kind !== 'restore');
  memory.wants = memory.wants.filter((one) => one.key !== key);
  answer(memory, own, { ...failure(memory, `${why}.`), outcomes: {} });
  say(memory, 'WARNING', `A message was refused: ${why}.`);
}

function owe(memory: DateMemory, ...entries: DateMemory['auditDue']): void {
  memory.auditDue = [...memory.auditDue, ...entries];
}

/** What may be on record and is not done is never done under that id. */
function refuseForGood(memory: DateMemory, id: string, why: string): void {
  const reason = `${id} may be recorded, but was not accepted: ${why}`;
  memory.notTaken = [...memory.notTaken, id].slice(-mostDecisions);
  owe(memory, systemEntry(notTakenId(id), 'not_taken', reason, memory.at));
}

function notRestored(memory: DateMemory, { request, why }: { request: TriggerMessage; why: string }): void {
  refuseForGood(memory, request.requestId, why);
  answer(memory, [request], { ...failure(memory, `no version was restored: ${why}`), outcomes: {} });
  say(memory, 'ERROR', `No version was restored: ${why}`);
}

/** The level has stopped waiting once nothing holds it up. */
function endWait(memory: DateMemory): void {
  if (!memory.gate?.waitingSince || heldNow(memory).length > 0) return;
  countWait(memory);
  memory.gate = { ...memory.gate, waitingSince: null, nextProbeAt: null };
}

function countWait(memory: DateMemory): void {
  const since = memory.gate?.waitingSince;
  if (since) memory.waitedMs += Date.parse(memory.at) - Date.parse(since);
}

/** What this pass has settled on an older version of what is published now. */
function builtBefore(memory: DateMemory, { processor, outcome }: ProcessorResult): ProcessorName[] {
  const readers = (memory.plan?.processors ?? []).filter(({ upstreams }) =>
    upstreams.some((one) => one.processor === processor),
  );
  const names = outcome === 'published' ? readers.map(({ name }) => name) : [];
  return names.filter((name) => Object.hasOwn(memory.settled, name) && !memory.open.includes(name));
}

/** Nothing of what a request wants is done, now or later, and nothing of it is owed to the audit. */
function dropRequest(memory: DateMemory, request: TriggerMessage): void {
  const { requestId } = request;
  const key = wantKey(request);
  const isShared = unanswered(memory).some(
    (other) => other.requestId !== requestId && wantKey(other) === key,
  );
  if (!isShared) memory.wants = memory.wants.filter((one) => one.key !== key);
  memory.auditDue = memory.auditDue.filter(({ entryId }) => entryId !== requestId);
  const reasons = Object.values(forcedBy(request));
  memory.forced = Object.fromEntries(
    Object.entries(memory.forced).filter(([, reason]) => !reasons.includes(reason)),
  );
}

/** What a request wants rebuilt even if nothing has changed. */
function forcedBy({ kind, force, by, reason, processors, source }: TriggerMessage): DateMemory['forced'] {
  if (!force && kind !== 'unpin') return {};
  const sentence = `${force ? 'forced' : 'unpinned'} by ${by ?? 'somebody'}: ${reason ?? ''}`;
  return Object.fromEntries((processors ?? [source]).map((name) => [name, sentence]));
}

/** Of what a source sets off, each is forced by its name, now that the plan says so. */
function nameForced(memory: DateMemory): void {
  const named = Object.entries(memory.forced).flatMap(([name, why]) => {
    const setOff = (memory.plan?.processors ?? []).filter(({ triggers }) => triggers.includes(name));
    return setOff.length > 0 ? setOff.map((one) => [one.name, why]) : [[name, why]];
  });
  memory.forced = Object.fromEntries(named) as DateMemory['forced'];
}

function without<T>(list: readonly T[], one: T): T[] {
  return list.filter((other) => other !== one);
}
