/** Reports about builds, as files of the home: `deploy/KIND-BUILD.json`. Whoever decides about a build reads them. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as v from 'valibot';
import { read, sentenceOf } from '../contracts/schema';

/** A report that cannot be read, in a sentence. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/** Where reports are. */
export function reportsOf(homePath: string): string {
  return join(homePath, 'deploy');
}

/** A report; null where there is none. `again` is the command that writes it anew. */
export async function readReport<T>(
  schema: v.GenericSchema<unknown, T>,
  path: string,
  again: string,
): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ReportError(`${path} cannot be read (${(error as Error).message}).`, { cause: error });
  }
  const found = read(schema, parsed(text, path, again), { what: path });
  if (found.ok) return found.value;
  throw new ReportError(
    `${path} is no report: ${found.faults.map(sentenceOf).join(' ')} \`${again}\` writes it anew.`,
  );
}

function parsed(text: string, path: string, again: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ReportError(`${path} is no JSON; \`${again}\` writes it anew.`, { cause: error });
  }
}

/** Readers see the old file or the new one, never half of one. */
export async function writeReport(path: string, value: unknown): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}
