/** People who look at dates and decide about them, over HTTP and by the command line, while everything else happens. */
import { ask, postDecision, toldBy, type Told } from './asking';
import type { Chance } from './chance';
import type { Journal } from './journal';
import type { ChaosStack } from './stack';

export interface Decision {
  /** No other decision has this reason, so that what is on record of it can be counted. */
  readonly reason: string;
  readonly kind: string;
  readonly gameDate: string;
  readonly told: Told;
}

/** The kind of entry that a decision makes in the audit. */
export const auditKindOf: Readonly<Record<string, string>> = {
  bypass: 'bypass',
  extend: 'deadline_extended',
  cancel: 'cancelled',
  rerun: 'rerun',
  restore: 'restore',
  unpin: 'unpin',
};

const player = 'PlayerGameSummaryProcessor';
const processors = ['TeamOffenseGameSummaryProcessor', 'TeamDefenseGameSummaryProcessor', player] as const;
/** Of the decisions, those that are made with the command line. */
const byCommand = 0.12;

interface Looked {
  readonly state: string;
  readonly isPinned: boolean;
  readonly versions: readonly (readonly [string, number])[];
}

export class Operators {
  readonly decisions: Decision[] = [];
  private count = 0;

  constructor(
    private readonly stack: ChaosStack,
    private readonly chance: Chance,
    private readonly journal: Journal,
  ) {}

  /** Looks at a date, and decides something that makes sense for it. */
  async act(gameDate: string): Promise<void> {
    const seen = await this.look(gameDate);
    if (!seen) return;
    const kind = this.choose(seen);
    const number = (this.count += 1);
    const reason = `chaos decision number ${number} of the night desk`;
    const body = this.bodyOf(kind, seen, reason);
    const isByHand = kind !== 'recheck' && this.chance.is(byCommand);
    const [told, said] = isByHand
      ? await this.command(kind, gameDate, body)
      : await this.post(kind, gameDate, body);
    this.journal.note(`decided_${told}`, { kind, gameDate, number, by: isByHand ? 'command' : 'http', said });
    if (kind !== 'recheck') this.decisions.push({ reason, kind, gameDate, told });
  }

  /** Lifts a date's pins, if it has any, and has it run again; false where somebody did not answer. */
  async close(gameDate: string): Promise<boolean> {
    const seen = await this.look(gameDate);
    if (!seen) return false;
    const kind = seen.isPinned ? 'unpin' : 'rerun';
    const number = (this.count += 1);
    const reason = `chaos decision number ${number} of the night desk`;
    const [told, said] = await this.post(kind, gameDate, { reason });
    this.journal.note(`decided_${told}`, { kind, gameDate, number, by: 'http', said });
    this.decisions.push({ reason, kind, gameDate, told });
    return told === 'accepted' && kind === 'rerun';
  }

  private async look(gameDate: string): Promise<Looked | null> {
    const found = await ask(`${this.stack.gateway}/dates/${gameDate}`).catch(() => null);
    if (found?.status !== 200) return null;
    const { state, levels = [] } = found.body as {
      state: string;
      levels?: { processors: { processor: string; version: number | null; pin: unknown }[] }[];
    };
    const all = levels.flatMap((level) => level.processors);
    return {
      state,
      isPinned: all.some(({ pin }) => pin !== null && pin !== undefined),
      versions: all.flatMap(({ processor, version }) =>
        version === null ? [] : [[processor, version] as const],
      ),
    };
  }

  private choose({ state, isPinned, versions }: Looked): string {
    if (state === 'waiting' || state === 'blocked')
      return this.chance.weighted({ bypass: 4, extend: 3, recheck: 2, cancel: 1, rerun: 1 });
    if (state === 'running') return this.chance.weighted({ cancel: 1, rerun: 2, recheck: 1 });
    const later = versions.length > 0 ? { restore: 2, unpin: isPinned ? 4 : 0 } : { restore: 0, unpin: 0 };
    return this.chance.weighted({ rerun: 4, ...later });
  }

  private bodyOf(kind: string, { versions }: Looked, reason: string): Record<string, unknown> {
    if (kind === 'bypass') return { processor: player, reason };
    if (kind === 'extend') return { for: '2m', reason };
    if (kind === 'recheck') return {};
    if (kind === 'restore') {
      const [processor, version] = this.chance.pick(versions);
      return { processor, version: this.chance.whole(1, version), reason };
    }
    if (kind !== 'rerun') return { reason };
    const some = this.chance.is(0.4) ? { processors: [this.chance.pick(processors)] } : {};
    return { ...some, ...(this.chance.is(0.4) ? { force: true } : {}), reason };
  }

  private post(kind: string, gameDate: string, body: object): Promise<[Told, unknown]> {
    return postDecision(`${this.stack.gateway}/dates/${gameDate}/${kind}`, body);
  }

  private async command(
    kind: string,
    gameDate: string,
    body: Record<string, unknown>,
  ): Promise<[Told, unknown]> {
    const { reason, processor, processors: some, version, force, for: length } = body;
    const options = [
      ...(typeof processor === 'string' ? ['--processor', processor] : []),
      ...(Array.isArray(some) ? ['--processors', String(some[0])] : []),
      ...(typeof version === 'number' ? ['--to', String(version)] : []),
      ...(force === true ? ['--force'] : []),
      ...(typeof length === 'string' ? ['--for', length] : []),
    ];
    const who = ['--reason', String(reason), '--by', 'desk@example.org'];
    return toldBy(await this.stack.run(kind, gameDate, ...options, ...who, '--json'));
  }
}
