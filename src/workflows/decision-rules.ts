/**
 * Which decisions a date takes, and in which state. Pure and synchronous: what these refuse leaves no trace in the history
 * and none in the audit.
 */
import { resultsOf, type DateState } from '../contracts/date-state';
import { bypassSchema, cancelSchema, extendSchema, recheckSchema } from '../contracts/decisions';
import {
  isHeld,
  isSatisfied,
  type GateVerdict,
  type InputTableName,
  type ProcessorName,
} from '../contracts/phase3';
import {
  calendarTable,
  inputTablesOf,
  neededUpstreamTablesOf,
  processorOf,
  upstreamTablesOf,
  upstreamsOf,
} from '../plan/registry';
import { wantedGames, type PolicySettings } from '../contracts/policy';
import { clauseOf, read, type Read, type Schema } from '../contracts/schema';
import { isAnalyticsTableName } from '../tables/catalogue';

/**
 * The tables that hold a processor up now, of those that it reads itself: at the gate, when it was blocked, or because an
 * upstream of it is held up before its own gate was asked.
 */
export function missingOf(state: DateState, name: ProcessorName): InputTableName[] {
  const upstreams = upstreamsOf(name);
  const own = new Set<InputTableName>([...inputTablesOf(name), ...upstreamTablesOf(name)]);
  const isWaiting = state.runState === 'waiting' && state.gate?.waitingSince;
  const held = isWaiting ? heldAtGate(state) : [];
  const verdict = held.find((candidate) => candidate.processor === name);
  if (verdict) return verdict.missing.filter((table) => own.has(table));
  // Its own turn has not come: what it waits for is what its upstreams have not published.
  const heldUpstreams = upstreams.filter((upstream) => held.some(({ processor }) => processor === upstream));
  const isSettled = isSatisfied(state.results[name]?.outcome ?? 'waiting') && state.touched.includes(name);
  const isPlanned = !isSettled && state.plan.some((level) => level.processors.includes(name));
  if (isPlanned && heldUpstreams.length > 0)
    return heldUpstreams.map((upstream) => processorOf(upstream).table.name);
  const result = state.results[name];
  const isHeldUp = result && ['waiting', 'blocked', 'upstream_failed'].includes(result.outcome);
  return isHeldUp && (isWaiting || !isRunning(state)) ? result.missing.filter((table) => own.has(table)) : [];
}

function heldAtGate(state: DateState): NonNullable<DateState['gate']>['verdicts'] {
  return (state.gate?.verdicts ?? []).filter(isHeld);
}

function isRunning(state: DateState): boolean {
  return state.runState === 'running';
}

/** Why a bypass is refused, as a clause; null when it is accepted. */
export function refuseBypass(
  state: DateState,
  given: unknown,
  { readyShare }: Pick<PolicySettings, 'readyShare'>,
): string | null {
  const request = readMessage(bypassSchema, given);
  if (!request.ok) return whyOf(request);
  const { bypassId, processor: name, missing } = request.value;
  if (state.notTaken.includes(bypassId))
    return `bypass ${bypassId} was not accepted; send it with another id`;
  // Sent again, it is answered with what came of it.
  if (state.decisions.some(({ id }) => id === bypassId)) return null;
  const open = state.bypasses.find((bypass) => bypass.processor === name && bypass.status !== 'standing');
  if (open && open.bypassId !== bypassId)
    return `a bypass of ${name} is already open: ${open.bypassId}, by ${open.by} (${open.reason})`;
  if (open) return null;
  const found = missingOf(state, name);
  if (found.length === 0) return `nothing is missing for ${name}: ${standingOf(state, name)}`;
  const foreign = (missing ?? []).filter((table) => !found.includes(table));
  if (foreign.length > 0)
    return `${foreign.join(', ')} is not missing for ${name}; missing: ${found.join(', ')}`;
  const needed = neededUpstreamTablesOf(name).filter((table) => (missing ?? found).includes(table));
  if (needed.length > 0)
    return `${name} cannot be built without ${needed.join(', ')}, so a bypass would change nothing`;
  const evidence = heldAtGate(state).find((candidate) => candidate.processor === name) ?? state.results[name];
  // Without a schedule nobody knows of a game, and what holds up an upstream holds up what reads it.
  const held = heldAtGate(state);
  // What a gate has found now goes before what an earlier pass came to.
  const noGames = (held.length > 0 ? held : resultsOf(state)).some(
    ({ missing: lacking, finalGames }) => lacking.includes(calendarTable) && finalGames === 0,
  );
  if (noGames || (evidence?.readyGames === 0 && upstreamsOf(name).length === 0))
    return `no game of ${state.gameDate} is ready for ${name}, so it has nothing to build from`;
  const left = missing && evidence ? leftShut(missing, found, evidence, readyShare) : [];
  return left.length > 0
    ? `it also needs ${left.join(', ')}, and only one bypass can be open at a time; name all missing tables`
    : null;
}

/** What keeps a gate shut that is passed without `scope` only, on the evidence at hand; nothing where it would open. */
function leftShut(
  scope: readonly InputTableName[],
  found: readonly InputTableName[],
  { missingGames, finalGames }: Pick<GateVerdict, 'missingGames'> & { readonly finalGames?: number },
  readyShare: number,
): InputTableName[] {
  const left = found.filter((table) => !scope.includes(table));
  // An upstream that is not there at all holds up every game.
  const upstreams = left.filter((table) => isAnalyticsTableName(table));
  if (upstreams.length > 0 || finalGames === undefined) return upstreams;
  const unready = missingGames.filter(
    ({ status, table }) => status !== 'not_final' && table && !scope.includes(table),
  );
  return finalGames - unready.length >= wantedGames(finalGames, readyShare) ? [] : left;
}

/** Why a longer deadline is refused; null when it is granted. */
export function refuseExtension(state: DateState, given: unknown): string | null {
  const request = readMessage(extendSchema, given);
  if (!request.ok) return whyOf(request);
  const { extendId } = request.value;
  if (state.notTaken.includes(extendId))
    return `extension ${extendId} was not accepted; send it with another id`;
  if (state.decisions.some(({ id }) => id === extendId)) return null;
  if (!isAtDeadline(state)) return `${state.gameDate} has no deadline to move: it is ${state.runState}`;
  return null;
}

/** Whether the date waits under a deadline. */
function isAtDeadline(state: DateState): boolean {
  return state.runState === 'waiting' && state.deadline !== null && state.gate?.waitingSince != null;
}

/** Why a cancellation is refused; null when it is carried out. An open run can always be cancelled. */
export function refuseCancel(given: unknown): string | null {
  return whyOf(readMessage(cancelSchema, given));
}

/** Why a recheck is refused; null when the date looks again. */
export function refuseRecheck(given: unknown): string | null {
  return whyOf(readMessage(recheckSchema, given));
}

/** Judges what an update or a signal brought. */
export function readMessage<T>(schema: Schema<T>, given: unknown): Read<T> {
  return read(schema, given, { what: 'The message' });
}

/** The faults of a message as what follows "is refused: "; null where there is none. */
function whyOf(found: Read<unknown>): string | null {
  return found.ok ? null : found.faults.map(clauseOf).join('; ');
}

function standingOf(state: DateState, name: ProcessorName): string {
  if (heldAtGate(state).some(({ processor, checkFailed }) => processor === name && checkFailed !== null))
    return 'its dependencies could not be checked';
  const result = state.results[name];
  if (isRunning(state)) return 'the date is running';
  if (!result) return 'it was not requested';
  return isSatisfied(result.outcome)
    ? `it is ${result.outcome}`
    : `it is ${result.outcome} (${result.reason})`;
}
