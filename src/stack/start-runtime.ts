/** The runtime of a process with workers, and where its metrics are. */
import { installRuntime } from '../observability/runtime';
import { freePort } from './processes';

/**
 * Installs the runtime and returns where its metrics are. A port that was free may be gone when the runtime comes to it,
 * so where none was asked for others are tried.
 */
export async function startRuntime(address: string | null, triesLeft = 3): Promise<string> {
  try {
    return installRuntime({ metricsAddress: address ?? `127.0.0.1:${await freePort()}` });
  } catch (error) {
    if (address !== null || triesLeft === 0) throw error;
    return startRuntime(address, triesLeft - 1);
  }
}
