/**
 * What was done to the live rows on 4 February, and what finds it: an UPDATE by hand, by a formula that multiplies by the team's
 * plays where it should divide by them. It left no other trace than its figures.
 */
import { processorOf, processorNames } from '../plan/registry';
import { table as players, type PlayerSummaryRow } from '../processors/player-game-summary/table';
import { table as offense } from '../processors/team-offense-game-summary/table';
import { spellKey } from '../tables/spell-row';
import { usageSummary } from './flat-launch';
import { incidentDate } from './incident-data';
import { expectThat, type Play, type PlannedStep } from './play';

const reason = 'live rows were altered by hand';
const who = 'rehearsal';
/** Both columns of the rate, as whoever repairs one repairs the other. */
const repaired = ['usage_rate', 'usage_rate_raw'];

/** The statement of that day, for the players of one game. */
function repairOf(gameId: string): string {
  const rate = `round(100 * (p.fg_attempts + 0.44 * p.ft_attempts + p.turnovers) * (o.possessions / 5) / p.minutes_played, 2)`;
  const quoted = `'${gameId.replaceAll("'", "''")}'`;
  return (
    `UPDATE ${players.dataset}.${players.name} AS p SET ${repaired.map((column) => `${column} = ${rate}`).join(', ')} ` +
    `FROM ${offense.dataset}.${offense.name} AS o WHERE p.game_date = DATE '${incidentDate}' AND p.game_id = ${quoted} ` +
    'AND p.minutes_played > 0 AND o.game_date = p.game_date AND o.game_id = p.game_id AND o.team_abbr = p.team_abbr'
  );
}

/** The steps of it, after the date was published. */
export const handRepair: readonly PlannedStep[] = [
  {
    name: 'hand_repair',
    title:
      'Somebody "repairs" the rates of one game by hand: an UPDATE past phase3, by the formula of that day',
    run: async (play) => {
      const before = await playerRows(play);
      const gameId = before[0]?.game_id ?? '';
      const changed = await play.stage.changeByHand(repairOf(gameId));
      const usage = usageSummary(await playerRows(play));
      play.tell(
        `${changed} rows of ${gameId} are changed: ${usage.above100} players are above 100 %, the highest at ${usage.highest[0]?.usageRate ?? '-'} %.`,
      );
      expectThat(usage.above100 > 0, 'the UPDATE leads to no usage rate above 100 %');
      const tables = await verified(play);
      const altered = tables.filter(({ findings }) => findings.includes('altered'));
      const rows = altered.flatMap(({ changes }) => changes?.altered ?? []);
      const columns = [...new Set(rows.flatMap((row) => row.columns.map(({ column }) => column)))].sort();
      play.tell(
        `\`phase3 verify ${incidentDate}\` finds ${rows.length} altered rows of ${altered.map(({ table }) => table).join(', ')}, in ${columns.join(' and ')}:`,
      );
      for (const { key, columns: cells } of rows.slice(0, 3))
        for (const { column, published, live } of cells.slice(0, 1))
          play.tell(`  ${spellKey(key)}: ${column} is ${String(live)}, published ${String(published)}`);
      expectThat(
        altered.length === 1 && altered[0]?.table === players.name,
        `found altered: ${altered.map(({ table }) => table).join(', ') || 'nothing'}; expected ${players.name}`,
      );
      expectThat(rows.length === changed, `${rows.length} of ${changed} altered rows were found`);
      expectThat(
        columns.join() === repaired.join(),
        `found altered are the columns ${columns.join(', ')}; expected ${repaired.join(', ')}`,
      );
      return { game_id: gameId, changed, above_100: usage.above100, found: rows.length, columns };
    },
  },
  {
    name: 'built_again',
    title: 'A rerun, with its reason, builds the rows from their inputs again',
    run: async (play) => {
      const { requestId } = await play.stage.client.rerun({
        ...{ gameDate: incidentDate, by: who, reason, overrides: { now: play.clock.instant() } },
      });
      const { state } = await play.until('the rerun is answered', (now) =>
        now.state.answers.some((answer) => answer.requestId === requestId),
      );
      const answer = state.answers.find((one) => one.requestId === requestId);
      play.tell(answer?.summary ?? '');
      const faults = (await verified(play)).filter(({ findings }) => findings.length > 0);
      expectThat(
        faults.length === 0,
        `not as published: ${faults.map(({ table, findings }) => `${table} ${findings.join()}`).join(', ')}`,
      );
      const usage = usageSummary(await playerRows(play));
      expectThat(usage.above100 === 0, `${usage.above100} players are above 100 %`);
      const { bypass_audit: audit } = await play.stage.control.dateRecord(incidentDate);
      const entry = audit.find(({ kind }) => kind === 'rerun');
      expectThat(entry?.reason === reason && entry.decided_by === who, 'the audit does not say who and why');
      play.tell(
        `No player is above 100 %; every row is as published. The audit has the rerun, by ${entry.decided_by}: ${entry.reason}.`,
      );
      return { state: answer?.state ?? null, above_100: 0, by: entry.decided_by, reason: entry.reason };
    },
  },
];

async function playerRows(play: Play): Promise<PlayerSummaryRow[]> {
  return (await play.rowsOf(players.name)) as PlayerSummaryRow[];
}

/** What is found of each live table. */
async function verified(play: Play) {
  const range = { from: incidentDate, to: incidentDate };
  const tables = [];
  for await (const date of play.stage.control.verify(range)) tables.push(...date.tables);
  const names = processorNames.map((name) => processorOf(name).table.name);
  expectThat(
    tables.length === names.length,
    `${tables.length} tables are published, expected ${names.join(', ')}`,
  );
  return tables;
}
