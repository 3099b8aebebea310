/** What may happen to a date, as plain data: a schedule is a list of these, and what is printed of one that fails can be played again. */
import fc from 'fast-check';

export type Step =
  /** Somebody asks: `source` by its number, `names` the processors by theirs (none: all that the source sets off). */
  | {
      readonly do: 'ask';
      readonly kind: 'trigger' | 'run' | 'backfill';
      readonly source: number;
      readonly names: readonly number[];
    }
  /** A request that was sent before is sent again. */
  | { readonly do: 'askAgain'; readonly which: number }
  /** Something that is no proper request. */
  | { readonly do: 'askWrongly'; readonly how: number }
  | { readonly do: 'rerun'; readonly names: readonly number[]; readonly force: boolean }
  /** Which of the versions there are. */
  | { readonly do: 'restore'; readonly name: number; readonly version: number; readonly isOfDate: boolean }
  | { readonly do: 'unpin'; readonly name: number }
  | { readonly do: 'recheck' }
  /** Of one of those that are held up; where none is, of any. */
  | { readonly do: 'bypass'; readonly name: number }
  | { readonly do: 'extend' }
  | { readonly do: 'cancel' }
  /** A decision that was sent before is sent again. */
  | { readonly do: 'decideAgain'; readonly which: number }
  /** A cancel request that goes past us. */
  | { readonly do: 'cancelInTemporal' }
  /** A raw table holds another of its forms. */
  | { readonly do: 'rows'; readonly table: number; readonly form: number }
  /** What is under way goes on, one thing after another; each number picks one of what may go on. */
  | { readonly do: 'go'; readonly picks: readonly number[] }
  /** Everything that is under way goes on until only the clock or somebody can bring more; late attempts stand still. */
  | { readonly do: 'rest' }
  /** The clock moves to the next thing that is due, or by so many minutes. */
  | { readonly do: 'wait'; readonly minutes: number | null }
  /** Nobody does anything for so long that a date that needs somebody is given up. */
  | { readonly do: 'leave' }
  /** The clock of the activities is off by so many seconds. */
  | { readonly do: 'skew'; readonly seconds: number }
  /** An operation of the warehouse fails: before or after its effect, or for good. Where none waits, what is under way goes on until one does. */
  | { readonly do: 'fail'; readonly which: number; readonly how: 'before' | 'after' | 'for good' }
  /** The next publication is not stored as it was given. */
  | { readonly do: 'spoil' }
  /** The server takes an attempt for dead after so many of its operations; its code runs on. */
  | { readonly do: 'lose'; readonly which: number; readonly isBuild: boolean; readonly operations: number }
  /**
   * The same of a build, and the next attempt overtakes it by so many turns before it goes on. With a form, the two see
   * different rows, of which somebody tells the date: those of the next one are new, or, if they flicker, as they were before.
   */
  | {
      readonly do: 'overtake';
      readonly which: number;
      readonly operations: number;
      readonly turns: number;
      readonly form: number | null;
      readonly flickers: boolean;
    }
  /** An attempt that was taken for dead goes on by so many operations. */
  | { readonly do: 'late'; readonly which: number; readonly operations: number }
  /** The worker is gone: runs are replayed, attempts are tried again; their code is gone too, or runs on elsewhere. */
  | { readonly do: 'crash'; readonly runsOn: boolean }
  /** The server suggests to continue as new. */
  | { readonly do: 'suggest' }
  /** The audit, or the webhook, cannot be reached; or can again. */
  | { readonly do: 'audit' | 'webhook'; readonly isUp: boolean };

const index = fc.nat({ max: 7 });
const names = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }) },
);

/** The calendar moves less than what is played, and most of what comes is good. */
const table = fc.constantFrom(0, 1, 1, 1, 2, 2, 2);
const form = fc.constantFrom(0, 0, 0, 1, 2, 2, 3, 3, 3, 4);

const step = {
  ask: fc.record({
    do: fc.constant('ask' as const),
    kind: fc.constantFrom('trigger' as const, 'run' as const, 'backfill' as const),
    source: fc.nat({ max: 1 }),
    names,
  }),
  askAgain: fc.record({ do: fc.constant('askAgain' as const), which: index }),
  askWrongly: fc.record({ do: fc.constant('askWrongly' as const), how: fc.nat({ max: 4 }) }),
  rerun: fc.record({ do: fc.constant('rerun' as const), names, force: fc.boolean() }),
  restore: fc.record({
    do: fc.constant('restore' as const),
    name: fc.nat({ max: 3 }),
    version: fc.nat({ max: 3 }),
    isOfDate: fc.boolean(),
  }),
  unpin: fc.record({ do: fc.constant('unpin' as const), name: fc.nat({ max: 3 }) }),
  recheck: fc.constant({ do: 'recheck' as const }),
  bypass: fc.record({ do: fc.constant('bypass' as const), name: fc.nat({ max: 3 }) }),
  extend: fc.constant({ do: 'extend' as const }),
  cancel: fc.constant({ do: 'cancel' as const }),
  decideAgain: fc.record({ do: fc.constant('decideAgain' as const), which: index }),
  cancelInTemporal: fc.constant({ do: 'cancelInTemporal' as const }),
  rows: fc.record({ do: fc.constant('rows' as const), table, form }),
  go: fc.record({
    do: fc.constant('go' as const),
    picks: fc.array(index, { minLength: 1, maxLength: 12, size: 'max' }),
  }),
  rest: fc.constant({ do: 'rest' as const }),
  wait: fc.record({
    do: fc.constant('wait' as const),
    minutes: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.constantFrom(1, 40) },
      { weight: 1, arbitrary: fc.constantFrom(7 * 60, 3 * 24 * 60) },
    ),
  }),
  leave: fc.constant({ do: 'leave' as const }),
  skew: fc.record({ do: fc.constant('skew' as const), seconds: fc.constantFrom(0, -1, -3_600, 3_600) }),
  fail: fc.record({
    do: fc.constant('fail' as const),
    which: index,
    how: fc.constantFrom('before' as const, 'after' as const, 'for good' as const),
  }),
  spoil: fc.constant({ do: 'spoil' as const }),
  lose: fc.record({
    ...{ do: fc.constant('lose' as const), which: index },
    // Before its publish it has read and staged, after it it reads back.
    ...{ isBuild: fc.constantFrom(true, true, false), operations: fc.constantFrom(2, 2, 3, 1, 0) },
  }),
  overtake: fc.record({
    ...{ do: fc.constant('overtake' as const), which: index, operations: fc.constantFrom(2, 2, 1) },
    ...{ turns: fc.nat({ max: 20 }), form: fc.option(form), flickers: fc.boolean() },
  }),
  late: fc.record({
    ...{ do: fc.constant('late' as const), which: index, operations: fc.integer({ min: 1, max: 4 }) },
  }),
  crash: fc.record({ do: fc.constant('crash' as const), runsOn: fc.boolean() }),
  suggest: fc.constant({ do: 'suggest' as const }),
  audit: fc.record({ do: fc.constant('audit' as const), isUp: fc.boolean() }),
  webhook: fc.record({ do: fc.constant('webhook' as const), isUp: fc.boolean() }),
};

type Weights = Partial<Record<keyof typeof step, number>>;

/** Each kind of schedule does more of some things and less of others: what all do at once hides what one does to another. */
const kinds: readonly Weights[] = [
  // Rows and requests, in any order.
  { rows: 6, ask: 6, askAgain: 2, recheck: 1, go: 14, rest: 2, wait: 2 },
  // The same, on a warehouse and workers that fail.
  {
    rows: 4,
    ask: 6,
    askAgain: 2,
    rerun: 2,
    go: 10,
    wait: 2,
    fail: 6,
    spoil: 3,
    lose: 3,
    late: 3,
    crash: 3,
    skew: 1,
  },
  // Attempts that are taken for dead, and are not.
  { rows: 4, ask: 4, rerun: 2, go: 4, rest: 1, wait: 3, overtake: 8, lose: 3, late: 3, fail: 2, cancel: 1 },
  // What people decide.
  {
    ...{
      rows: 4,
      ask: 4,
      askAgain: 1,
      askWrongly: 1,
      rerun: 3,
      restore: 3,
      unpin: 2,
      recheck: 2,
      bypass: 5,
      extend: 2,
    },
    ...{ cancel: 1, decideAgain: 2, cancelInTemporal: 1, go: 10, rest: 5, wait: 3, leave: 1, suggest: 1 },
  },
  // Everything.
  Object.fromEntries(
    Object.keys(step).map((name) => [name, ['go', 'rows', 'ask', 'rest'].includes(name) ? 6 : 1]),
  ),
];

function stepsOf(weights: Weights): fc.Arbitrary<Step[]> {
  const weighted = Object.entries(weights).map(([name, weight]) => ({
    weight,
    arbitrary: step[name as keyof typeof step] as fc.Arbitrary<Step>,
  }));
  return fc.array(fc.oneof(...weighted), { minLength: 5, maxLength: 25, size: 'max' });
}

function rowsAtFirst(schedule: number, teams: number, players: number): Step[] {
  return [schedule, teams, players].map((form, table) => ({ do: 'rows', table, form }));
}

const everything = { do: 'ask', kind: 'run', source: 1, names: [0, 1, 2, 3] } as const;
const rest = { do: 'rest' } as const;
/** Until its run has ended, which a busy one puts off for some seconds. */
const ended: readonly Step[] = [rest, { do: 'wait', minutes: 1 }, rest];

/** What there is when a schedule begins. */
const beginning: fc.Arbitrary<readonly Step[]> = fc.oneof(
  fc.constant<readonly Step[]>([]),
  // Somebody has asked, and little or much is there.
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(0, 0, 0, 2), form, form)
      .map((forms): readonly Step[] => [...rowsAtFirst(...forms), everything]),
  },
  // The date waits: for all of the teams, or for one game of them.
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(1, 2)
      .map((teams): readonly Step[] => [...rowsAtFirst(0, teams, 0), everything, rest]),
  },
  // It is published, once or twice, and its run has ended.
  fc.constant<readonly Step[]>([...rowsAtFirst(0, 0, 0), everything, ...ended]),
  fc.constant<readonly Step[]>([
    ...[...rowsAtFirst(0, 3, 3), everything, ...ended],
    ...[...rowsAtFirst(0, 0, 0), everything, ...ended],
  ]),
);

export const schedule: fc.Arbitrary<readonly Step[]> = fc
  .tuple(beginning, fc.oneof(...kinds.map(stepsOf)))
  .map(([first, then]) => [...first, ...then]);
