import { contentHash, dataHash, fingerprint, type ProcessorInputs } from '../../src/publishing/fingerprint';
import { selectInputs } from '../../src/gate/select-inputs';
import { analyticsTables } from '../../src/tables/catalogue';
import type { Cell, Row } from '../../src/tables/define-table';
import {
  change,
  defense,
  goodNight,
  offense,
  ofGame,
  player,
  published,
  reversed,
} from '../support/fixtures';

const night = published(goodNight(2), offense, defense, player);
const inputs = selectInputs(player, night);
const print = fingerprint(player, '1.0.0', inputs);

function withRows(change: (row: Row) => Row): ProcessorInputs {
  const { rows } = inputs;
  return {
    ...inputs,
    rows: { ...rows, nbac_gamebook_player_stats: rows.nbac_gamebook_player_stats.map(change) },
  };
}

/** The row with its keys in the opposite order. */
function turned(row: Row): Row {
  return Object.fromEntries(Object.entries(row).reverse());
}

/** Another value of the same kind. */
function other(cell: Cell): Cell {
  if (typeof cell === 'number') return cell + 1;
  if (typeof cell === 'boolean') return !cell;
  return cell === null ? 0 : `${cell}x`;
}

describe('the fingerprint', () => {
  it('is 64 hex digits, the same each time', () => {
    expect(print).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint(player, '1.0.0', selectInputs(player, night))).toBe(print);
  });

  it('does not heed processed_at: the same figures sent again change nothing', () => {
    const again = withRows((row) => ({ ...row, processed_at: '2026-01-01T00:00:00.000Z' }));
    expect(fingerprint(player, '1.0.0', again)).toBe(print);
    const without = withRows(({ processed_at: _, ...row }) => row);
    expect(fingerprint(player, '1.0.0', without)).toBe(print);
  });

  it('does not heed the order of the columns', () => {
    expect(fingerprint(player, '1.0.0', withRows(turned))).toBe(print);
  });

  it('does not heed the order in which the warehouse gave the rows', () => {
    expect(fingerprint(player, '1.0.0', selectInputs(player, reversed(night)))).toBe(print);
  });

  it('does not heed rows of games that are not ready', () => {
    const left = change(goodNight(2), 'nbac_team_boxscore', ofGame(1), { points: 0 });
    const moved = change(left, 'nbac_team_boxscore', ofGame(1), { turnovers: 44, minutes: '12:00' });
    expect(fingerprint(offense, '1.0.0', selectInputs(offense, moved))).toBe(
      fingerprint(offense, '1.0.0', selectInputs(offense, left)),
    );
  });

  it('heeds a game that becomes ready', () => {
    const left = change(goodNight(2), 'nbac_team_boxscore', ofGame(1), { points: 0 });
    expect(fingerprint(offense, '1.0.0', selectInputs(offense, left))).not.toBe(
      fingerprint(offense, '1.0.0', selectInputs(offense, goodNight(2))),
    );
  });

  it('heeds every cell of a row but processed_at', () => {
    const [first] = inputs.rows.nbac_gamebook_player_stats;
    const columns = Object.keys(first!).filter((column) => column !== 'processed_at');
    expect(columns.length).toBeGreaterThan(25);
    const unheeded = columns.filter((column) => {
      const moved = withRows((row) => (row === first ? { ...row, [column]: other(row[column]!) } : row));
      return fingerprint(player, '1.0.0', moved) === print;
    });
    expect(unheeded).toEqual([]);
  });

  it('heeds a row that is gone', () => {
    const { rows } = inputs;
    const fewer = { ...rows, nbac_schedule: rows.nbac_schedule.slice(1) };
    expect(fingerprint(player, '1.0.0', { ...inputs, rows: fewer })).not.toBe(print);
  });

  it('heeds the version of the upstream', () => {
    const [upstream] = inputs.upstreamVersions;
    const moved = { ...inputs, upstreamVersions: [{ ...upstream!, version: 2 }] };
    expect(fingerprint(player, '1.0.0', moved)).not.toBe(print);
    expect(fingerprint(player, '1.0.0', { ...inputs, upstreamVersions: [] })).not.toBe(print);
  });

  it("heeds the processor's own version, so that a corrected formula rebuilds", () => {
    expect(fingerprint(player, '1.0.1', inputs)).not.toBe(print);
  });

  it('is not the same for two processors that read the same rows', () => {
    expect(fingerprint(offense, '1.0.0', selectInputs(offense, night))).not.toBe(
      fingerprint(defense, '1.0.0', selectInputs(defense, night)),
    );
  });
});

describe.each([
  ['team_offense_game_summary', 'ts_pct', night.team_offense_game_summary],
  ['team_defense_game_summary', 'opponent_ts_pct', night.team_defense_game_summary],
  ['player_game_summary', 'ts_pct', night.player_game_summary],
] as const)('the content hash of %s', (table, figure, rows) => {
  const hash = contentHash(table, rows);

  it('does not heed the order of rows or columns', () => {
    expect(contentHash(table, [...rows].reverse())).toBe(hash);
    expect(contentHash(table, rows.map(turned))).toBe(hash);
  });

  it('notices any one cell, the instant and the hash included', () => {
    const columns = Object.keys(analyticsTables[table].columns);
    const unnoticed = columns.filter((column) => {
      const touched = rows.map((row: Row, index) =>
        index === 1 ? { ...row, [column]: other(row[column]!) } : row,
      );
      return contentHash(table, touched) === hash;
    });
    expect(unnoticed).toEqual([]);
  });

  it('notices the last bit of a figure', () => {
    const first: Row = rows[0]!;
    const touched = { ...first, [figure]: Number(first[figure]) + Number.EPSILON };
    expect(touched[figure]).not.toBe(first[figure]);
    expect(contentHash(table, [touched, ...rows.slice(1)])).not.toBe(hash);
  });

  it('notices a row that is gone, and one that is there twice', () => {
    expect(contentHash(table, rows.slice(1))).not.toBe(hash);
    expect(contentHash(table, [...rows, rows[0]!])).not.toBe(hash);
  });

  it('notices figures that were swapped between two rows', () => {
    const column = 'data_hash';
    const [one, two]: readonly Row[] = rows;
    const swapped = [
      { ...one!, [column]: two![column]! },
      { ...two!, [column]: one![column]! },
      ...rows.slice(2),
    ];
    expect(contentHash(table, swapped)).not.toBe(hash);
  });
});

describe('the data hash of a row', () => {
  it('is 16 hex digits over its figures: equal figures, equal hash', () => {
    const [first] = night.player_game_summary;
    expect(first!.data_hash).toMatch(/^[0-9a-f]{16}$/);
    const { bypass_id: _bypass, data_hash: hash, processed_at: _at, ...figures } = first!;
    expect(dataHash(figures)).toBe(hash);
    expect(dataHash(turned(figures))).toBe(hash);
    expect(dataHash({ ...figures, assists: 31 })).not.toBe(hash);
  });
});
