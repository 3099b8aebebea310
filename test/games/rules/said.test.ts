/**
 * What a person reads of each kind of corruption, to the word: every figure that a rule names is compared with what it was when
 * somebody last read it. `PHASE3_ACCEPT_SAID=1` writes the file again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gamesOf } from '../../../src/games/evidence';
import type { Row } from '../../../src/tables/define-table';
import { demoNights, type Night, type RawTable } from '../../support/nights';
import { random, type Corrupted, type Kind } from './corruptions';
import { publish } from './engine';
import { groups } from './every-kind';
import { gamesGone } from './outcome';

const file = join(__dirname, 'said.json');
const isAccepted = process.env['PHASE3_ACCEPT_SAID'] === '1';
const known = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, readonly string[]>>;
const accepted: Record<string, readonly string[]> = {};
const nights = demoNights();

/** The first night, from a place of the kind's own, that it can be done to; files are read elsewhere. */
function corruptionBy(kind: Kind, seed: number): { night: Night; corrupted: Corrupted } | null {
  for (const [offset] of nights.entries()) {
    const night = nights[(seed * 7 + offset) % nights.length]!;
    const corrupted = kind.corrupt(night, random(seed));
    if (corrupted) return corrupted.file ? null : { night, corrupted };
  }
  return null;
}

/** A night without the games that are the same in all: it is judged game by game, and each takes its time. */
function touched(clean: Night, ...others: readonly Night[]): Night[] {
  const tables = Object.keys(clean) as RawTable[];
  // The schedule has the league's id only.
  const leagues = new Map(clean.nbac_team_boxscore.map((row) => [row['game_id'], row['nba_game_id']]));
  const gameOf = (row: Row): unknown => leagues.get(row['game_id']) ?? row['game_id'];
  const all = [clean, ...others];
  const same = clean.nbac_schedule.map(gameOf).filter((game) => {
    const spelled = all.map((night) =>
      JSON.stringify(tables.map((table) => night[table].filter((row) => gameOf(row) === game))),
    );
    return new Set(spelled).size === 1;
  });
  return all.map(
    (night) =>
      Object.fromEntries(
        tables.map((table) => [table, night[table].filter((row) => !same.includes(gameOf(row)))]),
      ) as Night,
  );
}

function saidOf({ night, corrupted }: { night: Night; corrupted: Corrupted }): string[] {
  const [clean, ...then] = touched(night, ...(corrupted.first ? [corrupted.first] : []), corrupted.night);
  const before = publish(clean!);
  const [first, ...later] = then;
  const now = publish(first!, ...later);
  const isNew = (sentence: string): boolean =>
    !before.withheld.includes(sentence) && !before.warnings.includes(sentence);
  return [
    corrupted.what,
    // Three processors say the same of a game.
    ...new Set([...now.withheld, ...now.warnings].filter(isNew)),
    ...gamesGone(before, now).map((game) => `not live: ${game}`),
    ...figuresOf(then.at(-1)!),
  ];
}

/** The figures that each broken rule points at, which the sentence need not name. */
function figuresOf(night: Night): string[] {
  const [first] = [night.nbac_schedule, night.nbac_team_boxscore, night.nbac_gamebook_player_stats].flat();
  return gamesOf(String(first?.['game_date']), night).flatMap(({ rules }) =>
    rules.flatMap(({ rule, contradictions }) =>
      contradictions.map(({ figures }) => {
        const spelled = figures.map(
          ({ table, row, field, value }) => `${table} ${row} ${field} ${String(value)}`,
        );
        return `${rule.id}: ${spelled.join(', ')}`;
      }),
    ),
  );
}

/** Of so many kinds one, by group: some change each figure or column in ways that end alike. */
const alike: Readonly<Record<string, number>> = { figures: 3, rows: 1, 'all sources': 1 };
const alikeColumns = 15;

const tried = Object.entries(groups).flatMap(([group, kinds]) =>
  kinds
    .filter((_, index) => index % (alike[group] ?? alikeColumns) === 0)
    .flatMap((kind, index) => {
      const made = corruptionBy(kind, index);
      return made ? [[kind.name, made] as const] : [];
    }),
);

it.each(tried)('%s', (name, made) => {
  accepted[name] = saidOf(made);
  if (!isAccepted) expect(accepted[name]).toEqual(known[name]);
});

it('is known of every kind, and of nothing else', () => {
  if (isAccepted) writeFileSync(file, `${JSON.stringify(accepted, null, 2)}\n`);
  else expect(Object.keys(known)).toEqual(tried.map(([name]) => name));
});
