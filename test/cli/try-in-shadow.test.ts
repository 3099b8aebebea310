/** However a trial in a shadow ends, what is left of the shadow is named. */
import { CommandError } from '../../src/cli/context';
import { tryInShadow } from '../../src/cli/try-in-shadow';
import { ShadowLeftError } from '../../src/deploy/shadow';

async function interruptedWith(error: Error): Promise<unknown> {
  return tryInShadow(async (signal) => {
    process.emit('SIGINT');
    expect(signal.aborted).toBe(true);
    throw error;
  }).catch((thrown: unknown) => thrown);
}

test('an interruption says that the shadow is gone, unless it is not', async () => {
  const gone = await interruptedWith(new Error('the stack does not come up'));
  expect(gone).toEqual(new CommandError('Interrupted; the shadow is gone, and nothing was recorded.'));
  const left = 'The datasets canary_0a1b2c_* of the shadow are still there; remove them by hand: no right';
  expect(await interruptedWith(new ShadowLeftError(left))).toEqual(new CommandError(left));
});
