/** Tries corruptions on nights, one at a time, and says what came of each. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../../../src/cli/context';
import { readRawFile } from '../../../src/cli/raw-files';
import type { Row } from '../../../src/tables/define-table';
import type { Night } from '../../support/nights';
import { closedLineOf, closedList } from './closed-list';
import { pick, random, type Corrupted, type Kind } from './corruptions';
import { publish, type Published } from './engine';
import { groups } from './every-kind';
import { gamesGone, outcomeOf, outcomes, type Outcome } from './outcome';

/** A corruption, how to make it again, and what came of it. */
export interface Tried {
  readonly group: string;
  readonly kind: Kind;
  readonly seed: number;
  readonly what: string;
  readonly outcome: Outcome;
  /** Games that are live on the clean night and not any more. */
  readonly gone: readonly string[];
}

/** A corruption of a night that a kind can be done to. */
export interface Case extends Pick<Tried, 'group' | 'kind' | 'seed'> {
  readonly night: Night;
  readonly corrupted: Corrupted;
}

/** As many corruptions as wanted, of all groups in turn and of kinds at random; the same for the same seed. */
export function cases(nights: readonly Night[], times: number, seed: number): Case[] {
  const found: Case[] = [];
  const names = Object.keys(groups);
  for (let index = 0; found.length < times; index += 1) {
    if (index > 20 * times) throw new Error('the nights have nothing that could be corrupted');
    const own = random(seed * 100_000 + index);
    const group = names[index % names.length]!;
    const [kind, night] = [pick(own, groups[group]!), pick(own, nights)];
    const corrupted = kind.corrupt(night, own);
    if (corrupted) found.push({ group, kind, night, corrupted, seed: seed * 100_000 + index });
  }
  return found;
}

/** What the engine makes of each. */
export async function tryAll(all: readonly Case[]): Promise<Tried[]> {
  const clean = new Map<Night, Published>();
  const tried: Tried[] = [];
  for (const { group, kind, night, corrupted, seed } of all) {
    const before = clean.get(night) ?? publish(night);
    clean.set(night, before);
    const rows = await rowsOf(corrupted);
    const now = rows && (corrupted.first ? publish(corrupted.first, rows) : publish(rows));
    const outcome = now ? outcomeOf(before, now) : 'refused';
    tried.push({ group, kind, seed, what: corrupted.what, outcome, gone: now ? gamesGone(before, now) : [] });
  }
  return tried;
}

/** The night as it is when its file is loaded; null where nothing of the file is. */
export async function rowsOf({ night, file }: Corrupted): Promise<Night | null> {
  if (!file) return night;
  const folder = await mkdtemp(join(tmpdir(), 'phase3-fuzz-'));
  const path = join(folder, `${file.table}.ndjson${file.isZipped ? '.gz' : ''}`);
  try {
    await writeFile(path, file.bytes);
    const rows: Row[] = [];
    for await (const row of readRawFile({ table: file.table, path }, () => undefined)) rows.push(row);
    return { ...night, [file.table]: rows };
  } catch (error) {
    // What the command says when it loads nothing; anything else is a bug.
    if (error instanceof CommandError) return null;
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What got through that somebody could have found: a line each. */
export function through(tried: readonly Tried[]): string[] {
  return tried
    .filter(({ outcome, kind }) => outcome === 'silently wrong' && closedLineOf(kind.name) === null)
    .map(({ kind, seed, what }) => `${kind.name} (seed ${seed}): ${what}`);
}

/** Where more games were held than the corruption touches: a line each. */
export function heldBeside(tried: readonly Tried[]): string[] {
  return tried
    .filter(({ gone, kind }) => kind.games !== 'all' && gone.length > (kind.games ?? 1))
    .map(({ kind, seed, what, gone }) => `${kind.name} (seed ${seed}): ${what} holds ${gone.join(', ')}`);
}

/** A table of groups and outcomes, then what got through, by the lines of the closed list. */
export function report(title: string, tried: readonly Tried[]): string {
  const count = (isMeant: (one: Tried) => boolean): string => String(tried.filter(isMeant).length);
  const rows = Object.keys(groups).map((group) => [
    group,
    String(new Set(tried.filter((one) => one.group === group).map(({ kind }) => kind.name)).size),
    ...outcomes.map((outcome) => count((one) => one.group === group && one.outcome === outcome)),
  ]);
  const lines = [['', 'kinds', ...outcomes], ...rows].map(([first = '', ...cells]) =>
    [first.padEnd(20), ...cells.map((cell) => cell.padStart(10))].join(' '),
  );
  const silent = tried.filter(({ outcome }) => outcome === 'silently wrong');
  const closed = closedList.flatMap((line) => {
    const own = silent.filter(({ kind }) => closedLineOf(kind.name) === line);
    return own.length > 0
      ? [`  ${own.length} × ${line.line} (${[...new Set(own.map(({ kind }) => kind.name))].join(', ')})`]
      : [];
  });
  return [title, ...lines, 'published without a word, and on the closed list:', ...closed, ''].join('\n');
}
