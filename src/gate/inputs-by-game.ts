/** What a version was built from, game by game: what a fingerprint cannot say, which of its inputs moved. Pure. */
import type { Processor } from '../processors/define-processor';
import { inputHash } from '../publishing/fingerprint';
import type { SelectedNight } from './select-inputs';

/** Game → source table → hash of the rows that a processor reads of the game. */
export type InputsByGame = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The sources' rows of each game that is built, as hashes. */
export function inputsByGame(
  { reads }: Pick<Processor, 'reads'>,
  { games }: Pick<SelectedNight, 'games'>,
): InputsByGame {
  return Object.fromEntries(
    games.map(({ game, inputs }) => [
      game.gameId,
      Object.fromEntries(
        Object.entries(reads).map(([alias, { table }]) => [table.name, inputHash(inputs[alias] ?? [])]),
      ),
    ]),
  );
}
