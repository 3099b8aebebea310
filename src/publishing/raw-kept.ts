/**
 * The raw rows that a version was built from, as they are kept with it: named by the hashes in its manifest, so that what
 * several processors and versions read is kept once. Pure.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { InputsByGame } from '../contracts/manifests';
import type { SelectedNight } from '../gate/select-inputs';
import type { Processor } from '../processors/define-processor';
import type { TableName } from '../tables/catalogue';
import type { Row } from '../tables/define-table';
import type { RawKeptRow } from '../tables/orchestration';
import { hashOfInputs, spellInputs } from './fingerprint';

/** What a night's processor reads of its sources, packed: one entry for each game and table that has rows. */
export function rawKeptOf(
  gameDate: string,
  { reads }: Pick<Processor, 'reads'>,
  { games }: Pick<SelectedNight, 'games'>,
): RawKeptRow[] {
  return games.flatMap(({ game, inputs }) =>
    Object.entries(reads).flatMap(([alias, { table }]): RawKeptRow[] => {
      const rows = inputs[alias] ?? [];
      if (rows.length === 0) return [];
      return [{ ...{ game_date: gameDate, table_name: table.name, game_id: game.gameId }, ...packed(rows) }];
    }),
  );
}

/** Raw rows by the hashes that manifests have of them. */
export interface KeptRaw {
  /** Without `processed_at`, in the order in which they were read; null where they are not kept, or were changed since. */
  rowsOf(this: void, table: TableName, hash: string): readonly Row[] | null;
}

const hashOfNone = hashOfInputs(spellInputs([]));

/** Kept raw rows to be asked for. What does not hash to its name is not what a version was built from. */
export function keptRaw(entries: readonly RawKeptRow[]): KeptRaw {
  const contents = new Map(
    entries.map((entry) => [`${entry.table_name} ${entry.input_hash}`, entry.content]),
  );
  return {
    rowsOf: (table, hash) => {
      if (hash === hashOfNone) return [];
      const content = contents.get(`${table} ${hash}`);
      return content === undefined ? null : unpacked(content, hash);
    },
  };
}

/** Table and hash of everything that these inputs name. */
export function namedRaw(inputs: InputsByGame): Pick<RawKeptRow, 'table_name' | 'input_hash'>[] {
  return Object.values(inputs).flatMap((tables) =>
    Object.entries(tables).map(([table, hash]) => ({ table_name: table, input_hash: hash })),
  );
}

type Packed = Pick<RawKeptRow, 'input_hash' | 'row_count' | 'content'>;

/** The processors of a night read the same rows, and one that is built again most of them: each set is packed once. */
const packedBefore = new WeakMap<Row, { readonly rows: readonly Row[]; readonly packed: Packed }>();

function packed(rows: readonly Row[]): Packed {
  const [first] = rows;
  const known = first && packedBefore.get(first);
  if (known?.rows.length === rows.length && rows.every((row, index) => row === known.rows[index]))
    return known.packed;
  const text = spellInputs(rows);
  const content = gzipSync(text).toString('base64');
  const made = { input_hash: hashOfInputs(text), row_count: rows.length, content };
  if (first) packedBefore.set(first, { rows, packed: made });
  return made;
}

function unpacked(content: string, hash: string): readonly Row[] | null {
  try {
    const text = gunzipSync(Buffer.from(content, 'base64')).toString('utf8');
    return hashOfInputs(text) === hash ? (JSON.parse(text) as Row[]) : null;
  } catch {
    // Somebody changed it by hand.
    return null;
  }
}
