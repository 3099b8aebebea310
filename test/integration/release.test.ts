/** Games that break a blocking rule and that a person decides about: by real Temporal, on DuckDB. */
import { verifyChain } from '../../src/audit/chain';
import type { SeenRule } from '../../src/contracts/game-decisions';
import { policyNow, defaultPolicySettings } from '../../src/contracts/policy';
import { foreseeDate } from '../../src/control/foresee';
import { judgeGames } from '../../src/gate/judge-games';
import { readSnapshot } from '../../src/gate/read-snapshot';
import { processorOf, processors } from '../../src/plan/registry';
import type { Row } from '../../src/tables/define-table';
import type { ManifestRow } from '../../src/tables/orchestration';
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
      [
        ...new Set(
          (rows[table] as readonly Row[])
            .filter((row) => row['game_id'] === gameId)
            .map((row) => row['bypass_id']),
        ),
      ],
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
  expect(answer.summary).toMatch(new RegExp(`with ${game}, released by ${by} until .* \\(r-1\\)`));
  // Its rows in every table, and no others.
  expect(await marked(gameDate, game)).toEqual(Object.fromEntries(tables.map((table) => [table, ['r-1']])));
  expect(await marked(gameDate, `${gameDate.replaceAll('-', '')}_UTA_LAC`)).toEqual(
    Object.fromEntries(tables.map((table) => [table, [null]])),
  );
  for (const manifest of await live(gameDate)) {
    expect(JSON.parse(manifest.bypass ?? 'null')).toEqual({ kind: 'inherited', inherited: ['r-1'] });
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
