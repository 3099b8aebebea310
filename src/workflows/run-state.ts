/**
 * The state of a date as a pure reducer: `(state, event) → state`. The level log is part of it, in the plan's words, so
 * that whoever reads the state reads what happened. No clock, no I/O: every event carries its instant.
 */
import { resultsOf, type DateState, type GateState } from '../contracts/date-state';
import { isPatient, type DateReply, type TriggerMessage } from '../contracts/messages';
import type { NotificationKind } from '../contracts/notifications';
import {
  furtherHead,
  type AuditEntry,
  type AuditHead,
  type Bypass,
  type Decided,
} from '../contracts/overrides';
import {
  isHeld,
  isTrouble,
  isUnsettled,
  runStateOf,
  type GateVerdict,
  type Outcome,
  type ProcessorName,
  type ProcessorResult,
  type RunState,
} from '../contracts/phase3';
import { describeMissing } from '../explain/describe-missing';
import type { PlannedLevel } from '../plan/registry';
import { clearedEntry, decisionEntries, systemEntry } from './audit-entries';
import { afterBypass, bypassOf } from './bypasses';
import { decisionLines, levelDoneLine, linesOfResult, withLines, type Line } from './level-log';

export type DateEvent =
  | { type: 'requested'; message: TriggerMessage; at: string }
  | { type: 'joined'; requestId: string; at: string }
  | { type: 'joinedPass'; requests: number; at: string }
  | { type: 'triedAgain'; requestId: string; at: string }
  | { type: 'passOpened'; pass: number; at: string }
  | {
      type: 'recordRead';
      standing: readonly Bypass[];
      auditHead: AuditHead | null;
      troubleSince: string | null;
    }
  | { type: 'bypassAsked'; bypass: Bypass }
  | { type: 'bypassDropped'; bypassId: string; why: string; at: string }
  | { type: 'bypassGranted'; bypassId: string; decided: Decided; at: string }
  | { type: 'goesOnStanding'; bypass: Bypass; missing: string; at: string }
  | { type: 'notTaken'; id: string; why: string; at: string }
  | { type: 'notRestored'; request: TriggerMessage; why: string; at: string }
  | { type: 'decided'; id: string; decided: Decided; at: string }
  | { type: 'extended'; extendId: string; deadline: string; decided: Decided; at: string }
  | { type: 'cancelDecided'; cancelId: string; by: string; reason: string; decided: Decided; at: string }
  | { type: 'rechecked'; by: string; effect: string; at: string }
  | { type: 'audited'; entryIds: readonly string[]; heads: readonly AuditHead[] }
  | { type: 'told'; kind: NotificationKind; at: string }
  | { type: 'planned'; levels: readonly PlannedLevel[] }
  | { type: 'gateJudged'; level: number; verdicts: GateVerdict[]; askedAt?: string; at: string }
  | { type: 'gateWaits'; level: number; nextProbeAt: string; deadline: string; at: string }
  | { type: 'upstreamsAdded'; verdicts: readonly GateVerdict[]; at: string }
  | { type: 'levelStarted'; level: PlannedLevel; processors: readonly ProcessorName[]; at: string }
  | { type: 'foundUnchanged'; level: number; processors: readonly ProcessorName[]; at: string }
  | { type: 'upstreamMoved'; processor: ProcessorName; detail: string; at: string }
  | { type: 'settled'; result: ProcessorResult; at: string }
  | { type: 'levelDone'; level: PlannedLevel; isLast: boolean; at: string }
  | { type: 'interrupted'; byBypass?: boolean; at: string }
  // `as`: nothing came of the pass, and why it ended so is not in any result.
  | { type: 'passEnded'; answers: readonly DateReply[]; as?: 'failed' | undefined; at: string }
  // `byNobody`: no decision of it is on record.
  | {
      type: 'ending';
      pass: number;
      as: 'abandoned' | 'cancelled';
      why: string;
      byNobody: boolean;
      at: string;
    }
  | { type: 'ended'; as: 'abandoned' | 'cancelled'; answers: readonly DateReply[]; at: string }
  | { type: 'wentOn'; requests: number; at: string }
  | { type: 'refused'; requestId: string | null; why: string; at: string };

/** Answers kept: enough to recognise a redelivery, little enough to carry over. */
const mostAnswers = 500;
const mostDecisions = 100;

export function initialState(gameDate: string): DateState {
  return {
    gameDate,
    runState: 'running',
    pass: 0,
    plan: [],
    results: {},
    gate: null,
    deadline: null,
    askedLive: false,
    touched: [],
    bypasses: [],
    auditHead: null,
    auditDue: [],
    decisions: [],
    notTaken: [],
    trouble: null,
    pending: [],
    answers: [],
    journal: [],
    journalDropped: 0,
  };
}

export function reduce(state: DateState, event: DateEvent): DateState {
  switch (event.type) {
    case 'requested':
      return withLines(
        {
          ...state,
          askedLive: state.askedLive || isPatient(event.message.kind),
          pending: [...state.pending, event.message],
          cameAt: { ...state.cameAt, [event.message.requestId]: event.at },
          auditDue: [...state.auditDue, ...decisionEntries(event.message, event.at)],
        },
        event.at,
        ...decisionLines(event.message),
      );
    case 'recordRead':
      return {
        ...state,
        bypasses: [
          ...state.bypasses,
          // What this run has seen of a processor is newer than the record.
          ...event.standing.filter(
            ({ processor }) => !state.results[processor] && !bypassOf(state, processor),
          ),
        ],
        auditHead: furtherHead(state.auditHead, event.auditHead),
        trouble:
          state.trouble ?? (event.troubleSince ? { since: event.troubleSince, remindedAt: null } : null),
      };
    case 'bypassAsked':
      return {
        ...state,
        bypasses: [
          // What a version stands on already goes when another is built, not before.
          ...state.bypasses,
          event.bypass,
        ],
      };
    case 'bypassDropped':
      return withLines(
        { ...state, bypasses: state.bypasses.filter(({ bypassId }) => bypassId !== event.bypassId) },
        event.at,
        ['ERROR', `Bypass ${event.bypassId} could not be recorded and opens nothing: ${event.why}`],
      );
    case 'bypassGranted': {
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
    }
    case 'goesOnStanding':
      return withLines(state, event.at, [
        'INFO',
        `${event.bypass.processor} goes on standing on bypass ${event.bypass.bypassId}; missing: ${event.missing}`,
      ]);
    case 'notTaken':
      return notTaken(state, event);
    case 'notRestored': {
      const { requestId } = event.request;
      const { gameDate } = state;
      const summary = `${gameDate} failed: nothing was restored, ${event.why}`;
      return withLines(
        {
          ...notTaken(state, { id: requestId, why: event.why, at: event.at }),
          pending: state.pending.filter((other) => other.requestId !== requestId),
          answers: [...state.answers, { requestId, gameDate, state: 'failed' as const, summary }].slice(
            -mostAnswers,
          ),
        },
        event.at,
        ['ERROR', `Nothing was restored: ${event.why}`],
      );
    }
    case 'decided':
      return withLines(decidedIn(state, event.id, event.decided), event.at, [
        'WARNING',
        event.decided.summary,
      ]);
    case 'extended':
      return withLines(
        { ...decidedIn(state, event.extendId, event.decided), deadline: event.deadline },
        event.at,
        ['WARNING', event.decided.summary],
      );
    case 'cancelDecided':
      return withLines(decidedIn(state, event.cancelId, event.decided), event.at, [
        'WARNING',
        `${event.by} cancels ${state.gameDate}: ${event.reason}`,
      ]);
    case 'rechecked':
      return withLines(state, event.at, ['INFO', `${event.by} asks for a recheck: ${event.effect}`]);
    case 'audited':
      return {
        ...state,
        auditDue: state.auditDue.filter(({ entryId }) => !event.entryIds.includes(entryId)),
        auditHead: event.heads.reduce(furtherHead, state.auditHead),
      };
    case 'told':
      return { ...state, trouble: troubleAfter(state.trouble, event) };
    case 'joined':
      return withLines(
        {
          ...state,
          wokenAt: event.at,
          gate: state.gate && { ...state.gate, wokenAt: event.at },
          cameAt: state.pending.some(({ requestId }) => requestId === event.requestId)
            ? { ...state.cameAt, [event.requestId]: event.at }
            : (state.cameAt ?? {}),
          // Who comes again looks for its answer in a moment: it is as good as new.
          answers: newestLast(state.answers, event.requestId),
        },
        event.at,
        ['INFO', `Request ${event.requestId} is known already and joins`],
      );
    case 'joinedPass':
      return withLines(state, event.at, [
        'INFO',
        `Requests that ask for what the pass waits with join it: ${event.requests}`,
      ]);
    case 'triedAgain': {
      const answers = state.answers.filter(({ requestId }) => requestId !== event.requestId);
      return withLines({ ...state, answers }, event.at, [
        'INFO',
        `Request ${event.requestId} has failed and comes again`,
      ]);
    }
    case 'passOpened':
      return { ...state, pass: event.pass, runState: 'running', gate: null, settledInPass: [] };
    case 'planned':
      return {
        ...state,
        // Planned anew, they have not come to anything yet.
        settledInPass: (state.settledInPass ?? []).filter(
          (name) => !event.levels.some(({ processors }) => processors.includes(name)),
        ),
        plan: event.levels.map(({ level, processors }) => ({ level, processors: [...processors] })),
      };
    case 'gateJudged':
      return { ...state, gate: judged(state, event) };
    case 'gateWaits':
      return gateWaits(state, event);
    case 'upstreamsAdded':
      return withLines(
        state,
        event.at,
        ...event.verdicts.flatMap((verdict) =>
          verdict.staleUpstreams.map((upstream): Line => [
            'WARNING',
            `${upstream.processor} is published but not current (${upstream.reason}) - planning it before ${verdict.processor}`,
          ]),
        ),
      );
    case 'levelStarted':
      return withLines(
        { ...state, runState: 'running', held: stillHeld(state, event.level.level) },
        event.at,
        [
          'INFO',
          `Level ${event.level.level}: Running ${event.processors.length} processors - ${event.level.description}`,
        ],
      );
    case 'foundUnchanged':
      return withLines({ ...state, runState: 'running', held: stillHeld(state, event.level) }, event.at, [
        'INFO',
        `Level ${event.level}: nothing to build for ${event.processors.join(', ')}`,
      ]);
    case 'upstreamMoved':
      return withLines(state, event.at, [
        'WARNING',
        `${event.processor} stopped before publishing: ${event.detail} - planning anew`,
      ]);
    case 'settled':
      return withLines(
        {
          ...afterBypass(state, event.result, event.at),
          results: { ...state.results, [event.result.processor]: event.result },
          touched: [...new Set([...state.touched, event.result.processor])],
          settledInPass: [...new Set([...(state.settledInPass ?? []), event.result.processor])],
        },
        event.at,
        ...linesOfResult(event.result),
      );
    case 'levelDone':
      return withLines(state, event.at, levelDoneLine(state, event.level, event.isLast));
    case 'interrupted':
      return withLines(state, event.at, [
        'INFO',
        event.byBypass
          ? 'A bypass was granted while the gate waits - planning anew'
          : 'A trigger arrived while the gate waits - planning anew from level 1',
      ]);
    case 'passEnded':
      return answered({ ...state, runState: event.as ?? stateOfDate(state), deadline: null }, event.answers);
    case 'ending': {
      const { as, why, byNobody, at } = event;
      // What was granted and not used lapses with the run; what a version stands on is in its manifest.
      const lapsed = state.bypasses.filter(({ status }) => status !== 'standing');
      const lapses = lapsed.map((bypass) => clearedEntry(bypass, `the run was ${as} before it was used`, at));
      const own: AuditEntry[] = byNobody ? [systemEntry(`${as}/${state.gameDate}/${at}`, as, why, at)] : [];
      return {
        ...state,
        // Taken, so that what comes after has a number of its own.
        pass: event.pass,
        endedBecause: why,
        bypasses: state.bypasses.filter(({ status }) => status === 'standing'),
        auditDue: [...state.auditDue, ...lapses, ...own],
      };
    }
    case 'ended':
      return withLines(answered({ ...state, runState: event.as }, event.answers), event.at, [
        'WARNING',
        event.as === 'abandoned'
          ? `${state.gameDate} is abandoned: nobody has settled it in time`
          : `${state.gameDate} was cancelled`,
      ]);
    case 'wentOn':
      return withLines(state, event.at, [
        'INFO',
        `Requests that came after the cancellation go on in a next run: ${event.requests}`,
      ]);
    case 'refused': {
      const { requestId, why } = event;
      const { gameDate } = state;
      const answers: DateReply[] =
        requestId === null
          ? []
          : [{ requestId, gameDate, state: 'failed', summary: `${gameDate} failed: ${why}` }];
      return withLines({ ...state, answers: [...state.answers, ...answers].slice(-mostAnswers) }, event.at, [
        'WARNING',
        `A message was refused: ${why}`,
      ]);
    }
  }
}

function notTaken(state: DateState, { id, why, at }: { id: string; why: string; at: string }): DateState {
  const reason = `${id} is on record or may be, and was not taken: ${why}`;
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

/** What somebody should be told now; null when they know. Dates that only backfills asked for tell nobody. */
export function newsOf(state: DateState): NotificationKind | null {
  if (isTrouble(state.runState)) return state.askedLive && !state.trouble ? 'trouble' : null;
  // Cancelled by somebody, it is over for whoever was told.
  const isOver = ['skipped', 'cancelled'].includes(state.runState) || isSatisfiedState(state.runState);
  return isOver && state.trouble ? 'recovered' : null;
}

function isSatisfiedState(state: RunState): boolean {
  return state === 'published' || state === 'unchanged';
}

function troubleAfter(
  trouble: DateState['trouble'],
  { kind, at }: { kind: NotificationKind; at: string },
): DateState['trouble'] {
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

function newestLast(answers: readonly DateReply[], requestId: string): DateReply[] {
  const isIt = (answer: DateReply): boolean => answer.requestId === requestId;
  return [...answers.filter((answer) => !isIt(answer)), ...answers.filter(isIt)];
}

/** Everything that was pending has been answered. */
function answered(state: DateState, answers: readonly DateReply[]): DateState {
  return {
    ...state,
    gate: null,
    held: null,
    cameAt: {},
    touched: [],
    pending: [],
    answers: [...state.answers, ...answers].slice(-mostAnswers),
  };
}

/**
 * What a run that follows a cancelled one knows of it: how to recognise what is sent again, what could not be written to the
 * audit, and why it begins. What was cancelled is over.
 */
export function afterCancellation(state: DateState): DateState {
  const { gameDate, runState, pass, answers, decisions, notTaken, auditHead, auditDue, journal } = state;
  return {
    ...initialState(gameDate),
    ...{ runState, pass, answers, decisions, notTaken, auditHead, auditDue, journal: journal.slice(-1) },
  };
}

/** State of the date from all results of this run. */
export function stateOfDate(state: DateState): Outcome {
  return runStateOf(resultsOf(state).map((result) => result.outcome));
}

/** Processors that this run owes: waiting, blocked or quarantined. */
export function unfinished(state: DateState): ProcessorName[] {
  return resultsOf(state)
    .filter((result) => isUnsettled(result.outcome))
    .map((result) => result.processor);
}

/**
 * Whether the workflow may end: at least one pass ran and nothing needs attention. A blocked date that only a backfill
 * asked for needs none: the backfill was told.
 */
export function mayEnd(state: DateState): boolean {
  if (state.pending.length > 0 || state.bypasses.length > 0) return false;
  // A run that has done nothing yet waits for its first request, unless that was refused.
  if (state.pass === 0) return state.answers.length > 0;
  const outcomes = resultsOf(state).map((result) => result.outcome);
  return !outcomes.some((outcome) => isUnsettled(outcome) && (outcome !== 'blocked' || state.askedLive));
}

/** Whether all that has come was refused, so that nothing keeps the run open. */
export function hasOnlyRefused({ pass, journal, pending }: DateState): boolean {
  return pass === 0 && journal.length > 0 && pending.length === 0;
}

/** Tables that hold the date up now, for the search attribute. */
export function blockedOn(state: DateState): string[] {
  const tables = [
    ...resultsOf(state)
      .filter((result) => isUnsettled(result.outcome))
      .flatMap((result) => result.missing),
    ...(state.gate?.waitingSince ? state.gate.verdicts.flatMap((verdict) => verdict.missing) : []),
  ];
  return [...new Set(tables)].sort();
}

/** One sentence that answers a request: what came of the processors of its pass. */
export function summaryOf(gameDate: string, state: RunState, results: readonly ProcessorResult[]): string {
  const parts = results.map((result) => `${result.processor} ${result.outcome}`);
  return `${gameDate} ${state}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

function judged(
  { gate, wokenAt }: DateState,
  event: { level: number; verdicts: GateVerdict[]; askedAt?: string },
): GateState {
  const same = gate?.level === event.level ? gate : null;
  const others = (same?.verdicts ?? []).filter(
    (old) => !event.verdicts.some((verdict) => verdict.processor === old.processor),
  );
  return {
    level: event.level,
    probes: (same?.probes ?? 0) + 1,
    waitingSince: same?.waitingSince ?? null,
    nextProbeAt: null,
    verdicts: [...others, ...event.verdicts],
    askedAt: event.askedAt ?? null,
    // Who came while the first probe was under way is not answered by it either.
    wokenAt: wokenAt ?? null,
  };
}

/** The gate that waits, once something at `level` has passed its own: what comes before it opens nothing of it. */
function stillHeld({ gate, held = null }: DateState, level: number): GateState | null {
  if (held?.level !== level) return held;
  return gate?.verdicts.some(isHeld) ? held : null;
}

function gateWaits(state: DateState, event: Extract<DateEvent, { type: 'gateWaits' }>): DateState {
  const gate = state.gate ?? {
    level: event.level,
    probes: 0,
    waitingSince: null,
    nextProbeAt: null,
    verdicts: [],
  };
  const waiting = gate.verdicts.filter(isHeld);
  const held = { ...gate, waitingSince: gate.waitingSince ?? event.at, nextProbeAt: event.nextProbeAt };
  const seconds = Math.round((Date.parse(event.nextProbeAt) - Date.parse(event.at)) / 1000);
  return withLines(
    {
      ...state,
      runState: 'waiting',
      deadline: event.deadline,
      gate: held,
      // A request that interrupts it has it judged anew, but the date waits no less long for that.
      held: { ...held, waitingSince: state.held?.waitingSince ?? held.waitingSince },
    },
    event.at,
    [
      'WARNING',
      `⏳ Level ${event.level} waits: ${describeMissing(waiting)} - next probe in ${seconds} s, deadline ${event.deadline}`,
    ],
  );
}
