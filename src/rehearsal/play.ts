/** What the steps of a rehearsal share: telling, loading, triggering, waiting for a promise, and looking into the warehouse. */
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Phase3Client } from '../client';
import type { DateState } from '../contracts/date-state';
import type { ControlClient } from '../control/client';
import { explainState, type Explanation } from '../explain/explain-date';
import { processorNames, processorOf } from '../plan/registry';
import type { TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import { incidentDate, writtenAt } from './incident-data';
import { PlayClock, type Instants } from './play-clock';

/** What a rehearsal works with. */
export interface Stage {
  readonly client: Pick<Phase3Client, 'run' | 'rerun' | 'state'>;
  readonly control: Pick<ControlClient, 'load' | 'export' | 'dateRecord' | 'verify'>;
  /** Runs a statement on the warehouse past the worker, as somebody with an SQL prompt does. Returns how many rows it has changed. */
  readonly changeByHand: (statement: string) => Promise<number>;
  readonly instants: Instants;
  /** Prints a line. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
  /** How long to wait for a state that must come. */
  readonly patienceMs: number;
}

export type Facts = Readonly<Record<string, unknown>>;

/** A step as it is declared. */
export interface PlannedStep {
  readonly name: string;
  readonly title: string;
  /** What must have happened before the step's title is printed. */
  readonly after?: (play: Play) => Promise<unknown>;
  readonly run: (play: Play) => Facts | Promise<Facts>;
}

/** A step that went as expected, with what it found. */
export interface Step {
  readonly step: number;
  readonly name: string;
  /** The replay's time in New York, `23:15`. */
  readonly clock: string;
  readonly facts: Facts;
}

/** A step that did not go as expected; `steps` are those that did. */
export class RehearsalError extends Error {
  override readonly name = 'RehearsalError';
  constructor(
    readonly failed: string,
    sentence: string,
    readonly steps: readonly Step[],
  ) {
    super(`Step ${steps.length + 1} (${failed}) did not go as expected: ${sentence}`);
  }
}

/** Runs the steps in order. Throws {@link RehearsalError} at the first that does not go as expected. */
export async function playSteps(stage: Stage, planned: readonly PlannedStep[]): Promise<Step[]> {
  const play = new Play(stage);
  for (const { name, title, after, run } of planned)
    try {
      await after?.(play);
      const clock = play.clock.now();
      const step = play.steps.length + 1;
      stage.tell('');
      stage.tell(`${clock}  ${step}. ${title}`);
      play.steps.push({ step, name, clock, facts: await run(play) });
    } catch (error) {
      stage.signal.throwIfAborted();
      throw new RehearsalError(name, error instanceof Error ? error.message : String(error), play.steps);
    }
  return play.steps;
}

/** Ends the step unless it holds. */
export function expectThat(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(`${sentence}.`);
}

const pollMs = 50;

/** A look at the date. */
export interface Now {
  readonly state: DateState;
  readonly explanation: Explanation;
  /** Whether the request has reached the date. */
  readonly knows: (requestId: string) => boolean;
}

/** A rehearsal under way. */
export class Play {
  readonly steps: Step[] = [];
  readonly clock: PlayClock;

  constructor(readonly stage: Stage) {
    this.clock = new PlayClock(stage.instants);
  }

  tell(line: string): void {
    this.stage.tell(`       ${line}`);
  }

  reach(minutes: number): Promise<void> {
    return this.clock.reach(minutes, this.stage.signal);
  }

  /** Rules of age see the replay's time, as the rows do. */
  trigger(source: string): ReturnType<Stage['client']['run']> {
    const overrides = { now: this.clock.instant() };
    return this.stage.client.run({ gameDate: incidentDate, source, kind: 'trigger', overrides });
  }

  async load(table: TableName, rows: readonly Row[]): Promise<number> {
    const written = writtenAt(rows, this.clock.instant());
    const lines = Readable.from(written.map((row) => `${JSON.stringify(row)}\n`));
    return (await this.stage.control.load(table, lines)).rows;
  }

  async rowsOf(table: TableName): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const row of this.stage.control.export(table, incidentDate, incidentDate)) rows.push(row);
    return rows;
  }

  async look(): Promise<Now | null> {
    const known = await this.stage.client.state(incidentDate);
    if (!known) return null;
    const { state, isOpen } = known;
    const requests = [...state.pending, ...state.answers];
    return {
      state,
      explanation: explainState(state, isOpen),
      knows: (id) => requests.some(({ requestId }) => requestId === id),
    };
  }

  /** Looks at the date until what was promised holds. */
  async until(promised: string, holds: (now: Now) => boolean): Promise<Now> {
    const giveUpAt = Date.now() + this.stage.patienceMs;
    for (;;) {
      this.stage.signal.throwIfAborted();
      const now = await this.look();
      if (now && holds(now)) return now;
      const headline = now?.explanation.headline.replace(/\.$/, '') ?? 'nothing is known of it';
      expectThat(
        Date.now() < giveUpAt,
        `expected that ${promised}; after ${this.stage.patienceMs / 1000} s: ${headline}`,
      );
      await pause(pollMs);
    }
  }

  /** Fails if anything is published. Reads the warehouse itself, not what the date says of it. */
  async expectNothingPublished(): Promise<void> {
    const { partition_manifest } = await this.stage.control.dateRecord(incidentDate);
    expectThat(
      partition_manifest.length === 0,
      `published already: ${partition_manifest.map(({ table_name }) => table_name).join(', ')}`,
    );
    for (const name of processorNames) {
      const { table } = processorOf(name);
      const { length } = await this.rowsOf(table.name);
      expectThat(length === 0, `${length} rows of ${table.name} are there, expected none yet`);
    }
  }
}
