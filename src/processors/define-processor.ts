/**
 * What a processor is: one table of one game date, built from sources and from tables that other processors have published.
 * One folder a processor, and one line in `registry.ts` adds it: its level, its dependency check, its activity, its rules and
 * its place in every listing follow from this declaration.
 */
import type { GameFault } from '../contracts/phase3';
import type { GameEvidence } from '../games/evidence';
import type { Game } from '../games/game';
import type { Source, Trigger } from '../sources/define-source';
import type { Row, RowOf, TableDefinition } from '../tables/define-table';
import type { FiguresOf } from '../tables/provenance';
import { rowBuilder, type AnyColumns, type Columns, type Parts } from './define-columns';
import type { Highlight } from './define-highlight';
import type { HistoryRule } from './define-history';
import type { Rule } from './define-rule';

type Reads = Readonly<Record<string, Source>>;
type Upstreams = Readonly<Record<string, Processor>>;

/** The rows of one game that a processor reads: of its sources, and of its upstreams as they are published. */
export type InputsOf<R extends Reads, U extends Upstreams> = {
  readonly [K in keyof R]: readonly RowOf<R[K]['table']>[];
} & { readonly [K in keyof U]: readonly RowOf<U[K]['table']>[] };

/** The same without its types, by the names that the processor gave them. */
export type Inputs = Readonly<Record<string, readonly Row[]>>;

/** One game of the date with what a processor reads of it. */
export interface GameInputs<I = Inputs> {
  readonly game: Game;
  readonly inputs: I;
}

/** Rows of a table that a game brings, and which of them count. */
export interface Expected<R = Row> {
  /** Fewest rows of a whole game. */
  readonly perGame: number;
  /** Whether a row counts; every row where it is left out. A placeholder is a row, but not a usable one. */
  usable?(this: void, row: R): boolean;
}

/** A night after rows of different games have been held against each other. */
export interface WholeNight<I = Inputs> {
  readonly games: readonly GameInputs<I>[];
  /** Sentences about rows that needed a decision. */
  readonly warnings: readonly string[];
}

/** What a processor's folder declares. `R` and `U` give the names under which its functions see their rows. */
export interface ProcessorDeclaration<
  T extends TableDefinition,
  R extends Reads,
  U extends Upstreams,
  P extends Pick<Parts, 'game'>,
> {
  /** As people name it; it ends in `Processor`, and the name of its activity follows from it. */
  readonly name: `${string}Processor`;
  /** Part of the fingerprint: a new version rebuilds every partition at its next run. `npm run lock` holds it to the rows. */
  readonly version: string;
  /** What it builds, as the level log says it: "Team stats - foundation for player calculations". */
  readonly description: string;
  /** The table it publishes; it ends with the columns of `provenance`. */
  readonly table: T;
  /** The sources it reads. One of them is the calendar. */
  readonly reads: R;
  /** Processors whose table it reads: they must be published and current before it starts. */
  readonly upstreams?: U;
  /** News that sets it off. */
  readonly triggers: readonly Trigger[];
  /** Limit of one run with its retries, ms. Waiting for inputs does not count. */
  readonly timeoutMs: number;
  /**
   * What is wrong with a final game; null when it can be built from. `inputs` is what the processor reads of the game,
   * `evidence` all that every source says of it. Upstreams are judged elsewhere.
   */
  judge(
    this: void,
    game: Game,
    inputs: NoInfer<InputsOf<R, U>>,
    evidence: GameEvidence,
  ): GameFault<NoInfer<R[keyof R]['table']['name']>> | null;
  /** What a game brings of each table, for the counts that the dependency check reports. */
  readonly expected: NoInfer<{ readonly [K in keyof R | keyof U]?: Expected<InputsOf<R, U>[K][number]> }>;
  /** Holds the rows of the night's ready games against each other, before anything is built. */
  whole?(
    this: void,
    games: readonly GameInputs<NoInfer<InputsOf<R, U>>>[],
  ): WholeNight<NoInfer<InputsOf<R, U>>>;
  /** What each row of one game is made from. Pure: the same inputs give the same rows. */
  parts(this: void, game: Game, inputs: NoInfer<InputsOf<R, U>>): readonly NoInfer<P>[];
  /** The parts of a row besides its game, each with the name of the rows that it is one of. */
  readonly madeFrom: NoInfer<{ readonly [K in Exclude<keyof P, 'game'>]: keyof R | keyof U }>;
  /** Where each column comes from: rows are built by it, and `phase3 explain` reads it. */
  readonly columns: Columns<NoInfer<FiguresOf<T>>, P>;
  /** What must hold of staged rows before they go live. That keys are unique and required columns filled always must. */
  readonly rules: readonly NoInfer<
    Rule<RowOf<T>, { readonly [K in keyof U]: readonly RowOf<U[K]['table']>[] }>
  >[];
  /** What is usual of its rows, by what the table has had in the nights before. */
  readonly history?: HistoryRule<NoInfer<RowOf<T>>>;
  /** The rows of a night that people look at first. */
  readonly highlight?: Highlight<NoInfer<string & keyof T['columns']>>;
  /** Upstreams that a person's bypass may do without, each with what then comes of the rows: "usage rates are null". */
  readonly waivable?: NoInfer<{ readonly [K in keyof U]?: string }>;
}

/** A processor as the engine sees it: the declaration without its types, except that of its table. */
export interface Processor<T extends TableDefinition = TableDefinition> {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly table: T;
  readonly reads: Readonly<Record<string, Source>>;
  readonly upstreams: Readonly<Record<string, Processor>>;
  readonly triggers: readonly Trigger[];
  readonly timeoutMs: number;
  judge(this: void, game: Game, inputs: Inputs, evidence: GameEvidence): GameFault | null;
  readonly expected: Readonly<Record<string, Expected>>;
  whole?(this: void, games: readonly GameInputs[]): WholeNight;
  parts(this: void, game: Game, inputs: Inputs): readonly Parts[];
  readonly madeFrom: Readonly<Record<string, string>>;
  readonly columns: AnyColumns;
  /** The rows of one game: `columns` of its `parts`. */
  build(this: void, game: Game, inputs: Inputs): Row[];
  readonly rules: readonly Rule[];
  readonly history?: HistoryRule;
  readonly highlight?: Highlight;
  readonly waivable: Readonly<Record<string, string>>;
}

/** Declares a processor. A column, source or upstream that is not there does not compile. */
export function defineProcessor<
  const T extends TableDefinition,
  const R extends Reads,
  P extends Pick<Parts, 'game'>,
  // eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- no upstream, and so no name of one
  const U extends Upstreams = Record<never, never>,
>(declaration: ProcessorDeclaration<T, R, U, P>): Processor<T> {
  const rowOf = rowBuilder(declaration.table, declaration.columns);
  const build: typeof declaration.parts = (game, inputs) =>
    declaration.parts(game, inputs).map(rowOf) as never;
  // The engine hands each function the rows of the tables that it was declared with: the one place where types are left.
  return { upstreams: {}, waivable: {}, ...declaration, build } as unknown as Processor<T>;
}
