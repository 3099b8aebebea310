/** Sends a request to a date and waits for its answer; who sends the same request again joins the first. */
import { ServiceError } from '@temporalio/client';
import { BusyError, reasonOf, type AcceptedRun, type Phase3Client } from '../client';
import { InvalidRequestError } from '../requests/validate-request';
import { answerOf, stillRunning, type Answer } from './answers';
import { badRequest, shuttingDown, unavailable } from './refusals';
import { Outbox, OutboxClosedError } from './outbox';
import { acceptMs, type GatewayParts } from './parts';

/** A request to a date, for all processors that its source triggers. */
type Request = Omit<Parameters<Phase3Client['run']>[0], 'processors'> & {
  readonly requestId: string;
  readonly source: string;
};

export class DateAsker {
  /** A redelivery that overtakes its answer waits for the same one: nobody is asked twice for it. */
  private readonly underWay = new Map<string, Promise<Answer>>();
  private readonly outbox: Outbox<Pick<AcceptedRun, 'workflowId' | 'runId'>>;

  constructor(
    private readonly parts: Pick<GatewayParts, 'client' | 'watch' | 'server' | 'settings' | 'closing'>,
  ) {
    const { client, server, closing } = parts;
    this.outbox = new Outbox((gameDate, messages) =>
      server.within(acceptMs, () => client.sendTogether(gameDate, messages)),
    );
    closing.addEventListener('abort', () => this.outbox.close(), { once: true });
  }

  /** Sends a request and answers with the outcome, after the configured wait at the latest. */
  ask(request: Request): Promise<Answer> {
    const key = `${request.gameDate} ${request.requestId}`;
    const known = this.underWay.get(key);
    if (known) return known;
    const answer = this.send(request).finally(() => this.underWay.delete(key));
    this.underWay.set(key, answer);
    return answer;
  }

  private async send(request: Request): Promise<Answer> {
    const { client, watch, settings } = this.parts;
    const { gameDate, requestId, source } = request;
    const asked = { requestId, source, processors: null };
    let run;
    try {
      const { message } = client.messageOf(request);
      run = await this.outbox.put(gameDate, message);
    } catch (error) {
      if (error instanceof InvalidRequestError) return badRequest(error.faults);
      if (error instanceof OutboxClosedError) return shuttingDown();
      if (error instanceof BusyError) return unavailable(error.message);
      if (error instanceof ServiceError)
        return unavailable(`Temporal does not accept the request: ${reasonOf(error)}`);
      throw error;
    }
    const waited = await watch.wait(run, requestId, (outlook) => answerOf(outlook, asked), settings.waitMs);
    const where = { requestId, ...run };
    switch (waited.kind) {
      case 'judged':
        return { ...waited.value, body: { ...waited.value.body, ...where } };
      case 'late': {
        const running = waited.last && stillRunning(gameDate, waited.last);
        if (running) return withWhere(running, where);
        // It was not to be waited for.
        if (settings.waitMs === 0)
          return withWhere(
            {
              httpStatus: 202,
              body: {
                status: 'accepted',
                gameDate,
                message: `${gameDate} is requested; GET /dates/${gameDate} shows its state.`,
              },
            },
            where,
          );
        const why = waited.last ? 'its dependencies have not been checked' : 'no worker has answered';
        return withWhere(
          unavailable(`The request is accepted and stored, but ${why} within ${settings.waitMs / 1000} s.`),
          where,
        );
      }
      case 'not_taken':
        return withWhere(
          unavailable(
            `${gameDate} has more requests than it can hold and did not take this one; send it again.`,
          ),
          where,
        );
      case 'gone':
        return withWhere(
          unavailable(
            `The run of ${gameDate} has ended without an answer to this request; send it again to start another run.`,
          ),
          where,
        );
      case 'closing':
        return withWhere(shuttingDown(), where);
    }
  }
}

function withWhere(answer: Answer, where: Readonly<Record<string, string>>): Answer {
  return { ...answer, body: { ...answer.body, ...where } };
}
