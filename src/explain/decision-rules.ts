/**
 * Which decisions a date takes, and in which state. Pure and synchronous: what these refuse leaves no trace in the history
 * and none in the audit.
 */
import { resultsOf, type DateStanding } from '../contracts/date-state';
import { bypassSchema, cancelSchema, extendSchema, type BypassRequest } from '../contracts/decisions';
import {
  canBuild,
  isDecided,
  isSatisfied,
  type GateVerdict,
  type InputTableName,
  type ProcessorName,
} from '../contracts/phase3';
import type { Plan, PlannedProcessor } from '../contracts/plan';
import { defaultPolicySettings, wantedGames, type PolicySettings } from '../contracts/policy';
import { describePin } from '../contracts/pin';
import { clauseOf, readMessage, shown, type Read } from '../contracts/schema';
import { heldNow } from './held';

/**
 * The tables that hold a processor up now, of those that it reads itself: at the gate, when it was blocked, or because an
 * upstream of it is held up before its own gate was asked.
 */
export function missingOf(state: DateStanding, name: ProcessorName): InputTableName[] {
  const planned = plannedOf(state.plan, name);
  const upstreams = planned?.upstreams ?? [];
  const own = new Set<InputTableName>([...(planned?.inputs ?? []), ...upstreams.map(({ table }) => table)]);
  const isWaiting = state.runState === 'waiting';
  const held = heldAtGate(state);
  const verdict = held.find((candidate) => candidate.processor === name);
  if (verdict) return verdict.missing.filter((table) => own.has(table));
  // Its own turn has not come: what it waits for is what its upstreams have not published.
  const heldUp = upstreams.filter((upstream) =>
    held.some(({ processor }) => processor === upstream.processor),
  );
  if (state.open.includes(name) && heldUp.length > 0) return heldUp.map(({ table }) => table);
  const result = state.results[name];
  const isHeldUp = result && ['waiting', 'blocked', 'upstream_failed'].includes(result.outcome);
  return isHeldUp && (isWaiting || !isRunning(state)) ? result.missing.filter((table) => own.has(table)) : [];
}

function plannedOf(plan: Plan | null, name: ProcessorName): PlannedProcessor | undefined {
  return plan?.processors.find((planned) => planned.name === name);
}

/** What the date waits for now. */
function heldAtGate(state: DateStanding): GateVerdict[] {
  return state.runState === 'waiting' && state.gate?.waitingSince ? heldNow(state) : [];
}

function isRunning(state: DateStanding): boolean {
  return state.runState === 'running';
}

/** What a bypass is about: under one id there is one decision. */
export function aboutBypass({
  processor,
  missing = [],
}: Pick<BypassRequest, 'processor' | 'missing'>): string {
  const tables = [...missing].sort().join(', ');
  if (processor === undefined) return `bypass of ${tables}`;
  return `bypass of ${processor}${tables === '' ? '' : ` without ${tables}`}`;
}

/** A processor that a bypass lets run, and without which tables. */
export interface Passed {
  readonly processor: ProcessorName;
  readonly tables: InputTableName[];
}

/**
 * What a bypass comes to, in the order of the plan: the processor that it names, after those whose tables it does without and
 * that can be built without what they lack, or it would do without the games that they have; where it names none, every
 * processor that lacks one of the tables and can do without, and whatever lacks what those cannot publish whole.
 */
export function passedBy(
  state: DateStanding,
  { processor, missing }: Pick<BypassRequest, 'processor' | 'missing'>,
  readyShare = defaultPolicySettings.readyShare,
): Passed[] {
  if (processor !== undefined) {
    const tables = missing ?? missingOf(state, processor);
    const upstreams = (state.plan?.processors ?? []).filter(({ table }) => tables.includes(table));
    const before = upstreams.flatMap(({ name }) => {
      const own = { processor: name, missing: missingOf(state, name) };
      const isPassable = !isBypassed(state, name) && whyNoBypass(state, name, undefined, readyShare) === null;
      return isPassable ? passedBy(state, own, readyShare) : [];
    });
    return [...before, { processor, tables }];
  }
  const lacking = new Set<InputTableName>(missing);
  const passed: Passed[] = [];
  for (const { name, table } of state.plan?.processors ?? []) {
    const tables = missingOf(state, name).filter((one) => lacking.has(one));
    if (tables.length === 0) continue;
    lacking.add(table);
    if (!isBypassed(state, name) && whyNoBypass(state, name, tables, readyShare) === null)
      passed.push({ processor: name, tables });
  }
  return passed;
}

function isBypassed({ bypasses }: DateStanding, name: ProcessorName): boolean {
  return bypasses.some(({ processor, status }) => processor === name && status !== 'standing');
}

/** Why an id cannot be used for this: it was used for something else, or for what was not accepted. */
function whyUsed(state: DateStanding, id: string, what: string, about: string): string | null {
  if (state.notTaken.includes(id)) return `${what} ${id} was not accepted; send it with another id`;
  const known = state.decisions.find((decision) => decision.id === id);
  return known && known.about !== about
    ? `${id} is the id of the ${known.about}; send it with another id`
    : null;
}

/** Why a bypass is refused, as a clause; null when it is accepted. */
export function refuseBypass(
  state: DateStanding,
  given: unknown,
  { readyShare }: Pick<PolicySettings, 'readyShare'>,
): string | null {
  const request = readMessage(bypassSchema, given);
  if (!request.ok) return whyOf(request);
  const { bypassId, processor: name, missing } = request.value;
  const used = whyUsed(state, bypassId, 'bypass', aboutBypass(request.value));
  if (used !== null) return used;
  // Sent again, it is answered with what came of it.
  if (state.decisions.some(({ id }) => id === bypassId)) return null;
  if (name === undefined) {
    if (missing === undefined)
      return 'processor and missing are both left out; one of them says what it is about';
    return whyNonePassed(state, missing, readyShare);
  }
  const names = state.plan?.processors.map((planned) => planned.name) ?? [];
  if (state.plan && !names.includes(name))
    return `processor is ${shown(name)}, expected one of ${names.join(', ')}`;
  const open = state.bypasses.find((bypass) => bypass.processor === name && bypass.status !== 'standing');
  return open
    ? `a bypass of ${name} is already open: ${open.bypassId}, by ${open.by} (${open.reason})`
    : whyNoBypass(state, name, missing, readyShare);
}

/** Why a bypass of tables would change nothing for any processor, as a clause; null when it would. */
function whyNonePassed(state: DateStanding, missing: InputTableName[], readyShare: number): string | null {
  if (passedBy(state, { missing }, readyShare).length > 0) return null;
  const lacking = (state.plan?.processors ?? []).filter(({ name }) =>
    missingOf(state, name).some((table) => missing.includes(table)),
  );
  const [first] = lacking.flatMap(({ name }) => {
    const tables = missingOf(state, name).filter((table) => missing.includes(table));
    return whyNoBypass(state, name, tables, readyShare) ?? [];
  });
  return first ?? `no processor lacks ${missing.join(', ')} now`;
}

/** Why a bypass of a processor would change nothing, as a clause; null when it would. `missing` restricts what is waived. */
export function whyNoBypass(
  state: DateStanding,
  name: ProcessorName,
  missing?: readonly InputTableName[],
  readyShare = defaultPolicySettings.readyShare,
): string | null {
  const planned = plannedOf(state.plan, name);
  const pin = state.results[name]?.pin;
  if (pin) return `${name} is ${describePin(pin)}; \`phase3 unpin ${state.gameDate}\` lifts the pin`;
  const found = missingOf(state, name);
  if (found.length === 0) return `nothing is missing for ${name}: ${standingOf(state, name)}`;
  const foreign = (missing ?? []).filter((table) => !found.includes(table));
  if (foreign.length > 0)
    return `${foreign.join(', ')} is not missing for ${name}; missing: ${found.join(', ')}`;
  const needed = (planned?.upstreams ?? []).flatMap(({ table, isNeeded }) =>
    isNeeded && (missing ?? found).includes(table) ? [table] : [],
  );
  if (needed.length > 0)
    return `${name} cannot be built without ${needed.join(', ')}, so a bypass would change nothing`;
  const evidence = heldAtGate(state).find((candidate) => candidate.processor === name) ?? state.results[name];
  // Without a schedule nobody knows of a game, and what holds up an upstream holds up what reads it.
  const held = heldAtGate(state);
  // What a gate has found now goes before what an earlier pass came to.
  const noGames = (held.length > 0 ? held : resultsOf(state)).some(
    ({ missing: lacking, finalGames }) => lacking.includes(state.plan?.calendar ?? '') && finalGames === 0,
  );
  if (noGames || (evidence?.readyGames === 0 && (planned?.upstreams ?? []).length === 0))
    return `no game of ${state.gameDate} is ready for ${name}, so it has nothing to build from`;
  const left = missing && evidence ? leftShut(missing, found, evidence, readyShare, state.plan) : [];
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
  plan: Plan | null,
): InputTableName[] {
  const left = found.filter((table) => !scope.includes(table));
  // An upstream that is not there at all holds up every game.
  const upstreams = left.filter((name) => plan?.processors.some(({ table }) => table === name));
  if (upstreams.length > 0 || finalGames === undefined) return upstreams;
  const final = missingGames.filter(
    (game) => !canBuild(game) && game.status !== 'not_final' && game.status !== 'left_out',
  );
  const unready = final.filter((game) => !isDecided(game) && game.table && !scope.includes(game.table));
  const awaited = finalGames - final.filter(isDecided).length;
  return awaited - unready.length >= wantedGames(awaited, readyShare) ? [] : left;
}

/** What a bypass would let pass, before anybody decides it; or why it would be refused, as a clause. `nowMs`: in epoch ms. */
export function tryBypass(
  state: DateStanding,
  { processor, missing, by, reason }: Omit<BypassRequest, 'bypassId'>,
  policy: Pick<PolicySettings, 'readyShare'>,
  nowMs: number,
):
  | { readonly ok: true; readonly passed: ReturnType<typeof passedBy>; readonly isPastDeadline: boolean }
  | { readonly ok: false; readonly why: string } {
  const named = { ...(processor === undefined ? {} : { processor }), ...(missing ? { missing } : {}) };
  const why = refuseBypass(state, { bypassId: 'dry-run', by, reason, ...named }, policy);
  if (why !== null) return { ok: false, why };
  const isPastDeadline = state.deadline !== null && Date.parse(state.deadline) <= nowMs;
  return { ok: true, passed: passedBy(state, named, policy.readyShare), isPastDeadline };
}

/** Why a longer deadline is refused; null when it is granted. */
export function refuseExtension(state: DateStanding, given: unknown): string | null {
  const request = readMessage(extendSchema, given);
  if (!request.ok) return whyOf(request);
  const { extendId } = request.value;
  const used = whyUsed(state, extendId, 'extension', 'extension');
  if (used !== null) return used;
  if (state.decisions.some(({ id }) => id === extendId)) return null;
  if (!isAtDeadline(state)) return `${state.gameDate} has no deadline to move: it is ${state.runState}`;
  return null;
}

/** Whether the date waits under a deadline. */
function isAtDeadline(state: DateStanding): boolean {
  return state.runState === 'waiting' && state.deadline !== null && state.gate?.waitingSince != null;
}

/** Why a cancellation is refused; null when it is carried out. An open run can always be cancelled. */
export function refuseCancel(state: DateStanding, given: unknown): string | null {
  const request = readMessage(cancelSchema, given);
  return request.ok ? whyUsed(state, request.value.cancelId, 'cancellation', 'cancellation') : whyOf(request);
}

/** The faults of a message as what follows "is refused: "; null where there is none. */
function whyOf(found: Read<unknown>): string | null {
  return found.ok ? null : found.faults.map(clauseOf).join('; ');
}

function standingOf(state: DateStanding, name: ProcessorName): string {
  if (heldAtGate(state).some(({ processor, checkFailed }) => processor === name && checkFailed !== null))
    return 'its dependencies could not be checked';
  const result = state.results[name];
  if (isRunning(state)) return 'the date is running';
  if (!result) return 'it was not requested';
  if (!isSatisfied(result.outcome)) return `it is ${result.outcome} (${result.reason})`;
  const bypass = state.bypasses.find(({ processor }) => processor === name);
  return `it is ${result.outcome}${bypass ? `, without ${bypass.tables.join(', ')} by the bypass of ${bypass.by} (${bypass.reason})` : ''}`;
}
