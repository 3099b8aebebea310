/** A span for each attempt of an activity, in the trace of the request that the date acts on. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { continued, traced } from '../observability/traced';

export const traceActivities: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute(input, next) {
      // Requests of ours are objects; what another kind of activity is given names no trace.
      const [asked] = input.args as readonly (Partial<Traceable> | Partial<Traceable>[] | undefined)[];
      // Dates of a backfill that are asked together have one trace; the first of them stands for all.
      const given = Array.isArray(asked) ? asked[0] : asked;
      const { traceparent, gameDate, runId, pass, processor } = given ?? {};
      const attributes = {
        'temporal.workflow_id': info.workflowExecution?.workflowId ?? '',
        'temporal.attempt': info.attempt,
        ...(Array.isArray(asked) ? { 'phase3.dates': asked.length } : {}),
        ...(gameDate === undefined ? {} : { 'phase3.game_date': gameDate }),
        ...(runId === undefined ? {} : { 'phase3.run_id': runId }),
        ...(pass === undefined ? {} : { 'phase3.pass': pass }),
        ...(processor === undefined ? {} : { 'phase3.processor': processor }),
      };
      return continued(traceparent, () =>
        traced(`activity ${info.activityType}`, attributes, () => next(input)),
      );
    },
  },
});

interface Traceable {
  readonly traceparent: string;
  readonly gameDate: string;
  readonly runId: string;
  readonly pass: number;
  readonly processor: string;
}
