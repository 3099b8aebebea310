/**
 * `npm run audit`: known advisories about the packages that are shipped, from the registry that npm is set to.
 * Exit codes: 0 none, or nobody could be asked, which is said · 1 an advisory of severity moderate or worse.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const severities = ['moderate', 'high', 'critical'];

const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  shell: process.platform === 'win32',
});

const report = parsed(stdout);
const known = report?.vulnerabilities;
if (!known) {
  const why = report?.message ?? error?.message ?? 'npm audit answered nothing that can be read';
  console.log(`Not checked: no advisories to be had (${why}).`);
} else {
  const found = Object.values(known).filter(({ severity }) => severities.includes(severity));
  for (const { name, severity, range, via, fixAvailable } of found) {
    const titles = via.flatMap((one) =>
      typeof one === 'string' ? [`by ${one}`] : [`${one.title} (${one.url})`],
    );
    const fix = fixAvailable ? '`npm audit fix` has a version without it' : 'no version without it is known';
    console.log(`${severity}  ${name} ${range}: ${titles.join('; ')}; ${fix}`);
  }
  console.log(
    `Checked: ${found.length} of ${Object.keys(known).length} advisories are of severity moderate or worse.`,
  );
  process.exitCode = found.length > 0 ? 1 : 0;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
