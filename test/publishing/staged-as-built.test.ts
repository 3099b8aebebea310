/** What the warehouse holds is what was built, to the cell, or it is not published. */
import { runProcessor } from '../../src/activities/run-processor';
import type { RunProcessorResult } from '../../src/contracts/activities';
import { unbuilt } from '../../src/contracts/code-identity';
import { tableOf } from '../../src/tables/catalogue';
import type { Cell, Row } from '../../src/tables/define-table';
import type { PublishRequest, Warehouse } from '../../src/warehouse/warehouse';
import { gameDate, goodNight, offense, policyAfter, processedAt } from '../support/fixtures';

/** Runs the offence on a good night, in a warehouse that makes this of what it is given to stage. */
async function runWhereStaged(become: (rows: readonly Row[]) => readonly Row[]): Promise<RunProcessorResult> {
  const night = goodNight(2);
  let staged: readonly Row[] = [];
  let published = {};
  const warehouse = {
    readDate: async () => ({ ...night.rows, partition_manifest: night.partition_manifest, ...published }),
    stage: async ({ rows }: { rows: readonly Row[] }) => (staged = become(rows.map((row) => ({ ...row })))),
    publish: async ({ manifest, table }: PublishRequest) => {
      published = { [table]: staged, partition_manifest: [manifest] };
      return { kind: 'published' };
    },
    quarantine: async () => undefined,
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
