/** Rows, manifests and publications for tests: what is not said is filled with something that fits. */
import { contentHash } from '../../src/publishing/fingerprint';
import type { TeamOffenseRow } from '../../src/processors/team-offense-game-summary/table';
import { tableOf, type TableName, type TableRow } from '../../src/tables/catalogue';
import { compareByKey } from '../../src/tables/compare';
import type { Cell, ColumnType, Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
import type { FenceToken, PublishRequest, PublishResult, Warehouse } from '../../src/warehouse/warehouse';

const fillers: Readonly<Record<ColumnType, Cell>> = {
  STRING: 'x',
  INT64: 1,
  FLOAT64: 0.5,
  BOOL: true,
  DATE: '2001-01-01',
  TIMESTAMP: '2001-01-01T00:00:00.000Z',
};

/** A row of a table: required columns hold something that fits, the others null, but for what is given. */
export function rowOf<T extends TableName>(name: T, fields: Partial<TableRow<T>>): TableRow<T> {
  const filled = Object.entries(tableOf(name).columns).map(([column, { type, ...rest }]): [string, Cell] => [
    column,
    'required' in rest ? fillers[type] : null,
  ]);
  return { ...Object.fromEntries(filled), ...fields } as TableRow<T>;
}

/** `count` rows of an offence partition that differ from those of any other version. */
export function offenseRows(gameDate: string, version: number, count: number): TeamOffenseRow[] {
  return Array.from({ length: count }, (_, index) =>
    rowOf('team_offense_game_summary', {
      game_date: gameDate,
      team_abbr: `T${String(index).padStart(4, '0')}`,
      points_scored: version,
      pace: version / 3,
    }),
  ) as TeamOffenseRow[];
}

/** The same rows in key order. */
export function inKeyOrder<R extends Row>(table: TableName, rows: readonly R[]): R[] {
  return [...rows].sort(compareByKey(tableOf(table)));
}

export interface Publication {
  readonly table: TableName;
  readonly fence: FenceToken;
  readonly version: number;
  readonly rows: readonly Row[];
  readonly stageId?: string;
  /** One below `version` unless said. */
  readonly expectedVersion?: number;
  readonly upstreamVersions?: PublishRequest['upstreamVersions'];
  readonly manifest?: Partial<ManifestRow>;
}

/** Stages the rows of a publication and returns the request that makes them live. */
export async function stageFor(warehouse: Warehouse, publication: Publication): Promise<PublishRequest> {
  const { table, fence, version } = publication;
  const stageId = publication.stageId ?? `${fence.gameDate}/${fence.runId}/${fence.pass}/${table}/${version}`;
  const staged = await warehouse.stage({
    table,
    gameDate: fence.gameDate,
    stageId,
    rows: publication.rows,
  });
  const manifest = rowOf('partition_manifest', {
    game_date: fence.gameDate,
    table_name: table,
    version,
    fingerprint: `inputs of ${stageId}`,
    content_hash: contentHash(tableOf(table), staged),
    row_count: staged.length,
    stage_id: stageId,
    run_id: fence.runId,
    pass: fence.pass,
    ...publication.manifest,
  });
  return {
    fence,
    table,
    manifest,
    expectedVersion: publication.expectedVersion ?? version - 1,
    upstreamVersions: publication.upstreamVersions ?? [],
  };
}

/** Stages and publishes. */
export async function publish(warehouse: Warehouse, publication: Publication): Promise<PublishResult> {
  return warehouse.publish(await stageFor(warehouse, publication));
}

/** The newest manifest of a table among those of a date. */
export function newestManifest(manifests: readonly ManifestRow[], table: TableName): ManifestRow | undefined {
  return manifests
    .filter((manifest) => manifest.table_name === table)
    .reduce<ManifestRow | undefined>(
      (newest, manifest) => (newest && newest.version > manifest.version ? newest : manifest),
      undefined,
    );
}
