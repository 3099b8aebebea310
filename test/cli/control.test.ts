/** What the commands that decide about a date take, what they refuse before anything is connected to, and what they print. */
import { Command } from 'commander';
import { chainEntry, headOf, spellHead } from '../../src/audit/chain';
import { addAudit } from '../../src/cli/commands/audit';
import {
  requireBypass,
  requireDecision,
  requireExtension,
  requireRerun,
  type Asker,
  type BypassOptions,
} from '../../src/cli/commands/control';
import { requireRestore, type RestoreOptions } from '../../src/cli/commands/restore';
import { renderAudit, renderDecided, renderVerification } from '../../src/cli/render';
import type { Context, ExitCode } from '../../src/cli/context';
import { readConfig } from '../../src/config/config';
import type { ControlClient } from '../../src/control/client';
import type { Stack } from '../../src/stack/stack';
import type { TableName } from '../../src/tables/catalogue';
import type { Row } from '../../src/tables/define-table';
import type { AuditRow } from '../../src/tables/orchestration';
import { gameDate, offense, player } from '../support/fixtures';
import { rowOf } from '../warehouse/rows';

const reason = 'the league sends no team rows tonight';
const asker: Asker = {
  config: readConfig({ USER: 'ana', PHASE3_HOME: '/tmp/nobody' }),
  now: () => new Date('2025-01-16T17:00:00Z'),
};
const nobody: Asker = { ...asker, config: { ...asker.config, user: 'system' } };

describe('a decision', () => {
  it('is the local user’s unless another is named, and is kept without the spaces around it', () => {
    expect(requireDecision(asker, gameDate, { reason: ` ${reason} ` })).toEqual({
      ...{ gameDate, reason, by: 'ana' },
    });
    expect(requireDecision(asker, gameDate, { reason, by: ' Jo Li ' }).by).toBe('Jo Li');
  });

  it.each<[string, { reason: string; by?: string }, string]>([
    ['2025-1-15', { reason }, 'DATE is "2025-1-15"'],
    ['2025-01-17', { reason }, 'DATE is 2025-01-17, which is in the future'],
    [gameDate, { reason: ' ' }, '--reason is " ", expected a text that says why'],
    [gameDate, { reason: 'aaaaaaaaaaaaaaaa' }, '--reason is "aaaaaaaaaaaaaaaa"'],
    [gameDate, { reason, by: '' }, '--by is "", expected the name of the person who decides'],
    [gameDate, { reason, by: 'Policy' }, '--by is "Policy"'],
  ])('%s %j is refused', (date, options, sentence) => {
    expect(() => requireDecision(asker, date, options)).toThrow(sentence);
  });

  it('is nobody’s where the local user is not a person', () => {
    expect(() => requireDecision(nobody, gameDate, { reason })).toThrow('--by is "system"');
  });
});

describe('a bypass', () => {
  const take = (options: Partial<BypassOptions>) =>
    requireBypass(asker, gameDate, { processor: player, reason, ...options });

  it('waives everything that is missing unless tables are named, with or without their dataset, each once', () => {
    expect(take({})).toEqual({ gameDate, reason, by: 'ana', processor: player });
    expect(
      take({ missing: 'nba_analytics.team_offense_game_summary, team_offense_game_summary,nbac_schedule' })
        .missing,
    ).toEqual(['team_offense_game_summary', 'nbac_schedule']);
  });

  it.each<[Partial<BypassOptions>, string]>([
    [{ processor: 'PlayerGameSumaryProcessor' }, 'Did you mean PlayerGameSummaryProcessor?'],
    [{ missing: 'team_offence_game_summary' }, 'Did you mean team_offense_game_summary?'],
    [
      { missing: 'bypass_audit' },
      '--missing is "bypass_audit", expected one of nbac_gamebook_player_stats, nbac_schedule',
    ],
    [{ missing: 'nba_raw.player_game_summary' }, '--missing is "nba_raw.player_game_summary"'],
  ])('%j is refused', (options, sentence) => {
    expect(() => take(options)).toThrow(sentence);
  });
});

describe('a longer deadline', () => {
  it('is for a duration; who and why may be left out', () => {
    expect(requireExtension(asker, gameDate, { for: '30m' })).toEqual({
      ...{ gameDate, byMs: 1_800_000, by: 'ana', reason: 'no reason was given' },
    });
    expect(requireExtension(asker, gameDate, { for: '1d', by: 'Jo', reason })).toMatchObject({
      ...{ byMs: 86_400_000, by: 'Jo', reason },
    });
    expect(requireExtension(asker, gameDate, { for: '60s' }).byMs).toBe(60_000);
  });

  it.each([
    [{ for: '30' }, '--for is "30", expected a duration from a minute to a day'],
    [{ for: '59s' }, '--for is "59s"'],
    [{ for: '25h' }, '--for is "25h"'],
    [{ for: '30m', by: ' ' }, '--by is " ", expected the name of the person'],
    [{ for: '30m', reason: 'late' }, '--reason is "late", expected a text that says why'],
  ])('%j is refused', (options, sentence) => {
    expect(() => requireExtension(asker, gameDate, options)).toThrow(sentence);
  });
});

describe('a rerun', () => {
  it('names processors or none, each once', () => {
    expect(requireRerun(asker, gameDate, { reason })).toEqual({ gameDate, reason, by: 'ana' });
    expect(
      requireRerun(asker, gameDate, { reason, processors: `${offense}, ${offense}` }).processors,
    ).toEqual([offense]);
  });

  it.each([
    [{ reason, processors: 'Nobody' }, '--processors is "Nobody", expected one of'],
    [{ reason, processors: '' }, 'is "", expected one of'],
    [{ reason: 'again', processors: offense }, '--reason is "again"'],
  ])('%j is refused', (options, sentence) => {
    expect(() => requireRerun(asker, gameDate, options)).toThrow(sentence);
  });
});

describe('a restore', () => {
  const of = (dates: string, options: Partial<RestoreOptions>) => () =>
    requireRestore(asker, dates, { reason, ...options });
  const before = '2025-01-16T08:00:00Z';

  it('names one processor and the number of a version, or an instant for one date or several', () => {
    const by = { reason, by: 'ana' };
    expect(of(gameDate, { processor: offense, to: '12' })()).toEqual({
      ...{ ...by, from: gameDate, to: gameDate, wanted: { processor: offense, version: 12 } },
    });
    expect(of(`2025-01-01..${gameDate}`, { before })()).toEqual({
      ...{ ...by, from: '2025-01-01', to: gameDate, wanted: { before: '2025-01-16T08:00:00.000Z' } },
    });
  });

  it.each(['', '0', '1.5', '1e3', '9'.repeat(40)])('to %j is refused', (to) => {
    expect(of(gameDate, { processor: offense, to })).toThrow(
      `--to is "${to}", expected the number of a kept version, such as 1.`,
    );
  });

  it.each<[string, Partial<RestoreOptions>, string]>([
    [gameDate, {}, '--processor is missing; a restore needs --processor and --to, or --before.'],
    [gameDate, { processor: offense }, '--to is missing; a restore needs --processor and --to, or --before.'],
    [gameDate, { processor: offense, before }, '--processor is not allowed beside --before'],
    [gameDate, { before: 'yesterday' }, '--before is "yesterday", expected an instant with its time zone'],
    [`2025-01-01..${gameDate}`, { processor: offense, to: '1' }, '--before restores a range'],
    [`${gameDate}..2025-01-01`, { before }, 'The earlier date comes first'],
    ['2025-01-01..', { before }, 'DATE is ""'],
  ])('of %s with %j is refused', (dates, options, sentence) => {
    expect(of(dates, options)).toThrow(sentence);
  });
});

describe('what is printed', () => {
  const row: AuditRow = rowOf('bypass_audit', {
    ...{ game_date: gameDate, seq: 2, decided_at: '2025-01-16T08:00:00.000Z', kind: 'bypass' },
    ...{ decided_by: 'ana', reason, processor: player, waived: '["nbac_schedule","nbac_team_boxscore"]' },
  });
  const head = { seq: 2, hash: 'f'.repeat(64) };

  it('a decision: the sentence, and its place in the audit', () => {
    expect(renderDecided(gameDate, { summary: 'It may run.', entry: head })).toEqual([
      ...['It may run.', `Recorded as entry 2 in the audit log of ${gameDate}`],
    ]);
  });

  it('an entry: number, instant, kind, who, processor, what is waived, and why', () => {
    expect(renderAudit(gameDate, [row])).toEqual([
      `${gameDate}  #2  2025-01-16T08:00:00.000Z  bypass             by ana  ${player}  without nbac_schedule, nbac_team_boxscore`,
      `    ${reason}`,
    ]);
    expect(renderAudit(gameDate, [{ ...row, processor: null, waived: '[]' }])[0]).toBe(
      `${gameDate}  #2  2025-01-16T08:00:00.000Z  bypass             by ana`,
    );
  });

  it('a restore says which version came back, and an entry that was tampered with that nobody knows', () => {
    const restore = { ...row, kind: 'restore', waived: '[]', evidence: '{"version":7}' };
    expect(renderAudit(gameDate, [restore])[0]).toMatch(/restore +by ana  \S+  version 7$/);
    expect(renderAudit(gameDate, [{ ...restore, evidence: '{' }])[0]).toMatch(/version \?$/);
    const before = '{"before":"2025-01-16T08:00:00.000Z"}';
    expect(renderAudit(gameDate, [{ ...restore, evidence: before }])[0]).toMatch(
      /before 2025-01-16T08:00:00.000Z$/,
    );
  });

  it('an entry stays two lines, whatever is written in it', () => {
    const lines = renderAudit(null, [
      { ...row, reason: 'late\n2025-01-15  #3  by nobody\u001b[2J', waived: '{' },
    ]);
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  });

  it('nothing on record', () => {
    expect(renderAudit(gameDate, [])).toEqual([`${gameDate}: no entries in the audit log`]);
    expect(renderAudit(null, [])).toEqual(['The audit log is empty.']);
  });

  it('the audit is whole, or not: the first fault first, and how many dates have one', () => {
    const found = { dates: 3, entries: 9, witnesses: 4, openRunsAsked: true };
    expect(renderVerification({ ...found, faults: [] })).toEqual([
      'The audit log was not altered: 9 entries of 3 dates, compared with 4 hashes kept elsewhere',
    ]);
    const faults = [
      {
        gameDate,
        seq: 2,
        kind: 'altered' as const,
        detail: 'entry 2 was altered: its hash does not match its content',
      },
      { gameDate: '2025-01-16', seq: 3, kind: 'missing' as const, detail: 'entry 3 is missing' },
    ];
    expect(renderVerification({ ...found, faults })).toEqual([
      `The audit log was altered. First at ${gameDate}, entry 2 (altered): entry 2 was altered: its hash does not match its content`,
      '  2025-01-16, entry 3 (missing): entry 3 is missing',
      '2 of 3 dates are affected; 9 entries of 3 dates, compared with 4 hashes kept elsewhere',
    ]);
  });
});

describe('the audit, of a worker without a Temporal server', () => {
  const entries = chainOf(3);

  /** Runs `phase3 audit …` against these tables. `onRead` is told when a table has been read. */
  async function audit(
    tables: Partial<Record<TableName, Row[]>>,
    args: readonly string[],
    onRead: (table: TableName) => void = () => undefined,
  ) {
    const control: Pick<ControlClient, 'health' | 'dateRange' | 'export' | 'builds'> = {
      health: () => Promise.resolve(null),
      builds: () => Promise.resolve([]),
      dateRange: () => Promise.resolve({ from: gameDate, to: gameDate }),
      async *export(table) {
        yield* [...(tables[table] ?? [])];
        onRead(table);
      },
    };
    const stack = {
      home: { path: '/home/ana' },
      ...{ control: () => Promise.resolve(control), temporal: () => Promise.resolve(null) },
    };
    const [stdout, stderr]: [string[], string[]] = [[], []];
    let code: ExitCode = 0;
    const context: Context = {
      ...{ config: asker.config, now: asker.now, demoData: '', stack: stack as unknown as Stack },
      backupTools: { version: '', commit: null, holdWarehouse: () => Promise.reject(new Error('not asked')) },
      changeByHand: () => Promise.reject(new Error('not asked')),
      ...{ print: (line) => stdout.push(line), say: (line) => stderr.push(line) },
    };
    const root = new Command('phase3').exitOverride();
    addAudit(root, context, (given) => (code = given));
    await root.parseAsync(['node', 'phase3', 'audit', ...args]);
    return { code, stdout: stdout.join('\n'), stderr: stderr.join('\n') };
  }

  it('what is written while it is verified is no fault', async () => {
    const [first, second] = entries as [AuditRow, AuditRow];
    const tables: { bypass_audit: Row[]; run_history: Row[] } = { bypass_audit: [first], run_history: [] };
    const read: TableName[] = [];
    const { code, stdout } = await audit(tables, ['verify'], (table) => {
      read.push(table);
      if (read.length > 1) return;
      // A run decides something and ends.
      tables.bypass_audit.push(second);
      tables.run_history.push(
        rowOf('run_history', { game_date: gameDate, audit_head: spellHead(headOf(second)) }),
      );
    });
    expect(read).toHaveLength(3);
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toContain(
      'The audit log was not altered: 2 entries of 1 dates, compared with 1 hashes kept elsewhere',
    );
  });

  it('says that open runs were not asked, and judges by what it has', async () => {
    const head = spellHead(headOf(entries[2]!));
    const manifest = rowOf('partition_manifest', { game_date: gameDate, version: 4, audit_head: head });
    const tables = { bypass_audit: entries.slice(0, 2), partition_manifest: [manifest] };
    const { code, stdout, stderr } = await audit(tables, ['verify', '--json']);
    expect(stderr).toContain('Open runs could not be read: The local stack of /home/ana is not up.');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ...{ whole: false, dates: 1, entries: 2, witnesses: 1, open_runs_asked: false, dates_at_fault: 1 },
      first: expect.objectContaining({ game_date: gameDate, seq: 3, kind: 'cut_tail' }) as unknown,
      faults: [expect.objectContaining({ seq: 3 }) as unknown],
    });
  });

  it('shows an entry whose JSON somebody has broken as it stands', async () => {
    const broken = { ...entries[0]!, waived: 'none', evidence: '{' };
    const { stdout } = await audit({ bypass_audit: [broken] }, [gameDate, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ entries: [{ seq: 1, waived: 'none', evidence: '{' }] });
  });
});

function chainOf(length: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let number = 1; number <= length; number += 1) {
    const last = rows.at(-1);
    const entry = {
      ...{ entryId: `e-${number}`, kind: 'rerun' as const, by: 'ana', reason, processor: null, tables: [] },
      ...{ evidence: {}, at: '2025-01-16T08:00:00.000Z' },
    };
    rows.push(chainEntry(entry, last ? headOf(last) : null, { gameDate, runId: 'run-1', pass: 1 }));
  }
  return rows;
}
