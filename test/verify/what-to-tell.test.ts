/** What the sentinel says, given what it finds, what it found before and what it told: each trouble once, and its end once. */
import { newsOf } from '../../src/verify/sentinel/news';
import { standingOf, type Standing } from '../../src/verify/sentinel/standing';
import { toldOf, type ToldOfDate } from '../../src/verify/sentinel/told';
import { printOf, type Trouble } from '../../src/verify/sentinel/troubles';
import { whatToTell, type Conclusion, type Seen } from '../../src/verify/sentinel/what-to-tell';
import type { AuditRow, ManifestRow, RunHistoryRow } from '../../src/tables/orchestration';
import { offense, player } from '../support/fixtures';

const gameDate = '2025-01-15';
const at = '2025-01-16T12:00:00.000Z';
const later = (minutes: number): Date => new Date(Date.parse(at) + 60_000 * minutes);

const altered: Trouble = {
  ...{ table: 'player_game_summary', processor: player, finding: 'altered', version: 2, moved: [] },
  ...{ reason: 'its stored rows were changed', rows: 20, publishedRows: 20 },
  changes: {
    altered: [
      { key: { player_lookup: 'a' }, columns: [{ column: 'points', published: 32, live: 99 }] },
      { key: { player_lookup: 'b' }, columns: [{ column: 'points', published: 1, live: 2 }] },
    ],
    ...{ missing: [{ player_lookup: 'c' }], foreign: [] },
  },
};
const otherwise: Trouble = {
  ...altered,
  changes: { altered: [], missing: [], foreign: [{ player_lookup: 'd' }] },
};
const stale: Trouble = {
  ...{ table: 'team_offense_game_summary', processor: offense, finding: 'stale', version: 3, changes: null },
  ...{ reason: 'its inputs changed', rows: 10, publishedRows: 10 },
  moved: [{ gameId: 'g', table: 'nbac_team_boxscore', detail: 'its rows changed', rows: null }],
};
const unrecorded: Trouble = { ...stale, finding: 'unrecorded', version: null, moved: [] };
const quiet: Standing = {
  ...{ state: 'published', isInTrouble: false, staleBy: null, noRepair: null, answered: new Set<string>() },
};
const untold: ToldOfDate = { told: null, newestEntry: null };

function look(troubles: readonly Trouble[], changes: Partial<Seen> = {}): Conclusion {
  return whatToTell({
    ...{ gameDate, troubles, isOpen: false, suspected: null, standing: quiet, policy: 'report' },
    ...{ ...untold, now: later(0), ...changes },
  });
}

/** As the audit has it after something was told. */
function after({ tell }: Conclusion, minutes = 0): ToldOfDate {
  if (!tell) throw new Error('nothing was told');
  const origin = { gameDate, standing: quiet, workflowId: 'w', runId: 'r', at: later(minutes).toISOString() };
  const { entry } = newsOf(tell, origin);
  const row = { seq: 1, kind: entry.kind, entry_id: entry.entryId, decided_at: entry.at };
  return toldOf([{ ...row, evidence: JSON.stringify(entry.evidence) } as AuditRow]);
}

const kindOf = ({ tell }: Conclusion): unknown =>
  tell?.kind === 'not_as_published'
    ? { notifies: tell.notifies, repairs: tell.repairs, hasFailed: tell.told.repairFailed }
    : (tell?.kind ?? null);
const said = { notifies: true, repairs: false, hasFailed: false };
const seenTwice = (troubles: readonly Trouble[]): Partial<Seen> => ({ suspected: printOf(troubles) });

describe('nothing was told', () => {
  it('says nothing where nothing is wrong', () => {
    expect(look([])).toEqual({ tell: null, suspicion: null });
  });

  it.each([
    ['rows that were touched', altered],
    ['rows without a manifest', unrecorded],
  ])('tells %s at once', (_what, trouble) => {
    expect(kindOf(look([trouble]))).toEqual(said);
  });

  it('tells what is stale when two sweeps find it; what moved besides makes no difference', () => {
    const first = look([stale]);
    expect(first).toEqual({ tell: null, suspicion: printOf([stale]) });
    const more = { ...stale, moved: [...stale.moved, ...stale.moved] };
    expect(kindOf(look([more], { suspected: first.suspicion }))).toEqual(said);
    expect(kindOf(look([{ ...stale, version: 4 }], { suspected: first.suspicion }))).toBeNull();
  });

  it('leaves an open run to itself: what is stale always, what is altered until two sweeps agree', () => {
    expect(kindOf(look([stale], { isOpen: true, ...seenTwice([stale]) }))).toBeNull();
    expect(kindOf(look([altered], { isOpen: true }))).toBeNull();
    expect(kindOf(look([altered], { isOpen: true, ...seenTwice([otherwise]) }))).toBeNull();
    expect(kindOf(look([altered], { isOpen: true, ...seenTwice([altered]) }))).toEqual(said);
  });

  it('says nothing of a stale version whose date needs a person already, or is so by a decision', () => {
    const inTrouble = { ...quiet, isInTrouble: true };
    const decided = { ...quiet, staleBy: 'the date was cancelled by a person' };
    for (const standing of [inTrouble, decided])
      expect(kindOf(look([stale], { standing, ...seenTwice([stale]) }))).toBeNull();
    for (const standing of [inTrouble, decided])
      expect(kindOf(look([stale, altered], { standing }))).toEqual(said);
  });
});

describe('the trouble was told', () => {
  const found = after(look([altered]));

  it('is silent about it, also when the order of the record changes nothing', () => {
    expect(kindOf(look([altered], found))).toBeNull();
    expect(kindOf(look([altered], { ...found, ...seenTwice([altered]), now: later(600) }))).toBeNull();
  });

  it('puts another alteration on record, and notifies only of a finding of another table', () => {
    expect(kindOf(look([otherwise], found))).toEqual({ ...said, notifies: false });
    const both = [altered, stale];
    expect(kindOf(look(both, { ...found, ...seenTwice(both) }))).toEqual(said);
  });

  it('tells its end once, with since when; while a run is at it nothing is over', () => {
    const over = look([], found);
    expect(over.tell).toMatchObject({ kind: 'as_published_again', since: at, but: null });
    expect(kindOf(look([], after(over)))).toBeNull();
    expect(kindOf(look([stale], { ...found, isOpen: true }))).toBeNull();
    // Not yet told, and not as published all the same.
    expect(kindOf(look([stale], found))).toBeNull();
  });

  it('is over where only a decision of a person is left', () => {
    const standing = { ...quiet, staleBy: 'the date was cancelled by a person' };
    expect(look([stale], { ...found, standing }).tell).toMatchObject({
      ...{ kind: 'as_published_again', but: 'the date was cancelled by a person' },
    });
  });

  it('tells the same again after it was over, under another id', () => {
    const over = after(look([], found));
    const again = look([altered], over);
    expect(kindOf(again)).toEqual(said);
    expect(again.tell?.entryId).not.toBe(look([altered]).tell?.entryId);
    // Every attempt to tell the same has one id.
    expect(look([altered], { ...over, now: later(1) }).tell?.entryId).toBe(again.tell?.entryId);
  });

  it('tells again what an altered record hides', () => {
    const row = { seq: 1, kind: 'not_as_published', entry_id: 'x', decided_at: at, evidence: '{"print": 1}' };
    expect(kindOf(look([altered], toldOf([row as AuditRow])))).toEqual(said);
  });
});

describe('repair', () => {
  const policy = 'repair';
  const first = look([altered, unrecorded], { policy });
  const asked = after(first);
  const repair = asked.told?.repair ?? '';
  const answered = { ...quiet, answered: new Set([repair]) };

  it('asks once, for what can be built again, with the reason, under an id of the entry', () => {
    expect(kindOf(first)).toEqual({ ...said, repairs: true });
    const origin = { gameDate, standing: quiet, workflowId: 'w', runId: 'r', at };
    const { repair: message, entry, notification } = newsOf(first.tell!, origin);
    expect(message).toEqual({
      ...{ requestId: `${entry.entryId}/rerun`, kind: 'rerun', by: 'sentinel', processors: [player] },
      source: expect.any(String),
      reason:
        'player_game_summary version 2 is altered: its stored rows were changed (a: points is 99, published 32; b: points is 2, published 1; c is gone)',
    });
    expect(notification?.summary).toMatch(/^2025-01-15: it is run again; player_game_summary version 2/);
  });

  it('is not asked for rows without a manifest, or where a person decided', () => {
    expect(kindOf(look([unrecorded], { policy }))).toEqual(said);
    const standing = { ...quiet, noRepair: 'the date was cancelled by a person' };
    expect(kindOf(look([altered], { policy, standing }))).toEqual(said);
  });

  it('is waited for, whatever is found meanwhile', () => {
    expect(kindOf(look([altered], { policy, ...asked, now: later(59) }))).toBeNull();
    expect(kindOf(look([otherwise], { policy, ...asked, now: later(59) }))).toBeNull();
  });

  it.each([
    ['was answered', answered, later(1)],
    ['is lost', quiet, later(61)],
  ])('that %s and has not helped is told, once, and not repeated', (_what, standing, now) => {
    const failed = look([otherwise], { policy, ...asked, standing, now });
    expect(kindOf(failed)).toEqual({ notifies: true, repairs: false, hasFailed: true });
    const told = after(failed, 1);
    expect(kindOf(look([otherwise], { policy, ...told, standing, now }))).toBeNull();
    expect(kindOf(look([altered], { policy, ...told, standing, now }))).toEqual({
      ...{ notifies: false, repairs: false, hasFailed: true },
    });
    expect(look([], { policy, ...told, standing, now }).tell?.kind).toBe('as_published_again');
  });

  it('is asked for what was only reported before the policy changed', () => {
    expect(kindOf(look([altered], { policy, ...after(look([altered])) }))).toEqual({
      ...{ notifies: false, repairs: true, hasFailed: false },
    });
  });
});

describe('the record', () => {
  const manifest = (changes: Partial<ManifestRow>): ManifestRow =>
    ({
      ...{ table_name: 'team_offense_game_summary', processor: offense, version: 2, run_id: 'r', pass: 1 },
      ...{ processor_version: '1.0.0', bypass: null, ...changes },
    }) as ManifestRow;
  const pass = (requests: readonly object[], changes: Partial<RunHistoryRow> = {}): RunHistoryRow =>
    ({
      ...{ run_id: 'r', pass: 1, state: 'published', processors: '{}', ended_at: at },
      ...{ requests: JSON.stringify(requests), ...changes },
    }) as RunHistoryRow;

  it('knows the requests that were answered', () => {
    expect([...standingOf([pass([{ request_id: 'q' }])], [manifest({})]).answered]).toEqual(['q']);
  });

  it('leaves what was adopted to a person, and what was cancelled', () => {
    expect(standingOf([], [manifest({ processor_version: 'adopted' })])).toMatchObject({
      ...{ state: null, staleBy: null, noRepair: expect.stringContaining('was adopted by a person') },
    });
    expect(standingOf([pass([], { state: 'cancelled' })], [manifest({})]).noRepair).toBe(
      'the date was cancelled by a person',
    );
  });
});
