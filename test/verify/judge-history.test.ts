/** The judge of the order must find every way in which a history can be wrong, and nothing in the right ones. */
import { defaultPayloadConverter } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import type { Plan } from '../../src/contracts/plan';
import { planOf } from '../../src/plan/registry';
import { orderEvents, orderEventsByDate, type OrderEvent } from '../../scripts/verify/history-events';
import {
  countPlayerActivities,
  judgeEvents,
  judgeHistory,
  type Rule,
} from '../../scripts/verify/judge-history';

const offence = 'buildTeamOffenseGameSummary';
const defence = 'buildTeamDefenseGameSummary';
const player = 'buildPlayerGameSummary';
const gate = 'checkDependencies';

const settled = (outcome: string): unknown => ({ kind: 'settled', result: { processor: 'P', outcome } });
const published = settled('published');
const moved = { kind: 'upstream_moved', detail: 'it moved' };
const notReady = { kind: 'not_ready', detail: 'missing since the gate opened' };

interface Verdict {
  readonly processor: string;
  readonly canRun: boolean;
  readonly missing: readonly string[];
  readonly unchanged?: object;
}
const yes: Verdict = { processor: 'PlayerGameSummaryProcessor', canRun: true, missing: [] };
const no: Verdict = { ...yes, canRun: false, missing: ['team_offense_game_summary'] };
const yesTo = (team: 'Offense' | 'Defense'): Verdict => ({
  ...yes,
  processor: `Team${team}GameSummaryProcessor`,
});

type How = Extract<OrderEvent, { kind: 'ended' }>['how'];
const hows: readonly How[] = ['failed', 'timed out', 'was cancelled'];

/** Writes a history by hand. Event ids leave gaps, as the workflow tasks between them do. */
class Story {
  readonly events: OrderEvent[] = [];
  private readonly open: { readonly activity: string; readonly id: number }[] = [];
  private next = 5;
  private opened: object | null = null;

  constructor(private readonly plan: Plan = planOf()) {}

  /** Schedules an activity. */
  start(activity: string, pass: number, input: object = { processor: activity }): this {
    return this.schedule(activity, { gameDate: '2024-10-22', runId: 'r', pass, ...input });
  }

  schedule(activity: string, input: unknown): this {
    const id = this.id();
    this.open.push({ activity, id });
    this.events.push({ kind: 'scheduled', eventId: id, activity, input });
    return this;
  }

  /** Completes the oldest of these activities that is open. */
  complete(activity: string, result: unknown = published): this {
    const scheduledEventId = this.close(activity);
    this.events.push({ kind: 'completed', eventId: this.id(), scheduledEventId, result });
    return this;
  }

  end(activity: string, how: How): this {
    const scheduledEventId = this.close(activity);
    this.events.push({ kind: 'ended', eventId: this.id(), scheduledEventId, how });
    return this;
  }

  ran(activity: string, pass: number, result: unknown = published): this {
    return this.start(activity, pass).complete(activity, result);
  }

  /** A pass begins: its first look finds the plan. */
  pass(pass: number): this {
    this.number = pass;
    this.opened = { plan: this.plan };
    return this;
  }

  recorded(pass: number, changes: object = {}): this {
    const results = [{ processor: yes.processor, outcome: 'published' }];
    return this.start('recordPass', pass, { state: 'published', results, ...changes }).complete(
      'recordPass',
      null,
    );
  }

  ask(input: object = {}): this {
    return this.start(gate, this.number, { wants: [], settled: {}, ...input });
  }

  found(verdicts: readonly Verdict[], changes: object = {}): this {
    const { opened } = this;
    this.opened = null;
    return this.complete(gate, { opened, names: {}, verdicts, ...changes });
  }

  gate(...verdicts: readonly Verdict[]): this {
    return this.ask().found(verdicts);
  }

  /** The offence as it should be. */
  offence(pass: number, result: unknown = published): this {
    return this.gate(yesTo('Offense')).ran(offence, pass, result);
  }

  /** The first level as it should be: gate, then both teams side by side. */
  teams(pass: number, offenceResult: unknown = published): this {
    this.gate(yesTo('Offense'), yesTo('Defense')).start(offence, pass).start(defence, pass);
    return this.complete(defence).complete(offence, offenceResult);
  }

  /** The second level as it should be. */
  players(pass: number, result: unknown = published): this {
    return this.gate(yes).ran(player, pass, result);
  }

  private number = 1;

  private close(activity: string): number {
    const index = this.open.findIndex((one) => one.activity === activity);
    const [closed] = index < 0 ? [] : this.open.splice(index, 1);
    if (!closed) throw new Error(`no ${activity} is open`);
    return closed.id;
  }

  private id(): number {
    this.next += 3;
    return this.next;
  }
}

const one = (): Story => new Story().pass(1);
const oldWant = { wants: [{ key: 'w', at: 1 }], settled: { [yesTo('Offense').processor]: { at: 3 } } };
const newWant = { ...oldWant, wants: [{ key: 'w', at: 4 }] };
const aboutPlayers = { names: { w: [yes.processor] } };
const isCurrent: Verdict = { ...yesTo('Offense'), unchanged: { outcome: 'unchanged' } };

test.each<readonly [what: string, story: Story, players: number]>([
  ['a pass from gate to players', one().teams(1).players(1).recorded(1), 1],
  ['an offence that is unchanged counts as published', one().teams(1, settled('unchanged')).players(1), 1],
  ['players alone, on an offence of an earlier run: the gate is the proof', one().players(1), 1],
  ['an offence that fails, without players', one().teams(1, settled('quarantined')).recorded(1), 0],
  [
    'a defence that is under way does not concern the players',
    one().gate(yesTo('Offense'), yesTo('Defense')).start(defence, 1).ran(offence, 1).players(1),
    1,
  ],
  ['a gate that refuses first and agrees later', one().teams(1).gate(no).gate(no).players(1), 1],
  ['a gate that fails and then agrees', one().teams(1).ask().end(gate, 'timed out').players(1), 1],
  [
    'two passes, the second of which rebuilds both',
    one().teams(1).players(1).recorded(1).pass(2).teams(2, settled('unchanged')).players(2).recorded(2),
    2,
  ],
  [
    'a pass of players alone, after one whose offence failed',
    one().teams(1, settled('failed')).recorded(1).pass(2).players(2),
    1,
  ],
  ['the offence moved and was built again', one().teams(1, moved).teams(1).players(1), 1],
  ...[moved, notReady].map((stopped): readonly [string, Story, number] => [
    `the players stopped with ${stopped.kind} and ran again`,
    one().teams(1).players(1, stopped).gate(no).teams(1).players(1).recorded(1),
    2,
  ]),
  [
    'an offence whose rows went away and came back: it is found unchanged',
    one().teams(1, notReady).gate(isCurrent).players(1),
    1,
  ],
  [
    'players that are wanted since the offence failed, and find it current',
    one().teams(1, settled('failed')).ask(newWant).found([yes], aboutPlayers).ran(player, 1),
    1,
  ],
  [
    'a correction after the players: they run again before the pass is recorded',
    one().teams(1).players(1).teams(1).players(1).recorded(1),
    2,
  ],
  [
    'a correction after the players: they are found unchanged before the pass is recorded',
    one()
      .teams(1)
      .players(1)
      .teams(1)
      .gate({ ...yes, unchanged: {} })
      .recorded(1),
    1,
  ],
  ['a correction after the players, and no record yet', one().teams(1).players(1).offence(1), 1],
  ...(['cancelled', 'abandoned'] as const).map((state): readonly [string, Story, number] => [
    `a correction after the players, whose run is ${state}`,
    one().teams(1).players(1).offence(1).recorded(1, { state }),
    1,
  ]),
  [
    'a correction after the players, which the record calls blocked by it',
    one()
      .teams(1)
      .players(1)
      .offence(1)
      .recorded(1, { results: [{ processor: yes.processor, outcome: 'upstream_failed' }] }),
    1,
  ],
  ['a run that ends while the players are under way', one().teams(1).gate(yes).start(player, 1), 1],
  ['a run that was continued, whose passes go on counting', new Story().pass(2).teams(2).players(2), 1],
  ['nothing at all', new Story(), 0],
])('in order: %s', (_what, { events }, players) => {
  expect(judgeEvents(events)).toEqual([]);
  expect(countPlayerActivities(events)).toBe(players);
});

const faults: readonly (readonly [what: string, story: Story, ...rules: Rule[]])[] = [
  ['swapped: the players before the offence', one().players(1).teams(1).recorded(1), 'upstream_after_reader'],
  ...hows.map((how): readonly [string, Story, Rule] => [
    `swapped, where the player activity ${how}`,
    one().gate(yes).start(player, 1).end(player, how).teams(1).recorded(1),
    'upstream_after_reader',
  ]),
  [
    'a correction after the players, which were judged before it was built',
    one()
      .teams(1)
      .players(1)
      .gate(yesTo('Offense'), { ...yes, unchanged: {} })
      .ran(offence, 1)
      .gate(yesTo('Defense'))
      .recorded(1),
    'upstream_after_reader',
  ],
  [
    'a correction after the players, which are judged again when the pass is recorded',
    one().teams(1).players(1).offence(1).recorded(1).gate(yes),
    'upstream_after_reader',
  ],
  [
    'both at once, the offence first',
    one().gate(yesTo('Offense'), yes).start(offence, 1).start(player, 1).complete(offence).complete(player),
    'upstream_in_flight',
  ],
  [
    'both at once, the player first',
    one().gate(yesTo('Offense'), yes).start(player, 1).start(offence, 1).complete(offence).complete(player),
    'upstream_during_reader',
  ],
  [
    'an offence that never closes',
    one().gate(yesTo('Offense')).start(offence, 1).players(1),
    'upstream_in_flight',
  ],
  [
    'an offence of an earlier pass that is still under way',
    one().gate(yesTo('Offense')).start(offence, 1).pass(2).teams(2).players(2),
    'upstream_in_flight',
  ],
  ...hows.map((how): readonly [string, Story, Rule] => [
    `the offence activity ${how}`,
    one().gate(yesTo('Offense')).start(offence, 1).end(offence, how).players(1),
    'upstream_not_published',
  ]),
  ...['quarantined', 'failed', 'blocked', 'waiting', 'upstream_failed', 'skipped']
    .map(settled)
    .concat([moved, notReady, null, { outcome: 'published' }, { kind: 'settled', result: 'published' }])
    .map((result): readonly [string, Story, Rule] => [
      `the offence answered with ${JSON.stringify(result)}`,
      one().teams(1, result).players(1),
      'upstream_not_published',
    ]),
  [
    'a second offence that is quarantined: the first one does not count any more',
    one().teams(1).teams(1, settled('quarantined')).players(1),
    'upstream_not_published',
  ],
  [
    'an offence that was found unchanged before it failed',
    one().gate(isCurrent).teams(1, settled('failed')).players(1),
    'upstream_not_published',
  ],
  [
    'players that were wanted before the offence failed',
    one().teams(1, settled('failed')).ask(oldWant).found([yes], aboutPlayers).ran(player, 1),
    'upstream_not_published',
  ],
  [
    'an offence that failed, and something else that is wanted since',
    one()
      .teams(1, settled('failed'))
      .ask(newWant)
      .found([yes], { names: { w: [] } })
      .ran(player, 1),
    'upstream_not_published',
  ],
  ['no gate', one().teams(1).ran(player, 1), 'no_gate'],
  ['no gate before the teams', one().gate(yesTo('Defense')).ran(offence, 1), 'no_gate'],
  [
    'a gate that says no to the teams',
    one()
      .gate({ ...yesTo('Offense'), canRun: false })
      .ran(offence, 1),
    'gate_said_no',
  ],
  ['a gate that judged others only', one().teams(1).gate(yesTo('Defense')).ran(player, 1), 'no_gate'],
  ['a gate that has not answered yet', one().teams(1).ask().ran(player, 1).found([yes]), 'no_gate'],
  [
    'only the gate of an earlier pass',
    one().teams(1).players(1).recorded(1).pass(2).ran(player, 2),
    'no_gate',
  ],
  ['a gate that says yes and then no', one().teams(1).gate(yes).gate(no).ran(player, 1), 'gate_said_no'],
  [
    'a gate that says yes, then one that fails',
    one().teams(1).gate(yes).ask().end(gate, 'failed').ran(player, 1),
    'gate_said_no',
  ],
  [
    'a gate that says yes, then one that is about others',
    one().teams(1).gate(yes).gate(yesTo('Defense')).ran(player, 1),
    'gate_said_no',
  ],
  ...(
    [
      ['can run, but names what is missing', { ...yes, missing: ['nbac_schedule'] }],
      ['does not say what is missing', { processor: yes.processor, canRun: true }],
      ['says yes in another type', { ...yes, canRun: 'true' }],
    ] as [string, Verdict][]
  ).map(([what, verdict]): readonly [string, Story, Rule] => [
    `a gate that ${what}`,
    one().teams(1).gate(verdict).ran(player, 1),
    'gate_said_no',
  ]),
  [
    'a gate that cannot be read',
    one().teams(1).gate(yes).ask().complete(gate, null).ran(player, 1),
    'gate_said_no',
  ],
  [
    'a gate that was asked before the offence closed',
    one().gate(yesTo('Offense')).start(offence, 1).ask().complete(offence).found([yes]).ran(player, 1),
    'gate_too_old',
  ],
  [
    'a gate for both levels at once, asked before the offence ran',
    one().gate(yesTo('Offense'), yes).ran(offence, 1).ran(player, 1),
    'gate_too_old',
  ],
  [
    'the offence is started again while the players run',
    one().teams(1).gate(yes).start(player, 1).offence(1).complete(player),
    'upstream_during_reader',
  ],
  [
    'the offence of a later pass is started while the players run, which do not close any more',
    one().teams(1).gate(yes).start(player, 1).pass(2).offence(2),
    'upstream_during_reader',
  ],
  [
    'only the second of two passes is wrong',
    one().teams(1).players(1).recorded(1).pass(2).teams(2, settled('quarantined')).players(2),
    'upstream_not_published',
  ],
  [
    'every fault is reported, not the first alone',
    one().gate(yesTo('Offense')).start(offence, 1).gate(no).ran(player, 1),
    ...(['upstream_in_flight', 'gate_said_no'] as const),
  ],
  [
    'each of two player activities is judged',
    one().gate().ran(player, 1).ran(player, 1),
    ...(['no_gate', 'no_gate'] as const),
  ],
  [
    'an offence whose input names no pass proves nothing',
    one().gate(yesTo('Offense')).schedule(offence, undefined).complete(offence).gate(yes).ran(player, 1),
    ...(['unreadable', 'unreadable'] as const),
  ],
  [
    'players whose input names no pass',
    one().teams(1).gate(yes).schedule(player, { gameDate: '2024-10-22' }),
    'unreadable',
  ],
  ['a run without a plan', new Story().gate(yesTo('Offense')).ran(offence, 1), 'unreadable'],
  ['a processor that the plan does not have', one().gate(yes).ran('buildNobody', 1), 'unreadable'],
];

const planted = faults.map(([what, { events }, ...rules]) => [what, events, rules] as const);

test.each(planted)('a planted fault: %s', (_what, events, rules) => {
  expect(judgeEvents(events).map(({ rule }) => rule)).toEqual(rules);
});

test('a processor that somebody has added is judged by its own upstreams', () => {
  const { calendar, processors } = planOf();
  const [first] = processors;
  if (!first) throw new Error('there is a processor');
  const upstreams = [{ processor: yes.processor, table: 'player_game_summary', isNeeded: true }];
  const added = { ...first, name: 'LineupProcessor', table: 'lineup', level: 3, upstreams };
  const story = (): Story => new Story({ calendar, processors: [...processors, added] }).pass(1).teams(1);
  const lineup: Verdict = { ...yes, processor: added.name };
  const inOrder = story().players(1).gate(lineup).ran('buildLineup', 1);
  expect(judgeEvents(inOrder.events)).toEqual([]);
  const early = story().gate(yes, lineup).start(player, 1).ran('buildLineup', 1).complete(player);
  expect(judgeEvents(early.events).map(({ rule }) => rule)).toEqual(['upstream_in_flight']);
});

/** Players that run without an offence, by a bypass that was put on record by `audit`, before or after. */
const waived = (entryId: string, isAfter = false): Story => {
  const audit = { entries: [{ entryId, kind: 'bypass', evidence: { bypassId: entryId } }] };
  const recorded = (story: Story): Story =>
    story.start('appendAudit', 1, audit).complete('appendAudit', { isNew: true });
  const story = isAfter ? one() : recorded(one());
  const waiver = { tables: ['team_offense_game_summary'], bypassId: 'b-1' };
  story.gate(yesTo('Offense')).start(offence, 1).gate(yes).start(player, 1, { waiver }).complete(player);
  return isAfter ? recorded(story) : story;
};

test.each<readonly [what: string, story: Story, carried: readonly string[], rules: readonly Rule[]]>([
  ['on record', waived('b-1'), [], []],
  ['on record of the run before', waived('another'), ['b-1'], []],
  ['of which nothing is on record', waived('another'), [], ['bypass_not_on_record']],
  ['on record when it was too late', waived('b-1', true), [], ['bypass_not_on_record']],
])('players without an offence, by a bypass %s', (_what, { events }, carried, rules) => {
  expect(judgeEvents(events, new Set(carried)).map(({ rule }) => rule)).toEqual(rules);
});

test('a sentence says which event is wrong, and why', () => {
  expect(judgeEvents(one().teams(1).gate(no).ran(player, 1).events)).toEqual([
    {
      rule: 'gate_said_no',
      eventId: 32,
      sentence:
        'buildPlayerGameSummary of pass 1 was scheduled (event 32) though the newest check (event 26, closed at 29) ' +
        'said that it cannot run: missing team_offense_game_summary',
    },
  ]);
});

describe('histories as the server returns them', () => {
  const json = (value: unknown): { payloads: unknown[] } => {
    const { metadata, data } = defaultPayloadConverter.toPayload(value);
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    return {
      payloads: [{ metadata: { encoding: base64(metadata!['encoding']!) }, data: base64(data!) }],
    };
  };

  /** The wire's shape of a history by hand. */
  const toWire = (events: readonly OrderEvent[]): ReturnType<typeof historyFromJSON> =>
    historyFromJSON({
      events: [
        {
          eventId: '1',
          eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
          workflowExecutionStartedEventAttributes: {},
        },
        ...events.map((event) => {
          const eventId = String(event.eventId);
          if (event.kind === 'scheduled')
            return {
              eventId,
              eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
              activityTaskScheduledEventAttributes: {
                activityType: { name: event.activity },
                input: json(event.input),
              },
            };
          const scheduledEventId = String(event.scheduledEventId);
          if (event.kind === 'completed')
            return {
              eventId,
              eventType: 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED',
              activityTaskCompletedEventAttributes: {
                scheduledEventId,
                ...(event.result === undefined ? {} : { result: json(event.result) }),
              },
            };
          const name = { failed: 'Failed', 'timed out': 'TimedOut', 'was cancelled': 'Canceled' }[event.how];
          const type = { failed: 'FAILED', 'timed out': 'TIMED_OUT', 'was cancelled': 'CANCELED' }[event.how];
          return {
            eventId,
            eventType: `EVENT_TYPE_ACTIVITY_TASK_${type}`,
            [`activityTask${name}EventAttributes`]: { scheduledEventId },
          };
        }),
      ],
    });

  test('the activities come out as they went in, and are judged alike', () => {
    const story = one().teams(1, settled('quarantined')).players(1).recorded(1);
    for (const how of hows) story.gate(yesTo('Defense')).start(defence, 1).end(defence, how);
    expect(orderEvents(toWire(story.events))).toEqual(story.events);
    expect(judgeHistory(toWire(story.events))).toMatchObject(judgeEvents(story.events));
    expect(judgeEvents(story.events)).toHaveLength(1);
  });

  describe('of dates that share a run', () => {
    const other = '2024-10-23';
    /** The story as two dates have it together; `ofOther` makes its own answers for the second of them. */
    const shared = (
      story: Story,
      ofOther: (activity: string, result: unknown) => unknown = (_, same) => same,
    ) => {
      const names = new Map<number, string>();
      return toWire(
        story.events.map((event): OrderEvent => {
          if (event.kind === 'scheduled') {
            names.set(event.eventId, event.activity);
            const input = [event.input, { ...(event.input as object), gameDate: other }];
            return { ...event, activity: `${event.activity}OfDates`, input };
          }
          if (event.kind === 'ended') return event;
          const own = ofOther(names.get(event.scheduledEventId) ?? '', event.result);
          return {
            ...event,
            result: [
              { answer: event.result },
              own === null ? { failed: 'it did not come' } : { answer: own },
            ],
          };
        }),
      );
    };

    test('each is judged by itself', () => {
      const right = one().teams(1).players(1).recorded(1);
      expect(judgeHistory(shared(right))).toEqual([]);
      expect([...orderEventsByDate(shared(right)).keys()]).toEqual(['2024-10-22', other]);
      const ofBoth = [...orderEventsByDate(shared(right)).values()].flat();
      expect(countPlayerActivities(ofBoth)).toBe(2);
      const unpublished = shared(right, (activity, result) =>
        activity === offence ? settled('failed') : result,
      );
      expect(judgeHistory(unpublished).map(({ rule }) => rule)).toEqual(['upstream_not_published']);
      const refused = shared(right, (activity, result) => (activity === gate ? { verdicts: [no] } : result));
      expect(judgeHistory(refused).map(({ rule }) => rule)).toContain('unreadable');
    });

    test('a part that failed is no publication', () => {
      const right = one().teams(1).players(1).recorded(1);
      const failed = shared(right, (activity, result) => (activity === offence ? null : result));
      expect(judgeHistory(failed)).toMatchObject([{ rule: 'upstream_not_published' }]);
    });
  });

  test('what cannot be decoded is no proof, and without events there is nothing to judge', () => {
    const history = toWire(one().teams(1).players(1).events);
    const completed = (history.events ?? []).flatMap(
      (event) => event.activityTaskCompletedEventAttributes ?? [],
    );
    // All but the first look, which has the plan.
    for (const { result } of completed.slice(1))
      for (const payload of result?.payloads ?? []) payload.data = Buffer.from('{ cut o');
    expect(judgeHistory(history).map(({ rule }) => rule)).toEqual(['upstream_not_published', 'no_gate']);
    expect(judgeHistory({})).toEqual([]);
  });
});
