/** The home that a rehearsal has to itself: nothing of the asker's warehouse, server or alerts reaches into it. */
import { access, mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { configuredTemporal } from '../config/temporal-connection';
import { defaultPolicySettings } from '../contracts/policy';
import { freePort } from '../stack/processes';
import type { Instants } from './play-clock';

/** A minute takes a tenth of a second. */
export const playInstants: Instants = { start: '2026-02-04T04:00:00Z', factor: 600 };

/** Variables that name a warehouse, a server, an alert or a policy. */
const notOurs = /^(PHASE3_|TEMPORAL_|BIGQUERY_|GOOGLE_)/;

/** Says that a home was made for a rehearsal. */
const marker = 'rehearsal.json';

/** A file of profiles that names no server, in place of the asker's. The SDK does not read one without any profile. */
const noProfiles = 'temporal.toml';

export interface OwnHome {
  readonly path: string;
  /** What phase3 is to be run with, so that it works there and nowhere else. */
  readonly environment: NodeJS.ProcessEnv;
  /** Takes the folder away, and what was made above it if nothing else has come into it. */
  remove(): Promise<void>;
}

/** Makes a home below the asker's, since nothing is written outside that. */
export async function makeOwnHome(
  askersHome: string,
  environment: Readonly<NodeJS.ProcessEnv>,
): Promise<OwnHome> {
  const parent = join(askersHome, 'rehearsals');
  const firstMade = await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, 'incident-'));
  await writeFile(join(path, noProfiles), '[profile.default]\n');
  await writeFile(join(path, marker), `${JSON.stringify({ incident: playInstants })}\n`);
  // Not the usual ones: they are left to the asker's own stack.
  const [port, uiPort] = await Promise.all([freePort(), freePort()]);
  return {
    path,
    environment: ownEnvironment(environment, path, port, uiPort),
    remove: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      const last = dirname(firstMade ?? parent);
      // A folder that holds something else stays, and so does everything above it.
      for (let folder = parent; folder !== last; folder = dirname(folder))
        if (!(await succeeds(rmdir(folder)))) return;
    },
  };
}

/** Whether a home was made for a rehearsal: nothing may be played in another. */
export async function isOwnHome(path: string): Promise<boolean> {
  return succeeds(access(join(path, marker)));
}

function succeeds(attempt: Promise<void>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}

/** The environment without what names anything of the asker's; the gate waits as it always does, but in the play's time. */
function ownEnvironment(
  environment: Readonly<NodeJS.ProcessEnv>,
  home: string,
  port: number,
  uiPort: number,
): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !notOurs.test(name));
  const seconds = (ms: number): string => String(ms / 1000 / playInstants.factor);
  const { firstWaitMs, longestWaitMs, deadlineMs } = defaultPolicySettings;
  return {
    ...Object.fromEntries(kept),
    PHASE3_HOME: home,
    PHASE3_NOW: playInstants.start,
    PHASE3_GATE_FIRST_WAIT_SECONDS: seconds(firstWaitMs),
    PHASE3_GATE_LONGEST_WAIT_SECONDS: seconds(longestWaitMs),
    PHASE3_GATE_DEADLINE_SECONDS: seconds(deadlineMs),
    // What is played is a date that a person has to decide about.
    PHASE3_REBUILD_TEAM_ROWS: 'false',
    PHASE3_TEMPORAL_PORT: String(port),
    PHASE3_TEMPORAL_UI_PORT: String(uiPort),
    TEMPORAL_CONFIG_FILE: join(home, noProfiles),
  };
}

/** What to type before `npx phase3` to look into the home afterwards. */
export function lookingInto({ path }: OwnHome, environment: Readonly<NodeJS.ProcessEnv>): string {
  const others = Object.keys(environment).filter((name) => notOurs.test(name) && name !== 'PHASE3_HOME');
  const without = others.sort().map((name) => `-u ${name} `);
  // A profile names a server even where no variable does.
  const profiles = configuredTemporal() ? `TEMPORAL_CONFIG_FILE=${join(path, noProfiles)} ` : '';
  const assignments = `${profiles}PHASE3_HOME=${path}`;
  return without.length > 0 ? `env ${without.join('')}${assignments}` : assignments;
}
