/** The files of a release, made in a checkout of its commit that is installed and built. Made again they are the same, but for the package. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReleaseFault } from './changelog.mjs';

/** What the image is built from, and what tells how it is run. */
const imageFiles = [
  ...[
    'Dockerfile',
    '.dockerignore',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ],
  ...['bin', 'scripts', 'src', 'docker-compose.temporal.yml', 'deploy'],
];

/** Makes all files of the release in `folder`, and returns their names. `run` runs a command in the checkout. */
export function makeArtefacts({ checkout, folder, name, version, notes, run }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const commit = run('git', 'rev-parse', 'HEAD').trim();
  const files = [
    packPackage({ checkout, folder, run }),
    archiveImage({ checkout, folder, name, version, run }),
    writeSbom({ folder, name, version, commit, run }),
    write(folder, 'RELEASE_NOTES.md', releaseNotes({ name, version, commit, notes })),
  ];
  const sums = files.map((file) => `${sha256(readFileSync(join(folder, file)))}  ${file}\n`);
  return [...files, write(folder, 'SHA256SUMS', sums.join(''))];
}

/** The page lies in the package, too. */
function releaseNotes({ name, version, commit, notes }) {
  const upgrade =
    'How to upgrade each form of deployment, what fits what for how long, and how to go back: [docs/how-to/upgrade.md](docs/how-to/upgrade.md).';
  return `# ${name} ${version}\n\nCommit ${commit}.\n\n${upgrade}\n\n${notes}\n`;
}

function write(folder, file, text) {
  writeFileSync(join(folder, file), text);
  return file;
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The package with the versions of its dependencies that were tested: npm keeps a lock file under this name only. */
function packPackage({ checkout, folder, run }) {
  const shrinkwrap = join(checkout, 'npm-shrinkwrap.json');
  copyFileSync(join(checkout, 'package-lock.json'), shrinkwrap);
  try {
    const [{ filename }] = JSON.parse(
      run('npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
    );
    return filename;
  } finally {
    rmSync(shrinkwrap);
  }
}

function archiveImage({ folder, name, version, run }) {
  const file = `${name}-${version}-image.tar.gz`;
  const tracked = run('git', 'ls-files', ...imageFiles);
  const there = imageFiles.filter((path) =>
    tracked.split('\n').some((one) => one === path || one.startsWith(`${path}/`)),
  );
  run(
    ...['git', 'archive', '--format=tar.gz', `--prefix=${name}-${version}/`],
    ...[`--output=${join(folder, file)}`, 'HEAD', ...there],
  );
  return file;
}

/** npm's CycloneDX, from the lock file; what it takes from the folder, the clock and chance is taken from the commit. */
function writeSbom({ folder, name, version, commit, run }) {
  const sbom = JSON.parse(
    run('npm', 'sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--omit', 'dev'),
  );
  const hash = sha256(`${name}@${version} ${commit}`);
  const uuid = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `5${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ];
  sbom.serialNumber = `urn:uuid:${uuid.join('-')}`;
  sbom.metadata.timestamp = new Date(run('git', 'log', '-1', '--format=%cI').trim()).toISOString();
  sbom.metadata.component.name = name;
  return write(folder, `${name}-${version}.cdx.json`, `${JSON.stringify(sbom, null, 2)}\n`);
}

/** Installs the package where nothing else is and asks it for its version and its help. Throws where it gives no answer. */
export function tryPackage({ tarball, version, run }) {
  const prefix = mkdtempSync(join(tmpdir(), 'phase3-prefix-'));
  try {
    run(
      'npm',
      'install',
      '--prefix',
      prefix,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      tarball,
    );
    const command = join(prefix, 'node_modules', '.bin', 'phase3');
    const said = run(command, '--version').trim();
    if (said !== version) throw new ReleaseFault(`The package says that it is ${said}, and not ${version}.`);
    if (!run(command, '--help').includes('Usage: phase3'))
      throw new ReleaseFault('The package, installed, prints no help.');
  } finally {
    rmSync(prefix, { recursive: true, force: true });
  }
}
