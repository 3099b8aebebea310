/** The judge of the order must find every way in which a history can be wrong, and nothing in the right ones. */
import { defaultPayloadConverter } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { orderEvents, type OrderEvent } from '../../scripts/verify/history-events';
import { countPlayerActivities, judgeEvents, judgeHistory } from '../../scripts/verify/judge-history';

const offence = 'buildTeamOffenseGameSummary';
const defence = 'buildTeamDefenseGameSummary';
const player = 'buildPlayerGameSummary';

/** Writes a history by hand. Event ids leave gaps, as the workflow tasks between them do. */
class Story {
  readonly events: OrderEvent[] = [];
  private next = 5;

  /** Schedules an activity; returns its event id. */
  schedule(activity: string, input: unknown): number {
    const eventId = this.id();
    this.events.push({ kind: 'scheduled', eventId, activity, input });
    return eventId;
  }

  complete(scheduledEventId: number, result: unknown): number {
    const eventId = this.id();
    this.events.push({ kind: 'completed', eventId, scheduledEventId, result });
    return eventId;
  }

  end(scheduledEventId: number, how: 'failed' | 'timed out' | 'was cancelled'): number {
    const eventId = this.id();
    this.events.push({ kind: 'ended', eventId, scheduledEventId, how });
    return eventId;
  }

  openPass(pass: number): this {
    this.complete(this.schedule('openPass', { gameDate: '2024-10-22', runId: 'r', pass }), { published: {} });
    return this;
  }

  recordPass(pass: number): this {
    this.complete(this.schedule('recordPass', { gameDate: '2024-10-22', runId: 'r', pass }), undefined);
    return this;
  }

  /** A processor from start to end. */
  ran(activity: string, pass: number, result: unknown = settled('published')): this {
    this.complete(this.build(activity, pass), result);
    return this;
  }

  /** A processor that is only started. */
  build(activity: string, pass: number): number {
    return this.schedule(activity, { gameDate: '2024-10-22', runId: 'r', pass, processor: activity });
  }

  gate(verdicts: readonly Verdict[]): this {
    this.complete(this.askGate(verdicts), verdicts);
    return this;
  }

  askGate(verdicts: readonly Verdict[]): number {
    return this.schedule('checkDependencies', {
      gameDate: '2024-10-22',
      processors: verdicts.map(({ processor }) => processor),
    });
  }

  /** The first level as it should be: gate, then both teams side by side. */
  teams(pass: number, offenceResult: unknown = settled('published')): this {
    this.gate([yes('TeamOffenseGameSummaryProcessor'), yes('TeamDefenseGameSummaryProcessor')]);
    const [first, second] = [this.build(offence, pass), this.build(defence, pass)];
    this.complete(second, settled('published'));
    this.complete(first, offenceResult);
    return this;
  }

  /** The second level as it should be. */
  players(pass: number, result: unknown = settled('published')): this {
    return this.gate([yes()]).ran(player, pass, result);
  }

  rules(): string[] {
    return judgeEvents(this.events).map(({ rule }) => rule);
  }

  private id(): number {
    this.next += 3;
    return this.next;
  }
}

interface Verdict {
  processor: string;
  canRun: boolean;
  missing: string[];
}

const playerProcessor = 'PlayerGameSummaryProcessor';
const yes = (processor = playerProcessor): Verdict => ({ processor, canRun: true, missing: [] });
const no = (processor = playerProcessor): Verdict => ({
  processor,
  canRun: false,
  missing: ['team_offense_game_summary'],
});
const settled = (outcome: string): unknown => ({ kind: 'settled', result: { processor: 'P', outcome } });
const moved = { kind: 'upstream_moved', detail: 'it moved' };
const notReady = { kind: 'not_ready', detail: 'missing since the gate opened' };

describe('histories in order', () => {
  test('a pass from gate to players', () => {
    const story = new Story().openPass(1).teams(1).players(1).recordPass(1);
    expect(story.rules()).toEqual([]);
    expect(countPlayerActivities(story.events)).toBe(1);
  });

  test('an offence that is unchanged counts as published', () => {
    expect(new Story().openPass(1).teams(1, settled('unchanged')).players(1).rules()).toEqual([]);
  });

  test('players alone, on an offence that an earlier run published: the gate is the proof', () => {
    expect(new Story().openPass(1).players(1).rules()).toEqual([]);
  });

  test('an offence that fails, without players', () => {
    const story = new Story().openPass(1).teams(1, settled('quarantined')).recordPass(1);
    expect(story.rules()).toEqual([]);
    expect(countPlayerActivities(story.events)).toBe(0);
  });

  test('a defence that fails or is still under way does not concern the players', () => {
    const story = new Story()
      .openPass(1)
      .gate([yes('TeamOffenseGameSummaryProcessor')])
      .ran(offence, 1);
    story.build(defence, 1);
    expect(story.players(1).rules()).toEqual([]);
  });

  test('a gate that refuses first and agrees later', () => {
    expect(new Story().openPass(1).teams(1).gate([no()]).gate([no()]).players(1).rules()).toEqual([]);
  });

  test('a failed gate that is followed by one that agrees', () => {
    const story = new Story().openPass(1).teams(1);
    story.end(story.askGate([yes()]), 'timed out');
    expect(story.players(1).rules()).toEqual([]);
  });

  test('two passes, the second of which rebuilds both', () => {
    const story = new Story().openPass(1).teams(1).players(1).recordPass(1);
    story.openPass(2).teams(2, settled('unchanged')).players(2, settled('unchanged')).recordPass(2);
    expect(story.rules()).toEqual([]);
    expect(countPlayerActivities(story.events)).toBe(2);
  });

  test('a second pass of players alone, after a first whose offence failed', () => {
    const story = new Story().openPass(1).teams(1, settled('failed')).recordPass(1);
    expect(story.openPass(2).players(2).rules()).toEqual([]);
  });

  test('a replan: the first offence of the pass moved, the second published', () => {
    expect(new Story().openPass(1).teams(1, moved).teams(1).players(1).rules()).toEqual([]);
  });

  test.each([
    ['upstream_moved', moved],
    ['not_ready', notReady],
  ])('a replan: the players stopped with %s and run again behind a new offence', (_name, result) => {
    const story = new Story().openPass(1).teams(1).players(1, result);
    expect(story.gate([no()]).teams(1).players(1).rules()).toEqual([]);
  });

  test('a run that ends while the players are under way', () => {
    const story = new Story().openPass(1).teams(1).gate([yes()]);
    story.build(player, 1);
    expect(story.rules()).toEqual([]);
  });

  test('continue-as-new: the passes go on counting, each run is judged by itself', () => {
    const first = new Story().openPass(1).teams(1).players(1).recordPass(1);
    const second = new Story().openPass(2).teams(2).players(2).recordPass(2);
    expect([...first.rules(), ...second.rules()]).toEqual([]);
  });

  test('nothing at all', () => {
    expect(judgeEvents([])).toEqual([]);
  });
});

describe('planted faults', () => {
  test('swapped: the players before the offence of their pass', () => {
    const story = new Story().openPass(1).players(1).teams(1);
    expect(story.rules()).toEqual(['offence_after_player']);
  });

  test.each(['failed', 'timed out', 'was cancelled'] as const)(
    'swapped, where the player activity %s: it settled all the same',
    (how) => {
      const story = new Story().openPass(1).gate([yes()]);
      story.end(story.build(player, 1), how);
      expect(story.teams(1).rules()).toEqual(['offence_after_player']);
    },
  );

  test('both at once: the offence is scheduled, the player right behind it', () => {
    const story = new Story().openPass(1).gate([yes('TeamOffenseGameSummaryProcessor'), yes()]);
    const [first, second] = [story.build(offence, 1), story.build(player, 1)];
    story.complete(first, settled('published'));
    story.complete(second, settled('published'));
    expect(story.rules()).toEqual(['offence_in_flight']);
  });

  test('both at once, the player first', () => {
    const story = new Story().openPass(1).gate([yes('TeamOffenseGameSummaryProcessor'), yes()]);
    const [first, second] = [story.build(player, 1), story.build(offence, 1)];
    story.complete(second, settled('published'));
    story.complete(first, settled('published'));
    expect(story.rules()).toEqual(['offence_during_player']);
  });

  test('an offence that never closes', () => {
    const story = new Story().openPass(1);
    story.build(offence, 1);
    expect(story.players(1).rules()).toEqual(['offence_in_flight']);
  });

  test('an offence of an earlier pass that is still under way', () => {
    const story = new Story().openPass(1);
    const left = story.build(offence, 1);
    story.openPass(2).teams(2).players(2);
    story.complete(left, settled('published'));
    expect(story.rules()).toEqual(['offence_in_flight']);
  });

  test('an earlier offence of the pass is under way though a newer one has published', () => {
    const story = new Story().openPass(1);
    story.build(offence, 1);
    expect(story.teams(1).players(1).rules()).toEqual(['offence_in_flight']);
  });

  test.each(['failed', 'timed out', 'was cancelled'] as const)('the offence activity %s', (how) => {
    const story = new Story().openPass(1);
    story.end(story.build(offence, 1), how);
    expect(story.players(1).rules()).toEqual(['offence_not_published']);
  });

  test.each(['quarantined', 'failed', 'blocked', 'waiting', 'upstream_failed', 'skipped'])(
    'the offence settled as %s',
    (outcome) => {
      expect(new Story().openPass(1).teams(1, settled(outcome)).players(1).rules()).toEqual([
        'offence_not_published',
      ]);
    },
  );

  test.each([
    ['upstream_moved', moved],
    ['not_ready', notReady],
    ['nothing', null],
    ['a bare outcome', { outcome: 'published' }],
    ['a result that is none', { kind: 'settled', result: 'published' }],
  ])('the offence answered with %s', (_name, result) => {
    expect(new Story().openPass(1).teams(1, result).players(1).rules()).toEqual(['offence_not_published']);
  });

  test('a replan whose second offence is quarantined: the first one does not count any more', () => {
    const story = new Story().openPass(1).teams(1).teams(1, settled('quarantined'));
    expect(story.players(1).rules()).toEqual(['offence_not_published']);
  });

  test('no gate', () => {
    expect(new Story().openPass(1).teams(1).ran(player, 1).rules()).toEqual(['no_gate']);
  });

  test('a gate that judged others only', () => {
    const story = new Story()
      .openPass(1)
      .teams(1)
      .gate([yes('TeamDefenseGameSummaryProcessor')]);
    expect(story.ran(player, 1).rules()).toEqual(['no_gate']);
  });

  test('a gate that has not answered yet', () => {
    const story = new Story().openPass(1).teams(1);
    const asked = story.askGate([yes()]);
    story.ran(player, 1);
    story.complete(asked, [yes()]);
    expect(story.rules()).toEqual(['no_gate']);
  });

  test('only the gate of an earlier pass', () => {
    const story = new Story().openPass(1).teams(1).players(1).recordPass(1).openPass(2).ran(player, 2);
    expect(story.rules()).toEqual(['no_gate']);
  });

  test('a gate that says no', () => {
    const story = new Story().openPass(1).teams(1).gate([no()]).ran(player, 1);
    const [violation] = judgeEvents(story.events);
    expect(violation).toEqual({
      rule: 'gate_said_no',
      eventId: 38,
      sentence:
        'buildPlayerGameSummary of pass 1 was scheduled (event 38) though the newest gate (event 32, closed at 35) ' +
        'said that it cannot run: missing team_offense_game_summary',
    });
  });

  test('a gate that says yes and then no', () => {
    expect(new Story().openPass(1).teams(1).gate([yes()]).gate([no()]).ran(player, 1).rules()).toEqual([
      'gate_said_no',
    ]);
  });

  test('a gate that says yes, then one that fails', () => {
    const story = new Story().openPass(1).teams(1).gate([yes()]);
    story.end(story.askGate([yes()]), 'failed');
    expect(story.ran(player, 1).rules()).toEqual(['gate_said_no']);
  });

  test.each([
    ['can run, but names what is missing', [{ ...yes(), missing: ['nbac_schedule'] }]],
    ['does not say what is missing', [{ processor: playerProcessor, canRun: true }]],
    ['says yes in another type', [{ ...yes(), canRun: 'true' }]],
    ['has no verdict on the players', [yes('TeamDefenseGameSummaryProcessor')]],
    ['cannot be read', undefined],
  ])('a gate that %s', (_name, result) => {
    const story = new Story().openPass(1).teams(1);
    story.complete(story.askGate([yes()]), result);
    expect(story.ran(player, 1).rules()).toEqual(['gate_said_no']);
  });

  test('a gate that was asked before the offence closed', () => {
    const story = new Story().openPass(1);
    const running = story.build(offence, 1);
    const asked = story.askGate([yes()]);
    story.complete(running, settled('published'));
    story.complete(asked, [yes()]);
    expect(story.ran(player, 1).rules()).toEqual(['gate_too_old']);
  });

  test('a gate for both levels at once, asked before the offence ran', () => {
    const story = new Story().openPass(1).gate([yes('TeamOffenseGameSummaryProcessor'), yes()]);
    expect(story.ran(offence, 1).ran(player, 1).rules()).toEqual(['gate_too_old']);
  });

  test('the offence is started again while the players run', () => {
    const story = new Story().openPass(1).teams(1).gate([yes()]);
    const running = story.build(player, 1);
    story.ran(offence, 1);
    story.complete(running, settled('published'));
    expect(story.rules()).toEqual(['offence_during_player']);
  });

  test('the offence of a later pass is started while the players run, which do not close any more', () => {
    const story = new Story().openPass(1).teams(1).gate([yes()]);
    story.build(player, 1);
    expect(story.openPass(2).ran(offence, 2).rules()).toEqual(['offence_during_player']);
  });

  test('a second offence of the pass after the players have published', () => {
    const story = new Story().openPass(1).teams(1).players(1).ran(offence, 1);
    expect(story.rules()).toEqual(['offence_after_player']);
  });

  test('only the second of two passes is wrong', () => {
    const story = new Story().openPass(1).teams(1).players(1).recordPass(1);
    story.openPass(2).teams(2, settled('quarantined')).players(2);
    const violations = judgeEvents(story.events);
    expect(violations.map(({ rule }) => rule)).toEqual(['offence_not_published']);
    expect(violations[0]?.sentence).toContain('of pass 2');
  });

  test('only the second run of a chain is wrong: what the first proved does not carry over', () => {
    const first = new Story().openPass(1).teams(1).players(1).recordPass(1);
    const second = new Story().openPass(2).ran(player, 2);
    expect(first.rules()).toEqual([]);
    expect(second.rules()).toEqual(['no_gate']);
  });

  test('every fault is reported, not the first alone', () => {
    const story = new Story().openPass(1).gate([no()]);
    story.build(offence, 1);
    expect(story.ran(player, 1).rules()).toEqual(['offence_in_flight', 'gate_said_no']);
  });

  test('each of two player activities is judged', () => {
    const story = new Story().openPass(1).ran(player, 1).ran(player, 1);
    expect(story.rules()).toEqual(['no_gate', 'no_gate']);
  });

  test('inputs that name no pass prove nothing', () => {
    const story = new Story().openPass(1);
    story.complete(story.schedule(offence, undefined), settled('published'));
    story.gate([yes()]).ran(player, 1);
    expect(story.rules()).toEqual(['unreadable']);

    const nameless = new Story().openPass(1).teams(1).gate([yes()]);
    nameless.schedule(player, { gameDate: '2024-10-22' });
    expect(nameless.rules()).toContain('unreadable');
  });
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

  test('the activities come out as they went in', () => {
    const story = new Story().openPass(1).teams(1).players(1).recordPass(1);
    for (const how of ['failed', 'timed out', 'was cancelled'] as const)
      story.end(story.build(defence, 1), how);
    expect(orderEvents(toWire(story.events))).toEqual(story.events);
  });

  test('they are judged alike', () => {
    const good = new Story().openPass(1).teams(1).players(1);
    const bad = new Story().openPass(1).teams(1, settled('quarantined')).players(1);
    expect(judgeHistory(toWire(good.events))).toEqual([]);
    expect(judgeHistory(toWire(bad.events))).toEqual(judgeEvents(bad.events));
    expect(judgeEvents(bad.events)).toHaveLength(1);
  });

  test('what cannot be decoded is no proof', () => {
    const story = new Story().openPass(1).teams(1).players(1);
    const history = toWire(story.events);
    for (const { activityTaskCompletedEventAttributes: completed } of history.events ?? [])
      for (const payload of completed?.result?.payloads ?? []) payload.data = Buffer.from('{ cut o');
    expect(judgeHistory(history).map(({ rule }) => rule)).toEqual(['offence_not_published', 'gate_said_no']);
  });

  test('a history without events has nothing to judge', () => {
    expect(judgeHistory({})).toEqual([]);
  });
});
