/** A date, its server, its warehouse and its clock in one process; a schedule says what happens when. */
import './sandbox-globals';
import { createActivities } from '../../src/activities';
import { buildActivityOf } from '../../src/contracts/build-activity';
import { bypassUpdate, cancelUpdate, extendUpdate, recheckSignal } from '../../src/contracts/decisions';
import { defaultPolicySettings } from '../../src/contracts/policy';
import { processorNames } from '../../src/plan/registry';
import { WarehouseError } from '../../src/warehouse/errors';
import { MemoryWarehouse, type Turn } from './memory-warehouse';
import { runningAttempts, SimulatedServer, Violation, type Attempt } from './simulated-server';
import type { Step } from './steps';
import { formsOf, rawNames } from './toy-night';
import { installClock, VirtualClock } from './virtual-clock';
import { Watch } from './watch';
import { drained } from './workflow-run';

type How = 'well' | 'before' | 'after' | 'for good';

/** An operation of the warehouse that waits for its turn. */
interface Operation {
  readonly attempt: Attempt;
  readonly name: string;
  take(how: How): void;
  /** Ends it without an effect, when the world ends. */
  drop(): void;
}

interface Decision {
  readonly name: string;
  readonly id: string;
  readonly request: object;
}

const by = 'ana@example.org';
const minuteMs = 60_000;
/** Longer than a date is left open that needs somebody. */
const longestPauseMs = 16 * 24 * 60 * minuteMs;
/** More than any schedule needs: a date that goes on for longer hangs. */
const mostTurns = 3_000;

/**
 * Plays a schedule to its end and throws a {@link Violation} if something does not hold. `say` is told what happens. Returns
 * what has come about, by name.
 */
export async function simulate(
  steps: readonly Step[],
  say: (line: string) => void = () => undefined,
): Promise<ReadonlySet<string>> {
  const clock = new VirtualClock();
  const restore = installClock(clock);
  const world = new World(clock, say);
  try {
    for (const step of steps) await world.take(step);
    await world.end();
    return world.reached;
  } finally {
    await world.leave();
    restore();
  }
}

class World {
  private readonly watch: Watch;
  private readonly warehouse: MemoryWarehouse;
  private readonly server: SimulatedServer;
  private operations: Operation[] = [];
  /** Attempts whose process is gone. */
  private readonly dead = new Set<Attempt>();
  private readonly unheard: (() => void)[] = [];
  private readonly asked: {
    readonly message: { readonly requestId: string };
    readonly isAboutRows: boolean;
  }[] = [];
  private readonly decisions: Decision[] = [];
  /** What each raw table holds, by its number; the second form is nothing. */
  private readonly forms = [1, 1, 1];
  private skewMs = 0;
  private isAuditUp = true;
  private isWebhookUp = true;
  private turns = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly say: (line: string) => void,
  ) {
    this.watch = new Watch(say);
    this.warehouse = new MemoryWarehouse(this.turn, this.watch);
    const activities = createActivities({
      warehouse: this.warehouse,
      client: { workflow: undefined as never },
      policy: defaultPolicySettings,
      notify: () => (this.isWebhookUp ? Promise.resolve() : Promise.reject(new Error('nobody answers'))),
    });
    this.server = new SimulatedServer(clock, activities, this.watch);
    this.watch.server = this.server;
    this.watch.warehouse = this.warehouse;
    this.watch.rawBecomes('nbac_schedule', []);
  }

  get reached(): ReadonlySet<string> {
    return this.watch.reached;
  }

  private readonly turn: Turn = (name, effect) => {
    const attempt = runningAttempts.getStore();
    if (!attempt) throw new Error(`${name} by nobody`);
    return new Promise((resolve, reject) => {
      this.operations.push({
        ...{ attempt, name },
        take: (how) => {
          if (how === 'for good') reject(new WarehouseError('contract_broken', 'the table is gone'));
          else if (how === 'before' || (name === 'append' && !this.isAuditUp)) reject(unavailable());
          else
            try {
              const result = effect();
              // Whose process is gone does not hear of it.
              if (this.dead.has(attempt)) this.unheard.push(() => reject(unavailable()));
              else if (how === 'after') reject(unavailable());
              else resolve(result);
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
            }
        },
        drop: () => reject(unavailable()),
      });
    });
  };

  async take(step: Step): Promise<void> {
    this.say(JSON.stringify(step));
    switch (step.do) {
      case 'ask': {
        const { kind, source, names } = step;
        this.ask({
          ...{ kind, source: rawNames[source + 1] },
          ...(names.length > 0 ? { processors: names.map(nameOf) } : {}),
          ...(kind === 'backfill' ? { replyTo: 'backfill' } : {}),
        });
        break;
      }
      case 'askAgain': {
        const known = this.asked[step.which % Math.max(1, this.asked.length)];
        if (known) this.send(known.message, known.isAboutRows);
        break;
      }
      case 'askWrongly':
        this.askWrongly(step.how);
        break;
      case 'rerun': {
        const { names, force } = step;
        this.ask({
          ...{ kind: 'rerun', source: rawNames[1], by, reason: `rerun ${this.asked.length} is wanted` },
          ...(names.length > 0 ? { processors: names.map(nameOf) } : {}),
          ...(force ? { force } : {}),
        });
        break;
      }
      case 'restore': {
        const { name, isOfDate } = step;
        const before = this.watch.publishedAt(nameOf(name));
        const known = this.watch.versionsOf(nameOf(name));
        // One that there is not is asked for too.
        const version = 1 + (step.version % (known + 1));
        const reason = `restore ${this.asked.length} is wanted`;
        this.ask(
          {
            ...{ kind: 'restore', source: rawNames[1], by, reason },
            ...(isOfDate && before !== null ? { before } : { processors: [nameOf(name)], version }),
          },
          false,
        );
        break;
      }
      case 'unpin': {
        const reason = `unpin ${this.asked.length} is wanted`;
        const processors = [nameOf(step.name)];
        this.ask({ kind: 'unpin', source: rawNames[1], processors, by, reason });
        break;
      }
      case 'recheck':
        this.server.signal(recheckSignal.name, [{ requestId: `recheck-${this.turns}`, by }]);
        break;
      case 'bypass': {
        const { gate = null, results = {} } = this.server.state() ?? {};
        const held = [...(gate?.verdicts ?? []), ...Object.values(results)].filter(
          ({ missing }) => missing.length > 0,
        );
        const processor = this.pick(held, step.name)?.processor ?? nameOf(step.name);
        this.decide(bypassUpdate.name, 'bypassId', { processor });
        break;
      }
      case 'extend':
        this.decide(extendUpdate.name, 'extendId', { byMs: 30 * minuteMs });
        break;
      case 'cancel':
        this.decide(cancelUpdate.name, 'cancelId', {});
        break;
      case 'decideAgain': {
        const known = this.decisions[step.which % Math.max(1, this.decisions.length)];
        if (known) this.server.update(known.name, known.id, known.request);
        break;
      }
      case 'cancelInTemporal':
        if (this.server.open) this.watch.cancelledInTemporal();
        this.server.cancel();
        break;
      case 'rows':
        this.becomes(step.table, step.form);
        break;
      case 'go':
        for (const pick of step.picks) await this.one(pick);
        break;
      case 'rest':
        await this.rest();
        break;
      case 'wait': {
        const { nextDueMs, nowMs } = this.server;
        this.moveTo(step.minutes === null ? (nextDueMs ?? nowMs) : nowMs + step.minutes * minuteMs);
        break;
      }
      case 'leave':
        await this.leaveAlone();
        break;
      case 'skew':
        this.skewMs = step.seconds * 1_000;
        this.moveTo(this.server.nowMs);
        break;
      case 'fail':
        for (let turn = 0; turn < 5 && this.operations.length === 0; turn += 1) await this.one(0);
        await this.operate(this.pick(this.operations, step.which), step.how);
        break;
      case 'spoil':
        this.warehouse.spoilsNext = true;
        break;
      case 'lose':
        await this.lose(step);
        break;
      case 'overtake':
        await this.overtake(step);
        break;
      case 'late':
        for (let operation = 0; operation < step.operations; operation += 1) {
          const late = this.operations.filter(({ attempt }) => !attempt.isAwaited);
          await this.operate(this.pick(late, step.which), 'well');
        }
        break;
      case 'crash':
        for (const attempt of this.server.attempts) {
          if (!step.runsOn) this.dead.add(attempt);
          this.server.giveUp(attempt, 'HEARTBEAT');
        }
        if (await this.server.replay()) this.watch.reached.add('a replay');
        break;
      case 'suggest':
        this.server.continueAsNewSuggested = true;
        break;
      case 'audit':
        this.isAuditUp = step.isUp;
        break;
      case 'webhook':
        this.isWebhookUp = step.isUp;
        break;
    }
    this.watch.check();
  }

  /** Everything that has not arrived arrives, somebody asks for all of it, and the date comes to its end. */
  async end(): Promise<void> {
    this.say('the end');
    this.isAuditUp = true;
    this.isWebhookUp = true;
    this.warehouse.spoilsNext = false;
    // What is under way comes to something first: of what is cancelled nothing is left to ask for.
    do await this.rest();
    while (this.server.tasks.size > 0 && this.moveOn());
    for (const table of rawNames.keys()) this.becomes(table, 0);
    const askForAll = async (): Promise<string> => {
      const requestId = this.ask({ kind: 'run', source: rawNames[2], processors: [...processorNames] });
      do await this.rest();
      while (this.server.open && this.moveOn());
      return requestId;
    };
    let lastRequest = await askForAll();
    const { pinned } = this.watch;
    const reason = 'everything is to be as a run makes it';
    if (pinned.length > 0) {
      this.ask({ kind: 'unpin', source: rawNames[1], processors: pinned, by, reason });
      lastRequest = await askForAll();
    }
    // Whatever is late comes too late.
    while (await this.one(0));
    this.watch.checkEnd(lastRequest);
  }

  /** Lets go of what is still under way, so that nothing of it is left behind. */
  async leave(): Promise<void> {
    for (const end of this.unheard) end();
    await drained();
    for (let left = this.operations.splice(0); left.length > 0; left = this.operations.splice(0)) {
      for (const operation of left) operation.drop();
      await drained();
    }
  }

  private async leaveAlone(): Promise<void> {
    const untilMs = this.server.nowMs + longestPauseMs;
    // An audit that stays away is tried again every five minutes, which would go on for thousands of turns.
    for (let moves = 0; moves < 60; moves += 1) {
      await this.rest();
      if ((this.server.nextDueMs ?? Infinity) > untilMs || !this.moveOn()) return;
    }
  }

  private async lose({ which, isBuild, operations }: Step & { do: 'lose' }): Promise<Attempt | null> {
    const type = isBuild ? buildActivityOf(nameOf(which)) : null;
    const awaited = (): Attempt[] => [...this.server.attempts].filter(({ isAwaited }) => isAwaited);
    const isThere = (): boolean => awaited().some(({ task }) => type === null || task.type === type);
    // A build at the third level comes late in a night.
    for (let turn = 0; turn < 40 && !isThere() && (await this.one(0, false)); turn += 1);
    const attempt = awaited().find(({ task }) => task.type === type) ?? this.pick(awaited(), which);
    if (!attempt) return null;
    for (let operation = 0; operation < operations; operation += 1)
      await this.operate(this.nextOf(attempt), 'well');
    this.server.giveUp(attempt, 'HEARTBEAT');
    return attempt;
  }

  private async overtake(step: Step & { do: 'overtake' }): Promise<void> {
    const { which, form, flickers } = step;
    const table = 1 + (which >> 2);
    const before = this.forms[table] ?? 1;
    const change = (to: number): void => {
      this.becomes(table, to);
      this.ask({ kind: 'run', source: rawNames[table] });
    };
    if (form !== null && flickers) change(form);
    const attempt = await this.lose({ ...step, do: 'lose', isBuild: true });
    if (!attempt) return;
    if (form !== null && flickers) this.becomes(table, before);
    else if (form !== null) change(form);
    this.moveOn();
    for (let turn = 0; turn < step.turns; turn += 1) await this.one(0, false);
    for (let turn = 0; turn < 3; turn += 1) await this.operate(this.nextOf(attempt), 'well');
  }

  private nextOf(attempt: Attempt): Operation | undefined {
    return this.operations.find((one) => one.attempt === attempt);
  }

  private ask(message: object, isAboutRows = true): string {
    const asked = { message: { requestId: `r${this.asked.length}`, ...message }, isAboutRows };
    this.asked.push(asked);
    this.send(asked.message, isAboutRows);
    return asked.message.requestId;
  }

  private askWrongly(how: number): void {
    const taken = this.decisions.at(-1)?.id;
    const wrong: readonly object[] = [
      { kind: 'trigger', source: 'no_table' },
      { kind: 'run', source: rawNames[1], processors: ['NoProcessor'] },
      { kind: 'rerun', source: rawNames[1] },
      {},
      // Under the id of something else.
      {
        kind: 'rerun',
        source: rawNames[1],
        by,
        reason: 'another decision',
        ...(taken ? { requestId: taken } : {}),
      },
    ];
    this.ask(wrong[how] ?? {}, false);
  }

  private send(
    message: { readonly requestId: string; readonly replyTo?: string },
    isAboutRows: boolean,
  ): void {
    const { chainId } = this.server.trigger([message]);
    const { requestId, replyTo } = message;
    this.watch.asked({ requestId, isAboutRows, isRepliedTo: replyTo !== undefined }, chainId);
  }

  private decide(name: string, idField: string, about: object): void {
    const id = `d${this.decisions.length}`;
    const request = { [idField]: id, by, reason: `decision ${id} is wanted`, ...about };
    this.decisions.push({ name, id, request });
    this.server.update(name, id, request);
  }

  private becomes(table: number, form: number): void {
    const name = rawNames[table]!;
    this.forms[table] = form;
    const rows = formsOf[name][form % formsOf[name].length]!;
    this.warehouse.replace(name, rows);
    this.watch.rawBecomes(name, rows);
  }

  private pick<T>(list: readonly T[], which: number): T | undefined {
    return list[which % Math.max(1, list.length)];
  }

  private moveTo(nowMs: number): void {
    this.server.moveTo(nowMs);
    this.clock.nowMs = nowMs + this.skewMs;
  }

  /** Moves the clock to what is due next; false where nothing is. */
  private moveOn(): boolean {
    const { nextDueMs } = this.server;
    if (nextDueMs === null) return false;
    this.moveTo(Math.max(this.server.nowMs, nextDueMs));
    return true;
  }

  private async rest(): Promise<void> {
    while (await this.one(0, false));
  }

  /** Lets one of those things happen that can; false where none can. */
  private async one(pick: number, withLate = true): Promise<boolean> {
    const { server } = this;
    const tellable = [...server.attempts].filter(
      ({ isAwaited, abort, task }) => !abort.signal.aborted && (!isAwaited || task.isCancelRequested),
    );
    const choices: (() => Promise<void>)[] = [
      ...(server.hasTask ? [() => server.workflowTask()] : []),
      ...server.startable.map((task) => async () => {
        this.say(`  starts ${task.type}`);
        server.startAttempt(task);
        await drained();
      }),
      ...this.operations
        .filter(({ attempt }) => withLate || attempt.isAwaited)
        .map((operation) => () => this.operate(operation, 'well')),
      ...tellable.map((attempt) => () => {
        attempt.abort.abort();
        return Promise.resolve();
      }),
    ];
    const choice = this.pick(choices, pick);
    if (!choice) return false;
    this.turns += 1;
    if (this.turns > mostTurns) throw new Violation(`nothing came of ${mostTurns} turns`);
    await choice();
    this.watch.check();
    return true;
  }

  private async operate(operation: Operation | undefined, how: How): Promise<void> {
    if (!operation) return;
    this.operations = this.operations.filter((other) => other !== operation);
    const { attempt, name } = operation;
    this.say(
      `  ${attempt.task.type}#${attempt.number}${attempt.isAwaited ? '' : ' (given up)'}: ${name}${how === 'well' ? '' : `, fails ${how}`}`,
    );
    this.watch.acting = attempt;
    operation.take(how);
    this.watch.acting = null;
    await drained();
  }
}

function unavailable(): WarehouseError {
  return new WarehouseError('unavailable', 'the line is dead');
}

function nameOf(name: number): string {
  return processorNames[name % processorNames.length]!;
}
