/** Whether a stored figure is what its inputs give; and if not, why. Pure. */
import { adoptedVersion } from '../contracts/phase3';
import { selectInputs } from '../gate/select-inputs';
import type { DateSnapshot } from '../gate/snapshot';
import { contentHash, fingerprint } from '../publishing/fingerprint';
import type { Row } from '../tables/define-table';
import { sayRowsMoved } from '../tables/rows-moved';
import { useOfLive, type BuiltTable } from './built-rows';
import type { Agreement, Disagreement, Figure, FigureVersion, MovedSince, RawRow } from './figure';

export interface Compared {
  readonly snapshot: DateSnapshot;
  readonly table: BuiltTable;
  readonly column: string;
  /** The row as it is stored; null where it is gone. */
  readonly stored: Row | null;
  /** As its version was published; null where that is not kept. */
  readonly published: Row | null;
  /** As its inputs give it now; null where they do not. */
  readonly recomputed: Row | null;
  readonly figure: Figure;
  readonly version: FigureVersion;
  readonly rawRows: readonly RawRow[];
  readonly moved: readonly MovedSince[];
}

/** Holds the stored figure against what its inputs give and against what was published. */
export function agreementOf(compared: Compared): Agreement {
  const { column, stored, published, recomputed, moved } = compared;
  const cell = (row: Row | null) => row?.[column] ?? null;
  const agrees = stored !== null && recomputed !== null && cell(stored) === cell(recomputed);
  const values = {
    ...{ stored: cell(stored), recomputed: cell(recomputed) },
    ...(published ? { published: cell(published) } : {}),
    moved,
  };
  const notes = notesOf(compared);
  if (agrees)
    return {
      ...values,
      agrees,
      because: null,
      notes,
      detail: 'computed again from its rows it is the same',
    };
  const [because, detail] = whyNot(compared);
  return { ...values, agrees, because, notes: notes.filter((note) => note !== detail), detail };
}

function whyNot(compared: Compared): [Disagreement, string] {
  const { snapshot, table, column, stored, published, recomputed, figure, version } = compared;
  if (!stored)
    return ['altered', `the row was published with version ${version.version}, and its stored row is gone`];
  if (published && published[column] !== stored[column])
    return [
      'altered',
      `the stored row was altered: version ${version.version} was published with ${String(published[column])}`,
    ];
  if (version.processorVersion === adoptedVersion)
    return ['adopted', `version ${version.version} was adopted, and nobody knows what it was computed from`];
  const [upstream] = disagreeing(figure.inputs);
  if (upstream)
    return [
      'upstream_disagrees',
      `${upstream.column ?? ''} of ${upstream.table} for ${upstream.of} is stored as ${String(upstream.stored)}, and its own rows give ${String(upstream.value)}`,
    ];
  if (haveInputsMoved(snapshot, table)) return ['inputs_moved', whatMoved(compared)];
  const game = table.faults.get(String(stored['game_id']));
  if (!recomputed) return ['inputs_moved', `its rows do not give it any more${game ? `: ${game}` : ''}`];
  return [
    'other_code',
    `the inputs are those of version ${version.version}, which was built by other code (${version.commit ?? 'of no known commit'})`,
  ];
}

/** Published figures below that are not what their own rows give. */
function disagreeing(figures: readonly Figure[]): Figure[] {
  return figures.flatMap((figure) => [
    ...(figure.stored !== undefined && figure.stored !== figure.value ? [figure] : []),
    ...disagreeing(figure.inputs),
  ]);
}

/** Whether the live version's fingerprint is not that of what a run would read now. */
function haveInputsMoved(snapshot: DateSnapshot, { processor, live }: BuiltTable): boolean {
  if (!live || live.processor_version === adoptedVersion) return false;
  const inputs = selectInputs(processor, snapshot, useOfLive(processor, snapshot));
  return fingerprint(processor.name, live.processor_version, inputs) !== live.fingerprint;
}

function whatMoved({ version, rawRows, table, stored }: Compared): string {
  const { publishedAt } = version;
  const game = table.faults.get(String(stored?.['game_id']));
  const moved = [
    ...version.upstreams
      .filter((upstream) => upstream.version !== upstream.liveVersion)
      .map(
        (upstream) =>
          `it was built ${upstream.version === 0 ? 'without' : `on version ${upstream.version} of`} ${upstream.table}, and version ${upstream.liveVersion ?? 0} is live`,
      ),
    ...rawRows
      .filter(({ arrivedAt }) => arrivedAt !== null && arrivedAt > publishedAt)
      .map((row) => `raw row [${row.number}] arrived at ${row.arrivedAt ?? ''}`),
    ...(game ? [game] : []),
  ];
  const since = `its inputs moved since version ${version.version} was published at ${publishedAt}`;
  return moved.length > 0 ? `${since}: ${moved.join('; ')}` : since;
}

/** So many raw figures that moved are named of each table; `moved` has them all. */
const mostNamed = 5;

function sayMoved({ table, version, rawTable, rows }: MovedSince): string {
  const all = sayRowsMoved(rows);
  const more = all.length > mostNamed ? `; and ${all.length - mostNamed} more` : '';
  return `${rawTable} moved since version ${version} of ${table}: ${all.slice(0, mostNamed).join('; ')}${more}`;
}

function notesOf({ snapshot, table, column, stored, published, figure, moved }: Compared): string[] {
  const { processor, live } = table;
  const others = Object.keys(published ?? {}).filter(
    (name) => name !== column && stored && published && stored[name] !== published[name],
  );
  const kept = stored ? table.faults.get(String(stored['game_id'])) : undefined;
  const rows = snapshot.rows[processor.table.name] ?? [];
  return [
    ...(others.length > 0 ? [`other columns of the stored row were altered: ${others.join(', ')}`] : []),
    ...(others.length === 0 && live && contentHash(processor.table, rows) !== live.content_hash
      ? [`stored rows of the date are not those of version ${live.version}: somebody changed them`]
      : []),
    ...(haveInputsMoved(snapshot, table)
      ? [`version ${live?.version ?? 0} is stale: a run would build it again`]
      : []),
    ...moved.map(sayMoved),
    ...(kept ? [`the game cannot be built now, and its row is kept: ${kept}`] : []),
    ...disagreeing(figure.inputs).map(
      (input) =>
        `${input.column ?? ''} of ${input.table} for ${input.of} is stored as ${String(input.stored)}, and its own rows give ${String(input.value)}`,
    ),
  ];
}
