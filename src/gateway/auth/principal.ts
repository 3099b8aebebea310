/** Who is asking, as the routes and the audits know them. */
import type { Right } from '../../config/gateway';

export interface Principal {
  /** What audits say: the verified e-mail address, else the `sub` claim. */
  readonly name: string;
  /** None implies another. Somebody may be known, and have none. */
  readonly rights: ReadonlySet<Right>;
}
