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

/**
 * `describe` where there is a browser, which with `CI=true` is installed first; elsewhere skipped, with the reason in the name:
 * a machine that lets nobody install anything has none.
 */
export function describeWithBrowser(name: string, tests: () => void): void {
  const why = findBrowser() !== null ? null : process.env['CI'] === 'true' ? install() : byHand;
  if (why === null) describe(name, tests);
  else describe.skip(`${name} (skipped: there is no Chromium; ${why})`, tests);
}

const byHand = '`apt-get install chromium` brings one';

export async function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === null) throw new Error(`There is no Chromium; ${byHand}.`);
  return chromium.launch({ executablePath });
}

/** From Debian, as root: what starts from nothing has no browser. Null once it is there, else why it is not. */
function install(): string | null {
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
    try {
      apt(...packages);
    } catch {
      apt('update');
      apt(...packages);
    }
  } catch (error) {
    return `apt-get could not install one: ${error instanceof Error ? error.message : String(error)}`;
  }
  return findBrowser() === null ? 'apt-get has installed one, but in none of the usual places' : null;
}
