/** What is wrong with a date, table by table: in words, as bounded evidence, and as hashes that tell one trouble from another. Pure. */
import { createHash } from 'node:crypto';
import type { ProcessorName } from '../../contracts/phase3';
import { visibleLine } from '../../contracts/visible-text';
import type { AlteredRows } from '../../publishing/compare-stored';
import { canonicalJson } from '../../publishing/canonical-json';
import type { MovedRaw } from '../../publishing/moved-raw';
import { sayRowsMoved, type RowsMoved } from '../../tables/rows-moved';
import { spellCell, spellKey } from '../../tables/spell-row';
import type { TableFinding, VerifiedDate } from '../verify-date';

/** One finding of one table. */
export interface Trouble {
  readonly table: string;
  readonly processor: ProcessorName;
  readonly finding: Exclude<TableFinding, 'as_published'>;
  /** The version that should be live; null where none was published. */
  readonly version: number | null;
  /** The dependency check's sentence. */
  readonly reason: string;
  readonly rows: number;
  readonly publishedRows: number | null;
  /** Of what is altered, which rows and columns; null where nobody can say. */
  readonly changes: AlteredRows | null;
  /** Of what is stale, which inputs. */
  readonly moved: readonly MovedRaw[];
}

/** So many rows, cells and inputs of a table are named. */
const mostNamed = 5;

export function troublesOf({ tables }: VerifiedDate): Trouble[] {
  return tables.flatMap(({ findings, reasons, changes, moved, ...known }) =>
    findings.map((finding, index) => ({
      ...{ table: known.table, processor: known.processor, version: known.version, finding },
      ...{ rows: known.rows, publishedRows: known.publishedRows, reason: reasons[index] ?? '' },
      changes: finding === 'altered' ? changes : null,
      moved: finding === 'stale' || finding === 'questioned' ? moved : [],
    })),
  );
}

/** Whether a run of its processor could mend it: of what nobody published and of what somebody pinned only people decide. */
export function isRepairable({ finding }: Trouble): boolean {
  return finding === 'altered' || finding === 'stale';
}

/** What a trouble is of: the same for as long as it only grows. */
export function nameOf({ table, finding }: Pick<Trouble, 'table' | 'finding'>): string {
  return `${table} ${finding}`;
}

/**
 * A hash of a set of troubles. Altered rows are told apart by what was done to them; a version that is stale is stale, whatever
 * else moves meanwhile.
 */
export function printOf(troubles: readonly Trouble[]): string {
  return hashOf(
    troubles.map(({ table, finding, version, rows, changes }) => [table, finding, version, rows, changes]),
  );
}

/** 32 hexadecimal digits. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);
}

/** One line. */
export function sayTroubles(troubles: readonly Trouble[]): string {
  return troubles.map(sayTrouble).join('; ');
}

function sayTrouble({ table, version, finding, reason, rows, changes, moved }: Trouble): string {
  const of = version === null ? table : `${table} version ${version}`;
  const named = [
    ...(changes?.altered ?? []).flatMap(({ key, columns }) =>
      columns.map(
        ({ column, published, live }) =>
          `${spellKey(key)}: ${column} is ${spellCell(live)}, published ${spellCell(published)}`,
      ),
    ),
    ...(rows === 0 ? [] : (changes?.missing ?? []).map((key) => `${spellKey(key)} is gone`)),
    ...(changes?.foreign ?? []).map((key) => `${spellKey(key)} was never published`),
    ...moved.flatMap(({ gameId, table: source, detail, rows: raw }) => {
      const cells = raw ? sayRowsMoved(raw) : [];
      const what = [gameId, source].filter(Boolean).join(' ');
      return cells.length > 0 ? cells.map((cell) => `${what} ${cell}`) : [`${what} ${detail}`.trim()];
    }),
  ];
  const more = named.length > mostNamed ? `, and ${named.length - mostNamed} more` : '';
  const which = named.length > 0 ? ` (${named.slice(0, mostNamed).join('; ')}${more})` : '';
  return visibleLine(`${of} is ${finding}: ${reason}${which}`);
}

/** The same for a script: what is named is bounded, and how much there is of it is counted. */
export function evidenceOf({ processor: _, changes, moved, ...known }: Trouble): object {
  return {
    ...known,
    ...(changes && {
      altered: some(
        changes.altered.map(({ key, columns }) => ({ key, columns: columns.slice(0, mostNamed) })),
      ),
      missing: some(changes.missing),
      foreign: some(changes.foreign),
    }),
    ...(moved.length > 0 && {
      moved: some(moved.map((input) => ({ ...input, rows: input.rows && firstMoved(input.rows) }))),
    }),
  };
}

interface Some<T> {
  readonly count: number;
  readonly first: readonly T[];
}

function some<T>(all: readonly T[]): Some<T> {
  return { count: all.length, first: all.slice(0, mostNamed) };
}

/** Of what moved in the raw rows of a game as much as an entry of the audit may hold. */
function firstMoved({ changed, added, removed }: RowsMoved): object {
  const cells = changed.map(({ key, columns }) => ({ key, columns: some(columns) }));
  return { changed: some(cells), added: some(added), removed: some(removed) };
}
