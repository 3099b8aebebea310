/** `CACHE PATH`: looks for `temporal` there and prints what came of it, as JSON. Its environment decides which python3. */
import { findTemporal } from '../../src/stack/temporal-binary';

export interface FindReport {
  readonly found: string | null;
  readonly error: { readonly name: string; readonly message: string } | null;
  readonly said: readonly string[];
}

async function report(cache: string, path: string): Promise<FindReport> {
  const said: string[] = [];
  try {
    return { found: await findTemporal(cache, path, (line) => said.push(line)), error: null, said };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { found: null, error: { name: error.name, message: error.message }, said };
  }
}

const [, , cache = '', path = ''] = process.argv;
void report(cache, path).then((found) => process.stdout.write(JSON.stringify(found)));
