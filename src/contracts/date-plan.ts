/**
 * A plan of a backfill: what a run of each date would do, and all that this rests on. It is written to a file, handed on and
 * applied later, so its fields are those of the file.
 */
import * as v from 'valibot';
import { gameDate, instant, nameText, processorName, tableName } from './fields';
import { closed } from './schema';

/**
 * How a processor's table stands on a date. `published`, `unchanged`: live and current, by the last run's word · `partial`: current, without some
 * games · `held`: games break a rule and wait for a person · `bypassed`: it stands on a person's bypass · `pinned`: kept as a person restored
 * it · `stale`: live, and not what would be built now · `not_run`: its rows are loaded, and nothing was published · `missing`: its inputs are not
 * there · `failed`, `quarantined`: so its last run ended, or the next one would · `no_games`: nothing is to be built.
 */
export const nodeStates = [
  ...(['published', 'unchanged', 'partial', 'held', 'bypassed', 'pinned', 'stale'] as const),
  ...(['not_run', 'missing', 'failed', 'quarantined', 'no_games'] as const),
] as const;
export type NodeState = (typeof nodeStates)[number];

/**
 * What a stale version is stale by. `code`: its processor has another version · `upstream`: a table that it was built on · `rows`: somebody
 * changed what is stored · `adopted`: nobody knows what it was built from · `bypass`: what was missing has come.
 */
export const staleCauses = ['inputs', 'code', 'upstream', 'rows', 'adopted', 'bypass'] as const;
export type StaleCause = (typeof staleCauses)[number];

/** `build`: a run would build it · `keep`: it would leave it as it is · `wait`: it could do nothing, rows or a person are needed. */
const nodeActions = ['build', 'keep', 'wait'] as const;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.description('a whole number from 0'));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{16,64}$/), v.description('a hash in hexadecimal digits'));
const sentence = v.pipe(v.string(), v.maxLength(4_000), v.description('a text of at most 4000 characters'));
const names = v.array(nameText(100, 'a name'));

function oneOf<const N extends readonly string[]>(known: N) {
  return v.pipe(v.picklist(known), v.description(`one of ${known.join(', ')}`));
}

const node = closed({
  processor: processorName,
  table: tableName,
  state: oneOf(nodeStates),
  /** Null where it is not stale. */
  because: v.nullable(oneOf(staleCauses)),
  /** Why it stands so: a clause. */
  reason: sentence,
  action: oneOf(nodeActions),
  /** The live version; null where there is none. */
  version: v.nullable(count),
  /** Of the inputs that would be built from; null where nothing would be built. */
  fingerprint: v.nullable(hash),
  /** Games that are lacking. */
  lacking: names,
});
export type PlannedNode = v.InferOutput<typeof node>;

/** Rows of a raw table, without when they came: so that it can be said which table moved. */
const rawTable = closed({ table: tableName, rows: count, hash });
export type PlannedRaw = v.InferOutput<typeof rawTable>;

const date = closed({
  game_date: gameDate,
  /** Games that are to be played, by the calendar. */
  games: count,
  /** Whether a run has the date open. */
  open: v.boolean(),
  /** In the order in which they would run. */
  nodes: v.array(node),
  raw: v.array(rawTable),
});
export type PlannedDate = v.InferOutput<typeof date>;

const code = closed({
  processor: processorName,
  version: nameText(100, 'the version of a processor'),
  source_hash: v.nullable(nameText(100, 'a hash')),
});

/** What the dates were judged with: where one of these is another, every date may be. */
const basis = closed({
  /** Of the declarations of all processors: levels, inputs, triggers, time limits. */
  plan_hash: hash,
  commit: v.nullable(nameText(200, 'a commit')),
  code: v.array(code),
  warehouse: nameText(50, 'the kind of a warehouse'),
  location: sentence,
  prefix: v.nullable(nameText(100, 'the prefix of datasets')),
  ready_share: v.number(),
  old_after_days: v.number(),
  rebuilds_team_rows: v.boolean(),
});
export type PlanBasis = v.InferOutput<typeof basis>;

const span = closed({ p50: v.number(), p90: v.number() });

const estimate = closed({
  dates: count,
  nodes: count,
  /** Operations of the warehouse. */
  statements: count,
  /** Rows of the raw tables that are read. */
  rows: count,
  /** That BigQuery says it would process; null where it is not BigQuery. */
  bytes: v.nullable(count),
  /** Null where no run is on record that says how long one takes. */
  seconds: v.nullable(span),
  /** Passes that the time is taken from. */
  passes: count,
  concurrency: count,
});
export type PlanEstimate = v.InferOutput<typeof estimate>;

export const planFormat = 'phase3-plan/1';

export const planDocument = closed({
  format: v.literal(planFormat),
  from: gameDate,
  to: gameDate,
  /** Null for all. */
  processors: v.nullable(names),
  /** When the dates were judged, by the worker's clock. */
  planned_at: instant,
  /** The fixed "now" that ages are judged by; null for the clock. */
  now: v.nullable(instant),
  basis,
  dates: v.array(date),
  estimate,
  /** Of all that stands before it. */
  hash,
});
export type PlanDocument = v.InferOutput<typeof planDocument>;
