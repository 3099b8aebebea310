/** What the manifests of a date say: which versions are live, and what is in their JSON. Our own publications and adoptions write it, so its shapes are ours. */
import type { ManifestRow } from '../tables/orchestration';
import type { GameVerdict } from './phase3';

/** So many of the newest versions of a table and date keep their rows where nobody says. */
export const defaultKeepVersions = 10;

/** Game → source table → hash of the rows that a processor reads of the game. */
export type InputsByGame = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A partition that a version was built on. */
export interface BuiltOn {
  readonly table: string;
  readonly version: number;
}

/** The manifest of a table's newest version, which is live; null when it has none. */
export function newestManifest(manifests: readonly ManifestRow[], table: string): ManifestRow | null {
  let newest: ManifestRow | null = null;
  for (const manifest of manifests)
    if (manifest.table_name === table && (!newest || manifest.version > newest.version)) newest = manifest;
  return newest;
}

/** The live versions of a date: the newest manifest of each table. */
export function liveManifests(manifests: readonly ManifestRow[]): ManifestRow[] {
  const tables = new Set(manifests.map((manifest) => manifest.table_name));
  return [...tables].sort().flatMap((table) => newestManifest(manifests, table) ?? []);
}

/** The partitions that a version was built on; none where nobody knows, as of one that was adopted. */
export function builtOnOf({ upstream_versions: json }: Pick<ManifestRow, 'upstream_versions'>): BuiltOn[] {
  const upstreams = JSON.parse(json) as { readonly table_name: string; readonly version: number }[];
  return upstreams.map(({ table_name: table, version }) => ({ table, version }));
}

/** The `upstream_versions` of a manifest. */
export function spellBuiltOn(upstreams: readonly BuiltOn[]): string {
  return JSON.stringify(upstreams.map(({ table, version }) => ({ table_name: table, version })));
}

/** A game that a version was built without, or that its rows contradict, as it was judged then. */
export type MissingGame = Pick<GameVerdict, 'gameId' | 'status' | 'table' | 'detail'>;

/** The games that a version was built without, or that its rows contradict. */
export function missingGamesOf({ missing_games: json }: Pick<ManifestRow, 'missing_games'>): MissingGame[] {
  const games = JSON.parse(json) as (Omit<MissingGame, 'gameId'> & { readonly game_id: string })[];
  return games.map(({ game_id: gameId, status, table, detail }) => ({ gameId, status, table, detail }));
}

/** The raw rows that a version was built from, as hashes; null where nobody knows, as of one that was adopted. */
export function inputsOf({ inputs: json }: Pick<ManifestRow, 'inputs'>): InputsByGame | null {
  return json === null ? null : (JSON.parse(json) as InputsByGame);
}
