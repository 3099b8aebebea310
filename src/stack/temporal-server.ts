/** The embedded Temporal server: the real one, as a dev server with the brakes off (docs/adr/0003). */
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { TemporalTarget } from '../config/temporal-connection';
import { indexedValueTypes, searchAttributeTypes } from '../contracts/search-attributes';

/** Closed runs are kept this long; the dev server's own default is a day. */
const retentionDays = 30;

export interface TemporalServerOptions {
  readonly port: number;
  /** Where its UI listens, which is not where people are told that it is. */
  readonly ui: UiAddress;
  /** SQLite file; null keeps everything in memory. */
  readonly file: string | null;
}

/** An address of this machine that no page of a browser can find. */
export interface UiAddress {
  readonly ip: string;
  readonly port: number;
}

/** No name that leads anywhere: the HTTP API asks nobody who he is, and nothing of ours uses it. */
const nobody = 'nobody.invalid';

/** Arguments of `temporal` that start the server. The pragmas survive the death of the process, not a power cut. */
export function serverArguments({ port, ui, file }: TemporalServerOptions): string[] {
  const queues = ['transfer', 'timer', 'visibility'];
  return [
    'server',
    'start-dev',
    ...['--ip', '127.0.0.1', '--port', String(port), '--ui-ip', ui.ip, '--ui-port', String(ui.port)],
    ...['--log-level', 'warn'],
    ...(file === null ? [] : ['--db-filename', file]),
    // Exclusive: the file is locked for as long as the process lives, and a second server on it ends at once.
    ...['journal_mode=wal', 'synchronous=1', 'locking_mode=exclusive'].flatMap((pragma) =>
      file === null ? [] : ['--sqlite-pragma', pragma],
    ),
    // The default of 20 a second makes each hop through the server wait up to 50 ms.
    ...queues.flatMap((queue) => ['--dynamic-config-value', `history.${queue}ProcessorMaxPollRPS=1000`]),
    // What goes first is decided in each partition of a queue by itself, and one bears more than a machine like this gives it.
    ...['Read', 'Write'].flatMap((access) => [
      ...['--dynamic-config-value', `matching.numTaskqueue${access}Partitions=1`],
    ]),
    // A build that was replaced is said to be drained within seconds of its last run, not within minutes.
    ...['VisibilityGracePeriod', 'RefreshInterval'].flatMap((name) => [
      ...['--dynamic-config-value', `matching.wv.VersionDrainageStatus${name}="10s"`],
    ]),
    // Any web page can end every run through it, under any name and for any site.
    ...['--dynamic-config-value', `frontend.httpAllowedHosts=["${nobody}"]`],
  ];
}

/** Whether a server has said that it listens on the port; it says so once it does ("Temporal Server: localhost:7233"). */
export function saysThatItListens(said: string, port: number): boolean {
  return new RegExp(`Server:\\s+\\S+:${port}$`, 'm').test(said);
}

/**
 * Waits until the server answers for its namespace; false when it does not in time or `gaveUp` says so. `isOurs` tells whether
 * it is the one that is meant.
 */
export async function waitForServer(
  { connection: options, namespace }: TemporalTarget,
  timeoutMs: number,
  gaveUp: () => boolean,
  isOurs: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<boolean> {
  const until = Date.now() + timeoutMs;
  while (Date.now() < until && !gaveUp()) {
    try {
      const connection = await Connection.connect({ ...options, connectTimeout: 1_000 });
      try {
        await connection.workflowService.describeNamespace({ namespace });
        if (await isOurs()) return true;
      } finally {
        await connection.close();
      }
    } catch {
      // It does not answer yet.
    }
    await pause(100);
  }
  return false;
}

/**
 * Sets how long closed runs are kept, and registers the search attributes that are lacking. As arguments of the server they would
 * be registered only when its database is made, and not in an older home.
 */
export async function prepareNamespace(
  { connection: options, namespace }: TemporalTarget,
  wanted = searchAttributeTypes,
): Promise<void> {
  const connection = await Connection.connect(options);
  try {
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: { seconds: retentionDays * 86_400 } as never },
    });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const lacking = Object.entries(wanted).filter(([name]) => customAttributes[name] === undefined);
    if (lacking.length === 0) return;
    const searchAttributes = Object.fromEntries(
      lacking.map(([name, type]) => [name, indexedValueTypes[type]]),
    );
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } finally {
    await connection.close();
  }
}
