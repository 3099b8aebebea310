/** `phase3 status [DATE]`: the stack, or what is known of a date. */
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { describeStale } from '../../explain/explanation-lines';
import { renderResults, renderVerdict } from '../render';
import { liveManifests } from '../../contracts/manifests';
import { parsePin, standingOf, type PinStanding } from '../../contracts/pin';
import { inOrderOfPlan } from '../../plan/registry';
import type { ManifestRow } from '../../tables/orchestration';
import { inOrderOfEnd, recordedDate } from '../../contracts/run-record';
import { newYorkDate } from '../../contracts/new-york';
import { requireGameDate } from '../../requests/validate-request';
import type { DateState } from '../../contracts/date-state';
import { isSatisfied, type ProcessorResult, type RunState, type StaleUpstream } from '../../contracts/phase3';
import type { DateRecord } from '../../control/protocol';
import type { StackStatus } from '../../stack/status';
import { CommandError, controlOf, exitCodes, withClient, type Context } from '../context';
import { printJson, stateJson } from '../json';

/** The stack's JSON, as scripts rely on it. */
export function stackJson(context: Context, status: StackStatus): unknown {
  return {
    healthy: status.healthy,
    problems: status.problems,
    temporal: status.temporal,
    temporalUi: status.temporalUi,
    gateway: status.gateway,
    warehouse: status.worker?.warehouse ?? context.config.warehouse.kind,
    components: {
      temporal: {
        up: status.temporalAlive,
        pid: status.temporalIsExternal ? null : status.temporalPid,
        external: status.temporalIsExternal,
      },
      worker: {
        up: status.worker?.ready === true,
        pid: status.workerPid,
        state: status.worker?.worker ?? null,
      },
      warehouse: {
        up: status.worker !== null,
        location: status.worker?.location ?? null,
        prefix: status.worker?.prefix ?? null,
      },
      gateway: {
        up: status.gateway !== null,
        pid: status.gatewayPid,
        tokens: status.gatewayTokens,
      },
    },
    build: status.worker?.build ?? null,
    home: context.config.home,
  };
}

export interface DateStatus {
  readonly json: object;
  readonly state: RunState | 'unknown';
  readonly results: readonly ProcessorResult[];
  readonly live: DateState | null;
  readonly stale: readonly StaleUpstream[];
}

/** A date's state: live from its workflow, else from the record. */
async function dateStatus(context: Context, dateText: string): Promise<DateStatus> {
  const gameDate = requireGameDate('DATE', dateText, newYorkDate(context.now()));
  if (!(await (await controlOf(context)).health()))
    throw new CommandError(
      `No worker answers, so the state of ${gameDate} cannot be read. \`phase3 up\` starts one.`,
    );
  return withClient(context, async (client) => {
    const known = await client.state(gameDate);
    const record = await (await controlOf(context)).dateRecord(gameDate);
    const versions = versionsJson(record.partition_manifest);
    // A run that has ended is believed as long as nothing newer is on record.
    const newest = inOrderOfEnd(record.run_history).at(-1)?.run_id;
    if (!known || (!known.isOpen && newest !== undefined && newest !== known.runId)) {
      const recorded = fromRecord(gameDate, record);
      return { ...recorded, json: { ...recorded.json, versions } };
    }
    return {
      json: { ...stateJson(known.state, known.isOpen), stale: record.stale ?? [], versions },
      state: known.state.runState,
      results: inOrderOfPlan(Object.values(known.state.results)),
      live: known.state,
      stale: record.stale ?? [],
    };
  });
}

/** What is live of the date, by table: its version, and the code that built it. */
function versionsJson(manifests: readonly ManifestRow[]): object {
  return Object.fromEntries(
    liveManifests(manifests).map((live) => [
      live.table_name,
      {
        version: live.version,
        rows: live.row_count,
        ...{ processor: live.processor, processorVersion: live.processor_version },
        ...{ sourceHash: live.source_hash, commit: live.code_commit },
        ...{ publishedAt: live.published_at, reason: live.reason, pin: pinOf(live) },
      },
    ]),
  );
}

function pinOf({ pin: json }: ManifestRow): PinStanding | null {
  const pin = parsePin(json);
  return pin && standingOf(pin, null);
}

function fromRecord(gameDate: string, record: DateRecord): DateStatus {
  const recorded = recordedDate(record.run_history);
  const newest = inOrderOfEnd(record.run_history).at(-1);
  const results = inOrderOfPlan(recorded?.results ?? []);
  const state = recorded?.state ?? 'unknown';
  const open = results.filter(({ outcome }) => !isSatisfied(outcome));
  return {
    state,
    results,
    live: null,
    stale: record.stale ?? [],
    json: {
      gameDate,
      state,
      isOpen: false,
      processors: Object.fromEntries(results.map(({ processor, ...rest }) => [processor, rest])),
      missing: [...new Set(open.flatMap(({ missing }) => missing))],
      stale: record.stale ?? [],
      gate: null,
      deadline: null,
      log: newest ? (JSON.parse(newest.journal) as unknown[]) : [],
    },
  };
}

export const addStatus: AddCommand = (root, context, end) => {
  root
    .command('status')
    .argument('[DATE]', 'a game date, YYYY-MM-DD')
    .description('show the state of the stack, with exit code 1 when it is not healthy, or of one date')
    .option('--json', jsonHelp)
    .action(async (date: string | undefined, { json }: JsonOption) => {
      const lines: string[] = [];
      if (date === undefined) {
        const status = await context.stack.status();
        if (!status.healthy) end(exitCodes.failed);
        if (json) printJson(context.print, stackJson(context, status));
        else lines.push(...renderStack(context, status));
      } else {
        const known = await dateStatus(context, date);
        if (json) printJson(context.print, known.json);
        else lines.push(...renderDate(date, known));
      }
      for (const line of lines) context.print(line);
    });
};

function renderStack(context: Context, status: StackStatus): string[] {
  const { worker } = status;
  return [
    `healthy    ${status.healthy ? 'yes' : 'no'}`,
    ...status.problems.map((problem) => `problem    ${problem}`),
    `temporal   ${status.temporal ?? 'down'}${status.temporalIsExternal ? ' (configured)' : ''}`,
    `ui         ${status.temporalUi ?? '-'}`,
    `worker     ${worker ? `${worker.worker} (process ${worker.pid})` : 'down'}`,
    `gateway    ${status.gateway ? `${status.gateway} (${tokensOf(status)})` : 'down'}`,
    `warehouse  ${worker ? `${worker.warehouse}, ${worker.location}` : '-'}`,
    ...(worker?.prefix ? [`prefix     ${worker.prefix}: writes to ${worker.prefix}_nba_analytics`] : []),
  ];
}

/** Whether tokens are asked for, as people read it. */
export function tokensOf({ gatewayTokens }: StackStatus): string {
  return gatewayTokens ? 'tokens required' : 'loopback, no token needed';
}

function renderDate(date: string, known: DateStatus): string[] {
  const held = known.live?.gate?.waitingSince
    ? known.live.gate.verdicts.filter((verdict) => !verdict.canRun)
    : [];
  return [
    known.state === 'unknown' ? `${date}: never run` : `${date}: ${known.state}`,
    ...known.stale.map((stale) => `  ${describeStale(stale)}`),
    ...renderResults(known.results),
    ...held.flatMap(renderVerdict).map((line) => `  ${line}`),
  ];
}
