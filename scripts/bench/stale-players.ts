/** Which player partitions stand on an offence that the same run replaced: read from the manifests alone. Pure. */
import type { ManifestRow } from '../../src/tables/orchestration';
import type { StalePlayers } from './worker-protocol';

/** Counts player rows that `version` of the processor published, and those of them built on an older offence. */
export function countStalePlayers(manifests: readonly ManifestRow[], version: string): StalePlayers {
  const offence = new Map(
    manifests
      .filter((manifest) => manifest.table_name === 'team_offense_game_summary')
      .map((manifest) => [`${manifest.game_date} ${manifest.run_id}`, manifest.version]),
  );
  const players = manifests.filter(
    (manifest) => manifest.table_name === 'player_game_summary' && manifest.processor_version === version,
  );
  const stale = players.filter((manifest) => {
    // Written by the same repository, so the shape is ours.
    const [upstream] = JSON.parse(manifest.upstream_versions) as { version: number }[];
    const published = offence.get(`${manifest.game_date} ${manifest.run_id}`);
    return published !== undefined && upstream !== undefined && upstream.version < published;
  });
  return { players: rowsOf(players), stale: rowsOf(stale) };
}

function rowsOf(manifests: readonly ManifestRow[]): number {
  return manifests.reduce((sum, manifest) => sum + manifest.row_count, 0);
}
