/** Games that break a blocking rule and that a person decides about: by real Temporal, on DuckDB. */
import { verifyChain } from '../../src/audit/chain';
import type { Notification } from '../../src/contracts/notifications';
import type { SeenRule } from '../../src/contracts/game-decisions';
import { policyNow, defaultPolicySettings } from '../../src/contracts/policy';
import { foreseeDate } from '../../src/control/foresee';
import { explainState } from '../../src/explain/explain-date';
import { judgeGames } from '../../src/gate/judge-games';
import { readSnapshot } from '../../src/gate/read-snapshot';
import { processorOf, processors } from '../../src/plan/registry';
import type { Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
import { differenceOf } from '../../src/versions/read-versions';
import type { Warehouse } from '../../src/warehouse/warehouse';
import { demoNight, movedTo, type Night } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const [by, reason] = ['ana@example.org', 'the league has confirmed the box score as it is'];
const tables = ['team_offense_game_summary', 'team_defense_game_summary', 'player_game_summary'] as const;
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

const inAWeek = (): string => new Date(Date.now() + 7 * 86_400_000).toISOString();

/** Turnovers and assists of one team row are not those of its players: two rules are broken, of one game. */
function contradicted(whole: Night, fields: Row): Row[] {
  return whole.nbac_team_boxscore.map((row) => (row['team_abbr'] === 'CLE' ? { ...row, ...fields } : row));
}

async function seen(gameDate: string, gameId: string): Promise<SeenRule[]> {
  const snapshot = await readSnapshot(
    rig.warehouse,
    gameDate,
    processors,
    policyNow(defaultPolicySettings, {}, () => new Date()),
  );
  const found = judgeGames(processorOf('TeamOffenseGameSummaryProcessor'), snapshot);
  const own = found.find(({ verdict }) => verdict.gameId === gameId);
  return (own?.verdict.broken ?? []).map(({ rule, evidence }) => ({ rule, evidence }));
}

async function marked(gameDate: string, gameId: string): Promise<Record<string, unknown[]>> {
  const rows = await rig.warehouse.readDate(gameDate, [...tables]);
  return Object.fromEntries(
    tables.map((table) => [
      table,
      [...new Set(rows[table].filter((row) => row['game_id'] === gameId).map((row) => row['bypass_id']))],
    ]),
  );
}

async function live(gameDate: string): Promise<ManifestRow[]> {
  const { partition_manifest: all } = await rig.warehouse.readDate(gameDate, ['partition_manifest']);
  return tables.flatMap((table) => {
    const own = all.filter((row) => row.table_name === table).sort((a, b) => b.version - a.version);
    return own.slice(0, 1);
  });
}

async function decide(
  gameDate: string,
  given: Partial<Parameters<Rig['client']['decideGame']>[0]> & { game: string; rules: SeenRule[] },
) {
  const accepted = await rig.client.decideGame({
    ...{ gameDate, kind: 'release', by, reason },
    ...(given.kind === 'discard' ? {} : { until: inAWeek() }),
    ...given,
  });
  return { accepted, ...(await rig.answerTo(accepted)) };
}

test('a game that breaks rules goes live by a release, with its mark, and the mark goes when the evidence agrees', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  const bad = contradicted(whole, { assists: 3 });
  await rig.loadNight({ ...whole, nbac_team_boxscore: bad });
  await rig.startWorker();
  const first = await rig.run({ gameDate });
  expect(first.answer.state).toBe('partial');
  const game = `${gameDate.replaceAll('-', '')}_IND_CLE`;
  expect(await marked(gameDate, game)).toEqual(Object.fromEntries(tables.map((table) => [table, []])));

  const rules = await seen(gameDate, game);
  expect(rules.length).toBeGreaterThan(0);
  const { answer, state } = await decide(gameDate, { game, rules, requestId: 'r-1' });
  expect(answer.state).toBe('published');
  expect(explainState(state, false).headline).toMatch(
    new RegExp(`with ${game}, released by ${by} until .* \\(r-1\\)`),
  );
  // Its rows in every table, and no others.
  expect(await marked(gameDate, game)).toEqual(Object.fromEntries(tables.map((table) => [table, ['r-1']])));
  expect(await marked(gameDate, `${gameDate.replaceAll('-', '')}_UTA_LAC`)).toEqual(
    Object.fromEntries(tables.map((table) => [table, [null]])),
  );
  for (const manifest of await live(gameDate)) {
    expect(JSON.parse(manifest.bypass ?? 'null')).toEqual({
      ...{ kind: 'inherited', inherited: ['r-1'] },
      decisions: { 'r-1': 'release' },
    });
    expect(JSON.parse(manifest.missing_games)).toMatchObject([{ game_id: game, status: 'released' }]);
    // On record before anything was built by it.
    expect(Number(manifest.audit_head?.split(':')[0])).toBeGreaterThanOrEqual(1);
  }
  for (const result of Object.values(state.results)) expect(result.bypassIds).toEqual(['r-1']);

  // Nothing moves by another run.
  const versions = await rig.versions(gameDate);
  expect((await rig.run({ gameDate })).answer.state).toBe('unchanged');
  expect(await rig.versions(gameDate)).toEqual(versions);

  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  const mended = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(mended.answer.state).toBe('published');
  expect(await marked(gameDate, game)).toEqual(Object.fromEntries(tables.map((table) => [table, [null]])));
  for (const manifest of await live(gameDate)) expect(manifest.bypass).toBeNull();
  await rig.end(mended.accepted);
  const entries = await rig.audit(gameDate);
  expect(entries.map(({ kind, decided_by }) => [kind, decided_by])).toEqual([
    ['release', by],
    ['release_cleared', 'system'],
  ]);
  expect(verifyChain(gameDate, entries, [])).toBeNull();

  // The same contradiction again is not released any more: that decision is over.
  await rig.load('nbac_team_boxscore', bad);
  expect((await rig.run({ gameDate, source: 'nbac_team_boxscore' })).answer.state).toBe('disputed');
});

/** The warehouse to read from: who writes to it fails. */
function readOnly(warehouse: Warehouse): Warehouse {
  const reads = ['readDate', 'countRows', 'arrivals', 'readKept', 'exportRows', 'dateRange'];
  return new Proxy(warehouse, {
    get(target, name, receiver): unknown {
      const own: unknown = Reflect.get(target, name, receiver);
      if (typeof own !== 'function') return own;
      if (!reads.includes(String(name))) throw new Error(`a dry run calls ${String(name)}`);
      return own.bind(target) as unknown;
    },
  });
}

test('a dry run writes nothing, and foresees what a release then publishes', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.loadNight(whole);
  await rig.startWorker();
  await rig.run({ gameDate });
  const game = `${gameDate.replaceAll('-', '')}_IND_CLE`;
  await rig.load('nbac_team_boxscore', contradicted(whole, { turnovers: 25 }));
  expect((await rig.run({ gameDate, source: 'nbac_team_boxscore' })).answer.state).toBe('disputed');
  const rules = await seen(gameDate, game);
  const before = await rig.versions(gameDate);
  const release = { kind: 'release' as const, game, rules, by, reason, until: inAWeek() };

  const foreseen = await foreseeDate(
    readOnly(rig.warehouse),
    { game_date: gameDate, decision: release, overrides: {}, past_deadline: false },
    defaultPolicySettings,
  );
  expect(foreseen.map(({ table, outcome }) => [table, outcome])).toEqual(
    tables.map((table) => [table, 'published']),
  );
  expect(foreseen[0]?.downstream).toMatchObject([{ table: 'player_game_summary', outcome: 'published' }]);
  expect(foreseen[0]?.difference?.moved.map(({ column }) => column)).toContain('turnovers');

  const { answer, state } = await decide(gameDate, { game, rules });
  expect(answer.state).toBe('published');
  for (const { table, processor, liveVersion, version, rows, difference, missingGames } of foreseen) {
    expect(liveVersion).toBe(before[table]);
    expect(state.results[processor]).toMatchObject({ version, rowCount: rows });
    expect(missingGames.map(({ status }) => status)).toEqual(['released']);
    const real = await differenceOf(rig.warehouse, table, gameDate, liveVersion ?? 0, version ?? 0);
    const { before: _, after: __, causes: ___, ...figures } = real;
    expect(difference).toMatchObject(figures);
  }
});

test('a release that has expired holds the game again, keeps its live rows and tells people', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.loadNight({ ...whole, nbac_team_boxscore: contradicted(whole, { assists: 3 }) });
  const told: Notification[] = [];
  await rig.startWorker({
    notify: (notification) => {
      told.push(notification);
      return Promise.resolve();
    },
  });
  await rig.run({ gameDate });
  const game = `${gameDate.replaceAll('-', '')}_IND_CLE`;
  const until = inAWeek();
  const rules = await seen(gameDate, game);
  expect((await decide(gameDate, { game, rules, requestId: 'r-2', until })).answer.state).toBe('published');
  const good = await rig.publishedNight(gameDate);

  const later = new Date(Date.parse(until) + 1_000).toISOString();
  const { accepted, answer, state } = await rig.run({ gameDate, overrides: { now: later } });
  expect(answer.state).toBe('disputed');
  expect(explainState(state, true).headline).toContain(`the release by ${by} (r-2) expired at ${until}`);
  expect(await rig.publishedNight(gameDate)).toEqual(good);
  // What stands on the release says so still.
  expect(await marked(gameDate, game)).toEqual(Object.fromEntries(tables.map((table) => [table, ['r-2']])));
  await rig.end(accepted);
  expect((await rig.audit(gameDate)).map(({ kind }) => kind)).toEqual(['release', 'release_expired']);
  expect(told.map(({ kind, state: of }) => [kind, of])).toContainEqual(['trouble', 'disputed']);
  // Once more changes nothing, and the audit says it once.
  const versions = await rig.versions(gameDate);
  await rig.run({ gameDate, overrides: { now: later } });
  expect(await rig.versions(gameDate)).toEqual(versions);
  expect(await rig.audit(gameDate)).toHaveLength(2);
});

test('a release is for the rules and the evidence that were seen: another rule, or other figures, hold the game', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  const both = { assists: 3, turnovers: 25 };
  await rig.loadNight({ ...whole, nbac_team_boxscore: contradicted(whole, both) });
  await rig.startWorker();
  await rig.run({ gameDate });
  const game = `${gameDate.replaceAll('-', '')}_IND_CLE`;
  const all = await seen(gameDate, game);
  expect(all.length).toBeGreaterThan(1);
  const some = all.slice(0, 1);
  const part = await decide(gameDate, { game, rules: some });
  expect(part.answer.state).toBe('partial');
  expect(explainState(part.state, false).headline).toContain(
    `is not about ${all
      .slice(1)
      .map(({ rule }) => rule)
      .join(', ')}`,
  );
  expect(await marked(gameDate, game)).toEqual(Object.fromEntries(tables.map((table) => [table, []])));
  expect((await decide(gameDate, { game, rules: all })).answer.state).toBe('published');

  // Other figures under the same rules: nobody has seen those.
  await rig.load('nbac_team_boxscore', contradicted(whole, { ...both, assists: 4 }));
  const moved = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(moved.answer.state).toBe('disputed');
  expect(explainState(moved.state, true).headline).toContain('was made on other evidence');
});

test('a discard settles a date without its game, until the evidence is another', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.loadNight({ ...whole, nbac_team_boxscore: contradicted(whole, { assists: 3 }) });
  await rig.startWorker();
  await rig.run({ gameDate });
  const game = `${gameDate.replaceAll('-', '')}_IND_CLE`;
  const rules = await seen(gameDate, game);
  const versions = await rig.versions(gameDate);
  const { answer, state } = await decide(gameDate, { kind: 'discard', game, rules, requestId: 'd-1' });
  expect(answer.state).toBe('unchanged');
  expect(explainState(state, false).headline).toContain(
    `without ${game}, discarded by ${by}: ${reason} (d-1)`,
  );
  expect(await rig.versions(gameDate)).toEqual(versions);
  await rig.load('nbac_team_boxscore', contradicted(whole, { assists: 4 }));
  expect((await rig.run({ gameDate, source: 'nbac_team_boxscore' })).answer.state).toBe('partial');

  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  const mended = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(mended.answer.state).toBe('published');
  expect(await marked(gameDate, game)).toEqual(Object.fromEntries(tables.map((table) => [table, [null]])));
  await rig.end(mended.accepted);
  expect((await rig.audit(gameDate)).map(({ kind }) => kind)).toEqual(['discard', 'discard_cleared']);
});

test('a game that is disputed and discarded keeps its live rows, and nobody is asked about it any more', async () => {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  await rig.loadNight(whole);
  await rig.startWorker();
  await rig.run({ gameDate });
  const good = await rig.publishedNight(gameDate);
  await rig.load('nbac_team_boxscore', contradicted(whole, { assists: 3 }));
  expect((await rig.run({ gameDate, source: 'nbac_team_boxscore' })).answer.state).toBe('disputed');
  const game = `${gameDate.replaceAll('-', '')}_IND_CLE`;
  const { answer, accepted } = await decide(gameDate, {
    ...{ kind: 'discard', game, rules: await seen(gameDate, game) },
  });
  expect(answer.state).toBe('unchanged');
  expect(await rig.publishedNight(gameDate)).toEqual(good);
  await rig.end(accepted);
});

test('without who, why or until when nothing is released, and nothing is on record', async () => {
  const gameDate = rig.nextDate();
  const game = `${gameDate.replaceAll('-', '')}_IND_CLE`;
  const whole = {
    gameDate,
    kind: 'release',
    game,
    rules: [{ rule: 'r', evidence: 'e' }],
    by,
    reason,
  } as const;
  const ask = (given: object): Promise<unknown> => rig.client.decideGame({ ...whole, ...given });
  await expect(ask({})).rejects.toThrow(/--until is ""/);
  await expect(ask({ until: '2017-01-01T00:00:00Z' })).rejects.toThrow(/--until .* which is over/);
  await expect(ask({ until: inAWeek(), reason: 'no' })).rejects.toThrow(/--reason/);
  await expect(ask({ until: inAWeek(), by: 'system' })).rejects.toThrow(/--by/);
  expect(await rig.client.state(gameDate)).toBeNull();
  // One that comes past the client is refused where it comes in.
  const [message] = [rig.client.messageOf({ gameDate }).message];
  await rig.startWorker();
  const bare = { ...message, kind: 'release' as const, by, reason, game };
  await rig.client.sendTogether(gameDate, [bare]);
  const { answers } = await rig.until(gameDate, (state) => state.answers.length > 0);
  expect(answers[0]).toMatchObject({ state: 'failed', summary: expect.stringMatching(/rules is missing/) });
  expect(await rig.audit(gameDate)).toEqual([]);
});
