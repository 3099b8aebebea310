/**
 * Plays 3 February 2026 against a running stack: the gamebook first, placeholders in between, the team rows 92 minutes
 * later. Everything that is told is read from the system or computed; what was promised and does not come is an error.
 */
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Phase3Client } from '../client';
import type { DateReply } from '../contracts/messages';
import type { DateState, JournalLine } from '../contracts/date-state';
import type { GameVerdict, InputTableName } from '../contracts/phase3';
import type { ControlClient } from '../control/client';
import { explainState, type Explanation, type Need } from '../explain/explain-date';
import { defaultSource, processorNames, processorOf } from '../plan/registry';
import { teamOffenseGameSummary } from '../processors/team-offense-game-summary';
import type { PlayerSummaryRow } from '../processors/player-game-summary/table';
import type { TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import type { ManifestRow } from '../tables/orchestration';
import { flatLaunch, usageSummary } from './flat-launch';
import { incidentDate, movedNight, placeholdersOf, writtenAt, type RawNight } from './incident-data';
import { PlayClock, type Instants } from './play-clock';

/** When what happens, in minutes after the gamebook. The plan has the first and the last. */
const minutes = { gamebook: 0, placeholders: 15, teamRows: 92 } as const;

const teamTable = 'nbac_team_boxscore';
const playerTable = 'player_game_summary';

/** What the play works with and tells. */
export interface Stage {
  readonly client: Pick<Phase3Client, 'run' | 'state'>;
  readonly control: Pick<ControlClient, 'load' | 'export' | 'dateRecord'>;
  readonly instants: Instants;
  /** Told what happens, as it happens. */
  readonly tell: (line: string) => void;
  /** Told of the level log's lines, with the play's time. */
  readonly tellLog: (line: JournalLine, clock: string) => void;
  readonly signal: AbortSignal;
  /** How long a state is waited for that must come. */
  readonly patienceMs: number;
}

/** A step of the play, with what it has found. */
export interface Step {
  readonly step: number;
  readonly name: StepName;
  /** The play's time in New York, `23:15`. */
  readonly clock: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export const stepNames = [
  'gamebook_arrives',
  'flat_launch',
  'date_waits',
  'placeholders_arrive',
  'deadline_passes',
  'team_rows_arrive',
  'result',
] as const;
export type StepName = (typeof stepNames)[number];

/** A step that did not go as promised; `steps` are those that did. */
export class RehearsalError extends Error {
  override readonly name = 'RehearsalError';
  constructor(
    readonly failed: StepName,
    sentence: string,
    readonly steps: readonly Step[] = [],
  ) {
    super(`Step ${stepNames.indexOf(failed) + 1} (${failed}) did not go as expected: ${sentence}`);
  }
}

/** Plays it. Throws {@link RehearsalError} at the first step that does not go as promised. */
export async function playIncident(stage: Stage, figures: RawNight): Promise<Step[]> {
  const play = new Play(stage, figures);
  try {
    await play.gamebookArrives();
    play.flatLaunch();
    await play.dateWaits();
    await play.placeholdersArrive();
    await play.deadlinePasses();
    await play.teamRowsArrive();
    await play.result();
    return play.steps;
  } catch (error) {
    if (error instanceof RehearsalError) throw error;
    stage.signal.throwIfAborted();
    const sentence = error instanceof Error ? error.message : String(error);
    throw new RehearsalError(play.current, sentence, play.steps);
  }
}

const pollMs = 50;

class Play {
  readonly steps: Step[] = [];
  current: StepName = 'gamebook_arrives';
  private readonly night: RawNight;
  private readonly placeholders: RawNight[typeof teamTable];
  private readonly clock: PlayClock;
  /** Lines of the level log that were told or passed over. */
  private seenLines = 0;
  private begun = '';
  private answered: {
    readonly answer: DateReply;
    readonly state: DateState;
    readonly sentMs: number;
  } | null = null;

  constructor(
    private readonly stage: Stage,
    figures: RawNight,
  ) {
    this.night = movedNight(figures, incidentDate);
    this.placeholders = placeholdersOf(this.night[teamTable]);
    this.clock = new PlayClock(stage.instants);
  }

  async gamebookArrives(): Promise<void> {
    this.begin('gamebook_arrives', 'The schedule and the gamebook (the player rows) arrive, with a trigger');
    await this.expectNothingPublished();
    const schedule = await this.load('nbac_schedule', this.night.nbac_schedule);
    const players = await this.load('nbac_gamebook_player_stats', this.night.nbac_gamebook_player_stats);
    const { requestId, workflowId } = await this.trigger(defaultSource);
    const team_rows = await this.count(teamTable);
    this.tell(`${schedule} games and ${players} players are loaded, ${team_rows} team rows are there.`);
    this.tell(`The trigger of ${defaultSource} starts ${workflowId}.`);
    this.expect(team_rows === 0, `${team_rows} rows of ${teamTable} are there, expected none yet`);
    this.end({
      games: schedule,
      players,
      team_rows,
      source: defaultSource,
      request_id: requestId,
      workflow_id: workflowId,
    });
  }

  flatLaunch(): void {
    this.begin(
      'flat_launch',
      'What the old pipeline did: all three processors at once (computed in memory, not published)',
    );
    const early = usageSummary(flatLaunch(this.night, []));
    const placeholder = usageSummary(this.flatRows());
    this.tell(
      `Without team rows: ${early.withoutUsage} of ${early.players} players who played have no usage rate.`,
    );
    this.tell(
      `With the placeholders that arrive at ${this.clock.at(minutes.placeholders)}: ${placeholder.above100} of ${placeholder.players} are above 100 %, ${placeholder.atLeast600} at 600 % and more. The highest:`,
    );
    for (const { player, team, usageRate } of placeholder.highest)
      this.tell(`  ${player.padEnd(24)} ${team} ${percent(usageRate)}`);
    this.expect(placeholder.above100 > 0, 'the placeholders lead to no usage rate above 100 %');
    this.end({ on_no_team_rows: early, on_placeholders: placeholder });
  }

  async dateWaits(): Promise<void> {
    this.begin('date_waits', 'phase3 waits, and says for what');
    const why = await this.until(`${incidentDate} waits for ${teamTable}`, ({ explanation }) =>
      this.lacksTeamRows(explanation) ? explanation : null,
    );
    this.tellWhy(why);
    await this.endUnpublished(why);
  }

  async placeholdersArrive(): Promise<void> {
    await this.clock.reach(minutes.placeholders, this.stage.signal);
    this.begin(
      'placeholders_arrive',
      'Placeholders arrive: both teams of every game, without points and minutes',
    );
    const rows = await this.load(teamTable, this.placeholders);
    const { requestId } = await this.trigger(teamTable);
    const why = await this.until(`the check calls every game of ${teamTable} a placeholder`, (now) =>
      now.knows(requestId) &&
      this.lacksTeamRows(now.explanation) &&
      gamesOf(now.explanation).every(({ status }) => status === 'placeholder')
        ? now.explanation
        : null,
    );
    this.tell(`${rows} team rows are loaded and their trigger is sent. The dependencies are checked again:`);
    this.tellWhy(why);
    await this.endUnpublished(why, { rows, request_id: requestId });
  }

  async deadlinePasses(): Promise<void> {
    // Told once it has come, but a deadline that does not come is this step's.
    this.current = 'deadline_passes';
    const { state, explanation } = await this.until(`${incidentDate} is blocked at its deadline`, (now) =>
      now.state.runState === 'blocked' ? now : null,
    );
    this.begin(
      'deadline_passes',
      'The deadline passes: the date is blocked, a person is notified, and the run stays open',
    );
    this.tell(firstSentence(explanation.headline));
    const { trouble } = state;
    this.expect(trouble !== null, 'nobody was told');
    this.expect(explanation.isOpen, 'its workflow has ended');
    this.tell(`Notified at ${this.clock.clockOf(trouble.since)}. What can be done:`);
    for (const act of explanation.acts) this.tell(`  → ${act}`);
    await this.endUnpublished(explanation, { told_at: trouble.since });
  }

  async teamRowsArrive(): Promise<void> {
    await this.clock.reach(minutes.teamRows, this.stage.signal);
    this.begin('team_rows_arrive', `The team rows arrive, ${minutes.teamRows} minutes after the gamebook`);
    const rows = await this.load(teamTable, this.night[teamTable]);
    const sentMs = Date.now();
    const { requestId } = await this.trigger(teamTable);
    this.tell(`${rows} team rows are loaded and their trigger is sent.`);
    this.answered = await this.until(
      'the trigger of the team rows is answered',
      ({ state }) => {
        const answer = state.answers.find((candidate) => candidate.requestId === requestId);
        return answer ? { answer, state, sentMs } : null;
      },
      true,
    );
    const { answer, state } = this.answered;
    this.tell(answer.summary);
    this.expect(answer.state === 'published', `it ended ${answer.state}: ${answer.summary}`);
    for (const name of processorNames) {
      const outcome = state.results[name]?.outcome;
      this.expect(outcome === 'published', `${name} is ${outcome ?? 'not requested'}`);
    }
    this.end({ rows, request_id: requestId, state: answer.state, summary: answer.summary });
  }

  async result(): Promise<void> {
    this.begin('result', 'The result');
    const record = await this.stage.control.dateRecord(incidentDate);
    const rows = (await this.rowsOf(playerTable)) as PlayerSummaryRow[];
    const tables = processorNames.map((name) =>
      this.publishedOnce(record.partition_manifest, processorOf(name).table.name),
    );
    const usage = usageSummary(rows, rows.length);
    const [highest] = usage.highest;
    this.expect(highest !== undefined, 'no player has a usage rate');
    this.tell(
      `The highest usage rate is ${percent(highest.usageRate)} (${highest.player}, ${highest.team}); ${usage.above100} players are above 100 %.`,
    );
    const flat = usageSummary(this.flatRows());
    const corrected = flat.highest.map(({ player, team, usageRate }) => ({
      ...{ player, team, flat: usageRate },
      published: usage.highest.find((own) => own.player === player && own.team === team)?.usageRate ?? null,
    }));
    for (const { player, team, flat: was, published } of corrected)
      this.tell(`  ${player.padEnd(24)} ${team} ${percent(was)} → ${percent(published)}`);
    this.expect(usage.above100 === 0, `${usage.above100} players are above 100 %`);

    this.tell('Published, in this order:');
    const inOrder = [...tables].sort((a, b) => (a.publishedAt < b.publishedAt ? -1 : 1));
    for (const { table, version, rows: count, publishedAt } of inOrder)
      this.tell(
        `  ${table.padEnd(28)} version ${version}, ${count} rows, ${Date.parse(publishedAt) - (this.answered?.sentMs ?? 0)} ms after the trigger`,
      );
    const players = tables.find(({ table }) => table === playerTable);
    const offense = tables.find(({ table }) => table === teamOffenseGameSummary.table.name);
    this.expect(
      players !== undefined && offense !== undefined && offense.publishedAt <= players.publishedAt,
      'the players were published before the offence they divide by',
    );
    this.expect(
      players.builtOn.some(
        ({ table_name, version }) => table_name === offense.table && version === offense.version,
      ),
      `the players stand on ${JSON.stringify(players.builtOn)}, expected ${offense.table} version ${offense.version}`,
    );

    const flatInWarehouse = this.flatRatesAmong(rows);
    const before = this.playerRowsBefore();
    this.tell(
      `Player rows in the warehouse: ${before.join(', ')} at the steps before, ${rows.length} now; ${flatInWarehouse} of them come from the all-at-once run, and none was ever replaced (version ${players.version}).`,
    );
    this.expect(flatInWarehouse === 0, `${flatInWarehouse} rows have a usage rate of the all-at-once run`);
    const waitedMs = record.run_history.reduce((sum, pass) => sum + pass.waited_ms, 0);
    const probes = record.run_history.reduce((sum, pass) => sum + pass.probes, 0);
    const waitedMinutes = this.clock.minutesOf(waitedMs);
    this.tell(
      `The date waited ${(waitedMs / 1000).toFixed(1)} s, ${waitedMinutes.toFixed(0)} minutes of the replay, and was checked ${probes} times in ${record.run_history.length} passes.`,
    );
    const isOpen = await this.until('its workflow ends', (now) =>
      now.isOpen ? null : { isOpen: now.isOpen },
    );
    this.end({
      highest_usage_rate: highest.usageRate,
      highest_player: highest.player,
      above_100: usage.above100,
      corrected,
      published: inOrder.map(({ table, version, rows: count, publishedAt, builtOn }) => ({
        ...{ table, version, rows: count, published_at: publishedAt, built_on: builtOn },
      })),
      player_rows_before: before,
      player_rows: rows.length,
      flat_rows_in_warehouse: flatInWarehouse,
      waited_ms: waitedMs,
      waited_minutes: waitedMinutes,
      probes,
      passes: record.run_history.length,
      is_open: isOpen.isOpen,
    });
  }

  private begin(name: StepName, title: string): void {
    this.current = name;
    this.begun = this.clock.now();
    this.stage.tell('');
    this.stage.tell(`${this.begun}  ${this.steps.length + 1}. ${title}`);
  }

  private end(facts: Step['facts']): void {
    this.steps.push({ step: this.steps.length + 1, name: this.current, clock: this.begun, facts });
  }

  private tell(line: string): void {
    this.stage.tell(`       ${line}`);
  }

  /** The headline and what was found, as `phase3 why` has them. */
  private tellWhy(why: Explanation): void {
    this.tell(firstSentence(why.headline));
    const need = teamNeed(why);
    if (!need) return;
    this.tell(
      `${need.table}: found ${need.found ?? '-'} usable rows, expected at least ${need.expectedMin ?? '-'}`,
    );
    for (const { gameId, status, detail } of need.games) this.tell(`  ${gameId} ${status}: ${detail}`);
  }

  private expect(holds: boolean, sentence: string): asserts holds {
    if (!holds) throw new RehearsalError(this.current, `${sentence}.`, this.steps);
  }

  /** Ends a step in which nothing may have been published. */
  private async endUnpublished(why: Explanation, more: Step['facts'] = {}): Promise<void> {
    const player_rows = await this.expectNothingPublished();
    this.tell(`Rows of ${playerTable} in the warehouse: ${player_rows}.`);
    const need = teamNeed(why);
    this.end({
      ...more,
      state: why.state,
      is_open: why.isOpen,
      headline: why.headline,
      found: need?.found ?? null,
      expected_min: need?.expectedMin ?? null,
      games: gamesOf(why),
      player_rows,
    });
  }

  /** Looks at the warehouse itself, not at what anybody says of it. */
  private async expectNothingPublished(): Promise<number> {
    const record = await this.stage.control.dateRecord(incidentDate);
    this.expect(
      record.partition_manifest.length === 0,
      `published already: ${record.partition_manifest.map(({ table_name }) => table_name).join(', ')}`,
    );
    const counts = await Promise.all(
      processorNames.map(async (name) => ({
        table: processorOf(name).table.name,
        rows: await this.count(processorOf(name).table.name),
      })),
    );
    for (const { table, rows } of counts)
      this.expect(rows === 0, `${rows} rows of ${table} are there, expected none yet`);
    return counts.find(({ table }) => table === playerTable)?.rows ?? 0;
  }

  /** Player rows that each step before has counted. */
  private playerRowsBefore(): number[] {
    return this.steps.flatMap(({ facts: { player_rows } }) =>
      typeof player_rows === 'number' ? [player_rows] : [],
    );
  }

  /** The one version of a table: a second would mean that something was published before. */
  private publishedOnce(
    manifests: readonly ManifestRow[],
    table: TableName,
  ): {
    readonly table: TableName;
    readonly version: number;
    readonly rows: number;
    readonly publishedAt: string;
    readonly builtOn: readonly { readonly table_name: string; readonly version: number }[];
  } {
    const own = manifests.filter(({ table_name }) => table_name === table);
    const [manifest] = own;
    this.expect(
      manifest !== undefined && own.length === 1,
      `${table} was published ${own.length} times, expected once`,
    );
    return {
      table,
      version: manifest.version,
      rows: manifest.row_count,
      publishedAt: manifest.published_at,
      builtOn: JSON.parse(manifest.upstream_versions) as { table_name: string; version: number }[],
    };
  }

  /** What the flat launch would have written on the placeholders. */
  private flatRows(): ReturnType<typeof flatLaunch> {
    return flatLaunch(this.night, this.placeholders);
  }

  /** Stored rows that have the rate which the flat launch gives that player. */
  private flatRatesAmong(rows: readonly PlayerSummaryRow[]): number {
    const flat = new Map(this.flatRows().map((row) => [row.player_lookup, row.usage_rate_raw]));
    return rows.filter(({ player_lookup, usage_rate_raw }) => {
      // A player without plays has 0 either way.
      return (usage_rate_raw ?? 0) > 0 && flat.get(player_lookup) === usage_rate_raw;
    }).length;
  }

  private lacksTeamRows(why: Explanation): boolean {
    return (why.state === 'waiting' || why.state === 'blocked') && gamesOf(why).length > 0;
  }

  private trigger(source: string): ReturnType<Stage['client']['run']> {
    return this.stage.client.run({
      ...{ gameDate: incidentDate, source, kind: 'trigger' },
      // What judges age lives in the play's time, as the rows do.
      overrides: { now: this.clock.instant() },
    });
  }

  private async load(table: TableName, rows: readonly Row[]): Promise<number> {
    const written = writtenAt(rows, this.clock.instant());
    const lines = Readable.from(written.map((row) => `${JSON.stringify(row)}\n`));
    return (await this.stage.control.load(table, lines)).rows;
  }

  private async rowsOf(table: TableName): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const row of this.stage.control.export(table, incidentDate, incidentDate)) rows.push(row);
    return rows;
  }

  private async count(table: TableName): Promise<number> {
    return (await this.rowsOf(table)).length;
  }

  /** Asks the date until `find` finds what is promised; with `withLog` the level log is told meanwhile. */
  private async until<T>(
    promised: string,
    find: (now: {
      readonly state: DateState;
      readonly explanation: Explanation;
      readonly isOpen: boolean;
      /** Whether the request has reached the date. */
      readonly knows: (requestId: string) => boolean;
    }) => T | null,
    withLog = false,
  ): Promise<T> {
    const giveUpAt = Date.now() + this.stage.patienceMs;
    let headline = 'nothing is known of it';
    for (;;) {
      this.stage.signal.throwIfAborted();
      const known = await this.stage.client.state(incidentDate);
      if (known) {
        const { state, isOpen } = known;
        const explanation = explainState(state, isOpen);
        headline = explanation.headline;
        this.takeLog(state, withLog);
        const requests = [...state.pending, ...state.answers];
        const knows = (id: string): boolean => requests.some(({ requestId }) => requestId === id);
        const found = find({ state, explanation, isOpen, knows });
        if (found !== null) return found;
      }
      this.expect(
        Date.now() < giveUpAt,
        `it was promised that ${promised}; after ${this.stage.patienceMs / 1000} s: ${headline.replace(/\.$/, '')}`,
      );
      await pause(pollMs);
    }
  }

  private takeLog({ journal, journalDropped }: DateState, tell: boolean): void {
    const news = journal.slice(Math.max(0, this.seenLines - journalDropped));
    if (tell) for (const line of news) this.stage.tellLog(line, this.clock.clockOf(line.at));
    this.seenLines = journalDropped + journal.length;
  }
}

/** What the first processor that lacks team rows says of them. */
function teamNeed({ levels }: Explanation): Need | undefined {
  const isTeams = (table: InputTableName): boolean => table === teamTable;
  return levels
    .flatMap((level) => level.processors)
    .flatMap(({ needs }) => needs)
    .find(({ table, games }) => isTeams(table) && games.length > 0);
}

function gamesOf(why: Explanation): readonly GameVerdict[] {
  return teamNeed(why)?.games ?? [];
}

/** Up to the evidence, which is told line by line. */
function firstSentence(headline: string): string {
  return headline.replace(/ \(\d{8}_.*\)/, '');
}

function percent(rate: number | null): string {
  return rate === null ? '-' : `${rate.toFixed(1)} %`;
}
