/** The build that an option names. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildIdOf, NoBuildError } from '../deploy/other-build';
import { Builds } from '../stack/builds';
import { badInput } from './context';

export interface NamedBuild {
  readonly id: string;
  /** The package. */
  readonly folder: string;
}

/** What may be named, for the help of an option. */
export const namedBuildHelp =
  'the id of a build that the home keeps, or how that begins, or the folder of a package';

/** The build that is named so; refused with the ones that are kept. */
export async function requireNamedBuild(home: string, option: string, text: string): Promise<NamedBuild> {
  if (existsSync(text)) return requireBuildIn(resolve(text));
  const kept = new Builds(home);
  const [id, ...others] = text === '' ? [] : await kept.beginningWith(text);
  if (id === undefined) {
    const ids = (await kept.list()).join(', ') || 'none is';
    throw badInput(
      `${option} is "${text}", expected the folder of a built package, or the id of a build that is kept here: ${ids}. One that is not kept any more is named by its folder.`,
    );
  }
  if (others.length > 0)
    throw badInput(`${option} is "${text}", with which ${[id, ...others].join(' and ')} begin. Name one.`);
  return requireBuildIn(kept.pathOf(id));
}

/** The build in a folder. */
export function requireBuildIn(folder: string): NamedBuild {
  try {
    return { id: buildIdOf(folder), folder };
  } catch (error) {
    if (error instanceof NoBuildError) throw badInput(error.message);
    throw error;
  }
}
