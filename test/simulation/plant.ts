/** Plants a fault: a module of ours with some of its text altered, compiled as it is otherwise. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';

/** A text that is altered in a file below `src`. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export function pathOf({ file }: Edit): string {
  return join(__dirname, '..', '..', 'src', file);
}

/** The module with the fault. Throws where the text is not there just once: then the code has moved on, and the fault with it. */
export function planted(edit: Edit): unknown {
  const { file, from, to } = edit;
  const path = pathOf(edit);
  const parts = readFileSync(path, 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places such as: ${from}`);
  const { code } = transformSync(parts.join(to), {
    filename: path,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
    swcrc: false,
  });
  const module = { exports: {} };
  const load = (request: string): unknown =>
    jest.requireActual(request.startsWith('.') ? join(dirname(path), request) : request);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is our own code, with a fault in it
  const run = new Function('require', 'module', 'exports', code) as (...given: unknown[]) => void;
  run(load, module, module.exports);
  return module.exports;
}
