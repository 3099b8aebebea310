/** Reads what the build has stamped: `dist/build.json`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unbuilt, type BuildInfo } from '../contracts/code-identity';

/** From dist/src/config to dist. */
const stamped = join(__dirname, '..', '..', 'build.json');

/** What is running; without a stamp the code runs from its sources, and no commit is known. */
export function readBuildInfo(path: string = stamped): BuildInfo {
  if (!existsSync(path)) return unbuilt;
  // Written by the build, so the shape is ours.
  return JSON.parse(readFileSync(path, 'utf8')) as BuildInfo;
}
