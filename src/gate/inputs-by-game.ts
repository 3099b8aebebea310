/** What a version was built from, game by game: what a fingerprint cannot say, which of its inputs moved. Pure. */
import type { InputsByGame } from '../contracts/manifests';
import type { Processor } from '../processors/define-processor';
import { inputHash } from '../publishing/fingerprint';
import type { SelectedNight } from './select-inputs';

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
