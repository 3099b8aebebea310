/** A team row that never came, and a person who accepts an estimate of what its players cannot give: by real Temporal, on DuckDB. */
import { verifyChain } from '../../src/audit/chain';
import { addDays } from '../../src/contracts/game-date';
import type { TeamEstimate } from '../../src/contracts/game-decisions';
import type { Notification } from '../../src/contracts/notifications';
import { defaultPolicySettings, policyNow } from '../../src/contracts/policy';
import { questionsOf } from '../../src/control/questions';
import { explainFigure } from '../../src/explain-figure/explain-figure';
import { explainState } from '../../src/explain/explain-date';
import type { Row } from '../../src/tables/define-table';
import { demoNight, movedTo, type Night } from '../support/nights';
import { Rig } from '../support/rig';

const night = demoNight('2017-04-15');
const [by, reason] = ['ana@example.org', 'the feed of team rows is down until next week'];
const policy = { firstWaitMs: 300, deadlineMs: 900 };
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

const inAWeek = (): string => new Date(Date.now() + 7 * 86_400_000).toISOString();

/** The night, one team row missing; published past the deadline with the row rebuilt. */
async function reconstructedNight(told: Notification[] = []) {
  const gameDate = rig.nextDate();
  const whole = movedTo(night, gameDate);
  const game = `${gameDate.replaceAll('-', '')}_IND_CLE`;
  await rig.loadNight(withOwnTurnovers(movedTo(night, addDays(gameDate, -1))));
  await rig.loadNight({ ...whole, nbac_team_boxscore: withoutCle(whole) });
  await rig.startWorker({
    policy,
    notify: (notification) => {
      told.push(notification);
      return Promise.resolve();
    },
  });
  const first = await rig.run({ gameDate });
  expect(first.answer.state).toBe('partial');
  return { gameDate, whole, game, state: first.state };
}

/** This feed charges nothing to teams themselves: here each of them has one turnover that no player's line has. */
function withOwnTurnovers(whole: Night): Night {
  const rows = whole.nbac_team_boxscore.map((row) => ({ ...row, turnovers: Number(row['turnovers']) + 1 }));
  return { ...whole, nbac_team_boxscore: rows };
}

const withoutCle = (whole: Night): Row[] =>
  whole.nbac_team_boxscore.filter((row) => row['team_abbr'] !== 'CLE');

async function estimateOf(gameDate: string, game: string): Promise<TeamEstimate> {
  const found = await questionsOf(rig.warehouse, defaultPolicySettings).findEstimate(gameDate, game);
  if (found.kind === 'refused') throw new Error(found.why);
  return found.estimate;
}

async function decide(gameDate: string, game: string, requestId: string, until = inAWeek()) {
  const estimate = await estimateOf(gameDate, game);
  const accepted = await rig.client.decideGame({
    ...{ gameDate, kind: 'estimate', game, by, reason, estimate, until, requestId },
  });
  return { estimate, accepted, ...(await rig.answerTo(accepted)) };
}

async function ofCle(gameDate: string): Promise<Row[]> {
  const { team_offense_game_summary: rows } = await rig.warehouse.readDate(gameDate, [
    'team_offense_game_summary',
  ]);
  return rows.filter((row) => row['team_abbr'] === 'CLE');
}

test('an accepted estimate is on record, computes what was unknown, is named everywhere, and ends with the real row', async () => {
  const told: Notification[] = [];
  const { gameDate, whole, game, state: before } = await reconstructedNight(told);
  expect(explainState(before, false).headline).toContain('are unknown');
  expect(explainState(before, true).acts.join('\n')).toContain(
    `phase3 quarantine estimate ${gameDate} ${game}`,
  );
  expect(await ofCle(gameDate)).toMatchObject([{ turnovers: null, possessions: null, bypass_id: null }]);

  const { estimate, answer, state, accepted } = await decide(gameDate, game, 'e-1');
  expect(estimate).toMatchObject({ teams: ['CLE'], mean: 1, games: 8, to: addDays(gameDate, -1) });
  // The date lacks the row still.
  expect(answer.state).toBe('partial');
  expect(explainState(state, true).headline).toContain(`estimate accepted by ${by} until`);
  expect(explainState(state, true).acts.join('\n')).not.toContain('quarantine estimate');
  const [real] = whole.nbac_team_boxscore.filter((row) => row['team_abbr'] === 'CLE');
  const [own] = await ofCle(gameDate);
  expect(own).toMatchObject({ reconstructed: true, bypass_id: 'e-1' });
  expect(own?.['turnovers']).toBe(Number(real?.['turnovers']) + 1);
  expect(own?.['possessions']).toBeGreaterThan(80);
  const { partition_manifest: manifests } = await rig.warehouse.readDate(gameDate, ['partition_manifest']);
  for (const manifest of manifests.filter(({ version }) => version === 2)) {
    expect(JSON.parse(manifest.bypass ?? 'null')).toEqual({
      ...{ kind: 'inherited', inherited: ['e-1'] },
      decisions: { 'e-1': 'estimate' },
    });
    expect(Number(manifest.audit_head?.split(':')[0])).toBeGreaterThanOrEqual(1);
  }
  expect(manifests.filter(({ version }) => version === 2)).toHaveLength(3);
  expect(told.map(({ kind, summary }) => [kind, summary])).toContainEqual([
    'decided',
    expect.stringContaining(`Estimate for ${game} until`) as string,
  ]);

  await rig.load('nbac_team_boxscore', whole.nbac_team_boxscore);
  const mended = await rig.run({ gameDate, source: 'nbac_team_boxscore' });
  expect(mended.answer.state).toBe('published');
  expect(await ofCle(gameDate)).toMatchObject([
    { reconstructed: false, turnovers: real?.['turnovers'], bypass_id: null },
  ]);
  await rig.end(accepted);
  const entries = await rig.audit(gameDate);
  expect(entries.map(({ kind, decided_by }) => [kind, decided_by])).toEqual([
    ['estimate', by],
    ['estimate_cleared', 'system'],
  ]);
  expect(JSON.parse(entries[0]?.evidence ?? '')).toMatchObject({ game, rules: [], estimate });
  expect(verifyChain(gameDate, entries, [])).toBeNull();
});

test('explain says that usage rests on an estimate, how it was made and by whose decision', async () => {
  const { gameDate, game } = await reconstructedNight();
  await decide(gameDate, game, 'e-2');
  const explain = (table: string, subject: string, column: string) =>
    explainFigure(
      rig.warehouse,
      { gameDate, table, subject, column },
      policyNow(defaultPolicySettings, {}, () => new Date()),
    );
  const usage = await explain('player_game_summary', 'lebronjames', 'usage_rate');
  expect(usage).toMatchObject({ agreement: { agrees: true }, decisions: [{ kind: 'estimate', by }] });
  expect(usage).toMatchObject({
    estimated: [
      expect.stringMatching(/^turnovers of .*CLE.*: those of its players, and 1 of the team itself/),
    ],
  });
  // What rests on nothing estimated does not say so, though it is of the same game.
  expect(await explain('player_game_summary', 'lebronjames', 'points')).toMatchObject({ estimated: [] });
  expect(await explain('player_game_summary', 'paulgeorge', 'usage_rate')).toMatchObject({ estimated: [] });
  // Possessions are the mean over both teams.
  const possessions = await explain('team_offense_game_summary', 'IND', 'possessions');
  expect(possessions).toMatchObject({ estimated: [expect.stringContaining('CLE')] });
});

test('an estimate that has expired leaves the figures unknown again, and the audit says so', async () => {
  const { gameDate, game } = await reconstructedNight();
  const until = inAWeek();
  await decide(gameDate, game, 'e-3', until);
  const later = new Date(Date.parse(until) + 1_000).toISOString();
  const { accepted, answer } = await rig.run({ gameDate, overrides: { now: later } });
  expect(answer.state).toBe('partial');
  expect(await ofCle(gameDate)).toMatchObject([{ turnovers: null, possessions: null, bypass_id: null }]);
  await rig.end(accepted);
  expect((await rig.audit(gameDate)).map(({ kind }) => kind)).toEqual(['estimate', 'estimate_expired']);
});

test('a dry run foresees what an estimate publishes, and decides nothing', async () => {
  const { gameDate, game } = await reconstructedNight();
  const questions = questionsOf(rig.warehouse, defaultPolicySettings);
  const estimate = await estimateOf(gameDate, game);
  const foreseen = await questions.foresee({
    game_date: gameDate,
    decision: { kind: 'estimate', game, estimate, by, reason, until: inAWeek() },
    ...{ overrides: {}, past_deadline: false },
  });
  expect(foreseen.map(({ outcome }) => outcome)).toEqual(['published', 'published', 'published']);
  expect(await rig.audit(gameDate)).toEqual([]);
  const { state } = await decide(gameDate, game, 'e-4');
  for (const { processor, version, rows } of foreseen)
    expect(state.results[processor]).toMatchObject({ version, rowCount: rows });
  // Of a game whose rows are there nothing is estimated.
  const whole = await questions.findEstimate(gameDate, `${gameDate.replaceAll('-', '')}_UTA_LAC`);
  expect(whole).toMatchObject({ kind: 'refused', why: expect.stringContaining('no team row') as string });
});
