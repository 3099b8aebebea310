/**
 * Takes the pictures of the docs anew, from a throw-away local stack in a real browser: `npm run docs:pictures`.
 * The browser is Debian's Chromium, or what PHASE3_BROWSER names.
 */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ownCheckout } from './bench/checkout';
import { System, until } from './bench/system';

/** The compiled script lies in dist/scripts. */
const root = join(__dirname, '..', '..');
const executablePath = process.env['PHASE3_BROWSER'] ?? '/usr/bin/chromium';
/** A night that has all its rows, one that lacks the team rows of a game, and one in which a team row is wrong. */
const dates = { complete: '2017-04-16', incomplete: '2017-05-01', contradicted: '2017-04-22' };
const lateGame = '20170501_HOU_SAS';
const wrongRow = new RegExp(`"game_date":"${dates.contradicted}".*"team_abbr":"ATL"`);
/** Nights around them, so that the calendar has something to show. */
const others = { from: '2017-04-15', to: '2017-04-28' };
/** It gives up within a minute: a picture of half an hour would look the same. */
const patience = {
  PHASE3_GATE_FIRST_WAIT_SECONDS: '4',
  PHASE3_GATE_LONGEST_WAIT_SECONDS: '16',
  PHASE3_GATE_DEADLINE_SECONDS: '50',
  PHASE3_NOW: '2017-05-02T09:00:00Z',
};

/** Writes the demo's rows without the team rows of the late game, and with wrong ones. */
async function writeLateRows(folder: string): Promise<void> {
  await cp(join(root, 'data', 'demo'), folder, { recursive: true });
  const file = join(folder, 'nba_raw', 'nbac_team_boxscore.ndjson.gz');
  const lines = gunzipSync(await readFile(file))
    .toString()
    .split('\n');
  const changed = lines
    .filter((line) => !line.includes(lateGame))
    .map((line) => (wrongRow.test(line) ? line.replace(/"assists":\d+/, '"assists":3') : line));
  await writeFile(file, gzipSync(changed.join('\n')));
}

/** Pictures of the status page: of which page, in which window, light or dark. */
const shots = [
  { path: '/', file: 'page-season.png', width: 1100, height: 760, colorScheme: 'light' },
  {
    path: `/nights/${dates.incomplete}`,
    file: 'page-waiting.png',
    width: 1000,
    height: 1240,
    colorScheme: 'light',
  },
  {
    path: `/nights/${dates.complete}`,
    file: 'page-dark.png',
    width: 1000,
    height: 1100,
    colorScheme: 'dark',
  },
  {
    path: `/nights/${dates.incomplete}`,
    file: 'page-phone.png',
    width: 360,
    height: 760,
    colorScheme: 'light',
  },
] as const;

async function picturesOfPage(browser: Browser, gateway: string): Promise<void> {
  for (const { path, file, width, height, colorScheme } of shots) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    await page.goto(`${gateway}${path}`);
    // Countdowns are written by the script.
    await page.waitForTimeout(1_500);
    await page.screenshot({ path: join(root, 'docs', 'images', file) });
    await context.close();
  }
}

/** A decision as somebody sees it before it is taken. */
async function pictureOfDryRun(browser: Browser, gateway: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 820 } });
  const page = await context.newPage();
  await page.goto(`${gateway}/nights/${dates.incomplete}/bypass`);
  await page.getByRole('button', { name: 'Show what it would do' }).click();
  await page.getByLabel('Why').fill('The league has lost this box score; the players were counted by hand.');
  await page.screenshot({ path: join(root, 'docs', 'images', 'page-dry-run.png') });
  await context.close();
}

/** Takes a picture of a date's run in the Temporal UI, from its head to the foot of its timeline. */
async function picture(page: Page, ui: string, gameDate: string, file: string): Promise<void> {
  const workflowId = encodeURIComponent(`phase3/${gameDate}`);
  await page.goto(`${ui}/namespaces/default/workflows/${workflowId}`);
  await page.getByText('recordPass').first().waitFor();
  // The timeline is drawn again as its events come in.
  await page.waitForTimeout(3_000);
  await page.screenshot({ path: join(root, 'docs', 'images', file) });
}

async function main(): Promise<void> {
  if (!existsSync(executablePath))
    throw new Error(
      `There is no browser at ${executablePath}. Install Debian's chromium, or name one in PHASE3_BROWSER.`,
    );
  const data = await mkdtemp(join(tmpdir(), 'phase3-pictures-'));
  const browser = await chromium.launch({ executablePath });
  try {
    await writeLateRows(data);
    await System.with(await ownCheckout(root), patience, async (system) => {
      await system.command('load', data);
      const { temporal_ui: ui, gateway } =
        await system.json<Record<'temporal_ui' | 'gateway', string>>('status');
      await system.command('backfill', others.from, others.to);
      const page = await browser.newPage({ viewport: { width: 1300, height: 1080 } });
      await system.push(dates.complete);
      await picture(page, ui, dates.complete, 'night.png');
      await system.command('run', dates.incomplete);
      await until('waiting date', async () =>
        (await system.command('status', dates.incomplete)).includes('waiting') ? true : null,
      );
      await picturesOfPage(browser, gateway);
      await pictureOfDryRun(browser, gateway);
      // At its deadline it is done without what never came.
      await until('settled date', async () =>
        (await system.command('status', dates.incomplete)).includes('waiting') ? null : true,
      );
      await picture(page, ui, dates.incomplete, 'waiting.png');
    });
  } finally {
    await browser.close();
    await rm(data, { recursive: true, force: true });
  }
}

System.closeOnSignals();

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
