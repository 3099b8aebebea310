/** The document of a plan: sealed by a hash, read from a file, and held against what is so now. Pure. */
import { createHash } from 'node:crypto';
import {
  planDocument,
  planFormat,
  type PlanBasis,
  type PlanDocument,
  type PlannedDate,
  type PlannedNode,
} from '../contracts/date-plan';
import { read, sentenceOf } from '../contracts/schema';
import { canonicalJson } from '../publishing/canonical-json';
import { nodesToBuild } from './estimate';

export type PlanContent = Omit<PlanDocument, 'format' | 'hash'>;

export function sealed(content: PlanContent): PlanDocument {
  const whole = { format: planFormat, ...content } as const;
  return { ...whole, hash: hashOf(whole) };
}

/** A plan from a file's text, or why it is none: sentences. */
export function readPlan(
  value: unknown,
): { readonly ok: true; readonly plan: PlanDocument } | { readonly ok: false; readonly faults: string[] } {
  const found = read(planDocument, value, { what: 'The plan' });
  if (!found.ok) return { ok: false, faults: found.faults.map(sentenceOf) };
  const { hash, ...whole } = found.value;
  return hash === hashOf(whole)
    ? { ok: true, plan: found.value }
    : { ok: false, faults: ['The plan was changed after it was made: its hash is that of another content.'] };
}

/** SHA-256 of a value in canonical JSON. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** What the plan runs, by date: the names of processors, dates ascending; dates of which nothing is built are left out. */
export function nodesByDate({ dates }: Pick<PlanDocument, 'dates'>): Record<string, string[]> {
  return Object.fromEntries(
    dates.flatMap((date) => {
      const names = nodesToBuild(date).map(({ processor }) => processor);
      return names.length > 0 ? [[date.game_date, names]] : [];
    }),
  );
}

/** Something that a plan rests on and that is not as it was. */
export interface Moved {
  /** Null where it is of all dates: code, settings. */
  readonly gameDate: string | null;
  readonly sentence: string;
}

/** Why a plan no longer holds; empty where it does. */
export function whatMoved(
  plan: Pick<PlanDocument, 'basis' | 'dates'>,
  now: Pick<PlanDocument, 'basis' | 'dates'>,
): Moved[] {
  const present = new Map(now.dates.map((date) => [date.game_date, date]));
  return [
    ...movedBasis(plan.basis, now.basis).map((sentence) => ({ gameDate: null, sentence })),
    ...plan.dates.flatMap((date) => {
      const found = present.get(date.game_date);
      const said = found ? movedDate(date, found) : [`${date.game_date}: it was not looked at.`];
      return said.map((sentence) => ({ gameDate: date.game_date, sentence }));
    }),
  ];
}

/** Of the code that is not what a version stands for (`source_hash`, `commit`) nothing is said: it decides about no rows. */
function movedBasis(then: PlanBasis, now: PlanBasis): string[] {
  const versions = new Map(now.code.map(({ processor, version }) => [processor, version]));
  const code = then.code.flatMap(({ processor, version }) =>
    versions.get(processor) === version
      ? []
      : [
          `The code: ${processor} is version ${versions.get(processor) ?? 'none'} now, and the plan is of version ${version}.`,
        ],
  );
  const { code: _, commit: __, plan_hash: hash, ...settings } = then;
  const others = (Object.keys(settings) as (keyof typeof settings)[]).flatMap((name) =>
    now[name] === then[name]
      ? []
      : [`${name} is ${String(now[name])} now, and the plan is of ${String(then[name])}.`],
  );
  const declared =
    hash === now.plan_hash || code.length > 0
      ? []
      : ['The processors are declared otherwise now: other levels, inputs, triggers or time limits.'];
  return [...code, ...declared, ...others];
}

function movedDate(then: PlannedDate, now: PlannedDate): string[] {
  const nodes = new Map(now.nodes.map((node) => [node.processor, node]));
  const names = new Set([...then.nodes, ...now.nodes].map(({ processor }) => processor));
  const opened = now.open && !then.open ? [`${then.game_date}: a run has it open now.`] : [];
  const moved = new Map<string, string[]>();
  for (const name of names) {
    const before = then.nodes.find(({ processor }) => processor === name);
    const why = movedNode(before, nodes.get(name), () => movedRaw(then, now));
    if (why !== null) moved.set(why, [...(moved.get(why) ?? []), name]);
  }
  return [...opened, ...[...moved].map(([why, own]) => `${then.game_date} ${own.join(', ')}: ${why}.`)];
}

/** A clause; null where nothing moved that the plan rests on. */
function movedNode(
  then: PlannedNode | undefined,
  now: PlannedNode | undefined,
  raw: () => string,
): string | null {
  if (!then || !now)
    return now ? `a run would ${doesTo(now)} now: ${now.reason}` : 'a run would not look at it now';
  if (now.version !== then.version)
    return `${liveWords(now)}, and ${liveWords(then).replace(' is ', ' was ')} when it was planned`;
  if (now.action !== then.action)
    return `a run would ${doesTo(now)} now (${now.reason}), and ${doesTo(then)} when it was planned (${then.reason})${raw()}`;
  if (now.fingerprint !== then.fingerprint) return `what it would be built from moved${raw()}`;
  return word(now) === word(then)
    ? null
    : `it is ${now.state} now (${now.reason}), and was ${then.state}${raw()}`;
}

function doesTo({ action }: PlannedNode): string {
  return { build: 'build it', keep: 'leave it as it is', wait: 'not build it' }[action];
}

function liveWords({ version }: PlannedNode): string {
  return version === null ? 'nothing is live' : `version ${version} is live`;
}

/** By which word the last run found it current decides about nothing. */
function word({ state }: PlannedNode): string {
  return state === 'unchanged' ? 'published' : state;
}

function movedRaw(then: PlannedDate, now: PlannedDate): string {
  const clauses = then.raw.flatMap(({ table, rows, hash }) => {
    const found = now.raw.find((one) => one.table === table);
    if (!found || found.hash === hash) return [];
    return [
      found.rows === rows ? `rows of ${table} changed` : `${table} has ${found.rows} rows, and had ${rows}`,
    ];
  });
  return clauses.length > 0 ? `: ${clauses.join('; ')}` : '';
}
