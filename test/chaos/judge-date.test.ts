/** The judge of a date: nothing of one that is as it should be, and each fault by the promise that it breaks. */
import { join } from 'node:path';
import { readSeason, type Row } from '../../scripts/bench/season';
import type { DateEvidence } from '../../scripts/chaos/evidence';
import { nightOn, rawNames } from '../../scripts/chaos/feed';
import {
  judgeDecisions,
  judgeEnd,
  judgeFigures,
  judgeRecords,
  judgeRows,
  judgeVersions,
} from '../../scripts/chaos/judge-date';
import type { Decision } from '../../scripts/chaos/operators';
import { publish, type RawNight } from '../../scripts/verify/publish-night';
import { analyticsTables } from '../../src/tables/catalogue';

const gameDate = '2018-01-03';
const raw = nightOn(readSeason(join(__dirname, '..', '..', 'data', 'demo')), '2017-04-17', gameDate);
const built = publish(raw as RawNight).rows;
const tables = Object.keys(analyticsTables);
const player = 'player_game_summary';
const loaded = rawNames.map((table) => ({ table, rows: raw[table], what: 'whole' }));
const acknowledged = [{ gameDate, requestId: 'r-1' }];
const decisions: Decision[] = [{ reason: 'because', kind: 'rerun', gameDate, told: 'accepted' }];

const good: DateEvidence = {
  ...{ gameDate, raw, isOpen: false, signalled: ['r-1', 'r-2'] },
  live: Object.fromEntries(
    tables.map((table) => [
      table,
      [...built].flatMap(([key, row]) => (key.startsWith(`${table}/`) ? [row as Row] : [])),
    ]),
  ),
  manifests: tables.map((table) => ({ table_name: table, version: 1 })),
  audit: [{ kind: 'rerun', reason: 'because', entry_id: 'd-1' }],
  passes: [
    {
      requests: '[{"request_id":"r-1"},{"request_id":"r-2"}]',
      journal: '[]',
      ended_at: '1',
      state: 'published',
    },
  ],
};

/** The pass of a decision, `r-1`, that says of a request that it could not be recorded. */
function refused(requestId: string): DateEvidence['passes'] {
  const message = `Nothing was done of ${requestId}, because it could not be recorded: no space is left`;
  return [
    {
      requests: '[{"request_id":"r-1","reason":"because"},{"request_id":"r-2"}]',
      journal: JSON.stringify([{ message }]),
      ended_at: '1',
      state: 'failed',
    },
  ];
}

function withPlayers(change: (rows: readonly Row[]) => readonly Row[]): DateEvidence {
  return { ...good, live: { ...good.live, [player]: change(good.live[player] ?? []) } };
}

function judge(evidence: DateEvidence, decided = decisions): string[] {
  const all = [
    ...judgeVersions(evidence),
    ...judgeFigures(evidence),
    ...judgeRows(evidence),
    ...judgeRecords(evidence, loaded, acknowledged),
    ...judgeEnd(evidence),
    ...judgeDecisions(evidence, decided),
  ];
  return [...new Set(all.map(({ promise }) => promise))].sort();
}

test('nothing is found of a date that is as it should be', () => {
  expect(judge(good)).toEqual([]);
});

/** The audit with the same decision under another id. */
const twice = [...good.audit, ...good.audit.map((entry) => ({ ...entry, entry_id: 'd-2' }))];

const first = (change: Row) => (rows: readonly Row[]) =>
  rows.map((row, index) => (index === 0 ? { ...row, ...change } : row));

test.each<[string, DateEvidence, string[]]>([
  ['a row twice', withPlayers((rows) => [...rows, rows[0] ?? {}]), ['one version']],
  ['a version left out', { ...good, manifests: [{ table_name: player, version: 2 }] }, ['one version']],
  ['a row that is gone', withPlayers((rows) => rows.slice(1)), ['no bad row']],
  [
    'a row that nothing makes',
    withPlayers((rows) => [...rows, { ...rows[0], player_lookup: 'x' }]),
    ['no bad row'],
  ],
  ['a figure that is another', withPlayers(first({ steals: 77 })), ['no bad row']],
  ['a usage rate of 1228', withPlayers(first({ usage_rate: 1228 })), ['no bad row']],
  ['a table that is not there', withPlayers(() => []), ['no bad row', 'nothing lost']],
  [
    'a request that no pass has',
    { ...good, passes: [{ requests: '[{"request_id":"r-1"}]', journal: '[]' }] },
    ['nothing lost'],
  ],
  [
    'raw rows that were loaded and are not there',
    { ...good, raw: { ...raw, nbac_schedule: [] } },
    ['no bad row', 'nothing lost'],
  ],
  ['a run that is open', { ...good, isOpen: true }, ['nothing stuck']],
  ['a decision that is not on the audit', { ...good, audit: [] }, ['decisions']],
  [
    'a decision that could not be recorded, and nobody says so of it',
    { ...good, audit: [], passes: refused('r-2') },
    ['decisions'],
  ],
  [
    'a decision that could not be recorded, as its pass says',
    { ...good, audit: [], passes: refused('r-1') },
    [],
  ],
  ['a decision that is there twice', { ...good, audit: twice }, ['decisions']],
])('%s', (_, evidence, promises) => {
  expect(judge(evidence)).toEqual(promises);
});

test('a decision that was refused is not on the audit; one whose asker heard nothing may be there, once', () => {
  const told = (how: Decision['told']): Decision[] => decisions.map((one) => ({ ...one, told: how }));
  expect(judge(good, told('refused'))).toEqual(['decisions']);
  expect(judge({ ...good, audit: [] }, told('refused'))).toEqual([]);
  expect(judge(good, told('needless'))).toEqual(['decisions']);
  expect(judge({ ...good, audit: [] }, told('needless'))).toEqual([]);
  expect(judge(good, told('unknown'))).toEqual([]);
  expect(judge({ ...good, audit: [] }, told('unknown'))).toEqual([]);
  expect(judge({ ...good, audit: twice }, told('unknown'))).toEqual(['decisions']);
});

test('a bypass of a table is one decision, with an entry for each processor that it lets run', () => {
  const bypasses: Decision[] = [{ reason: 'because', kind: 'bypass', gameDate, told: 'accepted' }];
  const entry = (bypassId: string, processor: string): Row => ({
    ...{ kind: 'bypass', reason: 'because', entry_id: `${bypassId}/${processor}` },
    evidence: JSON.stringify({ bypassId }),
  });
  const audit = [entry('b-1', 'offense'), entry('b-1', 'player')];
  expect(judge({ ...good, audit }, bypasses)).toEqual([]);
  expect(judge({ ...good, audit: [...audit, entry('b-2', 'defense')] }, bypasses)).toEqual(['decisions']);
});
