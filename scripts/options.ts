/** Reads what a script is asked: faults end with a sentence that names the option, the usage, and exit code 2. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Thrown to end with a sentence and exit code 2. */
export class BadOptionError extends Error {
  override readonly name = 'BadOptionError';
}

export interface Range {
  readonly low: number;
  readonly high: number;
  readonly isWhole: boolean;
}

/** Of a script with this usage. Everything throws {@link BadOptionError}. */
export class Options {
  constructor(private readonly usage: string) {}

  parse<const T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: T) {
    try {
      return parseArgs<{ args: string[]; options: T }>({ args: [...args], options }).values;
    } catch (error) {
      throw this.fault(error instanceof Error ? error.message : String(error));
    }
  }

  number(name: string, text: string, { low, high, isWhole }: Range): number {
    const value = Number(text);
    const isGood = value >= low && value <= high && (!isWhole || Number.isInteger(value));
    if (text.trim() !== '' && isGood) return value;
    const expected = `${isWhole ? 'a whole number' : 'a number'} from ${low} to ${high}`;
    throw this.fault(`${name} is "${text}", expected ${expected}.`);
  }

  /** `--only`: some of these names, in their order. */
  only<N extends string>(text: string, names: readonly N[]): N[] {
    const asked = text.split(',').map((name) => name.trim());
    const unknown = asked.find((name) => !names.some((known) => known === name));
    if (unknown !== undefined)
      throw this.fault(`--only names "${unknown}", expected some of ${names.join(', ')}.`);
    return names.filter((name) => asked.includes(name));
  }

  fault(sentence: string): BadOptionError {
    return new BadOptionError(`${sentence}\n${this.usage}`);
  }
}
