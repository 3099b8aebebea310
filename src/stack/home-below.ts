/** A home below another, with a stack of its own: nothing of that one's server and alerts reaches into it. */
import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { configuredTemporal } from '../config/temporal-connection';
import { freePort } from './processes';

/** Variables that name a warehouse, a server, an alert or a policy. */
const named = /^(PHASE3_|TEMPORAL_|BIGQUERY_|GOOGLE_)/;

/** A file of profiles that names no server, in place of the asker's. The SDK does not read one without any profile. */
const noProfiles = 'temporal.toml';

export interface HomeBelow {
  readonly path: string;
  /** What phase3 is to be run with, so that it works there and nowhere else. */
  readonly environment: NodeJS.ProcessEnv;
  /** Takes the folder away, and what was made above it if nothing else has come into it. */
  remove(): Promise<void>;
}

/** What a home is made for. */
export interface HomePurpose {
  /** The folder that holds all that are made for it, and how the names in it begin. */
  readonly folder: string;
  readonly name: string;
  /** A file that says what it was made for. */
  readonly marker: { readonly file: string; readonly says: object };
  /** Which variables of the asker's hold there too; without it none that name a warehouse, a server, an alert or a policy. */
  readonly keeps?: RegExp;
  readonly settings: NodeJS.ProcessEnv;
}

/** Makes a home below the asker's, since nothing is written outside that. */
export async function makeHomeBelow(
  askersHome: string,
  environment: Readonly<NodeJS.ProcessEnv>,
  { folder, name, marker, keeps, settings }: HomePurpose,
): Promise<HomeBelow> {
  const parent = join(askersHome, folder);
  const firstMade = await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, name));
  await writeFile(join(path, noProfiles), '[profile.default]\n');
  await writeFile(join(path, marker.file), `${JSON.stringify(marker.says)}\n`);
  // Not the usual ones: they are left to the asker's own stack.
  const [port, uiPort] = await Promise.all([freePort(), freePort()]);
  const kept = Object.entries(environment).filter(([key]) => !named.test(key) || keeps?.test(key) === true);
  return {
    path,
    environment: {
      ...Object.fromEntries(kept),
      ...settings,
      PHASE3_HOME: path,
      PHASE3_TEMPORAL_PORT: String(port),
      PHASE3_TEMPORAL_UI_PORT: String(uiPort),
      TEMPORAL_CONFIG_FILE: join(path, noProfiles),
    },
    remove: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      const last = dirname(firstMade ?? parent);
      // A folder that holds something else stays, and so does everything above it.
      for (let empty = parent; empty !== last; empty = dirname(empty)) if (!(await isRemoved(empty))) return;
    },
  };
}

function isRemoved(folder: string): Promise<boolean> {
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}

/** What to type before `npx phase3` to look into the home afterwards. */
export function lookingInto(
  { path }: Pick<HomeBelow, 'path'>,
  environment: Readonly<NodeJS.ProcessEnv>,
): string {
  const others = Object.keys(environment).filter((name) => named.test(name) && name !== 'PHASE3_HOME');
  const without = others.sort().map((name) => `-u ${name} `);
  // A profile names a server even where no variable does.
  const profiles = configuredTemporal() ? `TEMPORAL_CONFIG_FILE=${join(path, noProfiles)} ` : '';
  const assignments = `${profiles}PHASE3_HOME=${path}`;
  return without.length > 0 ? `env ${without.join('')}${assignments}` : assignments;
}
