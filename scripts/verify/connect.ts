/** A client of a Temporal server that is up already. */
import { Client, Connection } from '@temporalio/client';
import type { TemporalTarget } from '../../src/config/temporal-connection';

/** Thrown when no server answers; the message is a sentence for the person who asked. */
export class NotUpError extends Error {
  override readonly name = 'NotUpError';
}

/** Does `work` with a client and closes its connection. Throws {@link NotUpError}. */
export async function withTemporal<T>(
  { connection: options, namespace }: TemporalTarget,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect(options).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new NotUpError(`Temporal does not answer on ${options.address} (${why}).`, { cause: error });
  });
  try {
    return await work(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}
