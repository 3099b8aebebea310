/**
 * The judge of the order: from the history of one run, whether any player activity was scheduled before the offence of
 * its pass had completed and published, or without a gate that said so. Pure.
 */
import type { Activities } from '../../src/contracts/activities';
import type { ProcessorName } from '../../src/contracts/phase3';
import type { TableName } from '../../src/tables/catalogue';
import { carriedDecisions, orderEvents, type History, type OrderEvent } from './history-events';

export type Rule =
  /** What a rule needs to know could not be read from the history. */
  | 'unreadable'
  /** An offence activity of the run was under way when the player's was scheduled. */
  | 'offence_in_flight'
  /** The newest offence activity of the pass did not publish, and was not found unchanged either. */
  | 'offence_not_published'
  /** No gate of the pass had judged the player. */
  | 'no_gate'
  /** The newest gate of the pass did not let the player run. */
  | 'gate_said_no'
  /** The gate that let the player run was asked before the newest offence activity had closed. */
  | 'gate_too_old'
  /** An offence activity was scheduled while the player's was under way. */
  | 'offence_during_player'
  /** An offence activity of the pass came after a player activity that had already settled. */
  | 'offence_after_player'
  /** The player ran without an offence by a bypass that was not on record when it was scheduled. */
  | 'bypass_not_on_record';

export interface Violation {
  readonly rule: Rule;
  /** The event with which the player activity was scheduled. */
  readonly eventId: number;
  readonly sentence: string;
}

const playerActivity = 'buildPlayerGameSummary' satisfies keyof Activities;
const offenceActivity = 'buildTeamOffenseGameSummary' satisfies keyof Activities;
const gateActivity = 'checkDependencies' satisfies keyof Activities;
const auditActivity = 'appendAudit' satisfies keyof Activities;
const offenceTable = 'team_offense_game_summary' satisfies TableName;
const playerProcessor = 'PlayerGameSummaryProcessor' satisfies ProcessorName;

/** An activity over its whole life. Retries are attempts of one activity and have no events of their own. */
interface Activity {
  readonly name: string;
  readonly scheduledAt: number;
  readonly input: unknown;
  /** The pass it says it belongs to; null when its input names none. */
  readonly pass: number | null;
  /** Null while it is under way. */
  readonly end: Exclude<OrderEvent, { kind: 'scheduled' }> | null;
}

/** Judges one run from its history as the server returns it. A run that was continued has a history of its own. */
export function judgeHistory(history: History): Violation[] {
  return judgeEvents(orderEvents(history), carriedDecisions(history));
}

/**
 * Judges one run from its decoded events, given in the order of the history. `carried` are the ids of decisions that the
 * run before it has put on record.
 */
export function judgeEvents(
  events: readonly OrderEvent[],
  carried: ReadonlySet<string> = new Set(),
): Violation[] {
  const activities = activitiesOf(events);
  return activities
    .filter(({ name }) => name === playerActivity)
    .flatMap((player) => judgePlayer(player, activities, carried));
}

/** How many player activities a run has scheduled. */
export function countPlayerActivities(events: readonly OrderEvent[]): number {
  return events.filter((event) => event.kind === 'scheduled' && event.activity === playerActivity).length;
}

function activitiesOf(events: readonly OrderEvent[]): Activity[] {
  const ends = new Map(
    events.flatMap((event) => (event.kind === 'scheduled' ? [] : [[event.scheduledEventId, event] as const])),
  );
  return events.flatMap((event) =>
    event.kind === 'scheduled'
      ? [
          {
            name: event.activity,
            scheduledAt: event.eventId,
            input: event.input,
            pass: passOf(event.input),
            end: ends.get(event.eventId) ?? null,
          },
        ]
      : [],
  );
}

function judgePlayer(
  player: Activity,
  activities: readonly Activity[],
  carried: ReadonlySet<string>,
): Violation[] {
  const offences = activities.filter(({ name }) => name === offenceActivity);
  const earlier = offences.filter((offence) => offence.scheduledAt < player.scheduledAt);
  const waiver = offenceWaiverOf(player);
  // A person has decided that it runs without an offence: then where that stands is no rule, but that it is on record is.
  const found = waiver
    ? [
        ...unreadable(player, offences),
        ...gate(player, [], activities),
        ...onRecord(player, waiver, activities, carried),
      ]
    : [
        ...unreadable(player, offences),
        ...inFlight(player, earlier),
        ...newestOfPass(player, earlier),
        ...gate(player, earlier, activities),
        ...offenceMeanwhile(player, offences),
      ];
  return found.map(([rule, what]) => ({
    rule,
    eventId: player.scheduledAt,
    sentence: `${playerActivity} of pass ${player.pass ?? '?'} was scheduled (event ${player.scheduledAt}) ${what}`,
  }));
}

type Finding = readonly [Rule, string];

/** The bypass by which the player runs without an offence; null when it needs one. */
function offenceWaiverOf({ input }: Activity): { readonly bypassId: string } | null {
  const waiver = recordOf(recordOf(input)?.['waiver']);
  const tables: unknown = waiver?.['tables'];
  const bypassId: unknown = waiver?.['bypassId'];
  if (!Array.isArray(tables) || !tables.includes(offenceTable) || typeof bypassId !== 'string') return null;
  return { bypassId };
}

function onRecord(
  player: Activity,
  { bypassId }: { readonly bypassId: string },
  activities: readonly Activity[],
  carried: ReadonlySet<string>,
): Finding[] {
  const isWritten = activities.some(
    (activity) =>
      activity.name === auditActivity &&
      activity.end?.kind === 'completed' &&
      closedBefore(activity, player.scheduledAt) &&
      entriesOf(activity).some((entry) => entry['entryId'] === bypassId && entry['kind'] === 'bypass'),
  );
  return isWritten || carried.has(bypassId)
    ? []
    : [['bypass_not_on_record', `by bypass ${bypassId}, which was not on record before`]];
}

function entriesOf({ input }: Activity): Readonly<Record<string, unknown>>[] {
  const entries: unknown = recordOf(input)?.['entries'];
  if (!Array.isArray(entries)) return [];
  return entries.map(recordOf).filter((entry) => entry !== null);
}

function unreadable(player: Activity, offences: readonly Activity[]): Finding[] {
  return [
    ...(player.pass === null ? [['unreadable', 'with an input that names no pass'] as const] : []),
    ...offences
      .filter((offence) => offence.pass === null)
      .map(
        ({ scheduledAt }) =>
          [
            'unreadable',
            `beside ${offenceActivity} (event ${scheduledAt}), whose input names no pass`,
          ] as const,
      ),
  ];
}

function inFlight(player: Activity, earlier: readonly Activity[]): Finding[] {
  return earlier
    .filter((offence) => !closedBefore(offence, player.scheduledAt))
    .map(({ scheduledAt, pass, end }) => [
      'offence_in_flight',
      `while ${offenceActivity} of pass ${pass ?? '?'} (event ${scheduledAt}) was under way; ` +
        (end ? `that closed at event ${end.eventId}` : 'the history has no end of it'),
    ]);
}

function newestOfPass(player: Activity, earlier: readonly Activity[]): Finding[] {
  const newest = earlier.filter((offence) => offence.pass !== null && offence.pass === player.pass).at(-1);
  // One that is under way is reported as that.
  if (!newest?.end || !closedBefore(newest, player.scheduledAt)) return [];
  const outcome = outcomeOf(newest.end);
  if (outcome === 'published' || outcome === 'unchanged') return [];
  return [
    [
      'offence_not_published',
      `though the newest ${offenceActivity} of its pass (event ${newest.scheduledAt}) ended ${outcome} ` +
        `(event ${newest.end.eventId})`,
    ],
  ];
}

/** The newest answer about the player counts, and a gate that could not be asked is an answer: no. */
function gate(player: Activity, earlier: readonly Activity[], activities: readonly Activity[]): Finding[] {
  // A gate's input names no pass; it belongs to the one whose activities surround it.
  const passBegan = Math.max(
    0,
    ...activities
      .filter(
        ({ pass, scheduledAt }) => pass !== null && pass !== player.pass && scheduledAt < player.scheduledAt,
      )
      .map(({ scheduledAt }) => scheduledAt),
  );
  const newest = activities
    .filter(
      (activity) =>
        activity.name === gateActivity &&
        activity.scheduledAt > passBegan &&
        closedBefore(activity, player.scheduledAt) &&
        isAboutPlayer(activity),
    )
    .sort((a, b) => (a.end?.eventId ?? 0) - (b.end?.eventId ?? 0))
    .at(-1);
  if (!newest?.end)
    return [['no_gate', `before any ${gateActivity} of its pass had judged ${playerProcessor}`]];

  const found: Finding[] = [];
  const refusal = refusalOf(newest.end);
  if (refusal !== null)
    found.push([
      'gate_said_no',
      `though the newest gate (event ${newest.scheduledAt}, closed at ${newest.end.eventId}) ${refusal}`,
    ]);
  const offenceClosed = earlier.filter(({ end }) => end && end.eventId > newest.scheduledAt).at(-1);
  if (offenceClosed && closedBefore(offenceClosed, player.scheduledAt))
    found.push([
      'gate_too_old',
      `on a gate that was asked at event ${newest.scheduledAt}, before ${offenceActivity} ` +
        `(event ${offenceClosed.scheduledAt}) closed at event ${offenceClosed.end?.eventId ?? '?'}`,
    ]);
  return found;
}

/**
 * No offence may start under a player. After it, one of the same pass may, but only when the player had stopped without
 * settling: then the pass was planned anew, and the player runs again behind that offence.
 */
function offenceMeanwhile(player: Activity, offences: readonly Activity[]): Finding[] {
  const { end } = player;
  const later = offences.filter((offence) => offence.scheduledAt > player.scheduledAt);
  const meanwhile = later.filter(({ scheduledAt }) => end === null || scheduledAt < end.eventId);
  const stopped = end !== null && ['upstream_moved', 'not_ready'].includes(outcomeOf(end));
  const after = later.filter((offence) => offence.pass === player.pass && !meanwhile.includes(offence));
  return [
    ...meanwhile.map(
      ({ scheduledAt, pass }) =>
        [
          'offence_during_player',
          `and ${end ? `closed at event ${end.eventId}` : 'has not closed'}, but ${offenceActivity} of pass ` +
            `${pass ?? '?'} was scheduled in between (event ${scheduledAt})`,
        ] as const,
    ),
    ...(stopped ? [] : after).map(
      ({ scheduledAt }) =>
        [
          'offence_after_player',
          `and settled (event ${end?.eventId ?? '?'}), but ${offenceActivity} of the same pass came after it ` +
            `(event ${scheduledAt})`,
        ] as const,
    ),
  ];
}

function closedBefore({ end }: Activity, eventId: number): boolean {
  return end !== null && end.eventId < eventId;
}

/** A processor activity's outcome, or in a word why it has none. */
function outcomeOf(end: NonNullable<Activity['end']>): string {
  if (end.kind === 'ended') return end.how;
  const answer = recordOf(end.result);
  const outcome = answer?.['kind'] === 'settled' ? recordOf(answer['result'])?.['outcome'] : answer?.['kind'];
  return typeof outcome === 'string' ? outcome : 'with a result that cannot be read';
}

/** Whether a check spoke of the player. One that found its turn not come says nothing of it. */
function isAboutPlayer({ end }: Activity): boolean {
  return end?.kind === 'completed' && verdictOn(end.result) !== null;
}

/** Why a gate does not let the player run; null when it does. */
function refusalOf(end: NonNullable<Activity['end']>): string | null {
  if (end.kind === 'ended') return `${end.how} and gave no verdict`;
  const verdict = verdictOn(end.result);
  if (!verdict) return `gave no verdict on ${playerProcessor}`;
  if (verdict['canRun'] !== true) return `said that it cannot run${missingIn(verdict)}`;
  const missing: unknown = verdict['missing'];
  if (!Array.isArray(missing)) return 'gave a verdict that does not say what is missing';
  return missing.length > 0 ? `said that it can run, but not without gaps${missingIn(verdict)}` : null;
}

function missingIn(verdict: Readonly<Record<string, unknown>>): string {
  const missing: unknown = verdict['missing'];
  return Array.isArray(missing) && missing.length > 0 ? `: missing ${missing.map(String).join(', ')}` : '';
}

function verdictOn(result: unknown): Readonly<Record<string, unknown>> | null {
  const verdicts: unknown = recordOf(result)?.['verdicts'];
  if (!Array.isArray(verdicts)) return null;
  return verdicts.map(recordOf).find((verdict) => verdict?.['processor'] === playerProcessor) ?? null;
}

function passOf(input: unknown): number | null {
  const pass = recordOf(input)?.['pass'];
  return typeof pass === 'number' ? pass : null;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
