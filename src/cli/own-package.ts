/** Where the package lies whose command this is. */
import { join } from 'node:path';

/** From dist/src/cli to the package. */
export const ownPackage = join(__dirname, '..', '..', '..');
