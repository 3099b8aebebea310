/** What `phase3 doctor` looks at: each part that a night needs, what is found, and what to do where it is not as it should be. */
import type { Client } from '@temporalio/client';
import { engines } from '../../package.json';
import { readBuildInfo } from '../config/build-info';
import type { NotificationChannel } from '../config/notifications';
import { usualPorts } from '../config/variables';
import { identityOf } from '../contracts/identity';
import { searchAttributeTypes } from '../contracts/search-attributes';
import { howToRegister, lackingAttributes } from '../observability/search-attributes';
import { ScheduleKeeper } from '../schedules/schedule-keeper';
import { canListen } from '../stack/processes';
import type { StackStatus } from '../stack/status';
import { withClient, type Context } from './context';

export interface Finding {
  readonly name: string;
  /** `warn`: nights run, and something should be seen to · `skipped`: what it needs is not there. */
  readonly status: 'ok' | 'warn' | 'fail' | 'skipped';
  readonly detail: string;
  /** What to do; null where nothing is to be done. */
  readonly act: string | null;
}

type Found = Omit<Finding, 'name'>;

const ok = (detail: string): Found => ({ status: 'ok', detail, act: null });
const warn = (detail: string, act: string): Found => ({ status: 'warn', detail, act });
const fail = (detail: string, act: string): Found => ({ status: 'fail', detail, act });
const skipped = (detail: string): Found => ({ status: 'skipped', detail, act: null });

/** A checkpoint of the warehouse and a day's logs fit into it many times over. */
const comfortableBytes = 1024 ** 3;
/** What a person who was away for a long weekend still finds in Temporal. */
const leastRetentionDays = 3;
/** What judges age and deadlines is in minutes; clocks that differ by more make them wrong. */
const mostClockSkewMs = 5_000;

/** Everything, in the order in which one part stands on another. A look that fails is a finding. */
export async function examine(context: Context): Promise<Finding[]> {
  const status = await context.stack.status();
  const looks: readonly (readonly [string, () => Promise<Found> | Found])[] = [
    ['node', () => nodeFits(process.versions.node)],
    ['disk', () => diskHasRoom(context)],
    ['ports', () => portsAreFree(context, status)],
    ['temporal', () => temporalAnswers(context, status)],
    ['retention', () => ifUp(status, () => withClient(context, (_, raw) => retentionOf(raw)))],
    ['search attributes', () => ifUp(status, () => withClient(context, (_, raw) => attributesOf(raw)))],
    ['schedules', () => ifUp(status, () => withClient(context, (_, raw) => schedulesOf(context, raw)))],
    ['worker', () => workerFits(context, status)],
    ['warehouse', () => warehouseFits(context, status)],
    ['clock', () => clocksAgree(context)],
    ['gateway', () => gatewayAnswers(status)],
    ['webhooks', () => webhooksAnswer(context.config.notifications.channels)],
  ];
  const findings: Finding[] = [];
  for (const [name, look] of looks) findings.push({ name, ...(await orFinding(look)) });
  return findings;
}

async function orFinding(look: () => Promise<Found> | Found): Promise<Found> {
  try {
    return await look();
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), 'see the message');
  }
}

async function ifUp({ temporalAlive }: StackStatus, look: () => Promise<Found>): Promise<Found> {
  return temporalAlive ? look() : skipped('Temporal is down');
}

/** Whether a version is one that `engines` names: `^20.19`, `>=24`, joined by `||`. */
export function nodeFits(version: string, wanted = engines.node): Found {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = wanted.split('||').some((range) => {
    const [, sign, least = 0, leastMinor = 0] = /(\^|>=)(\d+)(?:\.(\d+))?/.exec(range) ?? [];
    if (Number(least) === major) return minor >= Number(leastMinor);
    return sign === '>=' && major > Number(least);
  });
  return fits ? ok(version) : fail(`${version}, and ${wanted} is needed`, 'install such a version of Node');
}

async function diskHasRoom({ stack, config }: Context): Promise<Found> {
  const free = await stack.home.freeBytes().catch(() => null);
  if (free === null) return fail(`${config.home} is not there`, '`phase3 up` creates it');
  const room = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${config.home}`;
  return free >= comfortableBytes ? ok(room) : warn(room, 'make room: nothing is published on a full disk');
}

/** Whether `up` would get the ports that are asked for. What is up has its own already. */
async function portsAreFree({ config }: Context, status: StackStatus): Promise<Found> {
  const { temporalPort, temporalUiPort, gateway } = config;
  const wanted = [
    ...(status.temporalAlive
      ? []
      : [
          { variable: 'PHASE3_TEMPORAL_PORT', asked: temporalPort, usual: usualPorts.temporal },
          { variable: 'PHASE3_TEMPORAL_UI_PORT', asked: temporalUiPort, usual: usualPorts.temporalUi },
        ]),
    ...(status.gatewayPid === null
      ? [{ variable: 'PHASE3_GATEWAY_PORT', asked: gateway.port, usual: usualPorts.gateway }]
      : []),
  ];
  const taken: typeof wanted = [];
  for (const one of wanted) if (!(await canListen(one.asked ?? one.usual))) taken.push(one);
  const [asked] = taken.filter((one) => one.asked !== null);
  if (asked)
    return fail(
      `another process listens on ${asked.asked}, which ${asked.variable} names`,
      `end that process (\`ss -ltnp 'sport = :${asked.asked}'\` names it), or set ${asked.variable} to a free port`,
    );
  if (wanted.length === 0) return ok('those of the stack that is up');
  const others = taken.map(({ usual }) => usual);
  return ok(
    others.length > 0
      ? `${others.join(', ')} in use by others: \`phase3 up\` takes free ones instead`
      : `${wanted.map((one) => one.asked ?? one.usual).join(', ')} free`,
  );
}

async function temporalAnswers(context: Context, status: StackStatus): Promise<Found> {
  if (!status.temporalAlive)
    return fail(
      status.problems.find((problem) => problem.startsWith('Temporal')) ?? 'it is down',
      '`phase3 up` starts it',
    );
  return withClient(context, async (_, raw) => {
    const { serverVersion } = await raw.workflowService.getSystemInfo({});
    return ok(`server ${serverVersion} on ${status.temporal ?? '?'}`);
  });
}

async function retentionOf(raw: Client): Promise<Found> {
  const { namespace } = raw.options;
  const { config } = await raw.workflowService.describeNamespace({ namespace });
  const days = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 86_400;
  const kept = `closed runs are kept ${days} days in namespace ${namespace}`;
  return days >= leastRetentionDays
    ? ok(kept)
    : warn(kept, `\`temporal operator namespace update --retention 720h ${namespace}\` keeps them 30 days`);
}

async function attributesOf(raw: Client): Promise<Found> {
  const { namespace } = raw.options;
  const { wrong } = await lackingAttributes(raw.connection, namespace);
  if (wrong.length === 0) return ok(Object.keys(searchAttributeTypes).join(', '));
  return fail(`${wrong.join(', ')} not registered as needed`, `\`${howToRegister(namespace, wrong)}\``);
}

async function schedulesOf({ config }: Context, raw: Client): Promise<Found> {
  const keeper = new ScheduleKeeper(raw.schedule, identityOf(config.datasetPrefix), config.sentinel);
  const { schedules } = await keeper.list();
  const troubles = schedules.flatMap(({ name, missing, paused, note, drift }) => {
    if (missing) return [`${name} is not there`];
    if (drift.length > 0) return [`${name} differs in ${drift.map(({ field }) => field).join(', ')}`];
    return paused ? [`${name} is paused (${note ?? 'without a note'})`] : [];
  });
  return troubles.length === 0
    ? ok(schedules.map(({ name }) => name).join(', '))
    : warn(
        troubles.join('; '),
        '`phase3 schedules apply` creates and corrects; `phase3 schedules resume` lets go on',
      );
}

function workerFits(context: Context, { worker, workerPid }: StackStatus): Found {
  if (!worker?.ready)
    return fail(
      worker ? 'it is not ready' : workerPid === null ? 'none is running' : 'it does not answer',
      '`phase3 up` starts it',
    );
  const mismatch = context.stack.mismatch(worker);
  if (mismatch) return fail(mismatch, 'see the message');
  const { commit } = readBuildInfo();
  const theirs = worker.build.commit;
  return theirs === commit
    ? ok(`process ${worker.pid}, build ${theirs ?? 'without a commit'}`)
    : warn(
        `it runs build ${theirs ?? 'without a commit'}, and this command is of ${commit ?? 'none'}`,
        '`phase3 down` and `phase3 up` start the present build',
      );
}

async function warehouseFits({ stack }: Context, { worker }: StackStatus): Promise<Found> {
  const control = worker?.ready ? await stack.control() : null;
  if (!control || !worker) return skipped('no worker answers');
  const { schedule } = await control.checkWarehouse();
  const where = `${worker.warehouse}, ${worker.location}: tables are as declared, and writable`;
  return schedule
    ? ok(`${where}; games from ${schedule.from} to ${schedule.to}`)
    : warn(`${where}; the schedule has no games`, '`phase3 load DIR`, or have phase 2 write nba_raw');
}

async function clocksAgree({ stack }: Context): Promise<Found> {
  const asked = Date.now();
  const health = await (await stack.control())?.health();
  if (!health) return skipped('no worker answers');
  const between = (asked + Date.now()) / 2;
  const skewMs = Math.abs(Date.parse(health.now) - between) - (Date.now() - asked) / 2;
  return skewMs <= mostClockSkewMs
    ? ok("the worker's clock and this one agree")
    : fail(`the worker's clock differs by ${Math.round(skewMs / 1000)} s`, 'run NTP on both machines');
}

function gatewayAnswers({ gateway, gatewayTokens, worker }: StackStatus): Found {
  if (gateway) return ok(`${gateway}${gatewayTokens ? ', with tokens' : ', loopback, no token needed'}`);
  return worker ? fail('it does not answer', '`phase3 up` starts it') : skipped('no stack is up');
}

/** Any answer will do: what a channel makes of a message is `notify test`'s to find out. */
async function webhooksAnswer(channels: readonly NotificationChannel[]): Promise<Found> {
  if (channels.length === 0)
    return warn(
      'none is configured, so nobody is notified',
      'set PHASE3_WEBHOOK_URL or PHASE3_JSON_WEBHOOK_URL for worker and gateway',
    );
  const found = await Promise.all(channels.map(webhookAnswers));
  const broken = found.filter(({ isThere }) => !isThere);
  const detail = (broken.length > 0 ? broken : found).map(({ said }) => said).join('; ');
  return broken.length === 0
    ? ok(`${detail}; \`phase3 notify test --send\` sends a message`)
    : fail(detail, 'check the addresses and the network');
}

async function webhookAnswers({
  name,
  address: url,
}: NotificationChannel): Promise<{ isThere: boolean; said: string }> {
  const { host } = new URL(url);
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5_000) });
    return { isThere: true, said: `${name}: ${host} answers` };
  } catch (error) {
    const { cause } = error as { cause?: { message?: string } };
    return { isThere: false, said: `${name}: ${host} does not answer: ${cause?.message ?? String(error)}` };
  }
}
