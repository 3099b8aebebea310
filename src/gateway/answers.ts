/** The answer for a date, and its HTTP status: the plan's table of outcomes. Pure. */
import type { DateOutlook } from '../contracts/date-state';
import type { DateReply } from '../contracts/messages';
import {
  isHeld,
  isSatisfied,
  lackingGames,
  stateOfResults,
  type GateVerdict,
  type Outcome,
  type ProcessorName,
  type RunState,
} from '../contracts/phase3';
import { describeMissing } from '../explain/describe-missing';
import { inputTablesOf, processorNames, processorsOf, upstreamTablesOf } from '../plan/registry';

/** What an answer begins with. A closed set: metrics count by it. */
export const answerStatuses = [
  'completed',
  'unchanged',
  'skipped',
  'no_processors',
  'partial',
  'disputed',
  'questioned',
  'partial_failure',
  'quarantined',
  'blocked',
  'cancelled',
  'abandoned',
  'running',
  'accepted',
  'foreseen',
  'dependency_not_ready',
  'dependency_failure',
  'failed',
  'bad_request',
  'dead_lettered',
  'refused',
  'unauthenticated',
  'forbidden',
  'not_found',
  'too_many_requests',
  'unavailable',
  'error',
] as const;
export type AnswerStatus = (typeof answerStatuses)[number];

/** An answer: its HTTP status, and the JSON that goes with it, in camelCase. */
export interface Answer {
  readonly httpStatus: number;
  readonly body: { readonly status: AnswerStatus } & Readonly<Record<string, unknown>>;
  /** For the header of that name. */
  readonly retryAfterSeconds?: number;
}

/** Who asks a date for what. */
export interface Asked {
  readonly requestId: string;
  readonly source: string;
  /** Null for all that the source triggers. */
  readonly processors: readonly ProcessorName[] | null;
}

/** The plan's shortest time between two deliveries of a message. */
const retryAfter = { words: '5 minutes', seconds: 300 };

/**
 * What is so for a request, as soon as it is: its answer; that the gate has judged "not ready" since it came; or what
 * became of its processors, where others keep the pass open. Null while it is under way.
 */
export function answerOf(outlook: DateOutlook, asked: Asked): Answer | null {
  const reply = outlook.answers.find(({ requestId }) => requestId === asked.requestId);
  if (reply) return answerFrom(reply, outlook);
  const pending = outlook.pending.find(({ requestId }) => requestId === asked.requestId);
  // No look has seen it yet: what the outlook says is of those who came before.
  if (!pending?.isSeen) return null;
  const { gate, levels, results, open, running } = outlook;
  const wanted = asked.processors ?? processorsOf(asked.source);
  const isMine = (name: ProcessorName): boolean => wanted.includes(name);
  if (gate?.waitingSince) {
    const held = gate.verdicts.filter(
      (verdict) =>
        isHeld(verdict) && open.includes(verdict.processor) && !running.includes(verdict.processor),
    );
    const mine = held.filter(({ processor }) => isMine(processor));
    // Levels go one after another: what holds up this one holds up mine of a later one.
    const isMineLater = levels.some(
      ({ level, processors }) =>
        level > gate.level && processors.some((name) => open.includes(name) && isMine(name)),
    );
    const holding = mine.length > 0 || !isMineLater ? mine : held;
    if (holding.length > 0) return notReady(outlook, holding);
  }
  // With nothing open the pass is about to answer by itself, on record.
  if (open.length === 0 || open.some(isMine)) return null;
  const outcomes = wanted.flatMap((name) => {
    const outcome = results[name]?.outcome;
    return outcome ? [[name, outcome] as const] : [];
  });
  return outcomes.length > 0 ? answerFromOutcomes(Object.fromEntries(outcomes), outlook) : null;
}

/** What is so when the wait is over and nothing is: processors run. Null where none does, so that nothing can be said. */
export function stillRunning(gameDate: string, outlook: DateOutlook): Answer | null {
  const { runState, levels, running } = outlook;
  if (running.length === 0) return null;
  return {
    httpStatus: 202,
    body: {
      status: 'running',
      gameDate,
      message: `${gameDate} is still running; GET /dates/${gameDate} shows its state.`,
      state: runState,
      processors: levels.flatMap(({ processors }) => processors),
    },
  };
}

function notReady({ gameDate, gate, deadline }: DateOutlook, held: readonly GateVerdict[]): Answer {
  const [first] = held as [GateVerdict, ...GateVerdict[]];
  return {
    httpStatus: 500,
    retryAfterSeconds: retryAfter.seconds,
    body: {
      status: 'dependency_not_ready',
      gameDate,
      message: `${held.map(({ processor }) => processor).join(', ')} cannot run: ${describeMissing(held)}. The date keeps waiting, and a trigger causes a check at once.`,
      processor: first.processor,
      missingDependencies: missingOf(first),
      details: detailsOf(first),
      retryAfter: retryAfter.words,
      missingGames: first.missingGames,
      alsoWaiting: held.slice(1).map((verdict) => ({
        processor: verdict.processor,
        missingDependencies: missingOf(verdict),
        details: detailsOf(verdict),
      })),
      waitingSince: gate?.waitingSince ?? null,
      nextProbeAt: gate?.nextProbeAt ?? null,
      deadline,
    },
  };
}

/** A check that failed found nothing out, so nothing of what the processor reads is known to be there. */
function missingOf(verdict: GateVerdict): string[] {
  return verdict.checkFailed === null ? verdict.missing : inputsOf(verdict.processor);
}

function detailsOf(verdict: GateVerdict): Record<string, unknown> {
  if (verdict.checkFailed === null) return verdict.details;
  const failed = { error: verdict.checkFailed, status: 'check_failed' };
  return Object.fromEntries(inputsOf(verdict.processor).map((table) => [table, failed]));
}

function inputsOf(name: ProcessorName): string[] {
  return [...inputTablesOf(name), ...upstreamTablesOf(name)];
}

function answerFrom(reply: DateReply, outlook: DateOutlook): Answer {
  const { gameDate, state, summary } = reply;
  if (state === 'cancelled' || state === 'abandoned')
    return {
      httpStatus: 200,
      body: {
        status: state,
        gameDate,
        message: summary,
        warning: warnings[state],
        ...countsOf({}, outlook),
      },
    };
  if (Object.keys(reply.outcomes).length > 0) return answerFromOutcomes(reply.outcomes, outlook, summary);
  // Nothing was run for it: it was refused.
  return fromStatus(statusOfState(state), gameDate, summary, {}, outlook);
}

function answerFromOutcomes(
  outcomes: Record<ProcessorName, Outcome>,
  outlook: DateOutlook,
  summary?: string,
): Answer {
  const { gameDate } = outlook;
  const said = Object.entries(outcomes).map(([name, outcome]) => `${name} ${outcome}`);
  return fromStatus(
    statusOfOutcomes(outcomes, outlook),
    gameDate,
    summary ?? `${gameDate}: ${said.join(', ')}`,
    outcomes,
    outlook,
  );
}

/**
 * The plan's table. What a redelivery could mend is a 500; what waits for a person is acknowledged with a warning, since
 * sending it again would only make noise.
 */
function statusOfOutcomes(byName: Record<ProcessorName, Outcome>, { results }: DateOutlook): AnswerStatus {
  const outcomes = Object.values(byName);
  const some = (...wanted: Outcome[]): boolean => outcomes.some((outcome) => wanted.includes(outcome));
  const all = (...wanted: Outcome[]): boolean => outcomes.every((outcome) => wanted.includes(outcome));
  if (some('upstream_failed')) return 'dependency_failure';
  if (some('blocked', 'waiting')) return 'blocked';
  if (some('failed', 'quarantined')) {
    if (outcomes.some(isSatisfied)) return 'partial_failure';
    return some('failed') ? 'failed' : 'quarantined';
  }
  if (all('skipped')) return 'skipped';
  const state = stateOfResults(Object.keys(byName).flatMap((name) => results[name] ?? []));
  if (state === 'partial' || state === 'disputed' || state === 'questioned') return state;
  return all('unchanged', 'skipped') ? 'unchanged' : 'completed';
}

/** The same of a date as a whole. */
export function statusOfState(state: RunState): AnswerStatus {
  switch (state) {
    case 'published':
      return 'completed';
    case 'upstream_failed':
      return 'dependency_failure';
    case 'waiting':
      return 'dependency_not_ready';
    case 'unchanged':
    case 'partial':
    case 'disputed':
    case 'questioned':
    case 'skipped':
    case 'blocked':
    case 'quarantined':
    case 'failed':
    case 'running':
    case 'cancelled':
    case 'abandoned':
      return state;
  }
}

function fromStatus(
  status: AnswerStatus,
  gameDate: string,
  message: string,
  outcomes: Record<ProcessorName, Outcome>,
  outlook: DateOutlook,
): Answer {
  const warning = warnings[status];
  return {
    httpStatus: status === 'dependency_failure' || status === 'failed' ? 500 : 200,
    body: {
      status,
      gameDate,
      message,
      ...(warning === undefined ? {} : { warning }),
      ...countsOf(outcomes, outlook),
    },
  };
}

const acknowledged = 'The message is acknowledged, because sending it again would change nothing';

/** Why a message is acknowledged although its date is not well; none where it is, or where it is not acknowledged. */
const warnings: Readonly<Partial<Record<AnswerStatus, string>>> = {
  blocked: `${acknowledged}: the date waited until its deadline. It continues when the rows and a trigger arrive, or when a person decides.`,
  quarantined: `${acknowledged}: a check refused the rows; the previous version stays live.`,
  partial:
    'Some games of the date are not in the published tables, or not whole; missing_games says which, and why.',
  disputed:
    'Evidence that came since contradicts games that are live; missing_games says which, and by which rule.',
  questioned:
    'The date is pinned by a person, and inputs moved since: nothing of it is built until somebody unpins it.',
  partial_failure: `${acknowledged}: some tables are published, the others need a person.`,
  cancelled: `${acknowledged}: a person ended the run of the date.`,
  abandoned: `${acknowledged}: the date waited too long for a person.`,
};

/** The plan's counts, and what came of each processor with its reason. */
function countsOf(outcomes: Record<ProcessorName, Outcome>, outlook: DateOutlook): Record<string, unknown> {
  const results = processorNames.flatMap((processor) => {
    const outcome = outcomes[processor];
    if (outcome === undefined) return [];
    // A later pass may have come to something else by now; then only the outcome is still this request's.
    const newest = outlook.results[processor];
    const known = newest?.outcome === outcome ? newest : null;
    return [
      {
        processor,
        outcome,
        reason: known?.reason ?? null,
        version: known?.version ?? null,
        rowCount: known?.rowCount ?? null,
        missing: known?.missing ?? [],
        warnings: known?.warnings ?? [],
      },
    ];
  });
  const succeeded = results.filter(({ outcome }) => isSatisfied(outcome)).length;
  return {
    processorsRun: results.length,
    processorsSucceeded: succeeded,
    missingGames: lackingGames(results.flatMap(({ processor }) => outlook.results[processor] ?? [])),
    results,
  };
}
