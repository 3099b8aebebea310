/** What a pass makes of a date's state, from its opening to its end. */
import type { DateState, GateState } from '../contracts/date-state';
import type { DateReply } from '../contracts/messages';
import type { AuditEntry } from '../contracts/decisions';
import { isHeld, type ProcessorResult } from '../contracts/phase3';
import { describeMissing } from '../explain/describe-missing';
import { clearedEntry, systemEntry } from './audit-entries';
import { afterBypass } from './bypasses';
import type { EventOf, Handlers } from './date-events';
import { levelDoneLine, linesOfResult, withLines, type Line } from './level-log';
import { stateOfDate, withAnswers } from './run-state';

export const onPass = {
  passOpened: (state, event) => ({
    ...state,
    pass: event.pass,
    runState: 'running',
    gate: null,
    settledInPass: [],
    passStartsAtLine: state.journalDropped + state.journal.length,
  }),
  planned: (state, event) => ({
    ...state,
    // Planned anew, they have not come to anything yet.
    settledInPass: state.settledInPass.filter(
      (name) => !event.levels.some(({ processors }) => processors.includes(name)),
    ),
    plan: event.levels.map(({ level, processors }) => ({ level, processors: [...processors] })),
  }),
  gateJudged: (state, event) => ({ ...state, gate: judged(state, event) }),
  gateWaits,
  upstreamsAdded: (state, event) =>
    withLines(
      state,
      event.at,
      ...event.verdicts.flatMap((verdict) =>
        verdict.staleUpstreams.map((upstream): Line => [
          'WARNING',
          `${upstream.processor} is published but not up to date (${upstream.reason}) - rebuilding it before ${verdict.processor}`,
        ]),
      ),
    ),
  levelStarted: (state, event) =>
    withLines({ ...state, runState: 'running', held: stillHeld(state, event.level.level) }, event.at, [
      'INFO',
      `Level ${event.level.level}: Running ${event.processors.length} processors - ${event.level.description}`,
    ]),
  foundUnchanged: (state, event) =>
    withLines({ ...state, runState: 'running', held: stillHeld(state, event.level) }, event.at, [
      'INFO',
      `Level ${event.level}: nothing to build for ${event.processors.join(', ')}`,
    ]),
  upstreamMoved: (state, event) =>
    withLines(state, event.at, [
      'WARNING',
      `${event.processor} stopped before publishing: ${event.detail} - planning again`,
    ]),
  settled: (state, event) =>
    withLines(
      {
        ...afterBypass(state, event.result, event.at),
        results: { ...state.results, [event.result.processor]: event.result },
        touched: [...new Set([...state.touched, event.result.processor])],
        settledInPass: [...new Set([...state.settledInPass, event.result.processor])],
        forced: stillForced(state, event.result),
      },
      event.at,
      ...linesOfResult(event.result),
    ),
  levelDone: (state, event) => withLines(state, event.at, levelDoneLine(state, event.level, event.isLast)),
  interrupted: (state, event) =>
    withLines(state, event.at, [
      'INFO',
      event.byBypass
        ? 'A bypass was accepted while the date waits - planning again'
        : 'A trigger arrived while the date waits - planning again from level 1',
    ]),
  passEnded: (state, event) =>
    answered({ ...state, runState: event.as ?? stateOfDate(state), deadline: null }, event.answers),
  ending: (state, event) => {
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
  },
  ended: (state, event) =>
    withLines(answered({ ...state, runState: event.as }, event.answers), event.at, [
      'WARNING',
      event.as === 'abandoned'
        ? `${state.gameDate} is abandoned: nobody acted in time`
        : `${state.gameDate} was cancelled`,
    ]),
} satisfies Partial<Handlers>;

/** Everything that was pending has been answered. */
function answered(state: DateState, answers: readonly DateReply[]): DateState {
  return withAnswers({ ...state, gate: null, held: null, cameAt: {}, touched: [], pending: [] }, answers);
}

function judged({ gate, wokenAt }: DateState, event: EventOf<'gateJudged'>): GateState {
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
    wokenAt,
  };
}

/** The gate that waits, once something at `level` has passed its own: what comes before it opens nothing of it. */
function stillHeld({ gate, held }: DateState, level: number): GateState | null {
  if (held?.level !== level) return held;
  return gate?.verdicts.some(isHeld) ? held : null;
}

function gateWaits(state: DateState, event: EventOf<'gateWaits'>): DateState {
  const gate = state.gate ?? {
    level: event.level,
    probes: 0,
    waitingSince: null,
    nextProbeAt: null,
    verdicts: [],
    askedAt: null,
    wokenAt: state.wokenAt,
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
      `⏳ Level ${event.level} waits: ${describeMissing(waiting)} - next check in ${seconds} s, deadline ${event.deadline}`,
    ],
  );
}

/** Who is forced stays so until it is built, or there is nothing to build. */
function stillForced({ forced }: DateState, { processor, outcome }: ProcessorResult): DateState['forced'] {
  if (outcome !== 'published' && outcome !== 'skipped') return forced;
  return Object.fromEntries(Object.entries(forced).filter(([name]) => name !== processor));
}
