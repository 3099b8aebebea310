/** The words that cross process boundaries: processors, outcomes, verdicts, policy. Plain JSON only. */
import type { ExpectedArrival } from './arrival';
import type { AppliedDecision, GameDecisionKind, SeenRule } from './game-decisions';
import type { PinStanding } from './pin';

/** A processor by its name, as the registry of `src/processors` has it. Checked where it comes in. */
export type ProcessorName = string;

/** A table that the dependency check judges, by its bare name. Checked where it comes in. */
export type InputTableName = string;

/**
 * What came of a processor on a date. They are told apart and never merged; only `published` and `unchanged`
 * satisfy a dependency.
 */
export type Outcome =
  | 'published'
  | 'unchanged'
  | 'waiting'
  | 'blocked'
  | 'quarantined'
  | 'failed'
  | 'upstream_failed'
  | 'skipped';

/** Whether its gate holds a processor up: it cannot run, and is not skipped either. */
export function isHeld({ canRun, skip }: Pick<GateVerdict, 'canRun' | 'skip'>): boolean {
  return !canRun && !skip;
}

/** Whether an outcome lets what depends on it run. */
export function isSatisfied(outcome: Outcome): boolean {
  return outcome === 'published' || outcome === 'unchanged';
}

/** Whether a date with this outcome still needs something, so that its workflow stays open. */
export function isUnsettled(outcome: Outcome): boolean {
  return outcome === 'waiting' || outcome === 'blocked' || outcome === 'quarantined';
}

/**
 * What a game is to a processor. `reconstructed`: a team row that never came is made from the team's players, and the game can
 * be built · `released`: its evidence breaks a blocking rule, and a person lets it be built · `held`: it breaks one ·
 * `disputed`: the same, and it is live · `discarded`: the same, and a person leaves it as it is · `left_out`: no game of the
 * season, by its id, or postponed. The others say what is missing.
 */
export type GameStatus =
  | 'ready'
  | 'reconstructed'
  | 'released'
  | 'missing'
  | 'placeholder'
  | 'partial'
  | 'not_final'
  | 'held'
  | 'disputed'
  | 'discarded'
  | 'left_out';

/** One figure of one row, as evidence. */
export interface Figure {
  readonly table: InputTableName;
  /** The row, by what tells it from others of the game: a team, a team and player, an id. */
  readonly row: string;
  readonly field: string;
  readonly value: string | number | boolean | null;
}

/** A rule of the game that its evidence breaks: a sentence, and the figures that contradict each other. */
export interface BrokenRule extends SeenRule {
  readonly detail: string;
  readonly figures: readonly Figure[];
}

/** What is wrong with a game: in which table, and a sentence. */
export interface GameFault<T extends InputTableName = InputTableName> {
  readonly status: Exclude<GameStatus, 'ready' | 'reconstructed' | 'released'>;
  readonly table: T;
  readonly detail: string;
  /** The blocking rules that it breaks, if it is held, disputed or discarded. */
  readonly broken?: readonly BrokenRule[];
  readonly decision?: AppliedDecision;
}

/** One game as the gate sees it. `detail` is a sentence; empty when ready. */
export interface GameVerdict {
  /** `YYYYMMDD_AWAY_HOME`. */
  gameId: string;
  status: GameStatus;
  /** The table at fault; null when ready. */
  table: InputTableName | null;
  detail: string;
  broken?: readonly BrokenRule[];
  /** A person's decision about it that is in force. */
  decision?: AppliedDecision;
  /** A person's decision by which figures of it are estimated. */
  estimate?: AppliedDecision;
  /** Its rows are live, and stay so until a person decides otherwise. */
  isLive?: true;
}

/** The bypasses that a result stands on: those of its ids that are no decisions about games. */
export function bypassesOf({
  bypassIds = [],
  decisions = {},
}: {
  readonly bypassIds?: readonly string[];
  readonly decisions?: ProcessorResult['decisions'];
}): string[] {
  return bypassIds.filter((id) => !Object.hasOwn(decisions, id));
}

/** The decisions that are in force about a game. */
export function decisionsAbout({
  decision,
  estimate,
}: Pick<GameVerdict, 'decision' | 'estimate'>): AppliedDecision[] {
  return [decision, estimate].filter((one) => one !== undefined);
}

/** Whether a processor can build the game from what is there. */
export function canBuild({ status }: Pick<GameVerdict, 'status'>): boolean {
  return status === 'ready' || status === 'reconstructed' || status === 'released';
}

/** Whether what is published has the game: with something that was reconstructed, with its live rows that are kept, or not at all. */
export function withOrWithout(game: Pick<GameVerdict, 'status' | 'isLive'>): 'with' | 'without' {
  return canBuild(game) || game.isLive ? 'with' : 'without';
}

/** Whether a date is partial for the sake of the game. One that is no game of the season, or that a person has seen to, is lacking in nothing. */
export function isLacking({ status }: Pick<GameVerdict, 'status'>): boolean {
  return !['ready', 'released', 'discarded', 'left_out'].includes(status);
}

/** Whether nothing waits for the game: it is held or discarded, live and kept, or no game that is played. */
export function isDecided({ status, isLive }: Pick<GameVerdict, 'status' | 'isLive'>): boolean {
  return status === 'held' || status === 'discarded' || status === 'left_out' || isLive === true;
}

export type TableStatus = 'ready' | 'insufficient_data' | 'check_failed';

/** The plan's details of one table: usable rows found, rows expected at the least. */
export interface TableDetail {
  found: number;
  expectedMin: number;
  status: TableStatus;
}

/** A published upstream partition that is no longer what it was built from, or not what was published. */
export interface StaleUpstream {
  processor: ProcessorName;
  reason: string;
  /** It is pinned, so nothing is built: a person is to look at the pin again. */
  isQuestioned?: true;
}

/** A person's bypass as a gate has applied it: the tables that were really missing. */
export interface AppliedBypass {
  bypassId: string;
  by: string;
  reason: string;
  tables: InputTableName[];
  /** ISO 8601, UTC: until when it holds. */
  until: string;
}

/** A gate passed by rule and not by a person; recorded with the partition. */
export interface PolicyBypass {
  kind: 'policy';
  rule: 'older_than_two_days';
  readyGames: number;
  finalGames: number;
}

/** The gate's answer for one processor, with its evidence. */
export interface GateVerdict {
  processor: ProcessorName;
  canRun: boolean;
  /** Set when there is nothing to do. */
  skip: 'no_games' | null;
  /** Tables that hold the processor up. */
  missing: InputTableName[];
  details: Record<InputTableName, TableDetail>;
  /** What contradicts a calendar without a game, as a clause. */
  contrary?: string;
  /** Every game that is not ready. */
  missingGames: GameVerdict[];
  readyGames: number;
  finalGames: number;
  policyBypass: PolicyBypass | null;
  /** The bypass without which the processor could not run. */
  bypass?: AppliedBypass | null;
  /** Set where its live version is pinned: then nothing is waited for. */
  pin?: PinStanding;
  staleUpstreams: StaleUpstream[];
  /** When missing tables are to be expected, from the dates before. */
  expected?: ExpectedArrival[];
  /** The sentence of the error when the warehouse could not be asked; then nothing else is known. */
  checkFailed: string | null;
}

/** The verdict on one processor of a date that is being run. */
export interface LookVerdict extends GateVerdict {
  /** Its level, without the upstreams that an open bypass waives. */
  level: number;
  /** The version that was live; 0 when none was. An attempt that finds a later one of its own pass has been repeated. */
  liveVersion: number;
}

/** A verdict before anything was found: closed. A function, so that nobody shares its lists. */
export function closedVerdict(processor: ProcessorName): GateVerdict {
  return {
    processor,
    canRun: false,
    skip: null,
    missing: [],
    details: {},
    missingGames: [],
    readyGames: 0,
    finalGames: 0,
    policyBypass: null,
    staleUpstreams: [],
    checkFailed: null,
  };
}

/** The verdict of a check that could not be made: never a pass. */
export function uncheckedVerdict(processor: ProcessorName, error: string): GateVerdict {
  return { ...closedVerdict(processor), checkFailed: error };
}

/** What comes of a processor that was not started, where no version of it is known. */
export function idleResult(processor: ProcessorName, outcome: Outcome, reason: string): ProcessorResult {
  return {
    ...{ processor, outcome, reason, version: null, rowCount: null },
    ...{ missing: [], missingGames: [], warnings: [], policyBypass: null },
  };
}

/** What judges age and patience. Read at the start of a pass, so that it is in the history. */
export interface Policy {
  /** "Now" for what judges age; `PHASE3_NOW` sets it. ISO 8601, UTC. */
  now: string;
  /** The date in New York at `now`. */
  today: string;
  /** Share of the final games that must be ready. */
  readyShare: number;
  /** A date at least this many days old runs with the games that are ready. */
  oldAfterDays: number;
  /** Back-off of the gate: first wait, factor two, longest wait. */
  firstWaitMs: number;
  longestWaitMs: number;
  /** Whether team rows that never came are rebuilt from their players. */
  rebuildsTeamRows: boolean;
  /** Whether the date has waited as long as it may: what can be done without what never came is done. */
  isPastDeadline?: boolean;
  /** How long a date waits before it is blocked. */
  deadlineMs: number;
  /** After how long one digest reminds of a date that still needs a person. */
  digestAfterMs: number;
  /** How long an unsettled date is kept open. */
  abandonAfterMs: number;
  /** How long a bypass holds where nobody says. */
  bypassForMs: number;
}

/** What a request may override; only what it names explicitly. */
export interface PolicyOverrides {
  now?: string;
}

/** How a pass ended for one processor. */
export interface ProcessorResult {
  processor: ProcessorName;
  outcome: Outcome;
  /** One sentence: why this outcome. */
  reason: string;
  /** The partition version that is live after it; null when none is. */
  version: number | null;
  rowCount: number | null;
  missing: InputTableName[];
  missingGames: GameVerdict[];
  warnings: string[];
  policyBypass: PolicyBypass | null;
  /** What was found and expected; absent where it ran. */
  details?: GateVerdict['details'];
  expected?: ExpectedArrival[];
  readyGames?: number;
  finalGames?: number;
  /** The bypasses, releases and estimates that the live version stands on, its own first; downstream of them too. */
  bypassIds?: string[];
  /** Which of these are decisions about games, and of what kind; left out where none is. */
  decisions?: Readonly<Record<string, GameDecisionKind>>;
  /** The decision that the live version is kept for. */
  pin?: PinStanding;
}

/**
 * State of a date as a whole. `partial`: everything is published, without some of its games · `disputed`: and evidence that
 * came since contradicts a game that is live · `questioned`: inputs of a pinned version moved since somebody pinned it.
 */
export type RunState =
  'running' | Outcome | 'partial' | 'disputed' | 'questioned' | 'abandoned' | 'cancelled';

/** Every state, in the order in which a date usually goes through them. */
export const runStates = [
  ...([
    'running',
    'waiting',
    'published',
    'unchanged',
    'partial',
    'disputed',
    'questioned',
    'blocked',
  ] as const),
  ...(['quarantined', 'failed', 'upstream_failed', 'skipped', 'abandoned', 'cancelled'] as const),
] satisfies readonly RunState[];

const troubles: readonly RunState[] = [
  'failed',
  'upstream_failed',
  'blocked',
  'quarantined',
  'disputed',
  'questioned',
  'abandoned',
];

/** Whether a date in this state needs a person. Waiting does not: it has a deadline. */
export function isTrouble(state: RunState): boolean {
  return troubles.includes(state);
}

/** A date's state from the outcomes of its processors: the one that needs a person most comes first. */
export function runStateOf(outcomes: readonly Outcome[]): Outcome {
  const order: readonly Outcome[] = [
    'waiting',
    'failed',
    'quarantined',
    'blocked',
    'upstream_failed',
    'published',
    'unchanged',
  ];
  return order.find((outcome) => outcomes.includes(outcome)) ?? 'skipped';
}

/** What is lacking of a date: games that no table of these results has, or that its live rows are contradicted in. */
export function lackingGames(
  results: readonly { readonly missingGames: readonly GameVerdict[] }[],
): GameVerdict[] {
  const byId = new Map(
    results.flatMap(({ missingGames }) => missingGames.filter(isLacking).map((game) => [game.gameId, game])),
  );
  return [...byId.values()];
}

/** A date's state from the results of its processors: from their outcomes, the games that they lack, and their pins. */
export function stateOfResults(
  results: readonly Pick<ProcessorResult, 'outcome' | 'missingGames' | 'pin'>[],
): RunState {
  const state = runStateOf(results.map(({ outcome }) => outcome));
  if (!isSatisfied(state)) return state;
  const lacking = lackingGames(results.filter(({ outcome }) => isSatisfied(outcome)));
  if (lacking.some(({ status }) => status === 'disputed')) return 'disputed';
  if (results.some(({ pin }) => pin?.questioned)) return 'questioned';
  return lacking.length > 0 ? 'partial' : state;
}

/** In place of a processor's version: no processor has it, so no adopted partition is ever taken for current. */
export const adoptedVersion = 'adopted';
