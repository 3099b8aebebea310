/** `phase3 handover`: what the next person on call has to know: what happened, what is open, what holds by a decision and until when. */
import { standingBypasses } from '../../contracts/bypass-mark';
import { liveManifests } from '../../contracts/manifests';
import { describeDecision, gameDecisions, type GameDecisionKind } from '../../contracts/game-decisions';
import { describePin, parsePin } from '../../contracts/pin';
import { addDays } from '../../contracts/game-date';
import type { MissingDate } from '../../contracts/missing';
import { usualNeededBy } from '../../contracts/needed-by';
import { newYorkDate } from '../../contracts/new-york';
import type { RunState } from '../../contracts/phase3';
import { describeBypass } from '../../explain/explain-date';
import { requireInstant, requireTimeoutMs } from '../../requests/validate-request';
import type { AuditRow, ManifestRow, RunHistoryRow } from '../../tables/orchestration';
import type { ControlClient } from '../../control/client';
import { jsonHelp, type AddCommand, type JsonOption } from '../command-types';
import { controlOf, overridesOf, type Context } from '../context';
import { printJson } from '../json';
import { rowsOf } from './audit';
import { listDates, renderListed } from './why';
import { needsPerson, type ListedDate } from '../../explain/listed-dates';

interface Handover {
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Dates whose newest pass since then has come to something, by date. */
  readonly happened: readonly HappenedDate[];
  readonly decided: readonly DecidedEntry[];
  /** Dates whose run is open, or that need a person. */
  readonly open: readonly ListedDate[];
  /** Dates of the last weeks that are late by the game calendar and not among those: what was never run is on no other list. */
  readonly late: readonly Pick<MissingDate, 'gameDate' | 'why'>[];
  /** What holds by a person's decision; `until` is null where it has no end of its own. */
  readonly inForce: readonly InForce[];
}

interface HappenedDate {
  readonly gameDate: string;
  readonly state: RunState;
  readonly passes: number;
  readonly endedAt: string;
}

interface DecidedEntry {
  readonly gameDate: string;
  readonly seq: number;
  readonly kind: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

interface InForce {
  readonly gameDate: string;
  readonly kind: 'bypass' | 'pin' | GameDecisionKind;
  readonly until: string | null;
  readonly what: string;
}

async function handover(context: Context, since: string): Promise<Handover> {
  const control = await controlOf(context);
  const audit = await all(rowsOf(control, 'bypass_audit', {}));
  const open = (await listDates(context, undefined, {})).filter((date) => date.isOpen || needsPerson(date));
  return {
    since,
    happened: await happenedSince(control, since),
    decided: audit
      .filter(({ decided_at: at }) => at >= since)
      .map(({ game_date: gameDate, seq, kind, decided_by: by, decided_at: at, reason }) => ({
        ...{ gameDate, seq, kind, by, at, reason },
      })),
    open,
    late: await lateDates(context, control, open),
    inForce: inForceOf(await all(rowsOf(control, 'partition_manifest', {})), audit, new Date()),
  };
}

/** How far back a date is handed over that was never run. */
const lateDays = 14;

async function lateDates(
  { config, now }: Context,
  control: ControlClient,
  open: readonly ListedDate[],
): Promise<Handover['late']> {
  const to = newYorkDate(now());
  const { dates } = await control.missing({
    ...{ from: addDays(to, -lateDays), to, overrides: overridesOf(config) },
    needed_by: config.notifications.neededBy ?? usualNeededBy,
  });
  const known = new Set(open.map(({ gameDate }) => gameDate));
  return dates
    .filter(({ gameDate, isLate }) => isLate && !known.has(gameDate))
    .map(({ gameDate, why }) => ({ gameDate, why }));
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

async function happenedSince(control: ControlClient, since: string): Promise<HappenedDate[]> {
  const dates = new Map<string, HappenedDate>();
  for await (const row of rowsOf(control, 'run_history', {})) {
    const { game_date: gameDate, state, ended_at: endedAt } = row satisfies RunHistoryRow;
    if (endedAt < since) continue;
    const known = dates.get(gameDate);
    const isNewer = !known || endedAt >= known.endedAt;
    const passes = (known?.passes ?? 0) + 1;
    dates.set(
      gameDate,
      isNewer ? { gameDate, state: state as RunState, passes, endedAt } : { ...known, passes },
    );
  }
  return [...dates.values()].sort((a, b) => (a.gameDate < b.gameDate ? -1 : 1));
}

/** What holds now by a person's decision, by date. */
function inForceOf(manifests: readonly ManifestRow[], audit: readonly AuditRow[], now: Date): InForce[] {
  const found: InForce[] = [];
  for (const [gameDate, own] of byDate(manifests)) {
    for (const bypass of standingBypasses(own))
      found.push({ gameDate, kind: 'bypass', until: bypass.until, what: describeBypass(bypass) });
    for (const { table_name: table, pin: json } of liveManifests(own)) {
      const pin = parsePin(json);
      if (pin) found.push({ gameDate, kind: 'pin', until: null, what: `${table} is ${describePin(pin)}` });
    }
  }
  for (const [gameDate, own] of byDate(audit))
    for (const decision of gameDecisions(own, now.toISOString()))
      if (decision.over === null)
        found.push({
          ...{ gameDate, kind: decision.kind, until: decision.until },
          what: `${decision.gameId} is ${describeDecision(decision)}`,
        });
  return found.sort((a, b) => (a.gameDate < b.gameDate ? -1 : a.gameDate > b.gameDate ? 1 : 0));
}

function byDate<T extends { readonly game_date: string }>(rows: readonly T[]): Map<string, T[]> {
  const dates = new Map<string, T[]>();
  for (const row of rows) dates.set(row.game_date, [...(dates.get(row.game_date) ?? []), row]);
  return dates;
}

function renderHandover({ since, happened, decided, open, late, inForce }: Handover): string[] {
  const part = (title: string, lines: readonly string[]): string[] => [
    title,
    ...(lines.length === 0 ? ['  nothing'] : lines.map((line) => `  ${line}`)),
  ];
  return [
    ...part(
      `Since ${since}`,
      happened.map(
        ({ gameDate, state, passes, endedAt }) =>
          `${gameDate}  ${state.padEnd(16)} ${passes === 1 ? 'one pass' : `${passes} passes`}, the newest ended ${endedAt}`,
      ),
    ),
    ...part(
      'Decided since then',
      decided.map(
        ({ gameDate, seq, kind, by, at, reason }) => `${gameDate}  #${seq} ${at} ${kind} by ${by}: ${reason}`,
      ),
    ),
    ...part('Open, or in need of a person', open.map(renderListed)),
    ...part(
      'Late by the game calendar (`phase3 missing` says what they lack)',
      late.map(({ gameDate, why }) => `${gameDate}  ${why}`),
    ),
    ...part(
      'In force by decision',
      inForce.map(
        ({ gameDate, kind, what, until }) => `${gameDate}  ${what}${until === null ? endOf(kind) : ''}`,
      ),
    ),
  ];
}

/** How long what has no end of its own holds. */
function endOf(kind: InForce['kind']): string {
  return kind === 'discard' ? ', until its evidence is another' : ', until a person ends it';
}

/** An instant, or a time before now: by the clock of the record, which PHASE3_NOW does not move. */
function requireSince(text: string): string {
  if (!/^\d+(\.\d+)?\s*[smhd]$/.test(text.trim())) return requireInstant(text, '--since', new Date());
  return new Date(Date.now() - requireTimeoutMs(text, '--since')).toISOString();
}

export const addHandover: AddCommand = (root, context) => {
  root
    .command('handover')
    .description(
      'show what happened in the last day, what is open, and what holds by decisions and until when',
    )
    .option('--since <WHEN>', 'a duration before now, such as 12h or 3d, or an instant', '24h')
    .option('--json', jsonHelp)
    .action(async ({ since, json }: JsonOption & { readonly since: string }) => {
      const found = await handover(context, requireSince(since));
      if (json) printJson(context.print, found);
      else for (const line of renderHandover(found)) context.print(line);
    });
};
