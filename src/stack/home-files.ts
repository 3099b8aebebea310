/** What the files of a home say, and what they must look like to be believed. */
import * as v from 'valibot';
import { open } from '../contracts/schema';

const text = (what: string) => v.pipe(v.string(), v.description(what));
const pid = v.pipe(v.number(), v.integer(), v.minValue(1), v.description('the id of a process'));

const startedProcess = open({ pid, startedAt: text('the time at which it started') });

/** A process that `up` started: the start time tells it from another that got its id later. */
export type StartedProcess = Readonly<v.InferOutput<typeof startedProcess>>;

export const stackFile = open({
  /** The embedded server. */
  temporal: v.pipe(
    v.nullable(
      open({
        ...startedProcess.entries,
        address: text('host and port'),
        /** Where people find its UI: at a port of the gateway, which lets no page of another site in. */
        ui: text('a URL'),
        /** Where the gateway finds it. */
        uiBehind: text('a URL'),
      }),
    ),
    v.description('a process, or null'),
  ),
  worker: v.pipe(v.nullable(startedProcess), v.description('a process, or null')),
  /** Workers of older builds, without a warehouse, by their builds. */
  olderWorkers: v.exactOptional(
    v.pipe(v.record(v.string(), startedProcess), v.description('processes by their builds')),
  ),
  /** Absent in files from before there was one. */
  gateway: v.exactOptional(
    v.pipe(
      v.nullable(open({ ...startedProcess.entries, url: text('a URL') })),
      v.description('a process, or null'),
    ),
  ),
});

/** What `up` has started. */
export type StackFile = Readonly<v.InferOutput<typeof stackFile>>;

export const workerFile = open({
  pid,
  url: text('a URL'),
  token: text('a secret'),
  metrics: text('a URL'),
});

export const homeRecord = open({
  /** The databases that it has had, by their file's name, with the instant (ISO 8601) since which that is known. */
  databases: v.pipe(v.record(v.string(), v.string()), v.description('an instant for each database')),
  /**
   * Logs that were there when the stack was last taken down, each with the time (ms) at which its database was last written:
   * until a log is played into the database, the newest part is in the log alone.
   */
  logs: v.exactOptional(v.pipe(v.record(v.string(), v.number()), v.description('a time for each log'))),
  /** The backup that is being put in place of what is here; with it the files may be of two homes. */
  restoring: v.exactOptional(text('the file of a backup')),
});

/** What a home remembers of itself, so that what is lost can be told from what never was. */
export type HomeRecord = Readonly<v.InferOutput<typeof homeRecord>>;
