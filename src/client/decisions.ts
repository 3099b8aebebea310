/** Sends what people decide about a date, to its open run only. */
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import {
  bypassUpdate,
  cancelUpdate,
  extendUpdate,
  recheckSignal,
  type BypassRequest,
  type Decided,
  type RecheckMessage,
} from '../contracts/decisions';
import {
  InvalidRequestError,
  requireInputTable,
  requireProcessor,
  requireReason,
  requireWho,
} from '../requests/validate-request';
import type { Deployment } from './deployment';
import { NotOpenError } from './errors';

export class Decisions {
  constructor(private readonly at: Deployment) {}

  /** Makes a date look again, at once. Throws {@link NotOpenError} when nothing of it is open. */
  async recheck(request: {
    readonly gameDate: string;
    readonly by: string;
    /** Sent again under the same id, it is one recheck. */
    readonly requestId?: string;
  }): Promise<void> {
    const gameDate = this.at.requireDate(request.gameDate);
    const { requestId = randomUUID() } = request;
    const message: RecheckMessage = { requestId, by: requireWho(request.by) };
    await this.onOpenRun(gameDate, (handle) =>
      this.at.signal(gameDate, () => handle.signal(recheckSignal, message)),
    );
  }

  /**
   * Lets a processor run without inputs that are missing, once; without a processor, all that lack what is missing. Returns
   * when it is on record and the gate is open. Throws {@link RefusedError} with the reason; then nothing of it is on record.
   */
  async bypass(request: {
    readonly gameDate: string;
    readonly processor?: string;
    readonly reason: string;
    readonly by: string;
    readonly missing?: readonly string[];
    /** How long it holds, ms. */
    readonly forMs?: number;
    /** Sent again under the same id, it is one bypass. */
    readonly bypassId?: string;
  }): Promise<Decided & { readonly bypassId: string }> {
    const gameDate = this.at.requireDate(request.gameDate);
    if (request.processor === undefined && request.missing === undefined) {
      const problem = 'is missing; a bypass names a processor, or what is missing';
      throw new InvalidRequestError([{ code: 'missing', field: 'processor', problem }]);
    }
    const bypassId = request.bypassId ?? randomUUID();
    const message: BypassRequest = {
      bypassId,
      ...(request.processor === undefined
        ? {}
        : { processor: requireProcessor(request.processor, '--processor') }),
      reason: requireReason(request.reason),
      by: requireWho(request.by),
      ...(request.missing ? { missing: request.missing.map((table) => requireInputTable(table)) } : {}),
      ...(request.forMs === undefined ? {} : { forMs: request.forMs }),
    };
    // Temporal answers the same update id as before, whatever it is about now: whether it is another decision the date judges.
    const updateId = [bypassId, message.processor, ...(message.missing ?? []).toSorted()].join(' ');
    return { ...(await this.decide(gameDate, bypassUpdate, message, updateId)), bypassId };
  }

  /** Moves the deadline of a date that waits. Throws {@link RefusedError}. */
  async extend(request: {
    readonly gameDate: string;
    readonly byMs: number;
    readonly by: string;
    readonly reason: string;
  }): Promise<Decided> {
    const gameDate = this.at.requireDate(request.gameDate);
    const [by, reason] = [requireWho(request.by), requireReason(request.reason)];
    const extendId = randomUUID();
    return this.decide(gameDate, extendUpdate, { extendId, by, reason, byMs: request.byMs }, extendId);
  }

  /** Ends a date's run, whatever it is at; what is published stays. Throws {@link RefusedError}. */
  async cancel(request: {
    readonly gameDate: string;
    readonly by: string;
    readonly reason: string;
  }): Promise<Decided> {
    const gameDate = this.at.requireDate(request.gameDate);
    const [by, reason] = [requireWho(request.by), requireReason(request.reason)];
    const cancelId = randomUUID();
    const noEffect =
      'there is nothing to cancel. `phase3 backfill cancel NAME` ends a backfill that is at it.';
    return this.decide(gameDate, cancelUpdate, { cancelId, by, reason }, cancelId, noEffect);
  }

  private async decide<A>(
    gameDate: string,
    update: UpdateDefinition<Decided, [A]>,
    message: A,
    updateId: string,
    noEffect?: string,
  ): Promise<Decided> {
    const shownBy = `phase3 audit ${gameDate}`;
    const decide = (handle: WorkflowHandle): Promise<Decided> =>
      this.at.decide(handle, update, { message, updateId, shownBy });
    return this.onOpenRun(gameDate, decide, noEffect);
  }

  /** Speaks to the date's run, which must be open: a decision never starts one. */
  private async onOpenRun<T>(
    gameDate: string,
    work: (handle: WorkflowHandle) => Promise<T>,
    noEffect = `the decision has no effect. \`phase3 rerun ${gameDate} --reason "WHY"\` starts one.`,
  ): Promise<T> {
    try {
      return await work(this.at.runOf(gameDate));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new NotOpenError(`No run of ${gameDate} is open, so ${noEffect}`, { cause: error });
    }
  }
}
