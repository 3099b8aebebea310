import { processorOf } from '../../src/plan/registry';
import {
  contentHash,
  dataHashes,
  evidenceHash,
  fingerprint,
  type ProcessorInputs,
} from '../../src/publishing/fingerprint';
import { whyNotCurrent } from '../../src/gate/judge-processor';
import { selectInputs } from '../../src/gate/select-inputs';
import { tableOf } from '../../src/tables/catalogue';
import type { Cell, Row } from '../../src/tables/define-table';
import type { GamebookPlayerRow } from '../../src/sources/nbac-gamebook-player-stats/table';
import {
  add,
  awayOf,
  change,
  defense,
  gameIdOf,
  goodNight,
  homeOf,
  offense,
  ofGame,
  player,
  published,
  reversed,
  withRows,
  type Night,
} from '../support/fixtures';

const night = published(goodNight(2), offense, defense, player);
const inputs = selectInputs(processorOf(player), night);
const gamebook = inputs.rows['nbac_gamebook_player_stats'] ?? [];
const print = fingerprint(player, '1.0.0', inputs);

function gamebookWith(changed: (row: Row) => Row): ProcessorInputs {
  const { rows } = inputs;
  return {
    ...inputs,
    rows: { ...rows, nbac_gamebook_player_stats: gamebook.map(changed) },
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
    expect(fingerprint(player, '1.0.0', selectInputs(processorOf(player), night))).toBe(print);
  });

  it('does not heed processed_at: the same figures sent again change nothing', () => {
    const again = gamebookWith((row) => ({ ...row, processed_at: '2026-01-01T00:00:00.000Z' }));
    expect(fingerprint(player, '1.0.0', again)).toBe(print);
    const without = gamebookWith(({ processed_at: _, ...row }) => row);
    expect(fingerprint(player, '1.0.0', without)).toBe(print);
  });

  it('does not heed the order of the columns', () => {
    expect(fingerprint(player, '1.0.0', gamebookWith(turned))).toBe(print);
  });

  it('does not heed the order in which the warehouse gave the rows', () => {
    expect(fingerprint(player, '1.0.0', selectInputs(processorOf(player), reversed(night)))).toBe(print);
  });

  it('does not heed rows of games that are not ready', () => {
    const left = change(goodNight(2), 'nbac_team_boxscore', ofGame(1), { points: 0 });
    const moved = change(left, 'nbac_team_boxscore', ofGame(1), { turnovers: 44, minutes: '12:00' });
    expect(fingerprint(offense, '1.0.0', selectInputs(processorOf(offense), moved))).toBe(
      fingerprint(offense, '1.0.0', selectInputs(processorOf(offense), left)),
    );
  });

  it('heeds a game that becomes ready', () => {
    const left = change(goodNight(2), 'nbac_team_boxscore', ofGame(1), { points: 0 });
    expect(fingerprint(offense, '1.0.0', selectInputs(processorOf(offense), left))).not.toBe(
      fingerprint(offense, '1.0.0', selectInputs(processorOf(offense), goodNight(2))),
    );
  });

  it('heeds every cell of a row but processed_at', () => {
    const [first] = gamebook;
    const columns = Object.keys(first!).filter((column) => column !== 'processed_at');
    expect(columns.length).toBeGreaterThan(25);
    const unheeded = columns.filter((column) => {
      const moved = gamebookWith((row) => (row === first ? { ...row, [column]: other(row[column]!) } : row));
      return fingerprint(player, '1.0.0', moved) === print;
    });
    expect(unheeded).toEqual([]);
  });

  it('heeds a row that is gone', () => {
    const { rows } = inputs;
    const fewer = { ...rows, nbac_schedule: (rows['nbac_schedule'] ?? []).slice(1) };
    expect(fingerprint(player, '1.0.0', { ...inputs, rows: fewer })).not.toBe(print);
  });

  it('heeds the version of the upstream', () => {
    const [upstream] = inputs.upstreamVersions;
    const moved = { ...inputs, upstreamVersions: [{ ...upstream!, version: 2 }] };
    expect(fingerprint(player, '1.0.0', moved)).not.toBe(print);
    expect(fingerprint(player, '1.0.0', { ...inputs, upstreamVersions: [] })).not.toBe(print);
  });

  it('heeds the rows that are carried over, and the decisions that it stands on, each for itself', () => {
    const prints = [{ kept: ['a'] }, { kept: ['b'] }, { released: ['a'] }, { released: ['b'] }].map((more) =>
      fingerprint(player, '1.0.0', { ...inputs, ...more }),
    );
    expect(new Set([print, ...prints]).size).toBe(5);
  });

  it("heeds the processor's own version, so that a corrected formula rebuilds", () => {
    expect(fingerprint(player, '1.0.1', inputs)).not.toBe(print);
  });

  describe('of a player whom two teams list, neither of which he played for,', () => {
    const own = night.rows.nbac_gamebook_player_stats.find((row) => row.player_status === 'dnp')!;
    const his = (row: GamebookPlayerRow): boolean => row.player_lookup === own.player_lookup;
    const traded = add(night, 'nbac_gamebook_player_stats', {
      ...own,
      ...{ team_abbr: homeOf(1), game_id: gameIdOf(1), home_team_abbr: homeOf(1), away_team_abbr: awayOf(1) },
    });
    /** The night on which the row of this team is the newer one, and so is chosen. */
    const chosen = (team: string): Night =>
      change(traded, 'nbac_gamebook_player_stats', (row) => his(row) && row.team_abbr === team, {
        processed_at: '2025-01-17T08:00:00.000Z',
      });
    const printOf = (snapshot: Night): string =>
      fingerprint(player, '1.0.0', selectInputs(processorOf(player), snapshot));

    it('heeds which row was chosen, though both were there before and no figure moved', () => {
      expect(printOf(chosen(homeOf(1)))).not.toBe(printOf(chosen(own.team_abbr)));
      const built = published(chosen(own.team_abbr), player);
      const { nbac_gamebook_player_stats: sentAgain } = chosen(homeOf(1)).rows;
      expect(whyNotCurrent(processorOf(player), built)).toBeNull();
      expect(
        whyNotCurrent(processorOf(player), withRows(built, 'nbac_gamebook_player_stats', sentAgain)),
      ).toBe('its inputs changed since version 2 was published');
    });

    it('does not heed what the other row says', () => {
      const moved = change(
        chosen(own.team_abbr),
        'nbac_gamebook_player_stats',
        (row) => his(row) && row.team_abbr === homeOf(1),
        { dnp_reason: 'another' },
      );
      expect(printOf(moved)).toBe(printOf(chosen(own.team_abbr)));
    });
  });

  it('is not the same for two processors that read the same rows', () => {
    expect(fingerprint(offense, '1.0.0', selectInputs(processorOf(offense), night))).not.toBe(
      fingerprint(defense, '1.0.0', selectInputs(processorOf(defense), night)),
    );
  });
});

describe.each([
  ['team_offense_game_summary', 'ts_pct', night.rows.team_offense_game_summary],
  ['team_defense_game_summary', 'opponent_ts_pct', night.rows.team_defense_game_summary],
  ['player_game_summary', 'ts_pct', night.rows.player_game_summary],
] as const)('the content hash of %s', (table, figure, rows) => {
  const definition = tableOf(table);
  const hash = contentHash(definition, rows);

  it('does not heed the order of rows or columns', () => {
    expect(contentHash(definition, [...rows].reverse())).toBe(hash);
    expect(contentHash(definition, rows.map(turned))).toBe(hash);
  });

  it('notices any one cell, the instant and the hash included', () => {
    const columns = Object.keys(definition.columns);
    const unnoticed = columns.filter((column) => {
      const touched = rows.map((row: Row, index) =>
        index === 1 ? { ...row, [column]: other(row[column]!) } : row,
      );
      return contentHash(definition, touched) === hash;
    });
    expect(unnoticed).toEqual([]);
  });

  it('notices the last bit of a figure', () => {
    const first: Row = rows[0]!;
    const touched = { ...first, [figure]: Number(first[figure]) + Number.EPSILON };
    expect(touched[figure]).not.toBe(first[figure]);
    expect(contentHash(definition, [touched, ...rows.slice(1)])).not.toBe(hash);
  });

  it('notices a row that is gone, and one that is there twice', () => {
    expect(contentHash(definition, rows.slice(1))).not.toBe(hash);
    expect(contentHash(definition, [...rows, rows[0]!])).not.toBe(hash);
  });

  it('notices figures that were swapped between two rows', () => {
    const column = 'data_hash';
    const [one, two]: readonly Row[] = rows;
    const swapped = [
      { ...one!, [column]: two![column]! },
      { ...two!, [column]: one![column]! },
      ...rows.slice(2),
    ];
    expect(contentHash(definition, swapped)).not.toBe(hash);
  });
});

it('the hash of evidence is 16 hex digits over all of it', () => {
  const evidence = [{ detail: 'one' }, { detail: 'another' }];
  expect(evidenceHash(evidence)).toMatch(/^[0-9a-f]{16}$/);
  expect(evidenceHash([{ ...evidence[0] }, { ...evidence[1] }])).toBe(evidenceHash(evidence));
  for (const other of [evidence.slice(1), [...evidence].reverse(), []])
    expect(evidenceHash(other)).not.toBe(evidenceHash(evidence));
});

describe('the data hash of a row', () => {
  it('is 16 hex digits over its figures: equal figures, equal hash', () => {
    const [first] = night.rows.player_game_summary;
    expect(first!.data_hash).toMatch(/^[0-9a-f]{16}$/);
    const { bypass_id: _bypass, data_hash: hash, processed_at: _at, ...figures } = first!;
    const moved = { ...figures, assists: 31 };
    const [own, again, other] = dataHashes([figures, turned(figures), moved]);
    expect([own, again]).toEqual([hash, hash]);
    expect(other).not.toBe(hash);
  });
});
