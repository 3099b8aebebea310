/** How a replay runs in a test: in a thread of its own. */
export interface ReplaySettings {
  readonly workflowBundle: { readonly codePath: string };
  readonly debugMode: false;
}

/**
 * By itself the SDK replays in the thread that asks, and leaves a hook on every promise there, for good. Jest loads the SDK anew for
 * each file, so that each file would leave one more, which takes the stack of every promise of all files after it.
 */
export function replaySettings(): ReplaySettings {
  const codePath = process.env['PHASE3_TEST_BUNDLE'];
  if (!codePath) throw new Error('the global setup of jest has not run');
  return { workflowBundle: { codePath }, debugMode: false };
}
