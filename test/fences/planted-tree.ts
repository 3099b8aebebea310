/** A small tree outside the repository, under the repository's own configuration, to plant faults in. */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const repository = join(__dirname, '..', '..');
const configuration = ['package.json', 'tsconfig.json', 'eslint.config.mjs', '.dependency-cruiser.cjs'];

export interface PlantedTree {
  readonly root: string;
  /** Runs a tool of ours in the tree and parses the JSON it prints. That it finds faults is no error here. */
  run(tool: string, ...args: readonly string[]): Promise<unknown>;
  remove(): void;
}

/** Writes the files (path in the tree to text) beside copies of the repository's configuration. */
export function plantTree(files: Readonly<Record<string, string>>): PlantedTree {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'phase3-fences-')));
  for (const name of configuration) copyFileSync(join(repository, name), join(root, name));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'dir');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return {
    root,
    run: (tool, ...args) => runForJson(root, join(repository, 'node_modules', tool), args),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function runForJson(cwd: string, script: string, args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // A process of its own, since jest's sandbox cannot load an ES module configuration.
    execFile(
      process.execPath,
      [script, ...args],
      { cwd, maxBuffer: 256 * 1024 * 1024 },
      (_error, stdout, stderr) => {
        try {
          resolve(JSON.parse(stdout));
        } catch (cause) {
          reject(new Error(`${script} printed no JSON:\n${stdout.slice(0, 2000)}${stderr}`, { cause }));
        }
      },
    );
  });
}
