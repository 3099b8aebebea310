/** A decision as its route passes it on: its body, and what it names by the record of the date. */
import type * as v from 'valibot';
import type { DecidedAbout } from '../../requests/game-decision';
import type { RestoreWanted } from '../../contracts/messages';
import type { ProcessorName } from '../../contracts/phase3';
import type { decisionSchemas, DecisionName } from '../schemas';

type BodyOf<N extends DecisionName> = v.InferOutput<(typeof decisionSchemas)[N]>;

/** A decision, with a body that its schema has let pass. */
export type Decision = { [N in DecisionName]: { readonly name: N; readonly body: BodyOf<N> } }[DecisionName];

/** What a decision names, by the record of the date. */
export interface Named {
  readonly wanted?: RestoreWanted;
  readonly processors?: readonly ProcessorName[];
  /** Which game it is about, what of it, why and until when. */
  readonly game?: { readonly game: string; readonly reason: string; readonly until?: string } & DecidedAbout;
}

export interface Asked {
  readonly gameDate: string;
  readonly by: string;
  readonly named: Named;
}
