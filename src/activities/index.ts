/** The activities, made from what they need. The only export that workers see. */
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { appendAudit } from '../audit/append-audit';
import type { Activities, RunProcessorRequest, RunProcessorResult } from '../contracts/activities';
import { buildActivityOf } from '../contracts/build-activity';
import { unbuilt, type BuildInfo } from '../contracts/code-identity';
import { identityOf } from '../contracts/identity';
import { defaultKeepVersions } from '../contracts/manifests';
import type { Notification } from '../contracts/notifications';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { defaultSentinelSettings, type SentinelSettings } from '../contracts/sentinel';
import type { ProcessorVersions } from '../gate/judge-processor';
import { processorNames } from '../plan/registry';
import type { Warehouse } from '../warehouse/warehouse';
import { askDate } from './ask-date';
import { withFailures } from './failures';
import { lookAtDate } from './look-at-date';
import {
  measuresOfAudit,
  measuresOfLook,
  measuresOfPass,
  measuresOfResult,
  measuresOfSweep,
  record,
} from './measure';
import { planNightly } from './plan-nightly';
import { recordPass } from './record-pass';
import { restoreVersion } from './restore-version';
import { runProcessor } from './run-processor';
import { sweepDates } from './sweep-dates';

export interface ActivityDependencies {
  readonly warehouse: Warehouse;
  /** Client of the Temporal server that the worker serves. */
  readonly client: Pick<Client, 'workflow'>;
  readonly policy: PolicySettings;
  readonly sentinel?: SentinelSettings;
  /** So many of the newest versions of a table and date keep their rows. */
  readonly keepVersions?: number;
  /** Delivers news to people. Left out, nobody is notified. */
  readonly notify?: (notification: Notification, attempt: number) => Promise<void>;
  readonly versions?: ProcessorVersions;
  /** What code runs, for manifests; unknown where it is left out. */
  readonly build?: BuildInfo;
  readonly clock?: () => Date;
}

/** Well below the heartbeat time-out in `activity-stubs.ts`, so that a busy moment is not taken for a death. */
const heartbeatEveryMs = 2_000;

export function createActivities(dependencies: ActivityDependencies): Activities {
  const { warehouse, client, policy } = dependencies;
  const identity = identityOf(warehouse.prefix);
  const clock = dependencies.clock ?? (() => new Date());
  const versions = dependencies.versions ?? {};
  const { keepVersions = defaultKeepVersions } = dependencies;

  const runOne = (request: RunProcessorRequest): Promise<RunProcessorResult> =>
    asActivity(async ({ info, cancellationSignal, metricMeter }) => {
      const answer = await runProcessor(request, {
        warehouse,
        versions,
        build: dependencies.build ?? unbuilt,
        clock,
        attempt: info.attempt,
        isGivenUp: () => cancellationSignal.aborted,
      });
      if (answer.kind === 'settled') record(metricMeter, measuresOfResult(answer.result, answer.warned));
      return answer;
    });

  return {
    checkDependencies: (request) =>
      asActivity(async ({ metricMeter }) => {
        const look = await lookAtDate(request, { warehouse, policy, versions, clock });
        record(metricMeter, measuresOfLook(request, look, new Date()));
        return look;
      }),

    ...Object.fromEntries(processorNames.map((name) => [buildActivityOf(name), runOne])),

    restoreVersion: (request) =>
      asActivity(async ({ cancellationSignal, metricMeter }) => {
        const isGivenUp = (): boolean => cancellationSignal.aborted;
        const answer = await restoreVersion(request, { warehouse, clock, versions, isGivenUp });
        if (answer.kind === 'restored')
          record(
            metricMeter,
            answer.results.flatMap((result) => measuresOfResult(result)),
          );
        return answer;
      }),

    recordPass: (request) =>
      asActivity(async ({ metricMeter, log }) => {
        const known = await recordPass(request, { warehouse, clock, log, keepVersions });
        record(metricMeter, measuresOfPass(request));
        return known;
      }),

    askDates: ({ dates }) =>
      asActivity(async () => {
        // Asking a date again joins what it was asked before, so a repeated attempt does no harm.
        await Promise.all(dates.map((date) => askDate(client, identity, date)));
      }),

    appendAudit: ({ entries, known, ...origin }) =>
      asActivity(async ({ metricMeter }) => {
        const written = await appendAudit(warehouse, origin, entries, known);
        record(metricMeter, measuresOfAudit({ entries }, written));
        return written;
      }),

    notify: (request) => asActivity(async ({ info }) => dependencies.notify?.(request, info.attempt)),

    planNightly: (request) => asActivity(() => planNightly(warehouse, request)),

    sweepDates: (request) =>
      asActivity(async ({ info, log, cancellationSignal, metricMeter }) => {
        const swept = await sweepDates(request, {
          warehouse,
          settings: dependencies.sentinel ?? defaultSentinelSettings,
          policy: policyNow(policy, {}, clock),
          clock,
          origin: info.workflowExecution ?? { workflowId: '', runId: '' },
          log,
          isGivenUp: () => cancellationSignal.aborted,
        });
        record(metricMeter, measuresOfSweep(swept));
        return swept;
      }),
  };
}

/** Says that it is alive for as long as `work` takes, and puts its errors into words that workflows know. */
async function asActivity<T>(work: (context: Context) => Promise<T>): Promise<T> {
  const context = Context.current();
  const heartbeat = setInterval(() => context.heartbeat(), heartbeatEveryMs);
  try {
    return await withFailures(() => work(context));
  } finally {
    clearInterval(heartbeat);
  }
}
