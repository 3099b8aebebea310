/** What somebody with a SQL prompt can do to the audit, and what it is called when it is found. */
import {
  chainEntry,
  genesis,
  headOf,
  parseHead,
  spellHead,
  verifyChain,
  verifyChains,
  type AuditFault,
  type Witness,
} from '../../src/audit/chain';
import type { AuditEntry } from '../../src/contracts/decisions';
import { bypassAudit, type AuditRow } from '../../src/tables/orchestration';
import { gameDate, player } from '../support/fixtures';

const origin = { gameDate, runId: 'run-1', pass: 1 };

function entry(number: number, changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    entryId: `entry-${number}`,
    kind: 'bypass',
    by: 'ana@example.org',
    reason: `the team rows are late, part ${number}`,
    processor: player,
    tables: ['team_offense_game_summary'],
    evidence: { readyGames: number },
    at: `2025-01-16T08:0${number}:00.000Z`,
    ...changes,
  };
}

/** A whole chain of `length` entries. */
function chain(length: number, date = gameDate): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let number = 1; number <= length; number += 1) {
    const last = rows.at(-1);
    rows.push(chainEntry(entry(number), last ? headOf(last) : null, { ...origin, gameDate: date }));
  }
  return rows;
}

/** The row with `changes`, hashed as if it had been written so. */
function forged(row: AuditRow, changes: Partial<AuditRow>): AuditRow {
  const wanted = { ...row, ...changes };
  return chainEntry(
    {
      ...{ entryId: wanted.entry_id, kind: wanted.kind as AuditEntry['kind'], by: wanted.decided_by },
      ...{ reason: wanted.reason, processor: wanted.processor },
      tables: JSON.parse(wanted.waived) as AuditEntry['tables'],
      evidence: JSON.parse(wanted.evidence) as unknown,
      at: wanted.decided_at,
    },
    wanted.seq === 1 ? null : { seq: wanted.seq - 1, hash: wanted.prev_hash },
    { gameDate: wanted.game_date, runId: wanted.run_id, pass: wanted.pass },
  );
}

function witness(row: AuditRow, where = 'version 2 of player_game_summary'): Witness {
  return { gameDate: row.game_date, head: headOf(row), where };
}

function faultOf(rows: readonly AuditRow[], witnesses: readonly Witness[] = []): AuditFault | null {
  return verifyChain(gameDate, rows, witnesses);
}

describe('a chain', () => {
  it('begins with the genesis, numbers from 1, and each entry names the one before', () => {
    const [first, second, third] = chain(3) as [AuditRow, AuditRow, AuditRow];
    expect([first.seq, second.seq, third.seq]).toEqual([1, 2, 3]);
    expect(first.prev_hash).toBe(genesis);
    expect([second.prev_hash, third.prev_hash]).toEqual([first.row_hash, second.row_hash]);
  });

  it('has a hash that is the same tomorrow: verifying would call every old entry altered otherwise', () => {
    expect(chain(1)[0]?.row_hash).toBe(
      // Taken by another program, over the row's JSON with sorted keys and no spaces.
      '0f916800a3ab98b2c6ea0f08a1d21f29690058dc22ed699e86117ab7f94ee7c5',
    );
  });

  it('is whole, however its rows are ordered and whoever else remembers its head', () => {
    const rows = chain(5);
    expect(faultOf(rows)).toBeNull();
    expect(
      faultOf(
        [...rows].reverse(),
        rows.map((row) => witness(row)),
      ),
    ).toBeNull();
  });

  it('is whole without an entry and without anybody who says otherwise', () => {
    expect(faultOf([])).toBeNull();
    expect(verifyChains([], [])).toEqual([]);
  });

  it('has a head that is spelled and read back; what is no head is none', () => {
    const head = headOf(chain(2)[1]!);
    for (const seq of [2, 12]) expect(parseHead(spellHead({ ...head, seq }))).toEqual({ ...head, seq });
    const none = [null, '', '2', '2:abc', `x:${genesis}`, `-2:${genesis}`, `2:${genesis}0`];
    expect(none.map(parseHead)).toEqual(none.map(() => null));
    expect(spellHead(null)).toBeNull();
  });
});

describe('an altered cell', () => {
  const others: Record<string, string | number | null> = {
    entry_id: 'entry-9',
    kind: 'rerun',
    decided_at: '2025-01-16T08:02:00.001Z',
    decided_by: 'Ana@example.org',
    reason: 'the team rows are late, part 2 ',
    processor: null,
    waived: '[]',
    evidence: '{"readyGames": 2}',
    run_id: 'run-2',
    pass: 2,
    prev_hash: 'f'.repeat(64),
    row_hash: 'f'.repeat(64),
  };

  it('is tried in every column but those that say where the row belongs', () => {
    expect([...Object.keys(others), 'game_date', 'seq'].sort()).toEqual(
      Object.keys(bypassAudit.columns).sort(),
    );
  });

  it.each(Object.keys(others))('%s: the row is named, in the middle and at the end', (column) => {
    const rows = chain(3);
    for (const at of [1, 2]) {
      const altered = rows.with(at, { ...rows[at]!, [column]: others[column] });
      expect(faultOf(altered)).toMatchObject({ gameDate, seq: at + 1, kind: 'altered' });
    }
  });

  it('the number: there is a gap where it was', () => {
    const rows = chain(3);
    expect(faultOf(rows.with(1, { ...rows[1]!, seq: 7 }))).toMatchObject({ seq: 2, kind: 'missing' });
    expect(faultOf(rows.with(0, { ...rows[0]!, seq: 0 }))).toMatchObject({ seq: 0, kind: 'altered' });
    expect(faultOf(rows.with(0, { ...rows[0]!, seq: -1 }))).toMatchObject({ seq: -1, kind: 'altered' });
  });

  it('the date: it is missing where it was, and foreign where it is', () => {
    const [first, second, third] = chain(3) as [AuditRow, AuditRow, AuditRow];
    const elsewhere = { ...second, game_date: '2025-01-17' };
    expect(verifyChains([first, elsewhere, third], [])).toMatchObject([
      { gameDate, seq: 2, kind: 'missing' },
      { gameDate: '2025-01-17', seq: 1, kind: 'missing' },
    ]);
  });
});

describe('a removed row', () => {
  it.each([
    ['the first', 0, 1],
    ['one of the middle', 2, 3],
  ])('%s is missing', (_, at, seq) => {
    expect(faultOf(chain(5).toSpliced(at, 1))).toEqual({
      ...{ gameDate, seq, kind: 'missing' },
      detail: `entry ${seq} is missing`,
    });
  });

  it('two apart: the first of them is named', () => {
    expect(faultOf(chain(5).toSpliced(3, 1).toSpliced(1, 1))).toMatchObject({ seq: 2, kind: 'missing' });
  });

  it('and those after it renumbered, each with a right hash: the first that does not follow is named', () => {
    const [first, , third, fourth] = chain(4) as [AuditRow, AuditRow, AuditRow, AuditRow];
    const moved = [first, forged(third, { seq: 2 }), forged(fourth, { seq: 3 })];
    expect(faultOf(moved)).toMatchObject({ seq: 2, kind: 'reordered' });
  });

  it.each(['version 3 of player_game_summary', 'pass 2 of run 0123', 'its open run'])(
    'the last: nobody sees it but %s',
    (where) => {
      const rows = chain(5);
      const cut = rows.slice(0, 3);
      expect(faultOf(cut)).toBeNull();
      expect(faultOf(cut, [witness(rows[0]!), witness(rows[4]!, where)])).toEqual({
        ...{ gameDate, seq: 4, kind: 'cut_tail' },
        detail: `entry 5 is named by ${where}, and the audit ends at 3`,
      });
    },
  );

  it('several: the first that somebody names is named', () => {
    const rows = chain(5);
    const named = [witness(rows[4]!), witness(rows[3]!, 'its open run'), witness(rows[2]!)];
    expect(faultOf(rows.slice(0, 2), named.slice(0, 2))?.detail).toContain(
      'entry 4 is named by its open run',
    );
    expect(faultOf(rows.slice(0, 3), named)).toMatchObject({ seq: 4, kind: 'cut_tail' });
  });

  it('all of them', () => {
    expect(
      faultOf(
        [],
        chain(2).map((row) => witness(row)),
      ),
    ).toMatchObject({ seq: 1, kind: 'cut_tail' });
  });
});

describe('rows that change places', () => {
  const [first, second, third, fourth] = chain(4) as [AuditRow, AuditRow, AuditRow, AuditRow];

  it('by their numbers', () => {
    expect(faultOf([first, { ...second, seq: 3 }, { ...third, seq: 2 }, fourth])).toMatchObject({
      ...{ seq: 2, kind: 'reordered' },
    });
  });

  it('and are hashed anew', () => {
    const swapped = [first, forged(third, { seq: 2 }), forged(second, { seq: 3 }), fourth];
    expect(faultOf(swapped)).toMatchObject({ seq: 2, kind: 'reordered' });
  });

  it('one that is there twice is named, whether it is the same or another with its number', () => {
    expect(faultOf([first, second, second, third])).toMatchObject({ seq: 2, kind: 'repeated' });
    expect(faultOf([first, second, forged(second, { reason: 'another reason' }), third])).toMatchObject({
      ...{ seq: 2, kind: 'repeated' },
    });
  });
});

describe('a forged row with a right hash', () => {
  const [first, second, third, fourth] = chain(4) as [AuditRow, AuditRow, AuditRow, AuditRow];
  const other = { reason: 'nobody would have agreed to this' };

  it.each([
    ['the first', [forged(first, other), second, third, fourth], 1],
    ['one of the middle', [first, forged(second, other), third, fourth], 2],
  ])('%s: those after it were written after another, so it is named and not they', (_, rows, seq) => {
    expect(faultOf(rows)).toEqual({
      ...{ gameDate, seq, kind: 'replaced' },
      detail: `the link from entry ${seq + 1} back to entry ${seq} is broken`,
    });
  });

  it('the last but one: who is right the witness of the last says', () => {
    const rows = [first, second, forged(third, other), fourth];
    expect(faultOf(rows)).toMatchObject({ seq: 4, kind: 'reordered' });
    expect(faultOf(rows, [witness(forged(fourth, other))])).toMatchObject({ seq: 4, kind: 'reordered' });
    expect(faultOf(rows, [witness(fourth)])).toMatchObject({ seq: 3, kind: 'replaced' });
    expect(faultOf(rows, [witness(third)])).toMatchObject({ seq: 3, kind: 'replaced' });
  });

  it('the last: only a witness of it can tell', () => {
    const rows = [first, second, third, forged(fourth, other)];
    expect(faultOf(rows)).toBeNull();
    expect(faultOf(rows, [witness(third)])).toBeNull();
    expect(faultOf(rows, [witness(fourth, 'its open run')])).toEqual({
      ...{ gameDate, seq: 4, kind: 'replaced' },
      detail: 'entry 4 is not the one that its open run names',
    });
  });

  it('a tail that was written anew: the first entry that a witness knows otherwise is named', () => {
    const anew = forged(third, other);
    const after = forged(fourth, { prev_hash: anew.row_hash });
    expect(faultOf([first, second, anew, after])).toBeNull();
    expect(faultOf([first, second, anew, after], [witness(fourth)])).toMatchObject({ seq: 4 });
    expect(faultOf([first, second, anew, after], [witness(fourth), witness(third)])).toMatchObject({
      ...{ seq: 3, kind: 'replaced' },
    });
  });

  it('one more at the end is none of its business: it is a chain that goes on', () => {
    expect(faultOf([first, second, third], [witness(second)])).toBeNull();
  });

  it('of several faults the first by number is named', () => {
    const rows = [first, { ...second, reason: 'altered by hand' }, fourth];
    expect(faultOf(rows, [witness(chain(5)[4]!)])).toMatchObject({ seq: 2, kind: 'altered' });
  });
});

describe('several dates', () => {
  const [a, b, c] = ['2025-01-15', '2025-01-16', '2025-01-17'] as const;

  it('each by itself, the earliest first; a date that only a witness knows is one of them', () => {
    const rows = [
      ...chain(2, c).map((row) => ({ ...row, pass: 9 })),
      ...chain(3, b),
      ...chain(3, a).toSpliced(1, 1),
    ];
    const gone = chain(1, '2025-01-14').map((row) => witness(row));
    expect(verifyChains(rows, gone)).toMatchObject([
      { gameDate: '2025-01-14', seq: 1, kind: 'cut_tail' },
      { gameDate: a, seq: 2, kind: 'missing' },
      { gameDate: c, seq: 1, kind: 'altered' },
    ]);
  });

  it('a witness of one date says nothing of another', () => {
    expect(
      verifyChains(
        [...chain(1, a), ...chain(3, b)],
        chain(3, b).map((row) => witness(row)),
      ),
    ).toEqual([]);
  });
});
