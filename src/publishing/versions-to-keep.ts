/** Which versions keep their rows, and which raw rows they need. Pure. */
import { builtOnOf, inputsOf } from '../contracts/manifests';
import { adoptedVersion } from '../contracts/phase3';
import { parsePin } from '../contracts/pin';
import type { ManifestRow, RawKeptRow } from '../tables/orchestration';
import { namedRaw } from './raw-kept';

/**
 * The versions of a date whose rows stay: of each table the newest `newest`, the live one among them, and what a restore of one
 * of these publishes besides. That is the rows that it was built on, and of what stands on kept rows the newest version for each
 * set of them: what a restore brings along, it brings along after a pruning as before.
 */
export function versionsToKeep(manifests: readonly ManifestRow[], newest: number): ReadonlySet<ManifestRow> {
  const tables = byTable(manifests);
  const kept = new Set([...tables.values()].flatMap((versions) => versions.slice(0, newest)));
  for (let before = -1; before !== kept.size;) {
    before = kept.size;
    for (const one of [...kept]) for (const upstream of standsOn(one, tables)) kept.add(upstream);
    for (const one of broughtAlong(tables, kept)) kept.add(one);
  }
  return kept;
}

/** Table and hash of the raw rows that versions, and the decisions to pin them, were taken on. */
export function rawOf(versions: Iterable<ManifestRow>): Pick<RawKeptRow, 'table_name' | 'input_hash'>[] {
  const named = [...versions].flatMap((manifest) => [
    ...namedRaw(inputsOf(manifest) ?? {}),
    ...namedRaw(parsePin(manifest.pin)?.inputs ?? {}),
  ]);
  return [...new Map(named.map((one) => [`${one.table_name} ${one.input_hash}`, one])).values()];
}

/** Newest first. */
type Versions = ReadonlyMap<string, readonly ManifestRow[]>;

function byTable(manifests: readonly ManifestRow[]): Versions {
  const tables = new Map<string, ManifestRow[]>();
  for (const manifest of [...manifests].sort((a, b) => b.version - a.version))
    tables.set(manifest.table_name, [...(tables.get(manifest.table_name) ?? []), manifest]);
  return tables;
}

/** The rows that a version was built on, as the newest version that has them. */
function standsOn(own: ManifestRow, tables: Versions): ManifestRow[] {
  return builtOnOf(own).flatMap(({ table, version }) => {
    const content = contentOf(tables, table, version);
    return tables.get(table)?.find((one) => one.content_hash === content) ?? [];
  });
}

/** Of each table the newest version on each set of kept rows. Of one that was adopted nobody knows what it stands on. */
function broughtAlong(tables: Versions, kept: ReadonlySet<ManifestRow>): ManifestRow[] {
  const contents = new Set([...kept].map((one) => `${one.table_name} ${one.content_hash}`));
  const newest = new Map<string, ManifestRow>();
  for (const own of [...tables.values()].flat()) {
    const below = builtOnOf(own).map(
      ({ table, version }) => `${table} ${contentOf(tables, table, version) ?? ''}`,
    );
    const isOnKept = below.length > 0 && below.every((one) => contents.has(one));
    const key = [own.table_name, ...below.sort()].join('\n');
    if (isOnKept && own.processor_version !== adoptedVersion && !newest.has(key)) newest.set(key, own);
  }
  return [...newest.values()];
}

function contentOf(tables: Versions, table: string, version: number): string | undefined {
  return tables.get(table)?.find((one) => one.version === version)?.content_hash;
}
