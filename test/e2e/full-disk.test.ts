/** The disk of a home fills up under a stack that works, and is emptied again: nobody does anything else. */
import { ControlClient } from '../../src/control/client';
import { Home } from '../../src/stack/home';
import { Cli } from '../support/cli';
import { describeWithSmallDisk, SmallDisk } from '../support/small-disk';

jest.setTimeout(240_000);

interface Status {
  readonly healthy: boolean;
  readonly problems: readonly string[];
  readonly components: Readonly<Record<'temporal' | 'worker' | 'gateway', { readonly pid: number | null }>>;
}

const dates = ['2017-04-16', '2017-04-17', '2017-04-18', '2017-04-19'];

describeWithSmallDisk('a full disk', () => {
  let disk: SmallDisk;
  let cli: Cli;

  beforeAll(async () => {
    // A home on another disk than the checkout has copies of its builds, with their packages.
    disk = await SmallDisk.mount(512);
    cli = await Cli.create({}, undefined, disk.path);
    await cli.ok('up');
    await cli.ok('load', 'data/demo');
    await cli.ok('run', '2017-04-15', '--wait');
  });
  afterAll(async () => {
    await cli.dispose();
    await disk.unmount();
  });

  const status = async (): Promise<Status> => (await cli.json('status')) as unknown as Status;
  const pids = ({ components }: Status): (number | null)[] =>
    [components.temporal, components.worker, components.gateway].map(({ pid }) => pid);
  const stateOf = async (date: string): Promise<unknown> => (await cli.json('status', date))['state'];

  /** Of each table with a version of the date: its name, the rows that its manifest promises, and those that are there. */
  async function rowsOf(date: string): Promise<[string, number, number][]> {
    const worker = new ControlClient((await new Home(cli.home).readWorker())!);
    const { partition_manifest: manifests } = await worker.dateRecord(date);
    return Promise.all(
      manifests.map(async ({ table_name: table, row_count: promised }) => {
        let found = 0;
        for await (const _ of worker.export(table, date, date)) found += 1;
        return [table, promised, found];
      }),
    );
  }

  test('nothing half written is published, status says why, and with space all goes on by itself', async () => {
    const before = await status();
    expect(before).toMatchObject({ healthy: true, problems: [] });
    const accepted: string[] = [];

    await disk.fill();
    for (const date of dates) {
      const { code, stderr } = await cli.run(['run', date]);
      if (code === 0) accepted.push(date);
      // Whoever is refused is told so in a sentence.
      else
        expect({ code, stderr }).toEqual({
          code: 1,
          stderr: expect.not.stringMatching(/\n\s+at /) as string,
        });
    }
    expect(accepted).not.toEqual([]);
    const full = await status();
    expect(full).toMatchObject({
      healthy: false,
      problems: [expect.stringMatching(/^The disk of \S+ is full: /)],
    });
    expect(pids(full)).toEqual(pids(before));
    // Some tries of each activity later.
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    // No date can be on record as a whole.
    for (const date of accepted) {
      const rows = await rowsOf(date);
      expect(rows.length).toBeLessThan(3);
      for (const [, promised, found] of rows) expect(found).toBe(promised);
    }

    await disk.free();
    for (const date of accepted) while ((await stateOf(date)) !== 'published') continue;
    const after = await status();
    expect(after).toMatchObject({ healthy: true, problems: [] });
    expect(pids(after)).toEqual(pids(before));
    for (const date of ['2017-04-15', ...accepted]) {
      const rows = await rowsOf(date);
      expect(rows.map(([table]) => table).sort()).toEqual([
        'player_game_summary',
        'team_defense_game_summary',
        'team_offense_game_summary',
      ]);
      for (const [, promised, found] of rows) expect(found).toBe(promised);
    }
  });
});
