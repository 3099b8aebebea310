/** What the build stamps: the commit that an image is told, or the tree's own, and the sources of every processor. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildInfo, commitOfTree } from '../../scripts/stamp-build';
import { processorNames } from '../../src/plan/registry';

const root = join(__dirname, '..', '..');

it('names the commit that an image is told, and the sources of every processor', () => {
  const { commit, sources, schema, lock } = buildInfo(root, 'a1b2c3');
  expect(commit).toBe('a1b2c3');
  for (const hash of [schema, lock]) expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(Object.keys(sources).sort()).toEqual([...processorNames].sort());
  for (const hash of Object.values(sources)) expect(hash).toMatch(/^[0-9a-f]{16}$/);
});

it('names the commit of the tree, marked where files were changed, and none where there is no git', () => {
  const folder = mkdtempSync(join(tmpdir(), 'phase3-stamp-'));
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  try {
    expect(commitOfTree(folder)).toBeNull();
    git('init', '--quiet');
    writeFileSync(join(folder, 'a'), '1');
    git('add', '.');
    git('commit', '--quiet', '--no-verify', '--message', 'first');
    const head = git('rev-parse', 'HEAD');
    expect(commitOfTree(folder)).toBe(head);
    const marks = ['2', '3'].map((text) => {
      writeFileSync(join(folder, 'a'), text);
      return commitOfTree(folder) ?? '';
    });
    for (const mark of marks) expect(mark.replace(/[0-9a-f]{8}$/, '')).toBe(`${head}+`);
    // A link to a folder is untracked like a file, and is none.
    symlinkSync(tmpdir(), join(folder, 'link'));
    marks.push(commitOfTree(folder) ?? '');
    expect(new Set(marks).size).toBe(3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
