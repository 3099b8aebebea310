import { watchEventLoop } from '../../src/observability/event-loop';

/** Resolves with the first recorded value that `isWanted` takes. */
function recorded(isWanted: (seconds: number) => boolean): Promise<number> {
  return new Promise((resolve) => {
    const stop = watchEventLoop((seconds) => {
      if (!isWanted(seconds)) return;
      stop();
      resolve(seconds);
    });
  });
}

function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it('a block of the event loop is recorded with its length, and stays for what is scraped later', async () => {
  let samples = 0;
  const after = recorded((seconds) => seconds > 0 && (samples += 1) === 3);
  // The measuring timer has to have fired once before.
  setTimeout(() => standStill(700), 200);
  expect(await after).toBeGreaterThan(0.65);
});
