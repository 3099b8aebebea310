/** From a built row back to the cells of raw rows that one of its columns comes from. Pure. */
import { calendar } from '../games/evidence';
import { gameFields, type GameField } from '../games/game';
import type { DateSnapshot } from '../gate/snapshot';
import { publishedRows } from '../gate/snapshot';
import type { AnyOrigin } from '../processors/define-columns';
import { valueOf } from '../processors/define-columns';
import type { Processor } from '../processors/define-processor';
import { dataHashes } from '../publishing/fingerprint';
import type { Source } from '../sources/define-source';
import type { Cell, Row, RowOf, TableDefinition } from '../tables/define-table';
import { sameRow, subjectOf, type BuiltRow, type BuiltTable } from './built-rows';
import type { Figure, FormulaText, RawRow } from './figure';
import { formulaText } from './formula-text';

/** Traces columns of the rows of one date, and numbers the raw rows that it comes to. */
export class Tracer {
  private readonly found = new Map<Row, RawRow>();

  /** `snapshot`: what is stored. `tables`: what the raw rows give now, of a processor and of all that it stands on. */
  constructor(
    private readonly snapshot: DateSnapshot,
    private readonly tables: ReadonlyMap<Processor, BuiltTable>,
  ) {}

  get rawRows(): readonly RawRow[] {
    return [...this.found.values()];
  }

  /** A column of a row that a processor builds, by what it is declared to come from. */
  column(table: BuiltTable, built: BuiltRow, column: string, name: string | null = null): Figure {
    const { processor } = table;
    const origin = processor.columns[column];
    const value = built.row[column] ?? null;
    const own = {
      ...{ name, value, table: processor.table.name, column, of: subjectOf(processor, built.row) },
      version: table.live?.version ?? null,
    };
    if (!origin) return leaf({ ...own, kind: 'published', nullBecause: [] });
    if (origin.kind === 'empty') return leaf({ ...own, kind: 'always_null', nullBecause: [origin.why] });
    const traced = this.origin(table, built, origin, null);
    if (origin.kind === 'computed') return { ...traced, ...own };
    const because = origin.kind === 'copied' ? this.whyNotCopied(built, origin) : [];
    return {
      ...leaf({ ...own, kind: 'copied', nullBecause: value === null ? because : [] }),
      ...(value === null && because.length === 0 ? { nullBecause: traced.nullBecause } : {}),
      inputs: [traced],
    };
  }

  private origin(table: BuiltTable, built: BuiltRow, origin: AnyOrigin, name: string | null): Figure {
    switch (origin.kind) {
      case 'own':
        return this.column(table, built, origin.column, name);
      case 'copied':
        return this.field(table, built, origin, name);
      case 'computed':
        return this.computed(table, built, origin, name);
      case 'empty':
        return this.intermediate(table, built, name, null, null, []);
    }
  }

  private computed(
    table: BuiltTable,
    built: BuiltRow,
    origin: AnyOrigin & { kind: 'computed' },
    name: string | null,
  ): Figure {
    const inputs = Object.entries(origin.inputs).map(([input, from]) =>
      this.origin(table, built, from, input),
    );
    const value = valueOf(origin, built.parts, built.row);
    const { undefinedWhen = 'it is not defined for these inputs' } = origin.formula;
    const unknown = [...new Set(inputs.flatMap(({ nullBecause }) => nullBecause))];
    return {
      ...this.intermediate(table, built, name, value, formulaText(origin.formula, inputs, value), inputs),
      nullBecause: value !== null ? [] : unknown.length > 0 ? unknown : [undefinedWhen],
    };
  }

  private intermediate(
    { processor }: BuiltTable,
    built: BuiltRow,
    name: string | null,
    value: Cell,
    formula: FormulaText | null,
    inputs: readonly Figure[],
  ): Figure {
    const own = { name, value, table: processor.table.name, column: null, version: null };
    return {
      ...leaf({ ...own, kind: 'formula', of: subjectOf(processor, built.row), nullBecause: [] }),
      formula,
      inputs,
    };
  }

  /** A field of the game, of a raw row, or of an upstream's published row. */
  private field(
    { processor }: BuiltTable,
    built: BuiltRow,
    { part, field, onlyIf }: AnyOrigin & { kind: 'copied' },
    name: string | null,
  ): Figure {
    if (part === 'game') return this.gameField(built, field as GameField, name);
    const alias = processor.madeFrom[part] ?? part;
    const row = built.parts[part] as Row | null;
    const [source, upstream] = [processor.reads[alias], processor.upstreams[alias]];
    const table = (source ?? upstream)?.table.name ?? alias;
    if (!row) {
      const of = subjectOf(processor, built.row);
      const why = `no row of ${table} was there for ${of}: the version was built without one`;
      return leaf({
        name,
        value: null,
        table,
        column: field,
        of,
        version: null,
        kind: 'raw',
        nullBecause: [why],
      });
    }
    if (source)
      return this.rawCell(
        source,
        row,
        field,
        name,
        built,
        onlyIf ? this.whyNotCopied(built, { onlyIf }) : [],
      );
    return this.published(upstream, row, field, name);
  }

  private published(upstream: Processor | undefined, row: Row, field: string, name: string | null): Figure {
    const table = upstream && this.tables.get(upstream);
    if (!upstream || !table) throw new Error('a part of a row is of no table that was read');
    const value = row[field] ?? null;
    const published = sameRow(upstream, publishedRows(this.snapshot, upstream.table), row, (other) => other);
    const own = sameRow(upstream, table.rows, row, (candidate) => candidate.row);
    const stored = {
      ...{ name, value, table: upstream.table.name, column: field, of: subjectOf(upstream, row) },
      version: table.live?.version ?? null,
    };
    if (!own)
      return leaf({
        ...stored,
        kind: 'published',
        nullBecause: value === null ? [`${upstream.table.name} has no ${field} for ${stored.of}`] : [],
      });
    const traced = this.column(table, own, field, name);
    return { ...traced, ...stored, stored: published?.[field] ?? null };
  }

  private gameField(built: BuiltRow, field: GameField, name: string | null): Figure {
    const { columns, how }: { columns: readonly string[]; how?: string } = gameFields[field];
    const { evidence, parts } = built;
    const cells = columns.map((column) =>
      this.rawCell(calendar, evidence.scheduled, column, how === undefined ? name : column, built),
    );
    const [only] = cells;
    if (how === undefined && only) return only;
    const formula = { text: how ?? '', filledIn: null, source: null, unit: null };
    return {
      ...leaf({
        ...{ name, kind: 'formula', table: calendar.table.name, column: null, version: null },
        ...{ value: parts.game[field], of: calendar.identity(evidence.scheduled), nullBecause: [] },
      }),
      ...{ formula, inputs: cells },
    };
  }

  private rawCell(
    source: Source,
    row: Row | object,
    column: string,
    name: string | null,
    { evidence }: BuiltRow,
    because: readonly string[] = [],
  ): Figure {
    const cells = row as Row;
    const value = because.length > 0 ? null : (cells[column] ?? null);
    const of = source.identity(cells as RowOf<TableDefinition>);
    const distrust = evidence.game.distrusted?.[column];
    const how = evidence.estimated(row, column);
    const empty =
      distrust === undefined
        ? `${source.table.name} has no ${column} for ${of}`
        : `${column} is not used: ${distrust}`;
    return {
      ...leaf({
        name,
        value,
        table: source.table.name,
        column,
        of,
        version: null,
        kind: 'raw',
        nullBecause: [],
      }),
      nullBecause: value !== null ? [] : because.length > 0 ? because : [empty],
      ...(how === null ? {} : { estimated: how }),
      rawRow: this.rawRow(source, cells, evidence).number,
    };
  }

  private whyNotCopied(
    built: BuiltRow,
    { onlyIf }: Pick<AnyOrigin & { kind: 'copied' }, 'onlyIf'>,
  ): string[] {
    return onlyIf && !onlyIf.holds(built.parts as never) ? [onlyIf.otherwise] : [];
  }

  private rawRow(source: Source, used: Row, evidence: BuiltRow['evidence']): RawRow {
    const { reconstructed, game } = evidence;
    const known = this.found.get(used);
    if (known) return known;
    // A column that is not trusted was taken out of what is used: what came is what is hashed.
    const came = publishedRows(this.snapshot, source.table).find(
      (row) =>
        source.isOf(row, game) &&
        source.identity(row) === source.identity(used as RowOf<TableDefinition>) &&
        row['processed_at'] === used['processed_at'],
    );
    const { processed_at: arrivedAt = null, ...cells } = came ?? used;
    const raw: RawRow = {
      number: this.found.size + 1,
      table: source.table.name,
      key: Object.fromEntries(source.table.key.map((column) => [column, used[column] ?? null])),
      dataHash: textOrNull(used['data_hash']),
      arrivedAt: textOrNull(arrivedAt),
      hash: dataHashes([cells])[0] ?? '',
      notes: came ? [] : [reconstructed?.detail ?? 'it is not as it came'],
    };
    this.found.set(used, raw);
    // Numbered after it, so that it comes first.
    const madeFrom = evidence.madeFrom(used).map(([from, row]) => this.rawRow(from, row, evidence).number);
    if (madeFrom.length > 0) this.found.set(used, { ...raw, madeFrom });
    return raw;
  }
}

function textOrNull(value: Cell | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** What of a figure is estimated, and how: each once. */
export function estimatesIn(figure: Figure): string[] {
  const { estimated, column, of, inputs } = figure;
  const own = estimated === undefined ? [] : [`${column ?? ''} of ${of}: ${estimated}`];
  return [...new Set([...own, ...inputs.flatMap(estimatesIn)])];
}

/** A figure with nothing under it. */
export function leaf(
  own: Pick<Figure, 'name' | 'kind' | 'table' | 'column' | 'of' | 'value' | 'version' | 'nullBecause'>,
): Figure {
  return { ...own, formula: null, inputs: [], rawRow: null };
}
