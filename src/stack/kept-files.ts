/**
 * The databases of a home, which must not be lost in silence: the home remembers which it had, and one that is gone is not
 * made anew by itself. DuckDB and SQLite make an empty file where there is none, and everything would seem to be well.
 */
import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HomeError, inHome, type Home } from './home';

/** Each database of a home, what people call it, and what is lost with it. */
const databases = {
  'warehouse.duckdb': { what: 'The warehouse', held: 'every published table, its versions and the audit' },
  'temporal.db': {
    what: "Temporal's database",
    held: 'the histories, the schedules and every run that had not ended',
  },
} as const;

export type Database = keyof typeof databases;
export const allDatabases = Object.keys(databases) as Database[];

/** Opens a database, or makes it where the home never had one. Throws a {@link HomeError} where it is lost. */
export async function openKept<T>(home: Home, database: Database, open: () => Promise<T>): Promise<T> {
  await refuseLost(home, [database]);
  const opened = await open();
  await remember(home, database);
  return opened;
}

/** Writes down that the home has it, and that its logs are its own business from now on. */
async function remember(home: Home, database: Database): Promise<void> {
  const record = await home.readRecord();
  const { databases: known, logs = {} } = record;
  const others = withoutLogsOf(database, logs);
  if (known[database] !== undefined && Object.keys(others).length === Object.keys(logs).length) return;
  const since = known[database] ?? new Date().toISOString();
  await home.writeRecord({ ...record, databases: { ...known, [database]: since }, logs: others });
}

/** Throws a {@link HomeError} where one of them is lost, or where the home is half of two. */
export async function refuseLost(home: Home, used: readonly Database[]): Promise<void> {
  const { restoring } = await home.readRecord();
  if (restoring !== undefined)
    throw new HomeError(
      `PHASE3_HOME is ${home.path}, in which putting back ${restoring} was cut off: its files may be of two homes. ` +
        `Do it again: \`phase3 restore-home ${restoring} --replace\`.`,
      2,
    );
  const [sentence] = await lostFiles(home, used);
  if (sentence !== undefined) throw new HomeError(sentence, 2);
}

/** What is to be said of each database that is lost. */
export async function lostFiles(home: Home, used: readonly Database[]): Promise<string[]> {
  const losses = await Promise.all(used.map(async (database) => lossOf(home, database)));
  return losses.flatMap((loss) => (loss === null ? [] : [loss.sentence]));
}

interface Loss {
  readonly sentence: string;
  /** Whether all of the database is lost, and not its newest part only. */
  readonly isWhole: boolean;
}

/** How a database is lost; null where it is there, or never was. */
async function lossOf(home: Home, database: Database): Promise<Loss | null> {
  const path = join(home.path, database);
  const found = await stat(path).catch(() => null);
  const { databases: known, logs: left = {} } = await home.readRecord();
  const logs = await logsOf(home, database);
  // SQLite makes a new database of an empty file.
  if (found && (!found.isFile() || found.size > 0)) {
    // Whoever has opened the database since has played the log into it, and so has written it.
    const lost = Object.keys(left).find(
      (name) => isLogOf(database, name) && !logs.includes(name) && left[name] === found.mtimeMs,
    );
    return lost === undefined
      ? null
      : lossBy(database, `${join(home.path, lost)} is gone, with the newest part of ${database}`, false);
  }
  const since = known[database];
  if (since !== undefined)
    return lossBy(database, `${path} is ${found ? 'empty' : 'gone'}, and was there on ${since}`, true);
  // The log of a database without the database: there was one. DuckDB would play it into an empty file.
  const [log] = logs;
  return log === undefined ? null : lossBy(database, `${path} is gone, and ${log} is there`, true);
}

function lossBy(database: Database, how: string, isWhole: boolean): Loss {
  const { what, held } = databases[database];
  const sentence =
    `${how}. ${what} held ${held}. Put the file back, or a whole backup with \`phase3 restore-home FILE --replace\`. ` +
    'To go on without what is lost: `phase3 up --start-empty`.';
  return { sentence, isWhole };
}

/**
 * Forgets what is lost, so that databases that are gone are made anew; moves what is left of them aside. Returns what it did,
 * a sentence each.
 */
export async function forgetLost(home: Home, used: readonly Database[]): Promise<string[]> {
  const said: string[] = [];
  for (const database of used) {
    const loss = await lossOf(home, database);
    if (loss === null) continue;
    if (loss.isWhole) await moveLogsAside(home, database);
    const record = await home.readRecord();
    const { [database]: since, ...others } = record.databases;
    await home.writeRecord({
      ...record,
      databases: loss.isWhole || since === undefined ? others : record.databases,
      logs: withoutLogsOf(database, record.logs ?? {}),
    });
    said.push(
      loss.isWhole
        ? `Starting with an empty ${database}. ${databases[database].what} held ${databases[database].held}`
        : `Starting with ${database} as it was last written out; what its log held is lost`,
    );
  }
  return said;
}

/** A log that is played into another database than its own would damage that. */
async function moveLogsAside(home: Home, database: Database): Promise<void> {
  const suffix = `.${new Date().toISOString().replaceAll(':', '')}.lost`;
  for (const log of await logsOf(home, database))
    await inHome(home.path, () => rename(join(home.path, log), join(home.path, log + suffix)));
}

/** Writes down which logs are there, once nobody writes them any more. */
export async function rememberLogs(home: Home): Promise<void> {
  const record = await home.readRecord();
  const found = await Promise.all(
    allDatabases.map(async (database) => {
      const written = await stat(join(home.path, database)).catch(() => null);
      if (!written) return [];
      return (await logsOf(home, database)).map((log) => [log, written.mtimeMs] as const);
    }),
  );
  const logs = Object.fromEntries(found.flat());
  if (Object.keys(logs).length > 0 || record.logs !== undefined) await home.writeRecord({ ...record, logs });
}

/** The logs that belong to a database: `warehouse.duckdb.wal`, `temporal.db-wal`. */
async function logsOf(home: Home, database: Database): Promise<string[]> {
  const names = await readdir(home.path).catch((): string[] => []);
  return names.filter((name) => isLogOf(database, name));
}

function isLogOf(database: Database, name: string): boolean {
  return name.startsWith(database) && /^[.-](wal|journal)$/.test(name.slice(database.length));
}

function withoutLogsOf(database: Database, logs: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(logs).filter(([name]) => !isLogOf(database, name)));
}
