/**
 * 3 February 2026 against a running stack: the gamebook first, placeholders in between, the team rows 92 minutes later, and the
 * repair by hand of the day after.
 * All that is printed is read from the system or computed; what is expected and does not come is an error.
 */
import { builtOnOf } from '../contracts/manifests';
import type { GameVerdict } from '../contracts/phase3';
import type { Explanation, Need } from '../explain/explain-date';
import { defaultSource, processorNames, processorOf } from '../plan/registry';
import { table as players, type PlayerSummaryRow } from '../processors/player-game-summary/table';
import { table as offense } from '../processors/team-offense-game-summary/table';
import type { ManifestRow } from '../tables/orchestration';
import { flatLaunch, usageSummary, type UsageSummary } from './flat-launch';
import { handRepair } from './hand-repair';
import { incidentDate, movedNight, placeholdersOf, type RawNight } from './incident-data';
import { expectThat, playSteps, type Facts, type Now, type Play, type Stage, type Step } from './play';

const teamTable = 'nbac_team_boxscore';

/** When rows arrive, in minutes after the gamebook. The last is from the report of the incident. */
const minutes = { placeholders: 15, teamRows: 92 } as const;

/** Plays it. Throws `RehearsalError` at the first step that does not go as expected. */
export function playIncident(stage: Stage, figures: RawNight): Promise<Step[]> {
  const night = movedNight(figures, incidentDate);
  const placeholders = placeholdersOf(night[teamTable]);
  const flatRows = flatLaunch(night, placeholders);
  const flat = usageSummary(flatRows);
  return playSteps(stage, [
    {
      name: 'gamebook_arrives',
      title: 'The schedule and the gamebook (the player rows) arrive, with a trigger',
      after: (play) => play.expectNothingPublished(),
      run: async (play) => {
        const games = await play.load('nbac_schedule', night.nbac_schedule);
        const loaded = await play.load('nbac_gamebook_player_stats', night.nbac_gamebook_player_stats);
        const { requestId, workflowId } = await play.trigger(defaultSource);
        const { length: team_rows } = await play.rowsOf(teamTable);
        play.tell(`${games} games and ${loaded} players are loaded, ${team_rows} team rows are there.`);
        play.tell(`The trigger of ${defaultSource} starts ${workflowId}.`);
        expectThat(team_rows === 0, `${team_rows} rows of ${teamTable} are there, expected none yet`);
        const sent = { source: defaultSource, request_id: requestId, workflow_id: workflowId };
        return { games, players: loaded, team_rows, ...sent };
      },
    },
    {
      name: 'flat_launch',
      title: 'What the old pipeline did: all three processors at once (computed in memory, not published)',
      run: (play) => {
        const early = usageSummary(flatLaunch(night, []));
        play.tell(
          `Without team rows: ${early.withoutUsage} of ${early.players} players who played have no usage rate.`,
        );
        play.tell(
          `With the placeholders that arrive at ${play.clock.at(minutes.placeholders)}: ${flat.above100} of ${flat.players} are above 100 %, ${flat.atLeast600} at 600 % and more. The highest:`,
        );
        for (const { player, team, usageRate } of flat.highest)
          play.tell(`  ${player.padEnd(24)} ${team} ${percent(usageRate)}`);
        expectThat(flat.above100 > 0, 'the placeholders lead to no usage rate above 100 %');
        return { on_no_team_rows: early, on_placeholders: flat };
      },
    },
    {
      name: 'date_waits',
      title: 'phase3 waits, and says for what',
      run: async (play) => {
        const { explanation } = await play.until(`${incidentDate} waits for ${teamTable}`, lacksTeamRows);
        tellWhy(play, explanation);
        return unpublished(play, explanation);
      },
    },
    {
      name: 'placeholders_arrive',
      title: 'Placeholders arrive: both teams of every game, without points and minutes',
      after: (play) => play.reach(minutes.placeholders),
      run: async (play) => {
        const rows = await play.load(teamTable, placeholders);
        const { requestId } = await play.trigger(teamTable);
        const { explanation } = await play.until(
          `the check calls every game of ${teamTable} a placeholder`,
          (now) =>
            now.knows(requestId) &&
            lacksTeamRows(now) &&
            gamesWithout(now.explanation).every(({ status }) => status === 'placeholder'),
        );
        play.tell(
          `${rows} team rows are loaded and their trigger is sent. The dependencies are checked again:`,
        );
        tellWhy(play, explanation);
        return { rows, request_id: requestId, ...(await unpublished(play, explanation)) };
      },
    },
    {
      name: 'deadline_passes',
      title: 'The deadline passes: the date is blocked, a person is notified, and the run stays open',
      after: untilBlocked,
      run: async (play) => {
        const { state, explanation } = await untilBlocked(play);
        const { trouble } = state;
        expectThat(trouble !== null, 'no person was notified');
        expectThat(explanation.isOpen, 'its workflow has ended');
        tellHeadline(play, explanation);
        play.tell(`Notified at ${play.clock.clockOf(trouble.since)}. What can be done:`);
        for (const act of explanation.acts) play.tell(`  → ${act}`);
        return { told_at: trouble.since, ...(await unpublished(play, explanation)) };
      },
    },
    {
      name: 'team_rows_arrive',
      title: `The team rows arrive, ${minutes.teamRows} minutes after the gamebook`,
      after: (play) => play.reach(minutes.teamRows),
      run: async (play) => {
        const before = (await play.look())?.state;
        const seen = before ? before.journalDropped + before.journal.length : 0;
        const rows = await play.load(teamTable, night[teamTable]);
        const sent_at = new Date().toISOString();
        const { requestId } = await play.trigger(teamTable);
        play.tell(`${rows} team rows are loaded and their trigger is sent.`);
        const answerIn = ({ state }: Now) => state.answers.find((answer) => answer.requestId === requestId);
        const now = await play.until(
          'the trigger of the team rows is answered',
          (look) => answerIn(look) !== undefined,
        );
        const { journal, journalDropped, results } = now.state;
        for (const { at, level, message } of journal.slice(Math.max(0, seen - journalDropped)))
          play.tell(`${play.clock.clockOf(at)} ${level.padEnd(7)} ${message}`);
        const { state = 'not answered', summary = '' } = answerIn(now) ?? {};
        play.tell(summary);
        expectThat(state === 'published', `it ended ${state}: ${summary}`);
        for (const name of processorNames) {
          const outcome = results[name]?.outcome ?? 'not requested';
          expectThat(outcome === 'published', `${name} is ${outcome}`);
        }
        return { rows, request_id: requestId, sent_at, state, summary };
      },
    },
    { name: 'result', title: 'The result', run: (play) => result(play) },
    ...handRepair,
  ]);

  async function result(play: Play): Promise<Facts> {
    const record = await play.stage.control.dateRecord(incidentDate);
    const rows = (await play.rowsOf(players.name)) as PlayerSummaryRow[];
    const usage = usageSummary(rows, rows.length);
    const [highest] = usage.highest;
    expectThat(highest !== undefined, 'no player has a usage rate');
    play.tell(
      `The highest usage rate is ${percent(highest.usageRate)} (${highest.player}, ${highest.team}); ${usage.above100} players are above 100 %.`,
    );
    const corrected = flat.highest.map(({ player, team, usageRate }) => ({
      ...{ player, team, flat: usageRate },
      published: usage.highest.find((own) => own.player === player && own.team === team)?.usageRate ?? null,
    }));
    for (const { player, team, flat: was, published } of corrected)
      play.tell(`  ${player.padEnd(24)} ${team} ${percent(was)} → ${percent(published)}`);
    expectThat(usage.above100 === 0, `${usage.above100} players are above 100 %`);

    const published = publishedOnce(play, record.partition_manifest);
    const flatRate = new Map(flatRows.map((row) => [row.player_lookup, row.usage_rate_raw]));
    // A player without plays has 0 either way.
    const flat_rows_in_warehouse = rows.filter(
      ({ player_lookup, usage_rate_raw: rate }) => (rate ?? 0) > 0 && flatRate.get(player_lookup) === rate,
    ).length;
    const player_rows_before = play.steps.flatMap(({ facts: { player_rows: count } }) =>
      typeof count === 'number' ? [count] : [],
    );
    play.tell(
      `Player rows in the warehouse: ${player_rows_before.join(', ')} at the steps before, ${rows.length} now; ${flat_rows_in_warehouse} of them come from the all-at-once run, and none was ever replaced (version 1).`,
    );
    expectThat(
      flat_rows_in_warehouse === 0,
      `${flat_rows_in_warehouse} rows have a usage rate of the all-at-once run`,
    );
    const sum = (of: (pass: (typeof record.run_history)[number]) => number): number =>
      record.run_history.reduce((total, pass) => total + of(pass), 0);
    const [waited_ms, probes, passes] = [
      sum((pass) => pass.waited_ms),
      sum((pass) => pass.probes),
      record.run_history.length,
    ];
    const waited_minutes = play.clock.minutesOf(waited_ms);
    play.tell(
      `The date waited ${(waited_ms / 1000).toFixed(1)} s, ${waited_minutes.toFixed(0)} minutes of the replay, and was checked ${probes} times in ${passes} passes.`,
    );
    const { isOpen } = (await play.until('its workflow ends', (now) => !now.explanation.isOpen)).explanation;
    return {
      ...{ highest_usage_rate: highest.usageRate, highest_player: highest.player },
      ...{ above_100: usage.above100, corrected, published },
      ...{ player_rows_before, player_rows: rows.length, flat_rows_in_warehouse },
      ...{ waited_ms, waited_minutes, probes, passes, is_open: isOpen },
    };
  }
}

/** Players above 100 % as all at once would have published them on the placeholders; null where the play did not come to that. */
export function aboveAllAtOnce(steps: readonly Step[]): number | null {
  const facts = steps.find(({ name }) => name === 'flat_launch')?.facts;
  // Written above, so the shape is ours.
  return (facts?.['on_placeholders'] as UsageSummary | undefined)?.above100 ?? null;
}

/** Players above 100 % as they were published; null where the play did not come to that. */
export function abovePublished(steps: readonly Step[]): number | null {
  const facts = steps.find(({ name }) => name === 'result')?.facts;
  return (facts?.['above_100'] as number | undefined) ?? null;
}

function untilBlocked(play: Play): Promise<Now> {
  return play.until(
    `${incidentDate} is blocked at its deadline`,
    ({ state }) => state.runState === 'blocked',
  );
}

function lacksTeamRows({ explanation }: Now): boolean {
  const waits = explanation.state === 'waiting' || explanation.state === 'blocked';
  return waits && gamesWithout(explanation).length > 0;
}

/** What the first processor that lacks team rows says of them. */
function teamNeed({ levels }: Explanation): Need | undefined {
  const needs = levels.flatMap(({ processors }) => processors.flatMap((processor) => processor.needs));
  return needs.find(({ table, games }) => table === teamTable && games.length > 0);
}

function gamesWithout(why: Explanation): readonly GameVerdict[] {
  return teamNeed(why)?.games ?? [];
}

/** Tells the headline up to its evidence, which follows game by game. */
function tellHeadline(play: Play, { headline }: Explanation): void {
  play.tell(headline.replace(/ \(\d{8}_.*\)/, ''));
}

function tellWhy(play: Play, why: Explanation): void {
  tellHeadline(play, why);
  const need = teamNeed(why);
  if (!need) return;
  const { table, found, expectedMin, games } = need;
  play.tell(`${table}: found ${found ?? '-'} usable rows, expected at least ${expectedMin ?? '-'}`);
  for (const { gameId, status, detail } of games) play.tell(`  ${gameId} ${status}: ${detail}`);
}

/** Ends a step in which nothing may have been published. */
async function unpublished(play: Play, why: Explanation): Promise<Facts> {
  await play.expectNothingPublished();
  play.tell(`Rows of ${players.name} in the warehouse: 0.`);
  const { found = null, expectedMin = null, games = [] } = teamNeed(why) ?? {};
  const { state, isOpen, headline } = why;
  return { state, is_open: isOpen, headline, found, expected_min: expectedMin, games, player_rows: 0 };
}

/** Each table published once, the players after the offense that they divide by, and built on it. In order. */
function publishedOnce(play: Play, manifests: readonly ManifestRow[]): Facts[] {
  const sentAt = play.steps.map(({ facts }) => facts['sent_at']).find((at) => typeof at === 'string');
  const published = [...manifests]
    .sort((a, b) => (a.published_at < b.published_at ? -1 : 1))
    .map((manifest) => ({
      ...{ table: manifest.table_name, version: manifest.version, rows: manifest.row_count },
      published_at: manifest.published_at,
      built_on: builtOnOf(manifest).map(({ table, version }) => ({ table_name: table, version })),
    }));
  play.tell('Published, in this order:');
  for (const { table, version, rows, published_at } of published)
    play.tell(
      `  ${table.padEnd(28)} version ${version}, ${rows} rows, ${Date.parse(published_at) - Date.parse(sentAt ?? '')} ms after the trigger`,
    );
  const found = published.map(({ table, version }) => `${table} version ${version}`);
  const wanted = processorNames.map((name) => `${processorOf(name).table.name} version 1`);
  expectThat(
    [...found].sort().join() === wanted.sort().join(),
    `published are ${found.join(', ')}; expected each table once`,
  );
  const of = (name: string): number => published.findIndex(({ table }) => table === name);
  expectThat(of(offense.name) < of(players.name), 'the players were published before the offense');
  const builtOn = published[of(players.name)]?.built_on ?? [];
  expectThat(
    builtOn.some(({ table_name, version }) => table_name === offense.name && version === 1),
    `the players were built on ${JSON.stringify(builtOn)}, expected ${offense.name} version 1`,
  );
  return published;
}

function percent(rate: number | null): string {
  return rate === null ? '-' : `${rate.toFixed(1)} %`;
}
