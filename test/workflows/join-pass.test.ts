/** Which requests join a pass that waits, and which have it planned anew. */
import type { DateState } from '../../src/contracts/date-state';
import type { TriggerMessage } from '../../src/contracts/messages';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import type { ProcessorName } from '../../src/contracts/phase3';
import { planPass } from '../../src/plan/plan-pass';
import type { PlannedLevel } from '../../src/plan/registry';
import { isPastJoining, mayJoin } from '../../src/workflows/join-pass';
import type { DateEvent } from '../../src/workflows/date-events';
import { reduce } from '../../src/workflows/reduce';
import { initialState } from '../../src/workflows/run-state';
import { defense, gameDate, heldVerdict, offense, player, resultOf } from '../support/fixtures';

const at = '2025-01-16T08:00:00.000Z';
const clock = '2025-01-16T09:00:00.000Z';
const nothingYet = { also: [], published: [], unsatisfied: [], results: {} };
const all = planPass({ ...nothingYet, requests: [{ source: 'nbac_gamebook_player_stats' }] });
const playersOnly = all.slice(1);

function ask(fields: Partial<TriggerMessage> = {}): TriggerMessage {
  return { requestId: 'r2', kind: 'trigger', source: 'nbac_team_boxscore', ...fields };
}

interface Pass {
  readonly levels?: readonly PlannedLevel[];
  readonly events?: readonly DateEvent[];
  readonly waiting?: readonly ProcessorName[];
  readonly patient?: boolean;
  readonly now?: string;
  readonly published?: Record<ProcessorName, number>;
  readonly freed?: readonly ProcessorName[];
  /** When the request is looked at; the pass opened at `at`. */
  readonly askedAt?: string;
}

/** Whether requests join a pass; unless something else is said, one that waits at level 1 and has all before it. */
function joins(pass: Pass, ...inbox: readonly TriggerMessage[]): boolean {
  const {
    levels = all,
    events = [],
    waiting = [offense, defense],
    patient = true,
    now,
    published = {},
    freed = [],
    askedAt = at,
  } = pass;
  const state = [
    { type: 'passOpened', pass: 1, at } as const,
    { type: 'planned', levels } as const,
    ...events,
  ].reduce<DateState>(reduce, initialState(gameDate));
  const level = levels.find(({ processors }) => waiting.every((name) => processors.includes(name)));
  const opened = {
    policy: policyNow(defaultPolicySettings, {}, () => new Date(at)),
    published,
    unsatisfied: [],
    ...{ standing: [], auditHead: null, troubleSince: null },
  };
  const context = {
    ...{ date: { state, inbox: [...inbox] }, pass: { startedAt: at }, patient, opened },
    ...{ overrides: now === undefined ? {} : { now }, freed: new Set(freed) },
  };
  return mayJoin(context, level!, new Set(waiting)) && !isPastJoining(context, askedAt);
}

const atLevel2: Pass = {
  waiting: [player],
  events: [
    { type: 'settled', result: resultOf(offense), at },
    { type: 'settled', result: resultOf(defense), at },
    { type: 'gateJudged', level: 2, verdicts: [heldVerdict(player)], at },
  ],
};

test.each<[string, Pass, readonly TriggerMessage[]]>([
  ['news of what it waits for', {}, [ask()]],
  ['news of a later level', {}, [ask({ source: 'nbac_gamebook_player_stats' })]],
  ['the same, asked by a person', {}, [ask({ kind: 'run' })]],
  ['a backfill: the pass waits for others anyway', {}, [ask({ kind: 'backfill', replyTo: 'backfill-1' })]],
  ['one processor of several', {}, [ask({ processors: [defense] })]],
  ['many at once', {}, [ask(), ask({ requestId: 'r3' }), ask({ requestId: 'r4', processors: [player] })]],
  ['the players, while the players wait', atLevel2, [ask({ processors: [player] })]],
  ['a clock that the pass goes by', { now: clock }, [ask({ overrides: { now: clock } })]],
  ['no clock, where the pass goes by one', { now: clock }, [ask()]],
  ['one that comes 59 minutes after the pass opened', { askedAt: '2025-01-16T08:59:59.999Z' }, [ask()]],
  ['what brings its published downstream, which is planned', { published: { [player]: 1 } }, [ask()]],
])('%s joins', (_, pass, inbox) => {
  expect(joins(pass, ...inbox)).toBe(true);
});

test.each<[string, Pass, readonly TriggerMessage[]]>([
  ['nothing', {}, []],
  ['a processor that is not planned', { levels: playersOnly, waiting: [player] }, [ask()]],
  ['one that has come to something', atLevel2, [ask()]],
  ['one that runs, while its sibling waits', { waiting: [defense] }, [ask()]],
  [
    'the downstream that is published and not planned',
    { levels: all.slice(0, 1), published: { [player]: 1 } },
    [ask()],
  ],
  ['a rerun', {}, [ask({ kind: 'rerun', by: 'ana', reason: 'the rows were wrong' })]],
  ['a bypass', {}, [ask({ kind: 'bypass' })]],
  ['a recheck', {}, [ask({ kind: 'recheck' })]],
  ['a restore', {}, [ask({ kind: 'restore', processors: [offense], version: 1 })]],
  ['another clock', {}, [ask({ overrides: { now: clock } })]],
  ['a source that sets off nothing', {}, [ask({ source: 'nbac_nothing' })]],
  ['a pass that asks once', { patient: false }, [ask()]],
  ['a pass whose policy is an hour old', { askedAt: '2025-01-16T09:00:00.000Z' }, [ask()]],
  [
    'a processor that the pass tries only to be rid of its bypass',
    { ...atLevel2, freed: [player] },
    [ask({ processors: [player] })],
  ],
  ['the same of a later level', { freed: [player] }, [ask({ source: 'nbac_gamebook_player_stats' })]],
  ['one that would join beside one that would not', {}, [ask(), ask({ kind: 'rerun' })]],
])('%s does not join', (_, pass, inbox) => {
  expect(joins(pass, ...inbox)).toBe(false);
});
