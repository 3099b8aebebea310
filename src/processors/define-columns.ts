/**
 * Where each column of a published table comes from, as data: a processor's rows are built by it, and `phase3 explain` and the
 * reference read it. So no formula is written down a second time. Pure.
 */
import type { Game, GameField } from '../games/game';
import type { Cell, TableDefinition } from '../tables/define-table';

/** How a figure follows from others, by the names that they have in it. Null is not known, or not defined. */
export type Formula<I, V> = (
  | {
      /** Arithmetic in the names of the inputs: with their numbers filled in it gives the figure, unless that is null. */
      readonly arithmetic: string;
    }
  | {
      /** A sentence, where it is no arithmetic. */
      readonly words: string;
    }
) & {
  /** Where it is from: "Basketball-Reference glossary, "TS%"". */
  readonly source?: string;
  readonly unit?: string;
  /** When the figure is null although all inputs are known: "there was no attempt". */
  readonly undefinedWhen?: string;
  readonly compute: (this: void, inputs: I) => V;
};

/** What keeps a figure from being copied. `P`: what a row is made from. */
export interface Condition<P> {
  readonly holds: (this: void, parts: P) => boolean;
  /** Why the figure is null where it does not hold. */
  readonly otherwise: string;
}

declare const types: unique symbol;
/** What the compiler knows of an origin: from which parts and columns it makes which value. */
interface Typed<V, P, F> {
  readonly [types]?: (parts: P, row: F) => V;
}

/** A field of the game, or of a row that the row is made from. */
interface Copied {
  readonly kind: 'copied';
  readonly part: string;
  readonly field: string;
  readonly onlyIf?: Condition<never>;
}
/** Another column of the row, which is declared before. */
interface Own {
  readonly kind: 'own';
  readonly column: string;
}
interface Computed {
  readonly kind: 'computed';
  readonly formula: Formula<never, Cell>;
  readonly inputs: Readonly<Record<string, AnyOrigin>>;
}
/** Null in every row. */
interface Empty {
  readonly kind: 'empty';
  readonly why: string;
}

/** Where a value comes from, without its types. */
export type AnyOrigin = (Copied | Own | Computed | Empty) & { readonly isNeeded?: true };
/** Where a value of type `V` comes from: of the parts `P` of a row, and of its columns `F`. */
export type Origin<V, P, F> = AnyOrigin & Typed<V, P, F>;

/** Where every column comes from. One that is left out does not compile. */
export type Columns<F, P> = { readonly [K in keyof F]: Origin<F[K], P, F> };
export type AnyColumns = Readonly<Record<string, AnyOrigin>>;

/** What one row is made from: its game, and rows that the processor reads; null where a bypass does without one. */
export type Parts = { readonly game: Game } & Readonly<Record<string, object | null>>;

type FieldOf<P, K extends keyof P> = (K extends 'game' ? GameField : keyof NonNullable<P[K]>) & string;
type ValueOf<P, K extends keyof P, C> =
  (C extends keyof NonNullable<P[K]> ? NonNullable<P[K]>[C] : never) | (null extends P[K] ? null : never);

/** The words in which a table declares its columns, for rows with the columns `F` that are made from `P`. */
export interface ColumnWords<P, F> {
  /** Copies a field of a part. */
  from<K extends keyof P & string, C extends FieldOf<P, K>>(
    this: void,
    part: K,
    field: C,
  ): Origin<ValueOf<P, K, C>, P, F>;
  /** Copies a field where a condition holds; null elsewhere. */
  from<K extends keyof P & string, C extends FieldOf<P, K>>(
    this: void,
    part: K,
    field: C,
    onlyIf: Condition<P>,
  ): Origin<ValueOf<P, K, C> | null, P, F>;
  /** Another column of the same row, declared before. */
  own<C extends keyof F & string>(this: void, column: C): Origin<F[C], P, F>;
  computed<I, V>(
    this: void,
    formula: Formula<I, V>,
    inputs: NoInfer<{ readonly [N in keyof I]: Origin<I[N], P, F> }>,
  ): Origin<V, P, F>;
}

/** The words for a table. */
export function columnWords<P, F>(): ColumnWords<P, F> {
  return {
    from: (part: string, field: string, onlyIf?: Condition<P>) => ({
      ...{ kind: 'copied' as const, part, field },
      ...(onlyIf ? { onlyIf } : {}),
    }),
    own: (column) => ({ kind: 'own', column }),
    // What the compiler has seen of formula and inputs is not known where they are read as data.
    computed: (formula, inputs) => ({ kind: 'computed', formula, inputs }) as unknown as Computed,
  };
}

/** A column that keeps its place for readers and has no figure yet. */
export function empty(why: string): Origin<null, object, object> {
  return { kind: 'empty', why };
}

/** What is there in every row that the dependency check lets through. */
export function needed<V, P, F>(origin: Origin<V, P, F>): Origin<NonNullable<V>, P, F> {
  const { kind: _, ...rest } = { ...origin, isNeeded: true };
  return { ...rest, kind: origin.kind } as Origin<NonNullable<V>, P, F>;
}

/**
 * Thrown when a row that should be complete is not. The dependency check lets no such row through, so this is a fault of ours,
 * not of the data.
 */
export class IncompleteRowError extends Error {
  override readonly name = 'IncompleteRowError';
}

/**
 * Computes rows of a table from their parts, column by column in the order of the declaration. Throws at once where a column
 * needs one that comes after it.
 */
export function rowBuilder<F, P extends Pick<Parts, 'game'>>(
  table: TableDefinition,
  columns: Columns<F, P>,
): (parts: P) => F {
  const entries = Object.entries<AnyOrigin>(columns as AnyColumns);
  for (const [index, [column, origin]] of entries.entries())
    for (const own of ownColumns(origin))
      if (!entries.slice(0, index).some(([before]) => before === own))
        throw new Error(`${table.name}: ${column} needs ${own}, which is not declared before it`);
  const subject = table.key.at(-1) ?? '';
  // Rows of one shape: an object that gets its columns one by one is slow, and so is all that reads it.
  const blank = JSON.parse(
    JSON.stringify(Object.fromEntries(entries.map(([column]) => [column, null]))),
  ) as object;
  return (parts) => {
    const row: Record<string, Cell> = { ...blank };
    for (const [column, origin] of entries) {
      const value = valueOf(origin, parts, row);
      if (value === null && origin.isNeeded)
        throw new IncompleteRowError(`${parts.game.gameId}: ${String(row[subject])}'s ${column} is empty.`);
      row[column] = value;
    }
    return row as F;
  };
}

function ownColumns(origin: AnyOrigin): string[] {
  if (origin.kind === 'own') return [origin.column];
  return origin.kind === 'computed' ? Object.values(origin.inputs).flatMap(ownColumns) : [];
}

/** The value that an origin gives. `row` has the columns that are declared before. */
export function valueOf(origin: AnyOrigin, parts: Parts, row: Readonly<Record<string, Cell>>): Cell {
  switch (origin.kind) {
    case 'copied': {
      if (origin.onlyIf && !origin.onlyIf.holds(parts as never)) return null;
      const part = parts[origin.part] as Readonly<Record<string, Cell>> | null | undefined;
      return part?.[origin.field] ?? null;
    }
    case 'own':
      return row[origin.column] ?? null;
    case 'computed': {
      const inputs: Record<string, Cell> = {};
      for (const [name, input] of Object.entries(origin.inputs)) inputs[name] = valueOf(input, parts, row);
      return origin.formula.compute(inputs as never);
    }
    case 'empty':
      return null;
  }
}
