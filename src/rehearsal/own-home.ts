/** The home that a rehearsal has to itself: nothing of the asker's warehouse, server or alerts reaches into it. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultPolicySettings } from '../contracts/policy';
import { makeHomeBelow, type HomeBelow } from '../stack/home-below';
import type { Instants } from './play-clock';

/** A minute takes a tenth of a second. */
export const playInstants: Instants = { start: '2026-02-04T04:00:00Z', factor: 600 };

/** Says that a home was made for a rehearsal. */
const marker = 'rehearsal.json';

/** Makes a home below the asker's. The gate waits there as it always does, but in the play's time. */
export async function makeOwnHome(
  askersHome: string,
  environment: Readonly<NodeJS.ProcessEnv>,
): Promise<HomeBelow> {
  const seconds = (ms: number): string => String(ms / 1000 / playInstants.factor);
  const { firstWaitMs, longestWaitMs, deadlineMs } = defaultPolicySettings;
  return makeHomeBelow(askersHome, environment, {
    folder: 'rehearsals',
    name: 'incident-',
    marker: { file: marker, says: { incident: playInstants } },
    settings: {
      PHASE3_NOW: playInstants.start,
      PHASE3_GATE_FIRST_WAIT_SECONDS: seconds(firstWaitMs),
      PHASE3_GATE_LONGEST_WAIT_SECONDS: seconds(longestWaitMs),
      PHASE3_GATE_DEADLINE_SECONDS: seconds(deadlineMs),
      // What is played is a date that a person has to decide about.
      PHASE3_REBUILD_TEAM_ROWS: 'false',
    },
  });
}

/** Whether a home was made for a rehearsal: nothing may be played in another. */
export async function isOwnHome(path: string): Promise<boolean> {
  return access(join(path, marker)).then(
    () => true,
    () => false,
  );
}
