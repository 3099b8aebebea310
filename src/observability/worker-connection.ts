/** The connection of a worker. What would make every workflow task fail while the run shows Running is looked for first. */
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { accessFault } from './connection-fault';
import { howToRegister, lackingAttributes } from './search-attributes';

/** Thrown with what to do about a server that cannot be worked with. */
class TemporalUnusableError extends Error {
  override readonly name = 'TemporalUnusableError';
}

export interface WorkerTarget {
  readonly connection: NativeConnectionOptions & { readonly address: string };
  readonly namespace: string;
}

/**
 * Connects within `patienceMs`. Throws {@link TemporalUnusableError} where nobody answers by then, where there is no such
 * namespace, and where it lacks a search attribute or has it with another type.
 */
export async function connectWorker(target: WorkerTarget, patienceMs: number): Promise<NativeConnection> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(unanswered(target, `nothing has come for ${patienceMs / 1000} s`)),
      patienceMs,
    );
  });
  try {
    return await Promise.race([connect(target), limit]);
  } finally {
    clearTimeout(timer);
  }
}

async function connect(target: WorkerTarget): Promise<NativeConnection> {
  const connection = await NativeConnection.connect(target.connection).catch(async (error: unknown) => {
    throw unanswered(target, (await accessFault(target.connection)) ?? reasonOf(error), error);
  });
  await checkNamespace(connection, target);
  await checkSearchAttributes(connection, target.namespace);
  return connection;
}

async function checkNamespace(connection: NativeConnection, target: WorkerTarget): Promise<void> {
  const { namespace } = target;
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if ((error as { code?: unknown }).code !== notFound) throw unanswered(target, reasonOf(error), error);
    throw new TemporalUnusableError(
      `Temporal on ${target.connection.address} has no namespace ${namespace} (TEMPORAL_NAMESPACE). Run: temporal operator namespace create --namespace ${namespace}`,
      { cause: error },
    );
  }
}

const notFound = 5;

async function checkSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { wrong, taken } = await lackingAttributes(connection, namespace);
  if (wrong.length === 0) return;
  throw new TemporalUnusableError(
    `Namespace ${namespace} lacks search attributes. Run: ${howToRegister(namespace, wrong)}` +
      (taken.length > 0 ? ` (first remove ${taken.join(', ')}, registered with another type)` : ''),
  );
}

function unanswered({ connection }: WorkerTarget, why: string, cause?: unknown): TemporalUnusableError {
  return new TemporalUnusableError(
    `Temporal does not answer on ${connection.address} (TEMPORAL_ADDRESS or temporal.toml): ${why}.`,
    { cause },
  );
}

/** The system's words, which the SDK's core prints inside those of its own layers. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [, innermost = text] = /.*message: \\?"([^"\\]+)/s.exec(text) ?? [];
  return innermost.split('\n')[0]?.replace(/\.$/, '') ?? text;
}
