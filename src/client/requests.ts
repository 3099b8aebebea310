/** Sends requests: triggers, reruns, restores and unpins. */
import { randomUUID } from 'node:crypto';
import { askDate } from '../activities/ask-date';
import {
  holdsUntil,
  type GameDecisionKind,
  type SeenRule,
  type TeamEstimate,
} from '../contracts/game-decisions';
import type { RequestKind, TriggerMessage } from '../contracts/messages';
import type { PolicyOverrides } from '../contracts/phase3';
import {
  requireInstant,
  requireProcessor,
  requireReason,
  requireUntil,
  requireVersion,
  requireWho,
  validateRun,
} from '../requests/validate-request';
import type { Deployment } from './deployment';

export interface RunRequest {
  readonly gameDate: string;
  readonly source?: string;
  readonly processors?: readonly string[];
  readonly kind?: RequestKind;
  /** Sent again under the same id, a request joins itself. */
  readonly requestId?: string;
  readonly overrides?: PolicyOverrides;
  /** Who asks, where that is known. */
  readonly by?: string;
  /** What the sender calls the work that this is a part of. */
  readonly correlationId?: string;
}

/** A request that was accepted: the run that took it, and the id to find its answer by. */
export interface AcceptedRun {
  readonly gameDate: string;
  readonly requestId: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** What a person decides about a date, and why. */
interface PersonsRequest {
  readonly gameDate: string;
  readonly reason: string;
  readonly by: string;
  readonly requestId?: string;
  readonly overrides?: PolicyOverrides;
}

export interface GameDecisionRequest extends PersonsRequest {
  readonly kind: GameDecisionKind;
  readonly game: string;
  /** Every rule that is decided about, with the hash of what was seen of it; of a release and a discard. */
  readonly rules?: readonly SeenRule[];
  /** What is accepted; of an estimate. */
  readonly estimate?: TeamEstimate;
  /** An instant; a release and an estimate need one. */
  readonly until?: string;
}

export class Requests {
  constructor(private readonly at: Deployment) {}

  /**
   * Sends a trigger for a date. Throws {@link InvalidRequestError}, and {@link BusyError} where the date takes no more now;
   * then nothing was sent.
   */
  async run(request: RunRequest): Promise<AcceptedRun> {
    return this.send(request, {});
  }

  /** The message that {@link run} sends. Throws {@link InvalidRequestError}. */
  messageOf(request: RunRequest): { readonly gameDate: string; readonly message: TriggerMessage } {
    const { gameDate, source, processors: named } = validateRun(request, this.at.today());
    return {
      gameDate,
      message: {
        requestId: request.requestId ?? randomUUID(),
        kind: request.kind ?? 'run',
        source,
        ...(named ? { processors: named } : {}),
        ...(request.overrides ? { overrides: request.overrides } : {}),
        ...(request.by === undefined ? {} : { by: request.by }),
        ...(request.correlationId === undefined ? {} : { correlationId: request.correlationId }),
      },
    };
  }

  /** Sends messages of one date in one signal, and returns the run that took them. Each is a request of its own. */
  async sendTogether(
    gameDate: string,
    [message, ...more]: readonly [TriggerMessage, ...TriggerMessage[]],
  ): Promise<Pick<AcceptedRun, 'workflowId' | 'runId'>> {
    const { runId } = await this.at.signal(gameDate, () =>
      askDate(this.at.client, this.at.identity, {
        ...{ gameDate, message },
        ...(more.length > 0 ? { more } : {}),
      }),
    );
    return { workflowId: this.at.identity.dateWorkflowId(gameDate), runId };
  }

  private async send(
    request: RunRequest,
    decided: Omit<Partial<TriggerMessage>, 'requestId' | 'kind' | 'source'>,
  ): Promise<AcceptedRun> {
    const { gameDate, message } = this.messageOf(request);
    const run = await this.sendTogether(gameDate, [{ ...message, ...decided }]);
    return { gameDate, requestId: message.requestId, ...run };
  }

  /**
   * Sends a rerun: a trigger that says who wants it and why, and goes into the audit. What it names brings its downstream.
   * Throws {@link InvalidRequestError}; then nothing was sent.
   */
  async rerun(
    request: PersonsRequest & {
      readonly processors?: readonly string[];
      /** Build what is named even if nothing has changed, or it is pinned. */
      readonly force?: boolean;
    },
  ): Promise<AcceptedRun> {
    const [by, reason] = [requireWho(request.by), requireReason(request.reason)];
    const decided = { by, reason, ...(request.force ? { force: true as const } : {}) };
    return this.send({ ...request, kind: 'rerun' }, decided);
  }

  /**
   * Publishes kept versions again, as new ones, and pins them: a version of a processor's table with what stands on it, or of
   * every table what was live just before an instant. It says who wants it and why, and goes into the audit. Throws
   * {@link InvalidRequestError}; then nothing was sent. A version that there is not is in the answer.
   */
  async restore(
    request: PersonsRequest &
      ({ readonly processor: string; readonly version: number } | { readonly before: string }),
  ): Promise<AcceptedRun> {
    const { gameDate, requestId } = request;
    const [by, reason] = [requireWho(request.by), requireReason(request.reason)];
    const asked = { gameDate, kind: 'restore' as const, ...(requestId === undefined ? {} : { requestId }) };
    if ('before' in request)
      return this.send(asked, {
        ...{ by, reason },
        before: requireInstant(request.before, '--before', new Date()),
      });
    const processors = [requireProcessor(request.processor, '--processor')];
    return this.send({ ...asked, processors }, { by, reason, version: requireVersion(request.version) });
  }

  /**
   * Lifts the pins of these processors: they are built from their present inputs, with everything downstream. It says who wants
   * it and why, and goes into the audit. Throws {@link InvalidRequestError}; then nothing was sent.
   */
  async unpin(request: PersonsRequest & { readonly processors: readonly string[] }): Promise<AcceptedRun> {
    const [by, reason] = [requireWho(request.by), requireReason(request.reason)];
    return this.send({ ...request, kind: 'unpin' }, { by, reason });
  }

  /**
   * Lets a game be published although it breaks rules, as long as the evidence is what was seen and until an instant; leaves it as
   * it is (`discard`), until the evidence is another; or lets an estimate stand for what its players cannot give, until an
   * instant or the real row. It says who wants it and why, goes into the audit, and runs the date.
   * Throws {@link InvalidRequestError}; then nothing was sent.
   */
  async decideGame(request: GameDecisionRequest): Promise<AcceptedRun> {
    const { gameDate, kind, game, rules, estimate, requestId, overrides } = request;
    const [by, reason] = [requireWho(request.by), requireReason(request.reason)];
    const until = holdsUntil(kind) ? requireUntil(request.until ?? '', '--until', this.at.instant()) : null;
    return this.send(
      {
        gameDate,
        kind,
        ...(requestId === undefined ? {} : { requestId }),
        ...(overrides ? { overrides } : {}),
      },
      {
        ...{ by, reason, game },
        ...(rules ? { rules: [...rules] } : {}),
        ...(estimate ? { estimate } : {}),
        ...(until === null ? {} : { until }),
      },
    );
  }
}
