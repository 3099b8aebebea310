/** The one place where DuckDB's errors become ours. */
import { WarehouseError, type WarehouseErrorKind } from '../errors';

/** What the driver says of a file that somebody or a disk has changed; and not where a log could not be played in for want of room or rights. */
const damage =
  /^(?!.*(no space left|permission denied))(error: )?(io|fatal|serialization|internal|transactioncontext) error: .*(not a valid duckdb database|corrupt|could not read enough bytes|replaying wal|checksum)/is;

/** First match wins. The driver gives no codes, only its own prefixes. */
const patterns: readonly (readonly [RegExp, WarehouseErrorKind])[] = [
  [/could not set lock|conflicting lock|being used by another process/i, 'unavailable'],
  [/conflict on|transaction conflict|write-write/i, 'unavailable'],
  [damage, 'needs_person'],
  [
    /constraint error|conversion error|out of range error|invalid input error: json|malformed json/i,
    'bad_rows',
  ],
  [
    /catalog error|binder error|parser error|does not exist|(values|parameters?) (were|was) not|expected|invalid input error: values/i,
    'contract_broken',
  ],
  [/io error|out of memory|connection (was|has been) closed|interrupt/i, 'unavailable'],
];

const restore =
  'Nothing was changed. `phase3 down`, and put a backup in its place: `phase3 restore-home FILE --replace`.';
const aboutTheFile =
  `The file of the warehouse is damaged. ${restore} Without one: move it away, \`phase3 up --start-empty\`, load the raw ` +
  'rows and run their dates again.';
const aboutTheLog =
  `The log of the warehouse is damaged; it holds what was written since the last checkpoint. ${restore} Without one: move ` +
  'the .wal away, `phase3 up --start-empty`, and run again what `phase3 verify` and `phase3 missing` name.';

/** Maps a driver error; errors that are ours already pass through. `doing` says what was tried. */
export function toWarehouseError(error: unknown, doing: string): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const kind = patterns.find(([pattern]) => pattern.test(text))?.[1] ?? 'unavailable';
  const remedy = damage.test(text) ? ` ${/\bwal\b/i.test(text) ? aboutTheLog : aboutTheFile}` : '';
  return new WarehouseError(kind, `DuckDB, ${doing}: ${text.split('\n')[0]}${remedy}`, { cause: error });
}

/**
 * Whether the driver refuses everything from now on, until the file is opened again: its last checkpoint has failed, as on a
 * full disk. The file is as it was before the transaction that met it.
 */
export function isFatal(error: unknown): boolean {
  return /\bFATAL Error:|database has been invalidated/.test(String(error));
}
