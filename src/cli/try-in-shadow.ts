/** Tries a build in a shadow: however it ends, with Ctrl-C as well, the shadow is taken away in order. */
import { ShadowLeftError } from '../deploy/shadow';
import { TrialError } from '../deploy/trial';
import { CommandError } from './context';

/** `work` gives up once the signal is aborted, and takes its shadow away. */
export async function tryInShadow<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await work(interruption.signal);
  } catch (error) {
    if (error instanceof ShadowLeftError) throw new CommandError(error.message);
    if (interruption.signal.aborted)
      throw new CommandError('Interrupted; the shadow is gone, and nothing was recorded.');
    if (error instanceof TrialError) throw new CommandError(error.message);
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
