/** `GET /health/live` and `GET /health/ready`: whether it runs, and whether what it depends on answers, each by name. */
import type { GatewayParts } from '../parts';

export interface Health {
  readonly httpStatus: 200 | 503;
  readonly body: {
    readonly status: 'ready' | 'not_ready';
    readonly components: Readonly<Record<string, { readonly up: boolean; readonly problem: string | null }>>;
  };
}

/** Whoever probes gives up after a few seconds, and then nobody learns what it was. */
const answerWithinMs = 4_000;

export async function readiness({ server, records, closing }: GatewayParts): Promise<Health> {
  const problems = await Promise.all([
    ask('temporal', () => server.trouble()),
    ask('warehouse', () => records.trouble()),
    ask('worker', () => server.workerTrouble()),
  ]);
  const gateway = ['gateway', closing.aborted ? 'The gateway is stopping.' : null] as const;
  const components = Object.fromEntries(
    [gateway, ...problems].map(([name, problem]) => [name, { up: problem === null, problem }]),
  );
  const isReady = Object.values(components).every(({ up }) => up);
  return { httpStatus: isReady ? 200 : 503, body: { status: isReady ? 'ready' : 'not_ready', components } };
}

async function ask(
  name: string,
  question: () => Promise<string | null>,
): Promise<readonly [string, string | null]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`No answer within ${answerWithinMs / 1000} s.`), answerWithinMs);
  });
  try {
    return [name, await Promise.race([question(), late])];
  } catch (error) {
    return [name, error instanceof Error ? error.message : String(error)];
  } finally {
    clearTimeout(timer);
  }
}
