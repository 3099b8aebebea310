/** Copies of this build with a fault planted in one file: real processes, another build id. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const project = join(__dirname, '..', '..');

export interface PlantedBuild {
  readonly folder: string;
  readonly id: string;
  remove(): Promise<void>;
}

/** Replaces `sound`, which must be there once, by `faulty` in a file of `dist/src`. */
export async function plantedBuild(
  name: string,
  file: string,
  sound: string,
  faulty: string,
): Promise<PlantedBuild> {
  const folder = await mkdtemp(join(tmpdir(), `phase3-${name}-`));
  for (const part of ['bin', 'dist', 'package.json'])
    await cp(join(project, part), join(folder, part), { recursive: true });
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, 'dist', 'src', file);
  const text = await readFile(path, 'utf8');
  if (text.split(sound).length !== 2) throw new Error(`${file} has "${sound}" not exactly once`);
  await writeFile(
    path,
    text.replace(sound, () => faulty),
  );
  const stamp = join(folder, 'dist', 'build.json');
  const info = JSON.parse(await readFile(stamp, 'utf8')) as { commit: string };
  const id = `${info.commit.slice(0, 12)}+${name}`;
  await writeFile(stamp, JSON.stringify({ ...info, commit: id, id }));
  return { folder, id, remove: () => rm(folder, { recursive: true, force: true }) };
}
