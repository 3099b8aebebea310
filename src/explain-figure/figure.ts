/** What an explanation of one published figure consists of: plain data, which the command line prints. */
import type { RowsMoved } from '../tables/rows-moved';
import type { Cell, Row } from '../tables/define-table';

/** Which figure is asked about. */
export interface FigureRequest {
  readonly table: string;
  readonly gameDate: string;
  /** Whom or what the row is about, as the last column of the table's key has it. */
  readonly subject: string;
  readonly column: string;
  /** Tells two games of one date apart. */
  readonly game?: string | undefined;
}

/** How a figure follows from its inputs, in the words of its formula. */
export interface FormulaText {
  readonly text: string;
  /** The text with the numbers of the inputs in it; null where it is no arithmetic. */
  readonly filledIn: string | null;
  readonly source: string | null;
  readonly unit: string | null;
}

/** A figure and what it comes from, down to cells of raw rows. */
export interface Figure {
  /** Its name in the formula that it is an input of; null for none. */
  readonly name: string | null;
  /**
   * `raw`: a cell of a raw row · `copied`: from its one input · `formula`: from its inputs · `always_null`: no source has it ·
   * `published`: as it is stored, where nothing can be said of what it comes from · `record`: of the publication itself.
   */
  readonly kind: 'raw' | 'copied' | 'formula' | 'always_null' | 'published' | 'record';
  readonly table: string;
  /** Null for an intermediate result. */
  readonly column: string | null;
  /** Whom or what its row is about. */
  readonly of: string;
  readonly value: Cell;
  /** The version that it was published with; null for raw cells. */
  readonly version: number | null;
  /** Of an upstream's figure: as it is published. `value` is what its own rows give now. Left out elsewhere. */
  readonly stored?: Cell;
  readonly formula: FormulaText | null;
  readonly inputs: readonly Figure[];
  /** How a raw cell was estimated by a person's decision, as a clause. Left out of one that was not. */
  readonly estimated?: string;
  /** Number of the raw row that a raw cell is of. */
  readonly rawRow: number | null;
  /** Why the value is null; empty where it is not. */
  readonly nullBecause: readonly string[];
}

/** A raw row that figures come from. */
export interface RawRow {
  /** From 1, in the order in which the explanation comes to them. */
  readonly number: number;
  readonly table: string;
  readonly key: Row;
  /** What its sender says: a hash of its own, and when it came. */
  readonly dataHash: string | null;
  readonly arrivedAt: string | null;
  /** SHA-256 over its cells without the instant, 16 hex digits: what fingerprints are made of. */
  readonly hash: string;
  /** What was made of it before it was used, in sentences. */
  readonly notes: readonly string[];
  /** Numbers of the raw rows that it was made from, if it never came. Left out of one that came. */
  readonly madeFrom?: readonly number[];
}

/** The version that is live, and how it came to be. */
export interface FigureVersion {
  readonly version: number;
  readonly processor: string;
  readonly processorVersion: string;
  readonly sourceHash: string | null;
  readonly commit: string | null;
  readonly fingerprint: string;
  readonly contentHash: string;
  readonly reason: string;
  readonly publishedAt: string;
  readonly stageId: string;
  readonly runId: string;
  readonly pass: number;
  /** Null where the history has no such pass. */
  readonly run: {
    readonly workflowId: string;
    readonly startedAt: string;
    readonly requests: unknown;
  } | null;
  /** Of each upstream: the version that it was built on, and the one that is live now. */
  readonly upstreams: readonly {
    readonly table: string;
    readonly version: number;
    readonly liveVersion: number | null;
  }[];
  readonly checks: readonly {
    readonly check: string;
    readonly blocking: boolean;
    readonly passed: boolean;
    readonly detail: string;
  }[];
}

/** What a rule of the game made of the game's rows as they are now. */
export interface FigureRule {
  readonly id: string;
  readonly name: string;
  readonly blocking: boolean;
  readonly status: 'passed' | 'broken' | 'not_run';
  readonly details: readonly string[];
}

/** A decision that the live version, or one that it was built on, stands on. */
export interface FigureDecision {
  /** The table whose version stands on it. */
  readonly table: string;
  readonly seq: number;
  readonly kind: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** Why the stored figure is not what its inputs give. */
export type Disagreement =
  /** The stored row is not the published one. */
  | 'altered'
  /** A published figure that it comes from does not agree with its own inputs. */
  | 'upstream_disagrees'
  | 'inputs_moved'
  /** The version was adopted from another maker. */
  | 'adopted'
  /** The same inputs, and other code. */
  | 'other_code';

/** Raw rows that moved since a published version was built from them. */
export interface MovedSince {
  /** The published table. */
  readonly table: string;
  readonly version: number;
  readonly rawTable: string;
  readonly rows: RowsMoved;
}

export interface Agreement {
  readonly agrees: boolean;
  readonly stored: Cell;
  /** What the inputs give now. */
  readonly recomputed: Cell;
  /** As the live version was published; left out where its rows are not kept. */
  readonly published?: Cell;
  readonly because: Disagreement | null;
  /** One sentence. */
  readonly detail: string;
  /** Raw rows of the game that moved since a version was published that the figure stands on, as far as they are kept. */
  readonly moved: readonly MovedSince[];
  /** What else is to be known: of the row, of its version. */
  readonly notes: readonly string[];
}

export interface FigureExplanation {
  readonly gameDate: string;
  readonly gameId: string;
  readonly figure: Figure;
  /** What of its inputs is estimated, and how: "… of …: those of its players, and …". Empty where nothing is. */
  readonly estimated: readonly string[];
  readonly agreement: Agreement;
  readonly rawRows: readonly RawRow[];
  readonly version: FigureVersion;
  readonly rules: readonly FigureRule[];
  readonly decisions: readonly FigureDecision[];
}

/** What is known instead, where there is no such figure. */
export interface UnknownFigure {
  readonly unknown: 'date' | 'subject' | 'game';
  /** What there is: dates, names, games. */
  readonly candidates: readonly string[];
}
