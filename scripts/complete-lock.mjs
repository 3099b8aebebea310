/**
 * Adds to package-lock.json the platform binaries that npm left out because the registry it was made against does not
 * carry them: `npm ci` refuses a lock file that lacks an optional dependency, whatever the platform. Run after `npm install`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));

const systems = [
  'darwin',
  'linux',
  'win32',
  'freebsd',
  'android',
  'openharmony',
  'netbsd',
  'openbsd',
  'aix',
  'sunos',
];
const processors = [
  'arm64',
  'x64',
  'arm',
  'ia32',
  'ppc64',
  's390x',
  'riscv64',
  'loong64',
  'wasm32',
  'mips64el',
];

/** The word of a package's name that says its system or processor: `linux-arm-gnueabihf` → `arm`. */
const wordOf = (name, words) => name.split(/[^a-z0-9]+/).find((word) => words.includes(word));

let added = 0;
for (const [parent, { optionalDependencies = {} }] of Object.entries(lock.packages))
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const nested = `${parent}/node_modules/${name}`;
    const top = `node_modules/${name}`;
    if (lock.packages[nested] ?? lock.packages[top]) continue;
    const os = wordOf(name, systems);
    const cpu = wordOf(name, processors);
    // Not a platform's binary: npm knows why it is not there.
    if (!os && !cpu) continue;
    lock.packages[top] = {
      version: version.replace(/^[^0-9]*/, ''),
      ...(cpu ? { cpu: [cpu] } : {}),
      ...(lock.packages[parent].dev ? { dev: true } : {}),
      license: lock.packages[parent].license,
      optional: true,
      ...(os ? { os: [os] } : {}),
    };
    added += 1;
  }

lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added`);
