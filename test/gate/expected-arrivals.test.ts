import { addDays } from '../../src/contracts/game-date';
import { expectedArrivals } from '../../src/gate/expected-arrivals';
import { WarehouseError } from '../../src/warehouse/errors';
import type { Warehouse } from '../../src/warehouse/warehouse';

const gameDate = '2025-01-20';

type Asked = Parameters<Warehouse['arrivals']>;

/** A warehouse that tells what it was asked, and knows `days` dates on which rows came at four in the morning. */
function warehouseWith(days: number, fault: (table: string) => Error | null = () => null) {
  const asked: Asked[] = [];
  const warehouse: Pick<Warehouse, 'arrivals'> = {
    arrivals: (...given) => {
      asked.push(given);
      const error = fault(given[0]);
      if (error) return Promise.reject(error);
      const dates = Array.from({ length: days }, (_, index) => addDays(gameDate, -1 - index));
      return Promise.resolve(
        dates.map((date) => ({ gameDate: date, arrivedAt: `${addDays(date, 1)}T09:00:00.000Z` })),
      );
    },
  };
  return { warehouse, asked };
}

const at = '2025-01-21T09:00:00.000Z';

it('asks for thirty dates before the date, for each table, and answers in the order of the tables', async () => {
  const { warehouse, asked } = warehouseWith(6);
  const tables = ['nbac_team_boxscore', 'nbac_schedule'] as const;
  expect(await expectedArrivals(warehouse, gameDate, tables)).toEqual(
    tables.map((table) => ({ table, p50At: at, p90At: at, samples: 6 })),
  );
  expect(asked).toEqual(tables.map((table) => [table, gameDate, 30]));
});

it('asks nothing where no table is missing', async () => {
  const { warehouse, asked } = warehouseWith(6);
  expect(await expectedArrivals(warehouse, gameDate, [])).toEqual([]);
  expect(asked).toEqual([]);
});

it('leaves out a table of which too little is known', async () => {
  const { warehouse } = warehouseWith(4);
  expect(await expectedArrivals(warehouse, gameDate, ['nbac_schedule'])).toEqual([]);
});

it.each(['unavailable', 'contract_broken', 'bad_rows'] as const)(
  'leaves out a table that the warehouse cannot be asked about (%s), and keeps the others',
  async (kind) => {
    const { warehouse } = warehouseWith(6, (table) =>
      table === 'nbac_schedule' ? new WarehouseError(kind, 'it does not answer') : null,
    );
    const expected = await expectedArrivals(warehouse, gameDate, ['nbac_schedule', 'nbac_team_boxscore']);
    expect(expected.map(({ table }) => table)).toEqual(['nbac_team_boxscore']);
  },
);

it('does not hide a fault of ours', async () => {
  const { warehouse } = warehouseWith(6, () => new TypeError('dates is not a function'));
  await expect(expectedArrivals(warehouse, gameDate, ['nbac_schedule'])).rejects.toThrow(TypeError);
});
