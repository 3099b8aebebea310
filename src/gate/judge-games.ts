/** Judges each game of a date for one processor: ready, or what is wrong with it. Pure. */
import {
  covers,
  decisionOn,
  estimatesInForce,
  describeDecision,
  whyNotCovered,
  type AppliedDecision,
  type GameDecision,
} from '../contracts/game-decisions';
import type { BrokenRule, GameFault, GameVerdict, ProcessorName } from '../contracts/phase3';
import { calendar, type GameEvidence } from '../games/evidence';
import type { Game } from '../games/game';
import type { GameRule } from '../games/rules/define-rule';
import { brokenRules } from '../games/rules/judge-game';
import { leftOutRule } from '../games/rules/schedule';
import type { Inputs, Processor } from '../processors/define-processor';
import { evidenceHash } from '../publishing/fingerprint';
import { gamesOf, liveByRight, publishedRows, type DateSnapshot } from './snapshot';

export interface JudgedGame {
  readonly evidence: GameEvidence;
  /** What the processor reads of the game. */
  readonly inputs: Inputs;
  readonly verdict: GameVerdict;
}

/** Upstreams that are taken as built from the present raw rows: what a run will have done by the time it needs them. */
export type Foreseen = ReadonlySet<ProcessorName>;

/**
 * What games need of upstreams that a bypass waives, by their names in the processor. `where_published`: what is not there is
 * done without · `ignored`: what is there is not current, so nothing is built on it. An upstream that is not named is
 * required.
 */
export type UpstreamUse = Readonly<Record<string, 'where_published' | 'ignored'>>;

/** Every upstream is required. */
export const allRequired: UpstreamUse = Object.freeze({});

/** Every game of the date's calendar, ordered by id, as the processor's inputs show it. */
export function judgeGames(
  processor: Processor,
  snapshot: DateSnapshot,
  foreseen: Foreseen = new Set(),
  use: UpstreamUse = allRequired,
): readonly JudgedGame[] {
  if (foreseen.size > 0 || Object.keys(use).length > 0) return judgeEach(processor, snapshot, foreseen, use);
  const known = judgedPlainly.get(snapshot) ?? new Map<Processor, readonly JudgedGame[]>();
  judgedPlainly.set(snapshot, known);
  const judged = known.get(processor) ?? judgeEach(processor, snapshot, foreseen, use);
  known.set(processor, judged);
  return judged;
}

/** A snapshot never changes, and verdict, selection and fingerprint ask for the same games. */
// eslint-disable-next-line no-restricted-syntax -- what it holds follows from the snapshot it is keyed by, and goes with it
const judgedPlainly = new WeakMap<DateSnapshot, Map<Processor, readonly JudgedGame[]>>();

function judgeEach(
  processor: Processor,
  snapshot: DateSnapshot,
  foreseen: Foreseen,
  use: UpstreamUse,
): JudgedGame[] {
  return gamesOf(snapshot).map((evidence) => {
    const inputs = inputsOf(processor, snapshot, evidence, use);
    const fault = faultOf(processor, snapshot, evidence, inputs, foreseen, use);
    return { evidence, inputs, verdict: verdictOf(processor, snapshot, evidence, fault) };
  });
}

function verdictOf(
  { table }: Processor,
  snapshot: DateSnapshot,
  evidence: GameEvidence,
  fault: GameFault | null,
): GameVerdict {
  const { game, reconstructed } = evidence;
  const { gameId } = game;
  if (!fault) {
    const released = releasedAs(snapshot, evidence);
    if (reconstructed === null) return { gameId, status: 'ready', table: null, detail: '', ...released };
    // That it is made of its players counts for more: it is to be built again when the real row comes.
    const { estimate } = estimatedBy(snapshot, evidence);
    return {
      ...{ gameId, ...released, status: 'reconstructed', ...reconstructed },
      ...(estimate ? { estimate, detail: `${reconstructed.detail}; ${describeDecision(estimate)}` } : {}),
    };
  }
  if (!liveByRight(snapshot, table).some((row) => row['game_id'] === gameId)) return { gameId, ...fault };
  // What contradicts it came after it went live, or the rules did.
  const status = ['held', 'left_out'].includes(fault.status) ? 'disputed' : fault.status;
  return { gameId, ...fault, status, detail: `${fault.detail}; its live rows are kept`, isLive: true };
}

/** The rows of one game under the names that the processor gave its sources and upstreams. */
function inputsOf(
  { reads, upstreams }: Processor,
  snapshot: DateSnapshot,
  evidence: GameEvidence,
  use: UpstreamUse,
): Inputs {
  const sources = Object.entries(reads).map(([alias, source]) => [alias, evidence.rowsOf(source)] as const);
  const published = Object.entries(upstreams).map(
    ([alias, { table }]) =>
      [alias, use[alias] === 'ignored' ? [] : rowsOfGame(snapshot, table, evidence.game)] as const,
  );
  return Object.fromEntries([...sources, ...published]);
}

function rowsOfGame(snapshot: DateSnapshot, table: Processor['table'], { gameId }: Game) {
  return publishedRows(snapshot, table).filter((row) => row['game_id'] === gameId);
}

function faultOf(
  processor: Processor,
  snapshot: DateSnapshot,
  evidence: GameEvidence,
  inputs: Inputs,
  foreseen: Foreseen,
  use: UpstreamUse,
): GameFault | null {
  const { game } = evidence;
  if (game.leftOut !== null)
    return (
      heldBy(snapshot, evidence, (rule) => rule === leftOutRule) ?? {
        status: 'left_out',
        table: calendar.table.name,
        detail: game.leftOut,
      }
    );
  if (!game.isFinal) {
    const detail = 'the schedule does not say final (status 3)';
    return { status: 'not_final', table: calendar.table.name, detail };
  }
  const own = processor.judge(game, inputs, evidence);
  if (own) return own;
  const held = heldBy(snapshot, evidence);
  if (held) return held;
  for (const [alias, upstream] of Object.entries(processor.upstreams)) {
    if (use[alias]) continue;
    const fault = foreseen.has(upstream.name)
      ? faultOf(
          upstream,
          snapshot,
          evidence,
          inputsOf(upstream, snapshot, evidence, allRequired),
          foreseen,
          {},
        )
      : faultOfPublished(upstream, inputs[alias] ?? [], processor.expected[alias]?.perGame ?? 1);
    if (fault) return fault;
  }
  return null;
}

/** What is wrong with the game as long as nobody releases it, by all sources that have come; null when nothing is. */
function heldBy(
  snapshot: DateSnapshot,
  evidence: GameEvidence,
  isMeant: (rule: GameRule) => boolean = () => true,
): GameFault | null {
  const broken = brokenBy(evidence, isMeant);
  const decision = decisionOn(snapshot.decisions ?? [], evidence.game.gameId);
  const isCovered = decision !== null && covers(decision, broken);
  if (broken.length === 0 || (isCovered && decision.kind === 'release')) return null;
  const detail = describeBroken(broken);
  const fault = { table: tableOf(broken), broken };
  if (isCovered)
    return {
      ...{ ...fault, status: 'discarded', decision: asApplied(decision) },
      detail: `${describeDecision(decision)}; ${detail}`,
    };
  const why = decision ? `; ${whyNotCovered(decision, broken)}` : '';
  return { ...fault, status: 'held', detail: `${detail}${why}` };
}

/** By what decision a game is built although it breaks blocking rules; null where it breaks none. */
function releasedAs(
  snapshot: DateSnapshot,
  evidence: GameEvidence,
): Omit<GameVerdict, 'gameId' | 'isLive'> | null {
  const broken = brokenBy(evidence);
  const decision = decisionOn(snapshot.decisions ?? [], evidence.game.gameId);
  if (broken.length === 0 || !decision) return null;
  const detail = `${describeDecision(decision)}; ${describeBroken(broken)}`;
  return { status: 'released', table: tableOf(broken), detail, broken, decision: asApplied(decision) };
}

/** By what decision figures of a game are estimated; none where none is. */
function estimatedBy(
  snapshot: DateSnapshot,
  { game, isEstimated }: GameEvidence,
): Pick<GameVerdict, 'estimate'> {
  const decision = estimatesInForce(snapshot.decisions ?? []).get(game.gameId);
  return decision && isEstimated ? { estimate: asApplied(decision) } : {};
}

/** The blocking rules that a game breaks by all sources that have come, each with the hash of what contradicts it. */
function brokenBy({ rules }: GameEvidence, isMeant: (rule: GameRule) => boolean = () => true): BrokenRule[] {
  return rules
    .filter(({ rule }) => isMeant(rule))
    .flatMap((result) =>
      brokenRules([result], true).map((broken) => ({
        ...broken,
        evidence: evidenceHash(result.contradictions),
      })),
    );
}

function tableOf([first]: readonly BrokenRule[]): string {
  return first?.figures[0]?.table ?? calendar.table.name;
}

function describeBroken(broken: readonly BrokenRule[]): string {
  return broken.map(({ rule, detail }) => `${rule}: ${detail}`).join('; ');
}

function asApplied({ decisionId, kind, by, reason, until }: GameDecision): AppliedDecision {
  return { decisionId, kind, by, reason, until };
}

/** What keeps a game from being built on what is published of an upstream, whose own rules have seen to the rest. */
function faultOfPublished({ table }: Processor, rows: Inputs[string], expected: number): GameFault | null {
  return rows.length >= expected
    ? null
    : {
        status: 'missing',
        table: table.name,
        detail: `${rows.length} of ${expected} rows of the game are published`,
      };
}
