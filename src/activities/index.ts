/** The activities, made from what they need. The only export that workers see. */
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { appendAudit } from '../audit/append-audit';
import type { Activities, OfDate, RunProcessorRequest, RunProcessorResult } from '../contracts/activities';
import { buildActivityOf, ofDates } from '../contracts/build-activity';
import { unbuilt, type BuildInfo } from '../contracts/code-identity';
import { identityOf } from '../contracts/identity';
import { defaultKeepVersions } from '../contracts/manifests';
import type { Notification } from '../contracts/notifications';
import { policyNow, type PolicySettings } from '../contracts/policy';
import { defaultSentinelSettings, type SentinelSettings } from '../contracts/sentinel';
import type { ProcessorVersions } from '../gate/judge-processor';
import { processorNames } from '../plan/registry';
import { onBehalfOf } from '../warehouse/asker';
import type { Warehouse } from '../warehouse/warehouse';
import type { ChannelName } from '../notifications/deliver';
import { askAll, hasOwnRun } from './ask-date';
import { withFailures } from './failures';
import { withHeartbeat, type HeartbeatOptions } from './heartbeat';
import { withSeverity } from './judge-severity';
import { lookAtDate } from './look-at-date';
import {
  measuresOfAudit,
  measuresOfLook,
  measuresOfPass,
  measuresOfResult,
  measuresOfSweep,
  record,
} from './measure';
import type { NotifyAttempt } from './notify';
import { planNightly } from './plan-nightly';
import { recordPass } from './record-pass';
import { restoreVersion } from './restore-version';
import { runProcessor } from './run-processor';
import { sweepDates, type SweepOptions } from './sweep-dates';

export interface ActivityDependencies {
  readonly warehouse: Warehouse;
  /** Client of the Temporal server that the worker serves. */
  readonly client: Pick<Client, 'workflow'>;
  readonly policy: PolicySettings;
  readonly sentinel?: SentinelSettings;
  /** So many of the newest versions of a table and date keep their rows. */
  readonly keepVersions?: number;
  /** Delivers news to people. Left out, nobody is notified. */
  readonly notify?: (notification: Notification, attempt: NotifyAttempt) => Promise<void>;
  /** When rows are needed, and who is pinged while all is well. Left out, nobody is paged or pinged. */
  readonly alarms?: AlarmSettings;
  readonly versions?: ProcessorVersions;
  /** What code runs, for manifests; unknown where it is left out. */
  readonly build?: BuildInfo;
  readonly clock?: () => Date;
}

export interface AlarmSettings {
  /** `HH:MM` of the morning after, New York time; null where nothing says when rows are needed. */
  readonly neededBy: string | null;
  /** Pings the dead man's switch once; null where there is none. */
  readonly ping: HeartbeatOptions['ping'];
}

/** Well below the heartbeat time-out in `activity-stubs.ts`, so that a busy moment is not taken for a death. */
const heartbeatEveryMs = 2_000;

export function createActivities(dependencies: ActivityDependencies): Activities {
  const { warehouse, client, policy } = dependencies;
  const identity = identityOf(warehouse.prefix);
  const clock = dependencies.clock ?? (() => new Date());
  const versions = dependencies.versions ?? {};
  const { keepVersions = defaultKeepVersions, build = unbuilt } = dependencies;

  const runOne = (request: RunProcessorRequest): Promise<RunProcessorResult> =>
    asActivity(async ({ info, cancellationSignal, metricMeter }) => {
      const answer = await runProcessor(request, {
        warehouse,
        versions,
        build,
        clock,
        attempt: info.attempt,
        isGivenUp: () => cancellationSignal.aborted,
      });
      if (answer.kind === 'settled') record(metricMeter, measuresOfResult(answer.result, answer.warned));
      return answer;
    });

  return withSeveral({
    checkDependencies: (request) =>
      asActivity(async ({ metricMeter }) => {
        const look = await lookAtDate(request, {
          ...{ warehouse, policy, versions, clock },
          hasOwnRun: (gameDate) => hasOwnRun(client, identity, gameDate),
        });
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
        const known = await recordPass(request, { warehouse, clock, log, keepVersions, build: build.id });
        record(metricMeter, measuresOfPass(request));
        return known;
      }),

    // Asking a date again joins what it was asked before, so a repeated attempt does no harm.
    askDates: (request) => asActivity(() => askAll(client, identity, request)),

    appendAudit: ({ entries, known, ...origin }) =>
      asActivity(async ({ metricMeter }) => {
        const written = await appendAudit(warehouse, origin, entries, known);
        record(metricMeter, measuresOfAudit({ entries }, written));
        return written;
      }),

    notify: (request) => tell(request, dependencies, clock),

    planNightly: (request) => asActivity(() => planNightly(warehouse, request)),

    sweepDates: (request) =>
      asActivity(async ({ info, log, cancellationSignal, metricMeter }) => {
        const { neededBy, ping } = dependencies.alarms ?? noAlarms;
        const isGivenUp = (): boolean => cancellationSignal.aborted;
        const options: SweepOptions = {
          ...{ warehouse, neededBy, clock, log, isGivenUp },
          settings: dependencies.sentinel ?? defaultSentinelSettings,
          policy: policyNow(policy, {}, clock),
          origin: info.workflowExecution ?? { workflowId: '', runId: '' },
        };
        const { result } = await withHeartbeat(() => sweepDates(request, options), {
          ...{ ping: options.settings.everyMs === 0 ? null : ping, isGivenUp },
          warn: (message, fields) => {
            log.warn(message, fields);
          },
        });
        record(metricMeter, measuresOfSweep(result, clock()));
        return result;
      }),
  });
}

/** Adds what several dates are asked at once. */
export function withSeveral(activities: Activities): Activities {
  const names = ['checkDependencies', 'appendAudit', 'recordPass', ...processorNames.map(buildActivityOf)];
  const ofOne = activities as unknown as Record<string, (request: unknown) => Promise<unknown>>;
  const several = names.map(
    (name) => [ofDates(name), severally((request) => ofOne[name]?.(request))] as const,
  );
  return Object.assign(activities, Object.fromEntries(several));
}

/** The dates side by side. What one throws is its own: it is asked alone afterwards. */
function severally(
  one: (request: unknown) => Promise<unknown> | undefined,
): (requests: readonly unknown[]) => Promise<OfDate<unknown>[]> {
  const ofDate = async (request: unknown): Promise<OfDate<unknown>> => {
    try {
      return { answer: await one(request) };
    } catch (error) {
      return { failed: error instanceof Error ? error.message : String(error) };
    }
  };
  return (requests) => Promise.all(requests.map(ofDate));
}

const noAlarms: AlarmSettings = { neededBy: null, ping: null };

/** Tells people. Which channels have it is kept in the heartbeat, so that a retry repeats nothing. */
function tell(
  request: Notification,
  { warehouse, notify, alarms, policy }: ActivityDependencies,
  clock: () => Date,
): Promise<void> {
  const before: unknown = Context.current().info.heartbeatDetails;
  const reached: ChannelName[] = Array.isArray(before) ? (before as ChannelName[]) : [];
  return asActivity(
    async (context) => {
      const { neededBy } = alarms ?? noAlarms;
      const { now } = policyNow(policy, {}, clock);
      await notify?.(await withSeverity(request, { warehouse, neededBy, now }), {
        attempt: context.info.attempt,
        reached: [...reached],
        sent: (name) => {
          reached.push(name);
          context.heartbeat(reached);
        },
      });
    },
    () => reached,
  );
}

/**
 * Says that it is alive for as long as `work` takes, and puts its errors into words that workflows know. What Temporal has
 * cancelled or given up on asks a warehouse for no further write. `details`: what the next attempt is to know of this one.
 */
async function asActivity<T>(
  work: (context: Context) => Promise<T>,
  details: () => unknown = () => undefined,
): Promise<T> {
  const context = Context.current();
  const heartbeat = setInterval(() => context.heartbeat(details()), heartbeatEveryMs);
  try {
    return await withFailures(() => onBehalfOf(context.cancellationSignal, () => work(context)));
  } finally {
    clearInterval(heartbeat);
  }
}
