/** Watches a simulated date: what must hold at each publish, at each turn of the run and at the end. The first breach ends the schedule. */
import { verifyChain, parseHead, type Witness } from '../../src/audit/chain';
import { parseBypass } from '../../src/contracts/bypass-mark';
import { buildActivityOf } from '../../src/contracts/build-activity';
import type {
  CheckDependenciesRequest,
  RestoreVersionRequest,
  RunProcessorRequest,
} from '../../src/contracts/activities';
import type { DateState, Phase3Result } from '../../src/contracts/date-state';
import type { AuditKind } from '../../src/contracts/decisions';
import type { DateReply } from '../../src/contracts/messages';
import { isSatisfied } from '../../src/contracts/phase3';
import { processorOf, processors } from '../../src/plan/registry';
import type { Processor } from '../../src/processors/define-processor';
import type { Row } from '../../src/tables/define-table';
import type { AuditRow, ManifestRow, RunHistoryRow } from '../../src/tables/orchestration';
import type { FenceToken, PublishRequest } from '../../src/warehouse/warehouse';
import { isOfManifest, type Effects, type MemoryWarehouse } from './memory-warehouse';
import {
  Violation,
  type ActivityTask,
  type Attempt,
  type RunRecord,
  type SentUpdate,
  type ServerEvents,
  type SimulatedServer,
} from './simulated-server';
import { formsOf, gameDate, rawNames, type RawName } from './toy-night';
import type { Command } from './workflow-run';

/** A request that somebody has sent, each time to which chain of runs and after which event. */
export interface Sent {
  readonly requestId: string;
  readonly isRepliedTo: boolean;
  /** Whether what it is answered is about rows: of a restore or a refusal it is not. */
  readonly isAboutRows: boolean;
  readonly to: { readonly chainId: string; readonly at: number }[];
}

/** What raw tables held, and until which event. */
interface RawState {
  readonly rows: Readonly<Record<RawName, readonly Row[]>>;
  until: number;
}

export class Watch implements Effects, ServerEvents {
  readonly sent = new Map<string, Sent>();
  /** Set by whoever holds the world, once it is whole. */
  server!: SimulatedServer;
  warehouse!: MemoryWarehouse;
  /** What has come about, by name: schedules that never get anywhere prove nothing. */
  readonly reached = new Set<string>();
  /** The attempt whose operation has its turn. */
  acting: Attempt | null = null;
  private breach: string | null = null;
  private claim: FenceToken | null = null;
  private readonly raw: RawState[] = [];
  /** By table and version, the event at which another version took its place. */
  private readonly replacedAt = new Map<string, number>();
  /** By activity, the event at which its newest task ended. */
  private readonly endedAt = new Map<string, number>();
  /** When the newest look that has ended was scheduled. */
  private lookedAt = 0;
  private answers = new Map<string, { readonly reply: string; readonly times: number }>();
  private readonly replies = new Map<string, number>();
  private last: DateState | null = null;
  private isCancelledInTemporal = false;

  constructor(private readonly say: (line: string) => void) {}

  /** Throws what was breached. */
  check(): void {
    if (this.breach !== null) throw new Violation(this.breach);
  }

  private breached(what: string): void {
    this.say(`BREACH: ${what}`);
    this.breach ??= what;
  }

  // What others do.

  rawBecomes(table: RawName, rows: readonly Row[]): void {
    const before = this.raw.at(-1);
    if (before) before.until = this.server.events;
    const none = Object.fromEntries(rawNames.map((name) => [name, []])) as unknown as RawState['rows'];
    this.raw.push({ rows: { ...(before?.rows ?? none), [table]: rows }, until: Infinity });
  }

  asked(request: Omit<Sent, 'to'>, chainId: string): void {
    const known = this.sent.get(request.requestId) ?? { ...request, to: [] };
    known.to.push({ chainId, at: this.server.events });
    this.sent.set(request.requestId, known);
  }

  cancelledInTemporal(): void {
    this.isCancelledInTemporal = true;
  }

  // What the warehouse does.

  claimed(token: FenceToken): void {
    this.claim = token;
  }

  closed(run: RunRecord): void;
  closed(token: FenceToken, row: RunHistoryRow): void;
  closed(what: RunRecord | FenceToken, row?: RunHistoryRow): void {
    if (!row) {
      this.runClosed(what as RunRecord);
      return;
    }
    const { runId, pass } = what as FenceToken;
    if (this.claim?.runId === runId && this.claim.pass === pass) this.claim = null;
  }

  appended(_: string, rows: readonly Row[]): void {
    for (const row of rows) {
      this.say(`    audit: ${String(row['kind'])} ${String(row['entry_id'])}`);
      this.reached.add(`audit: ${String(row['kind'])}`);
    }
  }

  published({ fence, manifest, table }: PublishRequest, isSpoiled: boolean): void {
    const { version, processor: name, reason } = manifest;
    this.say(`    publishes ${table} version ${version} (${reason})${isSpoiled ? ', spoiled' : ''}`);
    const own = this.manifestsOf(table);
    if (own.some((one, index) => one.version !== index + 1))
      this.breached(`the versions of ${table} are ${own.map((one) => one.version).join(', ')}`);
    if (version > 1) this.replacedAt.set(`${table}/${version - 1}`, this.server.events);
    const newest = own.at(-1);
    if (newest?.stage_id !== manifest.stage_id || isOfManifest(this.warehouse, newest) === isSpoiled)
      this.breached(`live rows of ${table} are not those of its newest version`);
    this.reached.add(this.acting?.isAwaited ? 'a publish' : 'a publish by a late attempt');
    if (this.acting?.task.type === 'restoreVersion') this.reached.add('a restored version');
    if (this.claim?.runId !== fence.runId || this.claim.pass !== fence.pass)
      this.breached(
        `${table} was published by ${fence.runId}, pass ${fence.pass}, while the date is held by ${this.claim ? `${this.claim.runId}, pass ${this.claim.pass}` : 'nobody'}`,
      );
    const attempt = this.acting;
    if (attempt?.task.type === 'restoreVersion') {
      const { requestId } = attempt.task.input as RestoreVersionRequest;
      this.needEntry('restore', requestId, `a restore of ${name}`);
      this.checkNoMix(manifest);
      return;
    }
    // Rows of a pinned version that were altered are put back as they were.
    if (manifest.pin !== null && !reason.includes('; rolled back to version ')) {
      this.reached.add('pinned rows that were put back');
      if (manifest.pin !== own.at(-2)?.pin || manifest.content_hash !== own.at(-2)?.content_hash)
        this.breached(`version ${version} of ${table} is pinned, and not what was pinned before it`);
      return;
    }
    // What is put back was built in its turn.
    if (reason.includes('; rolled back to version ')) {
      if (manifest.fingerprint !== own.at(-3)?.fingerprint)
        this.breached(`version ${version} of ${table} puts back another than the one before`);
      return;
    }
    this.checkOrder(processorOf(name), manifest, attempt);
    const mark = parseBypass(manifest.bypass);
    if (mark?.kind === 'person') this.needEntry('bypass', mark.bypass_id, `a build of ${name} over a bypass`);
  }

  /** What is restored stands on what is live. */
  private checkNoMix(manifest: ManifestRow): void {
    for (const [table, version] of upstreamVersionsOf(manifest)) {
      const live = this.manifestsOf(table).at(-1)?.version ?? 0;
      if (version !== live)
        this.breached(
          `${manifest.table_name} was restored on version ${version} of ${table}, of which version ${live} is live`,
        );
    }
  }

  private checkOrder(processor: Processor, manifest: ManifestRow, attempt: Attempt | null): void {
    const built = upstreamVersionsOf(manifest);
    for (const upstream of neededUpstreams(processor, manifest)) {
      const { name: table } = upstream.table;
      const live = this.manifestsOf(table).at(-1)?.version ?? 0;
      if (built.get(table) !== live)
        this.breached(
          `${processor.name} was built on version ${built.get(table) ?? 0} of ${table}, of which version ${live} is live`,
        );
      if (attempt?.isAwaited && this.isUnderWay(upstream))
        this.breached(`${processor.name} was published while ${upstream.name} was under way`);
    }
  }

  private isUnderWay({ name }: Processor): boolean {
    return [...this.server.tasks.values()].some(({ type }) => type === buildActivityOf(name));
  }

  // What the server does.

  scheduled(task: ActivityTask): void {
    this.say(`  asks for ${task.type} ${describeInput(task)}`);
    if (task.type === 'restoreVersion') {
      const { requestId, wanted } = task.input as RestoreVersionRequest;
      this.needEntry('restore', requestId, `a restore of ${JSON.stringify(wanted)}`);
    }
    if (!task.type.startsWith('build')) return;
    const { processor: name, waiver, forced } = task.input as RunProcessorRequest;
    if (waiver) this.needEntry('bypass', waiver.bypassId, `the bypass of ${name}`);
    if (forced) {
      const [, what = '', by = '', reason = ''] = /^(forced|unpinned) by ([^:]*): (.*)$/.exec(forced) ?? [];
      const kind = what === 'forced' ? 'rerun' : 'unpin';
      if (!this.entries().some((row) => row.kind === kind && row.decided_by === by && row.reason === reason))
        this.breached(`${name} is built (${forced}) before that is in the audit`);
    }
    for (const upstream of Object.values(processorOf(name).upstreams)) {
      if (waiver?.tables.includes(upstream.table.name)) continue;
      if (this.isUnderWay(upstream))
        this.breached(`${name} was started while ${upstream.name} was under way`);
      if ((this.endedAt.get(buildActivityOf(upstream.name)) ?? 0) > this.lookedAt)
        this.breached(`${name} was started after a check that began before ${upstream.name} had ended`);
    }
  }

  resolved({ type, scheduledAt }: ActivityTask): void {
    if (type === 'checkDependencies') this.lookedAt = Math.max(this.lookedAt, scheduledAt);
    this.endedAt.set(type, this.server.events);
  }

  activated(state: DateState | null, commands: readonly Command[]): void {
    if (!state) return;
    const { chainId } = this.server.runs.at(-1)!;
    this.checkAnswers(state, chainId);
    this.checkDeadline(state);
    for (const { id, decided } of state.decisions) {
      const entry = this.entriesOf(id).find(({ seq }) => seq === decided.entry.seq);
      if (entry?.row_hash !== decided.entry.hash)
        this.breached(`decision ${id} is taken, and not in the audit where it is said to be`);
    }
    const isEnding = commands.some((one) => one.requestCancelActivity) || state.runState === 'cancelled';
    if (isEnding && !this.isCancelledInTemporal && !this.entries().some(({ kind }) => kind === 'cancelled'))
      this.breached('the run is cancelled, and the audit says nothing of it');
    this.last = state;
  }

  private checkAnswers(state: DateState, chainId: string): void {
    for (const answer of state.answers) {
      const { requestId } = answer;
      const sent = this.sent.get(requestId);
      const reply = JSON.stringify(answer);
      const before = this.answers.get(requestId);
      if (before?.reply === reply) continue;
      this.say(`    answers ${requestId}: ${answer.summary}`);
      // What has failed is tried again when it is sent again.
      const times = (before?.times ?? 0) + 1;
      const sentTimes = sent?.to.filter((one) => one.chainId === chainId).length ?? Infinity;
      if (before && times > sentTimes)
        this.breached(`${requestId} was answered ${times} times: ${before.reply} and ${reply}`);
      this.answers.set(requestId, { reply, times });
      const isPending = state.pending.some((message) => message.requestId === requestId);
      if (isPending) this.breached(`${requestId} is answered, and pending`);
      // A run that is given up says what there was, not what was asked for.
      const isGivenUp = answer.state === 'cancelled' || answer.state === 'abandoned';
      if (sent?.isAboutRows && !isGivenUp) this.checkFresh(answer, sent, chainId);
    }
  }

  /** What is said to be published was, at some instant since the request came, what the rows of some such instant come to. */
  private checkFresh({ requestId, outcomes }: DateReply, sent: Sent, chainId: string): void {
    const since = sent.to.filter((one) => one.chainId === chainId).map(({ at }) => at);
    for (const [name, outcome] of Object.entries(outcomes)) {
      if (!isSatisfied(outcome)) continue;
      const { table } = processorOf(name);
      const versions = this.manifestsOf(table.name).filter(
        ({ version }) => (this.replacedAt.get(`${table.name}/${version}`) ?? Infinity) >= Math.min(...since),
      );
      if (!versions.some((manifest) => this.isFresh(manifest, Math.min(...since))))
        this.breached(
          `${requestId} is answered "${name} ${outcome}", but since it was sent no version of it was what the rows come to`,
        );
    }
  }

  private isFresh(manifest: ManifestRow, since: number): boolean {
    // What was restored stays as it was, whatever the rows come to.
    if (manifest.pin !== null) return true;
    const processor = processorOf(manifest.processor);
    const needed = neededUpstreams(processor, manifest);
    const built = upstreamVersionsOf(manifest);
    const [upstream] = Object.values(processor.upstreams);
    const base = upstream
      ? this.manifestsOf(upstream.table.name).find(
          ({ version }) => version === built.get(upstream.table.name),
        )
      : undefined;
    if (needed.length > 0 && (!base || !this.isFresh(base, since))) return false;
    const baseRows = base && upstream ? this.rowsOf(base) : [];
    const rows = figuresOf(this.rowsOf(manifest));
    const live = this.manifestsOf(processor.table.name).find(
      ({ version }) => version === manifest.version - 1,
    );
    return this.raw.some((state) => {
      if (state.until < since) return false;
      const fresh = expectedRows(processor, state.rows, baseRows, needed.length > 0);
      return rows === figuresOf([...fresh, ...this.keptBeside(fresh, live)]);
    });
  }

  /** Games that are live stay so as they are, where the rows have come to nothing of them. */
  private keptBeside(fresh: readonly Row[], live: ManifestRow | undefined): readonly Row[] {
    const known = new Set(fresh.map((row) => row['game_id']));
    return live ? this.rowsOf(live).filter((row) => !known.has(row['game_id'])) : [];
  }

  private checkDeadline(state: DateState): void {
    const before = this.last?.deadline ?? null;
    const { deadline } = state;
    if (before === null || deadline === null || deadline <= before) return;
    const isOnRecord = this.entries().some(
      (row) =>
        row.kind === 'deadline_extended' && (JSON.parse(row.evidence) as { to?: string }).to === deadline,
    );
    // Who asks again once a deadline has passed gets another.
    if (!isOnRecord && before > new Date(this.server.nowMs).toISOString())
      this.breached(`the deadline moved from ${before} to ${deadline} off the record`);
  }

  replied(_: string, { requestId }: DateReply): void {
    this.replies.set(requestId, (this.replies.get(requestId) ?? 0) + 1);
  }

  updated({ name, id, outcome }: SentUpdate): void {
    this.say(`    ${name} ${id} is ${outcome}`);
    this.reached.add(`decision: ${outcome}`);
    const about = this.entriesOf(id).map(({ processor }) => processor);
    if (outcome === 'completed' && (about.length === 0 || new Set(about).size < about.length))
      this.breached(`${name} ${id} was taken and is not once in the audit`);
  }

  private runClosed({ runId, chainId, status, result }: RunRecord): void {
    this.say(`  ${runId} is ${status}${result ? ` (${result.state})` : ''}`);
    this.reached.add(`run: ${result?.state ?? status}`);
    if (status === 'failed') this.breached(`${runId} failed`);
    if (status === 'continued') {
      // One that has been cancelled may go on with what was asked afterwards.
      if (this.isCancelledInTemporal && this.last?.runState !== 'cancelled')
        this.breached(`${runId} went on though it was cancelled`);
      this.isCancelledInTemporal = false;
      return;
    }
    this.checkLeft(runId, result);
    const { last } = this;
    const open = (last?.pending ?? []).map(({ requestId }) => requestId);
    if (open.length > 0) this.breached(`${runId} has ended without an answer to ${open.join(', ')}`);
    for (const { requestId, isRepliedTo, to } of this.sent.values()) {
      const times = to.filter((one) => one.chainId === chainId).length;
      if (times === 0) continue;
      if (!this.answers.has(requestId)) this.breached(`${runId} has ended and forgotten ${requestId}`);
      const replies = this.replies.get(requestId) ?? 0;
      if (isRepliedTo && (replies < 1 || replies > times))
        this.breached(`${requestId} was sent ${times} times, and its sender was told ${replies} times`);
    }
    this.answers = new Map();
    this.replies.clear();
    this.last = null;
    this.isCancelledInTemporal = false;
  }

  /** A run that is done leaves the versions that it says. */
  private checkLeft(runId: string, result: Phase3Result | null): void {
    if (!result || result.state === 'cancelled' || result.state === 'abandoned') return;
    for (const { processor, outcome, version } of result.results) {
      if (!isSatisfied(outcome)) continue;
      const live = this.versionsOf(processor);
      if (version !== live)
        this.breached(`${runId} ended with version ${version} of ${processor}, and version ${live} is live`);
      const newest = this.manifestsOf(processorOf(processor).table.name).at(-1);
      if (newest && !isOfManifest(this.warehouse, newest))
        this.breached(
          `${runId} ended with ${processor} ${outcome}, and its live rows are not what was built`,
        );
    }
  }

  // The end.

  /** Once everything has arrived and was asked for again: everything is as a plain run makes it. */
  checkEnd(lastRequest: string): void {
    const run = this.server.runs.at(-1);
    const answer = run?.result?.answered.find(({ requestIds }) => requestIds.includes(lastRequest));
    if (run?.status !== 'completed' || !answer)
      this.breached(`the last request is not answered: ${run?.status}`);
    const truth = Object.fromEntries(
      rawNames.map((name) => [name, formsOf[name][0] ?? []]),
    ) as RawState['rows'];
    for (const processor of processors) {
      const { name } = processor.table;
      const [upstream] = Object.values(processor.upstreams);
      const base = upstream ? this.warehouse.peek(upstream.table.name) : [];
      const wanted = figuresOf(expectedRows(processor, truth, base, upstream !== undefined));
      const found = figuresOf(this.warehouse.peek(name));
      if (found !== wanted) this.breached(`at the end ${name} holds ${found}, wanted ${wanted}`);
      const live = this.manifestsOf(name).at(-1);
      if (!live || !isOfManifest(this.warehouse, live))
        this.breached(`live rows of ${name} are not its newest version`);
      else if (live.bypass !== null) this.breached(`at the end ${name} stands on a bypass`);
    }
    this.checkChain();
    this.check();
  }

  private checkChain(): void {
    const witness = (head: string | null, where: string): Witness[] => {
      const known = parseHead(head);
      return known ? [{ gameDate, head: known, where }] : [];
    };
    const fault = verifyChain(gameDate, this.entries(), [
      ...(this.warehouse.peek('partition_manifest') as readonly ManifestRow[]).flatMap((row) =>
        witness(row.audit_head, `version ${row.version} of ${row.table_name}`),
      ),
      ...(this.warehouse.peek('run_history') as readonly RunHistoryRow[]).flatMap((row) =>
        witness(row.audit_head, `pass ${row.pass} of ${row.run_id}`),
      ),
    ]);
    if (fault) this.breached(`the audit is not whole: ${fault.detail}`);
    const ids = this.entries().map((row) => row.entry_id);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice) this.breached(`${twice} is in the audit twice`);
  }

  private entries(): readonly AuditRow[] {
    return this.warehouse.peek('bypass_audit');
  }

  /** Of a decision: one, or one for each processor that it is about. */
  private entriesOf(id: string): readonly AuditRow[] {
    return this.entries().filter(
      ({ entry_id, kind, evidence }) =>
        entry_id === id ||
        (kind === 'bypass' && (JSON.parse(evidence) as { bypassId?: string }).bypassId === id),
    );
  }

  private needEntry(kind: AuditKind, id: string, what: string): void {
    if (!this.entriesOf(id).some((row) => row.kind === kind))
      this.breached(`${what} (${id}) comes before its entry in the audit`);
  }

  /** Processors whose live version is pinned. */
  get pinned(): string[] {
    return processors.flatMap(({ name, table }) =>
      (this.manifestsOf(table.name).at(-1)?.pin ?? null) === null ? [] : [name],
    );
  }

  /** When the newest version of a processor was published; null where there is none. */
  publishedAt(name: string): string | null {
    return this.manifestsOf(processorOf(name).table.name).at(-1)?.published_at ?? null;
  }

  /** How many versions a processor has published. */
  versionsOf(name: string): number {
    return this.manifestsOf(processorOf(name).table.name).length;
  }

  private manifestsOf(table: string): ManifestRow[] {
    return (this.warehouse.peek('partition_manifest') as readonly ManifestRow[]).filter(
      (manifest) => manifest.table_name === table,
    );
  }

  private rowsOf({ table_name: table, stage_id: stageId }: ManifestRow): readonly Row[] {
    return this.warehouse.peekKept(table, stageId);
  }
}

function upstreamVersionsOf({ upstream_versions: json }: ManifestRow): Map<string, number> {
  const versions = JSON.parse(json) as { table_name: string; version: number }[];
  return new Map(versions.map(({ table_name: table, version }) => [table, version]));
}

/** The upstreams that a version could not have been built without. */
function neededUpstreams({ upstreams }: Processor, { bypass }: ManifestRow): Processor[] {
  const mark = parseBypass(bypass);
  const waived = mark?.kind === 'person' ? mark.tables : [];
  return Object.values(upstreams).filter(({ table }) => !waived.includes(table.name));
}

/** What a processor makes of raw rows and of its upstream's, worked out apart from the engine. */
function expectedRows(
  { name }: Processor,
  raw: RawState['rows'],
  base: readonly Row[],
  isBaseNeeded: boolean,
): Row[] {
  const isTeam = name === 'FirstProcessor' || name === 'SecondProcessor';
  return raw.nbac_schedule.flatMap((game): Row[] => {
    if (game['game_status'] !== 3) return [];
    const home = game['home_team_tricode'];
    const gameId = `${gameDate.replaceAll('-', '')}_${String(game['away_team_tricode'])}_${String(home)}`;
    const below = base.find((row) => row['game_id'] === gameId);
    if (name === 'FourthProcessor')
      return below ? [{ game_id: gameId, figure: 0, base: below['figure'] ?? null }] : [];
    const source = raw[isTeam ? 'nbac_team_boxscore' : 'nbac_gamebook_player_stats'];
    const row = source.find((one) => one['team_abbr'] === home);
    if (!row || (isBaseNeeded && !below)) return [];
    return [{ game_id: gameId, figure: row['points'] ?? 0, base: below?.['figure'] ?? null }];
  });
}

/** The figures of rows, to be compared and read. */
function figuresOf(rows: readonly Row[]): string {
  return rows
    .map((row) => `${String(row['game_id']).slice(-7)} ${String(row['figure'])}/${String(row['base'])}`)
    .sort()
    .join(', ');
}

function describeInput({ type, input }: ActivityTask): string {
  if (type === 'checkDependencies') {
    const { wants, opens, pass, running } = input as CheckDependenciesRequest;
    return `(${opens ? 'opens ' : ''}pass ${pass}, wants ${wants.map(({ key, at }) => `${key}@${at}`).join(' ')}; running ${running.join(' ')})`;
  }
  return type.startsWith('build') ? `(pass ${(input as RunProcessorRequest).pass})` : '';
}
