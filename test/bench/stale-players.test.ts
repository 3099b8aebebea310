/** Players on an older offence are found from the manifests alone. */
import { countStalePlayers } from '../../scripts/bench/stale-players';
import type { ManifestRow } from '../../src/tables/orchestration';

const manifest = (row: Partial<ManifestRow>): ManifestRow =>
  ({
    game_date: '2025-01-15',
    run_id: 'a',
    processor_version: '2',
    upstream_versions: '[]',
    ...row,
  }) as ManifestRow;
const offence = (row: Partial<ManifestRow>): ManifestRow =>
  manifest({ table_name: 'team_offense_game_summary', row_count: 4, ...row });
const players = (upstream: number, row: Partial<ManifestRow>): ManifestRow =>
  manifest({
    table_name: 'player_game_summary',
    row_count: 40,
    upstream_versions: JSON.stringify([{ table_name: 'team_offense_game_summary', version: upstream }]),
    ...row,
  });

test('only what stands on less than its own run published is stale', () => {
  expect(
    countStalePlayers(
      [
        offence({ run_id: 'a', version: 2 }),
        players(2, { run_id: 'a' }),
        offence({ run_id: 'b', version: 3 }),
        players(2, { run_id: 'b', row_count: 25 }),
      ],
      '2',
    ),
  ).toEqual({ players: 65, stale: 25 });
});

test('other versions of the processor do not count', () => {
  expect(countStalePlayers([offence({ version: 2 }), players(1, { processor_version: '1' })], '2')).toEqual({
    players: 0,
    stale: 0,
  });
});
