/** The hashes that decide whether a partition is what it would be if it were built now. */
import { createHash, hash as hashOf } from 'node:crypto';
import type { ProcessorName } from '../contracts/phase3';
import type { TableName } from '../tables/catalogue';
import { compareByKey } from '../tables/compare';
import type { Row, TableDefinition } from '../tables/define-table';
import { canonicalJson, Spelled, speller } from './canonical-json';

/** Everything a processor reads of a date. */
export interface ProcessorInputs {
  readonly rows: Readonly<Record<TableName, readonly Row[]>>;
  readonly upstreamVersions: readonly { readonly tableName: TableName; readonly version: number }[];
  /** `data_hash` of the live rows that are carried over as they are, sorted; absent where there is none. */
  readonly kept?: readonly string[];
  /** Game and decision, where a game is released, or estimated in part; absent where none is. */
  readonly released?: readonly string[];
}

/**
 * Hash of everything a processor read: the rows without `processed_at` (a source that sends the same figures again
 * changes nothing), the upstream versions, and the processor's own version, so that a corrected formula rebuilds.
 * Rows are expected in a fixed order.
 */
export function fingerprint(processor: ProcessorName, version: string, inputs: ProcessorInputs): string {
  const rows = Object.fromEntries(
    Object.entries(inputs.rows).map(([table, tableRows]) => [table, spelledInputs(tableRows)]),
  );
  const { upstreamVersions: upstreams, kept, released } = inputs;
  const decided = { ...(kept ? { kept } : {}), ...(released ? { released } : {}) };
  return sha256(canonicalJson({ processor, version, rows, upstreams, ...decided }));
}

/** First 16 hex digits over rows that a processor reads, without `processed_at`; they are expected in a fixed order. */
export function inputHash(rows: readonly Row[]): string {
  return hashOfInputs(spellInputs(rows));
}

/** The text that {@link inputHash} is over: canonical JSON. */
export function spellInputs(rows: readonly Row[]): string {
  return canonicalJson(spelledInputs(rows));
}

/** The hash of a text that {@link spellInputs} has given. */
export function hashOfInputs(text: string): string {
  return sha256(text).slice(0, 16);
}

/** First 16 hex digits over everything that contradicts a rule: who decides about it decides about this and nothing else. */
export function evidenceHash(contradictions: readonly unknown[]): string {
  return sha256(JSON.stringify(contradictions)).slice(0, 16);
}

/** Hash of a partition's rows as stored, every column, in key order. */
export function contentHash(table: TableDefinition, rows: readonly Row[]): string {
  const known = contentHashes.get(rows);
  if (known?.table === table) return known.hash;
  const hash = hashOfList([...rows].sort(compareByKey(table)).map(speller()));
  contentHashes.set(rows, { table, hash });
  return hash;
}

/** Rows are never changed once they are read or built, so what was hashed need not be hashed again. */
const contentHashes = new WeakMap<
  readonly Row[],
  { readonly table: TableDefinition; readonly hash: string }
>();

/** First 16 hex digits over each row's figures: equal hashes, equal figures, whoever built them and when. */
export function dataHashes(figures: readonly Row[]): string[] {
  return figures.map(speller()).map((text) => sha256(text).slice(0, 16));
}

/** The same for the rows that processors read: gates and processors of a night fingerprint the same ones. */
const spelledBefore = new WeakMap<Row, Spelled>();

function spelledInputs(rows: readonly Row[]): Spelled[] {
  const spell = speller('processed_at');
  return rows.map((row) => {
    const known = spelledBefore.get(row);
    if (known) return known;
    const spelled = new Spelled(spell(row));
    spelledBefore.set(row, spelled);
    return spelled;
  });
}

/** SHA-256 of a JSON list of these texts. A partition's list is large: it is not put together for it. */
function hashOfList(texts: readonly string[]): string {
  const hash = createHash('sha256').update('[');
  for (const [index, text] of texts.entries()) hash.update(index === 0 ? text : `,${text}`);
  return hash.update(']').digest('hex');
}

/** 32 hex digits over what a set of rows is named by: the same for every attempt. */
export function stageIdFrom(...parts: readonly string[]): string {
  return sha256(parts.join('/')).slice(0, 32);
}

function sha256(text: string): string {
  return hashOf('sha256', text, 'hex');
}
