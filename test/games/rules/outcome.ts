/** What came of a corrupted night, told from what is live of it and of the clean one. */
import type { Row } from '../../../src/tables/define-table';
import type { Published } from './engine';

/**
 * `refused`: nothing of the file was loaded · `held`: not published, and said so · `null`: figures are null, with a reason ·
 * `warned`: other figures are live beside a sentence that names them · `kept`: what is live is that of the clean night, and
 * something was said · `the same`: nothing was said either.
 */
export const outcomes = ['refused', 'held', 'null', 'warned', 'kept', 'the same', 'silently wrong'] as const;
export type Outcome = (typeof outcomes)[number];

/** A row that differs: null cells only, or other figures. */
interface Difference {
  readonly row: Row;
  readonly isNull: boolean;
}

/** Columns that say of the others what is known. */
const ofKnowing = ['usage_rate_valid', 'usage_rate_anomaly_reason', 'reconstructed'];
/** Columns that differ from build to build. */
const ofBuild = ['data_hash', 'processed_at', 'bypass_id'];

export function outcomeOf(clean: Published, corrupted: Published): Outcome {
  const differences = differencesOf(clean, corrupted);
  const said = [...news(clean.warnings, corrupted.warnings), ...news(clean.withheld, corrupted.withheld)];
  const isSaid = ({ row }: Difference): boolean =>
    ['game_id', 'player_lookup', 'team_abbr'].some(
      (column) => row[column] && said.some((sentence) => sentence.includes(String(row[column]))),
    );
  // A change of one row may show in those that stand on it: the sentence names one of them.
  if (differences.length > 0 && !differences.some(isSaid)) return 'silently wrong';
  if (differences.some(({ isNull }) => !isNull)) return 'warned';
  if (differences.length > 0) return 'null';
  if (gamesGone(clean, corrupted).length === 0) return said.length > 0 ? 'kept' : 'the same';
  return news(clean.withheld, corrupted.withheld).length > 0 ? 'held' : 'silently wrong';
}

/** Games of the clean night of which some table has nothing any more. */
export function gamesGone(clean: Published, corrupted: Published): string[] {
  const games = ({ rows }: Published): Set<string> =>
    new Set([...rows].map(([key, row]) => tableAndGame(key, row)));
  const left = games(corrupted);
  const gone = [...games(clean)].filter((game) => !left.has(game));
  return [...new Set(gone.map((game) => game.split('/')[1] ?? ''))].sort();
}

function news(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((sentence) => !before.includes(sentence));
}

function differencesOf(clean: Published, corrupted: Published): Difference[] {
  // A row that a live game lacks is as wrong as one that it has too many.
  const there = new Set([...corrupted.rows].map(([key, row]) => tableAndGame(key, row)));
  const lacking = [...clean.rows].filter(
    ([key, row]) => !corrupted.rows.has(key) && there.has(tableAndGame(key, row)),
  );
  const changed = [...corrupted.rows].flatMap(([key, row]): Difference[] => {
    const own = clean.rows.get(key);
    if (!own) return [{ row, isNull: false }];
    const changed = Object.keys(row).filter(
      (column) => !ofBuild.includes(column) && (row[column] ?? null) !== (own[column] ?? null),
    );
    const figures = changed.filter((column) => !ofKnowing.includes(column));
    return changed.length === 0
      ? []
      : [{ row, isNull: figures.every((column) => (row[column] ?? null) === null) }];
  });
  return [...changed, ...lacking.map(([, row]) => ({ row, isNull: false }))];
}

function tableAndGame(key: string, row: Row): string {
  return `${key.split('/', 1)[0] ?? ''}/${String(row['game_id'])}`;
}
