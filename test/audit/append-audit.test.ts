/** Writing to the audit, on a real warehouse: once, in order, and over nobody else's entry. */
import { appendAudit } from '../../src/audit/append-audit';
import { chainEntry, genesis, headOf, verifyChain } from '../../src/audit/chain';
import type { AuditEntry, AuditHead } from '../../src/contracts/decisions';
import type { AuditRow } from '../../src/tables/orchestration';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb-warehouse';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { gameDate, player } from '../support/fixtures';
import { sql } from '../support/by-hand';
import { replacing } from '../support/wrap-warehouse';

const origin = { gameDate, runId: 'run-1', pass: 1 };
let warehouse: DuckDbWarehouse;

beforeEach(async () => {
  warehouse = await DuckDbWarehouse.open(':memory:');
  await warehouse.ensureTables();
});
afterEach(() => warehouse.close());

function entry(entryId: string, changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    ...{ entryId, kind: 'bypass', by: 'ana@example.org', reason: `the team rows are late (${entryId})` },
    ...{ processor: player, tables: ['team_offense_game_summary'], evidence: { readyGames: 4 } },
    ...{ at: '2025-01-16T08:00:00.000Z' },
    ...changes,
  };
}

async function rows(date = gameDate): Promise<AuditRow[]> {
  const { bypass_audit: found } = await warehouse.readDate(date, ['bypass_audit']);
  return [...found].sort((a, b) => a.seq - b.seq);
}

/** Where the entries stand. */
async function append(entries: AuditEntry[], known: AuditHead | null = null, to: Warehouse = warehouse) {
  const { heads, refused } = await appendAudit(to, origin, entries, known);
  expect(refused).toEqual([]);
  return heads;
}

/** Why an entry is refused. */
async function refusalOf(one: AuditEntry): Promise<string | undefined> {
  const { heads, refused } = await appendAudit(warehouse, origin, [one, entry('next')], null);
  // What comes after it is written.
  expect(heads).toHaveLength(1);
  return refused[0]?.why;
}

/** A warehouse in which another writes an entry between what is read and what is appended, so many times. */
function overtaken(times: number): { other: Warehouse; written: () => number } {
  let written = 0;
  const other = replacing(warehouse, {
    append: async (table, given) => {
      if (written < times) {
        written += 1;
        const last = (await rows()).at(-1);
        const theirs = chainEntry(entry(`theirs-${written}`), last ? headOf(last) : null, origin);
        await warehouse.append('bypass_audit', [theirs]);
      }
      await warehouse.append(table, given);
    },
  });
  return { other, written: () => written };
}

it('entries are numbered in their order, and the heads that are returned are theirs', async () => {
  const heads = await append([entry('a'), entry('b'), entry('c')]);
  const written = await rows();
  expect(written.map((row) => [row.seq, row.entry_id])).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ]);
  expect(heads).toEqual(written.map(headOf));
  expect(written[0]?.prev_hash).toBe(genesis);
  expect(verifyChain(gameDate, written, [])).toBeNull();
});

it('nothing to write is nothing written', async () => {
  expect(await append([])).toEqual([]);
  expect(await rows()).toEqual([]);
});

it('an entry that is sent again is one row, at the place of the first, and others go on after it', async () => {
  const [first] = await append([entry('a')]);
  await append([entry('b')], first);
  const again = await append([entry('a', { evidence: { told: 'again' } }), entry('c')], first);
  expect(again.map(({ seq }) => seq)).toEqual([1, 3]);
  expect(await rows()).toMatchObject([
    { entry_id: 'a', reason: 'the team rows are late (a)' },
    { entry_id: 'b' },
    { entry_id: 'c' },
  ]);
  expect(verifyChain(gameDate, await rows(), [])).toBeNull();
});

it.each([
  { kind: 'cancelled' },
  { by: 'bob@example.org' },
  { reason: 'quite another reason' },
  { processor: null },
  { tables: [] },
] as const)('under an id that another decision has, %j is refused', async (changes) => {
  await append([entry('a')]);
  expect(await refusalOf(entry('a', changes as Partial<AuditEntry>))).toContain(
    'a is on record already as another decision: bypass by ana@example.org',
  );
  expect((await rows()).map((row) => row.entry_id)).toEqual(['a', 'next']);
});

it.each(['rerun', 'restore', 'deadline_extended'] as const)(
  'a %s under the id of one that says otherwise is refused',
  async (kind) => {
    await append([entry('a', { kind, evidence: { version: 1 } })]);
    expect(await refusalOf(entry('a', { kind, evidence: { version: 2 } }))).toContain('another decision');
    expect(await append([entry('a', { kind, evidence: { version: 1 } })])).toHaveLength(1);
  },
);

it.each(['system', 'policy'])('what the %s says once more, in other words, is there already', async (by) => {
  await append([entry('a', { kind: 'not_taken', by })]);
  await append([entry('a', { kind: 'not_taken', by, reason: 'for quite another reason' })]);
  expect(await rows()).toHaveLength(1);
});

it('entries are read in any order, and the next one follows the last', async () => {
  await append([entry('a'), entry('b'), entry('c')]);
  const backwards = replacing(warehouse, {
    readDate: async (date, tables) => {
      const found = await warehouse.readDate(date, tables);
      return { ...found, bypass_audit: (await rows(date)).reverse() };
    },
  });
  expect(await append([entry('d')], null, backwards)).toMatchObject([{ seq: 4 }]);
  expect(verifyChain(gameDate, await rows(), [])).toBeNull();
});

it('an attempt whose answer was lost finds what it wrote', async () => {
  const lost = replacing(warehouse, {
    append: async (table, given) => {
      await warehouse.append(table, given);
      throw new Error('the answer was lost');
    },
  });
  await expect(append([entry('a'), entry('b')], null, lost)).rejects.toThrow('the answer was lost');
  expect((await append([entry('a'), entry('b')])).map(({ seq }) => seq)).toEqual([1, 2]);
  expect(await rows()).toHaveLength(2);
});

it.each([1, 4])('overtaken by another writer %d times, both have numbers of their own', async (times) => {
  const { other, written } = overtaken(times);
  const [head] = await append([entry('ours')], null, other);
  expect(written()).toBe(times);
  expect(head?.seq).toBe(times + 1);
  const all = await rows();
  expect(all.map((row) => row.seq)).toEqual(Array.from({ length: times + 1 }, (_, index) => index + 1));
  expect(new Set(all.map((row) => row.entry_id)).size).toBe(times + 1);
  expect(verifyChain(gameDate, all, [])).toBeNull();
});

it('overtaken every time it gives up with a sentence, and may be asked again', async () => {
  const { other } = overtaken(99);
  await expect(append([entry('ours')], null, other)).rejects.toThrow(
    `The audit of ${gameDate} changed during 5 attempts to append an entry`,
  );
  expect((await rows()).some((row) => row.entry_id === 'ours')).toBe(false);
  expect((await append([entry('ours')])).map(({ seq }) => seq)).toEqual([6]);
});

it('two writers at once: each entry has one number, and the chain is whole', async () => {
  const writers = ['a', 'b', 'c'].map((name) => append([entry(`${name}-1`), entry(`${name}-2`)]));
  const heads = (await Promise.all(writers)).flat();
  const all = await rows();
  expect(heads.map(({ seq }) => seq).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(all).toHaveLength(6);
  expect(
    verifyChain(
      gameDate,
      all,
      heads.map((head) => ({ gameDate, head, where: 'a writer' })),
    ),
  ).toBeNull();
});

it('after a tail that was cut off it goes on where it remembers, and the gap is there to be seen', async () => {
  const heads = await append([entry('a'), entry('b'), entry('c')]);
  await sql(warehouse, 'DELETE FROM nba_orchestration.bypass_audit WHERE seq > 1');
  const [next] = await append([entry('d')], heads.at(-1));
  expect(next?.seq).toBe(4);
  expect(verifyChain(gameDate, await rows(), [])).toMatchObject({ seq: 2, kind: 'missing' });
});

it('after a tail that was replaced it goes on from the one it remembers, which the chain gives away', async () => {
  const heads = await append([entry('a'), entry('b')]);
  await sql(warehouse, `UPDATE nba_orchestration.bypass_audit SET row_hash = repeat('f', 64) WHERE seq = 2`);
  await append([entry('c')], heads.at(-1));
  expect(verifyChain(gameDate, await rows(), [])).toMatchObject({ seq: 2, kind: 'altered' });
});

it('each date has a chain of its own', async () => {
  await append([entry('a')]);
  await appendAudit(warehouse, { ...origin, gameDate: '2025-01-16' }, [entry('b')], null);
  expect((await rows('2025-01-16')).map((row) => [row.seq, row.prev_hash])).toEqual([[1, genesis]]);
});

it.each<[string, string]>([
  ['quotes and backslashes', `the league's "box score" \\ is late`],
  ['other scripts', 'Die Zeilen der Mannschaften fehlen — 行がない 🏀'],
  ['line breaks', 'the team rows are late\nand nobody knows why\r\n'],
  ['a NUL', 'the team rows \u0000 are late'],
  ['an escape sequence', 'the team rows \u001b[31m are late'],
  ['characters composed in two ways', 'cafe\u0301 and caf\u00e9 are late'],
])('words come back as they were written: %s', async (_, reason) => {
  await append([entry('a', { reason, evidence: { said: reason } })]);
  expect((await rows())[0]?.reason).toBe(reason);
  expect(verifyChain(gameDate, await rows(), [])).toBeNull();
});

it('instants come back as they were written', async () => {
  await append(['2025-01-16T08:00:00.000Z', '2025-01-16T08:00:00.120Z'].map((at) => entry(at, { at })));
  expect(verifyChain(gameDate, await rows(), [])).toBeNull();
});
