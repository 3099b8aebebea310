/** Builders of what happens to a date, for tests of what the run makes of it. */
import type { Look, OpenedPass } from '../../src/contracts/activities';
import type { DateMemory } from '../../src/contracts/date-state';
import type { Bypass } from '../../src/contracts/decisions';
import type { DateReply, TriggerMessage } from '../../src/contracts/messages';
import type { LookVerdict, ProcessorName } from '../../src/contracts/phase3';
import { groupByLevel, levelOfProcessor, planOf, processorNames } from '../../src/plan/registry';
import { newMemory } from '../../src/workflows/memory';
import { addAnswers } from '../../src/workflows/answers';
import { changes, type Changes } from '../../src/workflows/reduce';
import type { Taken } from '../../src/workflows/take-in';
import { gameDate, heldVerdict, policyAfter, resultOf } from './fixtures';

export const at = '2025-01-16T08:00:00.000Z';
export const deadline = '2025-01-16T08:30:00.000Z';
const plan = planOf();
export const levels = groupByLevel(processorNames);

type Change = { [K in keyof Changes]: { type: K; at?: string } & Parameters<Changes[K]>[1] }[keyof Changes];

/** Something that happens to a date, at the usual instant unless it says another. */
export type DateEvent = Change | { type: 'answered'; at?: string; answers: readonly DateReply[] };

/** What an event makes of a memory. */
export function reduce(memory: DateMemory, event: DateEvent): DateMemory {
  const next = { ...memory, at: event.at ?? at };
  const change = event.type === 'answered' ? null : changes[event.type];
  if (event.type === 'answered') addAnswers(next, event.answers);
  else (change as (memory: DateMemory, what: unknown) => void)(next, event);
  return next;
}

/** A request for everything; `changes` say otherwise. */
export function messageOf(changes: Partial<TriggerMessage> = {}): TriggerMessage {
  return { requestId: 'r1', kind: 'trigger', source: 'nbac_gamebook_player_stats', ...changes };
}

/** A batch with nothing in it; `changes` say what it brings. */
export function took(batch: Partial<Taken> & { at?: string } = {}): DateEvent {
  return {
    ...{ type: 'took', fresh: [], again: [], triedAgain: [], refused: [], rechecks: [], leftOut: 0 },
    ...{ replies: [], ...batch },
  };
}

export function asks(...messages: readonly TriggerMessage[]): DateEvent {
  return took({ fresh: [...messages] });
}

/** A pass that begins, up to its first look. */
export function opens(opened: Partial<OpenedPass> = {}, when = at): DateEvent[] {
  return [
    { type: 'began', at: when },
    {
      type: 'opened',
      opened: { plan, owed: [], standing: [], auditHead: null, troubleSince: null, ...opened },
    },
  ];
}

/** A verdict of a look that holds the processor up; `changes` say otherwise. */
export function verdictOf(processor: ProcessorName, changes: Partial<LookVerdict> = {}): LookVerdict {
  return { ...heldVerdict(processor), level: levelOfProcessor(processor), liveVersion: 0, ...changes };
}

/** A verdict that lets the processor run. */
export function readyOf(processor: ProcessorName): LookVerdict {
  return verdictOf(processor, { canRun: true, missing: [], missingGames: [] });
}

/** A look at all processors that finds this; what it judges is open, and nothing else. */
function lookOf(verdicts: readonly LookVerdict[], changes: Partial<Look> = {}): Look {
  return {
    ...{ policy: policyAfter(1), opened: null, names: {}, refused: {}, rebuilds: [], levels },
    ...{ settled: [], kept: {} },
    open: verdicts.map(({ processor }) => processor),
    verdicts: [...verdicts],
    ...changes,
  };
}

/** A look that nothing came beside. */
export function looks(
  verdicts: readonly LookVerdict[],
  changes: Partial<Look> = {},
  when = at,
): readonly Step[] {
  const look = lookOf(verdicts, changes);
  return [({ clock }) => ({ type: 'looked', look, askedAt: when, seen: clock, at: when })];
}

export function waits(when = at, nextProbeAt = '2025-01-16T08:01:00.000Z', until = deadline): DateEvent {
  return { type: 'waits', nextProbeAt, deadline: until, at: when };
}

export function starts(...processors: readonly ProcessorName[]): DateEvent {
  const level = levels.find((one) => processors.every((name) => one.processors.includes(name)));
  if (!level) throw new Error('processors that start together are of one level');
  return { type: 'started', level: level.level, why: level.description, processors };
}

export function settled(...args: Parameters<typeof resultOf>): DateEvent {
  return { type: 'settled', result: resultOf(...args), at };
}

/** A decision that opens the gate for these, or shows which version stands on them. */
export function grants(bypass: Bypass, ...more: readonly Bypass[]): DateEvent {
  const { bypassId, processor } = bypass;
  const decided = { entry: { seq: 1, hash: '1'.repeat(64) }, summary: 'granted' };
  const about = `bypass of ${processor}`;
  return { type: 'decided', id: bypassId, about, line: 'granted', decided, bypasses: [bypass, ...more], at };
}

export const closed: DateEvent = { type: 'closed', overtaken: [], at };

/** An event, or one that depends on what it finds. */
export type Step = DateEvent | ((memory: DateMemory) => DateEvent);

/** The memory after the events, each of which must leave plain JSON and not touch what was there before. */
export function after(
  steps: readonly Step[],
  from: DateMemory = newMemory(gameDate),
  see: (before: DateMemory, event: DateEvent, after: DateMemory) => void = () => undefined,
): DateMemory {
  return steps.reduce<DateMemory>((memory, step) => {
    const event = typeof step === 'function' ? step(memory) : step;
    const before = JSON.stringify(memory);
    const next = reduce(deepFreeze(memory), deepFreeze(event));
    expect(JSON.stringify(memory)).toBe(before);
    expect(JSON.parse(JSON.stringify(next))).toEqual(next);
    see(memory, event, next);
    return next;
  }, from);
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

export function linesOf(memory: DateMemory): string[] {
  return memory.journal.map(({ message }) => message);
}
