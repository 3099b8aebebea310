/** What the warehouse holds is what was built, to the cell, or it is not published. */
import { runProcessor } from '../../src/activities/run-processor';
import type { RunProcessorResult } from '../../src/contracts/activities';
import { unbuilt } from '../../src/contracts/code-identity';
import { tableOf } from '../../src/tables/catalogue';
import type { Cell, Row } from '../../src/tables/define-table';
import type { ManifestRow, QuarantineRow } from '../../src/tables/orchestration';
import type { PublishRequest, PublishResult, Warehouse } from '../../src/warehouse/warehouse';
import {
  change,
  gameDate,
  goodNight,
  homeOf,
  offense,
  ofTeam,
  policyAfter,
  processedAt,
  published,
} from '../support/fixtures';

/**
 * Runs the offence on a night, in a warehouse that makes this of what it is given to stage, and answers this where it is asked
 * to publish.
 */
async function runWhereStaged(
  become: (rows: readonly Row[]) => readonly Row[],
  night = goodNight(2),
  answer: PublishResult = { kind: 'published' },
  quarantined: QuarantineRow[] = [],
): Promise<RunProcessorResult> {
  let staged: readonly Row[] = [];
  let published = {};
  const warehouse = {
    readDate: async () => ({ ...night.rows, partition_manifest: night.partition_manifest, ...published }),
    stage: async ({ rows }: { rows: readonly Row[] }) => (staged = become(rows.map((row) => ({ ...row })))),
    publish: async ({ manifest, table }: PublishRequest) => {
      if (answer.kind === 'published') published = { [table]: staged, partition_manifest: [manifest] };
      return answer;
    },
    quarantine: async (row: QuarantineRow) => void quarantined.push(row),
  };
  return runProcessor(
    { gameDate, runId: 'run-a', pass: 1, processor: offense, policy: policyAfter(1), liveVersion: 0 },
    {
      warehouse: warehouse as unknown as Warehouse,
      ...{ versions: {}, build: unbuilt, attempt: 1 },
      clock: () => new Date(processedAt),
      isGivenUp: () => false,
    },
  );
}

const differs = {
  kind: 'settled',
  result: { outcome: 'quarantined', reason: expect.stringContaining('staged_as_built: ') as string },
};

/** The nearest other value of the same kind. */
function other(cell: Cell): Cell {
  if (typeof cell === 'number') return cell === 0 ? Number.MIN_VALUE : cell * (1 + Number.EPSILON);
  if (typeof cell === 'boolean') return !cell;
  return cell === null ? '' : `${cell} `;
}

it('is published where it is held as it was built, in whatever order', async () => {
  const published = { kind: 'settled', result: { outcome: 'published', rowCount: 4 } };
  expect(await runWhereStaged((rows) => rows)).toMatchObject(published);
  expect(await runWhereStaged((rows) => [...rows].reverse())).toMatchObject(published);
});

it('is not where any one cell differs, if only in its last bit', async () => {
  const columns = Object.keys(tableOf('team_offense_game_summary').columns);
  for (const column of columns) {
    const found = await runWhereStaged(([first, ...rest]) => [
      { ...first!, [column]: other(first![column] ?? null) },
      ...rest,
    ]);
    expect([column, found]).toMatchObject([column, differs]);
  }
});

it.each<[string, (rows: readonly Row[]) => readonly Row[]]>([
  ['a row is gone', (rows) => rows.slice(1)],
  ['a row is there twice', (rows) => [...rows, rows[0]!]],
  ['a row came after all others', (rows) => [...rows, { ...rows[0]!, team_abbr: 'ZZZ' }]],
  ['a figure became a text', ([first, ...rest]) => [{ ...first!, pace: String(first!['pace']) }, ...rest]],
  ['a row took the place of another', ([first, , ...rest]) => [first!, first!, ...rest]],
  ['a column is gone', ([{ pace: _, ...first } = {}, ...rest]) => [first, ...rest]],
  ['a column was added', ([first, ...rest]) => [{ ...first, more: null }, ...rest]],
])('is not where %s', async (_what, become) => {
  expect(await runWhereStaged(become)).toMatchObject(differs);
});

/** A night whose offence is live as version 1, and whose inputs have changed since. */
const corrected = change(published(goodNight(2), offense), 'nbac_team_boxscore', ofTeam(homeOf(0)), {
  turnovers: 12,
});

it('what is refused goes into quarantine with what it is and why, and the live version stays', async () => {
  const quarantined: QuarantineRow[] = [];
  const answer = await runWhereStaged((rows) => rows.slice(1), corrected, undefined, quarantined);
  expect(answer).toMatchObject({
    kind: 'settled',
    result: { outcome: 'quarantined', version: 1, rowCount: 3, warnings: [], missing: [] },
  });
  expect(quarantined).toEqual([
    {
      ...{ game_date: gameDate, table_name: 'team_offense_game_summary', processor: offense },
      ...{ stage_id: expect.stringMatching(/^1-/) as string, row_count: 3, run_id: 'run-a', pass: 1 },
      ...{ fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string, quarantined_at: processedAt },
      checks: expect.stringMatching(
        /^\[\{"name":"staged_as_built","blocking":true,"passed":false,/,
      ) as string,
    },
  ]);
});

it.each<[string, PublishResult, string]>([
  [
    'another version was published',
    { kind: 'version_moved', live: { version: 7 } as ManifestRow },
    'team_offense_game_summary is at version 7 now',
  ],
  [
    'the version that was live has gone',
    { kind: 'version_moved', live: null },
    'team_offense_game_summary is at version 0 now',
  ],
  [
    'an upstream has moved',
    { kind: 'upstream_moved', tableName: 'nbac_schedule', version: 3 },
    'nbac_schedule changed to version 3 while it was read',
  ],
])('where %s meanwhile, it is looked at again', async (_what, answer, detail) => {
  expect(await runWhereStaged((rows) => rows, corrected, answer)).toEqual({ kind: 'upstream_moved', detail });
});
