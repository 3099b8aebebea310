/** A real Chromium: Debian's, or what PHASE3_BROWSER names. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where distributions put one. */
const usual = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium-browser',
];

function findBrowser(): string | null {
  const named = process.env['PHASE3_BROWSER'];
  if (named) return named;
  return usual.find((path) => existsSync(path)) ?? null;
}

/** `describe` where there is a browser; elsewhere skipped, with the reason in the name. With `CI=true` one is installed. */
export function describeWithBrowser(name: string, tests: () => void): void {
  if (findBrowser() !== null || process.env['CI'] === 'true') describe(name, tests);
  else
    describe.skip(`${name} (skipped: there is no Chromium; \`apt-get install chromium\` brings one)`, tests);
}

/** Downloading takes about half a minute; on a slow line more. */
export const browserStartMs = 300_000;

export async function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser() ?? install();
  return chromium.launch({ executablePath });
}

/** From Debian, as root: what starts from nothing has no browser. */
function install(): string {
  process.stderr.write('Installing chromium from Debian\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]): unknown =>
    execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env,
      stdio: ['ignore', 2, 2],
    });
  // Without its recommendations it brings no font.
  const packages = ['install', '--yes', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'];
  try {
    apt(...packages);
  } catch {
    apt('update');
    apt(...packages);
  }
  const found = findBrowser();
  if (found === null)
    throw new Error('apt-get has installed chromium, but it is in none of the usual places');
  return found;
}
