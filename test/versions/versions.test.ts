/** What manifests and rows of two versions say: what moved, by what, and which version was live when. */
import { gapsOf } from '../../src/cli/commands/export';
import { contentHash } from '../../src/publishing/fingerprint';
import { tableOf } from '../../src/tables/catalogue';
import type { Cell, Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
import { renderDifference } from '../../src/cli/commands/diff';
import { keptRaw } from '../../src/publishing/raw-kept';
import { compareVersions, type VersionsDifference } from '../../src/versions/compare-versions';
import { keptOf, liveAt } from '../../src/versions/published-version';
import { causesOf, causesOfSteps, mayHideInput } from '../../src/versions/why-changed';
import { rowOf } from '../warehouse/rows';

const gameDate = '2025-01-15';
const table = tableOf('player_game_summary');

function manifest(fields: Partial<ManifestRow> = {}): ManifestRow {
  return {
    ...rowOf('partition_manifest', {}),
    ...{ game_date: gameDate, table_name: table.name, version: 1, processor_version: '1.0.0' },
    ...{ fingerprint: 'f-one', source_hash: 's-one', upstream_versions: '[]', missing_games: '[]' },
    ...{ bypass: null, pin: null, inputs: null },
    ...{ reason: 'its inputs changed since version 1 was published' },
    ...fields,
  };
}

const row = (player: string, fields: Row = {}): Row => ({
  ...rowOf(table.name, { game_date: gameDate, player_lookup: player }),
  ...fields,
});

function compare(before: readonly Row[], after: readonly Row[]): VersionsDifference {
  return compareVersions(
    table,
    { manifest: manifest(), rows: before },
    { manifest: manifest({ version: 2, fingerprint: 'f-two' }), rows: after },
  );
}

test('where nobody has read what is kept, nobody says that it is not kept', () => {
  const inputs = (hash: string): string => JSON.stringify({ g1: { nbac_team_boxscore: hash } });
  const [before, after] = [
    { manifest: manifest({ inputs: inputs('one') }), rows: [] },
    { manifest: manifest({ version: 2, inputs: inputs('two') }), rows: [] },
  ];
  const unread = compareVersions(table, before, after);
  expect(unread.inputs).toBeNull();
  expect(renderDifference(unread).join('\n')).not.toContain('not kept');
  const lost = compareVersions(table, before, after, keptRaw([]));
  expect(lost.inputs).toEqual([{ gameId: 'g1', table: 'nbac_team_boxscore', rows: null }]);
  expect(renderDifference(lost).join('\n')).toContain('raw rows of 1 games and tables are not kept');
});

describe('the figures of two versions', () => {
  test('rows that came, went, changed and stayed are told by their keys', () => {
    const found = compare(
      [row('a', { points: 1 }), row('b'), row('c')],
      [row('d'), row('c'), row('a', { points: 2 })],
    );
    expect(found.rows).toEqual({ same: 1, changed: 1, added: 1, removed: 1 });
    expect(found.added).toEqual([{ game_date: gameDate, player_lookup: 'd' }]);
    expect(found.removed).toEqual([{ game_date: gameDate, player_lookup: 'b' }]);
    expect(found.columns).toEqual({ points: { rows: 1, largest: 1 } });
  });

  test('figures that appear, vanish or leave zero come first, then the largest relative moves, then texts', () => {
    const cells: [string, Cell, Cell, number | null][] = [
      ['text', 'active', 'dnp', null],
      ['small', 100, 101, 0.01],
      ['vanished', 5, null, null],
      ['halved', -10, -15, -0.5],
      ['from-zero', 0, 3, null],
      ['doubled', 1, 2, 1],
    ];
    const of = (side: 1 | 2): Row[] =>
      cells.map((cell) => row(cell[0], { [cell[0] === 'text' ? 'player_status' : 'points']: cell[side] }));
    const { moved } = compare(of(1), of(2));
    const order = ['vanished', 'from-zero', 'doubled', 'halved', 'small', 'text'];
    expect(moved.map(({ key }) => key['player_lookup'])).toEqual(order);
    expect(moved.map(({ relative }) => relative)).toEqual(
      order.map((name) => cells.find(([other]) => other === name)?.[3]),
    );
  });

  test('what is not shown of many moves is counted', () => {
    const rows = Array.from({ length: 23 }, (_, index) => row(`p${index}`, { points: index + 1 }));
    const lines = renderDifference(
      compare(
        rows,
        rows.map((one) => ({ ...one, points: 99 })),
      ),
    );
    expect(lines).toContain('  3 more cells moved; --json has them all');
    expect(lines.filter((line) => line.includes('│ points │'))).toHaveLength(20);
  });

  test('two figures that only differ in a late digit are not shown as the same', () => {
    const lines = renderDifference(
      compare([row('a', { usage_rate: 20.00000001 })], [row('a', { usage_rate: 20.00000002 })]),
    );
    expect(lines.join('\n')).toContain('20.00000001 │ 20.00000002');
  });
});

describe('what made two versions differ', () => {
  const first = manifest();
  const upstream = (version: number) => ({
    upstream_versions: `[{"table_name":"team_offense_game_summary","version":${version}}]`,
  });
  const person = '{"kind":"person","bypass_id":"b-1","by":"ana","reason":"r","tables":["t"],"inherited":[]}';
  const missing = '[{"game_id":"g-1","status":"held","table":null,"detail":"d"}]';
  const other = { fingerprint: 'f-two' };
  const pin = (request: string) =>
    JSON.stringify({ request_id: request, version: 1, by: 'ana', reason: 'x' });

  test.each<[string, ManifestRow | null, Partial<ManifestRow>, string[]]>([
    ['nothing before it', null, {}, ['first']],
    ['the raw rows', first, other, ['input']],
    ['the formula', first, { ...other, processor_version: '1.1.0' }, ['formula']],
    ['sources without a new version', first, { source_hash: 's-two' }, ['formula']],
    ['an upstream', manifest(upstream(1)), { ...other, ...upstream(2) }, ['upstream']],
    [
      'formula and upstream',
      first,
      { ...other, processor_version: '2', ...upstream(1) },
      ['formula', 'upstream'],
    ],
    ['a game that is held', first, { ...other, missing_games: missing }, ['input']],
    ['a bypass', first, { ...other, bypass: person }, ['input', 'person']],
    [
      'the two-day rule',
      first,
      { bypass: '{"kind":"policy","rule":"older_than_two_days","readyGames":1,"finalGames":2}' },
      ['policy'],
    ],
    ['a forced rerun', first, { reason: 'forced by ana: a check' }, ['person']],
    [
      'a forced rerun of changed rows',
      first,
      { ...other, reason: 'x; forced by ana: y' },
      ['input', 'person'],
    ],
    ['a restore', first, { ...other, pin: pin('r-1') }, ['person']],
    ['another restore', manifest({ pin: pin('r-1') }), { ...other, pin: pin('r-2') }, ['person']],
    [
      'rows of a pinned version that were put back',
      manifest({ pin: pin('r-1') }),
      { pin: pin('r-1') },
      ['repeat'],
    ],
    ['an unpin', manifest({ pin: pin('r-1') }), other, ['input', 'person']],
    [
      'a reason that only reads like a restore',
      first,
      { reason: 'version 1 was restored by ana: x' },
      ['repeat'],
    ],
    ['an adopted version before it', manifest({ processor_version: 'adopted' }), other, ['adopted']],
    ['nothing of these', first, { reason: 'its stored rows were changed' }, ['repeat']],
  ])('%s', (_, before, after, kinds) => {
    const causes = causesOf(before, manifest({ version: 2, ...after }));
    expect(causes.map(({ kind }) => kind)).toEqual(kinds);
  });

  test('raw rows are told by table and game, where both manifests say what they were built from', () => {
    const inputs = (of: Readonly<Record<string, readonly [string, string]>>): Partial<ManifestRow> => ({
      inputs: JSON.stringify(
        Object.fromEntries(Object.entries(of).map(([game, [teams, players]]) => [game, { teams, players }])),
      ),
    });
    const before = manifest(inputs({ g1: ['a', 'b'], g2: ['a', 'b'], g3: ['a', 'b'], g4: ['a', 'b'] }));
    const details = (fields: Partial<ManifestRow>) =>
      causesOf(before, manifest({ ...other, ...fields })).map(({ kind, detail }) => `${kind}: ${detail}`);
    expect(details(inputs({ g1: ['a', 'c'], g2: ['a', 'b'], g3: ['x', 'b'], g4: ['a', 'b'] }))).toEqual([
      'input: rows of players changed, of g1',
      'input: rows of teams changed, of g3',
    ]);
    expect(details(inputs({ g1: ['x', 'b'], g2: ['x', 'b'], g3: ['x', 'b'], g4: ['x', 'b'] }))).toEqual([
      'input: rows of teams changed, of g1, g2, g3 and 1 more',
    ]);
    expect(details(inputs({ g2: ['a', 'b'], g3: ['a', 'b'], g4: ['a', 'b'], g5: ['a', 'b'] }))).toEqual([
      'input: game g5 is built since',
      'input: game g1 is not built any more',
    ]);
    // What a version says of its missing games is told once.
    const held = '[{"game_id":"g1","status":"held","table":null,"detail":"d"}]';
    expect(
      details({ ...inputs({ g2: ['a', 'b'], g3: ['a', 'b'], g4: ['a', 'b'] }), missing_games: held }),
    ).toEqual(['input: game g1 is missing or contradicted since']);
    expect(details({ inputs: null })).toEqual([expect.stringMatching(/^input: the raw rows changed/)]);
  });

  test('raw rows may hide behind a formula or an upstream, and nowhere else', () => {
    const hides = (fields: Partial<ManifestRow>, before = first) =>
      mayHideInput(causesOf(before, manifest(fields)), [before, manifest(fields)]);
    expect([hides({ processor_version: '2' }), hides(upstream(1)), hides(other), hides({})]).toEqual([
      ...[true, true, false, false],
    ]);
    // Where both say what they were built from, nothing hides.
    expect(hides({ ...upstream(1), inputs: '{}' }, manifest({ inputs: '{}' }))).toBe(false);
  });

  test('of several steps each cause is told once', () => {
    const steps = [
      manifest({ version: 2, fingerprint: 'f-two' }),
      manifest({ version: 3, fingerprint: 'f-two', reason: 'forced by ana: a' }),
      manifest({ version: 4, fingerprint: 'f-two', reason: 'forced by ana: a' }),
    ];
    expect(causesOfSteps(first, steps).map(({ kind }) => kind)).toEqual(['input', 'person']);
  });
});

test('the version that was live at an instant is the newest that was published by then', () => {
  const manifests = [3, 1, 2].map((version) =>
    manifest({ version, published_at: `2025-01-16T0${version}:00:00.000Z` }),
  );
  const at = (instant: string) => liveAt(manifests, instant)?.version ?? null;
  expect(at('2025-01-16T00:59:59.999Z')).toBeNull();
  expect(at('2025-01-16T02:00:00.000Z')).toBe(2);
  expect(at('2025-01-16T03:59:00+01:00')).toBe(2);
  expect(at('2030-01-01T00:00:00Z')).toBe(3);
});

test('rows are kept, altered, pruned or gone', () => {
  const rows = [row('a', { points: 1 })];
  const published = manifest({ content_hash: contentHash(table, rows) });
  const pruned = rowOf('pruned_version', {});
  expect(keptOf(published, { rows, pruned: null })).toBe('kept');
  expect(keptOf(published, { rows: [row('a', { points: 2 })], pruned: null })).toBe('altered');
  expect(keptOf(published, { rows: [], pruned: null })).toBe('gone');
  expect(keptOf(published, { rows: [], pruned })).toBe('pruned');
  const empty = manifest({ content_hash: contentHash(table, []) });
  expect(keptOf(empty, { rows: [], pruned: null })).toBe('kept');
});

test('dates of a range that have no version are told as ranges', () => {
  expect(gapsOf('2025-01-01', '2025-01-09', ['2025-01-02', '2025-01-03', '2025-01-05'])).toEqual([
    ...['2025-01-01', '2025-01-04', '2025-01-06 to 2025-01-09'],
  ]);
  expect(gapsOf('2025-01-01', '2025-01-01', ['2025-01-01'])).toEqual([]);
  expect(gapsOf('2025-01-01', '9999-12-31', [])).toEqual(['2025-01-01 to 9999-12-31']);
});
