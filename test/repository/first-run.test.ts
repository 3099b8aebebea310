/** The first `phase3` of a checkout: what is missing is made, said on stderr, and stdout is the command's alone. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const root = join(__dirname, '..', '..');
let checkout: string;

/** A checkout whose packages and sources are stand-ins, so that installing and building take no time. */
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'phase3-checkout-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), text, { mode: 0o755 });
  };
  for (const path of ['bin/phase3.js', 'scripts/ensure-installed.mjs', 'scripts/prepare.mjs']) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    copyFileSync(join(root, path), join(checkout, path));
  }
  write('package.json', '{}');
  write('package-lock.json', '{}');
  write('src/main.ts', '');
  write(
    'scripts/build.mjs',
    `import { mkdirSync, writeFileSync } from 'node:fs';
     console.log('compiling');
     if (process.env.BREAK) process.exit(7);
     mkdirSync('dist/src/cli', { recursive: true });
     writeFileSync('dist/src/cli/main.js', 'console.log("rows", process.argv.slice(2).join(" "))');
     writeFileSync('dist/workflow-bundle.js', '');`,
  );
  write(
    'path/npm',
    '#!/bin/sh\necho fetching\nmkdir -p node_modules && echo {} > node_modules/.package-lock.json\n',
  );
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

function run(
  script: string,
  env: NodeJS.ProcessEnv = {},
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(checkout, script), 'list'], {
    cwd: checkout,
    encoding: 'utf8',
    env: { PATH: [join(checkout, 'path'), process.env['PATH']].join(delimiter), ...env },
  });
}

it('installs, builds and runs, and says so; the second time it runs at once', () => {
  const first = run('bin/phase3.js');
  expect(first).toMatchObject({ status: 0, stdout: 'rows list\n' });
  expect(first.stderr).toMatch(
    /^phase3: installing packages [^]*fetching\n[^]*phase3: building dist [^]*compiling\n$/,
  );
  expect(run('bin/phase3.js')).toMatchObject({ status: 0, stdout: 'rows list\n', stderr: '' });
});

it('ends with the code of a build that fails, runs nothing, and builds again the next time', () => {
  const failed = run('bin/phase3.js', { BREAK: '1' });
  expect(failed).toMatchObject({ status: 7, stdout: '' });
  expect(failed.stderr).toMatch(/phase3: building dist .* failed after \d+ s; what it said is above\.\n$/);
  expect(run('bin/phase3.js')).toMatchObject({ status: 0, stdout: 'rows list\n' });
});

it('without scripts says what is missing', () => {
  rmSync(join(checkout, 'scripts'), { recursive: true });
  const { status, stdout, stderr } = run('bin/phase3.js');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('holds no dist');
});

// npm shows nothing of what `prepare` says, and its failure ends `npx phase3` without a word.
it.each([
  ['ci', 'compiling\n'],
  ['exec', ''],
])('npm %s prepares: %j', (command, said) => {
  const { status, stderr } = run('scripts/prepare.mjs', { npm_command: command });
  expect(status).toBe(0);
  expect(stderr.replace(/^phase3: .*\n/, '')).toBe(said);
});
