/** A gateway in this process, before the system of a test: real HTTP, real Temporal, real records. */
import { questionsOf } from '../../src/control/questions';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { GatewaySettings } from '../../src/config/gateway';
import { identityOf } from '../../src/contracts/identity';
import { newYorkDate } from '../../src/contracts/new-york';
import { oidcAuthenticator, openAuthenticator } from '../../src/gateway/auth/authenticator';
import { GatewayMetrics } from '../../src/gateway/metrics';
import type { GatewayParts } from '../../src/gateway/parts';
import { warehouseRecords } from '../../src/gateway/records';
import { RunWatch } from '../../src/gateway/run-watch';
import { buildServer } from '../../src/gateway/server';
import { serverProbe } from '../../src/gateway/server-probe';
import { logLine } from '../../src/observability/log-line';
import { readsOf } from '../../src/control/reads';
import { defaultPolicySettings } from '../../src/contracts/policy';
import type { Rig } from './rig';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON that came, or the text where it was none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface TestGateway {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly watch: RunWatch;
  /** What was logged, a JSON line each. */
  readonly logged: string[];
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  /** Sends text as it is, anything else as JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  readonly settings?: Partial<Pick<GatewaySettings, 'waitMs' | 'maxRequestsPerSecond' | 'auth'>>;
  /** Put over the parts that the system gives. */
  readonly parts?: Partial<GatewayParts>;
  /** Without one it is any free one. */
  readonly port?: number;
}

export async function startGateway(rig: Rig, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const settings = { waitMs: 30_000, maxRequestsPerSecond: 10_000, auth: null, ...options.settings };
  const now = (): Date => new Date();
  const logged: string[] = [];
  const closing = new AbortController();
  const watch = new RunWatch(rig.client);
  const app = await buildServer({
    client: rig.client,
    watch,
    settings,
    now,
    reads: async () => readsOf(rig.warehouse, defaultPolicySettings),
    policy: defaultPolicySettings,
    runLink: async () => null,
    records: warehouseRecords(
      rig.warehouse,
      () => newYorkDate(now()),
      questionsOf(rig.warehouse, defaultPolicySettings),
    ),
    authenticator: settings.auth ? oidcAuthenticator(settings.auth) : openAuthenticator('tester'),
    metrics: new GatewayMetrics(),
    server: serverProbe(rig.raw.connection, {
      namespace: 'default',
      taskQueue: identityOf(rig.warehouse.prefix).taskQueue,
    }),
    closing: closing.signal,
    overrides: {},
    workerMetrics: async () => '',
    log: (level, message, fields) => logged.push(logLine(now(), level, message, fields)),
    ...options.parts,
  });
  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const ask = async (path: string, init: RequestInit): Promise<Answered> => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };
  return {
    url,
    app,
    watch,
    logged,
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, body, headers = {}) =>
      ask(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) }),
    close: async () => {
      closing.abort();
      watch.close();
      await app.close();
    },
  };
}

/** A Pub/Sub push of a message; text is sent as it is. */
export function envelope(
  data: unknown,
  messageId: string,
  more: Readonly<Record<string, unknown>> = {},
): object {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return {
    message: { data: Buffer.from(text).toString('base64'), messageId, publishTime: '2017-04-16T04:00:00Z' },
    subscription: 'projects/p/subscriptions/phase3',
    ...more,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
