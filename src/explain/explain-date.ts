/**
 * Why a date is where it is, for people: the sentence that matters first, then each level and processor with what it
 * needs, expected against found. The same words in the terminal, in the Temporal UI and over HTTP. Pure.
 */
import type { ExpectedArrival } from '../contracts/arrival';
import type { DateStanding } from '../contracts/date-state';
import type { Bypass } from '../contracts/decisions';
import { describeStandsOn } from '../contracts/bypass-mark';
import { describeDecision, type GameDecisionKind } from '../contracts/game-decisions';
import {
  canBuild,
  decisionsAbout,
  isSatisfied,
  isTrouble,
  lackingGames,
  withOrWithout,
  type GameVerdict,
  type GateVerdict,
  type InputTableName,
  type Outcome,
  type ProcessorName,
  type ProcessorResult,
  type RunState,
  type StaleUpstream,
  type TableStatus,
} from '../contracts/phase3';
import type { PlannedProcessor } from '../contracts/plan';
import type { PinStanding } from '../contracts/pin';
import { missingOf, passedBy, whyNoBypass } from './decision-rules';
import { describeMissing, describeUnchecked } from './describe-missing';
import { heldBy } from './held';

/** A table that a processor needs and does not have, or has. */
export interface Need {
  readonly table: InputTableName;
  /** Rows found and rows expected at the least; null where it was never counted. */
  readonly found: number | null;
  readonly expectedMin: number | null;
  readonly status: TableStatus | 'not_current';
  /** Games of it that are not ready. */
  readonly games: readonly GameVerdict[];
  /** When it is to be expected, from the dates before; null when nobody knows. */
  readonly expected: ExpectedArrival | null;
}

export interface ProcessorStanding {
  readonly processor: ProcessorName;
  readonly standing: Outcome | 'planned' | 'running' | 'not requested';
  /** The live version; null when there is none. */
  readonly version: number | null;
  readonly rowCount: number | null;
  readonly reason: string;
  readonly needs: readonly Need[];
  /** Persons' bypasses, releases and estimates that the live version stands on. */
  readonly bypassIds: readonly string[];
  /** Which of these are decisions about games, and of what kind. */
  readonly decisions: Readonly<Record<string, GameDecisionKind>>;
  /** Games that its live version lacks, or is contradicted in, by the newest look. */
  readonly missingGames: readonly GameVerdict[];
  /** What was said when it was built. */
  readonly warnings: readonly string[];
  /** The decision that its live version is kept for; null when there is none. */
  readonly pin: PinStanding | null;
}

export interface Explanation {
  readonly gameDate: string;
  readonly state: RunState | 'unknown';
  /** The sentence that matters first. */
  readonly headline: string;
  /** What somebody can do, as sentences; none when nobody need do anything. */
  readonly acts: readonly string[];
  /** Whether the date's workflow is open. */
  readonly isOpen: boolean;
  /** Instants are ISO 8601, UTC; null when the date does not wait. */
  readonly waitingSince: string | null;
  readonly probes: number;
  readonly nextProbeAt: string | null;
  readonly deadline: string | null;
  readonly levels: readonly { readonly level: number; readonly processors: readonly ProcessorStanding[] }[];
  readonly bypasses: readonly Bypass[];
  /** Live versions that are not what a run would build now, and why. */
  readonly stale: readonly StaleUpstream[];
}

/** Explains a date from its run's state. */
export function explainState(
  state: DateStanding,
  isOpen: boolean,
  stale: readonly StaleUpstream[] = [],
): Explanation {
  const gate = state.gate?.waitingSince ? state.gate : null;
  const held = heldBy(state);
  const plan = state.plan?.processors ?? [];
  const standings = plan.map(({ name }) => standingOf(state, name, held));
  return {
    gameDate: state.gameDate,
    state: state.runState,
    headline: headlineOf(state, standings, held),
    acts: isOpen || isTrouble(state.runState) ? actsOf(state, standings, held) : [],
    isOpen,
    waitingSince: gate?.waitingSince ?? null,
    probes: state.gate?.probes ?? 0,
    nextProbeAt: gate?.nextProbeAt ?? null,
    deadline: state.deadline,
    levels: byLevel(standings, plan),
    bypasses: state.bypasses,
    stale,
  };
}

function standingOf(
  state: DateStanding,
  name: ProcessorName,
  held: readonly GateVerdict[],
): ProcessorStanding {
  const result = state.results[name];
  const verdict = held.find(({ processor }) => processor === name);
  const known = result ? fromResult(result) : notAskedFor(name);
  if (verdict)
    return {
      ...known,
      standing: 'waiting',
      reason: verdict.checkFailed ? describeMissing([verdict]) : `missing ${verdict.missing.join(', ')}`,
      needs: needsOf(verdict),
    };
  if (state.running.includes(name))
    return { ...known, standing: 'running', reason: whyLaterOnesWait(state, name) };
  if (!state.open.includes(name)) return known;
  return { ...known, standing: 'planned', reason: 'not started yet', needs: [] };
}

/** Why a processor that runs keeps others from starting; empty where it does not. */
function whyLaterOnesWait({ plan, open, running }: DateStanding, name: ProcessorName): string {
  const level = (of: ProcessorName): number => plan?.processors.find((one) => one.name === of)?.level ?? 1;
  const later = open.filter((other) => !running.includes(other) && level(other) > level(name));
  const limit = plan?.processors.find((one) => one.name === name)?.timeoutMs ?? 0;
  return later.length > 0
    ? `${later.join(', ')} ${later.length > 1 ? 'start' : 'starts'} when it has ended, after ${Math.round(limit / 60_000)} minutes at the latest`
    : '';
}

export function notAskedFor(processor: ProcessorName): ProcessorStanding {
  return {
    ...{ processor, standing: 'not requested', version: null, rowCount: null },
    ...{ reason: '', needs: [], bypassIds: [], decisions: {}, missingGames: [], warnings: [], pin: null },
  };
}

export function fromResult(result: ProcessorResult): ProcessorStanding {
  const { processor, outcome, version, rowCount, reason } = result;
  return {
    ...{ processor, standing: outcome, version, rowCount, reason },
    needs: isSatisfied(outcome) || outcome === 'skipped' ? [] : needsOf(result),
    ...{ bypassIds: result.bypassIds ?? [], decisions: result.decisions ?? {} },
    missingGames: isSatisfied(outcome) ? result.missingGames : [],
    warnings: result.warnings,
    pin: result.pin ?? null,
  };
}

type Evidence = Pick<GateVerdict, 'missing' | 'missingGames'> &
  Partial<Pick<GateVerdict, 'details' | 'expected'>>;

function needsOf({ missing, missingGames, details = {}, expected = [] }: Evidence): Need[] {
  const counted = Object.keys(details);
  return [...new Set([...missing, ...counted])].map((table): Need => {
    const detail = details[table];
    return {
      table,
      found: detail?.found ?? null,
      expectedMin: detail?.expectedMin ?? null,
      status: detail?.status ?? 'not_current',
      games: missingGames.filter((game) => game.table === table),
      expected: expected.find((arrival) => arrival.table === table) ?? null,
    };
  });
}

export function byLevel(
  standings: readonly ProcessorStanding[],
  plan: readonly PlannedProcessor[],
): Explanation['levels'] {
  const levels = new Map<number, ProcessorStanding[]>();
  for (const standing of standings) {
    const level = plan.find(({ name }) => name === standing.processor)?.level ?? 1;
    levels.set(level, [...(levels.get(level) ?? []), standing]);
  }
  return [...levels].sort(([a], [b]) => a - b).map(([level, own]) => ({ level, processors: own }));
}

function headlineOf(
  state: DateStanding,
  standings: readonly ProcessorStanding[],
  held: readonly GateVerdict[],
): string {
  const { gameDate, runState, gate } = state;
  if (runState === 'waiting' && gate?.waitingSince) {
    const next = gate.nextProbeAt ? ` Next check ${clock(gate.nextProbeAt)}` : '';
    const until = state.deadline ? `, deadline ${clock(state.deadline)}` : '';
    if (gate.checkFailed)
      return `${gameDate} has been waiting since ${clock(gate.waitingSince)}: ${describeUnchecked(gate.checkFailed)}.${next}${until}.`;
    return `${gameDate} has been waiting at level ${gate.level} since ${clock(gate.waitingSince)}: ${describeMissing(held)}.${next}${until}.${etaOf(held)}`;
  }
  if (runState === 'running') {
    const { running } = state;
    const later = state.open.filter((name) => !running.includes(name));
    const behind =
      later.length > 0 && running.length > 0
        ? `; ${later.join(', ')} ${later.length > 1 ? 'start' : 'starts'} when ${running.length > 1 ? 'they have' : 'it has'} ended`
        : '';
    return running.length > 0
      ? `${gameDate} is running: ${running.join(', ')}${behind}.`
      : `${gameDate} is running${later.length > 0 ? `; not finished: ${later.join(', ')}` : ''}.`;
  }
  const { message } = state.journal.findLast(({ level }) => level === 'ERROR') ?? {};
  return sentenceOf(gameDate, runState, standings, runState === 'failed' ? message : state.endedBecause);
}

export function sentenceOf(
  gameDate: string,
  state: RunState | 'unknown',
  standings: readonly ProcessorStanding[],
  because: string | null | undefined,
): string {
  const of = (...wanted: Outcome[]): ProcessorStanding[] =>
    standings.filter(({ standing }) => wanted.some((outcome) => outcome === standing));
  const [worst] = [...of('failed'), ...of('quarantined'), ...of('blocked'), ...of('upstream_failed')];
  const decided = decidedGames(standings);
  const bypassesOf = ({ bypassIds }: ProcessorStanding): string[] =>
    bypassIds.filter(
      (id) => !decided.some((game) => decisionsAbout(game).some((one) => one.decisionId === id)),
    );
  const marked = standings.filter((one) => bypassesOf(one).length > 0);
  const kinds = Object.assign({}, ...standings.map((one) => one.decisions)) as ProcessorStanding['decisions'];
  switch (state) {
    case 'published':
    case 'unchanged': {
      const built =
        marked.length > 0
          ? `, and ${marked.map(({ processor }) => processor).join(', ')} ${marked.length > 1 ? 'were' : 'was'} built with ${describeStandsOn([...new Set(marked.flatMap(bypassesOf))], kinds)}`
          : '';
      return `${gameDate} is ${state}${built}${decided.map(asDecided).join('')}.`;
    }
    case 'partial':
    case 'disputed': {
      const lacking = lackingGames(standings);
      const named = lacking.slice(0, 3).map((game) => `${game.gameId} ${game.status}, ${game.detail}`);
      const more = lacking.length > 3 ? `; and ${lacking.length - 3} more` : '';
      const made = lacking.filter(canBuild).length;
      const kept = lacking.filter((game) => !canBuild(game) && game.isLive).length;
      const left = lacking.length - made - kept;
      const parts = [
        ...(left > 0 ? [`without ${left} of its games`] : []),
        ...(kept > 0 ? [`with the live rows of ${kept} of its games kept`] : []),
        ...(made > 0 ? [`with ${made} of its games reconstructed`] : []),
      ];
      return state === 'partial'
        ? `${gameDate} is partial: everything is published ${parts.join(' and ')} (${named.join('; ')}${more}).`
        : `${gameDate} is disputed: evidence that came since contradicts what is live (${named.join('; ')}${more}).`;
    }
    case 'questioned': {
      const asked = standings.filter(({ pin }) => pin?.questioned);
      const by = [...new Set(asked.map(({ pin }) => pin?.by ?? ''))].join(' and ');
      const why = asked[0]?.pin?.questioned ?? '';
      return `${gameDate} is questioned: inputs moved since ${by} pinned ${asked.map(({ processor }) => processor).join(', ')} (${why}).`;
    }
    case 'skipped':
      return `${gameDate} is skipped: ${standings.find(({ reason }) => reason !== '')?.reason ?? 'there was nothing to do'}.`;
    case 'quarantined':
      return `${gameDate} is quarantined: rows of ${worst?.processor ?? '?'} failed a check; the previous version stays live. ${worst?.reason ?? ''}`.trim();
    case 'abandoned':
      return `${gameDate} waited too long for a person and was abandoned${worst ? `: ${worst.processor} ${worst.standing}, ${worst.reason}` : ''}.`;
    case 'cancelled':
      return `${gameDate} was cancelled${because ? ` ${because}` : ''}; the published tables stay.`;
    case 'running':
    case 'waiting':
    case 'blocked':
    case 'failed':
    case 'upstream_failed':
    case 'unknown':
      return worst
        ? `${gameDate} is ${state}: ${worst.processor}, ${worst.reason}.`
        : `${gameDate} is ${state}${because ? `: ${because}` : ''}.`;
  }
}

/** That live versions stand on bypasses whose time is over. */
export function describeExpired(gameDate: string, bypasses: readonly Bypass[]): string {
  const each = bypasses.map(
    ({ processor, version, tables, bypassId, by, until }) =>
      `version ${version ?? 0} of ${processor} was built without ${tables.join(', ')} by bypass ${bypassId} (${by}), which expired at ${until}`,
  );
  return `${gameDate}: ${each.join('; ')}. What is live stays; the missing rows or another decision are needed.`;
}

/** Games that a person has decided about, once each. */
function decidedGames(standings: readonly ProcessorStanding[]): GameVerdict[] {
  const games = standings.flatMap(({ missingGames }) =>
    missingGames.filter((game) => decisionsAbout(game).length > 0),
  );
  return [...new Map(games.map((game) => [game.gameId, game])).values()];
}

function asDecided(game: GameVerdict): string {
  const what = decisionsAbout(game).map(describeDecision).join(' and ');
  return `, ${withOrWithout(game)} ${game.gameId}, ${what}`;
}

/** When what is missing is to be expected, if the dates before say anything. */
function etaOf(held: readonly GateVerdict[]): string {
  const arrivals = held.flatMap((verdict) => verdict.expected ?? []);
  const seen = new Set<string>();
  return arrivals
    .filter(({ table }) => !seen.has(table) && seen.add(table))
    .map(
      ({ table, p50At, p90At, samples }) =>
        ` ${table} usually arrives by ${clock(p50At)}, in 9 of 10 dates by ${clock(p90At)} (${samples} dates).`,
    )
    .join('');
}

function actsOf(
  state: DateStanding,
  standings: readonly ProcessorStanding[],
  held: readonly GateVerdict[],
): string[] {
  const { gameDate, runState } = state;
  const bypass = [...bypassActs(state), ...gameActs(gameDate, gamesToDecide(state, standings))];
  switch (runState) {
    case 'waiting':
      return [
        state.gate?.checkFailed || held.some((verdict) => verdict.checkFailed)
          ? 'The dependency check itself failed: `phase3 status` shows whether the warehouse answers.'
          : `The date continues automatically when the rows and their trigger arrive; \`phase3 recheck ${gameDate}\` checks now.`,
        `\`phase3 extend ${gameDate} --for 30m\` moves the deadline by 30 minutes.`,
        ...bypass,
      ];
    case 'blocked':
      return [`When the missing rows have arrived, ${rerunAct(gameDate)}`, ...bypass];
    case 'quarantined':
      return [
        `\`phase3 quarantine show ${gameDate}\` shows the rows and the checks that they failed.`,
        `When the rows that failed the check have been corrected, ${rerunAct(gameDate)}`,
        ...refusedActs(state, standings),
        ...gameActs(gameDate, gamesToDecide(state, standings)),
      ];
    case 'failed':
    case 'upstream_failed':
    case 'abandoned':
      return [rerunAct(gameDate)];
    case 'partial':
    case 'disputed':
      return actsOnGames(gameDate, runState, gamesToDecide(state, standings), standings);
    case 'questioned':
      return actsOnPins(gameDate);
    case 'running':
    case 'published':
    case 'unchanged':
    case 'skipped':
    case 'cancelled':
      return state.bypasses.length > 0
        ? ['The bypass is cleared automatically when the missing rows arrive and the date is built again.']
        : [];
  }
}

/** One decision for each source that is missing, whatever lacks it. */
function bypassActs(state: DateStanding): string[] {
  const { gameDate, plan } = state;
  const processors = plan?.processors ?? [];
  const inputs = new Set(processors.flatMap((one) => one.inputs));
  const missing = new Set(processors.flatMap(({ name }) => missingOf(state, name)));
  const sources = [...missing].filter((table) => inputs.has(table));
  const acts = (sources.length > 0 ? sources : [...missing]).flatMap((table) => {
    const passed = passedBy(state, { missing: [table] });
    // What lacks it through an upstream alone was not looked at yet: it may lack more.
    const direct = passed.filter(({ tables }) => tables.includes(table)).map(({ processor }) => processor);
    const later = passed.map(({ processor }) => processor).filter((name) => !direct.includes(name));
    const then =
      later.length > 0
        ? `, then ${later.join(', ')} if nothing else is missing (\`phase3 check ${gameDate}\`)`
        : '';
    return direct.length === 0
      ? []
      : [
          `\`phase3 bypass ${gameDate} --missing ${table} --reason "WHY"\` runs ${direct.join(', ')} once without it${then}; \`--dry-run\` shows what would be published.`,
        ];
  });
  const passable = processors.find(({ name }) => whyNoBypass(state, name) === null);
  if (acts.length > 0 || !passable) return acts;
  // It lacks several tables, none of which is enough by itself.
  return [
    `\`phase3 bypass ${gameDate} --processor ${passable.name} --reason "WHY"\` runs ${passable.name} once without the missing inputs.`,
  ];
}

/** Games that break rules or lack figures, and that nobody has decided about, by id. */
function gamesToDecide(state: DateStanding, standings: readonly ProcessorStanding[]): GameVerdict[] {
  const waiting = heldBy(state).flatMap(({ missingGames }) => missingGames);
  return undecided([...waiting, ...standings.flatMap(({ missingGames }) => missingGames)]);
}

export function undecided(games: readonly GameVerdict[]): GameVerdict[] {
  const own = games.filter(
    ({ broken = [], decision, status, estimate }) =>
      (broken.length > 0 && !decision) || (status === 'reconstructed' && !estimate),
  );
  return [...new Map(own.map((game) => [game.gameId, game])).values()];
}

/** A game that somebody may decide about. */
type DecidableGame = Pick<GameVerdict, 'gameId' | 'status' | 'broken' | 'estimate'> & {
  readonly isLive?: boolean;
  readonly decision?: GameVerdict['decision'] | null;
};

/** What is live of a table whose new rows a check has refused can be kept. */
function refusedActs({ gameDate, plan }: DateStanding, standings: readonly ProcessorStanding[]): string[] {
  return standings.flatMap(({ processor, standing, version }) => {
    const table = plan?.processors.find(({ name }) => name === processor)?.table;
    return standing === 'quarantined' && version !== null && table !== undefined
      ? [discardTableAct(gameDate, table, version)]
      : [];
  });
}

export function discardTableAct(gameDate: string, table: string, version: number): string {
  return `\`phase3 quarantine discard ${gameDate} ${table} --reason "WHY"\` keeps version ${version} in place of the refused rows.`;
}

/** Who lets a processor run without what, why, and until when. */
export function describeBypass({ bypassId, processor, by, reason, tables, status, until }: Bypass): string {
  return `bypass by ${by} until ${until}: ${processor} without ${tables.join(', ')}: ${reason} (${bypassId}, ${status})`;
}

/** What can be decided about each of these games, but for what was decided already. */
export function gameActs(gameDate: string, games: readonly DecidableGame[]): string[] {
  return games.flatMap((game) => [...ruleActs(gameDate, game), ...estimateActs(gameDate, game)]);
}

/** What can be put in place of what the players of a reconstructed game cannot give. */
function estimateActs(gameDate: string, { gameId, status, estimate }: DecidableGame): string[] {
  if (status !== 'reconstructed' || estimate) return [];
  return [
    `\`phase3 quarantine estimate ${gameDate} ${gameId} --for 30d --reason "WHY"\` accepts an estimate of what its players cannot give, until the real row comes; \`--dry-run\` shows what would change.`,
  ];
}

function ruleActs(gameDate: string, game: DecidableGame): string[] {
  const { gameId, broken = [], isLive, decision } = game;
  if (broken.length === 0) return [];
  const rules = broken.map(({ rule }) => rule).join(',');
  const stays = isLive ? 'keeps its live rows' : 'leaves it out';
  const acts = {
    release: `\`phase3 quarantine release ${gameDate} ${gameId} --rules ${rules} --for 7d --reason "WHY"\` publishes it as it is; \`--dry-run\` shows what would change.`,
    discard: `\`phase3 quarantine discard ${gameDate} ${gameId} --reason "WHY"\` ${stays}, and settles the date.`,
  };
  return Object.entries(acts).flatMap(([kind, act]) => (kind === decision?.kind ? [] : [act]));
}

/** What somebody can do about games that are held or disputed. */
export function actsOnGames(
  gameDate: string,
  state: 'partial' | 'disputed',
  games: readonly GameVerdict[],
  standings: readonly Pick<ProcessorStanding, 'pin'>[] = [],
): string[] {
  // What is pinned stays as it is, whatever comes and whatever is decided about its games.
  if (standings.some(({ pin }) => pin)) return actsOnPins(gameDate);
  return [
    ...(state === 'disputed'
      ? [
          `\`phase3 restore ${gameDate} --processor P --to VERSION --reason "WHY"\` brings back the version before, if what is live is wrong.`,
        ]
      : []),
    `When corrected rows have arrived, \`phase3 run ${gameDate} --wait\` builds what they change; \`phase3 rules\` explains the rules.`,
    ...gameActs(gameDate, games),
  ];
}

/** What somebody can do about a pin that is questioned. */
export function actsOnPins(gameDate: string): string[] {
  return [
    `\`phase3 unpin ${gameDate} --reason "WHY"\` builds what is pinned from the present inputs; until then it stays as it is.`,
  ];
}

export function rerunAct(gameDate: string): string {
  return `\`phase3 rerun ${gameDate} --reason "WHY"\` runs the date again.`;
}

/** `2026-02-04 06:30:00 UTC`, without the day where it is plain. */
function clock(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
}
