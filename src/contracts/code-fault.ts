/** Faults of pure code: bugs, which the same inputs meet again however often they are tried. */

/** Whose code it was, for which table and date. */
export interface Builder {
  readonly processor: { readonly name: string; readonly table: { readonly name: string } };
  readonly gameDate: string;
}

/** Pure code threw. The message names the processor, the table and the date, what was thrown, and where. */
export class CodeFaultError extends Error {
  override readonly name = 'CodeFaultError';
  constructor({ processor, gameDate }: Builder, cause: unknown) {
    super(
      `The code of ${processor.name} failed for ${processor.table.name} of ${gameDate}: ${sentenceOfFault(cause)}`,
      { cause },
    );
  }
}

/** What was thrown and where: `TypeError: x is not a function (src/processors/player-game-summary/build.ts:12)`. */
export function sentenceOfFault(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const where = /(?:src|dist|examples|test)[/\\][^\s()]*?:\d+/.exec(framesOf(thrown))?.[0];
  return `${thrown.name}: ${thrown.message.split('\n')[0]}${where === undefined ? '' : ` (${where})`}`;
}

/** Runs pure code of a processor; whatever it throws becomes a {@link CodeFaultError}. */
export function blaming<T>(builder: Builder, pure: () => T): T {
  try {
    return pure();
  } catch (error) {
    throw error instanceof CodeFaultError ? error : new CodeFaultError(builder, error);
  }
}

/** The stack without its message, which may name files as well. */
function framesOf(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
